"""The descending aorta: a round tube beside the spine, found by its shape whether or not contrast medium was given."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .morphology import SpacingZyx

# The descending aorta measures 20 to 30 mm across in adults (Erbel and Eggebrecht, Heart 2006, 92:137-142); small women and
# children have less, aneurysms more.
RADII_MM = tuple(np.arange(8.0, 23.0, 2.0))
# It keeps its course within a step: what leans or widens faster is something else.
_GRID_MM, _SLICE_STEP_MM = 2.5, 5.0
_ANGLES = 12
# Blood, muscle and contrast medium lie between fat and bright contrast medium.
_LOWEST_HU, _HIGHEST_HU = -150.0, 300.0
# A wall is where half of the way from blood to fat is gone: 60 HU without contrast medium, more with it.
_FAT_HU, _SMALLEST_EDGE_HU = -100.0, 60.0
_INSIDE_MM, _OUTSIDE_MM, _MIDDLE = 2.0, 2.5, 0.55
# Towards the spine the tube's surroundings are brighter; that edge is worth half, or the spine itself would be a tube.
_BRIGHT_EDGE = 0.5
_BEND_COST = 0.03
# From the lungs' lowest slice up to the arch.
_HEIGHT_SHARE = 0.7
_BACK_FROM, _RIGHT_FROM, _LEFT_TO = 0.35, 0.30, 0.80
# A tube with a sharp edge all around and nothing inside scores 1; noisy scans without contrast medium have 0.3.
SMALLEST_SCORE = 0.3

_MOVES = tuple((radius, row, column) for radius in (-1, 0, 1) for row in (-1, 0, 1) for column in (-1, 0, 1))


@dataclass(frozen=True)
class Aorta:
    """The course of the descending aorta, from below upwards.

    Parameters
    ----------
    slices, rows, columns : numpy.ndarray
        float64 (n,): places of its middle, in indices of the grid that was searched.
    radii_mm : numpy.ndarray
        float64 (n,).
    score : float
        Mean over its course, 1 for a perfect tube; below :data:`SMALLEST_SCORE` nothing was found.
    """

    slices: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    radii_mm: np.ndarray
    score: float

    def mask(self, shape_zyx: tuple[int, ...], spacing_zyx_mm: SpacingZyx, wall_mm: float = 0.0) -> np.ndarray:
        """Mark the tube, widened by its wall, on the grid that was searched (bool)."""
        marked = np.zeros(shape_zyx, bool)
        if self.slices.size == 0:
            return marked
        _, row_mm, column_mm = spacing_zyx_mm
        y, x = np.arange(shape_zyx[1])[:, None], np.arange(shape_zyx[2])[None]
        for z in range(int(np.ceil(self.slices[0])), int(self.slices[-1]) + 1):
            row, column, radius_mm = (np.interp(z, self.slices, values) for values in (self.rows, self.columns, self.radii_mm))
            marked[z] = ((y - row) * row_mm) ** 2 + ((x - column) * column_mm) ** 2 <= (radius_mm + wall_mm) ** 2
        return marked


def find_aorta(mean_hu: np.ndarray, lungs: np.ndarray, spacing_zyx_mm: SpacingZyx) -> Aorta:
    """Follow the descending aorta beside the spine, from the lowest slice of the lungs to below the arch.

    For each place and radius, the score is the share of the circle at which the density falls outwards, less the
    unevenness within. The course with the highest sum of scores, moving and widening by one step a slice at most, is
    found by dynamic programming.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), in canonical orientation.
    lungs : numpy.ndarray
        bool (z, y, x): roughly the lungs; only their box counts.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    Aorta
        Without any place where there are no lungs or the region is too small.

    References
    ----------
    Tube tracking by dynamic programming over place and radius: Li and Yezzi, IEEE Trans Med Imaging 2007, 26:1213-1223.
    """
    empty = np.zeros(0)
    places = _search_places(lungs, spacing_zyx_mm)
    if places is None:
        return Aorta(empty, empty, empty, empty, 0.0)
    slices, rows, columns = places
    course, score = _best_course(_tube_scores(_resampled(mean_hu, slices, rows, columns, spacing_zyx_mm)))
    radius, row, column = course.T
    if score < SMALLEST_SCORE:
        return Aorta(empty, empty, empty, empty, score)
    return Aorta(slices, rows[row], columns[column], np.asarray(RADII_MM)[radius], score)


def _search_places(lungs: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Give the slices, rows and columns (indices, float64) to search: the lungs' lower back, from right of the spine to the left."""
    ends = [np.flatnonzero(lungs.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    if not ends[0].size:
        return None
    (bottom, top), (front, back), (right, left) = ((float(used[0]), float(used[-1])) for used in ends)
    slice_mm, row_mm, column_mm = spacing_zyx_mm
    # Thick slices are looked at several times, so that the course may bend as far on its way as in thin ones.
    slices = np.arange(bottom, bottom + _HEIGHT_SHARE * (top - bottom), _SLICE_STEP_MM / slice_mm)
    rows = np.arange(front + _BACK_FROM * (back - front), back, _GRID_MM / row_mm)
    columns = np.arange(right + _RIGHT_FROM * (left - right), right + _LEFT_TO * (left - right), _GRID_MM / column_mm)
    return (slices, rows, columns) if min(slices.size, rows.size, columns.size) > 2 else None


def _resampled(mean_hu: np.ndarray, slices: np.ndarray, rows: np.ndarray, columns: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Give float32 (slices, rows, columns), averaged over the distance between the slices."""
    thick = max(1, round(_SLICE_STEP_MM / spacing_zyx_mm[0]))
    first, last = int(rows[0]), int(rows[-1]) + 2
    left, right = int(columns[0]), int(columns[-1]) + 2
    grid = np.meshgrid(rows - first, columns - left, indexing="ij")
    planes = []
    for place in np.rint(slices).astype(int):
        slab = mean_hu[max(0, place - thick // 2) : place + thick // 2 + 1, first:last, left:right]
        plane = np.clip(slab, _LOWEST_HU, _HIGHEST_HU).astype(np.float32).mean(axis=0)
        planes.append(ndimage.map_coordinates(plane, grid, order=1, mode="nearest"))
    return ndimage.gaussian_filter(np.stack(planes), (0, 0.7, 0.7))


def _tube_scores(plane_hu: np.ndarray) -> np.ndarray:
    """Score every place for every radius, float32 (radii, slices, rows, columns)."""
    pad = int(np.ceil((RADII_MM[-1] + _OUTSIDE_MM) / _GRID_MM)) + 1
    padded = np.pad(plane_hu, ((0, 0), (pad, pad), (pad, pad)), mode="edge")
    height, width = plane_hu.shape[1:]
    edge_hu = np.maximum(np.float32(_SMALLEST_EDGE_HU), (plane_hu - np.float32(_FAT_HU)) / 2)

    def at(distance_mm: float, angle: float) -> np.ndarray:
        row, column = (round(distance_mm * part / _GRID_MM) + pad for part in (np.sin(angle), np.cos(angle)))
        return padded[:, row : row + height, column : column + width]

    def score(radius_mm: float) -> np.ndarray:
        edge, uneven = np.zeros(plane_hu.shape, np.float32), np.zeros(plane_hu.shape, np.float32)
        for angle in np.arange(_ANGLES) * (2 * np.pi / _ANGLES):
            inside = at(radius_mm - _INSIDE_MM, angle)
            fall = (inside - at(radius_mm + _OUTSIDE_MM, angle)) / edge_hu
            edge += np.minimum(np.maximum(fall, -_BRIGHT_EDGE * fall), 1)
            for within in (inside, at(_MIDDLE * radius_mm, angle)):
                uneven += np.minimum(np.abs(within - plane_hu), 2 * edge_hu)
        return np.where(plane_hu < 0, -1, (edge - uneven / (2 * edge_hu)) / _ANGLES)

    with ThreadPoolExecutor(2) as pool:
        return np.stack(list(pool.map(score, RADII_MM)))


def _best_course(scores: np.ndarray) -> tuple[np.ndarray, float]:
    """Find the course (slices, 3) of indices of radius, row and column with the highest sum, and its mean score."""
    radii, count, rows, columns = scores.shape
    total = scores[:, 0].copy()
    came_from = np.empty((count, radii, rows, columns), np.int8)
    for place in range(1, count):
        padded = np.pad(total, 1, constant_values=-np.inf)
        total = np.full(total.shape, -np.inf, np.float32)
        for number, (radius, row, column) in enumerate(_MOVES):
            cost = np.float32(_BEND_COST * (abs(radius) + abs(row) + abs(column)))
            before = padded[1 + radius : 1 + radius + radii, 1 + row : 1 + row + rows, 1 + column : 1 + column + columns] - cost
            better = before > total
            total[better] = before[better]
            came_from[place][better] = number
        total += scores[:, place]
    course = np.empty((count, 3), int)
    course[-1] = np.unravel_index(total.argmax(), total.shape)
    for place in range(count - 1, 0, -1):
        course[place - 1] = course[place] + _MOVES[came_from[place][tuple(course[place])]]
    return course, float(np.mean(scores[course[:, 0], np.arange(count), course[:, 1], course[:, 2]]))
