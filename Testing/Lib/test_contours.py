"""Sub-voxel outlines against analytic shapes, and their rasterisation against other implementations."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.measure import grid_points_in_poly

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.tracking.contours import (
    Region,
    closed_outlines,
    hull_area_mm2,
    is_darker_inside,
    level_below,
    rasterised,
    regions_of_slice,
    signed_area_mm2,
)

AIR_HU, LUNG_HU, TISSUE_HU = -1000, -850, 40
RAMP_HU = 4000.0


def ellipse(shape_yx, centre_yx, radii_yx) -> np.ndarray:
    """Distance from the centre in units of the radii: 1 on the ellipse."""
    rows, columns = np.indices(shape_yx)
    return np.hypot((rows - centre_yx[0]) / radii_yx[0], (columns - centre_yx[1]) / radii_yx[1])


offset = st.floats(-0.5, 0.5)


@settings(max_examples=25, deadline=None)
@given(offset, offset, st.integers(-700, -100), st.floats(0.3, 3), st.floats(0.3, 3))
def test_area_of_an_ellipse_with_a_hole_is_exact_anywhere_on_the_ramp(down, right, threshold_hu, row_mm, column_mm):
    # A smooth ramp of densities, as partial volume makes it: each threshold has its own exact ellipses.
    outer = ellipse((110, 170), (54 + down, 83 + right), (45, 70))
    inner = ellipse((110, 170), (50 - right, 90 + down), (20, 30))
    slice_hu = np.clip(np.round(-400 + RAMP_HU * np.maximum(outer - 1, 1 - inner)), -1000, 300).astype(np.int16)
    (region,) = regions_of_slice(slice_hu, threshold_hu)
    shift = (level_below(threshold_hu) + 400) / RAMP_HU
    pixel_mm2 = row_mm * column_mm
    outer_mm2, hole_mm2 = np.pi * 45 * 70 * (1 + shift) ** 2 * pixel_mm2, np.pi * 20 * 30 * (1 - shift) ** 2 * pixel_mm2
    assert signed_area_mm2(region.outer, (row_mm, column_mm)) == pytest.approx(outer_mm2, rel=0.002)
    assert signed_area_mm2(region.holes[0], (row_mm, column_mm)) == pytest.approx(-hole_mm2, rel=0.002)
    assert region.area_mm2((row_mm, column_mm)) == pytest.approx(outer_mm2 - hole_mm2, rel=0.002)
    assert hull_area_mm2(region.outer, (row_mm, column_mm)) == pytest.approx(outer_mm2, rel=0.002)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0, 0.7, 1.5, 3]),
    st.floats(-500, -300) | st.integers(-500, -300),
    st.integers(0, 10**6),
)
def test_outlines_hold_exactly_the_voxels_below_the_threshold(rows, columns, smoothing, threshold_hu, seed):
    noise = np.random.default_rng(seed).normal(size=(rows, columns))
    smooth = ndimage.gaussian_filter(noise, smoothing)
    # Few distinct densities put many voxels exactly on whole thresholds.
    slice_hu = np.clip(-400 + 10 * np.round(smooth / (smooth.std() + 1e-3) * 10), -1000, 200).astype(np.int16)
    regions = regions_of_slice(slice_hu, threshold_hu)
    assert np.array_equal(rasterised(regions, (rows, columns)), ndimage.label(slice_hu < threshold_hu)[0])
    for outline in closed_outlines(slice_hu, threshold_hu):
        assert np.array_equal(outline[0], outline[-1])
        assert outline.min() > -1 and np.all(outline.max(axis=0) < (rows, columns))


@settings(max_examples=60, deadline=None)
@given(st.integers(5, 30), st.integers(0, 10**6), st.booleans())
def test_rasterisation_agrees_with_an_independent_point_in_polygon_test(corners, seed, backwards):
    random = np.random.default_rng(seed)
    angles = 2 * np.pi / corners * (np.arange(corners) + random.uniform(0, 0.5, corners))
    radii = random.uniform(3, 25, corners)
    # It may reach beyond the image on every side.
    polygon = np.stack([9.3 + radii * np.sin(angles), 20.7 + radii * np.cos(angles)], axis=1)[:: -1 if backwards else 1]
    mask = rasterised([Region(np.concatenate([polygon, polygon[:1]]))], (20, 37))
    assert np.array_equal(mask, grid_points_in_poly((20, 37), polygon).astype(int))


@pytest.mark.parametrize("table", [True, False])
def test_body_and_table_are_holes_in_the_air_and_never_regions(table):
    slice_hu = np.full((120, 200), AIR_HU, np.int16)
    slice_hu[ellipse(slice_hu.shape, (55, 100), (45, 80)) < 1] = TISSUE_HU
    right, left = (ellipse(slice_hu.shape, (55, column), (25, 20)) < 1 for column in (65, 135))
    slice_hu[right | left] = LUNG_HU
    slice_hu[105:109, 40:160] = 200 if table else AIR_HU
    outside, *lungs = regions_of_slice(slice_hu, -400)
    assert len(lungs) == 2 and not lungs[0].holes and not lungs[1].holes
    assert len(outside.holes) == (2 if table else 1)
    assert max(-signed_area_mm2(hole, (1, 1)) for hole in outside.holes) == pytest.approx(np.pi * 45 * 80, rel=0.01)
    assert np.array_equal(rasterised(lungs, slice_hu.shape), np.where(right, 1, np.where(left, 2, 0)))


def test_region_cut_by_the_field_of_view_is_closed_along_the_edge():
    slice_hu = np.full((30, 50), TISSUE_HU, np.int16)
    slice_hu[10:20, :12] = LUNG_HU
    (region,) = regions_of_slice(slice_hu, -400)
    assert is_darker_inside(region.outer) and np.array_equal(region.outer[0], region.outer[-1])
    assert np.array_equal(rasterised([region], slice_hu.shape) > 0, slice_hu < -400)
    # Half a voxel's width either way: 10 by 12 voxels, larger by where the ramp to soft tissue crosses the threshold.
    assert region.area_mm2((2.0, 0.5)) == pytest.approx(10 * 12, rel=0.02)


def test_region_in_a_hole_of_another_keeps_its_own_number():
    slice_hu = np.full((40, 60), TISSUE_HU, np.int16)
    slice_hu[5:35, 5:55] = LUNG_HU
    slice_hu[10:30, 10:50] = TISSUE_HU
    slice_hu[15:25, 20:40] = LUNG_HU
    ring, island = regions_of_slice(slice_hu, -400)
    assert len(ring.holes) == 1 and not island.holes
    expected = np.where(slice_hu < -400, 1, 0)
    expected[15:25, 20:40] = 2
    assert np.array_equal(rasterised([ring, island], slice_hu.shape), expected)


def test_no_region_gives_an_empty_mask():
    slice_hu = np.full((7, 9), TISSUE_HU, np.int16)
    assert regions_of_slice(slice_hu, -400) == []
    assert not rasterised([], slice_hu.shape).any() and rasterised([], slice_hu.shape).shape == slice_hu.shape


def test_missing_package_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(InputError, match="pip install scikit-image"):
        closed_outlines(np.zeros((4, 4), np.int16), -400)
