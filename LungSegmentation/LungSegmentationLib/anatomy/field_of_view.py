"""Where the image ends inside a lung: reported, never guessed."""

from __future__ import annotations

import numpy as np

from . import limits
from .working_grid import WorkingGrid

_NAMES = (("bottom", "top"), ("front", "back"), ("right", "left"))
_ROUND = "edge of the round field of view"


def cuts_through_lungs(lungs: np.ndarray, grid: WorkingGrid, box: tuple[slice, slice, slice], full_shape_zyx: tuple[int, ...]) -> list[str]:
    """Name the ends of the field of view that cut the lungs.

    Parameters
    ----------
    lungs : numpy.ndarray
        bool, on the working grid: both lungs.
    grid : WorkingGrid
        A part of the canonical volume.
    box : tuple of slice
        Where that part lies in the canonical volume.
    full_shape_zyx : tuple of int
        Shape of the canonical volume.

    Returns
    -------
    list of str
        Among "bottom", "top", "front", "back", "right", "left" and "edge of the round field of view", where the cut
        face measures at least 300 mm². A rectangle that was measured inside a larger image ends at its own sides.
    """
    face_mm2 = face_areas_mm2(grid.spacing_zyx_mm)
    contacts_mm2 = _contacts_with_fill_mm2(lungs, grid, face_mm2)
    cuts = []
    for axis, names in enumerate(_NAMES):
        for index, name, at_end in ((0, names[0], box[axis].start == 0), (-1, names[1], box[axis].stop == full_shape_zyx[axis])):
            face = np.take(lungs, index, axis=axis) if at_end else np.zeros(0, bool)
            if np.count_nonzero(face) * face_mm2[axis] + contacts_mm2.pop(name, 0.0) >= limits.SMALLEST_CUT_MM2:
                cuts.append(name)
    return cuts + [name for name, contact_mm2 in contacts_mm2.items() if contact_mm2 >= limits.SMALLEST_CUT_MM2]


def wide_ends(areas: np.ndarray) -> tuple[bool, bool]:
    """Tell whether the lungs are still wide where a scan begins and where it ends.

    Parameters
    ----------
    areas : numpy.ndarray
        Of the lungs in each slice, in any unit.

    Returns
    -------
    tuple of bool
        For the first and for the last slice.
    """
    first, last = (bool(areas[end] > limits.WIDE_SHARE * areas.max()) for end in (0, -1))
    return first, last


def _contacts_with_fill_mm2(lungs: np.ndarray, grid: WorkingGrid, face_mm2: tuple[float, float, float]) -> dict[str, float]:
    """Measure where the lungs touch what was not measured, by the name of that end of the field of view."""
    if not grid.padding.any():
        return {}
    contacts_mm2: dict[str, float] = {}
    lungs = lungs & ~grid.padding
    empty_slices = np.broadcast_to(grid.padding.all(axis=(1, 2), keepdims=True), grid.padding.shape)
    for axis, names in enumerate(_NAMES):
        fill = grid.padding if axis else empty_slices
        for name, count in zip(names, touching(lungs, fill, axis), strict=True):
            end = name if axis == 0 or grid.measured.is_rectangle else _ROUND
            contacts_mm2[end] = contacts_mm2.get(end, 0.0) + count * face_mm2[axis]
    return contacts_mm2


def face_areas_mm2(spacing_zyx_mm: tuple[float, float, float]) -> tuple[float, float, float]:
    """Give the area of the faces of a voxel that are perpendicular to each axis (z, y, x)."""
    z_mm, y_mm, x_mm = spacing_zyx_mm
    return y_mm * x_mm, z_mm * x_mm, z_mm * y_mm


def shared_faces(first: np.ndarray, second: np.ndarray) -> int:
    """Count the faces at which elements of two masks touch, along every axis."""
    return sum(sum(touching(first, second, axis)) for axis in range(first.ndim))


def touching(first: np.ndarray, second: np.ndarray, axis: int) -> tuple[int, int]:
    """Count the elements of the first mask with one of the second beside them along an axis: before them, and behind them."""
    ahead, behind = [slice(None)] * first.ndim, [slice(None)] * first.ndim
    ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
    a, b = tuple(ahead), tuple(behind)
    return int(np.count_nonzero(first[a] & second[b])), int(np.count_nonzero(first[b] & second[a]))
