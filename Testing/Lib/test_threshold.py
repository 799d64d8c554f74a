"""The method ``threshold``: which outlines it keeps, and what it makes of little of a chest."""

import csv
import sys
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from phantoms import small_phantom
from scipy import ndimage

from LungSegmentationLib import read_ct, segment
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.methods.threshold import METHOD, _large_or_high
from LungSegmentationLib.phantom import Structure
from LungSegmentationLib.volume import CtVolume, to_canonical

MIDDLE = 45
NEVER_LUNG = (Structure.AIR_OUTSIDE, Structure.TABLE, Structure.TABLE_FOAM, Structure.CLOTHES, Structure.STOMACH_GAS)


@pytest.fixture(scope="module")
def phantom():
    return small_phantom()


def part_of(volume: CtVolume, slices: slice, columns: slice = slice(None), height_mm: float = 3.4) -> CtVolume:
    voxels_hu = np.ascontiguousarray(volume.voxels_hu[slices, :, columns])
    return CtVolume(voxels_hu, (height_mm, *volume.spacing_zyx_mm[1:]), name="part")


def dice(ours: np.ndarray, truth: np.ndarray) -> float:
    return 2 * np.count_nonzero(ours & truth) / (np.count_nonzero(ours) + np.count_nonzero(truth))


@pytest.mark.parametrize("index", [20, 30, MIDDLE, 55, 65])
def test_single_slice_is_segmented_whatever_its_thickness(phantom, index):
    part = part_of(phantom.volume, slice(index, index + 1))
    result = segment(part, "threshold")
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert dice(result.labels == side, phantom.labels[index : index + 1] == side) > 0.95
    assert any("3.4 mm high" in warning for warning in result.warnings)
    thin = replace(part, spacing_zyx_mm=(0.6, *part.spacing_zyx_mm[1:]))
    assert np.array_equal(segment(thin, "threshold").labels, result.labels)


def test_thin_slab_is_segmented(phantom):
    slices = slice(MIDDLE, MIDDLE + 4)
    labels = segment(part_of(phantom.volume, slices, height_mm=1.0), "threshold").labels
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert dice(labels == side, phantom.labels[slices] == side) > 0.95


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["lidc0001", "qin_LUNG010007"])
def test_few_slices_of_a_real_scan_agree_with_its_reference(shared_data, name, count):
    with (shared_data / "cases.csv").open(newline="", encoding="utf-8") as file:
        case = next(row for row in csv.DictReader(file) if row["name"] == name)
    volume, order = to_canonical(read_ct(shared_data / case["ct"]))
    reference = order.apply(sitk.GetArrayFromImage(sitk.ReadImage(str(shared_data / case["reference"]))))
    used = np.flatnonzero(reference.any(axis=(1, 2)))
    for part in (0.25, 0.5, 0.75):
        first = int(used[0] + part * (used[-1] - used[0]))
        slices = slice(first, first + count)
        labels = segment(part_of(volume, slices, height_mm=volume.spacing_zyx_mm[0]), "threshold").labels
        for side in (RIGHT_LUNG, LEFT_LUNG):
            assert dice(labels == side, reference[slices] == side) > 0.97


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("lungs", ["both", "right", "left"])
def test_body_table_and_the_missing_lung_are_rejected_in_a_single_slice(table, lungs):
    phantom = small_phantom(table=table, clothes=table, lungs=lungs)
    one = slice(MIDDLE, MIDDLE + 1)
    labels = segment(part_of(phantom.volume, one), "threshold").labels
    for name, side in (("right", RIGHT_LUNG), ("left", LEFT_LUNG)):
        if lungs in ("both", name):
            assert dice(labels == side, phantom.labels[one] == side) > 0.95
        else:
            assert not np.any(labels == side)
    assert not np.any((labels > 0) & np.isin(phantom.structures[one], NEVER_LUNG))


