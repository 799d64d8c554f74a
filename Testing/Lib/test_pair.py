"""A result beside its reference: known mistakes in a phantom are found again, whatever files both come in."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from dicom_outlines import outlines_mm, write_structure_set
from scipy import ndimage

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.evaluation.pair import evaluate_pair
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.output.seg_nrrd import write_seg_nrrd
from LungSegmentationLib.phantom import make_phantom

KEYS = ("right_lung", "left_lung", "both_lungs", "airways")


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(40, 60, 64), orientation="RAS", seed=6)


@pytest.fixture(scope="module")
def mistaken(phantom):
    """Give the true labels with a part of the right lung missed, the left one's as right, and a block added in the body."""
    labels = phantom.labels.copy()
    right, left = (np.argwhere(phantom.labels == side) for side in (1, 2))
    missed, swapped = right[: len(right) // 10], left[: len(left) // 20]
    body = np.argwhere((phantom.labels == 0) & (phantom.volume.voxels_hu > -100))[:300]
    labels[tuple(missed.T)], labels[tuple(swapped.T)], labels[tuple(body.T)] = 0, 1, 2
    counts = {"missed": len(missed), "swapped": len(swapped), "added": len(body)}
    return labels, counts


@pytest.fixture(scope="module")
def files(phantom, mistaken, tmp_path_factory):
    """Give a folder with the scan, its true labels in several formats, and a result folder."""
    folder = tmp_path_factory.mktemp("pair")
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "ct.nii.gz")
    write_nifti(phantom.labels, phantom.volume, folder / "truth.nii.gz")
    used = [np.flatnonzero(phantom.labels.any(axis=other)) for other in ((1, 2), (0, 2), (0, 1))]
    box = tuple(slice(int(index[0]), int(index[-1]) + 1) for index in used)
    part = sitk.ReadImage(str(folder / "truth.nii.gz"))[box[2], box[1], box[0]]
    cropped = type(phantom.volume)(
        phantom.volume.voxels_hu[box], phantom.volume.spacing_zyx_mm, part.GetOrigin(), phantom.volume.direction_lps
    )
    write_seg_nrrd([(phantom.labels[box], {region.label: region for region in REGIONS})], cropped, folder / "truth.seg.nrrd")
    sitk.WriteImage(sitk.DICOMOrient(sitk.ReadImage(str(folder / "truth.nii.gz")), "PSL"), str(folder / "turned.nrrd"))
    vessels = np.isin(phantom.structures, (31, 41)).astype(np.uint8)
    for name, labels in (("result", mistaken[0]), ("reference", phantom.labels)):
        (folder / name).mkdir()
        write_nifti(labels, phantom.volume, folder / name / "labels.nii.gz")
        write_nifti(vessels * (labels % 3), phantom.volume, folder / name / "vessels.nii.gz")
    return folder


@pytest.mark.parametrize("reference", ["truth.nii.gz", "truth.seg.nrrd", "turned.nrrd", "reference"])
@pytest.mark.parametrize("ct", [None, "ct.nii.gz"])
def test_known_mistakes_are_counted(reference, ct, phantom, mistaken, files):
    labels, counts = mistaken
    pair = evaluate_pair(files / "result", files / reference, ct and files / ct)
    np.testing.assert_array_equal(pair.result, labels)
    np.testing.assert_array_equal(pair.reference, phantom.labels)
    assert np.count_nonzero(pair.difference == 1) == counts["missed"]
    assert np.count_nonzero(pair.difference == 2) == counts["added"]
    assert np.count_nonzero(pair.difference == 3) == counts["swapped"]
    assert [c.key for c in pair.comparisons][:4] == list(KEYS)
    for comparison, label in zip(pair.comparisons, (1, 2), strict=False):
        both = np.count_nonzero((labels == label) & (phantom.labels == label))
        assert comparison.dice == pytest.approx(2 * both / (np.count_nonzero(labels == label) + np.count_nonzero(phantom.labels == label)))
        assert comparison.reference_ml == pytest.approx(phantom.volumes_ml()[f"label:{comparison.key}"], rel=1e-6)
    assert pair.comparisons[3].dice == 1.0
    assert ("vessels" in [c.key for c in pair.comparisons]) == (reference == "reference")
    assert pair.has_ct == (ct is not None)
    assert (pair.comparisons[0].mean_error_hu is not None) == pair.has_ct
    assert pair.name == ("ct" if ct else "result")
    assert pair.volume.spacing_zyx_mm == pytest.approx(phantom.volume.spacing_zyx_mm)
    assert (pair.warnings, pair.histogram, pair.leave_out) == ((), None, None)


