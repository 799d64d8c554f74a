"""Broken vessels made whole: from each end of a piece, along its direction, on the brightest way to the next piece."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from ..anatomy.morphology import SpacingZyx
from . import limits
from .neighbourhood import ball_offsets, middles_among

_STEPS_ZYX = np.array([(z, y, x) for z in (-1, 0, 1) for y in (-1, 0, 1) for x in (-1, 0, 1) if (z, y, x) != (0, 0, 0)])


def linked(
    vessels: np.ndarray, image: np.ndarray, tubes: np.ndarray, faintest: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
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
        float32 (z, y, x) or one that broadcasts to it: what is darker ends a way.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x): ``vessels`` and the ways that were found.
    """
    vessels = vessels.copy()
    for _ in range(limits.LINKING_ROUNDS_COUNT):
        pieces = sitk.GetArrayFromImage(sitk.ConnectedComponent(sitk.GetImageFromArray(vessels.view(np.uint8)), True))
        starts, directions = _ends(pieces, image, spacing_zyx_mm)
        ways = _ways(starts, directions, pieces, image, tubes, faintest, spacing_zyx_mm)
        if not ways.size:
            break
        vessels.reshape(-1)[ways] = True
    return vessels


def _ends(pieces: np.ndarray, image: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray]:
    """Voxels (n, 3) in the middle of a piece's end, and the direction out of it, unit vectors (n, 3).

    At an end the piece lies on one side: the middle of what a ball around it holds of the piece lies off the ball's.
    """
    reach_mm = max(limits.END_REACH_MM, 2 * max(spacing_zyx_mm))
    places = middles_among(np.flatnonzero(pieces), image)
    offsets = ball_offsets(reach_mm, spacing_zyx_mm)
    width = np.abs(offsets).max(axis=0)
    coordinates = np.stack(np.unravel_index(places, pieces.shape), axis=1)
    inner = ((coordinates >= width) & (coordinates < np.array(pieces.shape) - width)).all(axis=1)
    places, coordinates = places[inner], coordinates[inner]
    flat, own = pieces.reshape(-1), pieces.reshape(-1)[places]
    count, middle_mm = np.zeros(places.size, np.float32), np.zeros((places.size, 3), np.float32)
    strides = (pieces.shape[1] * pieces.shape[2], pieces.shape[2], 1)
    for offset in offsets:
        is_own = flat[places + int(offset @ strides)] == own
        count += is_own
        middle_mm += is_own[:, None] * (offset * np.asarray(spacing_zyx_mm)).astype(np.float32)
    middle_mm /= count[:, None]
    off_mm = np.linalg.norm(middle_mm, axis=1)
    is_end = off_mm > limits.END_OFF_MIDDLE_RATIO * reach_mm
    return coordinates[is_end], -middle_mm[is_end] / off_mm[is_end, None]


def _ways(starts, directions, pieces, image, tubes, faintest, spacing_zyx_mm):
    """Flat indices of the voxels on the ways that led to another piece, and of the parts of others that are tube."""
    units = _STEPS_ZYX * np.asarray(spacing_zyx_mm)
    lengths_mm = np.linalg.norm(units, axis=1)
    units = units / lengths_mm[:, None]
    shape, last = pieces.shape, np.array(pieces.shape) - 1
    strides = np.array((shape[1] * shape[2], shape[2], 1))
    flat_image, flat_pieces, flat_tubes = image.reshape(-1), pieces.reshape(-1), tubes.reshape(-1)
    flat_faintest = faintest.reshape(-1)
    jumps = _STEPS_ZYX @ strides
    place, along = starts @ strides, directions.astype(np.float32)
    own = flat_pieces[place]
    count = int(np.ceil(limits.LONGEST_WAY_MM / min(spacing_zyx_mm)))
    ways = np.full((count + 1, place.size), -1, np.int64)
    good = np.zeros(place.size, np.int64)  # steps up to which a way is kept
    gap_mm, length_mm = np.zeros(place.size), np.zeros(place.size)
    left = np.arange(place.size)
    for step in range(count):
        here = place[left]
        coordinates = np.stack(np.unravel_index(here, shape), axis=1)
        inside = ((coordinates > 0) & (coordinates < last)).all(axis=1)
        left, here = left[inside], here[inside]
        if left.size == 0:
            break
        cosines = along[left] @ units.T.astype(np.float32)
        score = np.where(cosines > limits.LEAST_COSINE, flat_image[here[:, None] + jumps] * cosines, -1)
        best = score.argmax(axis=1)
        there = here + jumps[best]
        bent = along[left] * (1 - limits.BENDING_WEIGHT) + units[best] * limits.BENDING_WEIGHT
        along[left] = bent / np.linalg.norm(bent, axis=1)[:, None]
        place[left] = there
        ways[step, left] = there
        length_mm[left] += lengths_mm[best]
        found = flat_pieces[there]
        is_tube = flat_tubes[there]
        gap_mm[left] = np.where(is_tube | (found > 0), 0, gap_mm[left] + lengths_mm[best])
        is_other = (found > 0) & (found != own[left])
        good[left[is_other | is_tube]] = step + 1
        is_dark = (flat_image[there] < flat_faintest[there]) & (found == 0)
        left = left[~(is_other | is_dark | (gap_mm[left] > limits.LONGEST_GAP_MM) | (length_mm[left] > limits.LONGEST_WAY_MM))]
    kept = ways[:count][np.arange(count)[:, None] < good]
    return np.unique(kept[flat_pieces[kept] == 0])
