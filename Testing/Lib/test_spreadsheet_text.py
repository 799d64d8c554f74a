"""No text of a table becomes a formula in a spreadsheet program, and no number changes."""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from LungSegmentationLib.tables.csv_files import write_csv
from LungSegmentationLib.tables.rows import Column, Table
from LungSegmentationLib.tables.spreadsheet_text import spreadsheet_text
from LungSegmentationLib.tables.table_files import workbook_name
from LungSegmentationLib.tables.workbook import write_workbook

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
HOSTILE = ('=HYPERLINK("http://x.example")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "x;=1+1", "x\n=1+1", "＝1")
HARMLESS = ("Right lung", "", "5-10 mm²", "From -600 to -250 HU", "<0.001", "a=b", "−3")
NUMBERS = ("-3.25", "+1e-3", "-0", "12", "-.5", "-0.015±0.008")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_would_be_worked_out_is_quoted_and_still_readable(text):
    quoted = spreadsheet_text(text)
    assert quoted != text and quoted.replace("'", "") == text.replace("'", "")
    for cell in re.split("[;\t\r\n]", quoted):
        assert not cell.startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", [*HARMLESS, *NUMBERS])
def test_other_texts_and_numbers_stay_as_they_are(text):
    assert spreadsheet_text(text) == text


@given(st.text())
def test_no_text_whatever_begins_a_formula(text):
    quoted = spreadsheet_text(text)
    assert not quoted.startswith(BEGINNINGS) or re.fullmatch(r"[+-][\d.eE±+-]*", quoted)
    assert spreadsheet_text(quoted) == quoted


def test_every_table_file_quotes_cells_and_headers_and_keeps_numbers(tmp_path):
    columns = (Column("name", "=1+1"), Column("group", "Group"), Column("value", "-Value", "mL", 2))
    rows = tuple({"name": text, "group": "-1.5", "value": -3.14159} for text in HOSTILE)
    table = Table("Scans", columns, rows)
    write_csv(table, tmp_path / "scans.csv")
    with (tmp_path / "scans.csv").open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == ["'=1+1", "Group", "'-Value (mL)"]
    assert [line[0] for line in lines] == [spreadsheet_text(text) for text in HOSTILE]
    assert {tuple(line[1:]) for line in lines} == {("-1.5", "-3.14")}
    write_workbook({"scans": table}, tmp_path / "scans.xlsx")
    (sheet,) = load_workbook(tmp_path / "scans.xlsx").worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not [cell.value for cell in cells if cell.data_type == "s" and cell.value.startswith(BEGINNINGS) and cell.value != "-1.5"]
    assert {row[2].value for row in sheet.iter_rows(min_row=2)} == {-3.14159}


def test_the_workbook_of_a_scan_has_a_name_that_file_systems_take():
    for name in ("胸" * 80, "é" * 250, "x" * 300):
        assert len(workbook_name(name).encode()) <= 255
    assert workbook_name("胸部 1") == "胸部_1_measures.xlsx"
