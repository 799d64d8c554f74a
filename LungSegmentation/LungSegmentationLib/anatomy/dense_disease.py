"""Dense disease that touches the pleura: soft tissue with lung around it where no mediastinum can be."""

from __future__ import annotations

import numpy as np

from .morphology import SpacingZyx, bounding_box, dilated, eroded

_DENSE_ABOVE_HU, _DENSE_BELOW_HU = -400, 200
# Thinner pieces are partial volume and vessels at the pleura: the closing's business.
_SMALLEST_HALF_WIDTH_MM = 4.0


def dense_disease(
    mean_hu: np.ndarray, side: np.ndarray, other_side: np.ndarray, airway_blocks: np.ndarray, is_right: bool, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Find consolidation, masses and nodules between a lung and the chest wall.

    A voxel of soft tissue is taken when the same lung lies below it, medial of it, and on at least two of
    the sides front, back and lateral. Mediastinum, heart and spine have no own lung medial of them, the
    diaphragm and an effusion none below, the chest wall not enough around.

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
    lung = side[box]
    below = np.logical_or.accumulate(lung, axis=0)
    front = np.logical_or.accumulate(lung, axis=1)
    back = _accumulate_backwards(lung, axis=1)
    towards_right = np.logical_or.accumulate(lung, axis=2)
    towards_left = _accumulate_backwards(lung, axis=2)
    medial, lateral = (towards_left, towards_right) if is_right else (towards_right, towards_left)
    around = (front & back) | (front & lateral) | (back & lateral)
    hu = mean_hu[box]
    free = ~lung & ~other_side[box] & ~airway_blocks[box]
    candidate = free & (hu > _DENSE_ABOVE_HU) & (hu < _DENSE_BELOW_HU) & below & medial & around
    thick = eroded(candidate, _SMALLEST_HALF_WIDTH_MM, spacing_zyx_mm)
    if thick.any():
        found[box] = dilated(thick, 1.5 * _SMALLEST_HALF_WIDTH_MM, spacing_zyx_mm) & candidate
    return found


def _accumulate_backwards(mask: np.ndarray, axis: int) -> np.ndarray:
    return np.flip(np.logical_or.accumulate(np.flip(mask, axis), axis=axis), axis)
