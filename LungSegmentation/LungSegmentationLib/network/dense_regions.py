"""Which of the soft tissue that a network marks as lung is accepted."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.limits import REGROWTH_FACTOR
from ..anatomy.local_statistics import local_statistics
from ..anatomy.morphology import SpacingZyx, bounding_box, components, dilated, eroded, grown_by_one, largest_component, widened
from . import limits


def accept_dense_regions(dense: np.ndarray, side: np.ndarray, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Keep the regions that are thicker than a rim, are neither fat nor fluid, and touch the rest of their lung.

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
    box = bounding_box(dense, _margin_blocks(spacing_zyx_mm))
    regions, lung = dense[box], side[box]
    statistics = local_statistics(mean_hu[box])
    fluid = fluid_in_bulk(mean_hu[box], statistics, regions | lung, spacing_zyx_mm)
    if (regions & fluid).any():
        regions = _thicker_than_rim(regions & ~fluid, spacing_zyx_mm)
    fat = fat_in_bulk(mean_hu[box], statistics, spacing_zyx_mm)
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


def fat_in_bulk(mean_hu: np.ndarray, statistics: tuple[np.ndarray, np.ndarray], spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Mark fat that is thicker than a border.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), block means.
    statistics : tuple of numpy.ndarray
        Theirs, by :func:`..anatomy.local_statistics.local_statistics`.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool
    """
    mean, variance = statistics
    even = (mean > limits.FAT_HU[0]) & (mean < limits.FAT_HU[1]) & (variance < limits.FAT_SD_HU**2)
    core = eroded(even, limits.FAT_RIM_MM, spacing_zyx_mm)
    if not core.any():
        return core
    # Its own rim is darker where lung is beside it, down to twice as dark.
    fat_or_rim = (mean_hu > 2 * limits.FAT_HU[0]) & (mean_hu < limits.FAT_HU[1])
    return dilated(core, 2 * limits.FAT_RIM_MM, spacing_zyx_mm) & fat_or_rim


def fluid_in_bulk(
    mean_hu: np.ndarray, statistics: tuple[np.ndarray, np.ndarray], lung: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Mark fluid that lies against the chest wall, the diaphragm or the mediastinum: pleural effusion.

    It has the density of water and is as even as noise lets it be, which lung with fluid in it is not. Dead tissue in a tumour has
    lung or tumour around it.

    Parameters
    ----------
    mean_hu, statistics
        As for :func:`fat_in_bulk`.
    lung : numpy.ndarray
        bool: what may be lung, dense or not.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool
    """
    fluid = np.zeros(mean_hu.shape, bool)
    mean, variance = statistics
    soft = ~lung & (mean > limits.SOFT_TISSUE_HU[0]) & (mean < limits.SOFT_TISSUE_HU[1])
    if not soft.any():
        return fluid
    noise_hu2 = np.percentile(variance[soft][::7], limits.EVEN_PERCENT)  # every seventh block tells it as well
    water = (mean > limits.FLUID_HU[0]) & (mean < limits.FLUID_HU[1]) & (variance < limits.FLUID_UNEVENNESS_RATIO**2 * noise_hu2)
    if not (water & lung).any():
        return fluid
    core = eroded(water, limits.FLUID_RIM_MM, spacing_zyx_mm)
    if not (core & lung).any():
        return fluid
    with_rim = dilated(core, 2 * limits.FLUID_RIM_MM, spacing_zyx_mm) & (mean > limits.FLUID_RIM_HU[0]) & (mean < limits.FLUID_RIM_HU[1])
    labels, count = components(with_rim)
    for number, box in enumerate(ndimage.find_objects(labels, count), start=1):
        around = widened(box, limits.FLUID_SHELL_MM, spacing_zyx_mm)
        region = labels[around] == number
        if not (region & lung[around]).any():
            continue
        shell = dilated(region, limits.FLUID_SHELL_MM, spacing_zyx_mm) & ~grown_by_one(region)
        wall = shell & ~lung[around] & (mean_hu[around] > limits.WALL_ABOVE_HU)
        if np.count_nonzero(wall) >= limits.FLUID_WALL_SHARE * np.count_nonzero(shell):
            fluid[around] |= region
    return fluid


def _margin_blocks(spacing_zyx_mm: SpacingZyx) -> tuple[int, int, int]:
    z, y, x = (int(np.ceil(limits.FLUID_SHELL_MM / spacing)) + 1 for spacing in spacing_zyx_mm)
    return z, y, x
