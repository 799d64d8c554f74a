"""The border at full resolution: topology comes from the working grid, each border voxel from its own density."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..labels import LEFT_LUNG, RIGHT_LUNG
from .morphology import grown_by_one
from .working_grid import WorkingGrid

_THREADS = 2
_CERTAIN = 4


def lungs_at_full_resolution(
    voxels_hu: np.ndarray,
    grid: WorkingGrid,
    right: np.ndarray,
    left: np.ndarray,
    aerated: np.ndarray,
    forbidden: np.ndarray,
    threshold_hu: float,
) -> np.ndarray:
    """Bring two lungs from the working grid to the canonical volume.

    Blocks inside a lung are lung as they are. In the blocks along the aerated border, inside and
    outside, each voxel is lung where its density is below the threshold. Where the lung was closed
    over dense tissue (a vessel, a nodule) there is no such border and the block's edge stays.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x), canonical volume.
    grid : WorkingGrid
    right, left : numpy.ndarray
        bool, on the working grid: the filled lungs, disjoint.
    aerated : numpy.ndarray
        bool, on the working grid: blocks of lung density.
    forbidden : numpy.ndarray
        bool, on the working grid: blocks that must not become lung (airways, other air).
    threshold_hu : float

    Returns
    -------
    numpy.ndarray
        uint8 (z, y, x), canonical volume: 1 right lung, 2 left lung.
    """
    lungs = right | left
    blocks = np.where(right, np.uint8(RIGHT_LUNG), np.where(left, np.uint8(LEFT_LUNG), np.uint8(0)))
    if grid.factors_zyx == (1, 1, 1):
        return np.where(forbidden, np.uint8(0), blocks)
    beside_right = grown_by_one(right) & ~lungs
    beside_left = grown_by_one(left) & ~lungs & ~beside_right
    blocks[beside_right] = RIGHT_LUNG
    blocks[beside_left] = LEFT_LUNG
    at_aerated_border = aerated & grown_by_one(~lungs)
    blocks[lungs & ~at_aerated_border] |= _CERTAIN
    blocks[forbidden] = 0
    labels = grid.enlarge(blocks)

    def decide(part: slice) -> None:
        here = labels[part]
        here[(here < _CERTAIN) & (voxels_hu[part] >= threshold_hu)] = 0
        here &= _CERTAIN - 1
        fill_pits(here)

    size = -(-labels.shape[0] // (4 * _THREADS))
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(decide, [slice(start, start + size) for start in range(0, labels.shape[0], size)]))
    return labels


def fill_pits(labels: np.ndarray) -> None:
    """Fill, in place and in plane, voxels that have one and the same lung on opposite sides.

    Parameters
    ----------
    labels : numpy.ndarray
        uint8 (z, y, x).
    """
    for before, here, after in (
        (labels[:, :, :-2], labels[:, :, 1:-1], labels[:, :, 2:]),
        (labels[:, :-2], labels[:, 1:-1], labels[:, 2:]),
    ):
        pit = (here == 0) & (before == after)
        np.copyto(here, before, where=pit)
