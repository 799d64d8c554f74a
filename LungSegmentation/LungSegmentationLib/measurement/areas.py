"""Lung, vessel and tracheal area in each axial slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..volume import CtVolume
from .airways import tracheal_voxels_by_slice
from .histograms import VoxelCounts, count_voxels


@dataclass(frozen=True)
class SliceArea:
    """Areas in one slice.

    Parameters
    ----------
    index : int
        Number of the slice on the input's grid, from 0, along its axis nearest to the patient's
        long axis; it grows with the array index, towards the head or the feet.
    position_mm : float
        LPS z coordinate of the slice's centre in mm; it grows towards the head.
    right_mm2, left_mm2 : float
        Area of each lung in the slice's plane.
    vessel_mm2 : float or None
        Area of the vessels inside the lungs; None where they were not segmented.
    trachea_mm2 : float or None
        Cross-section of the trachea's lumen in the slice's plane; None below the carina and above the airways.
    """

    index: int
    position_mm: float
    right_mm2: float
    left_mm2: float
    vessel_mm2: float | None = None
    trachea_mm2: float | None = None

    @property
    def total_mm2(self) -> float:
        """Area of both lungs."""
        return self.right_mm2 + self.left_mm2

    @property
    def vessel_percent(self) -> float | None:
        """Vessel area in % of the area of both lungs; None without vessels or without lung."""
        if self.vessel_mm2 is None or self.total_mm2 == 0:
            return None
        return 100.0 * self.vessel_mm2 / self.total_mm2


def measure_slices(
    volume: CtVolume, labels: np.ndarray, vessels: np.ndarray | None = None, voxel_counts: VoxelCounts | None = None
) -> tuple[SliceArea, ...]:
    """Measure the areas in every axial slice of the scan's own grid.

    Parameters
    ----------
    volume : CtVolume
        The scan, in any axis order.
    labels : numpy.ndarray
        uint8 label map with the scan's shape.
    vessels : numpy.ndarray, optional
        uint8 or bool, the scan's shape: vessels are not 0; only those inside a lung count.
    voxel_counts : VoxelCounts, optional
        Of the same arrays, where it was taken before.

    Returns
    -------
    tuple of SliceArea
        In the order of the slice index.

    Notes
    -----
    Nothing is interpolated: in an oblique scan the slices are the scan's own, tilted ones, the area
    lies in their plane, and the position is that of the centre of the slice.
    """
    voxel_counts = voxel_counts or count_voxels(volume, labels, vessels)
    spacing_zyx = volume.spacing_zyx_mm
    slice_axis = voxel_counts.slice_axis
    pixel_mm2 = float(np.prod([spacing for axis, spacing in enumerate(spacing_zyx) if axis != slice_axis]))

    centre_zyx = (np.asarray(labels.shape, float) - 1) / 2
    step_z_mm = volume.direction_lps[2] * np.asarray(spacing_zyx[::-1], float)
    step_z_mm = step_z_mm[::-1]
    centre_z_mm = volume.origin_lps_mm[2] + float(step_z_mm @ centre_zyx)
    positions_mm = centre_z_mm + (np.arange(labels.shape[slice_axis]) - centre_zyx[slice_axis]) * step_z_mm[slice_axis]

    right_mm2, left_mm2 = (voxel_counts.voxels_by_slice[label] * pixel_mm2 for label in (RIGHT_LUNG, LEFT_LUNG))
    vessel_mm2 = None if voxel_counts.vessels_by_slice is None else voxel_counts.vessels_by_slice.sum(axis=0) * pixel_mm2
    trachea = tracheal_voxels_by_slice(volume, labels, voxel_counts)
    return tuple(
        SliceArea(
            index,
            float(position_mm),
            float(right_mm2[index]),
            float(left_mm2[index]),
            None if vessel_mm2 is None else float(vessel_mm2[index]),
            float(trachea[index] * pixel_mm2) if trachea[index] else None,
        )
        for index, position_mm in enumerate(positions_mm)
    )
