"""A cohort's accuracy in the rows and columns of Table 1 of Gholamiankhah et al., so that figures can be read side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..tables.rows import Cell, Column, Table
from .cohort_statistics import Description, describe
from .hypothesis_tests import MANN_WHITNEY, DifferenceTest, kruskal_wallis, mann_whitney
from .scan_values import BOTH_LUNGS, METRICS, Metric, ScanValues, column, distinct, select

PUBLISHED_KEYS = (
    "dice",
    "jaccard",
    "mean_error_hu",
    "mean_absolute_error_hu",
    "false_positive_rate",
    "false_negative_rate",
    "relative_mean_hu_difference_percent",
    "absolute_relative_mean_hu_difference_percent",
    "relative_volume_difference_percent",
    "absolute_volume_difference_percent",
)
GROUP_COLUMNS = ("Min", "Max", "Mean±SD", "Median", "IQR")
_DECIMALS = 3


@dataclass(frozen=True)
class PublishedRow:
    """One metric: its description in each group, in the table's order, and the test between the groups."""

    metric: Metric
    groups: tuple[Description, ...]
    test: DifferenceTest | None


@dataclass(frozen=True)
class PublishedTable:
    """The rows in the order of the publication, and the groups in the order of the scans."""

    groups: tuple[str, ...]
    counts: tuple[int, ...]
    rows: tuple[PublishedRow, ...]

    @property
    def test_name(self) -> str:
        """The test that the P values are of; empty with one group."""
        tests = [row.test.test for row in self.rows if row.test is not None]
        return tests[0] if tests else ""


def published_table(scans: Sequence[ScanValues], method: str | None = None, region: str = BOTH_LUNGS) -> PublishedTable:
    """Describe the ten metrics of the publication in each group and test the groups against each other.

    Parameters
    ----------
    scans : sequence of ScanValues
    method : str, optional
        Which method's values; None takes all, which is right where there is one.
    region : str
        The publication measures both lungs as one.

    Returns
    -------
    PublishedTable
        Every row is there; a metric without values (density without CT) has empty cells. Between two groups the test is
        Mann-Whitney's, between more that of Kruskal and Wallis.

    Notes
    -----
    The interquartile range is the upper minus the lower quartile, by linear interpolation. The publication's false-positive
    rate is of scans cropped to the lungs and its mean errors are those of masks of 0 and 1; see
    :class:`.overlap.Overlap` and :class:`.intensity.IntensityDifference` for what is measured here.

    References
    ----------
    Gholamiankhah et al., Iran J Med Sci 47 (2022) 440-449, Table 1.
    """
    chosen = select(scans, region=region, method=method)
    groups = distinct(row.group for row in chosen)
    samples = [select(chosen, group=group) for group in groups]
    metrics = {metric.key: metric for metric in METRICS}
    rows = []
    for key in PUBLISHED_KEYS:
        values = [column(sample, key) for sample in samples]
        test = mann_whitney(*values) if len(values) == 2 else kruskal_wallis(values) if len(values) > 2 else None
        rows.append(PublishedRow(metrics[key], tuple(describe(group) for group in values), test))
    return PublishedTable(tuple(groups), tuple(len(sample) for sample in samples), tuple(rows))


def published_cells(row: PublishedRow) -> list[str]:
    """Write a row as the publication does: the parameter, five figures a group with three decimals, and P."""
    cells = [row.metric.header]
    for group in row.groups:
        values = (group.minimum, group.maximum, group.median, group.interquartile_range)
        numbers = ["" if value is None else number_text(value, _DECIMALS) for value in values]
        cells += [numbers[0], numbers[1], mean_and_sd(group, _DECIMALS), numbers[2], numbers[3]]
    return [*cells, p_text(None if row.test is None else row.test.p_value)]


def published_csv_table(tables: Sequence[tuple[str, PublishedTable]]) -> Table:
    """Put the published tables of methods, with their names, under each other; one method needs no name.

    Parameters
    ----------
    tables : sequence of (str, PublishedTable)
        The methods' names and tables; a group that a method lacks has empty cells.

    Returns
    -------
    Table
        Cells as they are printed.
    """
    groups = distinct(group for _, table in tables for group in table.groups)
    columns = [Column("method", "Method")] if len(tables) > 1 else []
    columns.append(Column("parameter", "Parameter"))
    columns += [Column(f"{group}/{title}", f"{group} {title}".strip()) for group in groups for title in GROUP_COLUMNS]
    columns.append(Column("p_value", "P value"))
    rows = []
    for method, table in tables:
        keys = ["parameter", *(f"{group}/{title}" for group in table.groups for title in GROUP_COLUMNS), "p_value"]
        for row in table.rows:
            cells: dict[str, Cell] = dict.fromkeys((entry.key for entry in columns), "")
            cells.update(zip(keys, published_cells(row), strict=True))
            cells["method"] = method
            rows.append(cells)
    return Table("Table 1", tuple(columns), tuple(rows))


def mean_and_sd(description: Description, decimals: int) -> str:
    """Write a mean and its standard deviation, as far as there are any."""
    if description.mean is None:
        return ""
    mean = number_text(description.mean, decimals)
    return mean if description.sd is None else f"{mean}±{number_text(description.sd, decimals)}"


def p_text(p_value: float | None) -> str:
    """Write a P value: two decimals, three below 0.1, and "<0.001"."""
    if p_value is None:
        return ""
    if p_value < 0.001:
        return "<0.001"
    return f"{p_value:.3f}" if p_value < 0.1 else f"{p_value:.2f}"


def published_note(table: PublishedTable) -> str:
    """Write the line below the table: how many scans, and what the P values are of."""
    counts = ", ".join(f"{group or 'all scans'} {count}" for group, count in zip(table.groups, table.counts, strict=True))
    sides = ", two-sided" if table.test_name == MANN_WHITNEY else ""
    test = f" P: {table.test_name} test{sides}, not corrected for the number of rows." if table.test_name else ""
    background = "The background of the false-positive rate is the whole scan; the publication's scans were cropped to the lungs."
    return f"Scans: {counts}.{test} IQR: interquartile range. {background}"


def number_text(value: float, decimals: int) -> str:
    """Write a number with so many decimals; what rounds to 0 has no sign."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"
