"""Rays across a branch, and the density along them."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.morphology import SpacingZyx
from .forest import Forest


def rays_across(forest: Forest, places: np.ndarray, count: int) -> np.ndarray:
    """Give directions at right angles to the lines, all around.

    Parameters
    ----------
    forest : Forest
    places : numpy.ndarray
        int (n,): numbers of points.
    count : int

    Returns
    -------
    numpy.ndarray
        float64 (n, count, 3), unit vectors, axes (z, y, x).
    """
    branches = np.searchsorted(forest.starts, places, side="right") - 1
    before = np.maximum(places - 1, forest.starts[branches])
    after = np.minimum(places + 1, forest.starts[branches + 1] - 1)
    along = _unit(forest.points_zyx_mm[after] - forest.points_zyx_mm[before])
    first = _unit(np.cross(along, np.eye(3)[np.abs(along).argmin(axis=1)]))
    second = np.cross(along, first)
    angles = np.arange(count) * (2 * np.pi / count)
    return np.cos(angles)[:, None] * first[:, None] + np.sin(angles)[:, None] * second[:, None]


def profiles_hu(
    voxels_hu: np.ndarray, middles_zyx_mm: np.ndarray, rays: np.ndarray, distances_mm: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Look up the density along rays, linearly between the voxels.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    middles_zyx_mm : numpy.ndarray
        float64 (n, 3): where the rays begin, in mm from the centre of the first voxel.
    rays : numpy.ndarray
        float64 (n, rays, 3).
    distances_mm : numpy.ndarray
        float64 (steps,), or (n, steps) where they differ.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        float32 (n, rays, steps); beyond the scan the density at its border.
    """
    distances_mm = np.broadcast_to(distances_mm, (len(middles_zyx_mm), distances_mm.shape[-1]))
    places = middles_zyx_mm[:, None, None] + rays[:, :, None] * distances_mm[:, None, :, None]
    indices = np.moveaxis(places / np.asarray(spacing_zyx_mm), -1, 0).reshape(3, -1)
    values = ndimage.map_coordinates(voxels_hu, indices, np.float32, order=1, mode="nearest")
    return values.reshape(places.shape[:3])


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)[:, None]
