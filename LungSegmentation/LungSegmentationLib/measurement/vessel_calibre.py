"""Blood vessel volume by the area of the vessels' cross-section."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box
from ..anatomy.neighbourhood import largest_around
from ..anatomy.tubularity import blurred
from ..labels import LEFT_LUNG, RIGHT_LUNG

SMALL_VESSEL_MM2, MEDIUM_VESSEL_MM2 = 5.0, 10.0
_SIGMA_MM = 1.2
_REACH_MM = 1.6
_SIDE_KEYS = {"right_lung": RIGHT_LUNG, "left_lung": LEFT_LUNG}


@dataclass(frozen=True)
class VesselVolumes:
    """Vessel volume of one side.

    Parameters
    ----------
    total_ml : float
        Total blood vessel volume (TBV).
    below_5_mm2_ml, from_5_to_10_mm2_ml, above_10_mm2_ml : float
        Volume of the vessels whose cross-section is below 5 mm² (BV5), from 5 to 10 mm² (BV5-10),
        and above 10 mm² (BV10). They add up to the total.
    """

    total_ml: float
    below_5_mm2_ml: float
    from_5_to_10_mm2_ml: float
    above_10_mm2_ml: float

    @property
    def small_fraction(self) -> float | None:
        """BV5 / TBV; None without vessels."""
        return self.below_5_mm2_ml / self.total_ml if self.total_ml > 0 else None


def vessel_volumes_ml(vessels: np.ndarray, spacing_zyx_mm: SpacingZyx) -> dict[str, VesselVolumes]:
    """Measure the vessels of each lung by calibre.

    Parameters
    ----------
    vessels : numpy.ndarray
        uint8 (z, y, x): 1 vessel in the right lung, 2 in the left.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    dict of str to VesselVolumes
        For ``right_lung`` and ``left_lung``, in mL.

    References
    ----------
    BV5, TBV: Estépar et al., Am J Respir Crit Care Med 188 (2013) 231.
    """
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    volumes = {}
    for key, label in _SIDE_KEYS.items():
        side = vessels == label
        if not side.any():
            volumes[key] = VesselVolumes(0.0, 0.0, 0.0, 0.0)
            continue
        margin_z, margin_y, margin_x = (int(np.ceil(4 * _SIGMA_MM / spacing)) for spacing in spacing_zyx_mm)
        areas = cross_section_areas_mm2(side[bounding_box(side, (margin_z, margin_y, margin_x))], spacing_zyx_mm)
        bins = np.digitize(areas, (SMALL_VESSEL_MM2, MEDIUM_VESSEL_MM2))
        small, medium, large = (np.bincount(bins, minlength=3) * voxel_ml).tolist()
        volumes[key] = VesselVolumes(areas.size * voxel_ml, small, medium, large)
    return volumes


def cross_section_areas_mm2(mask: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Estimate the area of the vessel's cross-section at each vessel voxel, below the voxel's own size too.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x): vessels.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        float32, for each voxel of the mask in the array's order, mm². Areas above about 25 mm² are
        only known to be large.

    Notes
    -----
    The mask is blurred by a Gaussian of standard deviation s. In the middle of a round tube of
    radius r it then is 1 - exp(-r² / 2s²), which gives the cross-section π r²; the blur averages
    over the voxels' steps along the vessel. Each voxel takes the largest value near it, that of
    the vessel's middle.
    """
    image = blurred(mask.astype(np.float32), _SIGMA_MM, spacing_zyx_mm)
    height = largest_around(image, np.flatnonzero(mask), _REACH_MM, spacing_zyx_mm)
    return -2 * np.pi * np.float32(_SIGMA_MM**2) * np.log1p(-np.minimum(height, np.float32(1 - 1e-6)))
