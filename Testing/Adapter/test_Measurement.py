"""A result in the scene, saved, loaded, edited and measured again."""

import math
from dataclasses import replace

import numpy as np
import pytest

from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import LEFT_LUNG, RIGHT_LUNG, VESSEL_REGIONS
from LungSegmentationLib.measures import measure
from LungSegmentationLib.volume import to_canonical

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Run import Measurement  # noqa: E402
from LungSegmentationAdapter.Scene import Nodes, Plots, Segments, Tables  # noqa: E402

from .outcome_helpers import MIRRORED, columnValues, makeResult, measured, showResult, withoutVessels  # noqa: E402


def assertTables(segmentationNode, tables):
    """Compare every cell of every table node with the engine's tables."""
    nodes = Tables.tableNodes(segmentationNode)
    assert set(nodes) == set(tables)
    for key, table in tables.items():
        for column in table.columns:
            expected = [row[column.key] for row in table.rows]
            assert nodes[key].GetColumnUnitLabel(column.key) == column.unit
            for value, wanted in zip(columnValues(nodes[key], column.key), expected, strict=True):
                if wanted is None:
                    assert value == "" or math.isnan(value)
                else:
                    assert value == (wanted if isinstance(wanted, str) else pytest.approx(wanted, rel=1e-5, abs=1e-9)), (key, column.key)


def edit(segmentationNode, volumeNode, segmentId, box):
    """Erase a box from a segment, as the segment editor does."""
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(segmentationNode, segmentId, volumeNode).copy()
    mask[box] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentationNode, segmentId, volumeNode)


def test_what_was_shown_is_read_back(mrmlScene, direction):
    result = makeResult(direction)
    volumeNode, segmentationNode, made = showResult(mrmlScene, result)
    assertTables(segmentationNode, measure(result).tables)
    back = Measurement.resultFromNodes(segmentationNode, volumeNode)
    np.testing.assert_array_equal(back.labels, result.labels)
    np.testing.assert_array_equal(back.vessels, result.vessels)
    np.testing.assert_array_equal(back.volume.voxels_hu, result.volume.voxels_hu)
    assert (back.method, back.parameters, back.vessel_rule, back.warnings) == (
        "threshold",
        {"closing_mm": 6.0},
        "tubularity",
        result.warnings,
    )
    _, again = Measurement.measureAgain(segmentationNode, volumeNode)
    assert again.flags == made.measures.flags
    assert again.tables.keys() == made.measures.tables.keys()
    assertTables(segmentationNode, made.measures.tables)


