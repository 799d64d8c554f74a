"""Follow the lungs' regions from slice to slice: out from a sure slice, and back from what is surely lung."""

from __future__ import annotations

import numpy as np

from ..anatomy.limits import LARGEST_TRACHEA_MM2
from . import limits
from .links import continues, jaccard_index, overlaps_with_next, threshold_for
from .slice_regions import SliceRegions, count_pixels


def find_start_slice(regions: SliceRegions, midline_column: float) -> int:
    """Find the slice that most certainly shows both lungs: where the smaller of two regions, one on each side, is largest.

    Parameters
    ----------
    regions : SliceRegions
    midline_column : float
        Right of the patient are the columns before it.

    Returns
    -------
    int
        With regions on one side only, the slice with the largest region.
    """
    middle = int(np.clip(round(midline_column), 0, regions.ranks.shape[2]))
    on_right = count_pixels(regions.ranks[:, :, :middle], regions.most)[:, 1:].max(axis=1)
    on_left = count_pixels(regions.ranks[:, :, middle:], regions.most)[:, 1:].max(axis=1)
    both = np.minimum(on_right, on_left)
    return int(np.argmax(both if both.any() else np.maximum(on_right, on_left)))


def track(regions: SliceRegions, start_slice: int, jaccard_threshold: float, follow_fragments: bool) -> np.ndarray:
    """Choose the regions that are lung.

    All regions of the start slice are followed upward and downward. Then the way is gone back from those
    that are too large for a trachea: what is not met again (the trachea in the middle slices) is dropped,
    what is met on the way back only is taken. Last come fragments, too small beside a lung for any overlap
    to count, that the lung covers in the next slice.

    Parameters
    ----------
    regions : SliceRegions
    start_slice : int
    jaccard_threshold : float
        For slices up to 1 mm apart; lowered for greater distances.
    follow_fragments : bool
        Whether fragments are followed to further slices as well; only where the airways are not among the
        regions, for a bronchus beside the lung would lead to the trachea.

    Returns
    -------
    numpy.ndarray
        bool (z, rank).
    """
    areas = regions.areas_mm2
    overlaps = overlaps_with_next(regions)
    jaccard = jaccard_index(overlaps, areas[:-1], areas[1:])
    threshold = threshold_for(jaccard_threshold, regions.slice_mm)
    upward = continues(jaccard, areas[:-1], areas[1:], threshold)
    downward = continues(jaccard.swapaxes(1, 2), areas[1:], areas[:-1], threshold)
    start = np.zeros(areas.shape, bool)
    start[start_slice] = areas[start_slice] > 0
    tracked = _reached(start, upward, downward)
    lung_above_mm2 = min(LARGEST_TRACHEA_MM2, limits.LUNG_ABOVE_SHARE * float(areas[start_slice].max(initial=0.0)))
    lung = _reached(tracked & (areas > lung_above_mm2), upward, downward)
    with_fragments = lung | _covered_fragments(lung, overlaps, areas)
    while follow_fragments and np.any(with_fragments & ~lung):
        lung = _reached(with_fragments, upward, downward)
        with_fragments = lung | _covered_fragments(lung, overlaps, areas)
    return with_fragments


def _covered_fragments(lung: np.ndarray, overlaps: np.ndarray, areas_mm2: np.ndarray) -> np.ndarray:
    """Mark regions of which at least half lies over, or under, lung."""
    from_below, from_above = np.zeros(areas_mm2.shape), np.zeros(areas_mm2.shape)
    from_below[1:] = np.einsum("zft,zf->zt", overlaps, lung[:-1])
    from_above[:-1] = np.einsum("zft,zt->zf", overlaps, lung[1:])
    return (areas_mm2 > 0) & (np.maximum(from_below, from_above) >= limits.COVERED_SHARE * areas_mm2)


def _reached(seeds: np.ndarray, upward: np.ndarray, downward: np.ndarray) -> np.ndarray:
    """Mark what is reached from the seeds by going only up or only down."""
    above, below = seeds.copy(), seeds.copy()
    for number in range(len(upward)):
        above[number + 1] |= above[number] @ upward[number]
    for number in range(len(downward) - 1, -1, -1):
        below[number] |= below[number + 1] @ downward[number]
    return above | below
