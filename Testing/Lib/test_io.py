"""Reading image files: against ITK where the file is whole, refused in one sentence where it is not."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.scans import read_ct

FORMATS = {"nii": "NIfTI", "nii.gz": "NIfTI", "nrrd": "NRRD", "nhdr": "NRRD", "mha": "MetaImage", "mhd": "MetaImage"}
SHAPE = (7, 9, 11)


def random_image(seed: int = 0, dtype: type = np.int16, direction: np.ndarray | None = None) -> sitk.Image:
    image = sitk.GetImageFromArray(np.random.default_rng(seed).integers(-1024, 3072, SHAPE).astype(dtype))
    image.SetSpacing((0.7, 0.8, 2.5))
    image.SetOrigin((-120.5, 33.25, 700.0))
    image.SetDirection((np.eye(3) if direction is None else direction).ravel())
    return image


def write(image: sitk.Image, path: Path, compress: bool = False) -> Path:
    sitk.WriteImage(image, str(path), compress)
    return path


def with_header(path: Path, *changes: tuple[int, str, object]) -> Path:
    """Write values straight into a NIfTI header, by their byte offset in the standard (nifti1.h)."""
    content = bytearray(path.read_bytes())
    for offset, kind, value in changes:
        struct.pack_into("<" + kind, content, offset, *np.atleast_1d(value).tolist())
    path.write_bytes(content)
    return path


def with_text(path: Path, old: str, new: str) -> Path:
    content = path.read_bytes()
    assert old.encode() in content
    path.write_bytes(content.replace(old.encode(), new.encode(), 1))
    return path


# --- whole files ---


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ending=st.sampled_from(sorted(FORMATS)),
    dtype=st.sampled_from([np.int16, np.int32, np.float32, np.float64]),
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    mirrored=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_every_format_keeps_voxels_and_geometry_as_itk_reads_them(tmp_path_factory, ending, dtype, angles, mirrored, seed) -> None:
    direction = Rotation.from_euler("xyz", angles, degrees=True).as_matrix() @ np.diag([1, 1, -1 if mirrored else 1])
    path = write(random_image(seed, dtype, direction), tmp_path_factory.mktemp("scan") / f"chest.v2.{ending}")
    volume, expected = read_ct(path), sitk.ReadImage(str(path))
    assert np.array_equal(volume.voxels_hu, sitk.GetArrayViewFromImage(expected))
    assert volume.spacing_zyx_mm == expected.GetSpacing()[::-1] and volume.origin_lps_mm == expected.GetOrigin()
    assert np.array_equal(np.ravel(volume.direction_lps), expected.GetDirection())
    assert volume.name == "chest.v2" and volume.source == {"path": str(path), "format": FORMATS[ending]} and volume.warnings == ()


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("ending", ["nii", "nii.gz", "nrrd", "mha"])
def test_the_content_and_not_the_ending_says_what_a_file_is(tmp_path: Path, ending: str, compress: bool) -> None:
    image = random_image()
    path = write(image, tmp_path / f"scan.{ending}", compress)
    for name in ("scan.img", "scan", "wrong.dcm"):
        volume = read_ct(path.rename(tmp_path / name))
        assert np.array_equal(volume.voxels_hu, sitk.GetArrayViewFromImage(image))
        np.testing.assert_allclose(volume.spacing_zyx_mm, (2.5, 0.8, 0.7), rtol=1e-6)
        path = tmp_path / name


def test_big_endian_nifti_and_one_with_padding_after_its_end(tmp_path: Path) -> None:
    path = write(random_image(), tmp_path / "scan.nii")
    little = path.read_bytes()
    header = bytearray(little[:352])
    fields = [(0, "i"), (32, "i"), (36, "h"), (40, "8h"), (56, "3f"), (68, "4h"), (76, "8f"), (108, "3f"), (120, "h")]
    fields += [(124, "4f"), (140, "2i"), (252, "2h"), (256, "6f"), (280, "12f")]
    for offset, kind in fields:
        struct.pack_into(f">{kind}", header, offset, *struct.unpack_from(f"<{kind}", little, offset))
    (tmp_path / "big.nii.gz").write_bytes(
        gzip.compress(bytes(header) + np.frombuffer(little[352:], "<i2").astype(">i2").tobytes()) + bytes(512)
    )
    expected, volume = read_ct(path), read_ct(tmp_path / "big.nii.gz")
    assert np.array_equal(volume.voxels_hu, expected.voxels_hu)
    assert volume.spacing_zyx_mm == expected.spacing_zyx_mm and volume.origin_lps_mm == expected.origin_lps_mm


def test_nifti_scaling_and_units(tmp_path: Path) -> None:
    image = random_image()
    stored = sitk.GetArrayFromImage(image)
    scaled = with_header(write(image, tmp_path / "scaled.nii"), (112, "2f", (0.5, -100)))
    assert np.array_equal(read_ct(scaled).voxels_hu, np.rint(stored * 0.5 - 100))
    unscaled = with_header(write(image, tmp_path / "slope_0.nii"), (112, "2f", (0, -100)))
    assert np.array_equal(read_ct(unscaled).voxels_hu, stored)  # by the standard, slope 0 means no scaling
    image.SetSpacing((0.0007, 0.0008, 0.0025))
    metres = with_header(write(image, tmp_path / "metres.nii"), (123, "B", 1))
    assert read_ct(metres).spacing_zyx_mm == pytest.approx((2.5, 0.8, 0.7))


def test_slices_and_single_time_points_are_read(tmp_path: Path) -> None:
    voxels = sitk.GetArrayFromImage(random_image())
    for ending in ("nii.gz", "nrrd", "mha"):
        flat = read_ct(write(sitk.GetImageFromArray(voxels[0]), tmp_path / f"flat.{ending}"))
        assert np.array_equal(flat.voxels_hu, voxels[:1]) and any("single slice" in warning for warning in flat.warnings)
        four = read_ct(write(sitk.JoinSeries([random_image()]), tmp_path / f"four.{ending}"))
        assert np.array_equal(four.voxels_hu, voxels) and four.spacing_zyx_mm == pytest.approx((2.5, 0.8, 0.7))


def test_unknown_orientation_and_spacing_are_warned_of(tmp_path: Path) -> None:
    no_codes = with_header(write(random_image(), tmp_path / "a.nii"), (252, "2h", (0, 0)))
    assert "no sform, no qform" in read_ct(no_codes).warnings[0]
    two_sizes = with_header(write(random_image(), tmp_path / "b.nii"), (280, "12f", (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0)))
    assert "0.7 × 0.8 × 2.5 (pixdim, used here) and 1 × 1 × 3 (sform)" in read_ct(two_sizes).warnings[0]
    no_spacing = with_text(write(random_image(), tmp_path / "c.mha"), "ElementSpacing = 0.69999999999999996 0.80000000000000004 2.5\n", "")
    assert "no voxel spacing: 1 mm" in read_ct(no_spacing).warnings[0]
    (tmp_path / "d.nrrd").write_bytes(
        b"NRRD0004\ntype: int16\ndimension: 3\nsizes: 4 4 4\nspacings: 1 1 2\nendian: little\nencoding: raw\n\n" + VOXELS_4
    )
    volume = read_ct(tmp_path / "d.nrrd")
    assert volume.spacing_zyx_mm == (2, 1, 1) and "no space" in volume.warnings[0]


VOXELS_4 = np.linspace(-1000, 1000, 64).astype("<i2").tobytes()


def test_every_real_scan_is_read_as_itk_reads_it(shared_data: Path) -> None:
    scans = sorted(shared_data.glob("*_ct.nii.gz"))
    assert len(scans) >= 10
    for path in scans:
        volume, expected = read_ct(path), sitk.ReadImage(str(path))
        assert np.array_equal(volume.voxels_hu, sitk.GetArrayViewFromImage(expected)), path.name
        assert volume.spacing_zyx_mm == expected.GetSpacing()[::-1] and volume.origin_lps_mm == expected.GetOrigin()
        assert np.array_equal(np.ravel(volume.direction_lps), expected.GetDirection()) and volume.warnings == ()


# --- files that must be refused ---


def assert_refused(path: Path, message: str) -> None:
    """Refused in one sentence that a user understands, without a library's own words."""
    with pytest.raises(InputError, match=message) as refusal:
        read_ct(path)
    text = str(refusal.value)
    assert path.name in text and "\n" not in text and "ITK" not in text and "0x" not in text and len(text) < 300


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.99])
@pytest.mark.parametrize(
    ("ending", "compress"), [("nii", False), ("nii.gz", True), ("nrrd", True), ("nrrd", False), ("mha", True), ("mha", False)]
)
def test_truncated_files_are_refused(tmp_path: Path, ending: str, compress: bool, kept: float) -> None:
    path = write(random_image(), tmp_path / f"scan.{ending}", compress)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert_refused(path, "cut short|damaged|not an image")


