"""Contour tracking: coarse mask, regions of slices, links between slices, and the way through the chest."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from phantoms import phantom_of, small_phantom
from scipy import ndimage

from LungSegmentationLib import segment
from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.scan_field.find_measured import find_measured
from LungSegmentationLib.tracking.coarse_mask import coarse_mask, open_table
from LungSegmentationLib.tracking.links import continues, jaccard_index, overlaps_with_next, threshold_for
from LungSegmentationLib.tracking.slice_regions import SliceRegions, find_slice_regions
from LungSegmentationLib.tracking.tracker import find_start_slice, track

SPACING = (1.0, 1.0, 1.0)
TABLE_MM, BOX_MM = 17.5, 21.0


def block(shape: tuple[int, int, int], *boxes: tuple[slice, slice, slice]) -> np.ndarray:
    mask = np.zeros(shape, bool)
    for box in boxes:
        mask[box] = True
    return mask


def tracked(air: np.ndarray, spacing=SPACING, follow_fragments: bool = False, most: int = 12) -> np.ndarray:
    regions = find_slice_regions(air, most, spacing)
    start = find_start_slice(regions, air.shape[2] / 2)
    return air & regions.pixels_of(track(regions, start, 0.1, follow_fragments))


@given(arrays(bool, st.tuples(st.integers(2, 4), st.integers(1, 9), st.integers(1, 12))), st.integers(1, 5))
def test_regions_and_jaccard_agree_with_a_slice_by_slice_computation(air, most):
    spacing = (1.0, 0.7, 1.3)
    regions = find_slice_regions(air, most, spacing)
    jaccard = jaccard_index(overlaps_with_next(regions), regions.areas_mm2[:-1], regions.areas_mm2[1:])
    naive = []
    for plane in air:
        # SciPy's own filling; with the default structure the surroundings are joined by faces, as here.
        labels, count = ndimage.label(ndimage.binary_fill_holes(plane))
        naive.append(sorted((labels == number for number in range(1, count + 1)), key=np.count_nonzero, reverse=True)[:most])
    for z, expected in enumerate(naive):
        areas = [np.count_nonzero(mask) * 0.7 * 1.3 for mask in expected]
        assert regions.areas_mm2[z, 1:] == pytest.approx(areas + [0] * (most - len(areas)))
    ours = [[regions.ranks[z] == rank for rank in range(1, most + 1)] for z in range(len(air))]
    for z in range(len(air) - 1):
        for a in range(most):
            for b in range(most):
                union = np.count_nonzero(ours[z][a] | ours[z + 1][b])
                expected = np.count_nonzero(ours[z][a] & ours[z + 1][b]) / union if union else 0.0
                assert jaccard[z, a + 1, b + 1] == pytest.approx(expected)


def test_contour_encloses_what_lies_in_it():
    air = block((1, 30, 40), np.s_[:, 5:25, 5:35])
    air[0, 10:20, 10:30] = False
    air[0, 14:16, 18:22] = True
    regions = find_slice_regions(air, 4, (1.0, 2.0, 0.5))
    assert np.array_equal(regions.ranks[0] > 0, block((1, 30, 40), np.s_[:, 5:25, 5:35])[0])
    assert regions.areas_mm2.tolist() == [[0, 600, 0, 0, 0]]


@pytest.mark.parametrize(
    ("jaccard", "before", "here", "expected"),
    [
        (0.11, 100, 900, True),
        (0.10, 100, 100, False),
        (0.04, 100, 51, True),  # splits into two
        (0.04, 100, 66, False),
        (0.04, 100, 199, True),  # merged from two
        (0.04, 100, 270, False),
        (0.03, 100, 50, False),
    ],
)
def test_normal_split_and_merge_case(jaccard, before, here, expected):
    result = continues(np.array([[jaccard]]), np.array([before]), np.array([here]), 0.1)
    assert result.tolist() == [[expected]]


def test_threshold_falls_with_the_distance_of_slices_only_where_they_are_coarse():
    assert [threshold_for(0.1, mm) for mm in (0.5, 1.0, 5.0)] == pytest.approx([0.1, 0.1, 0.02])


def split_merge_appear_vanish() -> tuple[np.ndarray, np.ndarray]:
    """One region that splits upward and merges downward again; another that appears elsewhere and vanishes."""
    shape = (40, 70, 120)
    lung = block(shape, np.s_[10:30, 10:60, 10:55], np.s_[10:30, 10:60, 65:110])
    lung |= block(shape, np.s_[3:10, 10:60, 10:110])  # both merge below
    lung |= block(shape, np.s_[30:36, 10:33, 10:55], np.s_[30:36, 37:60, 10:55])  # the right one splits above
    other = block(shape, np.s_[32:38, 20:50, 70:100])  # appears two slices above the left one's end
    return lung, other


@pytest.mark.parametrize("flip", [1, -1])
def test_split_and_merge_are_followed_and_what_appears_elsewhere_is_not(flip):
    lung, other = split_merge_appear_vanish()
    assert np.array_equal(tracked((lung | other)[::flip]), lung[::flip])


@pytest.mark.parametrize("flip", [1, -1])
def test_trachea_that_starts_in_the_middle_slices_and_leaves_upward_is_dropped(flip):
    shape = (60, 80, 120)
    lungs = block(shape, np.s_[5:45, 10:70, 5:50], np.s_[5:45, 10:70, 70:115])
    z, y, x = np.indices(shape, sparse=True)
    trachea = ((y - 40 - 0.2 * (z - 20)) ** 2 + (x - 60) ** 2 <= 8**2) & (z >= 20)
    assert not (lungs & trachea).any()
    air = (lungs | trachea)[::flip]
    start = find_start_slice(find_slice_regions(air, 4, SPACING), 60)
    air[start] |= trachea[::flip][np.abs(np.arange(60) - 32).argmin()]  # it is in the start slice for sure
    assert np.array_equal(tracked(air), lungs[::flip])


def test_fragment_beside_the_lung_is_taken_and_followed_only_where_no_airways_can_be_met():
    shape = (30, 80, 120)
    lungs = block(shape, np.s_[5:20, 10:70, 5:50], np.s_[5:20, 10:70, 70:115])
    tip = block(shape, np.s_[20:26, 12:20, 10:18])  # 64 of 2700 pixels: no overlap that counts
    assert np.array_equal(tracked(lungs | tip, follow_fragments=True), lungs | tip)
    only_next = tip.copy()
    only_next[21:] = False
    assert np.array_equal(tracked(lungs | tip), lungs | only_next)


def test_start_slice_is_where_both_sides_are_large_and_not_where_one_region_is_huge():
    air = block((20, 50, 100), np.s_[12:14, 20:40, 10:40], np.s_[12:14, 20:45, 60:95], np.s_[3:6, 2:48, 2:48])
    regions = find_slice_regions(air, 4, SPACING)
    assert find_start_slice(regions, 50) in (12, 13)
    one_lung = find_slice_regions(block((20, 50, 100), np.s_[5:9, 5:9, 5:9], np.s_[9:11, 5:30, 5:30]), 4, SPACING)
    assert find_start_slice(one_lung, 50) in (9, 10)


def test_regions_do_not_depend_on_the_voxel_size():
    lung, other = split_merge_appear_vanish()
    coarse = tracked(lung | other, (1.4, 1.4, 1.4))
    twice = np.ones((2, 2, 2), bool)
    assert np.array_equal(tracked(np.kron(lung | other, twice), (0.7, 0.7, 0.7)), np.kron(coarse, twice))
    assert np.array_equal(coarse, lung)


def test_lung_that_touches_the_image_border_is_followed():
    lungs = block((30, 60, 120), np.s_[:, 0:50, 0:50], np.s_[:, 10:60, 70:120])
    assert np.array_equal(tracked(lungs), lungs)


def test_count_of_regions_is_limited_to_the_largest():
    air = block((1, 9, 60), *(np.s_[:, 1:8, start : start + width] for start, width in ((2, 3), (10, 9), (25, 5), (40, 7))))
    regions = find_slice_regions(air, 2, SPACING)
    assert isinstance(regions, SliceRegions) and regions.most == 2
    assert np.array_equal(regions.ranks == 1, block(air.shape, np.s_[:, 1:8, 10:19]))
    assert np.array_equal(regions.ranks == 2, block(air.shape, np.s_[:, 1:8, 40:47]))


def chest(table_mm: int, shape=(120, 300, 240), gap_mm: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """A block of tissue with two lungs above a table that reaches over the whole length; 1 mm voxels."""
    hu = np.full(shape, -1000, np.int16)
    hu[:, 30:200, 20:220] = 40
    lungs = block(shape, np.s_[20:100, 60:170, 40:105], np.s_[20:100, 60:170, 135:200])
    hu[lungs] = -850
    back = 200 + gap_mm
    hu[:, back : back + table_mm, 10:230] = 0
    hu[:2, 200:back] = hu[-2:, 200:back] = -1000
    return hu, lungs


def in_full(hu: np.ndarray, table_width_mm: float = TABLE_MM) -> np.ndarray:
    mask, grid = coarse_mask(hu, SPACING, table_width_mm, BOX_MM)
    return grid.enlarge(mask)


@pytest.mark.parametrize(("table_mm", "table_width_mm", "gap_is_masked"), [(12, 17.5, False), (30, 17.5, True), (30, 40.0, False)])
def test_table_that_closes_off_air_is_opened_up_to_the_given_width(table_mm, table_width_mm, gap_is_masked):
    hu, lungs = chest(table_mm)
    # At both ends the table bends up to the back: the gap is closed but through the end rows of the table.
    hu[:, 212 : 212 + table_mm, :] = 0
    hu[20:24, 200:212] = hu[-24:-20, 200:212] = 0
    hu[:20, 200:212] = hu[-20:, 200:212] = -1000
    mask = in_full(hu, table_width_mm)
    assert mask[lungs].all()
    assert bool(mask[5, 203:209, 60:180].any()) == gap_is_masked
    assert not mask[:, 260:].any() and not mask[:, :16].any()


def test_coarse_mask_holds_the_lungs_and_little_else():
    hu, lungs = chest(10)
    mask = in_full(hu)
    assert mask[lungs].all()
    around = ndimage.maximum_filter(lungs.view(np.uint8), size=(33, 33, 17)).astype(bool)
    assert not (mask & ~around).any()


def test_lungs_in_thin_walls_and_partial_coverage_stay_in_the_mask():
    hu, lungs = chest(10)
    hu[:, 30:48] = -1000  # the wall in front is 12 mm, thinner than the table may be
    part = slice(30, 90)  # lungs in the first and last row, where the table is opened
    mask = in_full(np.ascontiguousarray(hu[part]))
    assert mask[lungs[part]].all()
    assert not mask[:, :45].any()  # the box filter reaches through the wall, but background is background


def test_lung_that_the_field_of_view_cuts_stays_in_the_mask():
    hu, lungs = chest(10)
    cut = np.s_[:, 80:, :]
    assert in_full(np.ascontiguousarray(hu[cut]))[lungs[cut]].all()
    padded = hu.copy()
    padded[:, :80] = -2000
    mask, grid = coarse_mask(padded, SPACING, TABLE_MM, BOX_MM, find_measured(padded, SPACING[1:]))
    assert grid.enlarge(mask)[:, 84:][lungs[:, 84:]].all()


def test_table_opening_takes_thin_tissue_in_the_end_rows_only():
    tissue = block((5, 60, 3), np.s_[:, 5:30], np.s_[:, 40:50])
    opened = tissue.copy()
    open_table(opened, 17.5, 1.0)
    assert np.array_equal(opened[[0, -1]], block((2, 60, 3), np.s_[:, 5:30]))
    assert np.array_equal(opened[1:-1], tissue[1:-1])


def test_phantom_coarse_mask_and_lungs():
    phantom = make_phantom(shape_zyx=(90, 128, 160), spacing_zyx_mm=(3.4, 2.8, 2.8))
    lungs = np.isin(phantom.labels, (RIGHT_LUNG, LEFT_LUNG))
    mask, grid = coarse_mask(phantom.volume.voxels_hu, phantom.volume.spacing_zyx_mm, TABLE_MM, BOX_MM)
    assert np.count_nonzero(grid.enlarge(mask) & lungs) >= 0.9999 * np.count_nonzero(lungs)
    assert np.count_nonzero(grid.enlarge(mask)) <= 2 * np.count_nonzero(lungs)
    labels = segment(phantom.volume, "contour-tracking").labels
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert np.count_nonzero((labels == side) & (phantom.labels == side)) > 0.97 * np.count_nonzero(phantom.labels == side)


def test_contours_alone_keep_the_trachea_out_where_airways_are_not_looked_for():
    phantom = small_phantom()
    trachea = phantom.labels == AIRWAYS
    slices = np.flatnonzero(trachea.any(axis=(1, 2)))
    trachea[: slices[len(slices) // 2]] = False  # the lower half is bronchi
    found = {
        key: np.count_nonzero(segment(phantom.volume, key, {"find_airways": False}).labels[trachea])
        for key in ("connected-components", "contour-tracking")
    }
    assert found["connected-components"] > 0.9 * np.count_nonzero(trachea)
    assert found["contour-tracking"] < 0.1 * np.count_nonzero(trachea)


@pytest.mark.parametrize("outside_hu", [-2000, -1024])
def test_lungs_that_a_round_field_of_view_cuts_are_tracked(outside_hu):
    phantom = phantom_of(shape_zyx=(60, 120, 120), spacing_zyx_mm=(5.0, 3.0, 3.0))
    lungs = np.isin(phantom.labels, (RIGHT_LUNG, LEFT_LUNG))
    y, x = np.ogrid[:120, :120]
    far = np.hypot(y - np.argwhere(lungs)[:, 1].mean(), x - 59.5)
    outside = far > far[lungs.any(axis=0)].max() - 6
    assert 0.01 < np.count_nonzero(lungs & outside) / np.count_nonzero(lungs) < 0.2
    hu = np.where(outside, np.int16(outside_hu), phantom.volume.voxels_hu)
    found = np.isin(segment(replace(phantom.volume, voxels_hu=hu), "contour-tracking").labels, (RIGHT_LUNG, LEFT_LUNG))
    truth = lungs & ~outside
    assert 2 * np.count_nonzero(found & truth) > 0.97 * (np.count_nonzero(found) + np.count_nonzero(truth))
