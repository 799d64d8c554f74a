"""Maps of how probable lung is in each voxel, read without rounding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError
from .grids import Grid
from .nifti import is_nifti, read_nifti

_START_BYTES = 65536
_ROUNDING = 1e-3
_HIGHEST_BYTE = 255.0


def read_probability(path: str | Path) -> tuple[np.ndarray, Grid]:
    """Read a probability map.

    Parameters
    ----------
    path : str or pathlib.Path
        NIfTI, NRRD or MetaImage: numbers from 0 to 1, or whole numbers from 0 to 255 that stand for them.

    Returns
    -------
    numpy.ndarray
        float32, 0 to 1, or uint8, 0 to 255; shape (slices, rows, columns).
    Grid

    Raises
    ------
    InputError
        When the file cannot be read or holds other numbers.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is not a file; expected a probability map as NIfTI, NRRD or MetaImage")
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    stored, geometry = _read_nifti(path) if is_nifti(start) else _read_with_itk(path)
    if stored.ndim != 3 or stored.dtype.kind not in "biuf":
        raise InputError(f"{path.name} holds {stored.dtype} values with shape {stored.shape}; expected one 3D map of numbers from 0 to 1")
    slices, rows, columns = stored.shape
    x_mm, y_mm, z_mm = (float(mm) for mm in geometry.GetSpacing()[:3])
    x, y, z = (float(mm) for mm in geometry.GetOrigin()[:3])
    grid = Grid((slices, rows, columns), (z_mm, y_mm, x_mm), (x, y, z), np.reshape(geometry.GetDirection(), (3, 3)))
    return _as_probability(stored, path.name), grid


def _read_nifti(path: Path) -> tuple[np.ndarray, Any]:
    image = read_nifti(path)
    if (image.slope, image.intercept) == (1.0, 0.0):
        return image.stored, image.geometry
    return image.stored.astype(np.float32) * np.float32(image.slope) + np.float32(image.intercept), image.geometry


def _read_with_itk(path: Path) -> tuple[np.ndarray, Any]:
    import SimpleITK as sitk

    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise InputError(f"{path.name} cannot be read as a probability map; expected NIfTI, NRRD or MetaImage, whole") from error
    if image.GetDimension() != 3:
        raise InputError(f"{path.name} has {image.GetDimension()} dimensions; expected one 3D map of numbers from 0 to 1")
    return sitk.GetArrayFromImage(image), image


def _as_probability(stored: np.ndarray, name: str) -> np.ndarray:
    low, high = float(stored.min()), float(stored.max())  # not a number where any voxel is none
    if stored.dtype.kind != "f" and low >= 0 and 1 < high <= _HIGHEST_BYTE:
        return stored.astype(np.uint8, copy=False)
    if not (low >= -_ROUNDING and high <= 1 + _ROUNDING):
        raise InputError(
            f"{name} holds values from {low:g} to {high:g}; expected probabilities from 0 to 1, or whole numbers from 0 to 255"
        )
    return stored.astype(np.float32)
