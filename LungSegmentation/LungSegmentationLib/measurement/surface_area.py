"""Area of a region's surface from how much of the region overlaps with itself after small steps."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box
from . import limits
from .direction_sample import direction_sample


def surface_area_cm2(mask: np.ndarray, spacing_zyx_mm: SpacingZyx) -> float:
    """Estimate the surface area of a region.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x). Where the region reaches the image's border, the cut face counts as surface.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    float
        cm². Where the region measures at least 16 times the voxel's longest side across: within 0.5 % on spheres,
        ellipsoids and half balls, 1.5 % on boxes along the grid or turned by any angle. Cubes lose up to 4 % from six
        of those sides on; rods are within 3 % from five sides in thickness and within 7 % from three, thinner ones come
        out up to half too small in thick slices. Slabs of one to five slices are up to 18 % too small to 11 % too large,
        and a single voxel has half the area of its faces. Slices above eight times as thick as pixels: several per cent
        worse. The phantom's lungs and airways are within 2 % of the truth in slices of 1 to 5 mm with pixels of up to
        1.4 mm, its vessels 10 % too small in slices of 2.5 mm and 22 % in slices of 5 mm.

    Notes
    -----
    Cauchy and Crofton: the area is four times the mean, over all directions, of the area that the region shows to a
    direction, surfaces behind others included. That is how many voxels leave the region on one step in that direction, times the
    volume of a voxel by the length of the step, and needs only the overlap of the region with itself after the step
    (its covariogram). Flat faces are counted exactly in each direction. At edges a long step misses what lies between
    its ends: one, two and three times the step are counted, and extrapolated to a step of length 0.

    References
    ----------
    M. Kiderlen and D. Meschenmoser, Error bounds for surface area estimators based on Crofton's formula, Image Anal
    Stereol 28 (2009) 165-177: the weights that are best in the worst direction; B. Galerne, Computation of the perimeter
    of measurable sets via their covariogram, Image Anal Stereol 30 (2011) 39-51.
    """
    if not mask.any():
        return 0.0
    region = mask[bounding_box(mask)]
    spacing_mm = np.array(spacing_zyx_mm, float)
    voxel_mm3 = float(np.prod(spacing_mm))
    # The faces of voxels add up to 1.5 times the area of what they bound, on average over all directions.
    faces_mm2 = 2 * voxel_mm3 * float((_leaving(region, np.eye(3, dtype=int)) / spacing_mm).sum())
    mean_chord_mm = 4 * np.count_nonzero(region) * voxel_mm3 / (faces_mm2 / 1.5)
    # Always in the same order of axes, so that a turned array gives the same area.
    order = sorted(range(3), key=lambda axis: -spacing_mm[axis])
    longest, middle, shortest = spacing_mm[order].tolist()
    longest_step_mm = min(limits.LONGEST_STEP_SIDES_RATIO * longest, limits.LONGEST_STEP_CHORDS_RATIO * mean_chord_mm)
    steps_in_order, weights = direction_sample((longest, middle, shortest), longest_step_mm)
    steps = np.empty_like(steps_in_order)
    steps[:, order] = steps_in_order
    lengths_mm = np.linalg.norm(steps * spacing_mm, axis=1)
    one, two, three = _leaving(region, np.concatenate([steps, 2 * steps, 3 * steps])).reshape(3, -1)
    voxels = _extrapolated(one, two, three, lengths_mm <= limits.SHORT_STEP_CHORDS_RATIO * mean_chord_mm * (1 + 1e-9))
    return float(weights @ (2 * voxel_mm3 / lengths_mm * voxels)) / 100.0


def _extrapolated(one: np.ndarray, two: np.ndarray, three: np.ndarray, short: np.ndarray) -> np.ndarray:
    """Give how many voxels would leave the region per step if the steps were very short.

    That is the slope at 0 of the cubic through 0 and the counts after one, two and three steps, but no less than
    after one step. The cubic swings too far where steps are not short against the region: there the slope is also
    no more than after one step if two steps lead out no more often, and little more if hardly more often.
    """
    bend = 1 - two / (2 * one)
    most = np.where(short, np.inf, np.maximum(bend * (1 - 4 * bend**2), 0))
    slope: np.ndarray = one * (1 + np.clip(2 - 1.5 * two / one + three / (3 * one), 0, most))
    return slope


def _leaving(region: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Count the voxels of the region from which each step (int, n, 3) leads out of it."""
    steps = np.where(steps[:, 2:] < 0, -steps, steps)  # as many leave on the opposite step
    layers, rows, columns = region.shape
    # Sixty-four voxels of a row in each word: one operation then compares as many pairs.
    here = _packed(region, columns)
    leaving = np.full(len(steps), np.count_nonzero(region), float)
    for column in np.unique(steps[:, 2]):
        there = _packed(region[:, :, column:], columns)
        for index in np.flatnonzero(steps[:, 2] == column):
            (layer_here, layer_there), (row_here, row_there) = _overlap(steps[index, 0], layers), _overlap(steps[index, 1], rows)
            leaving[index] -= _bits_set(here[layer_here, row_here] & there[layer_there, row_there])
    return leaving


def _packed(region: np.ndarray, columns: int) -> np.ndarray:
    packed = np.zeros((*region.shape[:2], -(-columns // 64) * 8), np.uint8)
    if region.shape[2]:
        packed[:, :, : -(-region.shape[2] // 8)] = np.packbits(region, axis=2)
    return packed.view(np.uint64)


def _overlap(step: int, size: int) -> tuple[slice, slice]:
    """Give where a step starts and where it ends, of the places where both are inside."""
    length = max(0, size - abs(step))
    start, end = max(0, -step), max(0, step)
    return slice(start, start + length), slice(end, end + length)


def _bits_set(words: np.ndarray) -> int:
    if hasattr(np, "bitwise_count"):
        return int(np.bitwise_count(words).sum(dtype=np.int64))
    counts = np.bincount(words.reshape(-1).view(np.uint8), minlength=256)  # numpy 1
    return int(counts @ np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1))
