"""Where a result's nodes stand in the subject hierarchy: beside the scan that they were made from."""

from __future__ import annotations

import slicer

from . import ResultNodes
from .Plots import CHARTS, chartOfRole


def placeNodes(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Put a segmentation, its tables and its charts beside the scan; without a patient or study, into one folder beside it.

    What a chart is drawn from stands under the chart. A segmentation that already stands somewhere in the hierarchy stays
    there, and its results come to it; results that were moved stay too.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
    volumeNode : vtkMRMLScalarVolumeNode
        In the same scene.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(segmentationNode.GetScene())
    parent = _parentForResults(hierarchy, segmentationNode, volumeNode)
    _place(hierarchy, segmentationNode, parent)
    # Charts first, so that what they are drawn from can stand under them.
    roles = sorted(ResultNodes.roles(segmentationNode), key=lambda role: chartOfRole(role) is not None)
    for role in roles:
        chart = chartOfRole(role)
        chartNode = ResultNodes.findNode(segmentationNode, CHARTS + chart) if chart else None
        _place(hierarchy, ResultNodes.findNode(segmentationNode, role), hierarchy.GetItemByDataNode(chartNode) if chartNode else parent)


def _parentForResults(
    hierarchy: slicer.vtkMRMLSubjectHierarchyNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
) -> int:
    placed = hierarchy.GetItemByDataNode(segmentationNode)
    if placed and hierarchy.GetItemParent(placed) != hierarchy.GetSceneItemID():
        return hierarchy.GetItemParent(placed)
    volumeItem = hierarchy.GetItemByDataNode(volumeNode) or hierarchy.CreateItem(hierarchy.GetSceneItemID(), volumeNode)
    beside = hierarchy.GetItemParent(volumeItem)
    constants = slicer.vtkMRMLSubjectHierarchyConstants
    levels = (constants.GetDICOMLevelStudy(), constants.GetDICOMLevelPatient())
    if any(hierarchy.GetItemAncestorAtLevel(volumeItem, level) for level in levels):
        return beside
    return hierarchy.CreateFolderItem(beside, hierarchy.GenerateUniqueItemName(f"Results of {segmentationNode.GetName()}"))


def _place(hierarchy: slicer.vtkMRMLSubjectHierarchyNode, node: slicer.vtkMRMLNode, parent: int) -> None:
    item = hierarchy.GetItemByDataNode(node)
    if not item:
        hierarchy.CreateItem(parent, node)
    elif hierarchy.GetItemParent(item) == hierarchy.GetSceneItemID():
        hierarchy.SetItemParent(item, parent)
