"""Tables, and their CSV and JSON files."""

import csv
import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from LungSegmentationLib.errors import OutputError
from LungSegmentationLib.measurement.areas import SliceArea
from LungSegmentationLib.measurement.volumes import RegionMeasure
from LungSegmentationLib.measures import measure, measured_tables
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.quality.flag import Place, QualityFlag
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.tables.csv_files import write_csv
from LungSegmentationLib.tables.layouts import LAYOUT_NAMES
from LungSegmentationLib.tables.rows import Column, Table, quality_table, slices_table, volumes_table
from LungSegmentationLib.tables.table_files import TABLE_NAMES, table_names, workbook_name, write_tables
from LungSegmentationLib.volume import CtVolume

MEASURES = (
    RegionMeasure("right_lung", "Right lung", 2_000_001, 2512.34567, -812.3456, 140.0),
    RegionMeasure("airways", "Airways", 0, 0.0, None, None),
)
AREAS = (SliceArea(0, -120.5, 1000.0, 2000.25), SliceArea(1, -118.0, 0.0, 3.0))
CODES = ["".join(letters) for axes in itertools.permutations(("LR", "PA", "SI")) for letters in itertools.product(*axes)]


@pytest.fixture(scope="module")
def result() -> Segmentation:
    """Give a phantom with its true labels and vessels (1 right, 2 left) as a result."""
    phantom = make_phantom(shape_zyx=(50, 72, 80), seed=5)
    vessels = np.where(phantom.structures == 31, 1, np.where(phantom.structures == 41, 2, 0)).astype(np.uint8)
    return Segmentation(phantom.volume, phantom.labels, "truth", vessels=vessels)


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


def test_slices_with_vessels_have_their_ratio_and_none_where_there_is_no_lung(tmp_path):
    areas = (SliceArea(0, 0.0, 600.0, 400.0, 45.0, None), SliceArea(1, 2.0, 0.0, 0.0, 0.0, 210.126))
    write_csv(slices_table(areas), tmp_path / "slices.csv")
    header, *rows = _read(tmp_path / "slices.csv")
    assert header[5:] == ["Vessel area (mm2)", "Vessels in lung (%)", "Tracheal area (mm2)"]
    assert [row[5:] for row in rows] == [["45.00", "4.50", ""], ["0.00", "", "210.13"]]


def test_text_with_commas_quotes_and_line_breaks_comes_back(tmp_path):
    text = 'a "b", c\nd'
    write_csv(Table("t", (Column("name", "Name, quoted"),), ({"name": text},)), tmp_path / "t.csv")
    assert _read(tmp_path / "t.csv") == [["Name, quoted"], [text]]


def test_rows_keep_the_full_precision_and_have_every_column(result):
    for table in (volumes_table(MEASURES), slices_table(AREAS), *measure(result).tables.values()):
        assert table.rows
        for row in table.rows:
            assert set(row) == {column.key for column in table.columns}
    assert volumes_table(MEASURES).rows[0]["volume_ml"] == 2512.34567


BOX = ((7, 8), (0, 1), (0, 1))


def test_quality_flags_are_shown_as_they_are():
    flag = QualityFlag(
        "gap", "Gap", "quality", 5.0, "mm", "at most 3 mm", "review", "There is a gap.", (Place("a gap", 7, "left", 5.2, BOX),)
    )
    table = quality_table((flag,))
    assert [column.text(table.rows[0][column.key]) for column in table.columns] == [
        "quality",
        "Gap",
        "review",
        "5.00",
        "mm",
        "at most 3 mm",
        "There is a gap.",
        "slice 7, left, 5 mL",
    ]


