"""Vessels, nodules and airway walls inside a lung are lung: filled side by side, so that the lungs never join."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .morphology import SpacingZyx, bounding_box, closed, without_holes


def fill_side(side: np.ndarray, closing_radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Fill one lung: cavities enclosed in 3D, and gaps narrower than twice the radius.

    Parameters
    ----------
    side : numpy.ndarray
        bool (z, y, x): aerated part of one lung.
    closing_radius_mm : float
        0 switches the closing off.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x), at least ``side``.
    """
    if not side.any():
        return side
    margin = tuple(int(np.ceil(closing_radius_mm / spacing)) + 1 for spacing in spacing_zyx_mm)
    box = bounding_box(side, margin)  # type: ignore[arg-type]
    part = side[box]
    if closing_radius_mm > 0:
        part = closed(part, closing_radius_mm, spacing_zyx_mm)
    if part.shape[0] == 1:
        # A single slice has nothing above and below: what it encloses in plane is all there is to fill.
        part = ndimage.binary_fill_holes(part[0])[None]
    filled = np.zeros(side.shape, bool)
    filled[box] = without_holes(part)
    return filled
