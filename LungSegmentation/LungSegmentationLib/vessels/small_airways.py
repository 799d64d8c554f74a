"""Small airways beyond those that are segmented: dark lumens that a bright wall encloses."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx, grown_by_one, long_enough
from . import limits
from .lattice_lines import LINES_ZYX, line_shares
from .neighbourhood import ball_offsets

# So many rays stay in the processor's cache.
_TOGETHER = 1 << 14


def walls_of_small_airways(image: np.ndarray, vessels: np.ndarray, lung: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Find what is airway among supposed vessels.

    A lumen is where most lines through a voxel rise at both ends, along a way of at least 10 mm. Its wall is what lies
    around the lumen and is less bright than blood.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x), contiguous: brightness as a part of blood's contrast, slightly blurred.
    vessels, lung : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x): voxels of ``vessels`` that are airway.
    """
    walls = np.zeros(image.shape, bool)
    near = np.flatnonzero(grown_by_one(vessels) & lung)
    lumen = np.zeros(image.shape, bool)
    lumen.reshape(-1)[near[enclosed(image, near, spacing_zyx_mm)]] = True
    if not lumen.any():
        return walls
    grown_mm = 2 * max(spacing_zyx_mm)
    lumen &= long_enough(grown_by_one(lumen), limits.SHORTEST_LUMEN_MM + grown_mm, spacing_zyx_mm)
    places = np.flatnonzero(lumen)
    rays = [step for line in LINES_ZYX for step in (line, _back(line))]
    rises_mm = np.partition([_rise_mm(image, places, ray, spacing_zyx_mm) for ray in rays], limits.RISES_LEFT_OUT_COUNT, axis=0)
    steps = np.rint(rises_mm[limits.RISES_LEFT_OUT_COUNT] / limits.RADIUS_STEP_MM)
    beyond_mm = max(limits.SMALL_WALL_MM, limits.SMALL_WALL_VOXELS * float(np.prod(spacing_zyx_mm)) ** (1 / 3))
    last = np.asarray(image.shape)[:, None, None] - 1
    for step in np.unique(steps):
        offsets = ball_offsets(float(step) * limits.RADIUS_STEP_MM + beyond_mm, spacing_zyx_mm)
        centres = np.stack(np.unravel_index(places[steps == step], image.shape))
        z, y, x = np.clip(centres[:, :, None] + offsets.T[:, None, :], 0, last)
        walls[z, y, x] = True
    return walls & vessels & (image < limits.BRIGHTEST_WALL_SHARE)


def enclosed(image: np.ndarray, places: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Tell which voxels lie in a bright ring: most lines through them rise at both ends.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x), contiguous: brightness as a part of blood's contrast.
    places : numpy.ndarray
        int flat indices.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool, one for each place.
    """
    spacing = (float(spacing_zyx_mm[0]), float(spacing_zyx_mm[1]), float(spacing_zyx_mm[2]))
    is_open = np.zeros(places.size, np.float32)
    left = np.arange(places.size)
    for line, share in zip(LINES_ZYX, line_shares(spacing), strict=True):
        here = places[left]
        is_closed = np.isfinite(_rise_mm(image, here, line, spacing_zyx_mm))
        is_closed[is_closed] = np.isfinite(_rise_mm(image, here[is_closed], _back(line), spacing_zyx_mm))
        is_open[left[~is_closed]] += share
        left = left[is_open[left] <= limits.MOST_OPEN_SHARE]
    return is_open <= limits.MOST_OPEN_SHARE


def _back(step: tuple[int, int, int]) -> tuple[int, int, int]:
    return -step[0], -step[1], -step[2]


def _rise_mm(image: np.ndarray, places: np.ndarray, step_zyx: tuple[int, int, int], spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Distance at which the image first rises along a ray; infinite where it does not within reach."""
    step_mm = float(np.linalg.norm(np.multiply(step_zyx, spacing_zyx_mm)))
    count = max(1, int(limits.LUMEN_REACH_MM / step_mm + 1e-6))
    flat = image.reshape(-1)
    stride = (step_zyx[0] * image.shape[1] + step_zyx[1]) * image.shape[2] + step_zyx[2]
    rise_mm = np.full(places.size, np.inf, np.float32)
    for start in range(0, places.size, _TOGETHER):
        here = places[start : start + _TOGETHER]
        most = np.full(here.size, count, np.int32)
        for step, coordinate, size in zip(step_zyx, np.unravel_index(here, image.shape), image.shape, strict=True):
            if step:
                np.minimum(most, size - 1 - coordinate if step > 0 else coordinate, out=most, casting="same_kind")
        left, level = np.arange(start, start + here.size), flat[here] + np.float32(limits.LEAST_RISE_SHARE)
        fewest = int(most.min())
        for steps in range(1, count + 1):
            if steps > fewest:
                inside = most >= steps
                left, here, level, most = left[inside], here[inside], level[inside], most[inside]
            here = here + stride
            is_up = flat[here] > level
            rise_mm[left[is_up]] = steps * step_mm
            left, here, level, most = left[~is_up], here[~is_up], level[~is_up], most[~is_up]
    return rise_mm
