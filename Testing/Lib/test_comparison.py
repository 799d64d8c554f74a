"""Comparison of label maps: regions, what is left out, and real scans against SimpleITK."""

import dataclasses

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.evaluation.comparison import RegionComparison, compare_labels, difference_masks
from LungSegmentationLib.evaluation.comparison_tables import comparison_table

SHAPES = npst.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6)
MEMBERS = {"right_lung": (1,), "left_lung": (2,), "both_lungs": (1, 2), "airways": (3,)}
SPACING = (2.5, 0.7, 0.8)


def by_key(comparisons):
    return {comparison.key: comparison for comparison in comparisons}


def boxes():
    """A reference with two lungs that touch, and airways; and a result that is off by a voxel here and there."""
    reference = np.zeros((16, 24, 40), np.uint8)
    reference[3:13, 4:20, 4:20] = 1
    reference[3:13, 4:20, 20:36] = 2
    reference[8:15, 10:13, 18:22] = 3
    result = np.roll(reference, 1, axis=2)
    result[3] = 0
    return result, reference


@settings(deadline=None, max_examples=60)
@given(data=st.data(), shape=SHAPES)
def test_regions_are_counted_and_differences_marked_voxel_by_voxel(data, shape):
    result, reference = (data.draw(npst.arrays(np.uint8, shape, elements=st.integers(0, 3))) for _ in range(2))
    leave_out = data.draw(st.none() | npst.arrays(bool, shape))
    counted = np.ones(shape, bool) if leave_out is None else ~leave_out
    comparisons = compare_labels(result, reference, SPACING, leave_out=leave_out)
    keys = [key for key in MEMBERS if key != "airways" or (counted & (reference == 3)).any()]
    assert [comparison.key for comparison in comparisons] == keys
    for comparison in comparisons:
        called, true = (np.isin(labels, MEMBERS[comparison.key]) & counted for labels in (result, reference))
        assert (comparison.result_voxels, comparison.reference_voxels) == (called.sum(), true.sum())
        assert comparison.volume_difference_ml == pytest.approx((int(called.sum()) - int(true.sum())) * np.prod(SPACING) / 1000)
        background = counted & ~true
        assert comparison.specificity == (pytest.approx((background & ~called).sum() / background.sum()) if background.any() else None)
        if called.any() and true.any():
            assert comparison.dice == pytest.approx(2 * (called & true).sum() / (called.sum() + true.sum()))
        assert comparison.mean_error_hu is None

    missed, added = difference_masks(result, reference, leave_out)
    for index in np.ndindex(shape):
        differs = bool(counted[index] and result[index] != reference[index])
        assert missed[index] == (differs and reference[index] in (1, 2))
        assert added[index] == (differs and result[index] in (1, 2))


def test_every_figure_of_shifted_boxes():
    result, reference = boxes()
    hu = np.where(reference > 0, -850, 30).astype(np.int16)
    right = by_key(compare_labels(result, reference, SPACING, hu))["right_lung"]
    # One column too far to the left: 16 columns, 15 of them right; the first of ten slices is missing.
    airway = 5 * 3 * 2  # voxels that airways take from each lung
    true, called = 10 * 16 * 16 - airway, 9 * 16 * 16 - airway
    both = 9 * 16 * 15 - airway
    voxel_ml = np.prod(SPACING) / 1000
    assert (right.reference_voxels, right.result_voxels) == (true, called)
    assert right.reference_ml == pytest.approx(true * voxel_ml)
    assert right.volume_difference_ml == pytest.approx((called - true) * voxel_ml)
    assert right.relative_volume_difference_percent == pytest.approx(100 * (called - true) / true)
    assert right.absolute_volume_difference_percent == pytest.approx(100 * (true - called) / true)
    assert right.dice == pytest.approx(2 * both / (true + called))
    assert right.jaccard == pytest.approx(both / (true + called - both))
    assert right.sensitivity == pytest.approx(both / true) and right.false_negative_rate == pytest.approx(1 - both / true)
    assert right.precision == pytest.approx(both / called)
    assert right.false_positive_rate == pytest.approx((called - both) / (reference.size - true))
    assert right.specificity == pytest.approx(1 - right.false_positive_rate)
    # All voxels added here lie in the left lung or the airways: as dark as lung.
    assert right.mean_error_hu == pytest.approx(-850 * (called - true) / (true + called - both))
    assert right.mean_absolute_error_hu == pytest.approx(850 * (true + called - 2 * both) / (true + called - both))
    assert right.relative_mean_hu_difference_percent == pytest.approx(0.0, abs=1e-9)
    assert right.hausdorff_mm == pytest.approx(np.hypot(2.5, 0.8))
    assert right.hausdorff_95_mm == pytest.approx(2.5)
    assert right.tolerance_mm == 2.0 and 0.5 < right.surface_dice < 0.9 and 0.7 < right.average_surface_distance_mm < 1.5