def test_lung_cut_by_the_field_of_view_reaches_the_edge(phantom):
    truth = phantom.labels[MIDDLE : MIDDLE + 1]
    columns = np.flatnonzero((truth == RIGHT_LUNG).any(axis=(0, 1)))
    inner = slice(int(columns[0] + columns[-1]) // 2, None)
    labels = segment(part_of(phantom.volume, slice(MIDDLE, MIDDLE + 1), inner), "threshold").labels
    truth = truth[:, :, inner]
    assert np.count_nonzero(truth[0, :, 0] == RIGHT_LUNG) > 20
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert dice(labels == side, truth == side) > 0.95
    assert np.count_nonzero(labels[0, :, 0] == RIGHT_LUNG) > 0.9 * np.count_nonzero(truth[0, :, 0] == RIGHT_LUNG)


def test_border_is_where_the_density_crosses_the_threshold(phantom):
    # On voxels instead of blocks and without closing or airways nothing but the outlines decides the aerated lung:
    # what is denser lies in a hole of it.
    values = {"working_voxel_mm": 0.5, "closing_radius_mm": 0.0, "recover_dense": False}
    one = part_of(phantom.volume, slice(MIDDLE, MIDDLE + 1))
    lungs = segment(one, "threshold", values).labels > 0
    below = one.voxels_hu < -400
    assert not np.any(lungs[0] & ~ndimage.binary_fill_holes((lungs & below)[0]))
    aerated = below & (phantom.labels[MIDDLE : MIDDLE + 1] > 0)
    assert np.count_nonzero(lungs & aerated) > 0.97 * np.count_nonzero(aerated)


def test_outline_smaller_than_the_smallest_area_is_left_out_of_a_single_slice(phantom):
    one = slice(MIDDLE, MIDDLE + 1)
    # Each lung measures 700 to 1500 mm² in a chest of a fifth of the size, which is too small for a child's.
    small = replace(part_of(phantom.volume, one), spacing_zyx_mm=(3.4, 0.6, 0.6))
    labels = segment(small, "threshold", {"smallest_area_mm2": 500}).labels
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert 500 < np.count_nonzero(phantom.labels[one] == side) * 0.6**2 < 2000
        assert np.any(labels == side)
    with pytest.raises(InputError, match="no lung was found"):
        segment(small, "threshold", {"smallest_area_mm2": 3000})


def test_gas_is_left_out_by_the_lower_end_of_the_range(phantom):
    gas = phantom.structures == Structure.STOMACH_GAS
    inside, outside = ({"leave_out_gas": False, "lowest_mean_hu": hu} for hu in (-1024, -940))
    taken = segment(phantom.volume, "threshold", inside).labels
    left_out = segment(phantom.volume, "threshold", outside).labels
    assert np.count_nonzero(gas & (taken > 0)) > 0.8 * np.count_nonzero(gas)
    assert np.count_nonzero(gas & (left_out > 0)) < 0.05 * np.count_nonzero(gas)
    assert dice(left_out == RIGHT_LUNG, phantom.labels == RIGHT_LUNG) > 0.99


def test_small_outline_counts_with_a_large_one_or_over_enough_slices():
    numbers = np.zeros((5, 4, 8), np.int32)
    numbers[0, 0, 0] = 1  # large
    numbers[1, 0, 0:3] = 2  # overlaps it
    numbers[2, 0, 2] = 3  # overlaps only that
    numbers[0, 3, 5], numbers[1, 3, 5], numbers[2, 3, 5] = 4, 5, 6  # three slices high
    numbers[3, 0, 7], numbers[4, 0, 7] = 7, 8  # two slices high
    numbers[4, 3, 0] = 9  # alone
    numbers[3, 2, 4], numbers[4, 2, 3] = 10, 11  # touch at an edge, do not overlap
    slice_of = np.array([0, 0, 1, 2, 0, 1, 2, 3, 4, 4, 3, 4])
    large = np.arange(12) == 1

    def kept(fewest_slices: float) -> list[int]:
        return np.flatnonzero(_large_or_high(numbers, slice_of, large, fewest_slices)).tolist()

    assert kept(10) == [1, 2, 3]
    assert kept(2.5) == [1, 2, 3, 4, 5, 6]
    assert kept(0) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_without_scikit_image_the_method_says_what_to_install_and_the_others_work(phantom, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(InputError, match="pip install scikit-image"):
        segment(phantom.volume, METHOD.key)
    assert METHOD.requires == ("scikit-image",)
    assert segment(phantom.volume).labels.any()
