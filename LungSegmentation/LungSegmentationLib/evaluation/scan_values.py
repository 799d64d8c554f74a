"""What was measured on each scan of a cohort: one row a scan, method and region, one value a metric."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..labels import REGIONS

if TYPE_CHECKING:
    from .comparison import RegionComparison

BOTH_LUNGS = "both_lungs"
_NAMES = {**{region.key: region.name for region in REGIONS}, BOTH_LUNGS: "Both lungs", "vessels": "Vessels"}


@dataclass(frozen=True)
class Metric:
    """One metric: its key in the rows, how it is written, and whether groups and methods are tested on it.

    Parameters
    ----------
    key, title, unit : str
        The key is the attribute's name in :class:`.comparison.RegionComparison`.
    decimals : int
        Worth showing.
    tested : bool
        False for metrics that only repeat another (sensitivity is 1 minus the false-negative rate) or that describe
        the patient rather than the method (the volumes): testing them would only weaken the correction of the others.
    """

    key: str
    title: str
    unit: str = ""
    decimals: int = 3
    tested: bool = True

    @property
    def header(self) -> str:
        """Title with the unit in brackets."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


METRICS = (
    Metric("dice", "Dice coefficient"),
    Metric("jaccard", "Jaccard index"),
    Metric("mean_error_hu", "Mean error", "HU", 2),
    Metric("mean_absolute_error_hu", "Mean absolute error", "HU", 2),
    Metric("false_positive_rate", "False-positive rate", "", 4),
    Metric("false_negative_rate", "False-negative rate", "", 4),
    Metric("relative_mean_hu_difference_percent", "Relative mean HU difference", "%"),
    Metric("absolute_relative_mean_hu_difference_percent", "Absolute relative mean HU difference", "%"),
    Metric("relative_volume_difference_percent", "Relative volume difference", "%"),
    Metric("absolute_volume_difference_percent", "Absolute relative volume difference", "%"),
    Metric("sensitivity", "Sensitivity", "", 4, tested=False),
    Metric("specificity", "Specificity", "", 4, tested=False),
    Metric("precision", "Precision", "", 4),
    Metric("hausdorff_mm", "Hausdorff distance", "mm", 2),
    Metric("hausdorff_95_mm", "95th percentile Hausdorff distance", "mm", 2),
    Metric("average_surface_distance_mm", "Average symmetric surface distance", "mm"),
    Metric("surface_dice", "Surface Dice"),
    Metric("volume_difference_ml", "Volume difference", "mL", 1),
    Metric("result_ml", "Volume of the result", "mL", 1, tested=False),
    Metric("reference_ml", "Volume of the reference", "mL", 1, tested=False),
)


@dataclass(frozen=True)
class ScanValues:
    """One scan's values in one region by one method.

    Parameters
    ----------
    name : str
        Of the scan: the same for every method, which is how methods are paired.
    group, method : str
        Empty where there is only one.
    region : str
        ``right_lung``, ``left_lung``, ``both_lungs``, ``airways`` or ``vessels``.
    values : mapping of str to float or None
        By :attr:`Metric.key`; a missing key, None and NaN all mean that there is no value.
    """

    name: str
    group: str
    method: str
    region: str
    values: Mapping[str, float | None]

    def value(self, key: str) -> float | None:
        """Give a metric's value, or None where there is none."""
        value = self.values.get(key)
        return float(value) if value is not None and math.isfinite(value) else None

    @property
    def region_name(self) -> str:
        """The region as readers know it."""
        return _NAMES.get(self.region, self.region)


def scan_values(name: str, group: str, method: str, comparisons: Iterable[RegionComparison]) -> list[ScanValues]:
    """Take every metric of each region of one compared scan.

    Parameters
    ----------
    name, group, method : str
        See :class:`ScanValues`.
    comparisons : iterable of RegionComparison
        From :func:`.comparison.compare_labels`.

    Returns
    -------
    list of ScanValues
        A row a region; the absolute relative mean HU difference is added.
    """
    rows = []
    for comparison in comparisons:
        values: dict[str, float | None] = {metric.key: getattr(comparison, metric.key, None) for metric in METRICS}
        difference = comparison.relative_mean_hu_difference_percent
        values["absolute_relative_mean_hu_difference_percent"] = None if difference is None else abs(difference)
        rows.append(ScanValues(name, group, method, comparison.key, values))
    return rows


def distinct(names: Iterable[str]) -> list[str]:
    """List names once, in the order of their first appearance."""
    return list(dict.fromkeys(names))


def select(scans: Iterable[ScanValues], region: str | None = None, group: str | None = None, method: str | None = None) -> list[ScanValues]:
    """Take the rows of a region, a group and a method; None takes them all."""
    return [
        row
        for row in scans
        if (region is None or row.region == region) and (group is None or row.group == group) and (method is None or row.method == method)
    ]


def column(scans: Sequence[ScanValues], key: str) -> list[float | None]:
    """Give one metric's values in the order of the rows."""
    return [row.value(key) for row in scans]


def used_metrics(scans: Sequence[ScanValues], metrics: Sequence[Metric] = METRICS) -> list[Metric]:
    """Leave out the metrics that no scan has a value of."""
    return [metric for metric in metrics if any(row.value(metric.key) is not None for row in scans)]