def test_both_lungs_are_measured_as_one_region():
    reference = boxes()[1]
    swapped = np.where(reference == 1, 2, np.where(reference == 2, 1, reference)).astype(np.uint8)
    comparisons = by_key(compare_labels(swapped, reference, SPACING))
    assert comparisons["right_lung"].dice == comparisons["left_lung"].dice == 0.0
    both = comparisons["both_lungs"]
    assert (both.dice, both.surface_dice, both.hausdorff_mm, both.average_surface_distance_mm) == (1.0, 1.0, 0.0, 0.0)
    missed, added = difference_masks(swapped, reference)
    assert np.array_equal(missed, added) and np.array_equal(missed, (reference == 1) | (reference == 2))


@settings(deadline=None, max_examples=25)
@given(data=st.data(), shape=SHAPES)
def test_what_is_left_out_changes_nothing_whatever_the_result_holds_there(data, shape):
    result, reference, other = (data.draw(npst.arrays(np.uint8, shape, elements=st.integers(0, 3))) for _ in range(3))
    hu = data.draw(npst.arrays(np.int16, shape, elements=st.integers(-1050, 300)))
    leave_out = data.draw(npst.arrays(bool, shape))
    before = compare_labels(result, reference, SPACING, hu, leave_out)
    elsewhere_hu = np.where(leave_out, np.int16(999), hu)
    assert compare_labels(np.where(leave_out, other, result), reference, SPACING, elsewhere_hu, leave_out) == before


def test_swapping_result_and_reference_swaps_the_rates():
    result, reference = boxes()
    there, back = by_key(compare_labels(result, reference, SPACING)), by_key(compare_labels(reference, result, SPACING))
    for key in MEMBERS:
        symmetric = ("dice", "jaccard", "hausdorff_mm", "hausdorff_95_mm", "average_surface_distance_mm", "surface_dice")
        for name in symmetric:
            assert getattr(there[key], name) == pytest.approx(getattr(back[key], name))
        assert there[key].sensitivity == pytest.approx(back[key].precision)
        assert there[key].volume_difference_ml == pytest.approx(-back[key].volume_difference_ml)


def test_vessels_are_compared_where_both_maps_are_given():
    result, reference = boxes()
    vessels = np.zeros_like(reference)
    vessels[5:9, 6:9, 6:30] = 1
    vessels[5:9, 6:9, 20:30] = 2
    comparisons = compare_labels(result, reference, SPACING, result_vessels=np.roll(vessels, 1, axis=0), reference_vessels=vessels)
    assert [comparison.key for comparison in comparisons] == [*MEMBERS, "vessels"]
    assert comparisons[-1].dice == pytest.approx(0.75)
    assert comparisons[-1].hausdorff_mm == pytest.approx(2.5)
    assert comparisons[-1].reference_voxels == np.count_nonzero(vessels)
    assert "vessels" not in by_key(compare_labels(result, reference, SPACING, reference_vessels=vessels))


