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
) -> tuple[np.ndarray, np.ndarray]:
    """Follow rays until the image falls below a level, or the lung ends.

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
    starts, moves = middles_mm / spacing + 0.5, directions * step_mm / spacing
    shape = np.array(image.shape)
    flat_image, flat_lung = image.reshape(-1), lung.reshape(-1)
    strides = np.array((shape[1] * shape[2], shape[2], 1))
    before = flat_image[np.clip(np.floor(starts).astype(np.int64), 0, shape - 1) @ strides][rows]
    for step in range(1, int(np.ceil(longest_mm / step_mm)) + 1):
        if rows.size == 0:
            break
        voxels = np.floor(starts[rows] + step * moves[rays]).astype(np.int64)
        places = np.clip(voxels, 0, shape - 1) @ strides
        is_out = ((voxels < 0) | (voxels >= shape)).any(axis=1) | ~flat_lung[places]
        here, level = flat_image[places], levels[rows]
        ends = is_out | (here < level)
        part = np.clip((before - level) / np.maximum(before - here, np.float32(1e-6)), 0, 1)[ends]
        exits_mm[rows[ends], rays[ends]] = np.minimum((step - 1 + part) * step_mm, longest_mm)
        is_inside[rows[is_out], rays[is_out]] = False
        rows, rays, before = rows[~ends], rays[~ends], here[~ends]
    return exits_mm, is_inside
