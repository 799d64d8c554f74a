"""Which files and which series of a folder are read, and what is said of the others."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import (
    SHAPE,
    new_dataset,
    positions_along_normal,
    random_hu,
    save,
    write_segmentation,
    write_series,
)

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.dicom.headers import read_folder
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.progress import Cancelled, no_progress


def test_repeated_slices_are_dropped_when_the_same_and_refused_when_not(tmp_path: Path) -> None:
    voxels = random_hu()
    write_series(tmp_path, voxels)
    write_series(tmp_path, voxels[2:3], positions_along_normal(3)[2:], prefix="copy")
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, voxels)
    assert "1 slices are there twice" in volume.warnings[0]
    write_series(tmp_path, voxels[3:4], positions_along_normal(3)[2:], prefix="other_time")
    with pytest.raises(InputError, match=r"different images of one place \(at 305\.00 mm.*export one of them"):
        read_ct(tmp_path)


def test_the_largest_consistent_part_of_a_mixed_series_is_read(tmp_path: Path) -> None:
    voxels = random_hu()
    write_series(tmp_path, voxels)
    write_series(tmp_path, random_hu((2, 9, 9)), prefix="small")
    write_series(tmp_path, random_hu((3, *SHAPE[1:])), direction=np.eye(3)[[0, 2, 1]], prefix="coronal")
    localiser = {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}
    write_series(tmp_path, random_hu((9, 30, 30)), prefix="localiser", edit=lambda dataset, _: dataset.update(localiser))
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, voxels)
    assert "5 images of the series differ in size, pixel spacing or orientation" in volume.warnings[0]
    assert volume.source["other_objects"] == "CT localizer 9"


def test_axial_slices_win_over_more_coronal_ones_and_a_file_stands_for_its_series(tmp_path: Path) -> None:
    axial, coronal = random_hu((4, 8, 8)), random_hu((7, 8, 8), 1)
    coronal_axes = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    write_series(tmp_path / "a" / "b", axial, series_uid="1.2.9")
    paths = write_series(tmp_path / "c", coronal, positions_along_normal(7, direction=coronal_axes), coronal_axes, series_uid="1.2.1")
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, axial) and "(7 slices of 2.5 mm)" in volume.warnings[0]
    by_file = read_ct(paths[3])
    assert np.array_equal(by_file.voxels_hu, coronal) and by_file.name == "slice003"
    with pytest.raises(InputError, match=r"belongs to the series with UID 1\.2\.1"):
        read_ct(paths[3], series_uid="1.2.9")


def test_files_that_are_not_ct_are_counted_or_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no DICOM images.*it is empty"):
        read_ct(tmp_path)
    (tmp_path / "readme.txt").write_text("nothing to see" * 100)
    with pytest.raises(InputError, match="only 1 other files"):
        read_ct(tmp_path)
    write_segmentation(tmp_path / "seg.dcm")
    with pytest.raises(InputError, match=r"no CT images, only SEG \(1 file\)"):
        read_ct(tmp_path)
    with pytest.raises(InputError, match="not a CT image"):
        read_ct(tmp_path / "seg.dcm")
    write_series(tmp_path, random_hu())
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "._slice000.dcm").write_bytes(bytes(4096))
    volume = read_ct(tmp_path)
    assert volume.source["ignored_files"] == 2 and volume.source["other_objects"] == "SEG 1"
    assert volume.warnings == ("empty.dcm: not DICOM although named .dcm, left out",)
    with pytest.raises(InputError, match=r"1\.2\.3\.7 is SEG, not CT"):
        read_ct(tmp_path, series_uid="1.2.3.7")


def test_a_damaged_series_is_not_silently_replaced_by_a_smaller_one(tmp_path: Path) -> None:
    def forget_position(dataset: pydicom.Dataset, index: int) -> None:
        if index == 4:
            del dataset.ImagePositionPatient

    write_series(tmp_path, random_hu((6, 8, 8)), series_uid="1.1", prefix="large", edit=forget_position)
    write_series(tmp_path, random_hu((3, 8, 8)), series_uid="1.2", prefix="small")
    with pytest.raises(InputError, match=r"large004\.dcm: ImagePositionPatient is missing"):
        read_ct(tmp_path)
    whole = random_hu((7, 8, 8))
    write_series(tmp_path, whole, series_uid="1.3", prefix="whole")
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, whole) and "large004.dcm" in volume.warnings[0]


def test_the_summary_knows_the_scan_but_not_the_patient(tmp_path: Path) -> None:
    facts = {
        "ConvolutionKernel": "B30f",
        "PatientPosition": "FFS",
        "Manufacturer": "Maker",
        "ContrastBolusAgent": "IV",
        "LossyImageCompression": "01",
    }
    write_series(tmp_path, random_hu(), edit=lambda dataset, _: dataset.update(facts))
    volume = read_ct(tmp_path)
    expected = {"modality": "CT", "series_uid": "1.2.3.5", "study_uid": "1.2.3.4", "kernel": "B30f", "patient_position": "FFS"}
    expected |= {"manufacturer": "Maker", "contrast_agent": True, "slice_thickness_mm": 2.5, "format": "DICOM"}
    assert expected.items() <= dict(volume.source).items()
    assert "compressed with loss" in volume.warnings[0]
    assert not any(secret in repr(volume) for secret in ("Secret", "SECRET", "19010203"))


def test_reading_tells_its_progress_and_can_be_cancelled(tmp_path: Path) -> None:
    write_series(tmp_path, random_hu())
    told = []
    read_ct(tmp_path, progress=lambda fraction, text: told.append(fraction))
    assert told == sorted(told) and told[0] == 0 and told[-1] == 1 and len(told) > 10

    def cancel(fraction: float, text: str) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_ct(tmp_path, progress=cancel)


def test_headers_are_read_without_pixels(tmp_path: Path) -> None:
    write_series(tmp_path, random_hu())
    found = read_folder(tmp_path, recursive=True, progress=no_progress)
    assert all("PixelData" not in header and "PatientName" not in header for items in found.series.values() for _, header in items)


def test_a_dicomdir_stands_for_its_folder(tmp_path: Path) -> None:
    voxels = random_hu()
    write_series(tmp_path / "images", voxels)
    save(new_dataset("1.2.840.10008.1.3.10", "1.2.3.9"), tmp_path / "DICOMDIR")
    volume = read_ct(tmp_path / "DICOMDIR")
    assert np.array_equal(volume.voxels_hu, voxels)
    assert volume.source["ignored_files"] == 1 and volume.warnings == ()


def test_a_number_that_two_series_have_is_refused_with_their_uids(tmp_path: Path) -> None:
    for uid in ("1.2.1", "1.2.2"):
        write_series(tmp_path / uid, random_hu(), series_uid=uid, edit=lambda dataset, _: setattr(dataset, "SeriesNumber", 3))
    with pytest.raises(InputError, match=r"holds 2 series with the number 3; choose one by its UID: .*1\.2\.1 .*1\.2\.2 "):
        read_ct(tmp_path, series_uid="3")


def test_a_damaged_series_is_refused_with_its_reason_when_it_is_asked_for(tmp_path: Path) -> None:
    write_series(tmp_path / "sound", random_hu(), series_uid="1.2.1")
    write_series(tmp_path / "damaged", random_hu((3, 20, 24)), series_uid="1.2.2", edit=lambda dataset, _: dataset.update({"Rows": 0}))
    assert "was left out" in read_ct(tmp_path).warnings[0]
    with pytest.raises(InputError, match=r"slice000\.dcm has 0 Rows"):
        read_ct(tmp_path, series_uid="1.2.2")
