"""Vessels thinner than a voxel, in noise as real kernels leave it: which are found, and whether anything else is."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from LungSegmentationLib.vessels.detection import find_vessels

sys.path.insert(0, str(Path(__file__).parents[1] / "Benchmarks"))

from vessel_block import correlated_noise, make_vessel_block


@pytest.mark.parametrize(
    ("spacing", "blur_mm", "noise_sd_hu", "least"),
    [
        ((0.7, 0.7, 0.7), 0.5, 20.0, (0.98, 0.95, 0.8)),
        ((0.7, 0.7, 0.7), 0.5, 40.0, (0.98, 0.95, 0.8)),
        # The scanner's blur alone is wider than the thinnest of these.
        ((1.0, 0.7, 0.7), 0.8, 30.0, (0.98, 0.95, 0.7)),
    ],
)
def test_vessels_are_found_down_to_a_radius_below_the_voxels(spacing, blur_mm, noise_sd_hu, least):
    block = make_vessel_block(2, 56.0, spacing, blur_mm, noise_sd_hu)
    vessels = find_vessels(block.voxels_hu, np.ones(block.voxels_hu.shape, np.uint8), None, spacing)
    shares = tuple(block.found(vessels, radii_mm) for radii_mm in ((1.0, 9.0), (0.7, 1.0), (0.4, 0.7)))
    assert all(share >= bound for share, bound in zip(shares, least, strict=True)), shares
    assert block.precision(vessels) >= 0.95
    # All of it hangs together.
    pieces, _ = ndimage.label(vessels, np.ones((3, 3, 3)))
    assert np.bincount(pieces.reshape(-1))[1:].max() > 0.98 * np.count_nonzero(vessels)


@pytest.mark.parametrize("spacing", [(0.7, 0.7, 0.7), (1.0, 0.7, 0.7)])
def test_correlated_noise_alone_holds_no_vessels(spacing):
    noise = correlated_noise(np.random.default_rng(3), [80, 90, 90], 60.0)
    hu = np.rint(noise - 860).astype(np.int16)
    assert not find_vessels(hu, np.ones(hu.shape, np.uint8), None, spacing).any()