def test_every_table_is_the_same_in_every_orientation(result):
    image, labels, vessels = (sitk.GetImageFromArray(array) for array in (result.volume.voxels_hu, result.labels, result.vessels))
    for part in (image, labels, vessels):
        part.SetSpacing(result.volume.spacing_zyx_mm[::-1])
        part.SetOrigin(result.volume.origin_lps_mm)
    _, expected, *_ = measured_tables(result)  # the quality's are tested with the flags
    for code in CODES[::5]:  # each axis in each place, each way round
        turned = sitk.DICOMOrient(image, code)
        volume = CtVolume(
            sitk.GetArrayFromImage(turned), turned.GetSpacing()[::-1], turned.GetOrigin(), np.reshape(turned.GetDirection(), (3, 3))
        )
        arrays = [sitk.GetArrayFromImage(sitk.DICOMOrient(part, code)) for part in (labels, vessels)]
        _, tables, *_ = measured_tables(Segmentation(volume, arrays[0], "truth", vessels=arrays[1]))
        for key in ("volumes", "density", "airways", "airway_branches"):
            assert _rounded(tables[key].rows) == _rounded(expected[key].rows), (code, key)
        by_place = [sorted(_rounded(of["slices"].rows, without="slice"), key=lambda row: row["position_mm"]) for of in (tables, expected)]
        assert by_place[0] == by_place[1], code


def _rounded(rows, without=None):
    return [{k: round(v, 4) + 0.0 if isinstance(v, float) else v for k, v in row.items() if k != without} for row in rows]


def test_files_carry_the_name_of_the_input_and_hold_the_same_numbers(result, tmp_path):
    tables = measure(result).tables
    names = write_tables(tables, result.volume.name, tmp_path)
    assert set(names) == {path.name for path in tmp_path.iterdir()} == {*TABLE_NAMES, "phantom_measures.xlsx"}
    content = json.loads((tmp_path / "measures.json").read_text(encoding="utf-8"))
    assert content["input"] == "phantom"
    for key, table in tables.items():
        assert content["tables"][key]["rows"] == list(table.rows)
        assert [(c["key"], c["unit"]) for c in content["tables"][key]["columns"]] == [(c.key, c.unit) for c in table.columns]
        with (tmp_path / f"{key}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        assert header == [column.header.replace("²", "2") for column in table.columns]
        assert rows == [[column.text(row[column.key]) for column in table.columns] for row in table.rows]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chest 01", "chest_01_measures.xlsx"),
        ("../../up", "up_measures.xlsx"),
        ("Thorax^Näf", "Thorax_Näf_measures.xlsx"),
        ("..", "ct_measures.xlsx"),
        ("", "ct_measures.xlsx"),
        ("x" * 300, "x" * 100 + "_measures.xlsx"),
    ],
)
def test_any_input_name_makes_a_plain_file_name(name, expected):
    assert workbook_name(name) == expected


def test_names_of_a_run_hold_the_workbooks_of_earlier_inputs(tmp_path):
    (tmp_path / "old_measures.xlsx").touch()
    (tmp_path / "notes.xlsx").touch()
    assert table_names(tmp_path, "new") == ("new_measures.xlsx", "old_measures.xlsx", *LAYOUT_NAMES, *TABLE_NAMES)
    assert table_names(tmp_path / "missing", "new") == ("new_measures.xlsx", *LAYOUT_NAMES, *TABLE_NAMES)
    assert TABLE_NAMES[-1] == "measures.json"


def test_a_file_that_cannot_be_written_is_named(result, tmp_path):
    (tmp_path / "density.csv").mkdir()
    with pytest.raises(OutputError, match=r"density\.csv could not be written"):
        write_tables(measure(result).tables, result.volume.name, tmp_path)


def test_vessels_by_calibre_add_up(result):
    tables = measure(result).tables
    totals = {row["region"]: row["volume_ml"] for row in tables["volumes"].rows}
    assert [row["lung"] for row in tables["vessels"].rows] == ["Right lung", "Left lung"]
    for row in tables["vessels"].rows:
        parts = row["below_5_mm2_ml"] + row["from_5_to_10_mm2_ml"] + row["above_10_mm2_ml"]
        assert row["total_ml"] == pytest.approx(parts)
        # Whole voxels there; of small vessels the part that is blood here, which is less.
        assert 0.8 < row["total_ml"] / totals[f"Vessels of {row['lung'].lower()}"] < 1.02
        assert row["small_percent"] == pytest.approx(100 * row["below_5_mm2_ml"] / row["total_ml"])
    assert "vessels" not in measure(replace(result, vessels=None)).tables