def test_an_edit_is_measured_and_said(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    box = (slice(1, 6), slice(3, 13), slice(2, 8))
    edit(segmentationNode, volumeNode, "right_lung", box)
    segmentationNode.GetSegmentation().GetSegment("right_lung").SetName("edited by hand")
    nodes = mrmlScene.GetNumberOfNodes()
    labels, vessels = made.result.labels.copy(), made.result.vessels.copy()
    labels[box] = np.where(labels[box] == RIGHT_LUNG, 0, labels[box])
    vessels[labels == 0] = 0  # vessels of lung that is no longer lung
    again, _ = Measurement.measureAgain(segmentationNode, volumeNode)
    np.testing.assert_array_equal(again.labels, labels)
    np.testing.assert_array_equal(again.vessels, vessels)
    assert again.method == "threshold, edited"
    assert again.parameters == {"closing_mm": 6.0}
    assertTables(segmentationNode, measure(replace(made.result, labels=labels, vessels=vessels)).tables)
    volumes = dict(zip(*(columnValues(Tables.tableNodes(segmentationNode)["volumes"], key) for key in ("region", "voxels")), strict=True))
    assert volumes["Right lung"] == (labels == RIGHT_LUNG).sum()
    assert mrmlScene.GetNumberOfNodes() == nodes


def test_vessels_belong_to_the_lung_in_which_they_lie(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    segmentation = segmentationNode.GetSegmentation()
    right, left = (region.key for region in VESSEL_REGIONS)
    terminology = segmentation.GetSegment(left).GetTerminology()
    segmentation.GetSegment(left).SetTerminology(segmentation.GetSegment(right).GetTerminology())
    back = Measurement.resultFromNodes(segmentationNode, volumeNode)
    np.testing.assert_array_equal(back.vessels, made.result.vessels)
    # A lung without vessels is no scan without vessels: they were looked for.
    segmentation.GetSegment(left).SetTerminology(terminology)
    for key in (left, right):
        segmentation.RemoveSegment(key)
    back = Measurement.resultFromNodes(segmentationNode, volumeNode)
    assert not back.vessels.any()
    assert back.method == "threshold, edited"
    run_all(Measurement.showResult(segmentationNode, volumeNode, *measured(withoutVessels(made.result))))
    assert Measurement.resultFromNodes(segmentationNode, volumeNode).vessels is None


def test_segments_that_came_from_elsewhere_are_measured(mrmlScene, labels):
    result = withoutVessels(makeResult())
    volumeNode = Nodes.addVolumeNode(mrmlScene, result.volume)
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Other")
    Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
    read, _ = Measurement.measureAgain(segmentationNode, volumeNode)
    assert (read.method, read.parameters) == ("segments of Other", {})
    assert read.vessels is None
    assertTables(segmentationNode, measure(result).tables)


def test_without_lungs_it_says_so_and_changes_nothing(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    for segmentId in ("right_lung", "left_lung"):
        edit(segmentationNode, volumeNode, segmentId, ...)
    with pytest.raises(InputError, match=r"no segment of 'Lungs' holds a voxel.*'ct'.*segment the lungs first"):
        Measurement.measureAgain(segmentationNode, volumeNode)
    assertTables(segmentationNode, made.measures.tables)


@pytest.mark.parametrize("direction", [np.eye(3), MIRRORED], ids=["identity", "left-handed, permuted"])
def test_everything_survives_a_scene_file(mrmlScene, direction, tmp_path):
    result = makeResult(direction, "Thorax 1.2 ü")
    _, segmentationNode, made = showResult(mrmlScene, result)
    charts = {key: chart.GetNumberOfPlotSeriesNodes() for key, chart in Plots.chartNodes(segmentationNode).items()}
    assert mrmlScene.WriteToMRB(str(tmp_path / "scene.mrb"), None, slicer.vtkMRMLMessageCollection())
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))

    (volumeNode,) = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    (segmentationNode,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    assertTables(segmentationNode, made.measures.tables)
    assert {key: chart.GetNumberOfPlotSeriesNodes() for key, chart in Plots.chartNodes(segmentationNode).items()} == charts
    area = Plots.chartNodes(segmentationNode)["area"].GetNthPlotSeriesNode(0)
    assert area.GetTableNode() is Tables.tableNodes(segmentationNode)["slices"]
    assert sum(columnValues(area.GetTableNode(), area.GetYColumnName())) > 0

    back = Measurement.resultFromNodes(segmentationNode, volumeNode)
    # Slicer's readers reverse the slices of left-handed volumes, so compare in canonical order.
    (expected, order), (actual, back_order) = to_canonical(result.volume), to_canonical(back.volume)
    np.testing.assert_array_equal(actual.voxels_hu, expected.voxels_hu)
    np.testing.assert_array_equal(back_order.apply(back.labels), order.apply(result.labels))
    np.testing.assert_array_equal(back_order.apply(back.vessels), order.apply(result.vessels))
    assert (back.method, back.parameters, back.warnings) == (result.method, result.parameters, result.warnings)
    nodes = mrmlScene.GetNumberOfNodes()
    Measurement.measureAgain(segmentationNode, volumeNode)
    assert mrmlScene.GetNumberOfNodes() == nodes
    assertTables(segmentationNode, made.measures.tables)


def test_real_reference_is_measured_as_the_engine_measures_it(mrmlScene, shared_data):
    volumeNode, referenceNode = (slicer.util.loadVolume(str(shared_data / f"tb1_002_{kind}.nii.gz")) for kind in ("ct", "ref"))
    volume = Nodes.ctVolumeFromNode(volumeNode)
    result = replace(
        makeResult(), volume=volume, labels=slicer.util.arrayFromVolume(referenceNode).astype(np.uint8), vessels=None, vessel_rule=None
    )
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "tb1_002")
    Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
    Measurement.measureAgain(segmentationNode, volumeNode)
    assertTables(segmentationNode, measure(result).tables)
    for label in (RIGHT_LUNG, LEFT_LUNG):
        assert (result.labels == label).sum() in columnValues(Tables.tableNodes(segmentationNode)["volumes"], "voxels")
