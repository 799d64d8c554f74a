"""NIfTI-1 files: voxels and geometry, with the checks that image libraries leave out.

ITK fills what is missing of a truncated file with zeros and takes a voxel size of 0 for 1 mm, without
a word. So the voxels are read and counted here, and only the geometry is left to ITK.
Format: R. W. Cox et al., NIfTI-1 data format (nifti1.h), https://nifti.nimh.nih.gov/nifti-1.
"""

from __future__ import annotations

import gzip
import math
import struct
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import SimpleITK as sitk

from .errors import InputError

ByteOrder = Literal["<", ">"]

_HEADER_SIZE = 348
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
    """Say whether a file's first bytes (348 or more; of a gzip file a few thousand) are those of one NIfTI-1 file."""
    if start.startswith(_GZIP_MAGIC):
        try:
            start = zlib.decompressobj(wbits=31).decompress(start, _HEADER_SIZE)
        except zlib.error:
            return False
    return len(start) >= _HEADER_SIZE and start[344:348] == b"n+1\0" and _byte_order(start) is not None


def read_nifti(path: Path) -> NiftiImage:
    """Read a NIfTI-1 file (.nii, .nii.gz), complete or not at all.

    Returns
    -------
    NiftiImage
        ``stored`` has the file's own dtype, shape (slices, rows, columns).

    Raises
    ------
    InputError
        For a truncated or damaged file, several channels or time points, or an impossible voxel size.
    """
    content = _content(path)
    header = bytes(content[:_HEADER_SIZE])
    order = _byte_order(header)
    if order is None:
        raise InputError(f"{path.name} is not a NIfTI-1 file, or its header is damaged")
    sizes = struct.unpack_from(f"{order}8h", header, 40)
    shape_xyz = _spatial_shape(path, sizes)
    spacing_xyz_mm = struct.unpack_from(f"{order}8f", header, 76)[1 : 1 + min(sizes[0], 3)]
    if not all(math.isfinite(size) and size > 0 for size in spacing_xyz_mm):
        raise InputError(f"{path.name} gives voxel sizes of {tuple(spacing_xyz_mm)} (pixdim); each must be a number above 0")
    (datatype,) = struct.unpack_from(f"{order}h", header, 70)
    if datatype not in _DTYPES:
        kind = _COLOUR_OR_COMPLEX.get(datatype, f"datatype {datatype}")
        raise InputError(f"{path.name} holds {kind} voxels; expected one real number per voxel")
    dtype = np.dtype(_DTYPES[datatype]).newbyteorder(order)
    (data_start,) = struct.unpack_from(f"{order}f", header, 108)
    data_start = int(data_start) if math.isfinite(data_start) and data_start >= _HEADER_SIZE + 4 else _HEADER_SIZE + 4
    needed, present = math.prod(shape_xyz) * dtype.itemsize, len(content) - data_start
    if present < needed:
        raise InputError(f"{path.name} is cut short: it holds {max(0, present)} of {needed} bytes of voxel data; copy or export it again")
    stored = np.frombuffer(content, dtype, math.prod(shape_xyz), data_start).reshape(shape_xyz[::-1])
    slope, intercept = struct.unpack_from(f"{order}2f", header, 112)
    if slope == 0 or not math.isfinite(slope):  # by the standard: no scaling
        slope, intercept = 1.0, 0.0
    return NiftiImage(
        stored, slope, intercept, _itk_geometry(path, header, order), _orientation_warnings(path, header, order, spacing_xyz_mm)
    )


def _byte_order(header: bytes) -> ByteOrder | None:
    orders: dict[bytes, ByteOrder] = {_HEADER_SIZE.to_bytes(4, "little"): "<", _HEADER_SIZE.to_bytes(4, "big"): ">"}
    return orders.get(header[:4])


def _content(path: Path) -> np.ndarray | bytes:
    with path.open("rb") as file:
        compressed = file.read(2) == _GZIP_MAGIC
    if not compressed:
        return np.memmap(path, np.uint8, mode="r")
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path.name} is cut short or damaged: it cannot be decompressed to its end; copy or export it again") from error


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
                f"{path.name} has axes that are not perpendicular, or a damaged orientation (sform, qform); "
                "resample it onto a grid with perpendicular axes"
            ) from error
    return reader


def _orientation_warnings(path: Path, header: bytes, order: ByteOrder, spacing_xyz_mm: tuple[float, ...]) -> tuple[str, ...]:
    qform_code, sform_code = struct.unpack_from(f"{order}2h", header, 252)
    if qform_code <= 0 and sform_code <= 0:
        return (f"{path.name} does not say how the patient lies in it (no sform, no qform): check that right and left are not swapped",)
    if sform_code > 0 and len(spacing_xyz_mm) == 3:
        matrix = np.array(struct.unpack_from(f"{order}12f", header, 280)).reshape(3, 4)[:, :3]
        lengths = np.linalg.norm(matrix, axis=0)
        if not np.allclose(lengths, spacing_xyz_mm, rtol=0.01):
            sform, pixdim = (" × ".join(f"{value:.4g}" for value in values) for values in (lengths, spacing_xyz_mm))
            return (f"{path.name} states two voxel sizes: {pixdim} (pixdim, used here) and {sform} (sform); check which is true",)
    return ()
