"""Values around chosen voxels only: a scan's vessels are a few hundredths of its voxels."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx
from . import limits
from .lattice_lines import LINES_ZYX

# Time to look a value up somewhere, over that for one of a row in turn.
_LOOK_UP_COST = 4


def ball_offsets(radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Steps (int (n, 3), in voxels) from a voxel to those whose centres lie within a ball, itself included.

    Along an axis with voxels longer than the radius the next voxel still counts as within reach.
    """
    spacing_zyx_mm = (min(spacing_zyx_mm[0], radius_mm), min(spacing_zyx_mm[1], radius_mm), min(spacing_zyx_mm[2], radius_mm))
    reach = [int(radius_mm / spacing + 1e-6) for spacing in spacing_zyx_mm]
    steps = np.stack(np.meshgrid(*(np.arange(-width, width + 1) for width in reach), indexing="ij"), axis=-1).reshape(-1, 3)
    distance_mm = np.linalg.norm(steps * np.asarray(spacing_zyx_mm), axis=1)
    return steps[distance_mm <= radius_mm + 1e-6]


def largest_around(values: np.ndarray, places: np.ndarray, radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Largest value in a ball around each of some voxels.

    Parameters
    ----------
    values : numpy.ndarray
        (z, y, x), any type; contiguous. Beyond its border nothing is looked at.
    places : numpy.ndarray
        int flat indices into ``values``.
    radius_mm : float
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        One value for each place, of the type of ``values``.
    """
    offsets = ball_offsets(radius_mm, spacing_zyx_mm)
    largest = values.reshape(-1)[places]
    inner, outer, outer_zyx = _split_at_border(places, values.shape, offsets)
    inner_places, inner_largest, outer_largest = places[inner], largest[inner], largest[outer]
    last = np.asarray(values.shape)[:, None] - 1
    # The largest of a row's part serves all places; where these are few, it is not worth a look at all rows.
    widest = int(offsets[:, 2].max())
    by_row = places.size * (len(offsets) - len(np.unique(offsets[:, :2], axis=0))) * _LOOK_UP_COST > 2 * widest * values.size
    rows = _rows(offsets) if by_row else {0: offsets}
    widened, width = values.copy() if by_row else values, 0
    for half_width in sorted(rows):
        while width < half_width:
            width += 1
            for wide, narrow in zip(widened, values, strict=True):
                np.maximum(wide[:, width:], narrow[:, :-width], out=wide[:, width:])
                np.maximum(wide[:, :-width], narrow[:, width:], out=wide[:, :-width])
        flat = widened.reshape(-1)
        for offset in rows[half_width]:
            step = int((offset[0] * values.shape[1] + offset[1]) * values.shape[2] + offset[2])
            np.maximum(inner_largest, flat[inner_places + step], out=inner_largest)
            # Clipped to the border, a ball's voxel becomes one that lies in the ball as well.
            z, y, x = np.clip(outer_zyx + offset[:, None], 0, last)
            np.maximum(outer_largest, widened[z, y, x], out=outer_largest)
    largest[inner], largest[outer] = inner_largest, outer_largest
    return largest


def _rows(offsets: np.ndarray) -> dict[int, np.ndarray]:
    """Give a ball as rows along x: for each half width of a row the steps to the middles of those so wide."""
    middles, widths = np.unique(offsets[:, :2], axis=0, return_counts=True)
    middles = np.pad(middles, ((0, 0), (0, 1)))
    return {int(width) // 2: middles[widths == width] for width in np.unique(widths)}


def nearest_around(values: np.ndarray, places: np.ndarray, radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Nearest value in a ball around each of some voxels that is not 0.

    Parameters
    ----------
    values, places, radius_mm, spacing_zyx_mm
        As in :func:`largest_around`.

    Returns
    -------
    numpy.ndarray
        One value for each place, of the type of ``values``; 0 where all the ball is 0.
    """
    flat = values.reshape(-1)
    nearest = np.zeros(places.shape, values.dtype)
    offsets = ball_offsets(radius_mm, spacing_zyx_mm)
    offsets = offsets[np.argsort(np.linalg.norm(offsets * np.asarray(spacing_zyx_mm), axis=1), kind="stable")]
    inner, outer, outer_zyx = _split_at_border(places, values.shape, offsets)
    inner_places = places[inner]
    last = np.asarray(values.shape)[:, None] - 1
    for offset in offsets:
        found = flat[inner_places + int((offset[0] * values.shape[1] + offset[1]) * values.shape[2] + offset[2])]
        nearest[inner] = found
        inner, inner_places = inner[found == 0], inner_places[found == 0]
        moved = outer_zyx + offset[:, None]
        z, y, x = np.clip(moved, 0, last)
        found = np.where(((moved >= 0) & (moved <= last)).all(axis=0), values[z, y, x], 0)
        nearest[outer] = found
        outer, outer_zyx = outer[found == 0], outer_zyx[:, found == 0]
    return nearest


def middles_among(places: np.ndarray, image: np.ndarray, lines_count: int = limits.LINES_ACROSS_COUNT) -> np.ndarray:
    """Find the voxels in the middle of bright tubes.

    Those at least as bright as both neighbours along nine of the 13 lines: the lines next to a tube's own direction
    need not be among them.

    Parameters
    ----------
    places : numpy.ndarray
        int flat indices into ``image``.
    image : numpy.ndarray
        (z, y, x), any number type; contiguous.
    lines_count : int
        Other than nine lines.

    Returns
    -------
    numpy.ndarray
        Those of the places that are such; none at the image's border.
    """
    places = places[~_is_near_border(places, image.shape, np.ones(3, int))]
    flat, strides = image.reshape(-1), (image.shape[1] * image.shape[2], image.shape[2], 1)
    here, missed = flat[places], np.zeros(places.size, np.uint8)
    most_missed = len(LINES_ZYX) - lines_count
    for number, line in enumerate(LINES_ZYX):
        step = int(np.dot(line, strides))
        missed += (here < flat[places + step]) | (here < flat[places - step])
        if number >= most_missed:
            left = missed <= most_missed
            places, here, missed = places[left], here[left], missed[left]
    return places


def _split_at_border(places: np.ndarray, shape_zyx: tuple[int, ...], offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tell which places all steps leave inside the array, which not, and the coordinates (3, n) of the latter."""
    near_border = _is_near_border(places, shape_zyx, np.abs(offsets).max(axis=0))
    outer = np.flatnonzero(near_border)
    return np.flatnonzero(~near_border), outer, np.stack(np.unravel_index(places[outer], shape_zyx))


def _is_near_border(places: np.ndarray, shape_zyx: tuple[int, ...], reach_zyx: np.ndarray) -> np.ndarray:
    near_border = np.zeros(places.shape, bool)
    for coordinate, width, size in zip(np.unravel_index(places, shape_zyx), reach_zyx, shape_zyx, strict=True):
        near_border |= (coordinate < width) | (coordinate >= size - width)
    return near_border
