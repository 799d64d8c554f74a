"""Which regions of neighbouring slices are cross-sections of one and the same thing."""

from __future__ import annotations

import numpy as np

from . import limits
from .slice_regions import SliceRegions


def overlaps_with_next(regions: SliceRegions) -> np.ndarray:
    """Measure what every region has in common with every region of the next slice.

    Parameters
    ----------
    regions : SliceRegions

    Returns
    -------
    numpy.ndarray
        float (z - 1, rank, rank): common area of a region of slice z and one of slice z + 1 in mm2; 0 for rank 0.
    """
    size = regions.most + 1
    pixels = np.zeros((len(regions.ranks) - 1, size, size))
    for number, (here, following) in enumerate(zip(regions.ranks[:-1], regions.ranks[1:], strict=True)):
        # Both ranks in one number: one count gives every intersection of the two slices.
        both = here.astype(np.uint16) * np.uint16(size) + following
        pixels[number] = np.bincount(both.ravel(), minlength=size * size).reshape(size, size)
    pixels[:, 0, :] = pixels[:, :, 0] = 0
    return pixels * regions.pixel_area_mm2


def jaccard_index(overlaps: np.ndarray, areas_from: np.ndarray, areas_to: np.ndarray) -> np.ndarray:
    """Intersection over union (..., from, to) from common areas (..., from, to) and areas (..., from), (..., to)."""
    union = areas_from[..., :, None] + areas_to[..., None, :] - overlaps
    return np.divide(overlaps, union, out=np.zeros_like(union), where=union > 0)


def continues(jaccard: np.ndarray, areas_from: np.ndarray, areas_to: np.ndarray, threshold: float) -> np.ndarray:
    """Decide which regions continue a region of the slice before, in the direction of tracking.

    A region continues another when their Jaccard index exceeds the threshold; or a third of it when one
    splits into two or two merge into one, so that the areas are about 2 to 1.

    Parameters
    ----------
    jaccard : numpy.ndarray
        float (..., from, to).
    areas_from, areas_to : numpy.ndarray
        float (..., from) and (..., to), same unit.
    threshold : float

    Returns
    -------
    numpy.ndarray
        bool (..., from, to).

    References
    ----------
    F. Hartmann and Y. B. Tanriverdi, Lung segmentation in 3D CT scans (2023): normal, splitting and merging case.
    """
    before, here = areas_from[..., :, None], areas_to[..., None, :]
    split = np.isclose(2 * here, before, rtol=limits.SPLIT_OR_MERGE_TOLERANCE_SHARE, atol=0)
    merged = np.isclose(here, 2 * before, rtol=limits.SPLIT_OR_MERGE_TOLERANCE_SHARE, atol=0)
    return (jaccard > threshold) | ((jaccard > limits.SPLIT_OR_MERGE_SHARE * threshold) & (split | merged))


def threshold_for(threshold: float, slice_mm: float) -> float:
    """Lower the Jaccard threshold where slices are far apart and regions therefore change more from one to the next."""
    return threshold * min(1.0, limits.JACCARD_SLICE_MM / slice_mm)
