"""Scans made harder on purpose keep scan and reference together."""

import sys
from pathlib import Path

import numpy as np
import pytest

from LungSegmentationLib.phantom import make_phantom

sys.path.insert(0, str(Path(__file__).parents[1] / "Benchmarks"))

from hard_changes import CHANGES, HardScan


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
