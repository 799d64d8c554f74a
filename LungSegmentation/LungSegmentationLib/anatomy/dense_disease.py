"""Dense disease that touches the pleura: soft tissue with lung around it where no mediastinum can be."""

from __future__ import annotations

import numpy as np

from . import limits
from .morphology import SpacingZyx, bounding_box, dilated, eroded
from .working_grid import WorkingGrid, make_working_grid

# Sixteen directions in an axial slice as steps (rows, columns), one every 22.5 degrees from the front over the patient's left.
_STEPS = (
    *((-1, 0), (-2, 1), (-1, 1), (-1, 2), (0, 1), (1, 2), (1, 1), (2, 1)),
    *((1, 0), (2, -1), (1, -1), (1, -2), (0, -1), (-1, -2), (-1, -1), (-2, -1)),
)
_LEFT, _RIGHT, _QUARTER, _HALF = 4, 12, 4, 8


def dense_disease(
    mean_hu: np.ndarray, side: np.ndarray, other_side: np.ndarray, airway_blocks: np.ndarray, is_right: bool, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Find consolidation, masses and nodules between a lung and the chest wall.

    A voxel of soft tissue is taken when the same lung lies below it, medial of it, and, for some direction in
    which the chest wall may lie (front over lateral to back), on both sides across that
    direction and opposite to it. Mediastinum, heart and spine have no own lung medial of them, the diaphragm
    and an effusion none below, the chest wall not enough around.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), canonical orientation.
    side, other_side : numpy.ndarray
        bool (z, y, x): the filled lung, and the other one.
    airway_blocks : numpy.ndarray
        bool (z, y, x): never lung.
    is_right : bool
        Whether ``side`` is the right lung.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x), outside ``side``.
    """
    found = np.zeros(side.shape, bool)
    if not side.any():
        return found
    box = bounding_box(side)
    lung, hu = side[box], mean_hu[box]
    free = ~lung & ~other_side[box] & ~airway_blocks[box]
    views = make_working_grid(hu, spacing_zyx_mm, limits.DENSE_VIEW_BLOCK_MM)
    candidate = free & (hu > limits.LUNG_BELOW_HU) & (hu < limits.BONE_ABOVE_HU) & views.enlarge(_behind_lung(lung, views, is_right))
    thick = eroded(candidate, limits.DENSE_HALF_WIDTH_MM, spacing_zyx_mm)
    if thick.any():
        found[box] = dilated(thick, limits.REGROWTH_FACTOR * limits.DENSE_HALF_WIDTH_MM, spacing_zyx_mm) & candidate
    return found


def _behind_lung(lung: np.ndarray, views: WorkingGrid, is_right: bool) -> np.ndarray:
    """Mark blocks that the lung surrounds as it surrounds disease at the chest wall."""
    blocks = views.sample(lung)
    seen = [_lung_in_direction(blocks, step) for step in _STEPS]
    count = len(_STEPS)
    lateral, medial = (_RIGHT, _LEFT) if is_right else (_LEFT, _RIGHT)
    surrounded = np.zeros(blocks.shape, bool)
    for offset in range(-_QUARTER, _QUARTER + 1):
        wall = lateral + offset
        across = seen[(wall + _QUARTER) % count] & seen[(wall - _QUARTER) % count]
        surrounded |= across & seen[(wall + _HALF) % count]
    return surrounded & seen[medial] & np.logical_or.accumulate(blocks, axis=0)


def _lung_in_direction(lung: np.ndarray, step: tuple[int, int]) -> np.ndarray:
    """Mark voxels from which a straight walk in a direction (rows, columns) meets the lung."""
    rows, columns = step
    if rows == 0:
        return _lung_in_direction(lung.transpose(0, 2, 1), (columns, rows)).transpose(0, 2, 1)
    met = np.zeros(lung.shape, bool)
    height, width = lung.shape[1:]
    for row in range(-rows, height) if rows < 0 else range(height - rows - 1, -1, -1):
        ahead = lung[:, row + rows] | met[:, row + rows]
        met[:, row, max(0, -columns) : width - max(0, columns)] = ahead[:, max(0, columns) : width - max(0, -columns)]
    return met
