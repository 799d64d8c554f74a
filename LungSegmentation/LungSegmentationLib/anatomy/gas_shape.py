"""The shape of a region of gas: a ball, as a bulla is, or a layer around a lung, as free pleural air is."""

from __future__ import annotations

import numpy as np

from . import limits
from .morphology import SpacingZyx, closed, distance_to_mm


def sides_in_diameters(region: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[float, float]:
    """Compare the size of a region with that of a ball of its volume.

    Parameters
    ----------
    region : numpy.ndarray
        bool (z, y, x), in the box just around it; not empty.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    longest, middle : float
        The two longest sides of the box in diameters of that ball: 1 for a ball, 1.26 for half of one, more for a layer around a lung.
        A tube has a long side only.
    """
    sides_mm = sorted(size * mm for size, mm in zip(region.shape, spacing_zyx_mm, strict=True))
    diameter_mm = 2 * _radius_mm(region, spacing_zyx_mm)
    return sides_mm[2] / diameter_mm, sides_mm[1] / diameter_mm


def roundness(region: np.ndarray, spacing_zyx_mm: SpacingZyx) -> float:
    """Compare the largest ball that a region holds with a ball of its volume.

    Parameters
    ----------
    region : numpy.ndarray
        bool (z, y, x); not empty.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    float
        Ratio of the radii: 1 for a ball, 0.63 for half of one, less for a layer.
    """
    margin = [(int(limits.SHAPE_NOISE_MM / mm) + 2,) * 2 for mm in spacing_zyx_mm]
    whole = closed(np.pad(region, margin), limits.SHAPE_NOISE_MM, spacing_zyx_mm)
    return float(distance_to_mm(~whole, spacing_zyx_mm).max() / _radius_mm(whole, spacing_zyx_mm))


def _radius_mm(region: np.ndarray, spacing_zyx_mm: SpacingZyx) -> float:
    return float(np.cbrt(0.75 * np.count_nonzero(region) * np.prod(spacing_zyx_mm) / np.pi))
