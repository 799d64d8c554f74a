"""Size of the airways, and the trachea's cross-section from slice to slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from ..anatomy.limits import SMALLEST_BRONCHUS_MM2
from ..anatomy.morphology import bounding_box
from ..labels import AIRWAYS
from ..volume import CtVolume
from . import limits
from .histograms import VoxelCounts

if TYPE_CHECKING:
    from .areas import SliceArea


@dataclass(frozen=True)
class AirwayMeasure:
    """Size of the airways.

    Parameters
    ----------
    volume_ml : float
        Trachea and bronchi as labelled.
    trachea_slices : int
        Slices above the carina in which the airways are one piece.
    trachea_length_mm : float
        That many slices, in mm along the slice axis.
    trachea_volume_ml : float
        Volume in these slices.
    smallest_mm2, largest_mm2, mean_mm2 : float or None
        The trachea's cross-section in the slices' plane, from 10 mm below its top to 10 mm above the carina; all of it where
        it is shorter than 40 mm; None where there is none.
    """

    volume_ml: float
    trachea_slices: int
    trachea_length_mm: float
    trachea_volume_ml: float
    smallest_mm2: float | None
    largest_mm2: float | None
    mean_mm2: float | None


def tracheal_voxels_by_slice(volume: CtVolume, labels: np.ndarray, voxel_counts: VoxelCounts) -> np.ndarray:
    """Count the trachea's voxels in each slice.

    The trachea is where the airways are one piece (its voxels joined by face or edge in the slice, pieces
    below 20 mm² set aside), from the uppermost such slice down to the carina, where they fall in two.

    Parameters
    ----------
    volume : CtVolume
    labels : numpy.ndarray
        uint8 label map with the scan's shape.
    voxel_counts : VoxelCounts
        Of the same arrays.

    Returns
    -------
    numpy.ndarray
        int64 (slices,), in the order of the slice index; 0 outside the trachea.
    """
    areas = np.zeros(labels.shape[voxel_counts.slice_axis], np.int64)
    used = np.flatnonzero(voxel_counts.voxels_by_slice[AIRWAYS])
    if used.size == 0:
        return areas
    spacing = [mm for axis, mm in enumerate(volume.spacing_zyx_mm) if axis != voxel_counts.slice_axis]
    smallest_voxels = SMALLEST_BRONCHUS_MM2 / float(np.prod(spacing))
    by_slice = np.moveaxis(labels, voxel_counts.slice_axis, 0)[used[0] : used[-1] + 1] == AIRWAYS
    by_slice = by_slice[bounding_box(by_slice)]
    reached = False
    for index in range(len(by_slice))[:: -1 if voxel_counts.towards_head else 1]:
        pieces, _ = ndimage.label(by_slice[index], np.ones((3, 3), bool))
        sizes = np.bincount(pieces.ravel())[1:]
        sizes = sizes[sizes >= smallest_voxels]
        if len(sizes) == 1:
            reached = True
            areas[used[0] + index] = sizes[0]
        elif reached:
            break
    return areas


def measure_airways(volume: CtVolume, voxel_counts: VoxelCounts, slices: Sequence[SliceArea]) -> AirwayMeasure:
    """Measure the airways' volume and the trachea's cross-section.

    Parameters
    ----------
    volume : CtVolume
    voxel_counts : VoxelCounts
        Of the scan and its labels.
    slices : sequence of SliceArea
        From :func:`.areas.measure_slices`.

    Returns
    -------
    AirwayMeasure
    """
    airway_ml = int(voxel_counts.voxels_by_slice[AIRWAYS].sum()) * volume.voxel_volume_ml
    areas = [area.trachea_mm2 for area in slices if area.trachea_mm2 is not None]
    slice_mm = volume.spacing_zyx_mm[voxel_counts.slice_axis]
    if not areas:
        return AirwayMeasure(airway_ml, 0, 0.0, 0.0, None, None, None)
    length_mm = len(areas) * slice_mm
    ends = int(limits.TRACHEA_END_MM / slice_mm) if length_mm >= limits.SHORTEST_WITH_ENDS_MM else 0
    inner = areas[ends : len(areas) - ends]
    return AirwayMeasure(airway_ml, len(areas), length_mm, sum(areas) * slice_mm / 1000.0, min(inner), max(inner), sum(inner) / len(inner))
