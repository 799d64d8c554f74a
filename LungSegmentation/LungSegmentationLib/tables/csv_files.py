"""Tables as CSV files (RFC 4180, decimal point, unit in the header)."""

from __future__ import annotations

import csv
from pathlib import Path

from .rows import Table


def write_csv(table: Table, path: Path) -> None:
    """Write a table with one header row.

    Parameters
    ----------
    table : Table
        What to write; numbers get their column's decimals, None becomes an empty cell.
    path : pathlib.Path
        The file; its folder exists.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        # "mm2" is the unit's spelling in UCUM: spreadsheet programs garble a "²" that has no byte order mark before it,
        # and programs that read the table would find that mark in the first column's name.
        writer.writerow(column.header.replace("²", "2") for column in table.columns)
        for row in table.rows:
            writer.writerow(column.text(row[column.key]) for column in table.columns)
