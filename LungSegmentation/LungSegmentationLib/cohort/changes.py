"""How a patient's lungs changed from scan to scan, beside what measuring the same lungs twice would give.

Repeatability is that of QIBA's profile on lung densitometry (see :mod:`.limits`). It holds for one scanner, one protocol and breath-holds
at full inspiration; none is stated for volumes, which follow the breath, and for what the profile does not name. Another kernel changes
densities by more than years of disease do: each row says whether it was the same one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from ..tables.rows import Cell, Column, Table
from . import limits
from .tables import DONE_STATUS, Row

# Measure, its title and unit, and the smallest change that says something.
_MEASURES: tuple[tuple[str, str, str, float], ...] = (
    ("right_lung_volume_ml", "Right lung volume", "mL", math.nan),
    ("left_lung_volume_ml", "Left lung volume", "mL", math.nan),
    ("both_lungs_volume_ml", "Both lungs volume", "mL", math.nan),
    ("both_lungs_mean_hu", "Mean density", "HU", math.nan),
    ("both_lungs_p15_hu", "Percentile 15", "HU", limits.PERCENTILE_15_REPEATABILITY_HU),
    ("both_lungs_laa950_percent", "Below -950 HU", "%", limits.LAA_950_REPEATABILITY_PERCENT),
    ("both_lungs_mass_g", "Mass", "g", math.nan),
)
_COLUMNS = (
    Column("patient", "Patient"),
    Column("before", "Scan before"),
    Column("after", "Scan after"),
    Column("days", "Days between"),
    Column("measure", "Measure"),
    Column("unit", "Unit"),
    Column("value_before", "Before", "", 2),
    Column("value_after", "After", "", 2),
    Column("change", "Change", "", 2),
    Column("change_percent", "Change", "%", 2),
    Column("repeatability", "Repeatability", "", 2),
    Column("beyond", "Beyond repeatability"),
    Column("same_parameters", "Same parameters and version"),
    Column("same_voxels", "Same voxel size"),
    Column("same_kernel", "Same kernel"),
)
_NOT_STATED = "not stated"


def changes_table(rows: Iterable[Row], dates: Mapping[str, str], order: Mapping[str, int]) -> Table:
    """Make the table of changes: a row for each measure of each two successive scans of a patient.

    Parameters
    ----------
    rows : iterable of Row
        Of the table of all scans; scans without a patient are passed over.
    dates : mapping of str to str
        Day of each scan, YYYYMMDD, as far as it is known. Days themselves are not written, their distance is.
    order : mapping of str to int
        Place of each scan in the input: it decides between scans of one day, and where no day is known.

    Returns
    -------
    Table
    """
    patients: dict[str, list[Row]] = {}
    for row in rows:
        if row["patient"] and row["status"] == DONE_STATUS:
            patients.setdefault(str(row["patient"]), []).append(row)
    found: list[dict[str, Cell]] = []
    for patient, scans in sorted(patients.items()):
        scans.sort(key=lambda row: (dates.get(str(row["scan"]), ""), order.get(str(row["scan"]), len(order)), str(row["scan"])))
        for before, after in _successive(scans, dates):
            days = _days(dates.get(str(before["scan"]), ""), dates.get(str(after["scan"]), ""))
            found += [_change(patient, before, after, days, measure) for measure in _MEASURES]
    return Table("Changes", _COLUMNS, tuple(found))


def _successive(scans: Sequence[Row], dates: Mapping[str, str]) -> Iterator[tuple[Row, Row]]:
    """Give each scan with the one before it; several of one day are reconstructions, each has its like before."""
    by_day: dict[str, list[Row]] = {}
    for row in scans:
        day = dates.get(str(row["scan"]), "")
        by_day.setdefault(day or str(row["scan"]), []).append(row)  # each scan without a day is one of its own
    for earlier, later in pairwise(by_day.values()):
        for after in later:
            yield max(reversed(earlier), key=lambda before: _likeness(before, after)), after


def _likeness(before: Row, after: Row) -> tuple[bool, bool]:
    return before.get("kernel") == after.get("kernel"), before["spacing_mm"] == after["spacing_mm"]


def _change(patient: str, before: Row, after: Row, days: int | None, measure: Sequence[object]) -> dict[str, Cell]:
    key, title, unit, repeatability = measure
    first, second = before.get(str(key)), after.get(str(key))
    row: dict[str, Cell] = {column.key: None for column in _COLUMNS}
    is_same = before["parameters"] == after["parameters"]
    row |= {"patient": patient, "before": before["scan"], "after": after["scan"], "days": days, "measure": str(title), "unit": str(unit)}
    row |= {"same_parameters": "yes" if is_same else "no", "value_before": first, "value_after": second, "beyond": _NOT_STATED}
    row["same_voxels"] = "yes" if before["spacing_mm"] == after["spacing_mm"] else "no"
    kernels = before.get("kernel"), after.get("kernel")
    row["same_kernel"] = _NOT_STATED if None in kernels else "yes" if kernels[0] == kernels[1] else "no"
    if not isinstance(repeatability, float) or math.isnan(repeatability):
        limit = None
    else:
        limit = row["repeatability"] = repeatability
    if isinstance(first, (int, float)) and isinstance(second, (int, float)):
        change = float(second - first)
        row |= {"change": change, "change_percent": 100 * change / abs(first) if first else None}
        if limit is not None:
            row["beyond"] = "yes" if abs(change) >= limit else "no"
    return row


def _days(before: str, after: str) -> int | None:
    try:
        first, second = (date(int(day[:4]), int(day[4:6]), int(day[6:8])) for day in (before, after))
    except ValueError:
        return None
    return (second - first).days
