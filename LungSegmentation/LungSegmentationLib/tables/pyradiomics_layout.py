"""Measures under the names of pyradiomics, as far as both mean the same: all first-order features, and the volume in voxels.

Definitions: https://pyradiomics.readthedocs.io/en/latest/features.html, and ``radiomics/firstorder.py`` and ``radiomics/shape.py`` in
https://github.com/AIM-Harvard/pyradiomics, with its defaults: no normalising, no resampling, ``voxelArrayShift`` 0, ``binWidth`` 25.
The features of its surface mesh (``MeshVolume``, ``SurfaceArea`` and what follows from them) are left out: our surface is estimated in
another way (see :func:`LungSegmentationLib.measurement.surface_area.surface_area_cm2`).
"""

from __future__ import annotations

import numpy as np

from ..labels import REGIONS
from ..measurement.density import percentile_hu
from ..measurement.histograms import VoxelCounts, measured_part
from .rows import Cell, Column, Table

_BIN_WIDTH_HU = 25
_MM3_PER_ML = 1000.0
_DECIMALS = 9
_VOLUME = "original_shape_VoxelVolume"
_FIRST_ORDER = (
    *("10Percentile", "90Percentile", "Energy", "Entropy", "InterquartileRange", "Kurtosis", "Maximum", "MeanAbsoluteDeviation", "Mean"),
    *("Median", "Minimum", "Range", "RobustMeanAbsoluteDeviation", "RootMeanSquared", "Skewness", "StandardDeviation", "TotalEnergy"),
    *("Uniformity", "Variance"),
)


def pyradiomics_table(voxel_counts: VoxelCounts, voxel_volume_ml: float, scan_name: str) -> Table:
    """Make the table of features.

    Parameters
    ----------
    voxel_counts : VoxelCounts
        Of the scan and its labels.
    voxel_volume_ml : float
    scan_name : str

    Returns
    -------
    Table
        Rows right lung, left lung and airways, as far as they have voxels: ``Image`` (the scan), ``Mask`` (the region), ``Label``, and the
        features by their full names. What was not measured is in the volume alone.
    """
    rows: list[dict[str, Cell]] = []
    for region in REGIONS:
        histogram = voxel_counts.histogram(region.label)
        if not histogram.any():
            continue
        row: dict[str, Cell] = {"Image": scan_name, "Mask": region.key, "Label": region.label}
        row[_VOLUME] = int(histogram.sum()) * voxel_volume_ml * _MM3_PER_ML
        features = first_order(*measured_part(histogram), voxel_volume_ml * _MM3_PER_ML)
        rows.append(row | {f"original_firstorder_{name}": features.get(name) for name in _FIRST_ORDER})
    names = ("Image", "Mask", "Label", _VOLUME, *(f"original_firstorder_{name}" for name in _FIRST_ORDER))
    return Table("pyradiomics", tuple(Column(name, name, decimals=_DECIMALS) for name in names), tuple(rows))


def first_order(hu: np.ndarray, counts: np.ndarray, voxel_volume_mm3: float) -> dict[str, float]:
    """Compute the first-order features of one region.

    Parameters
    ----------
    hu, counts : numpy.ndarray
        Every value that occurs, in rising order, and how many voxels have it.
    voxel_volume_mm3 : float

    Returns
    -------
    dict of str to float
        By the features' names; empty where there is no voxel.
    """
    voxels = int(counts.sum())
    if voxels == 0:
        return {}
    hu = hu.astype(float)
    mean = float(counts @ hu) / voxels
    second, third, fourth = (float(counts @ (hu - mean) ** power) / voxels for power in (2, 3, 4))
    tenth, quarter, median, three_quarters, ninetieth = (percentile_hu(hu, counts, percent) for percent in (10, 25, 50, 75, 90))
    energy = float(counts @ hu**2)
    is_inner = (hu >= tenth) & (hu <= ninetieth)
    shares = np.bincount((np.floor_divide(hu, _BIN_WIDTH_HU) - hu[0] // _BIN_WIDTH_HU).astype(int), counts) / voxels
    shares = shares[shares > 0]
    return {
        "10Percentile": tenth,
        "90Percentile": ninetieth,
        "Energy": energy,
        "Entropy": -float(shares @ np.log2(shares)),
        "InterquartileRange": three_quarters - quarter,
        "Kurtosis": fourth / second**2 if second > 0 else 0.0,
        "Maximum": float(hu[-1]),
        "MeanAbsoluteDeviation": _mean_absolute_deviation(hu, counts),
        "Mean": mean,
        "Median": median,
        "Minimum": float(hu[0]),
        "Range": float(hu[-1] - hu[0]),
        "RobustMeanAbsoluteDeviation": _mean_absolute_deviation(hu[is_inner], counts[is_inner]),
        "RootMeanSquared": (energy / voxels) ** 0.5,
        "Skewness": third / second**1.5 if second > 0 else 0.0,
        "StandardDeviation": second**0.5,
        "TotalEnergy": energy * voxel_volume_mm3,
        "Uniformity": float(shares @ shares),
        "Variance": second,
    }


def _mean_absolute_deviation(hu: np.ndarray, counts: np.ndarray) -> float:
    voxels = int(counts.sum())
    return float(counts @ np.abs(hu - float(counts @ hu) / voxels)) / voxels if voxels else 0.0
