"""The aorta: a round tube beside the spine, found by its shape whether or not contrast medium was given, and the arch above it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from . import limits
from .field_of_view import wide_ends
from .morphology import SpacingZyx

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
        Mean over its course, 1 for a perfect tube; below :data:`.limits.SMALLEST_AORTA_SCORE` nothing was found.
    arch_from : int
        Index of the place of the course above which the arch may begin.
    arch_until : float
        Index of the slice below which it begins at the latest; 0 where it begins right above that place.
    """

    slices: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    radii_mm: np.ndarray
    score: float
    arch_from: int = -1
    arch_until: float = 0.0

    def mask(self, shape_zyx: tuple[int, ...], spacing_zyx_mm: SpacingZyx, wall_mm: float = 0.0) -> np.ndarray:
        """Mark the tube, widened by its wall, on the grid that was searched (bool)."""
        marked = np.zeros(shape_zyx, bool)
        _, row_mm, column_mm = spacing_zyx_mm
        y, x = np.arange(shape_zyx[1])[:, None], np.arange(shape_zyx[2])[None]
        for z, row, column, radius_mm in self._circles():
            marked[z] = ((y - row) * row_mm) ** 2 + ((x - column) * column_mm) ** 2 <= (radius_mm + wall_mm) ** 2
        return marked

    def mask_with_arch(self, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx, wall_mm: float = 0.0) -> np.ndarray:
        """Mark the tube, and the soft tissue of the arch above it (bool).

        From the tube's upper part the arch runs forwards and to the right. Of the ways that it may take, those pieces count in a
        slice that tissue as dense as blood fills over the tube's width.

        Parameters
        ----------
        mean_hu : numpy.ndarray
            int16 (z, y, x): what was searched.
        spacing_zyx_mm : tuple of float
        wall_mm : float
            As for :meth:`mask`.

        Returns
        -------
        numpy.ndarray
            bool (z, y, x).
        """
        marked = self.mask(mean_hu.shape, spacing_zyx_mm, wall_mm)
        if self.slices.size == 0:
            return marked
        radius_mm, top = float(self.radii_mm[self.arch_from]), int(self.slices[self.arch_from])
        apart_mm = self._distances_to_arch(mean_hu.shape, spacing_zyx_mm)
        blood_hu = float(np.median(mean_hu[top][apart_mm[0] <= radius_mm]))
        stop = max(top, round(self.arch_until)) + 1 + round(limits.ARCH_HEIGHT_MM / spacing_zyx_mm[0])
        for z in range(top + 1, min(mean_hu.shape[0], stop)):
            soft = (mean_hu[z] > limits.BLOOD_ABOVE_HU) & (mean_hu[z] < blood_hu + limits.BRIGHTER_THAN_BLOOD_HU)
            for distance_mm in apart_mm:
                if soft[distance_mm < limits.ARCH_CORE_SHARE * radius_mm].mean() > limits.ARCH_FILLED_SHARE:
                    marked[z] |= soft & (distance_mm <= radius_mm + wall_mm)
        return marked

    def medial_mask(self, shape_zyx: tuple[int, ...], spacing_zyx_mm: SpacingZyx, before_mm: float) -> np.ndarray:
        """Mark what lies to the right of the tube's middle, beside the tube and so far before it (bool): no place for the left lung."""
        marked = np.zeros(shape_zyx, bool)
        y, x = np.arange(shape_zyx[1])[:, None], np.arange(shape_zyx[2])[None]
        for z, row, column, radius_mm in self._circles():
            forwards_mm = (row - y) * spacing_zyx_mm[1]
            marked[z] = (x < column) & (forwards_mm < radius_mm + before_mm) & (forwards_mm > -radius_mm)
        return marked

    def _circles(self) -> Iterator[tuple[int, float, float, float]]:
        """Give slice, row, column and radius (mm) in each slice of the grid that the course passes."""
        if self.slices.size:
            for z in range(int(np.ceil(self.slices[0])), int(self.slices[-1]) + 1):
                row, column, radius_mm = (float(np.interp(z, self.slices, values)) for values in (self.rows, self.columns, self.radii_mm))
                yield z, row, column, radius_mm

    def _distances_to_arch(self, shape_zyx: tuple[int, ...], spacing_zyx_mm: SpacingZyx) -> list[np.ndarray]:
        """Give each pixel's distance (mm) to the middle of the tube below the arch, and to the middle line of each piece of the arch."""
        _, row_mm, column_mm = spacing_zyx_mm
        forwards_mm = (self.rows[self.arch_from] - np.arange(shape_zyx[1])[:, None]) * row_mm
        right_mm = (self.columns[self.arch_from] - np.arange(shape_zyx[2])[None]) * column_mm
        found = [np.hypot(forwards_mm, right_mm)]
        for angle in np.deg2rad(limits.ARCH_ANGLES_DEG):
            along_mm = forwards_mm * np.cos(angle) + right_mm * np.sin(angle)
            across_mm = right_mm * np.cos(angle) - forwards_mm * np.sin(angle)
            for start_mm in np.arange(0, limits.ARCH_LENGTH_MM, limits.ARCH_PIECE_MM / 2):
                beyond_mm = along_mm - np.clip(along_mm, start_mm, start_mm + limits.ARCH_PIECE_MM)
                found.append(np.hypot(beyond_mm, across_mm))
        return found


