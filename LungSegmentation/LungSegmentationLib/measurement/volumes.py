"""Volume and mean density of each region, exact, in one pass over the scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..labels import LEFT_LUNG, REGIONS, RIGHT_LUNG
from ..volume import CtVolume

# Neighbouring planes share one histogram call: enough voxels to be quick, few enough to stay small in memory.
_VOXELS_AT_ONCE = 1 << 21
_HU_LEVELS = 1 << 16
_LOWEST_HU = -(1 << 15)


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
        Mean and standard deviation (of the whole population, divisor n) of the voxels in HU;
        None where the region is empty.
    """

    key: str
    name: str
    voxels: int
    volume_ml: float
    mean_hu: float | None
    sd_hu: float | None


def measure_regions(volume: CtVolume, labels: np.ndarray) -> tuple[RegionMeasure, ...]:
    """Measure right lung, left lung, both lungs and airways.

    Parameters
    ----------
    volume : CtVolume
        The scan.
    labels : numpy.ndarray
        uint8 label map with the scan's shape.

    Returns
    -------
    tuple of RegionMeasure
        In the order right lung, left lung, both lungs, airways; empty regions included.
    """
    histograms = hu_histograms(volume.voxels_hu, labels)
    single = {region.key: (region.name, histograms[region.label]) for region in REGIONS}
    both = {"both_lungs": ("Both lungs", histograms[RIGHT_LUNG] + histograms[LEFT_LUNG])}
    lungs = {key: single.pop(key) for key in ("right_lung", "left_lung")}
    return tuple(_measure(key, name, histogram, volume.voxel_volume_ml) for key, (name, histogram) in {**lungs, **both, **single}.items())


def hu_histograms(voxels_hu: np.ndarray, labels: np.ndarray) -> dict[int, np.ndarray]:
    """Count the voxels of each HU value in each region.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16, shape (slices, rows, columns).
    labels : numpy.ndarray
        uint8, the same shape.

    Returns
    -------
    dict of int to numpy.ndarray
        For each label of :data:`LungSegmentationLib.labels.REGIONS`, int64 counts with shape
        (65536,); entry i belongs to i - 32768 HU.
    """
    counts = {region.label: np.zeros(_HU_LEVELS, np.int64) for region in REGIONS}
    planes = max(1, _VOXELS_AT_ONCE // max(1, labels[:1].size))
    for start in range(0, len(labels), planes):
        slab_labels = labels[start : start + planes]
        slab_hu = voxels_hu[start : start + planes]
        for label, histogram in counts.items():
            values = slab_hu[slab_labels == label]
            if values.size:
                histogram += np.bincount(values.astype(np.int32) - _LOWEST_HU, minlength=_HU_LEVELS)
    return counts


def _measure(key: str, name: str, histogram: np.ndarray, voxel_volume_ml: float) -> RegionMeasure:
    voxels = int(histogram.sum())
    if voxels == 0:
        return RegionMeasure(key, name, 0, 0.0, None, None)
    hu = np.arange(_HU_LEVELS, dtype=np.float64) + _LOWEST_HU
    mean = float(histogram @ hu) / voxels
    variance = float(histogram @ (hu - mean) ** 2) / voxels
    return RegionMeasure(key, name, voxels, voxels * voxel_volume_ml, mean, variance**0.5)
