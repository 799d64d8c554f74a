"""The statistics of a cohort as tables: every value, every sample's description, every test, every agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import combinations

from ..tables.rows import Cell, Column, Table
from .agreement import Agreement, bland_altman
from .cohort_statistics import Description, describe
from .failed_pair import FailedPair
from .hypothesis_tests import DifferenceTest, holm, mann_whitney, wilcoxon
from .scan_values import METRICS, Metric, ScanValues, column, distinct, select, used_metrics

ALL_SCANS = "all scans"
BETWEEN_GROUPS, BETWEEN_METHODS = "groups", "methods"
_EXACT_DECIMALS = 6
_SAMPLE_COLUMNS = (Column("method", "Method"), Column("region", "Region"), Column("group", "Group"))
_DESCRIPTION_TITLES = {
    "count": "Values",
    "missing": "Missing",
    "mean": "Mean",
    "sd": "SD",
    "mean_low": "Mean, lower 95 % limit",
    "mean_high": "Mean, upper 95 % limit",
    "minimum": "Min",
    "lower_quartile": "Lower quartile",
    "median": "Median",
    "upper_quartile": "Upper quartile",
    "maximum": "Max",
    "interquartile_range": "IQR",
    "shapiro_wilk_w": "Shapiro-Wilk W",
    "shapiro_wilk_p": "Shapiro-Wilk P",
    "kolmogorov_smirnov_d": "Kolmogorov-Smirnov D",
    "kolmogorov_smirnov_p": "Kolmogorov-Smirnov P",
}


@dataclass(frozen=True)
class DescribedSample:
    """One metric's values of one method, region and group; the group is :data:`ALL_SCANS` for all groups together."""

    method: str
    region: str
    group: str
    metric: Metric
    description: Description


@dataclass(frozen=True)
class ComparedSamples:
    """A test of one metric between two groups of one method, or two methods in one group.

    Parameters
    ----------
    between : str
        ``groups`` or ``methods``.
    method, region, group : str
        What both samples share; the method is empty between methods.
    metric : Metric
    first, second : str
        The groups or methods.
    outcome : DifferenceTest
    corrected_p : float or None
        P corrected by Holm for the metrics that were tested between these two samples.
    """

    between: str
    method: str
    region: str
    group: str
    metric: Metric
    first: str
    second: str
    outcome: DifferenceTest
    corrected_p: float | None


@dataclass(frozen=True)
class MeasuredAgreement:
    """How far the volumes of one method's results agree with the references' in one region and group."""

    method: str
    region: str
    group: str
    agreement: Agreement


@dataclass(frozen=True)
class CohortStatistics:
    """Everything that is counted over a cohort."""

    described: tuple[DescribedSample, ...]
    compared: tuple[ComparedSamples, ...]
    agreements: tuple[MeasuredAgreement, ...]


def cohort_statistics(scans: Sequence[ScanValues], metrics: Sequence[Metric] = METRICS) -> CohortStatistics:
    """Describe and test every metric that any scan has a value of.

    Parameters
    ----------
    scans : sequence of ScanValues
        In any order; a scan appears once for each method and region.
    metrics : sequence of Metric
        Which, and in what order.

    Returns
    -------
    CohortStatistics
        Where there are several groups, each method is described in each and over all, and tested between any two
        (Mann-Whitney U). Where there are several methods, any two are tested on the scans that both have, over all
        groups and in each (Wilcoxon signed-rank).
    """
    used = used_metrics(scans, metrics)
    described, agreements = [], []
    for method, region, group, rows in _samples(scans):
        described += [DescribedSample(method, region, group, metric, describe(column(rows, metric.key))) for metric in used]
        agreement = bland_altman(column(rows, "result_ml"), column(rows, "reference_ml"))
        if agreement is not None:
            agreements.append(MeasuredAgreement(method, region, group, agreement))
    tested = [metric for metric in used if metric.tested]
    return CohortStatistics(tuple(described), (*_compare_groups(scans, tested), *_compare_methods(scans, tested)), tuple(agreements))


def scans_table(scans: Sequence[ScanValues], metrics: Sequence[Metric] = METRICS, failed: Sequence[FailedPair] = ()) -> Table:
    """Make the table of every value: a row a scan, method and region.

    Each pair that could not be evaluated is a row, too, with its error in a column that is there for such rows only.
    """
    names = (Column("name", "Scan"), Column("group", "Group"), Column("method", "Method"), Column("region", "Region"))
    columns = tuple(Column(metric.key, metric.title, metric.unit, _EXACT_DECIMALS) for metric in used_metrics(scans, metrics))
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "name": row.name,
            "group": row.group,
            "method": row.method,
            "region": row.region_name,
            **{c.key: row.value(c.key) for c in columns},
        }
        for row in scans
    )
    if not failed:
        return Table("Scans", (*names, *columns), rows)
    nothing: dict[str, Cell] = {"region": "", **{c.key: None for c in columns}}
    errors = [{"name": pair.name, "group": pair.group, "method": pair.method, **nothing, "error": pair.reason} for pair in failed]
    rows = (*({**row, "error": ""} for row in rows), *errors)
    return Table("Scans", (*names, *columns, Column("error", "Error")), rows)