def test_what_is_left_out_counts_nowhere(phantom, mistaken, files, tmp_path):
    labels, _ = mistaken
    wrong = labels != phantom.labels
    write_nifti((wrong * 255).astype(np.uint8), phantom.volume, tmp_path / "doubt.nii.gz")
    pair = evaluate_pair(files / "result", files / "truth.nii.gz", doubt_path=tmp_path / "doubt.nii.gz")
    assert [c.dice for c in pair.comparisons] == [1.0] * 4
    assert not pair.difference.any()
    np.testing.assert_array_equal(pair.leave_out, wrong)


@pytest.mark.parametrize("kind", ["float", "bytes", "scaled", "turned"])
def test_a_probability_map_gives_the_curves_of_an_exact_count(kind, phantom, files, tmp_path):
    lungs = (phantom.labels == 1) | (phantom.labels == 2)
    values = np.random.default_rng(2).integers(0, 256, lungs.shape).astype(np.uint8) // 2 + 100 * lungs.astype(np.uint8)
    image = sitk.GetImageFromArray(values)
    image.CopyInformation(sitk.ReadImage(str(files / "truth.nii.gz")))
    path = tmp_path / "probability.nii.gz"
    if kind in ("float", "turned"):
        image = sitk.Cast(image, sitk.sitkFloat32) / 255
    if kind == "turned":
        image, path = sitk.DICOMOrient(image, "SRP"), tmp_path / "probability.mha"
    sitk.WriteImage(image, str(path))
    if kind == "scaled":
        content = bytearray(__import__("gzip").decompress(path.read_bytes()))
        content[112:120] = np.array([1 / 255, 0], "<f4").tobytes()  # scl_slope and scl_inter of NIfTI-1
        path = tmp_path / "scaled.nii"
        path.write_bytes(content)
    pair = evaluate_pair(files / "result", files / "truth.nii.gz", probability_path=path)
    positives, negatives = (np.bincount(values[mask], minlength=256) for mask in (lungs, ~lungs))
    below = np.cumsum(negatives) - negatives
    auc = (positives * (below + negatives / 2)).sum() / (positives.sum() * negatives.sum())
    assert pair.histogram.curves().auc == pytest.approx(auc, abs=1e-9)
    assert pair.histogram.positives.sum() == lungs.sum()


@pytest.mark.parametrize(("value", "words"), [(300, "from 0 to 300"), (-1, "from -1 to 0"), (float("nan"), "to nan")])
def test_numbers_that_are_no_probabilities_are_refused(value, words, files, tmp_path):
    image = sitk.Cast(sitk.ReadImage(str(files / "truth.nii.gz")), sitk.sitkFloat32) * 0
    image[3, 3, 3] = value
    sitk.WriteImage(image, str(tmp_path / "map.nrrd"))
    with pytest.raises(InputError, match=words):
        evaluate_pair(files / "result", files / "truth.nii.gz", probability_path=tmp_path / "map.nrrd")


def _on_finer_grid(path: Path, target: Path, shift_mm: float = 0.0) -> None:
    """Split every voxel in two along each axis; the voxels cover the same places."""
    image = sitk.ReadImage(str(path))
    array = sitk.GetArrayFromImage(image).repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2)
    finer = sitk.GetImageFromArray(array)
    spacing = np.array(image.GetSpacing()) / 2
    finer.SetSpacing(spacing)
    finer.SetDirection(image.GetDirection())
    start = image.TransformContinuousIndexToPhysicalPoint([-0.25] * 3)
    finer.SetOrigin(np.array(start) + shift_mm)
    sitk.WriteImage(finer, str(target))


