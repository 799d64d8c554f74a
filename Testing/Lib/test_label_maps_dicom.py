"""DICOM segmentations and structure sets, written by independent means from shapes with known truth, and read back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import write_series
from dicom_outlines import outlines_mm, write_structure_set
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import RLELossless, generate_uid
from skimage import measure

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.dicom.rtstruct import fill_even_odd, region_of_name
from LungSegmentationLib.io.label_maps import read_labels
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom

# By their numbers: pydicom before version 3 knows two codes of each of these names.
MASS, STRUCTURE = Code("4147007", "SCT", "Mass"), Code("91723000", "SCT", "Anatomical structure")


def _turn(degrees_xyz) -> np.ndarray:
    """Make a rotation about x, then y, then z."""
    turn = np.eye(3)
    for axis, degrees in enumerate(degrees_xyz):
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        plane = np.eye(3)
        first, second = [a for a in range(3) if a != axis]
        plane[[first, second], [first, second]] = cos
        plane[first, second], plane[second, first] = -sin, sin
        turn = plane @ turn
    return turn


DIRECTIONS = {
    "axial": np.eye(3),
    "feet first": np.diag([-1.0, 1.0, -1.0]),
    "coronal": np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]]),
    "oblique": _turn((17, -9, 23)),
}


@pytest.fixture(scope="module", params=list(DIRECTIONS))
def scan(request, tmp_path_factory):
    """Give a folder with a phantom's CT series, the series as it is read, and its true labels in the same axis order."""
    phantom = make_phantom(shape_zyx=(20, 36, 40), spacing_zyx_mm=(12.0, 9.0, 8.5), seed=3)
    folder, direction = tmp_path_factory.mktemp("scan"), DIRECTIONS[request.param]
    spacing = (9.0, 8.5)
    positions = np.array([-120.5, -98.25, 300.0]) + np.arange(20)[:, None] * 12.0 * direction[:, 2]

    def edit(dataset, _index):
        dataset.PixelSpacing = list(spacing)
        dataset.SliceThickness = 12
        dataset.FrameOfReferenceUID = "1.2.3.9"
        dataset.PatientSex, dataset.StudyID, dataset.AccessionNumber, dataset.ReferringPhysicianName = "O", "1", "", ""
        dataset.StudyDate, dataset.StudyTime = "20200101", "120000"

    write_series(folder / "ct", phantom.volume.voxels_hu, positions, direction, edit=edit)
    return folder / "ct", read_ct(folder / "ct"), phantom.labels


def _segmentation(folder: Path, masks, descriptions, kind="BINARY", **options):
    """Write a segmentation of a CT series with highdicom; ``masks`` are bool or float, one for each description."""
    hd = pytest.importorskip("highdicom", reason="highdicom is not installed (no version runs on Slicer 5.10's pydicom and numpy)")
    sources = sorted((pydicom.dcmread(path) for path in folder.glob("*.dcm")), key=lambda header: header.InstanceNumber)
    segments = [
        hd.seg.SegmentDescription(number, name, STRUCTURE, code, hd.seg.SegmentAlgorithmTypeValues.MANUAL, tracking_uid=None)
        for number, (name, code, _modifier) in enumerate(descriptions, 1)
    ]
    for segment, (_name, _code, modifier) in zip(segments, descriptions, strict=True):
        if modifier is not None:
            item = hd.sr.CodedConcept(modifier.value, modifier.scheme_designator, modifier.meaning)
            segment.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = [item]
    return hd.seg.Segmentation(
        sources,
        np.stack(masks, axis=-1),
        kind,
        segments,
        "1.2.3.77",
        1,
        generate_uid(),
        1,
        "maker",
        "model",
        "1",
        "7",
        **options,
    )


SIDES = (("Right lung", codes.SCT.Lung, codes.SCT.Right), ("Left lung", codes.SCT.Lung, codes.SCT.Left))
AIRWAYS = ("Airways", codes.SCT.TracheaAndBronchus, None)
TUMOUR = ("Tumour", MASS, None)


def _masks(labels, order):
    return [labels == label for label in order]


