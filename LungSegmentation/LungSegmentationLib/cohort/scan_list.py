"""The list of a cohort's scans: a CSV file with a path in each row, and perhaps whose scan it is and of which day."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, system_reason
from ..evaluation.limits import LARGEST_LIST_BYTES
from ..io.file_checks import check_regular

_COLUMN = "ct"
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


@dataclass(frozen=True)
class ListedScan:
    """One row: where the scan is, whose it is, and of which day (YYYYMMDD); empty where the list does not say."""

    path: Path
    patient: str = ""
    date: str = ""


def is_scan_list(path: Path) -> bool:
    """Tell a list by its name."""
    return path.suffix.lower() == ".csv"


def read_scan_list(path: Path) -> list[ListedScan]:
    """Read a list of scans.

    Parameters
    ----------
    path : pathlib.Path
        CSV (comma or semicolon, UTF-8) with a header row, the column ``ct``, and perhaps ``patient`` and ``date`` (YYYY-MM-DD).
        Its paths are relative to its own folder.

    Returns
    -------
    list of ListedScan
        In the order of the file; rows without a path are passed over.

    Raises
    ------
    InputError
        When the file cannot be read, has no such column, or a date is none.
    """
    if check_regular(path, "a list of scans (CSV)") > LARGEST_LIST_BYTES:
        raise InputError(f"{path.name} is larger than {LARGEST_LIST_BYTES >> 20} MB; expected a list of scans, as CSV")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=";" if first.count(";") > first.count(",") else ",", restval="")
            reader.fieldnames = columns = [column.strip() for column in reader.fieldnames or ()]
            rows = [({key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}, reader.line_num) for row in reader]
    except OSError as error:
        raise InputError(f"{path} cannot be read ({system_reason(error)}); give a CSV file with scans") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is not a CSV file in UTF-8 ({error}); save it again as one") from error
    if _COLUMN not in columns:
        raise InputError(f"{path.name} has no column {_COLUMN}; its columns are {', '.join(columns) or 'none'}")
    listed = []
    for row, line in rows:
        date = row.get("date", "")
        day = _DATE.fullmatch(date)
        if date and day is None:
            raise InputError(f"{path.name} has the date {date[:20]!r} in line {line}; write it as YYYY-MM-DD, or leave it empty")
        if row[_COLUMN]:
            listed.append(ListedScan(path.parent / row[_COLUMN], row.get("patient", ""), "".join(day.groups()) if day else ""))
    return listed