def statistics_table(described: Sequence[DescribedSample]) -> Table:
    """Make the table of descriptions: a row a method, region, group and metric."""
    columns = tuple(Column(key, title, "", _EXACT_DECIMALS) for key, title in _DESCRIPTION_TITLES.items())
    rows: list[dict[str, Cell]] = []
    for sample in described:
        texts: dict[str, Cell] = {"method": sample.method, "region": sample.region, "group": sample.group}
        rows.append({**texts, "metric": sample.metric.header, **_cells(sample.description)})
    return Table("Statistics", (*_SAMPLE_COLUMNS, Column("metric", "Metric"), *columns), tuple(rows))


def differences_table(compared: Sequence[ComparedSamples]) -> Table:
    """Make the table of tests: a row a pair of samples and metric."""
    columns = (
        Column("between", "Between"),
        *_SAMPLE_COLUMNS,
        Column("metric", "Metric"),
        Column("first", "First"),
        Column("second", "Second"),
        Column("test", "Test"),
        Column("count_first", "Values of first"),
        Column("count_second", "Values of second"),
        Column("statistic", "Statistic", "", 3),
        Column("p_value", "P", "", _EXACT_DECIMALS),
        Column("corrected_p", "P after Holm", "", _EXACT_DECIMALS),
        Column("effect", "Rank-biserial correlation", "", 4),
    )
    rows: list[dict[str, Cell]] = []
    for entry in compared:
        texts = {key: getattr(entry, key) for key in ("between", "method", "region", "group", "first", "second", "corrected_p")}
        rows.append({**texts, "metric": entry.metric.header, **_cells(entry.outcome)})
    return Table("Tests", columns, tuple(rows))


def agreement_table(agreements: Sequence[MeasuredAgreement]) -> Table:
    """Make the table of agreements of the volumes: a row a method, region and group."""
    titles = {
        "bias": "Bias",
        "bias_low": "Bias, lower 95 % limit",
        "bias_high": "Bias, upper 95 % limit",
        "sd": "SD of differences",
        "lower_limit": "Lower limit of agreement",
        "lower_limit_low": "Lower limit, lower 95 % limit",
        "lower_limit_high": "Lower limit, upper 95 % limit",
        "upper_limit": "Upper limit of agreement",
        "upper_limit_low": "Upper limit, lower 95 % limit",
        "upper_limit_high": "Upper limit, upper 95 % limit",
    }
    columns = (*_SAMPLE_COLUMNS, Column("count", "Scans"), *(Column(key, title, "mL", 2) for key, title in titles.items()))
    rows: tuple[dict[str, Cell], ...] = tuple(
        {"method": entry.method, "region": entry.region, "group": entry.group, **_cells(entry.agreement)} for entry in agreements
    )
    return Table("Agreement of volumes", columns, rows)


def _samples(scans: Sequence[ScanValues]) -> Iterator[tuple[str, str, str, list[ScanValues]]]:
    """Go through methods, regions and groups; with several groups all scans together come last."""
    for method in distinct(row.method for row in scans):
        for region in distinct(row.region for row in scans):
            rows = select(scans, region=region, method=method)
            for group, members in _groups(rows):
                yield method, members[0].region_name, group, members


def _groups(rows: Sequence[ScanValues]) -> list[tuple[str, list[ScanValues]]]:
    names = distinct(row.group for row in rows)
    groups = [(name or ALL_SCANS, select(rows, group=name)) for name in names]
    return [*groups, (ALL_SCANS, list(rows))] if len(names) > 1 else groups


def _compare_groups(scans: Sequence[ScanValues], metrics: Sequence[Metric]) -> Iterator[ComparedSamples]:
    for method in distinct(row.method for row in scans):
        for region in distinct(row.region for row in scans):
            rows = select(scans, region=region, method=method)
            for first, second in combinations(distinct(row.group for row in rows), 2):
                samples = [select(rows, group=group) for group in (first, second)]
                outcomes = [mann_whitney(*(column(sample, metric.key) for sample in samples)) for metric in metrics]
                for metric, outcome, p in zip(metrics, outcomes, holm([o.p_value for o in outcomes]), strict=True):
                    yield ComparedSamples(BETWEEN_GROUPS, method, rows[0].region_name, "", metric, first, second, outcome, p)


def _compare_methods(scans: Sequence[ScanValues], metrics: Sequence[Metric]) -> Iterator[ComparedSamples]:
    for first, second in combinations(distinct(row.method for row in scans), 2):
        for region in distinct(row.region for row in scans):
            others = {row.name: row for row in select(scans, region=region, method=second)}
            both = [row for row in select(scans, region=region, method=first) if row.name in others]
            for group, rows in reversed(_groups(both)):
                paired = [others[row.name] for row in rows]
                outcomes = [wilcoxon(column(rows, metric.key), column(paired, metric.key)) for metric in metrics]
                for metric, outcome, p in zip(metrics, outcomes, holm([o.p_value for o in outcomes]), strict=True):
                    yield ComparedSamples(BETWEEN_METHODS, "", rows[0].region_name, group, metric, first, second, outcome, p)


def _cells(record: Description | DifferenceTest | Agreement) -> dict[str, Cell]:
    return {field.name: getattr(record, field.name) for field in fields(record)}
