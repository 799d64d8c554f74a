"""A small scripted module, written the way Slicer's template writes one: counts voxels on one side of a threshold."""

import enum
from pathlib import Path
from typing import Annotated

import numpy as np
import slicer
import vtk
from slicer import vtkMRMLScalarVolumeNode, vtkMRMLTableNode
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

ANSWER = "first"


class Unit(enum.Enum):
    VOXELS = 1
    MILLILITRES = 2


class VoxelCount(ScriptedLoadableModule):
    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Voxel Count")
        self.parent.categories = ["Testing"]


@parameterNodeWrapper
class VoxelCountParameterNode:
    inputVolume: vtkMRMLScalarVolumeNode
    threshold_hu: Annotated[float, WithinRange(-1000, 0)] = -500
    side: Annotated[str, Choice(["below", "above"])] = "below"
    unit: Unit
    step: Annotated[int, WithinRange(1, 4)] = 1
    ignoreBorder: bool = False
    note: str
    outputFolder: Path
    outputTable: vtkMRMLTableNode


class VoxelCountWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self._parameterNode, self._guiTag = None, None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        panel = slicer.util.loadUI(self.resourcePath("UI/VoxelCount.ui"))
        self.layout.addWidget(panel)
        self.ui = slicer.util.childWidgetVariables(panel)
        panel.setMRMLScene(slicer.mrmlScene)
        self.logic = VoxelCountLogic()
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.ui.countButton.connect("clicked(bool)", self.onCount)
        self.initializeParameterNode()

    def cleanup(self):
        self.setParameterNode(None)
        self.removeObservers()

    def enter(self):
        self.initializeParameterNode()

    def exit(self):
        self.setParameterNode(None)

    def onSceneStartClose(self, caller, event):
        self.setParameterNode(None)

    def onSceneEndClose(self, caller, event):
        if self.parent.isEntered:
            self.initializeParameterNode()

    def initializeParameterNode(self):
        self.setParameterNode(self.logic.getParameterNode())
        if not self._parameterNode.inputVolume:
            self._parameterNode.inputVolume = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")

    def setParameterNode(self, parameterNode):
        if self._parameterNode:
            self._parameterNode.disconnectGui(self._guiTag)
            self.removeObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self.checkCanCount)
        self._parameterNode = parameterNode
        if parameterNode:
            self._guiTag = parameterNode.connectGui(self.ui)
            self.addObserver(parameterNode, vtk.vtkCommand.ModifiedEvent, self.checkCanCount)
            self.checkCanCount()

    def checkCanCount(self, caller=None, event=None):
        self.ui.countButton.enabled = self._parameterNode and self._parameterNode.inputVolume

    def onCount(self):
        with slicer.util.tryWithErrorDisplay(_("Counting failed."), waitCursor=True):
            table = self._parameterNode.outputTable or slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Count")
            self._parameterNode.outputTable = table
            count = self.logic.count(self._parameterNode)
            slicer.util.updateTableFromArray(table, [np.array([count])], ["Voxels"])
            self.ui.resultLabel.text = str(count)
            self.ui.resultTable.setMRMLTableNode(table)


class VoxelCountLogic(ScriptedLoadableModuleLogic):
    def getParameterNode(self):
        return VoxelCountParameterNode(super().getParameterNode())

    def count(self, parameters):
        voxels = slicer.util.arrayFromVolume(parameters.inputVolume)
        if not voxels.size:
            raise ValueError("the volume has no voxels")
        below = int((voxels < parameters.threshold_hu).sum())
        return below if parameters.side == "below" else voxels.size - below


class VoxelCountTest(ScriptedLoadableModuleTest):
    def setUp(self):
        slicer.mrmlScene.Clear()

    def test_count(self):
        parameters = VoxelCountLogic().getParameterNode()
        parameters.inputVolume = slicer.util.addVolumeFromArray(np.array([[[-900, -100]]], np.int16))
        self.delayDisplay("counting")
        self.assertEqual(VoxelCountLogic().count(parameters), 1)
