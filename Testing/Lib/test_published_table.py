"""Table 1 of Gholamiankhah et al. (2022): the same rows and columns, with figures and P values computed independently."""

import csv
import statistics

import numpy as np
import pytest
from scipy import stats

from LungSegmentationLib.evaluation.published_table import number_text, p_text, published_csv_table, published_note, published_table
from LungSegmentationLib.evaluation.scan_values import ScanValues
from LungSegmentationLib.tables.csv_files import write_csv

# Each row of the publication: key, title, and min, max, mean, SD of the normal and of the COVID-19 patients.
PUBLISHED = [
    ("dice", "Dice coefficient", (0.970, 0.985, 0.980, 0.003), (0.903, 0.986, 0.971, 0.017)),
    ("jaccard", "Jaccard index", (0.942, 0.971, 0.962, 0.007), (0.823, 0.973, 0.938, 0.040)),
    ("mean_error_hu", "Mean error (HU)", (-0.031, 0.015, -0.015, 0.009), (-0.155, 0.042, -0.024, 0.042)),
    ("mean_absolute_error_hu", "Mean absolute error (HU)", (0.028, 0.057, 0.037, 0.007), (0.026, 0.176, 0.061, 0.040)),
    ("false_positive_rate", "False-positive rate", (0.015, 0.223, 0.059, 0.043), (0.033, 0.280, 0.076, 0.043)),
    ("false_negative_rate", "False-negative rate", (0.020, 0.036, 0.026, 0.003), (0.011, 0.167, 0.044, 0.040)),
    (
        "relative_mean_hu_difference_percent",
        "Relative mean HU difference (%)",
        (-3.673, -2.020, -2.679, 0.382),
        (-16.799, -1.183, -4.403, 4.097),
    ),
    (
        "absolute_relative_mean_hu_difference_percent",
        "Absolute relative mean HU difference (%)",
        (0, 3.475, 0.828, 1.318),
        (0.921, 10.894, 3.253, 3.106),
    ),
    (
        "relative_volume_difference_percent",
        "Relative volume difference (%)",
        (-4.726, 29.524, 2.405, 7.359),
        (-12.666, 90.561, 5.928, 17.261),
    ),
    (
        "absolute_volume_difference_percent",
        "Absolute relative volume difference (%)",
        (1.960, 33.164, 7.875, 6.548),
        (2.199, 91.486, 12.743, 16.384),
    ),
]
SCANS = 120
GROUPS = ("Normal", "COVID-19")


@pytest.fixture(scope="module")
def samples() -> dict[tuple[str, str], np.ndarray]:
    """Give 120 values a metric and group: normal, with the published mean and SD, between the published limits."""
    random = np.random.default_rng(2022)
    values = {}
    for key, _, *groups in PUBLISHED:
        for group, (low, high, mean, sd) in zip(GROUPS, groups, strict=True):
            ends = ((low - mean) / sd, (high - mean) / sd)
            values[key, group] = stats.truncnorm.rvs(*ends, loc=mean, scale=sd, size=SCANS, random_state=random)
    return values


@pytest.fixture(scope="module")
def scans(samples) -> list[ScanValues]:
    """Give the values as scans, the sides of each beside both lungs."""
    rows = []
    for group in GROUPS:
        for number in range(SCANS):
            both = {key: float(samples[key, group][number]) for key, *_ in PUBLISHED}
            rows.append(ScanValues(f"{group} {number}", group, "", "right_lung", dict.fromkeys(both, 0.5)))
            rows.append(ScanValues(f"{group} {number}", group, "", "both_lungs", both))
    return rows


def _mann_whitney_p(a, b) -> float:
    """Count the pairs, and take the normal approximation for samples without ties, with a correction for continuity."""
    wins = sum(int(x > y) for x in a for y in b)
    z = (abs(wins - len(a) * len(b) / 2) - 0.5) / (len(a) * len(b) * (len(a) + len(b) + 1) / 12) ** 0.5
    return 2 * (1 - statistics.NormalDist().cdf(z))


