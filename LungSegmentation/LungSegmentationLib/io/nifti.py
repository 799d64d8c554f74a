"""NIfTI files: voxels and geometry, with the checks that image libraries leave out.

ITK fills what is missing of a truncated file with zeros and takes a voxel size of 0 for 1 mm, without
a word. So the voxels are read and counted here, and only the geometry is left to ITK.

nibabel (5.4), which Slicer does not bundle, was measured on 182 files of the tests. Of the 126 that are refused here it reads 40
without a word, such as packed voxels whose checksum is wrong, a slice too many, or a voxel size of 0; it takes over 1.5 GB for 9 and
waits for ever for 2. Of the 56 that can be read it reads 2 wrongly and refuses 5.
"""

from __future__ import annotations

import math
import struct
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from ..errors import InputError
from . import limits
from .file_checks import is_regular, read_start
from .nifti_header import LARGEST_HEADER_SIZE, ByteOrder, HeaderKind, as_nifti_1, kind_of, without_shear
from .perpendicular import shear_warnings
from .voxel_data import VoxelPlace, read_voxels

_START_BYTES = 65536
_EXPECTED = "a NIfTI file"
_GZIP_MAGIC = b"\x1f\x8b"
_DTYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
_COLOUR_OR_COMPLEX = {32: "complex", 128: "RGB", 1792: "complex", 2048: "complex", 2304: "RGBA"}


@dataclass(frozen=True)
class NiftiImage:
    """What a NIfTI file holds: stored values with their scaling, and ITK's reading of its geometry."""

    stored: np.ndarray
    slope: float
    intercept: float
    geometry: sitk.ImageFileReader
    warnings: tuple[str, ...]


def is_nifti(start: bytes) -> bool:
    """Say whether a file's first bytes (540 or more; of a gzip file a few thousand) are a NIfTI header, with or without its voxels."""
    return kind_of(_unpacked(start)) is not None


def header_beside(path: Path) -> Path | None:
    """Find the header (.hdr) that belongs to the voxels (.img) of a NIfTI pair; None where there is none."""
    header = _beside(path, ".img", ".hdr")
    return header if header is not None and is_nifti(read_start(header, _START_BYTES, _EXPECTED)) else None


def nifti_layout(path: Path) -> tuple[tuple[Path, ...], tuple[int, int, int]]:
    """Read of a NIfTI file or a pair's header which files hold it and how large it is; no voxel is read.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    tuple of pathlib.Path
        The file, or header and voxels of a pair.
    tuple of int
        Columns, rows, slices.

    Raises
    ------
    InputError
        As :func:`read_nifti`, as far as the header shows it.
    """
    original = _unpacked(read_start(path, _START_BYTES, _EXPECTED))
    kind = kind_of(original)
    if kind is None:
        raise InputError(f"{path.name} is not a NIfTI file, or its header is damaged")
    header, _ = _as_nifti_1(path, original, kind)
    shape_xyz, _, _ = _layout(path, header, kind.order)
    return (path, _voxels_beside(path)) if kind.in_pair else (path,), shape_xyz


def read_nifti(path: Path, voxels: Path | None = None) -> NiftiImage:
    """Read a NIfTI-1 or NIfTI-2 file (.nii, .nii.gz) or pair (.hdr with its .img), complete or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The file, or the header of the pair.
    voxels : pathlib.Path, optional
        The voxels of the pair; looked for beside the header for None.

    Returns
    -------
    NiftiImage
        ``stored`` has the file's own dtype, shape (slices, rows, columns).

    Raises
    ------
    InputError
        For a truncated or damaged file, several channels or time points, an impossible voxel size, or axes far from perpendicular.
    """
    original = _unpacked(read_start(path, _START_BYTES, _EXPECTED))
    kind = kind_of(original)
    if kind is None:
        raise InputError(f"{path.name} is not a NIfTI file, or its header is damaged")
    header, stated_start = _as_nifti_1(path, original, kind)
    shape_xyz, spacing_xyz_mm, dtype = _layout(path, header, kind.order)
    voxels = (voxels or _voxels_beside(path)) if kind.in_pair else path
    start, moved = _voxels_start(path, stated_start, 0 if kind.in_pair else kind.size + 4)
    is_packed = read_start(voxels, len(_GZIP_MAGIC), _EXPECTED) == _GZIP_MAGIC
    place = VoxelPlace((voxels,), "gzip", skip=start) if is_packed else VoxelPlace((voxels,), start=start)
    stored, notes = read_voxels(voxels.name, place, dtype, shape_xyz[::-1])
    slope, intercept = struct.unpack_from(f"{kind.order}2f", header, 112)
    if slope == 0 or not math.isfinite(slope):  # by the standard: no scaling
        slope, intercept = 1.0, 0.0
    warnings = _orientation_warnings(path, header, kind.order, spacing_xyz_mm)
    header, shear_deg = without_shear(header, kind.order, shape_xyz)
    warnings = (*warnings, *shear_warnings(path.name, shear_deg, "sform"), *moved, *notes)
    return NiftiImage(stored, slope, intercept, _itk_geometry(path, header, kind.order), warnings)


def _as_nifti_1(path: Path, original: bytes, kind: HeaderKind) -> tuple[bytes, float]:
    try:
        return as_nifti_1(original, kind)
    except ValueError as error:
        raise InputError(f"{path.name} has a NIfTI-2 header that is damaged or describes no scan ({error}); export it again") from error


