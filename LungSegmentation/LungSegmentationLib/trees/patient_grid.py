"""A scan's arrays in canonical order, and places in them brought back into the patient's space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx
from ..volume import AxisOrder, CtVolume, canonical_order

Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class PatientGrid:
    """A part of a scan in canonical order.

    Parameters
    ----------
    order : AxisOrder
    spacing_zyx_mm : tuple of float
        In canonical order.
    first_lps_mm : numpy.ndarray
        float (3,): centre of the part's first voxel in canonical order.
    axes_lps : numpy.ndarray
        float (3, 3): directions of the canonical axes z, y, x as rows.
    """

    order: AxisOrder
    spacing_zyx_mm: SpacingZyx
    first_lps_mm: np.ndarray
    axes_lps: np.ndarray

    @classmethod
    def of(cls, volume: CtVolume, box: Box) -> PatientGrid:
        """Find the canonical grid of a box of a scan, given on the scan's own axes."""
        order = canonical_order(volume.direction_lps)
        direction = np.asarray(volume.direction_lps, float)
        first = np.asarray(volume.origin_lps_mm, float)
        axes = np.empty((3, 3))
        for axis, (source, is_flipped) in enumerate(zip(order.axes, order.flipped, strict=True)):
            along = direction[:, 2 - source]
            index = box[source].stop - 1 if is_flipped else box[source].start
            first = first + along * (volume.spacing_zyx_mm[source] * index)
            axes[axis] = -along if is_flipped else along
        z, y, x = (float(volume.spacing_zyx_mm[source]) for source in order.axes)
        return cls(order, (z, y, x), first, axes)

    def to_lps_mm(self, points_zyx_mm: np.ndarray) -> np.ndarray:
        """Bring points (n, 3), in mm from the part's first voxel, into space: (x, y, z)."""
        return self.first_lps_mm + points_zyx_mm @ self.axes_lps

    def from_lps_mm(self, point_lps_mm: np.ndarray) -> np.ndarray:
        """Bring a point of space to mm from the part's first voxel, (z, y, x)."""
        return self.axes_lps @ (point_lps_mm - self.first_lps_mm)