@pytest.mark.parametrize("kind", ["sparse", "full", "compressed", "fractional", "label map"])
def test_a_segmentation_gives_the_true_labels(kind, scan, tmp_path):
    folder, volume, labels = scan
    masks = [*_masks(labels, (2, 3, 1)), labels > 0]  # the tumour lies over everything, and is not lung
    descriptions = (SIDES[1], AIRWAYS, SIDES[0], TUMOUR)
    syntax = {"transfer_syntax_uid": RLELossless} if kind == "compressed" else {}
    if kind in ("fractional", "compressed"):
        shares = [np.where(mask, 0.7, 0.3) for mask in masks]
        written = _segmentation(folder, shares, descriptions, "FRACTIONAL", max_fractional_value=200, **syntax)
    elif kind == "label map":
        written = _segmentation(folder, masks[:3], descriptions[:3], "LABELMAP")
    else:
        written = _segmentation(folder, [m.astype(np.uint8) for m in masks], descriptions, omit_empty_frames=kind == "sparse")
    written.save_as(tmp_path / "seg.dcm")
    np.testing.assert_array_equal(read_labels(tmp_path / "seg.dcm", volume), labels)
    np.testing.assert_array_equal(read_labels(tmp_path, volume), labels)


def test_numbers_name_segments_without_codes_and_frames_may_come_in_any_order(scan, tmp_path):
    folder, volume, labels = scan
    written = _segmentation(folder, [m.astype(np.uint8) for m in _masks(labels, (1, 2))], (TUMOUR, TUMOUR))
    frames = np.unpackbits(np.frombuffer(written.PixelData, np.uint8), bitorder="little")[: written.NumberOfFrames * 36 * 40]
    order = np.random.default_rng(0).permutation(written.NumberOfFrames)
    written.PixelData = np.packbits(frames.reshape(-1, 36 * 40)[order], bitorder="little").tobytes()
    written.PerFrameFunctionalGroupsSequence = [written.PerFrameFunctionalGroupsSequence[index] for index in order]
    written.save_as(tmp_path / "seg.dcm")
    expected = np.where(labels == 3, 0, labels)
    np.testing.assert_array_equal(read_labels(tmp_path / "seg.dcm", volume, {1: "right_lung", 2: "left_lung"}), expected)
    with pytest.raises(InputError, match=r"no segment coded as right or left lung .*1 Tumour \(Mass\), 2 Tumour \(Mass\); .*--labels-map"):
        read_labels(tmp_path / "seg.dcm", volume)
    with pytest.raises(InputError, match=r"no segment 3; --labels-map may name those that it has: 1 Tumour"):
        read_labels(tmp_path / "seg.dcm", volume, {3: "right_lung"})


def test_old_codes_are_understood_and_frames_of_odd_size_are_not_shifted(tmp_path):
    """Frames of 5 by 7 pixels do not end at whole bytes."""
    masks = np.random.default_rng(1).random((2, 4, 5, 7)) < 0.5
    masks[1] &= ~masks[0]
    hu = np.where(masks[0], -800, 40).astype(np.int16)

    def edit(dataset, _index):
        dataset.FrameOfReferenceUID = "1.2.3.9"
        dataset.PatientSex, dataset.StudyID, dataset.AccessionNumber, dataset.ReferringPhysicianName = "O", "1", "", ""
        dataset.StudyDate, dataset.StudyTime = "20200101", "120000"

    write_series(tmp_path / "ct", hu, edit=edit)
    written = _segmentation(tmp_path / "ct", [mask.astype(np.uint8) for mask in masks], SIDES)
    for segment, side in zip(written.SegmentSequence, ("G-A100", "G-A101"), strict=True):
        kind = segment.SegmentedPropertyTypeCodeSequence[0]
        kind.CodeValue, kind.CodingSchemeDesignator = "T-28000", "SRT"
        kind.SegmentedPropertyTypeModifierCodeSequence[0].CodeValue = side
    written.save_as(tmp_path / "seg.dcm")
    np.testing.assert_array_equal(read_labels(tmp_path / "seg.dcm", read_ct(tmp_path / "ct")), masks[0] + 2 * masks[1])


