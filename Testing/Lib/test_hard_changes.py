"""Scans made harder on purpose keep scan and reference together."""

import sys
from pathlib import Path

import numpy as np
import pytest

from LungSegmentationLib.phantom import make_phantom

sys.path.insert(0, str(Path(__file__).parents[1] / "Benchmarks"))

from hard_changes import CHANGES
from hard_scan import HardScan


@pytest.fixture(scope="module")
def scan():
    phantom = make_phantom(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))
    return HardScan(phantom.volume, phantom.labels, np.ones(phantom.labels.shape, bool))


@pytest.mark.parametrize("name", CHANGES)
def test_reference_follows_the_scan_and_lungs_stay_air(scan, name):
    before = scan.volume.voxels_hu.copy()
    hard = CHANGES[name](scan, np.random.default_rng(0))
    lungs = np.isin(hard.reference, (1, 2))
    assert hard.volume.voxels_hu.shape == hard.reference.shape == hard.certain.shape and lungs.any()
    assert hard.volume.voxels_hu.dtype == np.int16 and hard.reference.dtype == np.uint8
    # Vessels and noise aside a lung is air within the field of view.
    inside = hard.volume.voxels_hu[lungs]
    assert np.median(inside) < -700 and inside.min() >= -1024
    assert np.array_equal(scan.volume.voxels_hu, before)
    assert (name == "unchanged") == (hard is scan)


@pytest.mark.parametrize(("name", "side"), [("right apex filled", 1), ("left base filled at the back", 2)])
def test_filled_lung_stays_lung(scan, name, side):
    hard = CHANGES[name](scan, np.random.default_rng(0))
    changed = hard.volume.voxels_hu != scan.volume.voxels_hu
    assert np.array_equal(hard.reference, scan.reference) and np.all(scan.reference[changed] == side)
    assert np.median(hard.volume.voxels_hu[changed]) == pytest.approx(40, abs=3)
    assert 0.1 < np.count_nonzero(changed) / np.count_nonzero(scan.reference == side) < 0.6


@pytest.mark.parametrize("name", ["hernia beside the spine", "fat and colon raise the left dome"])
def test_what_pushes_the_lung_aside_is_not_lung(scan, name):
    hard = CHANGES[name](scan, np.random.default_rng(0))
    lost = scan.reference != hard.reference
    assert np.all(scan.reference[lost] == 2) and not hard.reference[lost].any()
    assert 30 < np.count_nonzero(lost) * scan.volume.voxel_volume_ml < 400
    assert np.mean(hard.volume.voxels_hu[lost] > -300) > 0.6
