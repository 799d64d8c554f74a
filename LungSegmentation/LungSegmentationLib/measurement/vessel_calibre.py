"""Blood vessel volume by the area of the vessels' cross-section."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box
from ..anatomy.neighbourhood import largest_around
from ..anatomy.tubular_vessels import blood_contrast
from ..anatomy.tubularity import SCANNER_SIGMA_MM, between_voxels, blurred
from ..labels import LEFT_LUNG, RIGHT_LUNG

SMALL_VESSEL_MM2, MEDIUM_VESSEL_MM2 = 5.0, 10.0
# As little blur as the noise and the longest side of the voxels allow: more would mix a vessel with its neighbours.
_SIGMA_MM, _SIGMA_OF_LONGEST_SIDE = 0.7, 0.45
# How far the middle of a vessel below 5 mm², and of a larger one, is looked for: over a voxel's corner if that is near.
_SHORTEST_REACH_MM, _LONGEST_REACH_MM, _REACH_VOXELS, _REACH_OF_LARGER_MM = 1.0, 1.45, 1.45, 1.8
_HIGHEST = np.float32(1 - 1e-4)
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


def vessel_volumes_ml(
    voxels_hu: np.ndarray, labels: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> dict[str, VesselVolumes]:
    """Measure the vessels of each lung by calibre.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    labels : numpy.ndarray
        uint8 (z, y, x): 1 right lung, 2 left lung.
    vessels : numpy.ndarray
        uint8 or bool (z, y, x): vessels are not 0; only those inside a lung count.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    dict of str to VesselVolumes
        For ``right_lung`` and ``left_lung``, in mL: whole voxels of ``vessels``. The density decides the calibre only.

    References
    ----------
    BV5, TBV: Estépar et al., Am J Respir Crit Care Med 188 (2013) 231.
    """
    with ThreadPoolExecutor(2) as pool:
        sides = {key: pool.submit(_volumes_of_side, voxels_hu, labels, vessels, spacing_zyx_mm, label) for key, label in _SIDE_KEYS.items()}
        return {key: side.result() for key, side in sides.items()}


def _volumes_of_side(
    voxels_hu: np.ndarray, labels: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: SpacingZyx, label: int
) -> VesselVolumes:
    lung = labels == label
    inside = lung & (vessels != 0)
    if not inside.any():
        return VesselVolumes(0.0, 0.0, 0.0, 0.0)
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    box = bounding_box(lung, (1, 1, 1))
    contrast = blood_contrast(voxels_hu[box], lung[box], spacing_zyx_mm)
    areas = cross_section_areas_mm2(contrast, inside[box], spacing_zyx_mm)
    bins = np.digitize(areas, (SMALL_VESSEL_MM2, MEDIUM_VESSEL_MM2))
    small, medium, large = (np.bincount(bins, minlength=3) * voxel_ml).tolist()
    return VesselVolumes(areas.size * voxel_ml, small, medium, large)


def cross_section_areas_mm2(contrast: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Estimate the area of the vessel's cross-section at each vessel voxel, below the voxel's own size too.

    Parameters
    ----------
    contrast : numpy.ndarray
        float32 (z, y, x): 0 in the parenchyma, 1 in blood, see :func:`.tubular_vessels.blood_contrast`.
    vessels : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        float32, for each voxel of ``vessels`` in the array's order, mm². Areas above about 20 mm² are
        only known to be large.

    Notes
    -----
    A round tube of radius r and contrast 1, seen through a Gaussian of standard deviation s, is
    1 - exp(-r² / 2s²) high in the middle, which gives the cross-section π r²: a vessel thinner than a voxel is fainter.
    The blur s is that of the filter and of a scanner with a standard kernel (0.5 mm). A softer kernel makes
    vessels appear thinner: at 0.8 mm the area comes out a third too small.
    Each voxel takes the largest value near it, that of the vessel's middle.
    """
    sigma_mm = max(_SIGMA_MM, _SIGMA_OF_LONGEST_SIDE * max(spacing_zyx_mm))
    image = blurred(contrast, sigma_mm, spacing_zyx_mm)
    squared_blur_mm2 = sigma_mm**2 + SCANNER_SIGMA_MM**2
    missed = np.float32((between_voxels(sigma_mm, spacing_zyx_mm) - 1) / 2)
    places = np.flatnonzero(vessels)

    def areas_within(some: np.ndarray, reach_mm: float) -> np.ndarray:
        height = largest_around(image, some, reach_mm, spacing_zyx_mm)
        height = np.minimum(height * (1 + missed * (1 - height)), _HIGHEST)
        areas: np.ndarray = np.float32(-2 * np.pi * squared_blur_mm2) * np.log1p(-height)
        return areas

    reach_mm = min(max(_SHORTEST_REACH_MM, _REACH_VOXELS * min(spacing_zyx_mm)), _LONGEST_REACH_MM)
    areas_mm2 = areas_within(places, reach_mm)
    is_larger = areas_mm2 >= SMALL_VESSEL_MM2
    areas_mm2[is_larger] = areas_within(places[is_larger], _REACH_OF_LARGER_MM)
    return areas_mm2
