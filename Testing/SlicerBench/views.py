"""The nodes and logics of Slicer's views: layout, slice views and 3D view, without their windows."""

from __future__ import annotations

import slicer
import vtk


def nodesOfClass(scene: slicer.vtkMRMLScene, className: str) -> list[slicer.vtkMRMLNode]:
    """List the nodes of a class."""
    return [scene.GetNthNodeByClass(index, className) for index in range(scene.GetNumberOfNodesByClass(className))]


class Views:
    """Real layout and slice logics; a layout that shows a table or a plot makes the view node for it.

    Parameters
    ----------
    scene : vtkMRMLScene
    applicationLogic : vtkMRMLApplicationLogic
    """

    def __init__(self, scene: slicer.vtkMRMLScene, applicationLogic: slicer.vtkMRMLApplicationLogic) -> None:
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
        self._scene = scene
        self.layoutLogic = slicer.vtkMRMLLayoutLogic()
        self.layoutLogic.SetMRMLApplicationLogic(applicationLogic)
        self.layoutLogic.SetMRMLScene(scene)
        self.sliceLogics = vtk.vtkCollection()
        for sliceNode in nodesOfClass(scene, "vtkMRMLSliceNode"):
            self._addSliceLogic(sliceNode, applicationLogic)
        applicationLogic.SetSliceLogics(self.sliceLogics)
        applicationLogic.SetViewLogics(vtk.vtkCollection())
        self.reset()

    def _addSliceLogic(self, sliceNode: slicer.vtkMRMLSliceNode, applicationLogic: slicer.vtkMRMLApplicationLogic) -> None:
        logic = slicer.vtkMRMLSliceLogic()
        logic.SetMRMLApplicationLogic(applicationLogic)
        logic.SetMRMLScene(self._scene)
        logic.SetSliceNode(sliceNode)
        self.sliceLogics.AddItem(logic)

    def layoutNode(self) -> slicer.vtkMRMLLayoutNode:
        return self.layoutLogic.GetLayoutNode()

    def reset(self) -> None:
        """Show the layout that Slicer starts with."""
        self.layoutNode().SetViewArrangement(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)

    def shownNodes(self, className: str) -> list[slicer.vtkMRMLAbstractViewNode]:
        """List the view nodes of a class that the present layout shows."""
        shown = self.layoutLogic.GetViewNodes()
        nodes = [shown.GetItemAsObject(index) for index in range(shown.GetNumberOfItems())]
        return [node for node in nodes if node.IsA(className)]

    def sliceLogic(self, layoutName: str) -> slicer.vtkMRMLSliceLogic | None:
        for index in range(self.sliceLogics.GetNumberOfItems()):
            logic = self.sliceLogics.GetItemAsObject(index)
            if logic.GetSliceNode().GetLayoutName() == layoutName:
                return logic
        return None
