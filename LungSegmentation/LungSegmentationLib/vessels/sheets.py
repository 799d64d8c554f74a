"""Sheets among supposed vessels: fissures, thick septa, and the lines in which these meet."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx
from . import limits
from .neighbourhood import middles_among, nearest_around
from .rays import directions_over_sphere

_RAYS = 32
_SAMPLES = (0.25, 0.5, 0.75, 1)
_TUBE, _SHEET = 1, 2


def sheets_among(image: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Find what goes on in too many directions for a thin vessel.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x), contiguous: brightness as a part of blood's contrast, slightly blurred.
    vessels : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        int flat indices of voxels of ``vessels`` that are sheet.

    Notes
    -----
    Of all directions, those along which half of the brightness is left at 3 mm are 33 % in a sheet that looks 2 mm thick, 50 % where
    three meet, 3 to 12 % in a tube of 0.7 to 1.4 mm radius, and 18 % where three of these meet. A plain sheet is no tube by
    its second derivatives; what is left are its edges' and junctions' surroundings. Brighter voxels are wide vessels'.
    """
    places = np.flatnonzero(vessels)
    middles = middles_among(places, image, limits.LINES_OF_SHEET_COUNT)
    thin = middles[image.reshape(-1)[middles] < limits.BRIGHTEST_SHEET_SHARE]
    reach_mm = max(limits.SHEET_REACH_MM, limits.SHEET_REACH_VOXELS * max(spacing_zyx_mm))
    counts = _rays_that_go_on(image, thin, reach_mm, spacing_zyx_mm)
    is_sheet = counts > limits.LEAST_SHEET_SHARE * _RAYS
    kinds = np.zeros(image.shape, np.uint8)
    kinds.reshape(-1)[middles] = _TUBE
    kinds.reshape(-1)[thin[is_sheet]] = _SHEET
    return places[nearest_around(kinds, places, reach_mm / 2, spacing_zyx_mm) == _SHEET]


def _rays_that_go_on(image: np.ndarray, places: np.ndarray, reach_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Count the rays along which half of the brightness is left; what gets brighter on the way is a wide vessel nearby."""
    flat, brightness = image.reshape(-1), image.reshape(-1)[places]
    strides = np.array((image.shape[1] * image.shape[2], image.shape[2], 1))
    reach = np.ceil(reach_mm / np.asarray(spacing_zyx_mm)).astype(int)
    coordinates = np.unravel_index(places, image.shape)
    is_far = [(index >= width) & (index < size - width) for index, width, size in zip(coordinates, reach, image.shape, strict=True)]
    inner = np.flatnonzero(np.logical_and.reduce(is_far))
    counts = np.zeros(places.size, np.uint8)
    for direction in directions_over_sphere(_RAYS):
        left = inner
        for part in _SAMPLES:
            step = int(np.rint(part * reach_mm * direction / spacing_zyx_mm).astype(int) @ strides)
            left = left[flat[places[left] + step] >= brightness[left] / 2]
        counts[left[flat[places[left] + step] < limits.BRIGHTER_ALONG_RATIO * brightness[left]]] += 1
    return counts
