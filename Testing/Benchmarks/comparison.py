"""How well labels agree with a reference: overlap, distances between surfaces, largest wrong pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from LungSegmentationLib.labels import BACKGROUND, LEFT_LUNG, RIGHT_LUNG

SpacingZyx = tuple[float, float, float]
LUNGS = {"right": (RIGHT_LUNG,), "left": (LEFT_LUNG,), "both": (RIGHT_LUNG, LEFT_LUNG)}


@dataclass(frozen=True)
class SurfaceDistances:
    """95th percentile of the Hausdorff distance, and average symmetric surface distance."""

    hd95_mm: float
    assd_mm: float


def overlap(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float]:
    """Give the Dice and the Jaccard coefficient of two bool masks; 0 when both are empty."""
    common, either = int(np.count_nonzero(ours & theirs)), int(np.count_nonzero(ours | theirs))
    return 2 * common / max(1, common + either), common / max(1, either)


def lung_overlaps(labels: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """Give ``dice_…`` and ``jaccard_…`` of right, left and both lungs, rounded for a table."""
    pairs = {lung: overlap(np.isin(labels, numbers), np.isin(reference, numbers)) for lung, numbers in LUNGS.items()}
    return {f"dice_{lung}": round(dice, 4) for lung, (dice, _) in pairs.items()} | {
        f"jaccard_{lung}": round(jaccard, 4) for lung, (_, jaccard) in pairs.items()
    }


def surface_distances(ours: np.ndarray, theirs: np.ndarray, spacing_zyx_mm: SpacingZyx) -> SurfaceDistances | None:
    """Measure how far the surfaces of two masks lie apart.

    Parameters
    ----------
    ours, theirs : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float
        Distance between voxel centres.

    Returns
    -------
    SurfaceDistances or None
        None when a mask is empty.

    Notes
    -----
    The surface is every voxel of the mask with a face towards the background or the end of the scan;
    distances are between voxel centres. HD95 is the larger of the two directed 95th percentiles, ASSD
    the mean over both surfaces together. The distance maps are those of Maurer et al., IEEE TPAMI 2003.
    """
    if not ours.any() or not theirs.any():
        return None
    box = bounding_box(ours | theirs)
    surfaces = [_surface(mask[box]) for mask in (ours, theirs)]
    distance_maps_mm = [distance_map_mm(surface, spacing_zyx_mm) for surface in surfaces]
    directed_mm = [distance_maps_mm[1][surfaces[0]], distance_maps_mm[0][surfaces[1]]]
    return SurfaceDistances(
        hd95_mm=max(float(np.percentile(distances, 95)) for distances in directed_mm),
        assd_mm=float(np.concatenate(directed_mm).mean(dtype=np.float64)),
    )


def bounding_box(mask: np.ndarray) -> tuple[slice, ...]:
    """Give the smallest box that holds a mask that is not empty."""
    planes = [np.flatnonzero(mask.any(axis=tuple(other for other in range(mask.ndim) if other != axis))) for axis in range(mask.ndim)]
    return tuple(slice(int(indices[0]), int(indices[-1]) + 1) for indices in planes)


def _surface(mask: np.ndarray) -> np.ndarray:
    return mask & ~ndimage.binary_erosion(mask)


def distance_map_mm(mask: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Give each voxel's distance to the nearest voxel of a mask that is not empty: float32 (z, y, x), 0 inside."""
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(spacing_zyx_mm[::-1])
    signed = sitk.SignedMaurerDistanceMap(image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True)
    return np.maximum(sitk.GetArrayViewFromImage(signed), 0)


def largest_piece_ml(mask: np.ndarray, voxel_ml: float) -> float:
    """Give the volume of a mask's largest piece; pieces hang together over faces."""
    if not mask.any():
        return 0.0
    pieces, _ = ndimage.label(mask[bounding_box(mask)])
    return float(np.bincount(pieces.ravel())[1:].max()) * voxel_ml


def give_sides(lungs: np.ndarray, reference: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Give each voxel of a mask without sides to the nearer lung of the reference, in favour of who found it.

    Parameters
    ----------
    lungs : numpy.ndarray
        bool (z, y, x): both lungs in one mask.
    reference : numpy.ndarray
        uint8 labels.
    spacing_zyx_mm : tuple of float
        Distance between voxel centres.

    Returns
    -------
    numpy.ndarray
        uint8 labels: right and left lung.
    """
    labels = np.zeros(lungs.shape, np.uint8)
    present = [label for label in (RIGHT_LUNG, LEFT_LUNG) if np.any(reference == label)]
    if len(present) < 2 or not lungs.any():
        labels[lungs] = present[0] if present else RIGHT_LUNG
        return labels
    box = bounding_box(lungs | np.isin(reference, present))
    right_mm, left_mm = (distance_map_mm(reference[box] == label, spacing_zyx_mm) for label in present)
    labels[box] = np.where(lungs[box], np.where(right_mm <= left_mm, RIGHT_LUNG, LEFT_LUNG), BACKGROUND)
    return labels
