"""The 13 lines through a voxel and its 26 neighbours, as a sample of all directions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..anatomy.morphology import SpacingZyx

_STEPS = (-1, 0, 1)
LINES_ZYX = tuple((z, y, x) for z in _STEPS for y in _STEPS for x in _STEPS if (z, y, x) > (0, 0, 0))
"""Step in voxels along each line, towards one of its two ends."""


@lru_cache(maxsize=64)
def line_shares(spacing_zyx_mm: SpacingZyx) -> tuple[float, ...]:
    """Give the part of all directions that each line stands for: its Voronoi cell on the sphere, for the voxel's own shape.

    Returns
    -------
    tuple of float
        One for each of :data:`LINES_ZYX`; they add up to 1.
    """
    from scipy.spatial import SphericalVoronoi

    steps_mm = np.multiply(LINES_ZYX, spacing_zyx_mm)
    units = steps_mm / np.linalg.norm(steps_mm, axis=1)[:, None]
    cells = SphericalVoronoi(np.concatenate([units, -units])).calculate_areas()
    return tuple(((cells[: len(units)] + cells[len(units) :]) / (4 * np.pi)).tolist())
