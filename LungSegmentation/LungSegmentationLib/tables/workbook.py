"""All tables as one Excel workbook (Office Open XML, ECMA-376): one sheet a table, numbers as numbers."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OutputError
from .rows import Cell, Column, Table
from .spreadsheet_text import spreadsheet_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NARROWEST, _WIDEST = 9, 60


def write_workbook(tables: Mapping[str, Table], path: Path) -> None:
    """Write tables as sheets named by their titles, with the units in the header row.

    Parameters
    ----------
    tables : mapping of str to Table
        At least one. Numbers keep their full precision and show their column's decimals; None is an empty cell, and
        no text begins a formula (:func:`.spreadsheet_text.spreadsheet_text`).
    path : pathlib.Path
        The file, ending in ``.xlsx``; its folder exists.

    Raises
    ------
    OSError
        When the file cannot be written whole.
    """
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for table in tables.values():
        _fill_sheet(workbook.create_sheet(table.title), table)
    workbook.save(path)
    with zipfile.ZipFile(path) as written:
        if written.testzip():
            raise OutputError(f"{path.name} was not written to its end; is the disk full?")


def _fill_sheet(sheet: Worksheet, table: Table) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(table.columns, 1):
        header = sheet.cell(1, number)
        _fill_cell(header, column, column.header)
        header.font, header.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        longest = len(column.header) // 2
        for row_number, row in enumerate(table.rows, 2):
            _fill_cell(sheet.cell(row_number, number), column, row[column.key])
            longest = max(longest, len(column.text(row[column.key])))
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, _NARROWEST), _WIDEST)
    sheet.freeze_panes = "B2"


def _fill_cell(cell: Any, column: Column, value: Cell) -> None:
    cell.value = spreadsheet_text(_NOT_IN_XML.sub("", value)) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"  # also what openpyxl would take for an error value or a formula
    elif isinstance(value, float):
        cell.number_format = f"0.{'0' * column.decimals}" if column.decimals else "0"
