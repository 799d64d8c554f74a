"""Table nodes: types, titles, units, and what Slicer's own table file keeps of them."""

import math

import pytest

from LungSegmentationLib.tables.rows import Column, Table

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Scene.Tables import tableNodes, updateTableNode, updateTables  # noqa: E402

COLUMNS = (Column("region", "Region"), Column("volume_ml", "Volume", "mL", 1), Column("mean_hu", "Mean", "HU"), Column("voxels", "Voxels"))
ROWS = (
    {"region": "Right lung", "volume_ml": 2500.125, "mean_hu": -812.5, "voxels": 2000100},
    {"region": "Linke Lunge: größer, 'x'", "volume_ml": 0.0, "mean_hu": None, "voxels": 0},
)


def contents(node):
    table = node.GetTable()
    columns = [table.GetColumn(index) for index in range(table.GetNumberOfColumns())]
    return {c.GetName(): (c.GetDataTypeAsString(), [c.GetValue(row) for row in range(c.GetNumberOfValues())]) for c in columns}


def assertContents(node):
    actual = contents(node)
    assert list(actual) == ["region", "volume_ml", "mean_hu", "voxels"]
    assert actual["region"] == ("string", ["Right lung", "Linke Lunge: größer, 'x'"])
    assert actual["volume_ml"][0] == actual["mean_hu"][0] == "double"
    assert actual["volume_ml"][1] == pytest.approx([2500.125, 0.0], rel=1e-5)  # files keep six digits
    assert actual["mean_hu"][1][0] == -812.5
    assert math.isnan(actual["mean_hu"][1][1])
    assert actual["voxels"] == ("int", [2000100, 0])
    assert [node.GetColumnUnitLabel(key) for key in actual] == ["", "mL", "HU", ""]
    assert [node.GetColumnTitle(key) for key in actual] == ["Region", "Volume (mL)", "Mean (HU)", "Voxels"]
    assert node.GetColumnDescription("volume_ml") == "Volume in mL"


def test_columns_are_typed_titled_and_have_units(mrmlScene):
    node = mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    updateTableNode(node, COLUMNS, ROWS)
    assertContents(node)
    assert contents(node)["volume_ml"][1][0] == 2500.125
    assert node.GetUseColumnTitleAsColumnHeader()


@pytest.mark.parametrize("ending", ["tsv", "csv"])
def test_a_saved_table_opens_with_types_and_units(mrmlScene, tmp_path, ending):
    node = mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    updateTableNode(node, COLUMNS, ROWS)
    assert slicer.util.saveNode(node, str(tmp_path / f"volumes.{ending}"))
    assertContents(slicer.util.loadTable(str(tmp_path / f"volumes.{ending}")))


def test_an_update_replaces_all_and_keeps_plots(mrmlScene):
    node = mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    updateTableNode(node, (Column("old", "Old", "cm"), *COLUMNS), [{"old": 1, **row} for row in ROWS])
    plot = mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode")
    plot.SetAndObserveTableNodeID(node.GetID())
    plot.SetYColumnName("volume_ml")
    updateTableNode(node, COLUMNS, ROWS)
    assertContents(node)
    assert node.GetColumnUnitLabel("old") == ""
    assert plot.GetTableNode().GetTable().GetColumnByName(plot.GetYColumnName()).GetValue(0) == 2500.125
    updateTableNode(node, COLUMNS, ())
    assert node.GetNumberOfRows() == 0
    assert node.GetNumberOfColumns() == 4


class TestTablesOfASegmentation:
    VOLUMES, QUALITY = Table("Volumes", COLUMNS, ROWS), Table("Quality", COLUMNS[:2], ROWS)

    def test_a_second_run_uses_the_same_nodes(self, mrmlScene):
        segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
        first = updateTables(segmentationNode, {"quality": self.QUALITY, "volumes": self.VOLUMES})
        assert {key: node.GetName() for key, node in first.items()} == {"quality": "Lungs quality", "volumes": "Lungs volumes"}
        nodes = mrmlScene.GetNumberOfNodes()
        first["volumes"].SetName("mine")
        second = updateTables(segmentationNode, {"volumes": Table("Volumes", COLUMNS, ROWS[:1]), "quality": self.QUALITY})
        assert second == first
        assert tableNodes(segmentationNode) == first
        assert (second["volumes"].GetName(), second["volumes"].GetNumberOfRows()) == ("mine", 1)
        assert mrmlScene.GetNumberOfNodes() == nodes

    def test_a_table_that_is_not_made_any_more_goes_and_comes_again(self, mrmlScene):
        segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
        updateTables(segmentationNode, {"volumes": self.VOLUMES, "vessels": self.QUALITY})
        other = updateTables(segmentationNode, {"reference": self.VOLUMES}, "Comparison.")
        updateTables(segmentationNode, {"volumes": self.VOLUMES})
        assert list(tableNodes(segmentationNode)) == ["volumes"]
        assert mrmlScene.GetNumberOfNodesByClass("vtkMRMLTableNode") == 2
        assert tableNodes(segmentationNode, "Comparison.") == other
        mrmlScene.RemoveNode(tableNodes(segmentationNode)["volumes"])  # by the user
        assert tableNodes(segmentationNode) == {}
        assertContents(updateTables(segmentationNode, {"volumes": self.VOLUMES})["volumes"])

    def test_a_copied_segmentation_gets_tables_of_its_own(self, mrmlScene):
        original = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
        tables = updateTables(original, {"volumes": self.VOLUMES})
        copied = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Copy")
        copied.Copy(original)
        assert tableNodes(copied) == {}
        updateTables(copied, {"volumes": Table("Volumes", COLUMNS, ROWS[:1])})
        assert tableNodes(copied)["volumes"] is not tables["volumes"]
        assertContents(tableNodes(original)["volumes"])
