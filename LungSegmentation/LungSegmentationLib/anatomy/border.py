"""The border at full resolution: topology comes from the working grid, each border voxel from its own density."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..labels import LEFT_LUNG, RIGHT_LUNG
from .morphology import grown_by_one
from .working_grid import WorkingGrid

_THREADS = 2
_CERTAIN = 4
_SLAB_SLICES = 16


def draw_lungs(
    labels: np.ndarray,
    voxels_hu: np.ndarray,
    grid: WorkingGrid,
    right: np.ndarray,
    left: np.ndarray,
    aerated: np.ndarray,
    forbidden: np.ndarray,
    threshold_hu: float,
) -> None:
    """Draw two lungs of the working grid into a label map at full resolution.

    Blocks inside a lung are lung as they are. In the blocks along the aerated border, inside and
    outside, each voxel is lung where its density is below the threshold. Where the lung was closed
    over dense tissue (a vessel, a nodule) there is no such border and the block's edge stays.

    Parameters
    ----------
    labels : numpy.ndarray
        uint8 (z, y, x), written: 1 right lung, 2 left lung, 0 elsewhere.
    voxels_hu : numpy.ndarray
        int16, the shape of ``labels``.
    grid : WorkingGrid
        Of ``voxels_hu``.
    right, left : numpy.ndarray
        bool, on the working grid: the filled lungs, disjoint.
    aerated : numpy.ndarray
        bool, on the working grid: blocks of lung density.
    forbidden : numpy.ndarray
        bool, on the working grid: blocks that must not become lung (airways, other air).
    threshold_hu : float
    """
    blocks = np.where(right, np.uint8(RIGHT_LUNG), np.where(left, np.uint8(LEFT_LUNG), np.uint8(0)))
    if grid.factors_zyx == (1, 1, 1):
        labels[...] = np.where(forbidden | grid.padding, np.uint8(0), blocks)
        return
    lungs = right | left
    beside_right = grown_by_one(right) & ~lungs
    beside_left = grown_by_one(left) & ~lungs & ~beside_right
    blocks[beside_right] = RIGHT_LUNG
    blocks[beside_left] = LEFT_LUNG
    at_aerated_border = aerated & grown_by_one(~lungs)
    blocks[lungs & ~at_aerated_border] |= _CERTAIN
    blocks[forbidden] = 0

    is_whole = grid.measured.is_whole

    def draw(part: slice) -> None:
        here = grid.enlarge(blocks, part)
        is_lung = (here >= _CERTAIN) | (voxels_hu[part] < threshold_hu)
        if not is_whole:
            is_lung &= grid.measured.mask((part, slice(None), slice(None)))
        here &= _CERTAIN - 1
        here *= is_lung.view(np.uint8)
        fill_pits(here)
        labels[part] = here

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(draw, [slice(start, start + _SLAB_SLICES) for start in range(0, labels.shape[0], _SLAB_SLICES)]))


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
        here += before * ((here == 0) & (before == after)).view(np.uint8)
