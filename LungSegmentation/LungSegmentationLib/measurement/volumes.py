"""Volume, surface and mean density of each region, exact, in one pass over the scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..labels import AIRWAYS, LEFT_LUNG, REGIONS, RIGHT_LUNG, VESSEL_REGIONS
from ..volume import CtVolume
from .histograms import VoxelCounts, count_voxels, measured_part, unmeasured
from .surface_area import surface_area_cm2

_BOTH = ("both_lungs", "Both lungs")


@dataclass(frozen=True)
class RegionMeasure:
    """Volume and density of one region.

    Parameters
    ----------
    key, name : str
        ``right_lung``, ``left_lung``, ``both_lungs`` or ``airways``, and the name for readers.
    voxels : int
        Number of voxels.
    volume_ml : float
        Voxel count times voxel volume, in mL.
    mean_hu, sd_hu : float or None
        Mean and standard deviation (of the whole population, divisor n) of the voxels in HU, without
        those that the scanner did not measure; None where none is left.
    """

    key: str
    name: str
    voxels: int
    volume_ml: float
    mean_hu: float | None
    sd_hu: float | None


@dataclass(frozen=True)
class DetailedMeasure(RegionMeasure):
    """All that the table of volumes shows of one region.

    Parameters
    ----------
    unmeasured_voxels : int
        Voxels that the scanner did not measure: in the volume, not in mean and SD.
    share_percent : float or None
        Volume in % of both lungs' volume; None without lungs.
    surface_cm2 : float
        Area of the region's surface, see :func:`.surface_area.surface_area_cm2`; for both lungs the sum of the two.
    vessel_percent : float or None
        Vessel volume in % of the region's volume, for lungs; None for other regions and without vessels.
    """

    unmeasured_voxels: int
    share_percent: float | None
    surface_cm2: float
    vessel_percent: float | None


def measure_regions(volume: CtVolume, labels: np.ndarray, voxel_counts: VoxelCounts | None = None) -> tuple[RegionMeasure, ...]:
    """Measure right lung, left lung, both lungs and airways.

    Parameters
    ----------
    volume : CtVolume
        The scan.
    labels : numpy.ndarray
        uint8 label map with the scan's shape.
    voxel_counts : VoxelCounts, optional
        Of the same arrays, where it was taken before.

    Returns
    -------
    tuple of RegionMeasure
        In the order right lung, left lung, both lungs, airways; empty regions included.
    """
    voxel_counts = voxel_counts or count_voxels(volume, labels)
    names = {region.label: (region.key, region.name) for region in REGIONS}
    regions = (
        (names[RIGHT_LUNG], (RIGHT_LUNG,)),
        (names[LEFT_LUNG], (LEFT_LUNG,)),
        (_BOTH, (RIGHT_LUNG, LEFT_LUNG)),
        (names[AIRWAYS], (AIRWAYS,)),
    )
    return tuple(_measure(key, name, voxel_counts.histogram(*members), volume.voxel_volume_ml) for (key, name), members in regions)


def measure_in_detail(
    volume: CtVolume, labels: np.ndarray, vessels: np.ndarray | None = None, voxel_counts: VoxelCounts | None = None
) -> tuple[DetailedMeasure, ...]:
    """Measure all that the table of volumes shows.

    Parameters
    ----------
    volume : CtVolume
        The scan.
    labels : numpy.ndarray
        uint8 label map with the scan's shape.
    vessels : numpy.ndarray, optional
        uint8 or bool, the scan's shape: vessels are not 0; only those inside a lung count.
    voxel_counts : VoxelCounts, optional
        Of the same arrays, where it was taken before.

    Returns
    -------
    tuple of DetailedMeasure
        Right lung, left lung, both lungs, airways, and with ``vessels`` those of the right and the left lung.
    """
    voxel_counts = voxel_counts or count_voxels(volume, labels, vessels)
    spacing = volume.spacing_zyx_mm
    surfaces = {region.key: surface_area_cm2(labels == region.label, spacing) for region in REGIONS}
    surfaces[_BOTH[0]] = surfaces["right_lung"] + surfaces["left_lung"]
    members = {"right_lung": (RIGHT_LUNG,), "left_lung": (LEFT_LUNG,), _BOTH[0]: (RIGHT_LUNG, LEFT_LUNG), "airways": (AIRWAYS,)}
    histograms = {key: voxel_counts.histogram(*of) for key, of in members.items()}
    measures = list(measure_regions(volume, labels, voxel_counts))
    vessel_voxels: dict[str, int] = {}
    if vessels is not None:
        for region in VESSEL_REGIONS:
            histograms[region.key] = voxel_counts.histogram(region.label, vessels_only=True)
            surfaces[region.key] = surface_area_cm2((labels == region.label) & (vessels != 0), spacing)
            measures.append(_measure(region.key, region.name, histograms[region.key], volume.voxel_volume_ml))
        right, left = (measure.voxels for measure in measures[-len(VESSEL_REGIONS) :])
        vessel_voxels = {"right_lung": right, "left_lung": left, _BOTH[0]: right + left}
    both_voxels = int(histograms[_BOTH[0]].sum())
    return tuple(
        DetailedMeasure(
            **vars(measure),
            unmeasured_voxels=unmeasured(histograms[measure.key]),
            share_percent=_percent(measure.voxels, both_voxels),
            surface_cm2=surfaces[measure.key],
            vessel_percent=_percent(vessel_voxels[measure.key], measure.voxels) if measure.key in vessel_voxels else None,
        )
        for measure in measures
    )


def _percent(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole else None


def _measure(key: str, name: str, histogram: np.ndarray, voxel_volume_ml: float) -> RegionMeasure:
    voxels = int(histogram.sum())
    hu, counts = measured_part(histogram)
    measured = int(counts.sum())
    if measured == 0:
        return RegionMeasure(key, name, voxels, voxels * voxel_volume_ml, None, None)
    mean = float(counts @ hu) / measured
    variance = float(counts @ (hu - mean) ** 2) / measured
    return RegionMeasure(key, name, voxels, voxels * voxel_volume_ml, mean, variance**0.5)