def test_a_nifti_with_too_few_voxels_inside_a_sound_archive_or_a_flipped_byte(tmp_path: Path) -> None:
    path = write(random_image(), tmp_path / "scan.nii.gz")
    content = path.read_bytes()
    path.write_bytes(gzip.compress(gzip.decompress(content)[:-2]))
    assert_refused(path, "holds 1384 of 1386 bytes")
    path.write_bytes(content[:600] + bytes([content[600] ^ 0xFF]) + content[601:])
    assert_refused(path, "cannot be decompressed to its end")


@pytest.mark.parametrize("ending", ["nii.gz", "nrrd", "nhdr", "mha", "mhd"])
def test_damaged_compressed_voxels_are_refused(tmp_path: Path, ending: str) -> None:
    path = write(random_image(), tmp_path / f"scan.{ending}", compress=True)
    data = next((found for found in tmp_path.iterdir() if found != path), path)
    whole = data.read_bytes()
    assert len(read_ct(path).voxels_hu) == SHAPE[0]
    for position in range(len(whole) - 900, len(whole) - 10, 89):
        data.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        assert_refused(path, "cut short or damaged")
    data.write_bytes(whole[:-40])
    assert_refused(path, "cut short or damaged")


@pytest.mark.parametrize(("ending", "data"), [("mhd", "raw"), ("nhdr", "raw")])
def test_a_detached_data_file_that_is_short_or_missing(tmp_path: Path, ending: str, data: str) -> None:
    path = write(random_image(), tmp_path / f"scan.{ending}")
    raw = tmp_path / f"scan.{data}"
    raw.write_bytes(raw.read_bytes()[:-2])
    assert_refused(path, "cut short or damaged: it holds 1384 of 1386 bytes")
    raw.unlink()
    assert_refused(path, "voxels are in scan.raw, which is not beside it")


