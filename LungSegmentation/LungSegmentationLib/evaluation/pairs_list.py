"""The list of a cohort's pairs: a CSV file with a result and a reference in each row."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, system_reason
from ..io.file_checks import check_regular
from . import limits
from .scan_values import distinct

REQUIRED_COLUMNS = ("name", "result", "reference")
OPTIONAL_COLUMNS = ("ct", "probability", "doubt")


@dataclass(frozen=True)
class Pair:
    """One row: which files belong together; what is not given is None or, for group and method, empty."""

    name: str
    group: str
    method: str
    result: Path
    reference: Path
    ct: Path | None
    probability: Path | None
    doubt: Path | None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that there are."""
        return tuple(path for path in (self.result, self.reference, self.ct, self.probability, self.doubt) if path is not None)

    @property
    def title(self) -> str:
        """Name, and where there are several the method."""
        return f"{self.name} ({self.method})" if self.method else self.name


def read_pairs(path: Path, group_column: str | None = None, method_column: str | None = None) -> list[Pair]:
    """Read a list of pairs.

    Parameters
    ----------
    path : pathlib.Path
        CSV (comma or semicolon, UTF-8) with a header row and the columns name, result, reference and optionally ct,
        probability, doubt. Its paths are relative to its own folder.
    group_column, method_column : str, optional
        Columns that hold each pair's group and method.

    Returns
    -------
    list of Pair
        In the order of the file; empty lines are passed over.

    Raises
    ------
    InputError
        When the file cannot be read, a column or a value is missing, or a scan appears twice with one method.
    """
    header, rows = _read_rows(path)
    wanted = [*REQUIRED_COLUMNS, *(column for column in (group_column, method_column) if column is not None)]
    missing = [column for column in wanted if column not in header]
    if missing:
        raise InputError(f"{path.name} has no column {', '.join(missing)}; its columns are {', '.join(header) or 'none'}")
    pairs = []
    for line, row in rows:
        empty = [column for column in wanted if not row[column]]
        if empty:
            raise InputError(f"{path.name} has no {' and no '.join(empty)} in line {line}; fill it in or remove the line")
        files = {key: path.parent / row[key] if row.get(key) else None for key in OPTIONAL_COLUMNS}
        group, method = (row[column] if column is not None else "" for column in (group_column, method_column))
        pairs.append(Pair(row["name"], group, method, path.parent / row["result"], path.parent / row["reference"], **files))
    if not pairs:
        raise InputError(f"{path.name} lists no pair; below the header {', '.join(header)} a row for each pair is needed")
    _check_distinct(pairs, path.name)
    return pairs


def _read_rows(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Read the header, and the rows with the lines they end in."""
    if check_regular(path, "a CSV file with pairs") > limits.LARGEST_LIST_BYTES:
        raise InputError(f"{path.name} is larger than {limits.LARGEST_LIST_BYTES >> 20} MB; expected a list of pairs of files, as CSV")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
            lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except OSError as error:
        raise InputError(f"{path} cannot be read ({system_reason(error)}); give a CSV file with pairs") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is not a CSV file in UTF-8 ({error}); save it again as one") from error
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if not lines:
        return [], []
    header = lines[0][1]
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise InputError(
                f"line {number} of {path.name} has {len(cells)} cells, where the header has {len(header)}; quote texts with commas"
            )
    return header, [(number, dict(zip(header, cells, strict=True))) for number, cells in lines[1:]]


def _check_distinct(pairs: list[Pair], file_name: str) -> None:
    seen: set[tuple[str, str]] = set()
    groups: dict[str, str] = {}
    for pair in pairs:
        if (pair.name, pair.method) in seen:
            cure = (
                "name each pair differently"
                if pair.method
                else "name each differently, or give --method-column where they are of two methods"
            )
            raise InputError(f"{file_name} lists {pair.title} twice; {cure}")
        if groups.setdefault(pair.name, pair.group) != pair.group:
            raise InputError(f"{file_name} puts {pair.name} into the groups {groups[pair.name]} and {pair.group}; a scan belongs to one")
        seen.add((pair.name, pair.method))


def methods_of(pairs: list[Pair]) -> list[str]:
    """List the methods in the order of the file."""
    return distinct(pair.method for pair in pairs)