def _written(values) -> list[str]:
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    mean_and_sd = f"{statistics.fmean(values):.3f}±{statistics.stdev(values):.3f}"
    return [f"{min(values):.3f}", f"{max(values):.3f}", mean_and_sd, f"{median:.3f}", f"{upper - lower:.3f}"]


def test_every_row_and_column_is_there_with_the_right_figures(scans, samples, tmp_path):
    write_csv(published_csv_table([("", published_table(scans))]), tmp_path / "table1.csv")
    with (tmp_path / "table1.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    columns = ("Min", "Max", "Mean±SD", "Median", "IQR")
    assert header == ["Parameter", *(f"{group} {column}" for group in GROUPS for column in columns), "P value"]
    assert [row[0] for row in rows] == [title for _, title, *_ in PUBLISHED]
    for row, (key, *_) in zip(rows, PUBLISHED, strict=True):
        values = [samples[key, group].tolist() for group in GROUPS]
        assert row[1:6] == _written(values[0])
        assert row[6:11] == _written(values[1])
        assert row[11] == p_text(_mann_whitney_p(*values))


def test_the_test_is_mann_whitneys_and_its_direction_is_right(scans, samples):
    table = published_table(scans)
    assert (table.groups, table.counts, table.test_name) == (GROUPS, (SCANS, SCANS), "Mann-Whitney U")
    for row in table.rows:
        values = [samples[row.metric.key, group] for group in GROUPS]
        assert row.test.p_value == pytest.approx(stats.mannwhitneyu(*values, alternative="two-sided").pvalue, rel=1e-9)
    dice = table.rows[0]
    assert dice.test.effect > 0  # the normal patients' Dice is higher
    assert dice.groups[0].mean > dice.groups[1].mean
    note = published_note(table)
    assert "Normal 120, COVID-19 120" in note
    assert "Mann-Whitney U" in note


def test_three_groups_are_tested_together_and_one_not_at_all(scans):
    third = [ScanValues(f"other {n}", "Other", "", "both_lungs", {"dice": 0.9 + 0.001 * n}) for n in range(21)]
    table = published_table([*scans, *third])
    dice = [[row.value("dice") for row in [*scans, *third] if row.region == "both_lungs" and row.group == group] for group in table.groups]
    assert table.test_name == "Kruskal-Wallis H"
    assert table.rows[0].test.p_value == pytest.approx(stats.kruskal(*dice).pvalue, rel=1e-9)
    assert table.rows[2].test.p_value is None  # the third group has no mean error
    alone = published_table(third)
    assert (alone.test_name, alone.rows[0].test) == ("", None)
    cells = published_csv_table([("", alone)]).rows
    assert (cells[0]["Other/Mean±SD"], cells[0]["p_value"]) == ("0.910±0.006", "")
    assert [cells[2][f"Other/{column}"] for column in ("Min", "Mean±SD", "IQR")] == ["", "", ""]


def test_methods_stand_under_each_other_with_their_own_values():
    scans = [
        ScanValues(f"s{n}", "g" if n % 2 else "h", method, "both_lungs", {"dice": start + 0.01 * n})
        for method, start in (("a", 0.8), ("b", 0.9))
        for n in range(6)
        if not (method == "b" and n % 2 == 0)
    ]
    table = published_csv_table([(method, published_table(scans, method)) for method in "ab"])
    dice = [row for row in table.rows if row["parameter"] == "Dice coefficient"]
    assert [(row["method"], row["h/Min"], row["g/Min"]) for row in dice] == [("a", "0.800", "0.810"), ("b", "", "0.910")]


@pytest.mark.parametrize(
    ("p_value", "text"), [(None, ""), (0.00099, "<0.001"), (0.002, "0.002"), (0.0496, "0.050"), (0.2349, "0.23"), (1.0, "1.00")]
)
def test_p_values_are_written_as_published(p_value, text):
    assert p_text(p_value) == text


def test_what_rounds_to_zero_has_no_sign():
    assert [number_text(value, 2) for value in (-0.004, 0.0, -0.006, 1.005)] == ["0.00", "0.00", "-0.01", "1.00"]
