"""Rays from a place in all directions: how far each goes before the image gets dark."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..anatomy.morphology import SpacingZyx


@lru_cache(maxsize=8)
def directions_over_sphere(count: int) -> np.ndarray:
    """Give directions, unit vectors (count, 3), spread evenly over the sphere: a Fibonacci spiral."""
    turn = np.arange(count) * np.pi * (3 - 5**0.5)
    height = 1 - (2 * np.arange(count) + 1) / count
    width = np.sqrt(1 - height**2)
    return np.stack([height, width * np.cos(turn), width * np.sin(turn)], axis=1)


def ray_exits_mm(
    image: np.ndarray,
    middles_mm: np.ndarray,
    levels: np.ndarray,
    lung: np.ndarray,
    directions: np.ndarray,
    longest_mm: float,
    spacing_zyx_mm: SpacingZyx,
    most_rise: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow rays until the image falls below a level, rises by much from the darkest place before, or the lung ends.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x), contiguous.
    middles_mm : numpy.ndarray
        float (n, 3): where the rays of each place start, mm from the first voxel's centre.
    levels : numpy.ndarray
        float32 (n,): level of each place.
    lung : numpy.ndarray
        bool (z, y, x), contiguous.
    directions : numpy.ndarray
        float (rays, 3), unit vectors.
    longest_mm : float
        Where a ray ends that has not ended before.
    spacing_zyx_mm : tuple of float
    most_rise : float
        By how much a ray may get brighter than the darkest place before.

    Returns
    -------
    exits_mm : numpy.ndarray
        float32 (n, rays): how far each ray goes: linear between samples three quarters of a voxel apart.
    is_inside : numpy.ndarray
        bool (n, rays): whether it ends in the lung.
    """
    spacing = np.asarray(spacing_zyx_mm)
    step_mm = float(spacing.min()) * 0.75
    exits_mm = np.full((len(middles_mm), len(directions)), longest_mm, np.float32)
    is_inside = np.ones(exits_mm.shape, bool)
    rows, rays = (index.reshape(-1) for index in np.indices(exits_mm.shape))
    starts, moves = (middles_mm / spacing + 0.5).T.copy(), (directions * step_mm / spacing).T.copy()
    shape = image.shape
    flat_image = image.reshape(-1)
    first = np.clip(np.floor(starts).astype(np.int64), 0, np.array(shape)[:, None] - 1)
    before = flat_image[np.ravel_multi_index(tuple(first), shape)][rows]
    darkest = before
    for step in range(1, int(np.ceil(longest_mm / step_mm)) + 1):
        if rows.size == 0:
            break
        places, is_out = _places_along(starts[:, rows] + step * moves[:, rays], lung)
        here, level = flat_image[places], levels[rows]
        ended = np.flatnonzero(is_out | (here < level) | (here > darkest + np.float32(most_rise)))
        drop = np.maximum(before[ended] - here[ended], np.float32(1e-6))
        part = np.clip((before[ended] - level[ended]) / drop, 0, 1)
        exits_mm[rows[ended], rays[ended]] = np.minimum((step - 1 + part) * step_mm, longest_mm)
        is_inside[rows[is_out], rays[is_out]] = False
        left = np.ones(rows.size, bool)
        left[ended] = False
        rows, rays, before, darkest = rows[left], rays[left], here[left], np.minimum(darkest, here)[left]
    return exits_mm, is_inside


def _places_along(coordinates: np.ndarray, lung: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the voxel, as a flat index, at each place (3, n; in voxels from the first one's corner), and whether it lies out of the lung."""
    z, y, x = np.floor(coordinates).astype(np.int64)
    shape = lung.shape
    is_out = (z < 0) | (z >= shape[0]) | (y < 0) | (y >= shape[1]) | (x < 0) | (x >= shape[2])
    if is_out.any():
        z, y, x = (index.clip(0, size - 1) for index, size in zip((z, y, x), shape, strict=True))
    places = (z * shape[1] + y) * shape[2] + x
    return places, is_out | ~lung.reshape(-1)[places]