def test_segmentations_of_another_grid_or_of_more_than_the_scan_and_damaged_ones_are_refused(scan, tmp_path):
    folder, volume, labels = scan
    path = tmp_path / "seg.dcm"
    _segmentation(folder, [m.astype(np.uint8) for m in _masks(labels, (1, 2))], SIDES).save_as(path)
    x, y, z = volume.origin_lps_mm
    with pytest.raises(InputError, match="another grid"):
        read_labels(path, replace(volume, origin_lps_mm=(x + 3, y, z)))
    some = np.flatnonzero((labels == 1).any(axis=(1, 2)))
    x, y, z = np.array(volume.origin_lps_mm) + (some[0] + 3) * 12.0 * volume.direction_lps[:, 2]
    part = replace(volume, voxels_hu=volume.voxels_hu[some[0] + 3 :], origin_lps_mm=(x, y, z))
    with pytest.raises(InputError, match="voxels beyond the scan"):
        read_labels(path, part)
    content = path.read_bytes()
    (tmp_path / "cut.dcm").write_bytes(content[:-600])
    with pytest.raises(InputError, match=r"cut\.dcm .*(cut short|damaged)"):
        read_labels(tmp_path / "cut.dcm", volume)
    with pytest.raises(InputError, match="holds 2 DICOM segmentations"):
        read_labels(tmp_path, volume)
    with pytest.raises(InputError, match="neither a segmentation"):
        read_labels(next(folder.glob("*.dcm")), volume)
    with pytest.raises(InputError, match="holds no DICOM"):
        read_labels(folder, volume)


def test_a_real_tumour_segmentation_is_no_lung(shared_data):
    folder = shared_data / "dicom" / "qin_LUNG010007_ct_plus_seg"
    volume = read_ct(folder)
    with pytest.raises(InputError, match=r"its segments are: 1 Segmentation \(Mass\)"):
        read_labels(folder, volume)


def test_a_real_segmentation_lies_where_the_tumour_of_the_reference_is(shared_data):
    """The file's 118 frames are placed on a scan that is halved in the plane, so on its doubled grid."""
    import SimpleITK as sitk

    folder = shared_data / "dicom" / "qin_LUNG010007_ct_plus_seg"
    tumour = sitk.ReadImage(str(shared_data / "qin_LUNG010007_tumour.nii.gz"))
    halved = sitk.GetArrayFromImage(tumour) > 0
    x_mm, y_mm, z_mm = tumour.GetSpacing()
    x, y, z = tumour.GetOrigin()
    whole = np.zeros((len(halved), 2 * halved.shape[1], 2 * halved.shape[2]), np.int16)
    grid = read_ct(folder)
    volume = replace(grid, voxels_hu=whole, spacing_zyx_mm=(z_mm, y_mm / 2, x_mm / 2), origin_lps_mm=(x - x_mm / 4, y - y_mm / 4, z))
    found = read_labels(folder, volume, {1: "right_lung"}) == 1
    assert np.count_nonzero(found) == 6845
    expected = halved.repeat(2, axis=1).repeat(2, axis=2)
    dice = 2 * np.count_nonzero(found & expected) / (np.count_nonzero(found) + np.count_nonzero(expected))
    assert dice > 0.8


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR"])
def test_a_structure_set_gives_the_true_labels_with_their_holes(kind, scan, tmp_path):
    _folder, volume, labels = scan
    regions = [
        (7, "Lung_R", outlines_mm(labels == 1, volume)),
        (3, "left  LUNG", outlines_mm(labels == 2, volume)),
        (4, "Airways", outlines_mm(labels == 3, volume)),
        (1, "BODY", outlines_mm(np.ones_like(labels), volume)[:2]),
    ]
    write_structure_set(tmp_path / "rt.dcm", regions, kind)
    np.testing.assert_array_equal(read_labels(tmp_path / "rt.dcm", volume), labels)
    np.testing.assert_array_equal(read_labels(tmp_path, volume, {7: "left_lung"}), np.where(labels == 1, 2, 0))


def test_a_structure_set_is_filled_on_a_nifti_of_the_scan_in_another_axis_order(scan, tmp_path):
    import SimpleITK as sitk

    _folder, volume, labels = scan
    write_structure_set(tmp_path / "rt.dcm", [(n, name, outlines_mm(labels == n, volume)) for n, name in ((1, "RLung"), (2, "LLung"))])
    write_nifti(np.where(labels == 3, 0, labels), volume, tmp_path / "truth.nii.gz")
    write_nifti(volume.voxels_hu, volume, tmp_path / "ct.nii.gz")
    for name in ("truth", "ct"):
        image = sitk.PermuteAxes(sitk.Flip(sitk.ReadImage(str(tmp_path / f"{name}.nii.gz")), [True, False, True]), [2, 0, 1])
        sitk.WriteImage(image, str(tmp_path / f"{name}.nrrd"))
    turned = read_ct(tmp_path / "ct.nrrd")
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "truth.nrrd")))
    np.testing.assert_array_equal(read_labels(tmp_path / "rt.dcm", turned), expected)


