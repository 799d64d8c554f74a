"""Made-up disease changes densities and keeps the labels true."""

import numpy as np
import pytest
from scipy import ndimage

pytest.importorskip("torch", reason="torch is not installed; it is for training only")

import training_parts
from training_parts import changed_anywhere, rng

from Training import disease

LUNGS = (1, 2)


@pytest.fixture(scope="module")
def scan():
    return training_parts.small_scan()


@pytest.mark.parametrize("change", [disease.add_consolidation, disease.add_patches, disease.add_mass])
def test_dense_disease_stays_lung_and_is_dense(change, scan):
    before = scan.hu.copy()
    lungs = np.isin(scan.labels, LUNGS)
    for changed in changed_anywhere(change, scan):
        assert np.array_equal(changed.labels, scan.labels)
        denser = changed.hu > scan.hu + 200
        assert denser.any() and not (denser & ~ndimage.binary_dilation(lungs, np.ones((3, 3, 3)))).any()
    assert np.array_equal(scan.hu, before)


def test_a_mass_is_as_dense_as_soft_tissue(scan):
    changed = disease.add_mass(scan, rng(1))
    inside = (changed.hu > scan.hu + 300) & np.isin(scan.labels, LUNGS)
    assert -100 < np.median(changed.hu[inside]) < 150


def test_fluid_is_not_lung_and_lies_at_the_back(scan):
    for changed in changed_anywhere(disease.add_effusion, scan):
        fluid = (scan.labels > 0) & (changed.labels == 0)
        assert fluid.any() and np.abs(np.median(changed.hu[fluid])) < 60
        side = scan.labels[fluid][0]
        rows_of_fluid, rows_of_lung = np.nonzero(fluid)[1], np.nonzero(scan.labels == side)[1]
        assert rows_of_fluid.mean() > rows_of_lung.mean()
        assert not (changed.labels[~fluid] != scan.labels[~fluid]).any()


def test_emphysema_is_darker_and_only_in_lung(scan):
    changed = disease.add_emphysema(scan, rng())
    different = changed.hu != scan.hu
    assert different.any() and np.isin(scan.labels[different], LUNGS).all()
    assert changed.hu[different].mean() < scan.hu[different].mean()


def test_patches_lie_in_both_lungs_and_nearer_to_the_pleura_than_the_lungs_do(scan):
    lungs = np.isin(scan.labels, LUNGS)
    depth_mm = ndimage.distance_transform_edt(lungs, sampling=scan.spacing_zyx_mm)
    depths = []
    for changed in changed_anywhere(disease.add_patches, scan):
        denser = changed.hu > scan.hu + 200
        assert all((denser & (scan.labels == label)).any() for label in LUNGS)
        depths.append(depth_mm[denser & lungs].mean())
    assert np.mean(depths) < depth_mm[lungs].mean()


def test_a_pleural_rind_is_an_outer_shell_of_one_lung_and_not_lung(scan):
    found = False
    for changed in changed_anywhere(disease.add_pleural_rind, scan):
        lost = (scan.labels > 0) & (changed.labels == 0)
        if not lost.any():
            continue
        found = True
        side = scan.labels == scan.labels[lost][0]
        assert np.isin(scan.labels[lost], LUNGS).all() and side[lost].all()
        depth_mm = ndimage.distance_transform_edt(side, sampling=scan.spacing_zyx_mm)
        assert depth_mm[lost].mean() < depth_mm[side].mean()
        assert -60 < np.median(changed.hu[lost]) < 110
    assert found
