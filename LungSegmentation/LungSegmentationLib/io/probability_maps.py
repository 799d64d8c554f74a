"""Maps of lung probability, read without rounding."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import InputError
from ..grids import Grid
from . import limits
from .images import StoredImage, read_image

_HIGHEST_BYTE = 255.0


def read_probability(path: str | Path, notes: list[str] | None = None) -> tuple[np.ndarray, Grid]:
    """Read a probability map.

    Parameters
    ----------
    path : str or pathlib.Path
        NIfTI, NRRD or MetaImage: numbers from 0 to 1, or whole numbers from 0 to 255 that stand for them.
    notes : list of str, optional
        What had to be put right or taken on trust in the file is added to it.

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
    image = read_image(path, "a probability map as NIfTI, NRRD or MetaImage")
    stored, geometry = _scaled(image), image.geometry
    if geometry.GetDimension() != 3:
        raise InputError(f"{path.name} has {geometry.GetDimension()} dimensions; expected one 3D map of numbers from 0 to 1")
    slices, rows, columns = stored.shape
    x_mm, y_mm, z_mm = (float(mm) for mm in geometry.GetSpacing()[:3])
    x, y, z = (float(mm) for mm in geometry.GetOrigin()[:3])
    grid = Grid((slices, rows, columns), (z_mm, y_mm, x_mm), (x, y, z), np.reshape(geometry.GetDirection(), (3, 3)))
    if notes is not None:
        notes.extend(image.warnings)
    return _as_probability(stored, path.name), grid


def _scaled(image: StoredImage) -> np.ndarray:
    if (image.slope, image.intercept) == (1.0, 0.0):
        return image.stored
    return image.stored.astype(np.float32) * np.float32(image.slope) + np.float32(image.intercept)


def _as_probability(stored: np.ndarray, name: str) -> np.ndarray:
    low, high = float(stored.min()), float(stored.max())  # not a number where any voxel is none
    if stored.dtype.kind != "f" and low >= 0 and 1 < high <= _HIGHEST_BYTE:
        return stored.astype(np.uint8, copy=False)
    if not (low >= -limits.ROUNDING_SHARE and high <= 1 + limits.ROUNDING_SHARE):
        raise InputError(
            f"{name} holds values from {low:g} to {high:g}; expected probabilities from 0 to 1, or whole numbers from 0 to 255"
        )
    return stored.astype(np.float32)