def test_other_grids_are_refused_or_resampled_onto_the_references(phantom, mistaken, files, tmp_path):
    labels, counts = mistaken
    _on_finer_grid(files / "truth.nii.gz", tmp_path / "truth.nii.gz")
    with pytest.raises(InputError, match=r"truth\.nii\.gz lies on another grid than the label map labels\.nii\.gz: .*--resample"):
        evaluate_pair(files / "result", tmp_path / "truth.nii.gz")
    pair = evaluate_pair(files / "result", tmp_path / "truth.nii.gz", files / "ct.nii.gz", resample=True)
    assert pair.reference.shape == tuple(2 * size for size in labels.shape)
    assert np.count_nonzero(pair.difference == 1) == 8 * counts["missed"]  # every voxel's eight parts, exactly
    assert np.count_nonzero(pair.difference == 3) == 8 * counts["swapped"]
    np.testing.assert_array_equal(pair.result[::2, 1::2, ::2], labels)
    assert len(pair.warnings) == 2
    assert "labels.nii.gz lies on another grid than the reference truth.nii.gz: the nearest voxels were taken" in pair.warnings[1]
    assert "ct lies on another grid" in pair.warnings[0]
    inside = ndimage.binary_erosion(phantom.labels == 1, iterations=2)
    found = pair.volume.voxels_hu[inside.repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2)].mean()
    assert found == pytest.approx(phantom.volume.voxels_hu[inside].mean(), abs=5)


def test_the_result_is_resampled_onto_the_scan_where_only_it_lies_elsewhere(phantom, mistaken, files, tmp_path):
    _on_finer_grid(files / "result" / "labels.nii.gz", tmp_path / "labels.nii.gz")
    for reference in ("truth.nii.gz", "truth.seg.nrrd"):
        pair = evaluate_pair(tmp_path / "labels.nii.gz", files / reference, files / "ct.nii.gz", resample=True)
        assert pair.reference.shape == phantom.labels.shape
        np.testing.assert_array_equal(pair.reference, phantom.labels)
        assert pair.comparisons[2].dice > 0.9
        assert len(pair.warnings) == 1
    with pytest.raises(InputError, match="another grid than the scan ct"):
        evaluate_pair(tmp_path / "labels.nii.gz", files / "truth.nii.gz", files / "ct.nii.gz")


def test_what_a_result_adds_beyond_a_cropped_segmentation_counts_also_when_resampled(mistaken, files, tmp_path):
    """The segmentation's file ends where its segments end; beyond is background."""
    _, counts = mistaken
    _on_finer_grid(files / "result" / "labels.nii.gz", tmp_path / "labels.nii.gz", shift_mm=0.01)
    image = sitk.ReadImage(str(tmp_path / "labels.nii.gz"))
    pair = evaluate_pair(tmp_path / "labels.nii.gz", files / "truth.seg.nrrd", resample=True)
    found_ml = pair.comparisons[2].result_ml
    stored_ml = np.isin(sitk.GetArrayFromImage(image), (1, 2)).sum() * np.prod(image.GetSpacing()) / 1000
    assert found_ml == pytest.approx(stored_ml, rel=0.01)
    assert np.count_nonzero(pair.difference == 2) == pytest.approx(counts["added"], rel=0.1)


