"""Each step of the anatomy on drawn examples with known truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LungSegmentationLib.anatomy.body import air_off_border, body_core_and_sides
from LungSegmentationLib.anatomy.border import draw_lungs, fill_pits
from LungSegmentationLib.anatomy.chest import inner_air
from LungSegmentationLib.anatomy.dense_disease import _STEPS, _lung_in_direction, dense_disease
from LungSegmentationLib.anatomy.field_of_view import cuts_through_lungs
from LungSegmentationLib.anatomy.filling import fill_side
from LungSegmentationLib.anatomy.lung_regions import lung_regions
from LungSegmentationLib.anatomy.morphology import (
    bounding_box,
    closed,
    dilated,
    distance_to_mm,
    eroded,
    grown_by_one,
    largest_component,
    without_holes,
)
from LungSegmentationLib.anatomy.sides import split_sides
from LungSegmentationLib.anatomy.view_edge import air_inside_body
from LungSegmentationLib.anatomy.working_grid import make_working_grid
from LungSegmentationLib.scan_field.find_measured import find_measured
from LungSegmentationLib.scan_field.measured_field import MeasuredField

SPACING_ZYX_MM = (3.0, 1.5, 2.0)
masks = st.builds(
    lambda seed, shape, share: np.random.default_rng(seed).random(shape) < share,
    st.integers(0, 10_000),
    st.tuples(st.integers(3, 9), st.integers(3, 12), st.integers(3, 12)),
    st.sampled_from([0.02, 0.2, 0.6, 0.97]),
)


def ellipsoid(shape_zyx, centre_mm, radii_mm, spacing_zyx_mm=SPACING_ZYX_MM) -> np.ndarray:
    grid = np.ogrid[tuple(slice(size) for size in shape_zyx)]
    parts = zip(grid, spacing_zyx_mm, centre_mm, radii_mm, strict=True)
    return sum(((axis * mm - centre) / radius) ** 2 for axis, mm, centre, radius in parts) <= 1


# Morphology, against scipy's exact Euclidean distances


@given(masks, st.floats(0.5, 9.0))
@settings(max_examples=60, deadline=None)
def test_morphology_equals_euclidean_distances(mask, radius_mm):
    outside = ndimage.distance_transform_edt(~mask, SPACING_ZYX_MM) if mask.any() else np.full(mask.shape, np.inf)
    inside = ndimage.distance_transform_edt(mask, SPACING_ZYX_MM) if not mask.all() else np.full(mask.shape, np.inf)
    if np.any(np.abs(outside - radius_mm) < 1e-4) or np.any(np.abs(inside - radius_mm) < 1e-4):
        return
    assert np.allclose(distance_to_mm(mask, SPACING_ZYX_MM), outside, atol=1e-4)
    assert np.array_equal(dilated(mask, radius_mm, SPACING_ZYX_MM), outside <= radius_mm)
    assert np.array_equal(eroded(mask, radius_mm, SPACING_ZYX_MM), inside > radius_mm)
    shut = closed(mask, radius_mm, SPACING_ZYX_MM)
    assert np.all(shut[mask]) and np.all(dilated(mask, radius_mm, SPACING_ZYX_MM)[shut])
    assert np.array_equal(grown_by_one(mask), ndimage.binary_dilation(mask, np.ones((3, 3, 3))))
    assert np.array_equal(without_holes(mask), ndimage.binary_fill_holes(mask))


def test_a_ball_too_large_for_its_rows_is_measured_by_distance():
    mask = np.zeros((50, 50, 50), bool)
    mask[25, 20:30, 25] = mask[5, 5, 5] = True
    expected = ndimage.distance_transform_edt(~mask, (1.0, 1.0, 1.0)) <= 15.2
    assert np.array_equal(dilated(mask, 15.2, (1.0, 1.0, 1.0)), expected)


def test_closing_shuts_a_gap_of_its_width_and_no_wider_one():
    mask = np.zeros((9, 40, 40), bool)
    mask[:, 5:35, 5:12] = mask[:, 5:35, 15:22] = mask[:, 5:35, 32:38] = True  # gaps of 3 and of 10 columns of 2 mm
    shut = closed(mask, 4.0, SPACING_ZYX_MM)
    assert np.all(shut[:, 8:32, 12:15])
    assert not shut[:, 20, 24:30].any()


@given(masks)
@settings(max_examples=30, deadline=None)
def test_largest_component_and_bounding_box(mask):
    largest = largest_component(mask)
    labels, count = ndimage.label(mask)
    assert largest.sum() == (np.bincount(labels.ravel())[1:].max() if count else 0)
    if mask.any():
        box = bounding_box(mask)
        assert mask[box].sum() == mask.sum()
        assert all(mask[box].any(axis=tuple({0, 1, 2} - {axis}))[[0, -1]].all() for axis in range(3))


# The working grid


@given(st.integers(0, 1000), st.tuples(st.integers(2, 11), st.integers(2, 11), st.integers(2, 11)), st.floats(1.0, 4.0))
@settings(max_examples=40, deadline=None)
def test_working_grid_holds_block_means_and_covers_every_voxel(seed, shape, block_mm):
    voxels_hu = np.random.default_rng(seed).integers(-1024, 600, shape, np.int16)
    grid = make_working_grid(voxels_hu, (1.0, 0.7, 0.9), block_mm)
    for block in np.ndindex(grid.mean_hu.shape):
        part = tuple(slice(i * factor, (i + 1) * factor) for i, factor in zip(block, grid.factors_zyx, strict=True))
        # Rounded down once an axis.
        assert abs(grid.mean_hu[block] - voxels_hu[part].mean()) <= 3
    numbers = np.arange(grid.mean_hu.size, dtype=np.int32).reshape(grid.mean_hu.shape)
    full = grid.enlarge(numbers)
    assert full.shape == shape
    for index in np.ndindex(shape):
        block = tuple(min(i // factor, n - 1) for i, factor, n in zip(index, grid.factors_zyx, numbers.shape, strict=True))
        assert full[index] == numbers[block]
    assert np.array_equal(grid.enlarge(numbers, slice(1, None)), full[1:])
    assert np.array_equal(grid.sample(full), numbers)


@pytest.mark.parametrize("fill_hu", [-3024, -1000, 0])
def test_what_was_not_measured_makes_its_blocks_padding_and_counts_as_air_whatever_fills_it(fill_hu):
    voxels_hu = np.full((4, 4, 4), 40, np.int16)
    voxels_hu[:, :, 0] = fill_hu
    measured = MeasuredField(np.full((4, 4), 1, np.int16), np.full((4, 4), 4, np.int16), 4)
    grid = make_working_grid(voxels_hu, (1.0, 1.0, 1.0), 2.0, measured)
    assert grid.padding[:, :, 0].all() and not grid.padding[:, :, 1].any()
    assert np.all(grid.mean_hu[:, :, 0] == (40 - 1024) // 2) and np.all(grid.mean_hu[:, :, 1] == 40)
    # Where all was measured, noise of any size is air.
    assert not make_working_grid(np.full((4, 4, 4), -1500, np.int16), (1.0, 1.0, 1.0), 2.0).padding.any()


# Body


def chest_slice_stack() -> tuple[np.ndarray, np.ndarray]:
    """Draw a body with two lungs on a table with a foam core, in air; give HU and the true lungs."""
    shape = (20, 120, 160)
    hu = np.full(shape, -1000, np.int16)
    body = ellipsoid(shape, (30, 80, 160), (1e6, 60, 120))
    lungs = ellipsoid(shape, (30, 80, 105), (1e6, 40, 40)) | ellipsoid(shape, (30, 80, 215), (1e6, 40, 40))
    hu[:, 96:112, 20:140] = 40  # table shell
    hu[:, 98:110, 22:138] = -930  # foam
    hu[body] = 40
    hu[lungs] = -850
    return hu, lungs


def test_air_inside_is_the_lungs_and_not_foam_or_outside_air():
    hu, lungs = chest_slice_stack()
    _, sides = body_core_and_sides(hu, SPACING_ZYX_MM)
    assert np.array_equal(air_inside_body(hu < -400, sides), lungs)


def test_lung_cut_by_the_image_is_inside_but_air_at_the_border_is_not():
    hu, lungs = chest_slice_stack()
    hu, lungs = hu[:, :, 45:], lungs[:, :, 45:]
    assert lungs[:, :, 0].any()
    _, sides = body_core_and_sides(hu, SPACING_ZYX_MM)
    assert np.array_equal(air_inside_body(hu < -400, sides), lungs)
    assert not air_off_border(hu < -400)[lungs & (np.arange(lungs.shape[2]) < 20)].any()


def test_a_lung_that_the_view_cuts_over_all_its_height_stays_inside():
    hu, lungs = chest_slice_stack()
    hu, lungs = np.ascontiguousarray(hu[:, :, 45:]), lungs[:, :, 45:]
    grid = make_working_grid(hu, SPACING_ZYX_MM, 2.0, find_measured(hu, SPACING_ZYX_MM[1:]))
    inside, _ = inner_air(grid, -400, body_only=True)
    assert grid.enlarge(inside)[lungs].mean() > 0.98 and not grid.enlarge(inside)[hu == 40].any()


# Lung or not


def test_gas_is_left_out_and_islands_of_lung_are_kept():
    spacing = (2.0, 2.0, 2.0)
    hu = np.full((60, 60, 120), 40, np.int16)
    hu[20:55, 10:50, 10:50] = hu[20:55, 10:50, 70:110] = -850
    hu[22:30, 20:30, 53:56] = -800  # 1.9 mL island beside the lung, off the midline by less than 25 mm: oesophagus
    hu[14:18, 20:30, 20:30] = -700  # 3.2 mL island of lung below the right lung
    hu[4:16, 15:45, 75:105] = -995  # 86 mL of gas
    lungs = np.zeros(hu.shape, bool)
    lungs[20:55, 10:50, 10:50] = lungs[20:55, 10:50, 70:110] = lungs[14:18, 20:30, 20:30] = True
    no_cavities = np.zeros(hu.shape, bool)
    assert np.array_equal(lung_regions(hu, hu < -400, -995.0, 60.0, spacing, no_cavities), lungs)
    with_gas = lung_regions(hu, hu < -400, -995.0, 60.0, spacing)
    assert with_gas[4:16, 15:45, 75:105].all()


# Sides


def joined_lungs(junction_hu: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shape, spacing = (40, 80, 120), (2.0, 2.0, 2.0)
    right = ellipsoid(shape, (40, 80, 62), (36, 60, 52), spacing)
    left = ellipsoid(shape, (40, 80, 178), (36, 60, 52), spacing)
    bridge = np.zeros(shape, bool)
    bridge[16:24, 10:16, 40:80] = True
    hu = np.where(right | left | bridge, -850, 40).astype(np.int16)
    hu[:, :, 63] = np.where(bridge[:, :, 63], junction_hu, hu[:, :, 63])
    return hu, right, left


@pytest.mark.parametrize("junction_hu", [-850, -600])
def test_joined_lungs_are_cut_at_the_junction_line(junction_hu):
    hu, right, left = joined_lungs(junction_hu)
    sides = split_sides(hu, hu < -400, 60.0, (2.0, 2.0, 2.0))
    assert sides.were_joined
    assert not np.any(sides.right & sides.left) and np.array_equal(sides.right | sides.left, hu < -400)
    assert np.all(sides.right[right]) and np.all(sides.left[left])
    if junction_hu == -600:  # the line is off the middle: density decides, not distance
        bridge = (hu < -400) & ~right & ~left
        assert np.all(sides.right[:, :, 56:63][bridge[:, :, 56:63]])
        assert np.all(sides.left[:, :, 64:68][bridge[:, :, 64:68]])


def test_junction_is_left_alone_on_request():
    hu, _, _ = joined_lungs(-850)
    sides = split_sides(hu, hu < -400, 60.0, (2.0, 2.0, 2.0), cut_junctions=False)
    assert np.array_equal(sides.right | sides.left, hu < -400)
    assert not sides.right.any() or not sides.left.any()


def test_one_lung_that_bulges_over_the_midline_stays_one():
    spacing = (2.0, 2.0, 2.0)
    lung = ellipsoid((40, 80, 120), (40, 80, 150), (36, 60, 80), spacing)
    hu = np.where(lung, -850, 40).astype(np.int16)
    sides = split_sides(hu, lung, 60.0, spacing)
    assert np.array_equal(sides.left, lung) and not sides.right.any() and not sides.were_joined


# Filling, dense disease, border


def test_vessel_cavity_and_pleural_nodule_are_filled_but_the_dome_keeps_its_shape():
    spacing = (2.0, 2.0, 2.0)
    shape = (50, 60, 60)
    whole = ellipsoid(shape, (50, 60, 60), (44, 50, 50), spacing)
    dome = ellipsoid(shape, (0, 60, 60), (36, 40, 40), spacing)
    lung = whole & ~dome
    vessel = np.zeros(shape, bool)
    vessel[25:40, 28:31, :30] = True
    nodule = ellipsoid(shape, (60, 106, 60), (6, 6, 6), spacing)
    bubble = ellipsoid(shape, (64, 60, 60), (10, 10, 10), spacing)
    filled = fill_side(lung & ~vessel & ~nodule & ~bubble, 9.0, spacing)
    assert np.all(filled[lung & (bubble | vessel) & eroded(lung, 4.0, spacing)])
    assert np.count_nonzero(filled & nodule & lung) > 0.8 * np.count_nonzero(nodule & lung)
    assert np.count_nonzero(filled & dome & whole) < 0.03 * np.count_nonzero(dome & whole)
    untouched = lung & ~vessel
    assert np.array_equal(fill_side(untouched, 0.0, spacing), ndimage.binary_fill_holes(untouched))


def test_mass_at_the_chest_wall_is_recovered_and_heart_and_diaphragm_are_not():
    spacing = (2.0, 2.0, 2.0)
    shape = (60, 80, 60)
    lung = ellipsoid(shape, (60, 80, 50), (58, 70, 45), spacing)  # the right lung; the midline is at column 55
    mass = ellipsoid(shape, (60, 80, 12), (16, 18, 16), spacing) & lung
    heart = ellipsoid(shape, (60, 80, 100), (30, 40, 30), spacing) & lung
    diaphragm = ellipsoid(shape, (0, 80, 50), (30, 50, 40), spacing) & lung
    hu = np.where(lung & ~mass & ~heart & ~diaphragm, -850, 40).astype(np.int16)
    nothing = np.zeros(shape, bool)
    found = dense_disease(hu, hu < -400, nothing, nothing, True, spacing)
    assert np.count_nonzero(found & mass) > 0.8 * np.count_nonzero(mass)
    assert not np.any(found & (heart | diaphragm))
    mirrored = dense_disease(hu[:, :, ::-1], (hu < -400)[:, :, ::-1], nothing, nothing, False, spacing)
    assert np.array_equal(mirrored[:, :, ::-1], found)


def test_border_follows_the_density_of_each_voxel_and_closed_tissue_stays():
    voxels_hu = np.full((12, 24, 24), 40, np.int16)
    voxels_hu[:, 3:21, 5:19] = -850  # the border runs through the blocks of 2 voxels
    voxels_hu[:, 10:14, 5:12] = 40  # a vessel from the border inwards
    grid = make_working_grid(voxels_hu, (1.0, 1.0, 1.0), 2.0)
    aerated = grid.mean_hu < -400
    filled = closed(aerated, 4.0, grid.spacing_zyx_mm)
    labels = np.full(voxels_hu.shape, 9, np.uint8)
    draw_lungs(labels, voxels_hu, grid, filled, np.zeros_like(filled), aerated, np.zeros_like(filled), -400.0)
    expected = np.zeros(voxels_hu.shape, np.uint8)
    expected[:, 3:21, 5:19] = 1
    different = labels != expected
    assert not different[:, :10].any() and not different[:, 14:].any()
    assert not different[:, 10:14, 8:].any()  # the vessel is filled, but for the voxels at the very border


def test_pits_between_voxels_of_one_lung_are_filled_and_the_gap_between_two_is_not():
    labels = np.array([[[1, 0, 1, 0, 2, 0, 2, 0, 0, 2]]], np.uint8)
    fill_pits(labels)
    assert labels.tolist() == [[[1, 1, 1, 0, 2, 2, 2, 0, 0, 2]]]


def test_cut_faces_are_named():
    voxels_hu = np.full((20, 40, 40), -850, np.int16)
    grid = make_working_grid(voxels_hu, (2.0, 2.0, 2.0), 2.0)
    lungs = np.zeros(voxels_hu.shape, bool)
    lungs[5:, 10:30, 0:20] = True
    whole = (slice(0, 20), slice(0, 40), slice(0, 40))
    assert cuts_through_lungs(lungs, grid, whole, (20, 40, 40)) == ["top", "right"]
    part = (slice(5, 25), slice(3, 43), slice(9, 49))
    assert cuts_through_lungs(lungs, grid, part, (60, 60, 60)) == []
    whole_field = MeasuredField.whole(voxels_hu.shape)
    in_rows = np.where(np.arange(40) < 30, whole_field.stop, np.int16(0))
    frame = MeasuredField(whole_field.first, in_rows, 40)
    assert cuts_through_lungs(lungs, make_working_grid(voxels_hu, (2.0,) * 3, 2.0, frame), part, (60, 60, 60)) == ["back"]
    slanted = MeasuredField(whole_field.first, np.where(np.arange(40) < 20, np.int16(40), np.int16(15)) * np.ones((20, 1), np.int16), 40)
    assert cuts_through_lungs(lungs, make_working_grid(voxels_hu, (2.0,) * 3, 2.0, slanted), part, (60, 60, 60)) == [
        "edge of the round field of view"
    ]
    empty_below = MeasuredField(whole_field.first, np.where(np.arange(20)[:, None] < 5, np.int16(0), whole_field.stop), 40)
    assert cuts_through_lungs(lungs, make_working_grid(voxels_hu, (2.0,) * 3, 2.0, empty_below), part, (60, 60, 60)) == ["bottom"]


@given(st.integers(0, 1000), st.sampled_from(_STEPS))
@settings(max_examples=40, deadline=None)
def test_walks_meet_the_lung_as_a_naive_walk_does(seed, step):
    lung = np.random.default_rng(seed).random((2, 7, 9)) < 0.1
    met = _lung_in_direction(lung, step)
    for z, y, x in np.ndindex(lung.shape):
        row, column, found = y + step[0], x + step[1], False
        while 0 <= row < 7 and 0 <= column < 9 and not found:
            found = bool(lung[z, row, column])
            row, column = row + step[0], column + step[1]
        assert met[z, y, x] == found