def test_structure_sets_that_are_no_lungs_or_of_another_scan_are_refused(scan, tmp_path):
    _folder, volume, labels = scan
    path = tmp_path / "rt.dcm"
    outlines = outlines_mm(labels == 1, volume)
    write_structure_set(path, [(5, "GTV lung", outlines), (6, "Lungs", outlines)])
    with pytest.raises(InputError, match=r"its regions are: 5 GTV lung, 6 Lungs; .*--labels-map"):
        read_labels(path, volume)
    with pytest.raises(InputError, match=r"no region 9; .*5 GTV lung, 6 Lungs"):
        read_labels(path, volume, {9: "left_lung"})
    write_structure_set(path, [(5, "Lung_R", outlines)])
    normal = volume.direction_lps[:, 2]
    between = replace(volume, origin_lps_mm=tuple(np.array(volume.origin_lps_mm) + 5.0 * normal))
    finer = replace(volume, voxels_hu=np.repeat(volume.voxels_hu, 2, axis=0), spacing_zyx_mm=(6.0, *volume.spacing_zyx_mm[1:]))
    tilted = replace(volume, direction_lps=_turn((6, 0, 0)) @ volume.direction_lps)
    some = int(np.flatnonzero((labels == 1).any(axis=(1, 2)))[-1])
    shorter = replace(volume, voxels_hu=volume.voxels_hu[:some])
    for other, words in ((between, "do not lie in the slices"), (finer, "in one of 2 slices"), (shorter, "beyond the slices")):
        with pytest.raises(InputError, match=words):
            read_labels(path, other)
    with pytest.raises(InputError, match="do not lie in the slices"):
        read_labels(path, tilted)
    write_structure_set(path, [(5, "Lung_R", outlines)], "POINT")
    with pytest.raises(InputError, match="no voxel of the right or left lung"):
        read_labels(path, volume)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(0, 10_000))
def test_filling_is_the_exclusive_or_of_the_polygons(count, seed):
    """Corners lie anywhere, also far outside; no centre lies on an edge, where conventions differ."""
    random = np.random.default_rng(seed)
    shape = (int(random.integers(1, 14)), int(random.integers(1, 14)))
    polygons = [random.uniform(-5, 18, (int(random.integers(3, 9)), 2)) for _ in range(count)]
    centres = np.argwhere(np.ones(shape, bool)).astype(float)
    expected = np.zeros(shape, bool)
    for polygon in polygons:
        expected ^= measure.points_in_poly(centres, polygon).reshape(shape)
    np.testing.assert_array_equal(fill_even_odd(polygons, shape), expected)


def test_regions_that_share_a_border_through_centres_share_no_pixel():
    left, right = np.array([[0, 0], [0, 2], [4, 2], [4, 0]]), np.array([[0, 2], [0, 5], [4, 5], [4, 2]])
    together = fill_even_odd([left.astype(float)], (6, 6)).astype(int) + fill_even_odd([right.astype(float)], (6, 6))
    np.testing.assert_array_equal(together, np.pad(np.ones((4, 5), int), ((0, 2), (0, 1))))


@pytest.mark.parametrize(
    ("name", "region"),
    [
        *((name, "right_lung") for name in ("Lung_R", "Right Lung", "LUNG RT", "r-lung", "LungRight", "Lungs_R", "lung, right")),
        *((name, "left_lung") for name in ("Lung_L", "Lung Left", "LLung", "lt lung", "LEFT_LUNG")),
        *((name, "airways") for name in ("Airways", "airway", "Trachea and bronchi", "Tracheobronchial tree")),
        *((name, None) for name in ("Lungs", "Lung", "Lung_R_PRV", "GTV_Lung_R", "Lung-GTV", "Trachea", "Lung RUL", "", "Liver")),
    ],
)
def test_names_of_regions(name, region):
    assert region_of_name(name) == region