def test_a_missed_lung_counts_as_nothing_found_and_two_empty_ones_as_nothing_to_say():
    _, reference = boxes()
    result = np.where(reference == 1, reference, 0).astype(np.uint8)
    left = by_key(compare_labels(result, reference, SPACING))["left_lung"]
    assert (left.dice, left.jaccard, left.sensitivity, left.surface_dice, left.precision) == (0.0, 0.0, 0.0, 0.0, None)
    assert (left.hausdorff_mm, left.relative_volume_difference_percent) == (None, -100.0)
    empty = np.zeros_like(reference)
    hu = np.zeros(empty.shape, np.int16)
    comparisons = compare_labels(empty, empty, SPACING, hu)
    assert [comparison.key for comparison in comparisons] == ["right_lung", "left_lung", "both_lungs"]
    known = {"specificity": 1.0, "false_positive_rate": 0.0, "result_ml": 0.0, "reference_ml": 0.0, "volume_difference_ml": 0.0}
    known |= {"tolerance_mm": 2.0, "result_voxels": 0, "reference_voxels": 0}
    for comparison in comparisons:
        figures = dataclasses.asdict(comparison)
        assert {key: figures[key] for key in known} == known
        assert all(value is None for key, value in figures.items() if key not in {"key", "name", *known})


def test_arrays_that_do_not_fit_are_refused():
    result, reference = boxes()
    for arguments, message in (
        ({"result": result[1:]}, r"result has the shape \(15, 24, 40\)"),
        ({"result": result.astype(np.int16)}, "result is int16"),
        ({"reference": np.where(reference == 3, 7, reference).astype(np.uint8)}, "reference holds the label 7"),
        ({"voxels_hu": np.zeros((16, 24, 41), np.int16)}, "scan has the shape"),
        ({"leave_out": reference}, "leave out is uint8"),
        ({"result_vessels": result[1:]}, "result's vessels has the shape"),
        ({"spacing_zyx_mm": (0.0, 1.0, 1.0)}, "spacing is"),
        ({"tolerance_mm": -1.0}, "tolerance is -1 mm"),
    ):
        with pytest.raises(InputError, match=message):
            compare_labels(**{"result": result, "reference": reference, "spacing_zyx_mm": SPACING, **arguments})


def test_the_table_holds_every_figure():
    result, reference = boxes()
    comparisons = compare_labels(result, reference, SPACING)
    table = comparison_table(comparisons)
    assert {column.key for column in table.columns} == {field.name for field in dataclasses.fields(RegionComparison)} - {"key"}
    assert [row["name"] for row in table.rows] == ["Right lung", "Left lung", "Both lungs", "Airways"]
    for row, comparison in zip(table.rows, comparisons, strict=True):
        assert all(row[column.key] == getattr(comparison, column.key) for column in table.columns)


def test_real_scan_against_simpleitk(shared_data):
    image = sitk.ReadImage(str(shared_data / "tb1_001_ref.nii.gz"))
    reference = sitk.GetArrayFromImage(image)
    hu = sitk.GetArrayFromImage(sitk.ReadImage(str(shared_data / "tb1_001_ct.nii.gz"))).astype(np.int16)
    result = np.where(hu < -500, reference, 0).astype(np.uint8)  # a threshold loses the dense disease
    spacing = image.GetSpacing()[::-1]
    comparisons = by_key(compare_labels(result, reference, spacing, hu))
    for key, members in MEMBERS.items():
        found = comparisons[key]
        masks = []
        for labels in (result, reference):
            mask = sitk.GetImageFromArray(np.pad(np.isin(labels, members), 1).astype(np.uint8))
            mask.SetSpacing(image.GetSpacing())
            masks.append(mask)
        measures, hausdorff = sitk.LabelOverlapMeasuresImageFilter(), sitk.HausdorffDistanceImageFilter()
        measures.Execute(*masks)
        assert found.dice == pytest.approx(measures.GetDiceCoefficient(), abs=1e-6)
        assert found.jaccard == pytest.approx(measures.GetJaccardCoefficient(), abs=1e-6)
        hausdorff.Execute(*(sitk.BinaryContour(mask, fullyConnected=False) for mask in masks))
        assert found.hausdorff_mm == pytest.approx(hausdorff.GetHausdorffDistance(), rel=1e-6)
        means = []
        for mask in masks:
            statistics = sitk.LabelStatisticsImageFilter()
            scan = sitk.GetImageFromArray(np.pad(hu, 1).astype(np.float64))
            scan.CopyInformation(mask)
            statistics.Execute(scan, mask)
            means.append(statistics.GetMean(1))
        assert found.relative_mean_hu_difference_percent == pytest.approx(100 * (means[0] - means[1]) / means[1], rel=1e-6)
    assert comparisons["right_lung"].sensitivity < 0.9
