"""The workbook, read back with another library and as plain XML."""

import math
import zipfile
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from LungSegmentationLib.tables.rows import Column, Table
from LungSegmentationLib.tables.workbook import write_workbook

COLUMNS = (Column("name", "Name"), Column("area", "Area", "mm²", 2), Column("count", "Count"), Column("mean", "Mean", "HU"))
TABLES = {
    "first": Table(
        "First",
        COLUMNS,
        (
            {"name": "=1+1", "area": 12.3456789, "count": 3, "mean": -850.25},
            {"name": "a\x07b, ü", "area": None, "count": 0, "mean": None},
            {"name": "unlimited", "area": math.nan, "count": 1, "mean": -math.inf},
        ),
    ),
    "second": Table("Second", COLUMNS[:1], ()),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "scan_measures.xlsx"
    write_workbook(TABLES, path)
    return path


def test_each_table_is_a_sheet_with_units_in_its_header_and_numbers_in_full(path):
    book = load_workbook(path)
    assert book.sheetnames == ["First", "Second"]
    rows = list(book["First"].iter_rows(values_only=True))
    assert rows == [
        ("Name", "Area (mm²)", "Count", "Mean (HU)"),
        ("'=1+1", 12.3456789, 3, -850.25),
        ("ab, ü", None, 0, None),
        ("unlimited", "nan", 1, "'-inf"),
    ]
    assert [row[0] for row in book["Second"].iter_rows(values_only=True)] == ["Name"]
    assert book["First"]["B2"].number_format == "0.00"
    assert book["First"]["D2"].number_format == "0"
    assert book["First"].freeze_panes == "B2"


def test_no_text_became_a_formula(path):
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        sheet = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))
    assert not [element for element in sheet.iter() if element.tag.endswith("}f")]


def test_a_folder_that_is_missing_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="missing"):
        write_workbook(TABLES, tmp_path / "missing" / "scan_measures.xlsx")
