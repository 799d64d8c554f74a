"""Trees as figures, tables, polydata files, and on their way between processes."""

import base64
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from LungSegmentationLib.background.jobs.serialization import arrays_of_measures, measures_from, metadata_of_measures
from LungSegmentationLib.measures import measure
from LungSegmentationLib.output.polydata import write_polydata
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.tables.tree_rows import airway_branches_table, vessel_branches_table
from LungSegmentationLib.trees.centrelines import Centrelines
from LungSegmentationLib.trees.measure import AirwayBranches
from LungSegmentationLib.trees.summary import airway_tree_figures, vessel_tree_figures
from LungSegmentationLib.trees.walls import Wall

# A fork in the right lung (5 mm, then 3 and 4 mm), and a line of 12 mm in the left one.
LINES = Centrelines(
    np.array([[0, 0, 0], [0, 3, 4], [0, 3, 4], [3, 3, 4], [0, 3, 4], [0, 3, 6], [0, 3, 8], [50, 0, 0], [50, 12, 0]], np.float32),
    np.array([2.5, 2.5, 1.5, 1.5, 0.5, 0.5, 0.5, 0.75, 0.75], np.float32),
    *(np.array(values, np.int32) for values in ([0, 2, 4, 7, 9], [-1, 0, 0, -1], [0, 1, 1, 0], [2, 1, 1, 1], [1, 1, 1, 2])),
)


def test_figures_of_each_lung():
    right, left = (vessel_tree_figures(LINES, side) for side in (1, 2))
    assert (right.trees, right.branches, right.order) == (1, 3, 2)
    assert right.length_m == pytest.approx(0.012) and left.length_m == pytest.approx(0.012)
    assert (right.below_1_mm, right.from_1_to_2_mm, right.above_2_mm) == (1, 1, 1)
    assert right.thin_length_percent == pytest.approx(100 * 4 / 12)
    assert (left.trees, left.branches, left.below_1_mm, left.thin_length_percent) == (1, 1, 1, 100.0)
    nothing = vessel_tree_figures(None, 1)
    assert nothing.branches == 0 and nothing.thin_length_percent is None


def test_a_row_for_each_branch_of_the_vessels():
    table = vessel_branches_table(LINES)
    assert [(row["branch"], row["lung"], row["tree"], row["parent"]) for row in table.rows] == [
        (1, "Right lung", 1, None),
        (2, "Right lung", 1, 1),
        (3, "Right lung", 1, 1),
        (4, "Left lung", 2, None),
    ]
    assert [row["length_mm"] for row in table.rows] == [5.0, 3.0, 4.0, 12.0]
    assert [row["radius_mm"] for row in table.rows] == [2.5, 1.5, 0.5, 0.75]
    assert [row["order"] for row in table.rows] == [2, 1, 1, 1]
    assert [table.rows[2][f"{end}_{axis}_mm"] for end in ("start", "end") for axis in "xyz"] == [0, 3, 4, 0, 3, 8]
    for row in table.rows:
        assert list(row) == [column.key for column in table.columns]
    assert vessel_branches_table(None).rows == ()


def test_a_row_for_each_branch_of_the_airways():
    wall = Wall(np.pi, 0.5, 0.9)
    branches = AirwayBranches(LINES, ("Trachea", "", "", ""), (None, wall, None, None))
    first, second, *_, last = airway_branches_table(branches).rows
    assert (first["name"], first["lung"], first["wall_mm"], first["lumen_mm2"]) == ("Trachea", "right", None, None)
    assert first["label_area_mm2"] == pytest.approx(np.pi * 2.5**2) and first["diameter_mm"] == 5.0
    assert (second["wall_mm"], second["half_height_mm"], second["lumen_mm2"]) == (0.5, 0.9, pytest.approx(np.pi))
    assert second["perimeter_mm"] == pytest.approx(2 * np.pi) and second["wall_percent"] == pytest.approx(100 * 1.25 / 2.25)
    assert last["lung"] == "left"
    assert airway_branches_table(None).rows == ()
    figures = airway_tree_figures(branches)
    assert (figures.branches, figures.generations, figures.tree_length_mm, figures.walls) == (4, 1, 24.0, 1)
    assert figures.pi10_reason == "1 branches with a measured wall; at least 6 are needed"


def test_a_polydata_file_holds_every_line(tmp_path):
    write_polydata(LINES, tmp_path / "lines.vtp")
    types = {"Float32": "<f4", "Int32": "<i4", "Int64": "<i8"}
    found = {}
    for array in ElementTree.parse(tmp_path / "lines.vtp").iter("DataArray"):
        data = base64.b64decode(array.text)
        assert int.from_bytes(data[:8], "little") == len(data) - 8
        found[array.get("Name")] = np.frombuffer(data[8:], types[array.get("type")])
    np.testing.assert_array_equal(found["Points"].reshape(-1, 3), LINES.points_lps_mm)
    np.testing.assert_array_equal(found["offsets"], [2, 4, 7, 9])
    np.testing.assert_array_equal(found["connectivity"], np.arange(9))
    np.testing.assert_array_equal(found["radius_mm"], LINES.radii_mm)
    np.testing.assert_array_equal(found["parent"], [0, 1, 1, 0])
    np.testing.assert_array_equal(found["generation"], LINES.generations)
    np.testing.assert_array_equal(found["strahler_order"], LINES.orders)


def test_vtk_reads_the_file_the_same(tmp_path):
    pytest.importorskip("vtk")
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    write_polydata(LINES, tmp_path / "lines.vtp")
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(tmp_path / "lines.vtp"))
    reader.Update()
    data = reader.GetOutput()
    assert (data.GetNumberOfPoints(), data.GetNumberOfLines()) == (9, 4)
    np.testing.assert_array_equal(vtk_to_numpy(data.GetPoints().GetData()), LINES.points_lps_mm)
    np.testing.assert_array_equal(vtk_to_numpy(data.GetLines().GetOffsetsArray()), LINES.starts)
    np.testing.assert_array_equal(vtk_to_numpy(data.GetPointData().GetArray("radius_mm")), LINES.radii_mm)
    np.testing.assert_array_equal(vtk_to_numpy(data.GetCellData().GetArray("side")), LINES.sides)


def test_trees_of_a_phantom_come_through_another_process_whole():
    phantom = make_phantom(shape_zyx=(50, 72, 80), seed=5)
    vessels = np.where(phantom.structures == 31, 1, np.where(phantom.structures == 41, 2, 0)).astype(np.uint8)
    measures = measure(Segmentation(phantom.volume, phantom.labels, "truth", vessels=vessels))
    assert set(measures.centrelines) == {"airways", "vessels"}
    assert len(measures.tables["vessel_branches"].rows) == len(measures.centrelines["vessels"])
    assert measures.tables["airway_branches"].rows[0]["name"] == "Trachea"
    again = measures_from(metadata_of_measures(measures), arrays_of_measures(measures))
    assert again.centrelines == measures.centrelines
    assert measures_from(metadata_of_measures(measures), {}).centrelines == {}
    changed = {**measures.centrelines["airways"].arrays(), "radii_mm": measures.centrelines["airways"].radii_mm + 1}
    assert Centrelines.from_arrays(changed) != measures.centrelines["airways"]
    # All that lies in a lung's box is in that lung.
    points, sides = measures.centrelines["vessels"].points_lps_mm, measures.centrelines["vessels"].sides
    forest = measures.centrelines["vessels"].forest
    middle_x = [points[np.repeat(sides == side, np.diff(forest.starts))][:, 0].mean() for side in (1, 2)]
    assert middle_x[0] < middle_x[1], "the patient's right has the smaller x"
