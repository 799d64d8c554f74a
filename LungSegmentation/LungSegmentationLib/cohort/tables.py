"""The tables of a run over many scans: ``cohort.csv`` (and ``cohort.parquet``), ``changes.csv``, ``keys.csv``.

``cohort.csv`` has a row for each folder of ``scans`` (status "done") and for each file of ``not_done`` (status "error" or "left out"), in
the order of their names; it is made of these folders alone. Its columns are :data:`COLUMNS`: the scan's name, which is its folder, status
and error; the patient's pseudonym; what :data:`.result_row.FIGURES` lists; how long it took, its memory, the version; what raters said;
and with ``--identifiers`` the source, PatientID and date.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ..errors import OutputError, output_errors
from ..tables.csv_files import write_csv
from ..tables.rows import Cell, Column, Table
from ..tables.spreadsheet_text import spreadsheet_text
from .one_scan import SCANS_NAME
from .rated import RATING_COLUMNS
from .result_record import read_record
from .result_row import FIGURES
from .state_folder import write_private
from .whole_file import whole_file

COHORT_NAME, PARQUET_NAME, CHANGES_NAME, KEYS_NAME = "cohort.csv", "cohort.parquet", "changes.csv", "keys.csv"
DONE_STATUS = "done"

COLUMNS: tuple[Column, ...] = (
    Column("scan", "Scan"),
    Column("status", "Status"),
    Column("error", "Error"),
    Column("patient", "Patient"),
    *FIGURES,
    Column("seconds", "Whole scan", "s", 2),
    Column("processor_s", "Processor", "s", 2),
    Column("peak_memory_mb", "Peak memory", "MB"),
    Column("parameters", "Parameters"),
    Column("version", "Version"),
    *RATING_COLUMNS,
)
IDENTIFIERS: tuple[Column, ...] = (Column("source", "Source"), Column("patient_id", "PatientID"), Column("date", "Date"))

Row = dict[str, Cell]


def row_of_record(record: Mapping[str, Any]) -> Row:
    """Make a finished scan's row of its record."""
    row: Row = {column.key: None for column in COLUMNS}
    known = {column.key for column in FIGURES}
    row |= {key: value for key, value in record.get("row", {}).items() if key in known}
    row |= {key: record.get(key) for key in ("patient", "seconds", "processor_s", "peak_memory_mb", "version")}
    return {**row, "scan": record["id"], "status": DONE_STATUS, "parameters": record["key"]}


def row_of_failure(entry: Mapping[str, Any]) -> Row:
    """Make the row of what was not done of its file in ``not_done``."""
    row: Row = {column.key: None for column in COLUMNS}
    row |= {key: entry.get(key) for key in ("status", "patient", "version")}
    row["error"] = readable(str(entry.get("error", "")))
    return {**row, "scan": entry["id"], "parameters": entry.get("key")}


def readable(text: str) -> str:
    """Write a name that is no text, as some file systems have them, with question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def records_of_folders(output: Path) -> Iterator[dict[str, Any]]:
    """Read the records of all finished scans from their folders, in the order of their names."""
    folder = output / SCANS_NAME
    for name in sorted(os.listdir(folder)) if folder.is_dir() else ():  # noqa: PTH208  names are enough
        record = read_record(folder / name)
        if record is not None:
            yield record


def write_cohort(rows: Iterable[Row], output: Path, with_parquet: bool, identifiers: bool = False) -> list[str]:
    """Write the table of all scans.

    Parameters
    ----------
    rows : iterable of Row
    output : pathlib.Path
    with_parquet : bool
        Whether to write it as Parquet too, where pyarrow is installed.
    identifiers : bool
        Whether the rows have the columns of :data:`IDENTIFIERS`.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    OutputError
        When they cannot be written; earlier ones stay as they are.
    """
    ordered = sorted(rows, key=lambda row: str(row["scan"]))
    columns = (*COLUMNS, *IDENTIFIERS) if identifiers else COLUMNS
    table = Table("Cohort", columns, tuple(ordered))
    write_atomically(output / COHORT_NAME, lambda path: write_csv(table, path))
    if not with_parquet or not _write_parquet(table, output / PARQUET_NAME):
        return [COHORT_NAME]
    return [COHORT_NAME, PARQUET_NAME]


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside its place and move it there.

    Parameters
    ----------
    path : pathlib.Path
    write : callable
        Writes the file whose path it is given.

    Raises
    ------
    OutputError
        When it cannot be written; an earlier file stays as it is.
    """
    with (
        output_errors(f"{path.name} could not be written", "free some space or give another output folder"),
        whole_file(path) as unfinished,
    ):
        write(unfinished)


def write_keys(entries: Iterable[Sequence[str]], output: Path) -> None:
    """Write which folder is which source, for the owner's eyes alone.

    Parameters
    ----------
    entries : iterable of sequence of str
        Folder, source, PatientID, date.
    output : pathlib.Path

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(("Scan", "Source", "PatientID", "Date"))
    writer.writerows([spreadsheet_text(cell) for cell in entry] for entry in entries)
    with output_errors(f"{KEYS_NAME} could not be written", "free some space or give another output folder"):
        write_private(output / KEYS_NAME, text.getvalue())


def _write_parquet(table: Table, path: Path) -> bool:
    """Write a table as Parquet, numbers as numbers; say whether pyarrow is there."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return False
    values = {column.key: [row[column.key] for row in table.rows] for column in table.columns}
    arrays = {
        key: pyarrow.array(cells, from_pandas=True) if _are_numbers(cells) else _texts(pyarrow, cells) for key, cells in values.items()
    }

    def write(unfinished: Path) -> None:
        try:
            parquet.write_table(pyarrow.table(arrays), unfinished)
        except pyarrow.ArrowException as error:
            raise OutputError(f"{path.name} could not be written ({error})") from error

    write_atomically(path, write)
    return True


def _are_numbers(cells: Sequence[Cell]) -> bool:
    return any(cell is not None for cell in cells) and all(cell is None or isinstance(cell, (int, float)) for cell in cells)


def _texts(pyarrow: Any, cells: Sequence[Cell]) -> Any:
    return pyarrow.array([None if cell is None else str(cell) for cell in cells], pyarrow.string())