def _unpacked(start: bytes) -> bytes:
    """Give as much of a file's start as a header takes, unpacked where it is packed; nothing where that is damaged."""
    if not start.startswith(_GZIP_MAGIC):
        return start[:LARGEST_HEADER_SIZE]
    try:
        return zlib.decompressobj(wbits=31).decompress(start, LARGEST_HEADER_SIZE)
    except zlib.error:
        return b""


def _layout(path: Path, header: bytes, order: ByteOrder) -> tuple[tuple[int, int, int], tuple[float, ...], np.dtype[Any]]:
    sizes = struct.unpack_from(f"{order}8h", header, 40)
    shape_xyz = _spatial_shape(path, sizes)
    spacing_xyz_mm = struct.unpack_from(f"{order}8f", header, 76)[1 : 1 + min(sizes[0], 3)]
    if not all(math.isfinite(size) and size > 0 for size in spacing_xyz_mm):
        raise InputError(f"{path.name} gives voxel sizes of {tuple(spacing_xyz_mm)} (pixdim); each must be a number above 0")
    (datatype,) = struct.unpack_from(f"{order}h", header, 70)
    if datatype not in _DTYPES:
        kind = _COLOUR_OR_COMPLEX.get(datatype, f"datatype {datatype}")
        raise InputError(f"{path.name} holds {kind} voxels; expected one real number per voxel")
    return shape_xyz, spacing_xyz_mm, np.dtype(_DTYPES[datatype]).newbyteorder(order)


def _beside(path: Path, ending: str, wanted: str) -> Path | None:
    """Find the other file of a pair, of the same name but for the ending, compressed or not."""
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    if not name.lower().endswith(ending):
        return None
    others = (path.parent / (name[: -len(ending)] + other) for other in (wanted, wanted.upper(), f"{wanted}.gz"))
    return next(filter(is_regular, others), None)


def _voxels_beside(path: Path) -> Path:
    voxels = _beside(path, ".hdr", ".img")
    if voxels is None:
        raise InputError(f"{path.name} is the header of a pair, and its voxels (.img) are not beside it; put both files into one folder")
    return voxels


def _voxels_start(path: Path, stated: float, first: int) -> tuple[int, tuple[str, ...]]:
    """Give the byte at which the voxels start; 0 and other numbers within the header mean right behind it, by custom."""
    if stated == 0 or stated == first:
        return first, ()
    if not math.isfinite(stated) or stated < 0 or stated != int(stated):
        raise InputError(f"{path.name} says that its voxels start at byte {stated:g} (vox_offset); expected a whole number from {first}")
    if stated >= first:
        return int(stated), ()
    return first, (f"{path.name} says that its voxels start at byte {stated:g} (vox_offset), within its header: byte {first} was taken",)


def _spatial_shape(path: Path, sizes: tuple[int, ...]) -> tuple[int, int, int]:
    dimensions = sizes[0]
    if not 2 <= dimensions <= 7 or min(sizes[1 : dimensions + 1]) < 1:
        raise InputError(f"{path.name} gives image sizes of {sizes} (dim), which is damaged; expected 2 or 3 sizes above 0")
    used = sizes[1 : dimensions + 1]
    if any(size > 1 for size in used[3:]):
        raise InputError(
            f"{path.name} has {dimensions} dimensions of sizes {used}; expected one 3D image: export a single time point or channel"
        )
    x, y, z = (*used, 1)[:3]
    return x, y, z


def _itk_geometry(path: Path, header: bytes, order: ByteOrder) -> sitk.ImageFileReader:
    """Let ITK read spacing, origin and direction from a copy of the header alone, whatever the file's name."""
    alone = bytearray(header) + bytes(4)
    alone[344:348] = b"n+1\0"  # also for the header of a pair
    struct.pack_into(f"{order}f", alone, 108, len(alone))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "header.nii"
        copy.write_bytes(alone)
        reader = sitk.ImageFileReader()
        reader.SetImageIO("NiftiImageIO")
        reader.SetFileName(str(copy))
        try:
            reader.ReadImageInformation()
        except RuntimeError as error:
            raise InputError(
                f"{path.name} has a damaged orientation (sform, qform); resample it onto a grid with perpendicular axes"
            ) from error
    return reader


def _orientation_warnings(path: Path, header: bytes, order: ByteOrder, spacing_xyz_mm: tuple[float, ...]) -> tuple[str, ...]:
    qform_code, sform_code = struct.unpack_from(f"{order}2h", header, 252)
    if qform_code <= 0 and sform_code <= 0:
        return (f"{path.name} does not say how the patient lies in it (no sform, no qform): check that right and left are not swapped",)
    if sform_code > 0 and len(spacing_xyz_mm) == 3:
        matrix = np.array(struct.unpack_from(f"{order}12f", header, 280)).reshape(3, 4)[:, :3]
        lengths = np.linalg.norm(matrix, axis=0)
        if not np.allclose(lengths, spacing_xyz_mm, rtol=limits.SPACING_TOLERANCE_SHARE):
            sform, pixdim = (" × ".join(f"{value:.4g}" for value in values) for values in (lengths, spacing_xyz_mm))
            return (f"{path.name} states two voxel sizes: {pixdim} (pixdim, used here) and {sform} (sform); check which is true",)
    return ()
