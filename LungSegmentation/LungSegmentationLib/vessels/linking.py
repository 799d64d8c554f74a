"""Broken vessels made whole: from each end of a piece, along its direction, on the brightest way to the next piece."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx
from ..anatomy.pieces import pieces_of
from . import limits
from .neighbourhood import ball_offsets, middles_among

# So many balls' voxels stay in the processor's cache.
_TOGETHER = 1024
_STEPS_ZYX = np.array([(z, y, x) for z in (-1, 0, 1) for y in (-1, 0, 1) for x in (-1, 0, 1) if (z, y, x) != (0, 0, 0)])


def linked(vessels: np.ndarray, image: np.ndarray, tubes: np.ndarray, faintest: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Follow the ends of all pieces while a tube goes on, and over short gaps to another piece.

    Parameters
    ----------
    vessels : numpy.ndarray
        bool (z, y, x).
    image : numpy.ndarray
        float32 (z, y, x), contiguous: brightness as a part of blood's contrast, slightly blurred.
    tubes : numpy.ndarray
        bool (z, y, x): where there is a tube, if faint.
    faintest : numpy.ndarray
        float32 (z, y, x): what is darker ends a way; so does a voxel for which it is 0.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x): ``vessels`` and the ways that were found.
    """
    vessels = vessels.copy()
    for _ in range(limits.LINKING_ROUNDS_COUNT):
        places = np.flatnonzero(vessels)
        pieces = np.zeros(vessels.shape, np.int32)
        pieces.reshape(-1)[places] = pieces_of(places, vessels.shape).numbers + 1
        starts, directions = _ends(places, pieces, image, spacing_zyx_mm)
        ways = _ways(starts, directions, pieces, image, tubes, faintest, spacing_zyx_mm)
        if not ways.size:
            break
        vessels.reshape(-1)[ways] = True
    return vessels


def _ends(places: np.ndarray, pieces: np.ndarray, image: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray]:
    """Voxels (n, 3) in the middle of a piece's end, and the direction out of it, unit vectors (n, 3).

    At an end the piece lies on one side: the middle of what a ball around it holds of the piece lies off the ball's.
    """
    reach_mm = max(limits.END_REACH_MM, 2 * max(spacing_zyx_mm))
    places = middles_among(places, image)
    offsets = ball_offsets(reach_mm, spacing_zyx_mm)
    width = np.abs(offsets).max(axis=0)
    coordinates = np.stack(np.unravel_index(places, pieces.shape), axis=1)
    inner = ((coordinates >= width) & (coordinates < np.array(pieces.shape) - width)).all(axis=1)
    places, coordinates = places[inner], coordinates[inner]
    flat, steps = pieces.reshape(-1), offsets @ (pieces.shape[1] * pieces.shape[2], pieces.shape[2], 1)
    of_ball = np.concatenate([offsets, np.ones((len(offsets), 1))], axis=1, dtype=np.float32)
    sums = np.empty((places.size, 4), np.float32)
    for start in range(0, places.size, _TOGETHER):
        some = places[start : start + _TOGETHER]
        is_own = flat[some[:, None] + steps] == flat[some][:, None]
        sums[start : start + _TOGETHER] = is_own.astype(np.float32) @ of_ball
    middle_mm = sums[:, :3] / sums[:, 3:] * np.asarray(spacing_zyx_mm, np.float32)
    off_mm = np.linalg.norm(middle_mm, axis=1)
    is_end = off_mm > limits.END_OFF_MIDDLE_RATIO * reach_mm
    return coordinates[is_end], -middle_mm[is_end] / off_mm[is_end, None]


def _ways(
    starts: np.ndarray,
    directions: np.ndarray,
    pieces: np.ndarray,
    image: np.ndarray,
    tubes: np.ndarray,
    faintest: np.ndarray,
    spacing_zyx_mm: SpacingZyx,
) -> np.ndarray:
    """Flat indices of the voxels on the ways that lead to another piece, and of the parts of others up to where they are tube."""
    units = _STEPS_ZYX * np.asarray(spacing_zyx_mm, np.float32)
    lengths_mm = np.linalg.norm(units, axis=1)
    units /= lengths_mm[:, None]
    strides = np.array((image.shape[1] * image.shape[2], image.shape[2], 1))
    jumps = _STEPS_ZYX @ strides
    flat_image, flat_pieces, flat_tubes, flat_faintest = (array.reshape(-1) for array in (image, pieces, tubes, faintest))
    place, along = starts @ strides, directions.astype(np.float32)
    own = flat_pieces[place]
    longest = int(np.ceil(limits.LONGEST_WAY_MM / min(spacing_zyx_mm)))
    ways = np.full((longest, place.size), -1, np.int64)
    kept_steps = np.zeros(place.size, np.int64)
    gap_mm, length_mm = np.zeros(place.size), np.zeros(place.size)
    left = np.arange(place.size)
    for step in range(longest):
        left = left[_is_inner(place[left], image.shape)]
        if left.size == 0:
            break
        # The brightest neighbour ahead.
        cosines = along[left] @ units.T
        around = flat_image[place[left][:, None] + jumps]
        best = np.where(cosines > limits.LEAST_COSINE, around * cosines, -1).argmax(axis=1)
        there = place[left] + jumps[best]
        bent = along[left] * (1 - limits.BENDING_WEIGHT) + units[best] * limits.BENDING_WEIGHT
        along[left] = bent / np.linalg.norm(bent, axis=1)[:, None]
        place[left] = ways[step, left] = there
        length_mm[left] += lengths_mm[best]
        found, is_tube = flat_pieces[there], flat_tubes[there]
        gap_mm[left] = np.where(is_tube | (found > 0), 0, gap_mm[left] + lengths_mm[best])
        is_other = (found > 0) & (found != own[left])
        kept_steps[left[is_other | is_tube]] = step + 1
        least = flat_faintest[there]
        ends = is_other | (((flat_image[there] < least) | (least == 0)) & (found == 0))
        left = left[~(ends | (gap_mm[left] > limits.LONGEST_GAP_MM) | (length_mm[left] > limits.LONGEST_WAY_MM))]
    kept = ways[np.arange(longest)[:, None] < kept_steps]
    return np.unique(kept[flat_pieces[kept] == 0])


def _is_inner(places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    coordinates = np.unravel_index(places, shape)
    inside: np.ndarray = np.logical_and.reduce([(index > 0) & (index < size - 1) for index, size in zip(coordinates, shape, strict=True)])
    return inside
