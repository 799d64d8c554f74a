"""What Slicer's subject hierarchy plugins do on their own: an item for each data node that comes into the scene."""

from __future__ import annotations

import slicer
import vtk

_DATA_CLASSES = (
    "vtkMRMLVolumeNode",
    "vtkMRMLSegmentationNode",
    "vtkMRMLModelNode",
    "vtkMRMLMarkupsNode",
    "vtkMRMLTableNode",
    "vtkMRMLTextNode",
    "vtkMRMLPlotChartNode",
    "vtkMRMLPlotSeriesNode",
    "vtkMRMLTransformNode",
)


class SubjectHierarchyPlugins:
    """Follows ``qSlicerSubjectHierarchyPluginLogic``: hidden nodes get no item, and imported nodes only after the import."""

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self._scene = scene
        for event, callback in (
            (scene.NodeAddedEvent, self._nodeAdded),
            (scene.NodeAboutToBeRemovedEvent, self._nodeAboutToBeRemoved),
            (scene.EndImportEvent, self._importEnded),
            (scene.EndCloseEvent, self._closeEnded),
        ):
            scene.AddObserver(event, callback)

    def _addItem(self, node: slicer.vtkMRMLNode) -> None:
        if node.GetHideFromEditors() or not any(node.IsA(className) for className in _DATA_CLASSES):
            return
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)
        if not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _nodeAdded(self, scene: slicer.vtkMRMLScene, event: str, node: slicer.vtkMRMLNode) -> None:
        if isinstance(node, slicer.vtkMRMLSubjectHierarchyNode):
            slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
        elif not scene.IsImporting():
            self._addItem(node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _nodeAboutToBeRemoved(self, scene: slicer.vtkMRMLScene, event: str, node: slicer.vtkMRMLNode) -> None:
        if scene.IsClosing() or isinstance(node, slicer.vtkMRMLSubjectHierarchyNode):
            return
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
        item = hierarchy.GetItemByDataNode(node) if hierarchy else 0
        if item:
            hierarchy.RemoveItem(item, False, False)

    def _importEnded(self, scene: slicer.vtkMRMLScene, event: str) -> None:
        slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
        for index in range(scene.GetNumberOfNodes()):
            self._addItem(scene.GetNthNode(index))

    def _closeEnded(self, scene: slicer.vtkMRMLScene, event: str) -> None:
        slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
