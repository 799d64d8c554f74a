"""Lung area in each axial slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..volume import CtVolume, canonical_order


@dataclass(frozen=True)
class SliceArea:
    """Lung area in one slice.

    Parameters
    ----------
    index : int
        Number of the slice on the input's grid, from 0, along its axis nearest to the patient's
        long axis; it grows with the array index, towards the head or the feet.
    position_mm : float
        LPS z coordinate of the slice's centre in mm; it grows towards the head.
    right_mm2, left_mm2 : float
        Area of each lung in the slice's plane.
    """

    index: int
    position_mm: float
    right_mm2: float
    left_mm2: float

    @property
    def total_mm2(self) -> float:
        """Area of both lungs."""
        return self.right_mm2 + self.left_mm2


def measure_slices(volume: CtVolume, labels: np.ndarray) -> tuple[SliceArea, ...]:
    """Measure the area of each lung in every axial slice of the scan's own grid.

    Parameters
    ----------
    volume : CtVolume
        The scan, in any axis order.
    labels : numpy.ndarray
        uint8 label map with the scan's shape.

    Returns
    -------
    tuple of SliceArea
        In the order of the slice index.

    Notes
    -----
    Nothing is interpolated: in an oblique scan the slices are the scan's own, tilted ones, the area
    lies in their plane, and the position is that of the centre of the slice.
    """
    slice_axis = canonical_order(volume.direction_lps).axes[0]
    spacing_zyx = volume.spacing_zyx_mm
    pixel_mm2 = float(np.prod([spacing for axis, spacing in enumerate(spacing_zyx) if axis != slice_axis]))

    centre_zyx = (np.asarray(labels.shape, float) - 1) / 2
    step_z_mm = volume.direction_lps[2] * np.asarray(spacing_zyx[::-1], float)
    step_z_mm = step_z_mm[::-1]
    centre_z_mm = volume.origin_lps_mm[2] + float(step_z_mm @ centre_zyx)

    areas = []
    for index, plane in enumerate(np.moveaxis(labels, slice_axis, 0)):
        position_mm = centre_z_mm + (index - centre_zyx[slice_axis]) * step_z_mm[slice_axis]
        right, left = (np.count_nonzero(plane == label) * pixel_mm2 for label in (RIGHT_LUNG, LEFT_LUNG))
        areas.append(SliceArea(index, float(position_mm), right, left))
    return tuple(areas)
