"""Made-up anatomy keeps the labels true, and every change is the same for the same seed."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed; it is for training only")

import training_parts
from training_parts import changed_anywhere, rng

from Training import anatomy
from Training.changes import changed_scan

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


def test_changes_are_reproducible(scan):
    one, other = changed_scan(scan, rng(5)), changed_scan(scan, rng(5))
    assert np.array_equal(one.hu, other.hu) and np.array_equal(one.labels, other.labels)
