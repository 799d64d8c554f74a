"""Sheets among supposed vessels: fissures, thick septa, and the lines in which these meet."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx
from . import limits
from .neighbourhood import middles_among, nearest_around
from .rays import directions_over_sphere, ray_exits_mm

_RAYS = 48
_TUBE, _SHEET = 1, 2


def sheets_among(image: np.ndarray, vessels: np.ndarray, lung: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Find what goes on in too many directions for a thin vessel.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x), contiguous: brightness as a part of blood's contrast, slightly blurred.
    vessels, lung : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        int flat indices of voxels of ``vessels`` that are sheet.

    Notes
    -----
    Of all directions, those along which half of the brightness is left at 3 mm are 33 % in a sheet 2 mm thick, 50 % where three
    meet, 3 to 12 % in a tube of 0.7 to 1.4 mm radius, and 18 % where three of these meet. Brighter voxels are wide vessels'.
    """
    places = np.flatnonzero(vessels)
    middles = middles_among(places, image, limits.LINES_OF_SHEET_COUNT)
    thin = middles[image.reshape(-1)[middles] < limits.BRIGHTEST_SHEET_SHARE]
    middles_mm = np.stack(np.unravel_index(thin, image.shape), axis=1) * np.asarray(spacing_zyx_mm)
    levels = image.reshape(-1)[thin] / 2
    reach_mm = max(limits.SHEET_REACH_MM, limits.SHEET_REACH_VOXELS * max(spacing_zyx_mm))
    directions = directions_over_sphere(_RAYS)
    exits_mm, is_inside = ray_exits_mm(image, middles_mm, levels, lung, directions, reach_mm, spacing_zyx_mm)
    goes_on = (exits_mm >= reach_mm) & is_inside
    # What gets brighter on the way is a wide vessel nearby.
    ends = np.rint((middles_mm[:, None] + reach_mm * directions) / spacing_zyx_mm).astype(np.intp)
    z, y, x = np.moveaxis(np.clip(ends, 0, np.array(image.shape) - 1), -1, 0)
    goes_on &= image[z, y, x] < 2 * limits.BRIGHTER_ALONG_RATIO * levels[:, None]
    is_sheet = goes_on.sum(axis=1) > limits.LEAST_SHEET_SHARE * np.maximum(is_inside.sum(axis=1), 1)
    kinds = np.zeros(image.shape, np.uint8)
    kinds.reshape(-1)[middles] = _TUBE
    kinds.reshape(-1)[thin[is_sheet]] = _SHEET
    return places[nearest_around(kinds, places, reach_mm / 2, spacing_zyx_mm) == _SHEET]
