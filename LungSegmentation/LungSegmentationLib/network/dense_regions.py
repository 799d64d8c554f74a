"""Which of the soft tissue that a network marks as lung is accepted."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.limits import REGROWTH_FACTOR
from ..anatomy.morphology import SpacingZyx, bounding_box, components, dilated, eroded, grown_by_one, largest_component
from . import limits


def accept_dense_regions(dense: np.ndarray, side: np.ndarray, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Keep the regions that are thicker than a rim, are not fat, and touch the rest of their lung.

    What fat parts from the lung, such as bowel below a raised diaphragm, goes with it: of a region that holds fat, what is left must be
    thicker than a rim too, and touch the largest piece of the lung, not some gas that the network took for lung as well. A side without
    any air keeps nothing: a lung that is dense all through looks like the space that a removed one left.

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
    dense = _thicker_than_rim(dense, spacing_zyx_mm)
    if not dense.any():
        return accepted
    box = bounding_box(dense, (2, 2, 2))
    regions, lung = dense[box], side[box]
    fat = fat_in_bulk(mean_hu[box], spacing_zyx_mm)
    with_fat = _touching(regions, fat)
    accepted[box] = _touching(regions & ~with_fat, grown_by_one(lung))
    if with_fat.any():
        parted = _thicker_than_rim(with_fat & ~fat, spacing_zyx_mm)
        accepted[box] |= _touching(parted, grown_by_one(largest_component(side)[box]))
    return accepted


def _thicker_than_rim(mask: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Keep what a ball fits into, with its corners."""
    core = eroded(mask, limits.RIM_MM, spacing_zyx_mm)
    return dilated(core, REGROWTH_FACTOR * limits.RIM_MM, spacing_zyx_mm) & mask


def _touching(regions: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Keep the regions (bool) that have a voxel in common with a mask."""
    labels, count = components(regions)
    kept = np.zeros(count + 1, bool)
    kept[labels[regions & where]] = True
    return kept[labels]


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
