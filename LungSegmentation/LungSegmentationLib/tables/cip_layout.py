"""The lungs' density as the parenchyma phenotypes of the Chest Imaging Platform (CIP) have it.

Names and order of the columns: ``Phenotypes`` and ``ParenchymaPhenotypeNames``; definitions: ``ParenchymaPhenotypes.add_pheno_group``, in
https://github.com/acil-bwh/ChestImagingPlatform, ``cip_python/phenotypes/phenotypes.py``, ``Resources/ChestConventions.xml`` and
``cip_python/phenotypes/parenchyma_phenotypes.py``. Shares are fractions of 1, volumes litres, skewness and kurtosis corrected for bias.
"""

from __future__ import annotations

import numpy as np

from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..measurement.density import percentile_hu
from ..measurement.histograms import VoxelCounts, measured_part
from ..version import __version__
from .rows import Cell, Column, Table

_DECIMALS = 9
# CIP writes the names of the computer and its system, and the time; these are left empty: they say nothing of the scan.
_OF_THE_RUN = ("Version", "Machine", "OS_Name", "OS_Version", "OS_Kernel", "OS_Arch", "Run_TimeStamp", "Generator", "CID", "Region", "Type")
_BELOW_HU = (950, 925, 910, 905, 900, 875, 856)
_ABOVE_HU = (700, 600, 500, 250)
_PERCENTILES = (10, 15)
_STATISTICS = ("Mean", "Std", "Kurtosis", "Skewness", "Mode", "Median", "Min", "Max")
# "" is all voxels, the others those below that many HU under 0.
_PARTS = {"": None, "950": -950, "500": -500}
_NAMES = (
    *(f"LAA{limit}" for limit in _BELOW_HU),
    *(f"HAA{limit}" for limit in _ABOVE_HU),
    *(f"Perc{percent}" for percent in _PERCENTILES),
    *(f"HU{statistic}{part}" for part in _PARTS for statistic in _STATISTICS),
    *("Volume", "Mass", "TypeFrac"),
)
_REGIONS = {"WholeLung": (RIGHT_LUNG, LEFT_LUNG), "RightLung": (RIGHT_LUNG,), "LeftLung": (LEFT_LUNG,)}
_ML_PER_LITRE = 1000.0
# Density in g/mL is OFFSET + SLOPE * HU, up to and including each value: CIP's pieces, after W. Schneider et al., Phys Med Biol 45 (2000)
# 459-478. Its lowest piece joins air of -1000 HU (1.21e-3 g/mL) and 0.93 g/mL at -98 HU, and ends just below -98 HU.
_LOWEST_HU = -1000
_SLOPE_OF_AIR = (1.21e-3 - 0.93) / (-1000 + 98)
_DENSITY_PIECES = (
    (-99, 1.21e-3 + 1000 * _SLOPE_OF_AIR, _SLOPE_OF_AIR),
    (18, 1.018, 0.893e-3),
    (100, 1.003, 1.169e-3),
    (np.inf, 1.017, 0.592e-3),
)


def cip_table(voxel_counts: VoxelCounts, voxel_volume_ml: float, scan_name: str) -> Table:
    """Make the table of parenchyma phenotypes.

    Parameters
    ----------
    voxel_counts : VoxelCounts
        Of the scan and its labels.
    voxel_volume_ml : float
    scan_name : str
        The case (``CID``).

    Returns
    -------
    Table
        Rows WholeLung, RightLung and LeftLung, of every type (``WildCard``). What was not measured is in the volume alone; cells of a
        region without voxels are empty.
    """
    rows = []
    for region, labels in _REGIONS.items():
        histogram = voxel_counts.histogram(*labels)
        row: dict[str, Cell] = dict.fromkeys((*_OF_THE_RUN, *_NAMES))
        row |= {"Version": __version__, "Generator": "LungSegmentation", "CID": scan_name, "Region": region, "Type": "WildCard"}
        row["Volume"] = int(histogram.sum()) * voxel_volume_ml / _ML_PER_LITRE
        rows.append(row | _phenotypes(*measured_part(histogram), voxel_volume_ml))
    return Table("CIP phenotypes", tuple(Column(name, name, decimals=_DECIMALS) for name in (*_OF_THE_RUN, *_NAMES)), tuple(rows))


def _phenotypes(hu: np.ndarray, counts: np.ndarray, voxel_volume_ml: float) -> dict[str, Cell]:
    voxels = int(counts.sum())
    if voxels == 0:
        return {}
    found: dict[str, Cell] = {f"LAA{limit}": int(counts[hu < -limit].sum()) / voxels for limit in _BELOW_HU}
    found |= {f"HAA{limit}": int(counts[hu > -limit].sum()) / voxels for limit in _ABOVE_HU}
    found |= {f"Perc{percent}": percentile_hu(hu, counts, percent) for percent in _PERCENTILES}
    for part, limit in _PARTS.items():
        is_in = np.ones(len(hu), bool) if limit is None else hu < limit
        found |= {f"HU{name}{part}": value for name, value in _statistics(hu[is_in], counts[is_in]).items()}
    return found | {"Mass": _mass_g(hu, counts, voxel_volume_ml), "TypeFrac": 1.0}


def _statistics(hu: np.ndarray, counts: np.ndarray) -> dict[str, Cell]:
    number = int(counts.sum())
    if number == 0:
        return {}
    mean = float(counts @ hu) / number
    second, third, fourth = (float(counts @ (hu - mean) ** power) / number for power in (2, 3, 4))
    skewness = kurtosis = None
    if second > 0:
        # G1 and G2 of D. N. Joanes and C. A. Gill, The Statistician 47 (1998) 183-189.
        skewness = third / second**1.5 * ((number * (number - 1)) ** 0.5 / (number - 2) if number > 2 else 1.0)
        kurtosis = fourth / second**2 - 3
        if number > 3:
            kurtosis = (number - 1) / ((number - 2) * (number - 3)) * ((number + 1) * kurtosis + 6)
    return {
        "Mean": mean,
        "Std": second**0.5,
        "Kurtosis": kurtosis,
        "Skewness": skewness,
        "Mode": float(hu[np.argmax(counts)]),  # the lowest of several
        "Median": percentile_hu(hu, counts, 50),
        "Min": float(hu[0]),
        "Max": float(hu[-1]),
    }


def _mass_g(hu: np.ndarray, counts: np.ndarray, voxel_volume_ml: float) -> float:
    highest, offsets, slopes = np.array(_DENSITY_PIECES).T
    piece = np.searchsorted(highest, hu)
    return float(counts @ (offsets[piece] + slopes[piece] * np.maximum(hu, _LOWEST_HU))) * voxel_volume_ml