def test_labels_maps_belong_to_their_own_side(phantom, mistaken, files, tmp_path):
    write_nifti(np.array([0, 20, 10, 30], np.uint8)[phantom.labels], phantom.volume, tmp_path / "other.nii.gz")
    with pytest.raises(InputError, match="--reference-labels-map"):
        evaluate_pair(files / "result", tmp_path / "other.nii.gz")
    with pytest.raises(InputError, match="--labels-map"):
        evaluate_pair(tmp_path / "other.nii.gz", files / "truth.nii.gz")
    mapping = {20: "right_lung", 10: "left_lung", 30: "airways"}
    pair = evaluate_pair(files / "result", tmp_path / "other.nii.gz", reference_labels_map=mapping)
    np.testing.assert_array_equal(pair.reference, phantom.labels)
    pair = evaluate_pair(tmp_path / "other.nii.gz", files / "truth.nii.gz", labels_map=mapping)
    assert [c.dice for c in pair.comparisons] == [1.0] * 4


def test_an_empty_result_is_the_worst_and_an_empty_reference_an_error(phantom, files, tmp_path):
    write_nifti(np.zeros_like(phantom.labels), phantom.volume, tmp_path / "empty.nii.gz")
    pair = evaluate_pair(tmp_path / "empty.nii.gz", files / "truth.nii.gz")
    assert [c.dice for c in pair.comparisons] == [0.0] * 4
    assert "empty.nii.gz holds no voxel" in pair.warnings[0]
    with pytest.raises(InputError, match=r"empty\.nii\.gz holds no voxel"):
        evaluate_pair(files / "result", tmp_path / "empty.nii.gz")


def test_two_segmentations_without_a_whole_grid_are_compared_where_either_has_voxels(phantom, mistaken, files, tmp_path):
    labels, counts = mistaken
    write_seg_nrrd([(labels, {region.label: region for region in REGIONS})], phantom.volume, tmp_path / "result.seg.nrrd")
    for result, reference, kind in (("result.seg.nrrd", "truth.seg.nrrd", "missed"), ("truth.seg.nrrd", "result.seg.nrrd", "added")):
        paths = [next(folder / name for folder in (files, tmp_path) if (folder / name).exists()) for name in (result, reference)]
        pair = evaluate_pair(*paths)
        assert np.count_nonzero(pair.difference == 1) == counts[kind]
        assert np.count_nonzero(pair.difference == 3) == counts["swapped"]


def test_a_structure_set_is_a_reference_on_the_grid_of_scan_or_result(phantom, mistaken, files, tmp_path):
    _, counts = mistaken
    regions = [(n, name, outlines_mm(phantom.labels == n, phantom.volume)) for n, name in ((1, "one"), (2, "two"), (3, "three"))]
    write_structure_set(tmp_path / "rt.dcm", regions)
    mapping = {1: "right_lung", 2: "left_lung", 3: "airways"}
    for ct in (None, files / "ct.nii.gz"):
        pair = evaluate_pair(files / "result", tmp_path / "rt.dcm", ct, reference_labels_map=mapping)
        np.testing.assert_array_equal(pair.reference, phantom.labels)
        assert np.count_nonzero(pair.difference == 1) == counts["missed"]
    with pytest.raises(InputError, match=r"1 one, 2 two, 3 three; .*--reference-labels-map"):
        evaluate_pair(files / "result", tmp_path / "rt.dcm")
    with pytest.raises(InputError, match="--ct"):
        evaluate_pair(files / "truth.seg.nrrd", tmp_path / "rt.dcm", reference_labels_map=mapping)


def test_a_real_pair_agrees_with_an_independent_count(shared_data):
    """The shared reference of one scan against itself opened by a voxel."""
    reference = shared_data / "tb1_002_ref.nii.gz"
    pair = evaluate_pair(reference, reference, shared_data / "tb1_002_ct.nii.gz")
    truth = sitk.GetArrayFromImage(sitk.ReadImage(str(reference)))
    hu = sitk.GetArrayFromImage(sitk.ReadImage(str(shared_data / "tb1_002_ct.nii.gz")))
    np.testing.assert_array_equal(pair.reference, truth)
    np.testing.assert_array_equal(pair.volume.voxels_hu, hu)
    for comparison in pair.comparisons:
        assert (comparison.dice, comparison.hausdorff_mm, comparison.mean_error_hu) == (1.0, 0.0, 0.0)
