"""Slices without a measurement between others: the lungs go on behind them, so a method sees their neighbours instead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..volume import CtVolume


def bridged(volume: CtVolume) -> tuple[CtVolume, np.ndarray]:
    """Put the nearest measured slice in place of every empty one that lies between measured ones.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.

    Returns
    -------
    CtVolume
        The same object where there is no such slice.
    numpy.ndarray
        int, numbers of the slices that were replaced: no label belongs there.
    """
    measured = volume.measured
    used = np.flatnonzero(~measured.empty_slices)
    numbers = np.arange(len(volume.voxels_hu))
    gaps = np.setdiff1d(numbers[used[0] : used[-1] + 1], used)
    if not gaps.size:
        return volume, gaps
    behind = np.searchsorted(used, gaps)
    before, after = used[behind - 1], used[behind]
    numbers[gaps] = np.where(gaps - before <= after - gaps, before, after)
    filled = replace(volume, voxels_hu=volume.voxels_hu[numbers])
    vars(filled)["measured"] = replace(measured, first=measured.first[numbers], stop=measured.stop[numbers])
    return filled, gaps
