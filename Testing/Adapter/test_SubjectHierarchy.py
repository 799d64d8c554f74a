"""Where results stand in Slicer's own subject hierarchy node."""

import pytest

from LungSegmentationLib.background.steps import run_all

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
vtk = pytest.importorskip("vtk")
from LungSegmentationAdapter.Run import Measurement  # noqa: E402
from LungSegmentationAdapter.Scene import Centrelines, Nodes, Plots, SubjectHierarchy, Tables  # noqa: E402

from .outcome_helpers import makeResult, measured  # noqa: E402


@pytest.fixture
def nodes(mrmlScene):
    """Give volume node and segmentation node, the results shown but placed nowhere, and what stands under the scene."""
    result = makeResult()
    volumeNode = Nodes.addVolumeNode(mrmlScene, result.volume)
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
    made = measured(result)
    return volumeNode, segmentationNode, made


def hierarchyOf(scene):
    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)


def parentOf(node):
    hierarchy = hierarchyOf(node.GetScene())
    item = hierarchy.GetItemByDataNode(node)
    assert item
    return hierarchy.GetItemParent(item)


def resultNodes(segmentationNode):
    kinds = (Tables.tableNodes, Plots.chartNodes, Centrelines.centrelineNodes)
    return [segmentationNode, *(node for nodesOf in kinds for node in nodesOf(segmentationNode).values())]


def test_results_stand_beside_the_scan_in_its_study(mrmlScene, nodes):
    volumeNode, segmentationNode, made = nodes
    hierarchy = hierarchyOf(mrmlScene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "Patient")
    study = hierarchy.CreateStudyItem(patient, "Study")
    hierarchy.CreateItem(study, volumeNode)
    run_all(Measurement.showResult(segmentationNode, volumeNode, *made))
    assert {parentOf(node) for node in resultNodes(segmentationNode)} == {study}
    assert len(resultNodes(segmentationNode)) == 1 + 8 + 2 + 2


def test_without_a_study_they_stand_in_one_folder_and_curves_under_their_chart(mrmlScene, nodes):
    volumeNode, segmentationNode, made = nodes
    hierarchy = hierarchyOf(mrmlScene)
    # Slicer itself puts every new node under the scene at once.
    hierarchy.CreateItem(hierarchy.GetSceneItemID(), segmentationNode)
    run_all(Measurement.showResult(segmentationNode, volumeNode, *made))
    (folder,) = {parentOf(node) for node in resultNodes(segmentationNode)}
    assert hierarchy.GetItemLevel(folder) == "Folder"
    assert hierarchy.GetItemName(folder) == "Results of Lungs"
    assert hierarchy.GetItemParent(folder) == parentOf(volumeNode) == hierarchy.GetSceneItemID()
    for chart in Plots.chartNodes(segmentationNode).values():
        for index in range(chart.GetNumberOfPlotSeriesNodes()):
            assert parentOf(chart.GetNthPlotSeriesNode(index)) == hierarchy.GetItemByDataNode(chart)
    items = hierarchy.GetNumberOfItems()
    run_all(Measurement.showResult(segmentationNode, volumeNode, *made))
    assert hierarchy.GetNumberOfItems() == items
    children = vtk.vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), children, False)
    assert children.GetNumberOfIds() == 2


def test_what_a_user_moved_stays_and_new_results_follow_the_segmentation(mrmlScene, nodes):
    volumeNode, segmentationNode, made = nodes
    run_all(Measurement.showResult(segmentationNode, volumeNode, *made))
    hierarchy = hierarchyOf(mrmlScene)
    mine = hierarchy.CreateFolderItem(hierarchy.GetSceneItemID(), "mine")
    table = Tables.tableNodes(segmentationNode)["volumes"]
    folder = parentOf(table)
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(segmentationNode), mine)
    mrmlScene.RemoveNode(Tables.tableNodes(segmentationNode)["density"])
    run_all(Measurement.showResult(segmentationNode, volumeNode, *made))
    assert parentOf(table) == folder
    assert parentOf(segmentationNode) == parentOf(Tables.tableNodes(segmentationNode)["density"]) == mine
    SubjectHierarchy.placeNodes(segmentationNode, volumeNode)
    assert parentOf(segmentationNode) == mine
