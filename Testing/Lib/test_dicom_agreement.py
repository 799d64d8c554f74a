"""A DICOM series is checked as a whole: what differs between its slices is put right with a warning, or refused with which."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import ORIGIN_LPS_MM, positions_along_normal, set_pixels, write_series
from malformed.dicom_parts import small_scan
from pydicom.dataset import FileDataset
from pydicom.uid import RLELossless, generate_uid

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.dicom.image_type import Flavour, flavour_of
from LungSegmentationLib.io.scans import read_ct

BODY = small_scan().volume.voxels_hu  # 6 slices
LONG = np.concatenate([BODY, BODY[::-1]])  # 12 slices: next to each other they are alike
MIP = ["DERIVED", "SECONDARY", "AXIAL", "MIP"]


def write(folder: Path, voxels_hu: np.ndarray = LONG, of: Callable[[int], dict[str, Any]] = lambda index: {}, **options: Any) -> None:
    """Write a series; ``of(index)`` gives the values that a slice has of its own, None for one that it lacks."""

    def edit(dataset: FileDataset, index: int) -> None:
        dataset.FrameOfReferenceUID, dataset.SeriesNumber, dataset.ConvolutionKernel = "1.2.3.99", 2, "B30f"
        for keyword, value in of(index).items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)

    write_series(folder, voxels_hu, edit=edit, **options)


def some(which: range, **values: Any) -> Callable[[int], dict[str, Any]]:
    return lambda index: values if index in which else {}


def with_pixels(stored: Callable[[int], np.ndarray], which: range, **values: Any) -> Callable[[FileDataset, int], None]:
    def edit(dataset: FileDataset, index: int) -> None:
        if index in which:
            set_pixels(dataset, stored(index).astype(np.int16))
            for keyword, value in values.items():
                setattr(dataset, keyword, value) if value is not None else delattr(dataset, keyword)

    return edit


# --- rescaling ---


@pytest.mark.parametrize("missing", [("RescaleSlope", "RescaleIntercept"), ("RescaleIntercept",)])
@pytest.mark.parametrize("which", [range(3, 7), range(5), range(0, 12, 2)])
def test_slices_without_rescaling_take_that_of_their_neighbours(tmp_path: Path, missing, which) -> None:
    write(tmp_path, of=some(which, **dict.fromkeys(missing)))
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, LONG)
    assert f"missing in {len(which)} of 12 slices" in volume.warnings[0] and f"{len(which)} took the values of their" in volume.warnings[0]


def test_slices_without_rescaling_that_hold_hounsfield_units_keep_them(tmp_path: Path) -> None:
    both = {"RescaleSlope": None, "RescaleIntercept": None}
    write_series(tmp_path, LONG, edit=with_pixels(lambda index: LONG[index], range(4, 9), **both))
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, LONG) and "5 hold Hounsfield units as they are" in volume.warnings[0]


def test_compressed_slices_without_rescaling_are_mended_too(tmp_path: Path) -> None:
    def edit(dataset: FileDataset, index: int) -> None:
        if index in (5, 6):
            del dataset.RescaleSlope, dataset.RescaleIntercept
        dataset.compress(RLELossless, generate_instance_uid=False)

    write_series(tmp_path, LONG, edit=edit)
    assert np.array_equal(read_ct(tmp_path).voxels_hu, LONG)


def test_where_pixels_do_not_tell_the_rescaling_the_series_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(-1024, 1024, (6, 20, 24)).astype(np.int16)
    write(tmp_path, noise, some(range(2, 4), RescaleSlope=None, RescaleIntercept=None))
    with pytest.raises(InputError, match=r"missing in 2 of 6 slices, and the pixels of 2 of them \(slice002\.dcm, slice003\.dcm\)"):
        read_ct(tmp_path)


def test_a_rescaling_that_contradicts_the_pixels_is_refused_and_one_of_its_own_is_not(tmp_path: Path) -> None:
    write(tmp_path / "wrong", of=some(range(4, 7), RescaleIntercept=0))
    with pytest.raises(
        InputError, match=r"3 of 12 slices \(slice004\.dcm, slice005\.dcm, slice006\.dcm\) have rescale slope 1 and intercept 0"
    ):
        read_ct(tmp_path / "wrong")
    write_series(tmp_path / "own", LONG, edit=with_pixels(lambda index: LONG[index] - 500, range(4, 7), RescaleIntercept=500))
    volume = read_ct(tmp_path / "own")
    assert np.array_equal(volume.voxels_hu, LONG) and volume.warnings == ()


# --- kinds of images ---


@pytest.mark.parametrize(
    ("values", "text", "flavour"),
    [
        (["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"], "Thorax 1.0 B30f", Flavour.ORIGINAL),
        (["ORIGINAL", "PRIMARY", "AXIAL"], "for MIP", Flavour.UNKNOWN),
        (["ORIGINAL", "PRIMARY", "AXIAL", "HELIX"], "hemipelvis", Flavour.ORIGINAL),
        ([], "", Flavour.UNKNOWN),
        (["DERIVED", "SECONDARY", "MPR"], "", Flavour.DERIVED),
        (["DERIVED", "SECONDARY", "AXIAL", "CT_SOM5 MIP"], "", Flavour.PROJECTION),
        (["DERIVED", "SECONDARY", "AXIAL", "MIN_IP"], "", Flavour.PROJECTION),
        (["DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"], "", Flavour.PROJECTION),
        (["DERIVED", "PRIMARY", "VOLUME", "MAXIMUM"], "", Flavour.PROJECTION),
        (["DERIVED", "SECONDARY"], "AIP 5 mm", Flavour.PROJECTION),
        ([], "MinIP cor", Flavour.PROJECTION),
        (["ORIGINAL", "PRIMARY", "LOCALIZER"], "", Flavour.SCOUT),
        (["DERIVED", "SECONDARY", "SCOUT"], "", Flavour.SCOUT),
    ],
)
def test_what_an_image_is(values, text, flavour) -> None:
    assert flavour_of(values, (text,)) is flavour


@pytest.mark.parametrize("image_type", [MIP, ["DERIVED", "SECONDARY", "AXIAL"], ["DERIVED", "SECONDARY", "OTHER", "MINIP"], None])
def test_the_original_is_read_though_a_derived_series_has_more_slices(tmp_path: Path, image_type) -> None:
    write(tmp_path / "scan", BODY, series_uid="1.2.1")
    own = {"ImageType": image_type, "SeriesNumber": 5, "SeriesDescription": "Secret Person AIP"}
    write(tmp_path / "more", LONG, lambda index: own, series_uid="1.2.2", positions=positions_along_normal(12, 1.25))
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, BODY)
    assert "read series 2 (6 slices of 2.5 mm), not series 5 (12 slices of 1.25 mm" in volume.warnings[0] and "Secret" not in repr(volume)
    asked = read_ct(tmp_path, series_uid="5")
    assert np.array_equal(asked.voxels_hu, LONG)
    assert image_type != MIP or "the images are projections" in asked.warnings[0]


def test_a_derived_scan_is_read_where_the_original_is_a_few_slices_only(tmp_path: Path) -> None:
    write(tmp_path / "monitoring", BODY[:2], series_uid="1.2.1")
    write(tmp_path / "scan", LONG, lambda index: {"ImageType": ["DERIVED", "SECONDARY"], "SeriesNumber": 5}, series_uid="1.2.2")
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, LONG) and "marked as derived" in volume.warnings[1]


def test_a_folder_of_projections_is_refused_unless_they_are_asked_for(tmp_path: Path) -> None:
    write(tmp_path, LONG, lambda index: {"ImageType": MIP})
    with pytest.raises(InputError, match=r"only series 2 \(12 slices of 2\.5 mm, a projection\)"):
        read_ct(tmp_path)
    assert np.array_equal(read_ct(tmp_path, series_uid="1.2.3.5").voxels_hu, LONG)
    assert np.array_equal(read_ct(tmp_path / "slice003.dcm").voxels_hu, LONG)


def test_projections_within_the_series_are_left_out_and_refused_where_slices_are_missing(tmp_path: Path) -> None:
    write(tmp_path / "beside", LONG)
    write(tmp_path / "beside", BODY[:4], lambda index: {"ImageType": MIP}, prefix="mip", positions=positions_along_normal(4, 7.5))
    volume = read_ct(tmp_path / "beside")
    assert np.array_equal(volume.voxels_hu, LONG) and "a projection" in volume.warnings[0]
    write(tmp_path / "instead", LONG, some(range(3, 9), ImageType=MIP))
    with pytest.raises(InputError, match=r"6 of 12 slices \(slice003\.dcm, .* and 3 more\) are projections"):
        read_ct(tmp_path / "instead")


# --- UIDs ---


@pytest.mark.parametrize(
    "own", [("SeriesInstanceUID",), ("SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID", "StudyInstanceUID")]
)
def test_one_series_uid_per_file_is_one_series(tmp_path: Path, own) -> None:
    write(tmp_path, LONG, lambda index: {keyword: generate_uid() for keyword in own})
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, LONG) and "have 12 SeriesInstanceUIDs: they were read as one series" in volume.warnings[0]
    assert np.array_equal(read_ct(tmp_path / "slice004.dcm").voxels_hu, LONG)


def test_two_series_with_a_uid_per_file_are_told_apart_by_number(tmp_path: Path) -> None:
    write(tmp_path / "a", LONG, lambda index: {"SeriesInstanceUID": generate_uid()})
    write(tmp_path / "b", LONG + 1, lambda index: {"SeriesInstanceUID": generate_uid(), "SeriesNumber": 3})
    assert np.array_equal(read_ct(tmp_path).voxels_hu, LONG)
    assert np.array_equal(read_ct(tmp_path, series_uid="3").voxels_hu, LONG + 1)


def test_halves_are_one_scan_and_two_phases_are_not(tmp_path: Path) -> None:
    places = positions_along_normal(12)
    write(tmp_path / "halves", LONG[:6], series_uid="1.2.1", positions=places[:6], prefix="a")
    write(tmp_path / "halves", LONG[6:], lambda i: {"SeriesNumber": 3}, series_uid="1.2.2", positions=places[6:], prefix="b")
    assert np.array_equal(read_ct(tmp_path / "halves").voxels_hu, LONG)
    write(tmp_path / "phases", LONG, series_uid="1.2.1", prefix="in")
    write(
        tmp_path / "phases",
        LONG,
        lambda i: {"SeriesNumber": 3},
        series_uid="1.2.2",
        positions=places + np.array([0, 0, 1.25]),
        prefix="out",
    )
    volume = read_ct(tmp_path / "phases")
    assert np.array_equal(volume.voxels_hu, LONG) and volume.spacing_zyx_mm[0] == 2.5


def test_slices_that_are_a_series_each_and_form_no_stack_are_refused(tmp_path: Path) -> None:
    places = np.array(ORIGIN_LPS_MM) + np.array([0, 1, 17, 40, 93, 94.5])[:, None] * np.array([0, 0, 1.0])
    write(tmp_path, BODY, lambda index: {"SeriesInstanceUID": generate_uid()}, positions=places)
    with pytest.raises(InputError, match="6 CT series of one slice each, which form no regular stack"):
        read_ct(tmp_path)


@pytest.mark.parametrize(("uid", "told"), [("", "12 of 12 slices have none"), ("1.2.3.4.5.6", "12 of 12 slices have the same one")])
def test_empty_and_equal_instance_uids_are_told(tmp_path: Path, uid, told) -> None:
    write(tmp_path, LONG, lambda index: {"SOPInstanceUID": uid})
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, LONG) and told in volume.warnings[0]


# --- geometry, kernel, frame of reference ---


@pytest.mark.parametrize("which", [range(4, 8), range(8, 12)])
@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"PixelSpacing": [0.9, 0.9]}, r"pixel spacing \(0.9, 0.9\) instead of \(0.7, 0.8\)"),
        ({"ImageOrientationPatient": [-1, 0, 0, 0, -1, 0]}, r"orientation \(-1, 0, 0, 0, -1, 0\) instead of"),
    ],
)
def test_slices_of_the_stack_with_another_geometry_are_refused_by_name(tmp_path: Path, which, values, told) -> None:
    write(tmp_path, LONG, some(which, **values))
    with pytest.raises(InputError, match=rf"4 of 12 slices of one stack differ from the others \({told}.*slice00{which[0]}\.dcm"):
        read_ct(tmp_path)


@pytest.mark.parametrize("keyword", ["PixelSpacing", "ImageOrientationPatient"])
def test_a_geometry_that_some_slices_lack_is_that_of_the_others(tmp_path: Path, keyword) -> None:
    write(tmp_path, LONG, some(range(2, 5), **{keyword: None}))
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, LONG) and f"{keyword} is missing in 3 of 12 slices" in volume.warnings[0]


def test_a_localizer_in_the_series_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, LONG)
    write(tmp_path, BODY[:1], lambda i: {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, prefix="scout")
    sagittal = np.array([[0, 0, 1.0], [1, 0, 0], [0, -1, 0]])
    write(tmp_path, BODY[1:2], lambda i: {"ImageType": None}, direction=sagittal, prefix="plan")
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, LONG) and "1 images of the series differ in size" in volume.warnings[0]


def test_two_kernels_in_one_series_are_two_scans_and_a_mixed_stack_is_told(tmp_path: Path) -> None:
    write(tmp_path / "two", LONG, prefix="a_soft")
    write(tmp_path / "two", LONG + 1, lambda i: {"ConvolutionKernel": "B70f"}, prefix="b_sharp")
    volume = read_ct(tmp_path / "two")
    assert np.array_equal(volume.voxels_hu, LONG) and "2 CT series found" in volume.warnings[0]
    assert np.array_equal(read_ct(tmp_path / "two" / "b_sharp000.dcm").voxels_hu, LONG + 1)
    write(tmp_path / "mixed", LONG, some(range(9, 12), ConvolutionKernel="B70f", FrameOfReferenceUID="1.2.3.98"))
    mixed = read_ct(tmp_path / "mixed")
    assert np.array_equal(mixed.voxels_hu, LONG)
    assert "3 of 12 slices (slice009.dcm, slice010.dcm, slice011.dcm) have another kernel (B70f instead of B30f)" in mixed.warnings[0]
    assert "3 of 12 slices" in mixed.warnings[1] and "another frame of reference" in mixed.warnings[1]


def test_two_times_in_one_series_are_refused_with_how_many(tmp_path: Path) -> None:
    write(tmp_path, LONG, prefix="first")
    write(tmp_path, LONG + 1, lambda i: {"AcquisitionNumber": 2}, prefix="second")
    with pytest.raises(InputError, match=r"different images of one place .*; 12 of 24 slices lie where another one lies"):
        read_ct(tmp_path)
