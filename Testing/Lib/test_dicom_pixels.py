"""From DICOM pixels to Hounsfield units in every encoding, and damaged files."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from dicom_files import (
    ORIGIN_LPS_MM,
    SHAPE,
    SPACING_ZYX_MM,
    random_hu,
    save,
    save_as_it_is,
    set_pixels,
    write_enhanced,
    write_series,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.limits import PADDING_HU
from LungSegmentationLib.io.scans import read_ct


def test_each_slice_has_its_own_rescaling(tmp_path: Path) -> None:
    def rescale(dataset: pydicom.Dataset, index: int) -> None:
        dataset.RescaleSlope, dataset.RescaleIntercept = 0.5 * (index + 1), -1000 - index
        set_pixels(dataset, stored[index])

    stored = np.random.default_rng(3).integers(0, 1500, SHAPE).astype(np.uint16)
    write_series(tmp_path, random_hu(), edit=rescale)
    expected = [np.rint(plane * (0.5 * (index + 1)) - 1000 - index) for index, plane in enumerate(stored)]
    assert np.array_equal(read_ct(tmp_path).voxels_hu, expected)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize(
    ("stored_padding", "intercept", "expected"),
    [(-2000, -1024, -3024), (-2000, 0, -2000), (0, -1024, -1024), (0, 0, PADDING_HU), (0, -500, PADDING_HU), (-500, 0, PADDING_HU)],
)
def test_padding_stays_or_goes_below_air_but_never_becomes_tissue(tmp_path: Path, syntax, stored_padding, intercept, expected) -> None:
    voxels = random_hu()
    padding = np.zeros(SHAPE, bool)
    padding[:, :, :3] = padding[:, :2] = True
    padded = np.where(padding, stored_padding + intercept, voxels).astype(np.int16)
    inside = (slice(None), 10, 10)
    padded[inside] = -100
    padded[:, 9:12, 9:12][padded[:, 9:12, 9:12] == stored_padding + intercept] = 7
    padded[inside] = stored_padding + intercept  # the same value, measured within the body

    def declare(dataset: pydicom.Dataset, index: int) -> None:
        dataset.add_new("PixelPaddingValue", "US", stored_padding & 0xFFFF)

    write_series(tmp_path, padded, intercept=intercept, edit=declare, syntax=syntax)
    volume = read_ct(tmp_path)
    assert np.all(volume.voxels_hu[padding] == expected)
    assert np.all(volume.voxels_hu[inside] == stored_padding + intercept)
    beside = ~padding & (padded != stored_padding + intercept)
    assert np.array_equal(volume.voxels_hu[beside], padded[beside])


def test_padding_may_lie_beyond_the_bits_in_use_and_nothing_else(tmp_path: Path) -> None:
    voxels = random_hu() // 2 - 512

    def pad(dataset: pydicom.Dataset, index: int) -> None:
        stored = (voxels[index] + 1024).astype(np.int16)
        stored[:3] = -8192
        set_pixels(dataset, stored, bits_stored=12)

    write_series(tmp_path, voxels, edit=pad)
    with pytest.raises(InputError, match="values beyond the 12 bits"):
        read_ct(tmp_path)

    def declare(dataset: pydicom.Dataset, index: int) -> None:
        pad(dataset, index)
        dataset.add_new("PixelPaddingValue", "SS", -8192)

    write_series(tmp_path, voxels, edit=declare)
    read = read_ct(tmp_path).voxels_hu
    assert np.array_equal(read[:, 3:], voxels[:, 3:]) and np.all(read[:, :3] == -8192 - 1024)


def test_bits_beyond_those_in_use_do_not_count(tmp_path: Path) -> None:
    voxels = random_hu()

    def overlay(dataset: pydicom.Dataset, index: int) -> None:
        set_pixels(dataset, ((voxels[index].astype(np.int32) + 1024) | 0x3000).astype(np.uint16), bits_stored=12)

    write_series(tmp_path / "unsigned", voxels, edit=overlay)
    assert np.array_equal(read_ct(tmp_path / "unsigned").voxels_hu, voxels)

    def without_sign_extension(dataset: pydicom.Dataset, index: int) -> None:
        dataset.RescaleIntercept = 1024
        set_pixels(dataset, ((voxels[index].astype(np.int32) - 1024) & 0x0FFF).astype(np.int16), bits_stored=12)

    write_series(tmp_path / "signed", voxels, edit=without_sign_extension)
    assert np.array_equal(read_ct(tmp_path / "signed").voxels_hu, voxels)


def test_metal_on_the_extended_scale_is_clipped_with_a_note(tmp_path: Path) -> None:
    voxels = random_hu()

    def with_metal(dataset: pydicom.Dataset, index: int) -> None:
        stored = (voxels[index].astype(np.int32) + 8192).astype(np.uint16)
        if index in (2, 3):
            stored[4, 5:9] = 65535  # 57343 HU
        dataset.RescaleIntercept = -8192
        set_pixels(dataset, stored)

    write_series(tmp_path, voxels, edit=with_metal)
    volume = read_ct(tmp_path)
    expected = voxels.copy()
    expected[2:4, 4, 5:9] = 32767
    assert np.array_equal(volume.voxels_hu, expected)
    assert volume.warnings == ("8 voxels of saturated metal lay at or above 32767 HU: clipped to that value",)


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, ImplicitVRLittleEndian])
def test_other_uncompressed_encodings(tmp_path: Path, syntax) -> None:
    voxels = random_hu()
    write_series(tmp_path, voxels, syntax=syntax)
    assert np.array_equal(read_ct(tmp_path).voxels_hu, voxels)


def test_old_files_without_preamble(tmp_path: Path) -> None:
    voxels = random_hu()
    for path in write_series(tmp_path, voxels, syntax=ImplicitVRLittleEndian):
        dataset = pydicom.dcmread(path)
        del dataset.file_meta
        dataset.preamble = None
        save_as_it_is(dataset, path, ImplicitVRLittleEndian)
        assert path.read_bytes()[:2] == b"\x08\x00"
    assert np.array_equal(read_ct(tmp_path).voxels_hu, voxels)


@pytest.mark.parametrize("compressor", ["JPEG", "JPEGLS", "JPEG2000", "RLE"])
def test_lossless_compression_is_decoded_exactly(tmp_path: Path, compressor: str) -> None:
    voxels = np.sort(random_hu((4, 40, 48)), axis=2)
    for path in write_series(tmp_path, voxels + 1024, intercept=0):
        if compressor == "RLE":
            dataset = pydicom.dcmread(path)
            dataset.compress(RLELossless, generate_instance_uid=False)
            save(dataset, path)
        else:
            writer = sitk.ImageFileWriter()
            writer.SetImageIO("GDCMImageIO")
            writer.KeepOriginalImageUIDOn()
            writer.UseCompressionOn()
            writer.SetCompressor(compressor)
            writer.SetFileName(str(path))
            writer.Execute(sitk.ReadImage(str(path)))
        dataset = pydicom.dcmread(path)
        dataset.RescaleIntercept = -1024
        save(dataset, path)
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID.is_compressed
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, voxels)
    assert volume.spacing_zyx_mm == pytest.approx(SPACING_ZYX_MM)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"slice003\.dcm"):
        read_ct(tmp_path)


def test_enhanced_multi_frame_ct(tmp_path: Path) -> None:
    voxels = random_hu()
    order = np.random.default_rng(1).permutation(len(voxels))
    write_enhanced(tmp_path / "frames.dcm", voxels, order, intercepts=[-1024, -1000, 0, 10, -5, -1024])
    volume = read_ct(tmp_path / "frames.dcm")
    assert np.array_equal(volume.voxels_hu, voxels)
    assert volume.spacing_zyx_mm == SPACING_ZYX_MM and volume.origin_lps_mm == ORIGIN_LPS_MM and volume.warnings == ()
    write_enhanced(tmp_path / "rle" / "frames.dcm", voxels, order, intercepts=[-1024] * len(voxels), compress=RLELossless)
    assert np.array_equal(read_ct(tmp_path / "rle").voxels_hu, voxels)
    write_enhanced(tmp_path / "mixed" / "frames.dcm", voxels, order, intercepts=[-1024, -1000, 0, 10, -5, -1024], compress=RLELossless)
    assert np.array_equal(read_ct(tmp_path / "mixed").voxels_hu, voxels)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ImageOrientationPatient": [1, 0, 0, 0.5, 0.5, 0]}, "expected two perpendicular unit vectors"),
        ({"PixelSpacing": [0, 0.7]}, r"PixelSpacing \(0\.0, 0\.7\); expected two numbers above 0"),
        ({"PixelSpacing": None}, "PixelSpacing is missing; expected 2 numbers"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "MONOCHROME1 pixels"),
        ({"RescaleType": "OD"}, "values of type OD"),
        ({"RescaleSlope": 0}, "slope 0"),
        ({"RescaleSlope": None, "RescaleIntercept": None}, "rescale intercept"),
        ({"PixelData": None}, "holds no pixels"),
    ],
)
def test_what_cannot_be_right_is_refused_with_the_reason(tmp_path: Path, changes: dict, message: str) -> None:
    body = np.zeros((3, 20, 20), np.int16) - 1000
    body[:, 5:15, 5:15] = 40 + random_hu((3, 10, 10)) // 100

    def change(dataset: pydicom.Dataset, index: int) -> None:
        for keyword, value in changes.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)

    write_series(tmp_path, body, edit=change)
    with pytest.raises(InputError, match=message):
        read_ct(tmp_path)


@pytest.mark.parametrize("kept_bytes", [140, 300, 700])
def test_a_slice_cut_within_its_header_is_named(tmp_path: Path, kept_bytes: int) -> None:
    paths = write_series(tmp_path, random_hu())
    paths[2].write_bytes(paths[2].read_bytes()[:kept_bytes])
    with pytest.raises(InputError, match=r"slice002\.dcm"):
        read_ct(tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(st.tuples(st.integers(128, 2300), st.integers(0, 255)), min_size=1, max_size=4), enhanced=st.booleans())
def test_a_damaged_header_is_read_or_refused_but_never_crashes(tmp_path_factory, damage, enhanced) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    if enhanced:
        write_enhanced(folder / "frames.dcm", random_hu((4, 8, 8)), range(4), [-1024] * 4)
    else:
        write_series(folder, random_hu((2, 30, 30)))
    path = min(folder.iterdir())
    content = bytearray(path.read_bytes())
    for position, value in damage:
        content[position % len(content)] = value
    path.write_bytes(content)
    try:
        volume = read_ct(folder)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert volume.voxels_hu.ndim == 3
