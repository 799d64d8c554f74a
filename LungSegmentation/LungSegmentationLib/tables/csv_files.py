"""Tables as CSV files (RFC 4180, decimal point, unit in the header)."""

from __future__ import annotations

import csv
from pathlib import Path

from .rows import Cell, Column, Table
from .spreadsheet_text import spreadsheet_text


def write_csv(table: Table, path: Path) -> None:
    """Write a table with one header row.

    Parameters
    ----------
    table : Table
        What to write; numbers get their column's decimals, None becomes an empty cell, and no text begins a formula
        (:func:`.spreadsheet_text.spreadsheet_text`).
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
        writer.writerow(spreadsheet_text(column.header.replace("²", "2")) for column in table.columns)
        for row in table.rows:
            writer.writerow(_cell_text(column, row[column.key]) for column in table.columns)


def _cell_text(column: Column, value: Cell) -> str:
    text = column.text(value)
    return spreadsheet_text(text) if isinstance(value, str) else text
