"""Scars among supposed vessels: rods that are thick at the chest wall, where vessels are too thin to be seen."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx, dilated
from ..anatomy.pieces import pieces_of
from ..scan_field.outline_hull import convex_field
from . import limits


def near_chest_wall(lungs: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Mark what is near to the outer side of the lungs, on the ribs' side and at the apex, but not at mediastinum and diaphragm.

    Parameters
    ----------
    lungs : numpy.ndarray
        bool (z, y, x): both lungs.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x): up to 12 mm from what lies outside of the convex hull of the lungs in its slice, or in a slice above
        them. Slices below them do not count.
    """
    steps = [max(1, round(limits.WALL_STEP_MM / spacing)) for spacing in spacing_zyx_mm]
    some = lungs[tuple(slice(None, None, step) for step in steps)]
    outer = np.zeros(some.shape, bool)
    used = np.flatnonzero(some.any(axis=(1, 2)))
    for index in used:
        outer[index] = ~convex_field(some[index])
    if used.size:
        outer[used[-1] + 1 :] = True
    z_mm, y_mm, x_mm = (step * spacing for step, spacing in zip(steps, spacing_zyx_mm, strict=True))
    near = dilated(outer, limits.WALL_REACH_MM, (z_mm, y_mm, x_mm))
    for axis, (step, size) in enumerate(zip(steps, lungs.shape, strict=True)):
        near = np.repeat(near, step, axis=axis)[(slice(None),) * axis + (slice(0, size),)]
    return near


def scars_among(image: np.ndarray, vessels: np.ndarray, at_wall: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Find rods that are thick where they meet the chest wall, and end within some cm.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x): brightness as a part of blood's contrast, slightly blurred.
    vessels, at_wall : numpy.ndarray
        bool (z, y, x): and voxels next to the chest wall.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    places = np.flatnonzero(vessels)
    places = places[image.reshape(-1)[places] > limits.THICK_SHARE]
    foot = at_wall.reshape(-1)[places]
    scars = np.zeros(vessels.shape, bool)
    if not foot.any():
        return scars
    pieces = pieces_of(places, vessels.shape)
    at_wall_ml = np.bincount(pieces.numbers[foot], minlength=pieces.count) * np.prod(spacing_zyx_mm) / 1000
    first, last = pieces.boxes()
    # What the scan cuts may go on.
    is_whole = (first > 0).all(axis=1) & (last < np.array(vessels.shape) - 1).all(axis=1)
    is_scar = (at_wall_ml >= limits.SCAR_FOOT_ML) & is_whole & (pieces.diagonals_mm(spacing_zyx_mm) <= limits.LONGEST_SCAR_MM)
    scars.reshape(-1)[places[is_scar[pieces.numbers]]] = True
    return dilated(scars, limits.SCAR_RIM_MM, spacing_zyx_mm) & vessels
