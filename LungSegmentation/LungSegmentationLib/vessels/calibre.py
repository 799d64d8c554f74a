"""Blood vessel volume by the area of the vessels' cross-section."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box, dilated, eroded
from ..labels import LEFT_LUNG, RIGHT_LUNG
from . import limits
from .contrast import blood_contrast
from .cross_sections import cross_section_areas_mm2
from .neighbourhood import nearest_around
from .scan_blur import blur_variances_zyx_mm2

_SMALL, _OTHER = 1, 2
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


@dataclass(frozen=True)
class SideVessels:
    """The vessels of one lung, with their volume.

    Parameters
    ----------
    volumes : VesselVolumes
    box : tuple of slice
        A part of the scan that holds them all.
    mask : numpy.ndarray
        bool, of the box: the vessels.
    areas_mm2 : numpy.ndarray
        float32 (n,): area of the vessel's cross-section at each voxel of the mask, in the array's order.
    """

    volumes: VesselVolumes
    box: tuple[slice, slice, slice]
    mask: np.ndarray
    areas_mm2: np.ndarray


def measure_vessels(voxels_hu: np.ndarray, labels: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: SpacingZyx) -> dict[str, SideVessels]:
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
    dict of str to SideVessels
        For ``right_lung`` and ``left_lung``.

    Notes
    -----
    Vessels with a cross-section from 5 mm² on are whole voxels. A voxel of a smaller one is mostly lung: there the part
    that is blood is summed, by the density, over the vessel and what the scan's blur spread around it.

    References
    ----------
    BV5, TBV: Estépar et al., Am J Respir Crit Care Med 188 (2013) 231.
    """
    blur_zyx_mm2 = blur_variances_zyx_mm2(voxels_hu, (labels == RIGHT_LUNG) | (labels == LEFT_LUNG), spacing_zyx_mm)
    with ThreadPoolExecutor(2) as pool:
        sides = {
            key: pool.submit(_measure_side, voxels_hu, labels, vessels, spacing_zyx_mm, blur_zyx_mm2, label)
            for key, label in _SIDE_KEYS.items()
        }
        return {key: side.result() for key, side in sides.items()}


def vessel_volumes_ml(
    voxels_hu: np.ndarray, labels: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> dict[str, VesselVolumes]:
    """Give the volumes of :func:`measure_vessels` alone, in mL."""
    return {key: side.volumes for key, side in measure_vessels(voxels_hu, labels, vessels, spacing_zyx_mm).items()}


def _measure_side(
    voxels_hu: np.ndarray,
    labels: np.ndarray,
    vessels: np.ndarray,
    spacing_zyx_mm: SpacingZyx,
    blur_zyx_mm2: tuple[float, float, float],
    label: int,
) -> SideVessels:
    lung = labels == label
    inside = lung & (vessels != 0)
    if not inside.any():
        nothing = (slice(0), slice(0), slice(0))
        return SideVessels(VesselVolumes(0.0, 0.0, 0.0, 0.0), nothing, inside[nothing], np.empty(0, np.float32))
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    box = bounding_box(lung, (1, 1, 1))
    lung, inside = lung[box], inside[box]
    contrast = blood_contrast(voxels_hu[box], lung, spacing_zyx_mm)
    areas = cross_section_areas_mm2(np.clip(contrast, 0, 1), inside, spacing_zyx_mm, blur_zyx_mm2)
    bins = np.digitize(areas, (limits.SMALL_VESSEL_MM2, limits.MEDIUM_VESSEL_MM2))
    _, medium, large = (np.bincount(bins, minlength=3) * voxel_ml).tolist()
    kinds = np.zeros(inside.shape, np.uint8)
    kinds[inside] = np.where(bins == 0, _SMALL, _OTHER)
    small = max(_small_voxels(contrast, kinds, lung, spacing_zyx_mm, blur_zyx_mm2), 0.0) * voxel_ml
    return SideVessels(VesselVolumes(small + medium + large, small, medium, large), box, inside, areas)


def _small_voxels(
    contrast: np.ndarray, kinds: np.ndarray, lung: np.ndarray, spacing_zyx_mm: SpacingZyx, blur_zyx_mm2: tuple[float, float, float]
) -> float:
    """Sum the contrast of small vessels, and around them of what is nearer to them than to other vessels: in voxels of blood."""
    is_small = kinds == _SMALL
    if not is_small.any():
        return 0.0
    z, y, x = (mm / max(mm2**0.5, limits.LEAST_BLUR_VOXELS * mm) for mm, mm2 in zip(spacing_zyx_mm, blur_zyx_mm2, strict=True))
    around = dilated(is_small, limits.SMALL_REACH_RATIO, (z, y, x)) & (kinds == 0) & eroded(lung, limits.BORDER_MM, spacing_zyx_mm)
    places = np.flatnonzero(around)
    # The rest of what a thin vessel adds lies beyond: a two-dimensional Gaussian's tail.
    within_reach = 1 - float(np.exp(-(limits.SMALL_REACH_RATIO**2) / 2))
    near_small = places[nearest_around(kinds, places, limits.SMALL_REACH_RATIO, (z, y, x)) == _SMALL]
    return float(contrast[is_small].sum(dtype=float) + contrast.reshape(-1)[near_small].sum(dtype=float)) / within_reach
