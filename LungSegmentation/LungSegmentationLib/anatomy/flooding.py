"""Flood a region step by step from a seed, each voxel once: how far it gets at every level of a rising threshold."""

from __future__ import annotations

import numpy as np

NEVER = 255


def flood_by_steps(step_of: np.ndarray, seed: np.ndarray, steps: int, most_voxels: int) -> tuple[np.ndarray, list[int]]:
    """Find at which step each voxel hangs together, over faces, with the seed.

    Parameters
    ----------
    step_of : numpy.ndarray
        uint8 (z, y, x): the first step at which the flood may enter a voxel; ``NEVER`` where it never may.
    seed : numpy.ndarray
        bool (z, y, x). Its voxels too are entered at their own step only.
    steps : int
        At most 255.
    most_voxels : int
        The flood ends soon after it has reached more voxels outside the seed.

    Returns
    -------
    reached_at : numpy.ndarray
        uint8 (z, y, x): the step; ``NEVER`` where the flood did not come.
    sizes : list of int
        Voxels outside the seed that were reached up to each step, the last one beyond ``most_voxels`` if the flood ended there.
    """
    # A border that is never entered spares asking whether a neighbour lies outside.
    padded, seen = np.pad(step_of, 1, constant_values=NEVER), np.pad(seed, 1).reshape(-1)
    flat, reached_at = padded.reshape(-1), np.full(padded.size, NEVER, np.uint8)
    strides = (padded.shape[1] * padded.shape[2], padded.shape[2], 1)
    neighbours = np.array([sign * stride for stride in strides for sign in (-1, 1)], np.intp)
    seeds = np.flatnonzero(seen)
    waiting = [[seeds[flat[seeds] == step]] for step in range(steps)]
    is_seed, last_writer = seen.copy(), np.empty(padded.size, np.int32)
    size, sizes = 0, []
    for step in range(steps):
        front = np.concatenate(waiting[step])
        while front.size and size <= most_voxels:
            reached_at[front] = step
            size += front.size - int(np.count_nonzero(is_seed[front]))
            around = (front[:, np.newaxis] + neighbours).reshape(-1)
            around = around[~seen[around]]
            # A voxel beside several of the front is kept once.
            last_writer[around] = np.arange(around.size)
            around = around[last_writer[around] == np.arange(around.size)]
            seen[around] = True
            entered_at = flat[around]
            front = around[entered_at <= step]
            later = entered_at[entered_at > step]
            for other in np.unique(later[later < steps]):
                waiting[other].append(around[entered_at == other])
        sizes.append(size)
        if size > most_voxels:
            break
    return reached_at.reshape(padded.shape)[1:-1, 1:-1, 1:-1], sizes
