"""Density of the lungs: distribution, percentiles, shares of low and high attenuation, and mass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..labels import LEFT_LUNG, RIGHT_LUNG
from . import limits
from .histograms import THIRDS, VoxelCounts, measured_part, unmeasured


@dataclass(frozen=True)
class DensityMeasure:
    """Density of one region of lung, with the vessels in it.

    Parameters
    ----------
    key, name : str
        ``right_lung``, ``left_lung``, ``both_lungs``, ``apical_third``, ``middle_third`` or ``basal_third``,
        and the name for readers.
    voxels, unmeasured_voxels : int
        All voxels, and those among them that were not measured (outside the field of view): left out
        of everything that follows, the mass included.
    volume_ml : float
        Of all voxels.
    mean_hu, sd_hu : float or None
        Mean and standard deviation (divisor n). None here and below where nothing was measured.
    skewness, kurtosis : float or None
        Third standardised moment, and fourth minus 3 (0 for a normal distribution); None also where all
        voxels have one value.
    percentiles_hu : mapping of int to float
        HU below which that many percent of the voxels lie, linear between neighbours; empty where nothing was measured.
    low_percent : mapping of int to float
        Share in % of the voxels below -950 HU (emphysema, Gevenois et al. 1995), below -910 HU
        (Müller et al. 1988) and below -856 HU (on expiration: air trapping, Schroeder et al. 2013).
    high_percent : float or None
        Share in % of the voxels from -600 to -250 HU (interstitial change, Lederer et al. 2009).
    mass_g : float or None
        Sum of the voxels' volume times 1 + HU/1000 g/mL, nowhere below 0.
    """

    key: str
    name: str
    voxels: int
    unmeasured_voxels: int
    volume_ml: float
    mean_hu: float | None
    sd_hu: float | None
    skewness: float | None
    kurtosis: float | None
    percentiles_hu: Mapping[int, float]
    low_percent: Mapping[int, float]
    high_percent: float | None
    mass_g: float | None


def measure_density(voxel_counts: VoxelCounts, voxel_volume_ml: float) -> tuple[DensityMeasure, ...]:
    """Measure the density of each lung, of both, and of their apical, middle and basal third.

    Parameters
    ----------
    voxel_counts : VoxelCounts
        Of the scan and its labels.
    voxel_volume_ml : float

    Returns
    -------
    tuple of DensityMeasure
        Right lung, left lung, both lungs, then the thirds by volume of both lungs along the slice axis,
        to whole slices.

    References
    ----------
    N. L. Müller et al., "Density mask", Chest 94 (1988) 782-787; P. A. Gevenois et al., Am J Respir Crit Care Med 152
    (1995) 653-657; J. D. Schroeder et al., AJR 201 (2013) W460-W470; D. J. Lederer et al., Am J Respir Crit Care Med 180
    (2009) 407-414. Density from HU: water 0 HU and 1 g/mL, air -1000 HU and 0 g/mL.
    """
    both = (RIGHT_LUNG, LEFT_LUNG)
    regions = [
        ("right_lung", "Right lung", voxel_counts.histogram(RIGHT_LUNG)),
        ("left_lung", "Left lung", voxel_counts.histogram(LEFT_LUNG)),
        ("both_lungs", "Both lungs", voxel_counts.histogram(*both)),
    ]
    regions += [
        (f"{name}_third", f"{name.capitalize()} third", voxel_counts.histogram(*both, third=third)) for third, name in enumerate(THIRDS)
    ]
    return tuple(density_of_histogram(key, name, histogram, voxel_volume_ml) for key, name, histogram in regions)


def density_of_histogram(key: str, name: str, histogram: np.ndarray, voxel_volume_ml: float) -> DensityMeasure:
    """Compute the density measures of one region from its histogram.

    Parameters
    ----------
    key, name : str
    histogram : numpy.ndarray
        int64 (65536,): voxels of each HU value; entry i belongs to i - 32768 HU, entry 0 to what was not measured.
    voxel_volume_ml : float

    Returns
    -------
    DensityMeasure
    """
    voxels = int(histogram.sum())
    hu, counts = measured_part(histogram)
    measured = int(counts.sum())
    start = (key, name, voxels, unmeasured(histogram), voxels * voxel_volume_ml)
    if measured == 0:
        return DensityMeasure(*start, None, None, None, None, {}, {}, None, None)
    mean = float(counts @ hu) / measured
    second, third, fourth = (float(counts @ (hu - mean) ** power) / measured for power in (2, 3, 4))
    low, high = limits.HIGH_ATTENUATION_HU
    return DensityMeasure(
        *start,
        mean_hu=mean,
        sd_hu=second**0.5,
        skewness=third / second**1.5 if second > 0 else None,
        kurtosis=fourth / second**2 - 3 if second > 0 else None,
        percentiles_hu={percent: percentile_hu(hu, counts, percent) for percent in limits.PERCENTILES},
        low_percent={limit: 100.0 * int(counts[hu < limit].sum()) / measured for limit in limits.LOW_ATTENUATION_HU},
        high_percent=100.0 * int(counts[(hu >= low) & (hu <= high)].sum()) / measured,
        mass_g=float(counts @ np.maximum(1.0 + hu / 1000.0, 0.0)) * voxel_volume_ml,
    )


def percentile_hu(hu: np.ndarray, counts: np.ndarray, percent: float) -> float:
    """Interpolate linearly between the two voxels in rank that the percentile falls between (R. J. Hyndman and Y. Fan 1996, type 7).

    Parameters
    ----------
    hu, counts : numpy.ndarray
        Every HU value that occurs, in rising order, and how many voxels have it; not empty.
    percent : float

    Returns
    -------
    float
        HU.
    """
    reached = np.cumsum(counts)
    rank = percent / 100.0 * (int(reached[-1]) - 1)
    below = int(rank)
    lower, upper = hu[np.searchsorted(reached, [below, below + 1], side="right").clip(max=len(hu) - 1)]
    return float(lower + (rank - below) * (upper - lower))
