"""Tables and their CSV files."""

import csv

from LungSegmentationLib.measurement.areas import SliceArea
from LungSegmentationLib.measurement.volumes import RegionMeasure
from LungSegmentationLib.tables.csv_files import write_csv
from LungSegmentationLib.tables.rows import Column, Table, slices_table, volumes_table

MEASURES = (
    RegionMeasure("right_lung", "Right lung", 2_000_001, 2512.34567, -812.3456, 140.0),
    RegionMeasure("airways", "Airways", 0, 0.0, None, None),
)
AREAS = (SliceArea(0, -120.5, 1000.0, 2000.25), SliceArea(1, -118.0, 0.0, 3.0))


def _read(path):
    with path.open(encoding="ascii", newline="") as file:
        return list(csv.reader(file))


def test_volumes_are_written_with_units_and_empty_cells_for_empty_regions(tmp_path):
    write_csv(volumes_table(MEASURES), tmp_path / "volumes.csv")
    assert _read(tmp_path / "volumes.csv") == [
        ["Region", "Volume (mL)", "Mean density (HU)", "SD of density (HU)", "Voxels"],
        ["Right lung", "2512.35", "-812.35", "140.00", "2000001"],
        ["Airways", "0.00", "", "", "0"],
    ]


def test_slices_are_written_with_their_total(tmp_path):
    write_csv(slices_table(AREAS), tmp_path / "slices.csv")
    assert _read(tmp_path / "slices.csv") == [
        ["Slice", "Position (mm)", "Right lung area (mm2)", "Left lung area (mm2)", "Total lung area (mm2)"],
        ["0", "-120.500", "1000.00", "2000.25", "3000.25"],
        ["1", "-118.000", "0.00", "3.00", "3.00"],
    ]


def test_text_with_commas_quotes_and_line_breaks_comes_back(tmp_path):
    text = 'a "b", c\nd'
    write_csv(Table("t", (Column("name", "Name, quoted"),), ({"name": text},)), tmp_path / "t.csv")
    assert _read(tmp_path / "t.csv") == [["Name, quoted"], [text]]


def test_rows_keep_the_full_precision_and_have_every_column():
    for table in (volumes_table(MEASURES), slices_table(AREAS)):
        for row in table.rows:
            assert set(row) == {column.key for column in table.columns}
    assert volumes_table(MEASURES).rows[0]["volume_ml"] == 2512.34567
