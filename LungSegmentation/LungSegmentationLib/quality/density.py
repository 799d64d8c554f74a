"""Densities that the quality flags judge: air in and around the patient, blood, and the tracheal wall's shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..anatomy.body import small_body_scale
from ..anatomy.limits import WORKING_VOXEL_MM
from ..anatomy.morphology import bounding_box, distance_to_mm
from ..anatomy.noise import noise_hu
from ..anatomy.working_grid import make_working_grid
from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from ..scan_field.limits import AIR_BELOW_HU
from . import limits
from .grid import QualityGrid


@dataclass(frozen=True)
class AirwayFindings:
    """What the airways show.

    Parameters
    ----------
    trachea_mm : float
        Height of the slices in which the airways measure at least 40 mm², of a small body accordingly less.
    body_scale : float
        Size of a small body in sizes of an adult, which is looked for where the airways are too short for an adult's; else 1.
    air_hu : float or None
        Median of the upper half's voxels farther than 3 mm, and one voxel, from all that is not airway; None where
        there are too few.
    noise_hu : float or None
        Standard deviation of the same voxels, by :func:`~LungSegmentationLib.anatomy.noise.noise_hu`.
    lung_like_percent : float or None
        Share of all such voxels whose mean over those among 3 × 3 in the slice lies more than 80 HU above the median; None where they are
        less than 2 mL.
    bowing_mm : float or None
        How far the middle of the trachea's back wall lies in front of its outer parts; negative where it is convex.
    """

    trachea_mm: float = 0.0
    body_scale: float = 1.0
    air_hu: float | None = None
    noise_hu: float | None = None
    lung_like_percent: float | None = None
    bowing_mm: float | None = None


def examine_airways(grid: QualityGrid) -> AirwayFindings:
    """Measure length, air and back wall of the airways at full resolution."""
    box = grid.airway_box()
    if box is None:
        return AirwayFindings()
    z_mm, y_mm, x_mm = grid.spacing_zyx_mm
    airways = np.ascontiguousarray(grid.labels[box] == AIRWAYS)
    hu = np.ascontiguousarray(grid.voxels_hu[box])
    areas_mm2 = np.count_nonzero(airways, axis=(1, 2)) * y_mm * x_mm
    scale = 1.0
    trachea_mm = float(np.count_nonzero(areas_mm2 >= limits.SMALLEST_TRACHEA_MM2) * z_mm)
    if trachea_mm < limits.SHORTEST_TRACHEA_MM:
        scale = small_body_scale(make_working_grid(grid.voxels_hu, grid.spacing_zyx_mm, WORKING_VOXEL_MM, grid.measured))
        trachea_mm = float(np.count_nonzero(areas_mm2 >= limits.SMALLEST_TRACHEA_MM2 * scale**2) * z_mm)
    bowing_mm = _back_wall_bowing_mm(airways, areas_mm2, grid.spacing_zyx_mm)

    # On coarse voxels partial volume reaches one voxel deep.
    depth_mm = max(limits.AIRWAY_DEPTH_MM, limits.AIRWAY_DEPTH_VOXELS * max(grid.spacing_zyx_mm))
    inner = distance_to_mm(~airways, grid.spacing_zyx_mm) > depth_mm
    if np.count_nonzero(inner) < limits.FEWEST_VOXELS:
        return AirwayFindings(trachea_mm, scale, bowing_mm=bowing_mm)
    slices = np.flatnonzero(inner.any(axis=(1, 2)))
    trachea = inner[(slices[0] + slices[-1]) // 2 :]  # leaks begin lower
    air = hu[(slices[0] + slices[-1]) // 2 :][trachea]
    air_hu = float(np.median(air))
    # The mean over such voxels only: beside them lies the wall.
    above_air = ndimage.uniform_filter(np.where(inner, hu - np.float32(air_hu), np.float32(0)), (1, 3, 3))
    weight = ndimage.uniform_filter(inner.astype(np.float32), (1, 3, 3))
    lung_like_percent = 100 * float(np.mean(above_air[inner] > limits.LEAK_ABOVE_TRACHEA_HU * weight[inner]))
    is_enough = np.count_nonzero(inner) * z_mm * y_mm * x_mm / 1000 >= limits.LEAK_JUDGED_FROM_ML
    return AirwayFindings(trachea_mm, scale, air_hu, noise_hu(air), lung_like_percent if is_enough else None, bowing_mm)


def _back_wall_bowing_mm(airways: np.ndarray, areas_mm2: np.ndarray, spacing_zyx_mm: tuple[float, float, float]) -> float | None:
    """Compare the back edge in the middle fifth of the trachea's width with that at its quarters; median over the slices."""
    used = np.flatnonzero((areas_mm2 >= limits.BOWING_TRACHEA_MM2[0]) & (areas_mm2 <= limits.BOWING_TRACHEA_MM2[1]))
    bowing = []
    for plane in airways[used[used.size // 2 :]]:  # the upper half: the trachea, not the bronchi
        columns = np.flatnonzero(plane.any(axis=0))
        if columns.size < limits.BOWING_FEWEST_PIXELS or columns[-1] - columns[0] + 1 != columns.size:
            continue
        back_edge = plane.shape[0] - 1 - np.argmax(plane[::-1, columns], axis=0)
        place = (np.arange(columns.size) + 0.5) / columns.size
        middle = np.abs(place - 0.5) <= limits.BOWING_PART_SHARE
        quarters = np.abs(np.abs(place - 0.5) - limits.BOWING_QUARTER_SHARE) <= limits.BOWING_PART_SHARE
        if middle.any() and quarters.any():
            bowing.append((back_edge[quarters].mean() - back_edge[middle].mean()) * spacing_zyx_mm[1])
    return float(np.median(bowing)) if bowing else None


def outside_air_hu(grid: QualityGrid) -> float | None:
    """Take the median of the air at the lateral and anterior edges of what was measured of the axial slices.

    Returns
    -------
    float or None
        HU; None where no air was measured at those edges.
    """
    box = bounding_box(grid.sample_measured)
    outside, smooth_hu = ((grid.sample_labels == 0) & grid.sample_measured)[box], grid.smooth_hu[box]
    values = []
    for place in ((slice(None), slice(0, 2)), (slice(None), slice(None), slice(0, 2)), (slice(None), slice(None), slice(-2, None))):
        hu = smooth_hu[place][outside[place]]
        values.append(hu[hu < AIR_BELOW_HU])
    air = np.concatenate(values)
    return float(np.median(air)) if air.size >= limits.FEWEST_VOXELS else None


def heart_hu(grid: QualityGrid) -> float | None:
    """Take the median density of the soft tissue between the lungs, in front, at the height of the heart.

    Returns
    -------
    float or None
        HU; None where no tissue lies between two lungs.
    """
    right, left, hu = grid.sample_labels == RIGHT_LUNG, grid.sample_labels == LEFT_LUNG, grid.smooth_hu
    lungs = right | left
    slices, rows = (np.flatnonzero(lungs.any(axis=axes)) for axes in ((1, 2), (0, 2)))
    if not slices.size:
        return None
    low, high = (round(slices[0] + share * (slices[-1] - slices[0])) for share in limits.HEART_HEIGHT_SHARES)
    place = (slice(low, high + 1), slice(0, int(rows.mean()) + 1))
    between = np.logical_or.accumulate(right[place], axis=2) & np.flip(np.logical_or.accumulate(np.flip(left[place], 2), axis=2), 2)
    tissue = hu[place][between & (grid.sample_labels[place] == 0)]
    tissue = tissue[(tissue > limits.HEART_TISSUE_HU[0]) & (tissue < limits.HEART_TISSUE_HU[1])]
    return float(np.median(tissue)) if tissue.size >= limits.FEWEST_VOXELS else None


def mean_lung_hu(grid: QualityGrid) -> tuple[float | None, float | None]:
    """Mean density of the right and of the left lung on the coarse sample, of what was measured; None where a lung is missing."""
    means = []
    for label in (RIGHT_LUNG, LEFT_LUNG):
        hu = grid.sample_hu[(grid.sample_labels == label) & grid.sample_measured]
        means.append(float(hu.mean()) if hu.size >= limits.FEWEST_VOXELS else None)
    return means[0], means[1]