def find_aorta(mean_hu: np.ndarray, lungs: np.ndarray, spacing_zyx_mm: SpacingZyx) -> Aorta:
    """Follow the descending aorta beside the spine, from the lowest slice of the lungs to below the arch, or to where the scan ends.

    For each place and radius, the score is the share of the circle at which the density falls outwards, less the
    unevenness within. The course with the highest sum of scores, moving and widening by one step a slice at most, is
    found by dynamic programming.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), in canonical orientation.
    lungs : numpy.ndarray
        bool (z, y, x): roughly the lungs; only their box counts. Where they reach the first or the last slice, they go on beyond it.
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
    planes_hu = _resampled(mean_hu, slices, rows, columns, spacing_zyx_mm)
    course, scores = _course_of_blood(planes_hu, _heart_hu(mean_hu, lungs, places) + limits.BRIGHTER_THAN_BLOOD_HU)
    score = float(scores.mean())
    if score < limits.SMALLEST_AORTA_SCORE:
        return Aorta(empty, empty, empty, empty, score)
    # Where the scan ends above the arch, the course leads nowhere in the end.
    count = int(np.flatnonzero(scores >= limits.SMALLEST_AORTA_SCORE)[-1]) + 1 if lungs[-1].any() else len(course)
    radius, row, column = course[:count].T
    arch_from, arch_until = _heights_of_arch(lungs, spacing_zyx_mm[0])
    below_arch = int(np.searchsorted(slices, arch_from)) - 1
    radii_mm = np.asarray(limits.AORTA_RADII_MM)[radius]
    return Aorta(slices[:count], rows[row], columns[column], radii_mm, score, min(below_arch, count - 1), arch_until)


def _search_places(lungs: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Give the slices, rows and columns (indices, float64) to search: the lungs' lower back, from right of the spine to the left."""
    ends = [np.flatnonzero(lungs.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    if not ends[0].size:
        return None
    (bottom, top), (front, back), (right, left) = ((float(used[0]), float(used[-1])) for used in ends)
    slice_mm, row_mm, column_mm = spacing_zyx_mm
    # Thick slices are looked at several times, so that the course may bend as far on its way as in thin ones.
    slices = np.arange(bottom, top if lungs[-1].any() else _heights_of_arch(lungs, slice_mm)[0], limits.AORTA_SLICE_STEP_MM / slice_mm)
    rows = np.arange(front + limits.AORTA_BACK_SHARE * (back - front), back, limits.AORTA_GRID_MM / row_mm)
    first, last = (right + share * (left - right) for share in (limits.AORTA_RIGHT_SHARE, limits.AORTA_LEFT_SHARE))
    columns = np.arange(first, last, limits.AORTA_GRID_MM / column_mm)
    return (slices, rows, columns) if min(slices.size, rows.size, columns.size) > 2 else None


def _heights_of_arch(lungs: np.ndarray, slice_mm: float) -> tuple[float, float]:
    """Give the lowest slice above which the arch may begin, and the highest; 0 where they are the same.

    Where the scan cuts through the lungs' lower parts, it may lie as far below the apices as in whole lungs.
    """
    areas = np.count_nonzero(lungs, axis=(1, 2))
    bottom, top = (float(end) for end in np.flatnonzero(areas)[[0, -1]])
    of_part = bottom + limits.AORTA_HEIGHT_SHARE * (top - bottom)
    of_whole = max(bottom, top - (1 - limits.AORTA_HEIGHT_SHARE) * limits.LUNG_HEIGHT_MM / slice_mm)
    return (of_whole, of_part) if wide_ends(areas)[0] and of_whole < of_part else (of_part, 0.0)


def _heart_hu(mean_hu: np.ndarray, lungs: np.ndarray, places: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    """Give the density that most of the soft tissue before the places to search, heart and great vessels, stays below."""
    slices, rows, columns = places
    front = np.flatnonzero(lungs.any(axis=(0, 2)))[0]
    before = tuple(slice(int(first), int(last) + 1) for first, last in ((slices[0], slices[-1]), (front, rows.mean()), columns[[0, -1]]))
    soft_hu = mean_hu[before][~lungs[before] & (mean_hu[before] > limits.BLOOD_ABOVE_HU)]
    return float(np.percentile(soft_hu, limits.HEART_PERCENT)) if soft_hu.size else np.inf


def _resampled(mean_hu: np.ndarray, slices: np.ndarray, rows: np.ndarray, columns: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Give float32 (slices, rows, columns), averaged over the distance between the slices."""
    thick = max(1, round(limits.AORTA_SLICE_STEP_MM / spacing_zyx_mm[0]))
    first, last = int(rows[0]), int(rows[-1]) + 2
    left, right = int(columns[0]), int(columns[-1]) + 2
    grid = np.meshgrid(rows - first, columns - left, indexing="ij")
    planes = []
    for place in np.rint(slices).astype(int):
        slab = mean_hu[max(0, place - thick // 2) : place + thick // 2 + 1, first:last, left:right]
        plane = np.clip(slab, *limits.AORTA_CLIP_HU).astype(np.float32).mean(axis=0)
        planes.append(ndimage.map_coordinates(plane, grid, order=1, mode="nearest"))
    return ndimage.gaussian_filter(np.stack(planes), (0, limits.AORTA_BLUR_PIXELS, limits.AORTA_BLUR_PIXELS))


def _course_of_blood(planes_hu: np.ndarray, brightest_hu: float) -> tuple[np.ndarray, np.ndarray]:
    """Find the best course; where that is brighter than blood should be, one that is not and is nearly as good."""
    tubes = _tube_scores(planes_hu)
    course, scores = _best_course(tubes)
    if np.median(planes_hu[np.arange(len(course)), course[:, 1], course[:, 2]]) > brightest_hu:
        darker, its_scores = _best_course(np.where(planes_hu > brightest_hu, np.float32(-1), tubes))
        if its_scores.mean() > limits.NEARLY_AS_GOOD_SHARE * scores.mean():
            return darker, its_scores
    return course, scores


def _tube_scores(plane_hu: np.ndarray) -> np.ndarray:
    """Score every place for every radius, float32 (radii, slices, rows, columns)."""
    pad = int(np.ceil((limits.AORTA_RADII_MM[-1] + limits.EDGE_OUTSIDE_MM) / limits.AORTA_GRID_MM)) + 1
    padded = np.pad(plane_hu, ((0, 0), (pad, pad), (pad, pad)), mode="edge")
    height, width = plane_hu.shape[1:]
    edge_hu = np.maximum(np.float32(limits.SMALLEST_EDGE_HU), (plane_hu - np.float32(limits.FAT_HU)) / 2)
    uneven_hu = np.minimum(2 * edge_hu, np.float32(limits.LARGEST_UNEVENNESS_HU))

    def at(distance_mm: float, angle: float) -> np.ndarray:
        row, column = (round(distance_mm * part / limits.AORTA_GRID_MM) + pad for part in (np.sin(angle), np.cos(angle)))
        return padded[:, row : row + height, column : column + width]

    def score(radius_mm: float) -> np.ndarray:
        edge, uneven, bright = (np.zeros(plane_hu.shape, np.float32) for _ in range(3))
        for angle in np.arange(limits.AORTA_ANGLES_COUNT) * (2 * np.pi / limits.AORTA_ANGLES_COUNT):
            inside = at(radius_mm - limits.EDGE_INSIDE_MM, angle)
            fall = (inside - at(radius_mm + limits.EDGE_OUTSIDE_MM, angle)) / edge_hu
            bright += fall < -1
            edge += np.minimum(np.maximum(fall, -limits.BRIGHT_EDGE_WEIGHT * fall), 1)
            for within in (inside, at(limits.MIDDLE_RATIO * radius_mm, angle)):
                uneven += np.minimum(np.abs(within - plane_hu), uneven_hu)
        no_aorta = (plane_hu < limits.BLOOD_ABOVE_HU) | (bright > limits.MOST_BRIGHT_SHARE * limits.AORTA_ANGLES_COUNT)
        return np.where(no_aorta, -1, (edge - uneven / uneven_hu) / limits.AORTA_ANGLES_COUNT)

    with ThreadPoolExecutor(2) as pool:
        return np.stack(list(pool.map(score, limits.AORTA_RADII_MM)))


def _best_course(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the course (slices, 3) of indices of radius, row and column with the highest sum, and its score in each slice."""
    radii, count, rows, columns = scores.shape
    total = scores[:, 0].copy()
    came_from = np.empty((count, radii, rows, columns), np.int8)
    for place in range(1, count):
        padded = np.pad(total, 1, constant_values=-np.inf)
        total = np.full(total.shape, -np.inf, np.float32)
        for number, (radius, row, column) in enumerate(_MOVES):
            cost = np.float32(limits.BEND_COST * (abs(radius) + abs(row) + abs(column)))
            before = padded[1 + radius : 1 + radius + radii, 1 + row : 1 + row + rows, 1 + column : 1 + column + columns] - cost
            better = before > total
            total[better] = before[better]
            came_from[place][better] = number
        total += scores[:, place]
    course = np.empty((count, 3), int)
    course[-1] = np.unravel_index(total.argmax(), total.shape)
    for place in range(count - 1, 0, -1):
        course[place - 1] = course[place] + _MOVES[came_from[place][tuple(course[place])]]
    return course, scores[course[:, 0], np.arange(count), course[:, 1], course[:, 2]]