@pytest.mark.parametrize("name", ["scan.nii.gz", "scan.nii", "scan.nrrd", "scan.mha", "scan.dcm", "scan"])
@pytest.mark.parametrize(
    "content",
    [b"", b"Dear colleague, please find the scan attached.\n" * 40, gzip.compress(b"text" * 999, mtime=0)],
    ids=["empty", "letter", "compressed text"],
)
def test_files_that_are_no_images(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert_refused(tmp_path / name, "not an image that can be read.*expected a folder or file of DICOM, NIfTI")


def test_a_missing_file(tmp_path: Path) -> None:
    assert_refused(tmp_path / "nothing.nii.gz", "does not exist")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((80, "f", 0.0), r"voxel sizes of \(0\.0, .*each must be a number above 0"),
        ((84, "f", -0.8), "voxel sizes of"),
        ((88, "f", float("nan")), "voxel sizes of .*nan"),
        ((123, "B", 1), "voxel spacing is .*mm"),  # 0.7 metres
        ((123, "B", 3), "voxel spacing is .*mm"),  # 0.7 micrometres
        ((40, "8h", (4, 11, 9, 1, 7, 1, 1, 1)), r"4 dimensions of sizes \(11, 9, 1, 7\)"),
        ((40, "8h", (3, 11, -9, 7, 1, 1, 1, 1)), "damaged"),
        ((40, "8h", (3, 11, 9, 8, 1, 1, 1, 1)), "holds 1386 of 1584 bytes"),
        ((70, "h", 128), "RGB voxels"),
        ((70, "h", 32), "complex voxels"),
    ],
)
def test_impossible_nifti_headers(tmp_path: Path, change: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_ct(with_header(write(random_image(), tmp_path / "scan.nii"), change))


def test_axes_that_are_not_perpendicular(tmp_path: Path) -> None:
    sheared = (0.7, 0, 0.5, 0, 0, 0.8, 0, 0, 0, 0, 2.5, 0)
    assert_refused(with_header(write(random_image(), tmp_path / "a.nii"), (252, "2h", (0, 1)), (280, "12f", sheared)), "not perpendicular")
    path = with_text(
        write(random_image(), tmp_path / "b.mha"), "TransformMatrix = 1 0 0 0 1 0 0 0 1", "TransformMatrix = 1 0 0 0 1 0 0.3 0 0.95"
    )
    with pytest.raises(InputError, match="not orthonormal"):
        read_ct(path)


@pytest.mark.parametrize("spacing", ["0 0.8 2.5", "-0.7 0.8 2.5", "nan 0.8 2.5", "0.7 x 2.5"])
def test_impossible_spacing_in_text_headers(tmp_path: Path, spacing: str) -> None:
    meta = with_text(write(random_image(), tmp_path / "a.mha"), "0.69999999999999996 0.80000000000000004 2.5", spacing)
    assert_refused(meta, "voxel spacing as .*each must be a number above 0 mm")
    nrrd = f"NRRD0004\ntype: int16\ndimension: 3\nsizes: 4 4 4\nspacings: {spacing}\nendian: little\nencoding: raw\n\n".encode() + VOXELS_4
    (tmp_path / "b.nrrd").write_bytes(nrrd)
    assert_refused(tmp_path / "b.nrrd", "voxel spacing as")
    directions = with_text(
        write(random_image(), tmp_path / "c.nrrd"), "(0.69999999999999996,0,0)", "(0,0,0)" if spacing[0] == "0" else "(nan,0,0)"
    )
    assert_refused(directions, "voxel spacing as")


def test_colour_and_time_series(tmp_path: Path) -> None:
    image = random_image()
    for ending in ("nii.gz", "nrrd", "mha"):
        assert_refused(
            write(sitk.Compose(image, image, image), tmp_path / f"colour.{ending}"), "values per voxel|dimensions|voxels; expected one"
        )
        assert_refused(
            write(sitk.JoinSeries([image, image]), tmp_path / f"time.{ending}"), "4 dimensions of sizes .*export a single time point"
        )


def test_a_voxel_of_metal_beyond_the_scale_is_clipped_with_a_note(tmp_path: Path) -> None:
    image = random_image(dtype=np.float32)
    image[1, 2, 3] = 40000.0
    for ending in ("nii.gz", "mha"):
        volume = read_ct(write(image, tmp_path / f"metal.{ending}"))
        assert volume.warnings == ("1 voxel of saturated metal lay at or above 32767 HU: clipped to that value",)
        assert volume.voxels_hu[3, 2, 1] == 32767 and np.count_nonzero(volume.voxels_hu > 3072) == 1


def test_values_are_checked_after_reading(tmp_path: Path) -> None:
    image = random_image(dtype=np.float32)
    image[1, 2, 3] = float("nan")
    assert_refused(write(image, tmp_path / "nan.nii.gz"), "1 voxels that are not numbers")
    with pytest.raises(InputError, match="picture"):
        read_ct(write(sitk.Cast(sitk.RescaleIntensity(random_image(), 0, 255), sitk.sitkUInt8), tmp_path / "picture.mha"))
    with pytest.raises(InputError, match=r"rescale intercept|so no air"):
        read_ct(write(sitk.Cast(random_image() + 1024, sitk.sitkUInt16), tmp_path / "stored.nrrd"))
