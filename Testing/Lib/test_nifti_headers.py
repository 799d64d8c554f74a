"""NIfTI-2, pairs of header and voxels, and axes that are a little off the right angle: the truth is what was written."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.nifti_header import without_shear
from LungSegmentationLib.io.probability_maps import read_probability
from LungSegmentationLib.io.scans import read_ct

SHAPE_XYZ, SPACING_MM = (40, 30, 20), (0.7, 0.8, 2.5)
VOXELS = np.random.default_rng(0).integers(-1024, 3072, SHAPE_XYZ[::-1]).astype(np.int16)
# NIfTI's axes run to the right, to the front and to the head.
AFFINE_RAS = np.array([[-0.7, 0, 0, 120.5], [0, -0.8, 0, -33.25], [0, 0, 2.5, 700.0]])


def header_1(affine: np.ndarray = AFFINE_RAS, order: str = "<", magic: bytes = b"n+1\0", start: float = 352) -> bytes:
    """Write a NIfTI-1 header after nifti1.h."""
    header = bytearray(348)
    struct.pack_into(f"{order}i", header, 0, 348)
    struct.pack_into(f"{order}8h", header, 40, 3, *SHAPE_XYZ, 1, 1, 1, 1)
    struct.pack_into(f"{order}2h", header, 70, 4, 16)
    struct.pack_into(f"{order}8f", header, 76, 1, *SPACING_MM, 0, 0, 0, 0)
    struct.pack_into(f"{order}f", header, 108, start)
    struct.pack_into(f"{order}2h", header, 252, 0, 1)
    struct.pack_into(f"{order}12f", header, 280, *affine.ravel())
    header[123] = 2  # mm
    header[344:348] = magic
    return bytes(header)


def header_2(order: str = "<", magic: bytes = b"n+2\0\r\n\x1a\n", start: int = 544, sizes: tuple[int, ...] = SHAPE_XYZ) -> bytes:
    """Write a NIfTI-2 header after nifti2.h."""
    header = bytearray(540)
    struct.pack_into(f"{order}i", header, 0, 540)
    header[4:12] = magic
    struct.pack_into(f"{order}2h8q", header, 12, 4, 16, 3, *sizes, 1, 1, 1, 1)
    struct.pack_into(f"{order}8d", header, 104, 1, *SPACING_MM, 0, 0, 0, 0)
    struct.pack_into(f"{order}q2d", header, 168, start, 2.0, -10.0)
    struct.pack_into(f"{order}2i", header, 344, 0, 1)
    struct.pack_into(f"{order}12d", header, 400, *AFFINE_RAS.ravel())
    struct.pack_into(f"{order}i", header, 500, 2)
    return bytes(header)


def assert_is_the_scan(path: Path, voxels: np.ndarray = VOXELS) -> None:
    volume = read_ct(path)
    assert np.array_equal(volume.voxels_hu, voxels) and volume.warnings == ()
    np.testing.assert_allclose(volume.spacing_zyx_mm, SPACING_MM[::-1], rtol=1e-6)
    np.testing.assert_allclose(volume.origin_lps_mm, (-120.5, 33.25, 700.0), rtol=1e-6)
    np.testing.assert_allclose(volume.direction_lps, np.eye(3), atol=1e-6)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compress", [False, True])
def test_nifti_2_is_read(tmp_path: Path, order: str, compress: bool) -> None:
    content = header_2(order) + bytes(4) + VOXELS.astype(f"{order}i2").tobytes()
    (tmp_path / "scan.nii").write_bytes(gzip.compress(content) if compress else content)
    assert_is_the_scan(tmp_path / "scan.nii", 2 * VOXELS - 10)


@pytest.mark.parametrize("header", [header_1(magic=b"ni1\0", start=0), header_1(order=">", magic=b"ni1\0", start=0)], ids=["little", "big"])
def test_either_file_of_a_pair_gives_the_scan(tmp_path: Path, header: bytes) -> None:
    order = "<" if header[0] else ">"
    (tmp_path / "scan.hdr").write_bytes(header)
    (tmp_path / "scan.img").write_bytes(VOXELS.astype(f"{order}i2").tobytes())
    assert_is_the_scan(tmp_path / "scan.hdr")
    assert_is_the_scan(tmp_path / "scan.img")


def test_a_compressed_pair_of_nifti_2_and_one_whose_voxels_begin_later(tmp_path: Path) -> None:
    (tmp_path / "a.hdr.gz").write_bytes(gzip.compress(header_2(magic=b"ni2\0\r\n\x1a\n", start=16)))
    (tmp_path / "a.img.gz").write_bytes(gzip.compress(bytes(16) + VOXELS.tobytes()))
    assert_is_the_scan(tmp_path / "a.img.gz", 2 * VOXELS - 10)


def test_a_pair_without_its_voxels_or_with_too_few_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scan.hdr").write_bytes(header_1(magic=b"ni1\0", start=0))
    with pytest.raises(InputError, match=r"its voxels \(.img\) are not beside it"):
        read_ct(tmp_path / "scan.hdr")
    (tmp_path / "scan.img").write_bytes(VOXELS.tobytes()[:-2])
    with pytest.raises(InputError, match="holds 47998 of 48000 bytes"):
        read_ct(tmp_path / "scan.hdr")
    (tmp_path / "long.nii").write_bytes(header_2(sizes=(70000, 30, 20)) + bytes(4))
    with pytest.raises(InputError, match="describes no scan"):
        read_ct(tmp_path / "long.nii")


def sheared(degrees: float) -> np.ndarray:
    """Lean the slice axis towards the columns by an angle."""
    affine = AFFINE_RAS.copy()
    affine[:, 2] = 2.5 * np.array([np.sin(np.radians(degrees)), 0, np.cos(np.radians(degrees))])
    return affine


@pytest.mark.parametrize(("degrees", "noted"), [(0.0001, False), (0.0115, False), (0.06, True), (0.4, True)])
def test_axes_a_little_off_the_right_angle_are_put_right(tmp_path: Path, degrees: float, noted: bool) -> None:
    affine = sheared(degrees)
    (tmp_path / "scan.nii").write_bytes(header_1(affine) + bytes(4) + VOXELS.tobytes())
    volume = read_ct(tmp_path / "scan.nii")
    assert np.array_equal(volume.voxels_hu, VOXELS)
    assert [f"{degrees:.2f} degrees off the right angle" in warning for warning in volume.warnings] == [True] * noted
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in SHAPE_XYZ])).reshape(3, -1)
    written = affine[:, :3] @ corners + affine[:, 3:]
    steps = volume.direction_lps * np.array(volume.spacing_zyx_mm[::-1])
    read = np.diag([-1, -1, 1]) @ (steps @ corners + np.array(volume.origin_lps_mm)[:, None])
    # Each of the two axes turns by half the angle, about the middle: no voxel moves farther than half of its way from there would be.
    farthest_mm = np.linalg.norm(np.array(SPACING_MM) * (np.array(SHAPE_XYZ) - 1)) / 2
    assert np.linalg.norm(read - written, axis=0).max() <= np.radians(degrees) / 2 * farthest_mm * 1.01 + 1e-4
    np.testing.assert_allclose(read.mean(axis=1), written.mean(axis=1), atol=1e-4)
    np.testing.assert_allclose(volume.direction_lps.T @ volume.direction_lps, np.eye(3), atol=1e-6)


def test_axes_rounded_to_32_bits_are_read_as_they_are() -> None:
    turns = Rotation.random(5000, random_state=0).as_matrix()
    turns[:4] = Rotation.from_euler("xyz", [(1, 145, 1), (0, 90, 0), (1e-5, 1e-5, 45), (30, 0, 1e-4)], degrees=True).as_matrix()
    for turn in turns:
        affine = AFFINE_RAS.copy()
        affine[:, :3] = turn * SPACING_MM
        header = header_1(affine)
        assert without_shear(header, "<", SHAPE_XYZ)[0] == header


def test_a_really_sheared_scan_is_refused_with_its_angle(tmp_path: Path) -> None:
    (tmp_path / "scan.nii").write_bytes(header_1(sheared(12)) + bytes(4) + VOXELS.tobytes())
    with pytest.raises(InputError, match=r"not perpendicular: they are 12\.00 degrees off .*resample it"):
        read_ct(tmp_path / "scan.nii")


def test_a_probability_map_on_a_sheared_grid_lies_where_the_scan_lies(tmp_path: Path) -> None:
    header = bytearray(header_1(sheared(0.03)))
    (tmp_path / "scan.nii").write_bytes(bytes(header) + bytes(4) + VOXELS.tobytes())
    struct.pack_into("<2h", header, 70, 2, 8)
    (tmp_path / "probability.nii").write_bytes(bytes(header) + bytes(4) + bytes(VOXELS.size - 1) + b"\xff")
    volume, (probability, grid) = read_ct(tmp_path / "scan.nii"), read_probability(tmp_path / "probability.nii")
    assert probability[-1, -1, -1] == 255 and np.array_equal(grid.direction_lps, volume.direction_lps)
    assert grid.origin_lps_mm == volume.origin_lps_mm


def test_itk_reads_a_pair_at_the_same_place(tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(VOXELS)
    image.SetSpacing(SPACING_MM)
    image.SetOrigin((-120.5, 33.25, 700.0))
    sitk.WriteImage(image, str(tmp_path / "scan.hdr"), imageIO="NiftiImageIO")
    assert_is_the_scan(tmp_path / "scan.img")


def test_a_probability_map_of_two_dimensions_is_refused(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((4, 5), np.float32)), str(tmp_path / "flat.nii"))
    with pytest.raises(InputError, match="has 2 dimensions; expected one 3D map"):
        read_probability(tmp_path / "flat.nii")
