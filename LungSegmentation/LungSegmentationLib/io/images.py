"""The one way to the voxels of an image file: NIfTI, NRRD and MetaImage, each checked before it is read.

The file's content, not its ending, says what it is. CT, label maps, masks and probability maps all come this way.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import InputError
from . import limits
from .file_checks import read_start
from .meta_image import read_meta_image_header
from .nifti import NiftiImage, header_beside, is_nifti, nifti_layout, read_nifti
from .nrrd_header import read_nrrd_header
from .text_headers import TextHeader, placed_by_itk
from .voxel_data import check_voxels, read_voxels

_START_BYTES = 65536
_META_IMAGE = re.compile(rb"\s*(ObjectType|NDims|Comment|ObjectSubType)\s*=")
EXPECTED_IMAGE = "a file of NIfTI (.nii, .nii.gz, .hdr with .img), NRRD (.nrrd, .nhdr) or MetaImage (.mha, .mhd)"


@dataclass(frozen=True)
class StoredImage:
    """What an image file holds.

    Parameters
    ----------
    stored : numpy.ndarray
        Shape (slices, rows, columns), in the file's own dtype and byte order; perhaps read-only.
    slope, intercept : float
        A voxel's value is ``stored * slope + intercept``.
    geometry : SimpleITK.ImageFileReader
        ITK's reading of where the voxels lie.
    warnings : tuple of str
        What had to be put right or taken on trust.
    format : str
    """

    stored: np.ndarray
    slope: float
    intercept: float
    geometry: sitk.ImageFileReader
    warnings: tuple[str, ...]
    format: str


def read_image(path: Path, expected: str = EXPECTED_IMAGE) -> StoredImage:
    """Read a NIfTI, NRRD or MetaImage file, complete or not at all; of a NIfTI pair either file may be given.

    Parameters
    ----------
    path : pathlib.Path
    expected : str
        What would be right, for errors.

    Returns
    -------
    StoredImage

    Raises
    ------
    InputError
        For what is no regular file or no such image, is damaged, holds fewer or more voxels than it declares, several values per
        voxel or several volumes, or needs more memory than the limit (see :mod:`.file_checks`).
    """
    start = read_start(path, limits.LARGEST_HEADER_BYTES, expected)
    if is_nifti(start):
        return _of_nifti(read_nifti(path))
    if start.startswith(b"NRRD"):
        return _read_with_text_header(path, "NRRD", "NrrdImageIO", read_nrrd_header(path, start))
    if _META_IMAGE.match(start):
        return _read_with_text_header(path, "MetaImage", "MetaImageIO", read_meta_image_header(path, start))
    header = header_beside(path)
    if header is not None:
        return _of_nifti(read_nifti(header, voxels=path))
    raise InputError(f"{path.name} is not an image that can be read, or it is damaged at its start; expected {expected}")


def image_layout(path: Path) -> tuple[tuple[Path, ...], int] | None:
    """Read of an image file's header which files hold the image and how many voxels it has; no voxel is read.

    Parameters
    ----------
    path : pathlib.Path
        A regular file.

    Returns
    -------
    tuple of pathlib.Path
        The file itself, and those with its voxels where they lie in others.
    int
        Number of voxels.
    None
        In place of both, where the file does not begin as any image does.

    Raises
    ------
    InputError
        As :func:`read_image`, as far as the header shows it.
    """
    start = read_start(path, _START_BYTES, EXPECTED_IMAGE)
    if is_nifti(start):
        files, sizes = nifti_layout(path)
        return files, math.prod(sizes)
    read_header = read_nrrd_header if start.startswith(b"NRRD") else read_meta_image_header if _META_IMAGE.match(start) else None
    if read_header is None:
        return None
    if len(start) == _START_BYTES:  # perhaps not the whole header
        start = read_start(path, limits.LARGEST_HEADER_BYTES, EXPECTED_IMAGE)
    header = read_header(path, start)
    return tuple(dict.fromkeys((path, *header.place.files))), math.prod(header.sizes)


def _of_nifti(image: NiftiImage) -> StoredImage:
    return StoredImage(image.stored, image.slope, image.intercept, image.geometry, image.warnings, "NIfTI")


def _read_with_text_header(path: Path, image_format: str, image_io: str, header: TextHeader) -> StoredImage:
    check_voxels(path.name, header.place, header.dtype, header.sizes)
    geometry = placed_by_itk(path.name, header, image_format, image_io)
    stored, notes = read_voxels(path.name, header.place, header.dtype, header.sizes[::-1])
    x, y, z = (*geometry.GetSize(), 1)[:3]
    warnings = (*_header_warnings(path.name, header.fields), *header.notes, *notes)
    return StoredImage(stored.reshape(z, y, x), 1.0, 0.0, geometry, warnings, image_format)


def _header_warnings(name: str, fields: dict[str, str]) -> tuple[str, ...]:
    warnings = []
    if not any(key in fields for key in ("elementspacing", "elementsize", "spacings", "space directions")):
        warnings.append(f"{name} gives no voxel spacing: 1 mm was taken, so volumes are not to be trusted")
    is_nrrd = "elementdatafile" not in fields
    if is_nrrd and "space" not in fields:
        warnings.append(f"{name} does not say how the patient lies in it (no space): check that right and left are not swapped")
    return tuple(warnings)
