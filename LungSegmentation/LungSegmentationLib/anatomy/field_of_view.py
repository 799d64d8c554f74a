"""Where the image ends inside a lung: reported, never guessed."""

from __future__ import annotations

import numpy as np

from .working_grid import WorkingGrid

_SMALLEST_CUT_MM2 = 300.0


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
        face measures at least 300 mm².
    """
    z_mm, y_mm, x_mm = grid.spacing_zyx_mm
    face_mm2 = (y_mm * x_mm, z_mm * x_mm, z_mm * y_mm)
    cuts = []
    for axis, names in enumerate((("bottom", "top"), ("front", "back"), ("right", "left"))):
        for index, name, at_end in ((0, names[0], box[axis].start == 0), (-1, names[1], box[axis].stop == full_shape_zyx[axis])):
            if at_end and np.count_nonzero(np.take(lungs, index, axis=axis)) * face_mm2[axis] >= _SMALLEST_CUT_MM2:
                cuts.append(name)
    if _padding_contact_mm2(lungs, grid.padding, face_mm2) >= _SMALLEST_CUT_MM2:
        cuts.append("edge of the round field of view")
    return cuts


def _padding_contact_mm2(lungs: np.ndarray, padding: np.ndarray, face_mm2: tuple[float, float, float]) -> float:
    if not padding.any():
        return 0.0
    contact_mm2 = 0.0
    for axis in (1, 2):
        ahead, behind = [slice(None)] * 3, [slice(None)] * 3
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        faces = (lungs[tuple(ahead)] & padding[tuple(behind)]) | (lungs[tuple(behind)] & padding[tuple(ahead)])
        contact_mm2 += np.count_nonzero(faces) * face_mm2[axis]
    return contact_mm2
