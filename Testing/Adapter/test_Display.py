"""Window presets on real display nodes."""

import numpy as np
import pytest

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.presets.window_level import window_level_presets

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Scene import Display, Nodes, Plots, Tables  # noqa: E402

from .node_helpers import makeVolume  # noqa: E402
from .outcome_helpers import showResult  # noqa: E402


def test_every_preset_is_applied_and_recognised(mrmlScene):
    volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume())
    low, high = slicer.util.arrayFromVolume(volumeNode).min(), slicer.util.arrayFromVolume(volumeNode).max()
    displayNode = volumeNode.GetDisplayNode()
    for preset in window_level_presets():
        displayNode.AutoWindowLevelOn()
        Display.applyPreset(volumeNode, preset.key)
        assert not displayNode.GetAutoWindowLevel()
        expected = (preset.width_hu, preset.level_hu) if preset.key != "full_range" else (high - low, (high + low) / 2)
        assert (displayNode.GetWindow(), displayNode.GetLevel()) == expected
        assert Display.presetOfVolume(volumeNode) is preset
    Display.applyPreset(volumeNode)
    assert Display.presetOfVolume(volumeNode).key == "lung"


def test_a_window_of_the_users_own_is_no_preset(mrmlScene):
    volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume())
    Display.applyPreset(volumeNode)
    displayNode = volumeNode.GetDisplayNode()
    displayNode.SetWindowLevel(1500, -590)
    assert Display.presetOfVolume(volumeNode) is None
    displayNode.SetWindowLevel(1500, -600)
    assert Display.presetOfVolume(volumeNode).key == "lung"
    displayNode.AutoWindowLevelOn()
    assert Display.presetOfVolume(volumeNode) is None
    assert Display.presetOfVolume(None) is None


def test_a_volume_without_display_gets_one_and_one_without_voxels_is_refused(mrmlScene):
    volumeNode = slicer.util.addVolumeFromArray(np.arange(24, dtype=np.int16).reshape(2, 3, 4))
    volumeNode.RemoveAllDisplayNodeIDs()
    assert Display.presetOfVolume(volumeNode) is None
    Display.applyPreset(volumeNode, "mediastinum")
    assert Display.presetOfVolume(volumeNode).key == "mediastinum"
    empty = mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    for wrong, reason in ((empty, "'empty' has no voxels"), (None, "'nothing' has no voxels")):
        with pytest.raises(InputError, match=reason):
            Display.applyPreset(wrong)
    with pytest.raises(InputError, match="'liver'"):
        Display.applyPreset(volumeNode, "liver")


def test_a_volume_is_shown_in_every_slice_view(mrmlScene):
    volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume())
    Display.showVolume(volumeNode)
    assert slicer.app.applicationLogic().GetSelectionNode().GetActiveVolumeID() == volumeNode.GetID()


def test_tables_and_charts_are_brought_to_the_screen(mrmlScene):
    _, segmentationNode, _ = showResult(mrmlScene)
    layoutNode = mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode") or mrmlScene.AddNewNodeByClass("vtkMRMLLayoutNode")
    layoutNode.SetViewArrangement(layoutNode.SlicerLayoutFourUpView)
    selectionNode = slicer.app.applicationLogic().GetSelectionNode()
    tableNode, chartNode = Tables.tableNodes(segmentationNode)["volumes"], Plots.chartNodes(segmentationNode)["area"]
    Display.showTable(tableNode)
    assert layoutNode.GetViewArrangement() == layoutNode.SlicerLayoutFourUpTableView
    assert selectionNode.GetActiveTableID() == tableNode.GetID()
    Display.showChart(chartNode)
    assert layoutNode.GetViewArrangement() in (layoutNode.SlicerLayoutFourUpPlotTableView, layoutNode.SlicerLayoutFourUpPlotView)
    assert selectionNode.GetActivePlotChartID() == chartNode.GetID()


def test_surfaces_come_and_go_and_lungs_can_be_seen_through(mrmlScene):
    _, segmentationNode, _ = showResult(mrmlScene)
    displayNode = segmentationNode.GetDisplayNode()
    displayNode.SetSegmentOpacity3D("left_lung", 0.7)
    Display.showSurfaces(segmentationNode)
    opacities = {key: displayNode.GetSegmentOpacity3D(key) for key in segmentationNode.GetSegmentation().GetSegmentIDs()}
    assert opacities.pop("right_lung") == 0.4
    assert opacities.pop("left_lung") == 0.7  # the user's own
    assert set(opacities.values()) == {1.0}
    for key in ("right_lung", "airways", "left_lung_vessels"):
        assert segmentationNode.GetClosedSurfaceInternalRepresentation(key).GetNumberOfPolys() > 0


def test_an_input_is_shown_where_views_show_something_else_and_left_alone_where_they_show_it(mrmlScene):

    first, second = (Nodes.addVolumeNode(mrmlScene, makeVolume((6, 8, 10), name=name)) for name in ("first", "second"))
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    Display.showInput(first)
    assert {node.GetBackgroundVolumeID() for node in nodes} == {first.GetID()}
    sliceNode = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSliceNode")
    sliceNode.SetFieldOfView(12.0, 34.0, 1.0)
    Display.showInput(first)
    assert sliceNode.GetFieldOfView()[:2] == (12.0, 34.0), "the user's zoom stays"
    nodes[0].SetBackgroundVolumeID(second.GetID())
    Display.showPlace(first, (1, 1, 1))
    assert nodes[0].GetBackgroundVolumeID() == second.GetID(), "one view that shows the scan is enough"
    Display.showInput(first)
    assert {node.GetBackgroundVolumeID() for node in nodes} == {first.GetID()}
