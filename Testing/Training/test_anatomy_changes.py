"""Made-up anatomy keeps the labels true, and every change is the same for the same seed."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed; it is for training only")

import training_parts
from training_parts import changed_anywhere, rng

from Training import anatomy, neighbours
from Training.changes import changed_scan
from Training.scans import CLASSES

LUNGS = (1, 2)
AIRWAYS = 3


@pytest.fixture(scope="module")
def scan():
    return training_parts.small_scan()


def test_gas_is_dark_and_not_lung(scan):
    for changed in changed_anywhere(anatomy.add_gas, scan):
        assert np.array_equal(changed.labels, scan.labels)
        gas = (changed.hu < -800) & (scan.hu > -500)
        assert gas.any() and not gas[scan.labels > 0].any()


def test_a_bent_chest_moves_labels_and_densities_together(scan):
    before = np.isin(scan.labels, LUNGS)
    for changed in changed_anywhere(anatomy.bend_chest, scan):
        lungs = np.isin(changed.labels, LUNGS)
        assert (lungs != before).any()
        # Nothing is folded away: each lung is still there, as dark as before.
        assert 0.5 < lungs.sum() / before.sum() < 1.6
        for label in LUNGS:
            assert abs(np.median(changed.hu[changed.labels == label]) - np.median(scan.hu[scan.labels == label])) < 30
        assert np.median(changed.hu[(changed.labels == 0) & (changed.hu > -300)]) > -120


def test_painted_tissues_keep_the_shapes_and_change_the_densities(scan):
    means = []
    for changed in changed_anywhere(anatomy.paint_tissues, scan):
        assert np.array_equal(changed.labels, scan.labels)
        means.append([np.median(changed.hu[scan.labels == label]) for label in LUNGS])
        # Lumens of one voxel are blurred, those of the trachea are dark.
        assert np.percentile(changed.hu[scan.labels == AIRWAYS], 5) < -800
    assert np.ptp(means, axis=0).min() > 100


def test_pressed_contrast_leaves_lungs_and_bone(scan):
    for changed in changed_anywhere(anatomy.press_contrast, scan):
        assert np.array_equal(changed.labels, scan.labels)
        soft = (scan.hu > 60) & (scan.hu < 340)
        assert np.ptp(changed.hu[soft]) < 0.2 * np.ptp(scan.hu[soft])
        assert np.array_equal(changed.hu[scan.hu < 25], scan.hu[scan.hu < 25])
        assert np.array_equal(changed.hu[scan.hu > 450], scan.hu[scan.hu > 450])


def test_neighbours_and_a_wide_aorta_take_lung_away_and_give_none(scan):
    lungs = np.isin(scan.labels, LUNGS)
    for change in (neighbours.add_neighbour, neighbours.widen_aorta):
        taken = 0
        for changed in changed_anywhere(change, scan, range(8)):
            after = np.isin(changed.labels, LUNGS)
            assert not (after & ~lungs).any()
            assert np.array_equal(changed.labels == AIRWAYS, scan.labels == AIRWAYS)
            # What stays lung looks as before, but for the blurred rim of what came.
            assert np.mean(changed.hu[after] != scan.hu[after]) < 0.05
            taken += np.count_nonzero(lungs & ~after)
        assert taken > 0


def test_the_aorta_is_labelled_beside_what_the_reference_labels(scan):
    aorta = scan.labels == CLASSES.index("aorta")
    assert np.count_nonzero(aorta) * np.prod(scan.spacing_zyx_mm) / 1000 > 30
    assert np.median(scan.hu[aorta]) > 0


def test_changes_are_reproducible(scan):
    one, other = changed_scan(scan, rng(5)), changed_scan(scan, rng(5))
    assert np.array_equal(one.hu, other.hu) and np.array_equal(one.labels, other.labels)
