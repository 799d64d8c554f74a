"""Which of the soft tissue that a network marks as lung is accepted."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.morphology import SpacingZyx, bounding_box, components, dilated, eroded, grown_by_one
from . import limits


def accept_dense_regions(dense: np.ndarray, side: np.ndarray, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Keep the regions that are not fat and touch the rest of their lung.

    What fat parts from the lung, such as bowel below a raised diaphragm, goes with it. A side without any air keeps nothing: a lung that
    is dense all through looks like the space that a removed one left.

    Parameters
    ----------
    dense, side : numpy.ndarray
        bool (z, y, x): soft tissue that the network marks, and the rest of its lung.
    mean_hu : numpy.ndarray
        int16, block means.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool: those parts of ``dense`` that belong to the lung.
    """
    accepted = np.zeros(dense.shape, bool)
    if not dense.any():
        return accepted
    box = bounding_box(dense, (2, 2, 2))
    candidates = dense[box] & ~fat_in_bulk(mean_hu[box], spacing_zyx_mm)
    labels, count = components(candidates)
    touches = np.zeros(count + 1, bool)
    touches[labels[candidates & grown_by_one(side[box])]] = True
    touches[0] = False
    accepted[box] = touches[labels]
    return accepted


def fat_in_bulk(mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Mark fat that is thicker than a border.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), block means.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool
    """
    hu = mean_hu.astype(np.float32)
    mean = ndimage.uniform_filter(hu, 3, mode="nearest")
    variance = ndimage.uniform_filter(hu * hu, 3, mode="nearest") - mean * mean
    even = (mean > limits.FAT_HU[0]) & (mean < limits.FAT_HU[1]) & (variance < limits.FAT_SD_HU**2)
    core = eroded(even, limits.FAT_RIM_MM, spacing_zyx_mm)
    if not core.any():
        return core
    # Its own rim is darker where lung is beside it, down to twice as dark.
    fat_or_rim = (mean_hu > 2 * limits.FAT_HU[0]) & (mean_hu < limits.FAT_HU[1])
    return dilated(core, 2 * limits.FAT_RIM_MM, spacing_zyx_mm) & fat_or_rim
