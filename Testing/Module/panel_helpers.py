"""The module's file, a small phantom that a run takes a second for, and its result."""

import functools
from dataclasses import replace
from pathlib import Path

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.phantom import make_phantom

MODULE_FILE = Path(__file__).resolve().parents[2] / "LungSegmentation" / "LungSegmentation.py"
METHOD = "connected-components"


@functools.cache
def phantom():
    return make_phantom(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))


@functools.cache
def phantomResult():
    return Job(phantom().volume, METHOD).run()


def addPhantom(scene, name="Phantom"):
    from LungSegmentationAdapter.Scene.Nodes import addVolumeNode

    return addVolumeNode(scene, replace(phantom().volume, name=name))


def addTruth(scene, volumeNode, name):
    from LungSegmentationAdapter.Scene import Segments
    from LungSegmentationLib.segmentation import Segmentation

    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    Segments.updateSegmentationNode(node, Segmentation(phantom().volume, phantom().labels, "truth"), volumeNode)
    return node


def nodeNames(scene, *classNames):
    """Name the nodes of these classes; of all results of a run by default."""
    classes = classNames or ("vtkMRMLSegmentationNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode")
    nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())]
    return [node.GetName() for node in nodes if any(node.IsA(name) for name in classes)]


class Panel:
    """The module's panel, used as a user does: choose, click, wait."""

    def __init__(self, module, runEventLoopUntil):
        self.module, self._runEventLoopUntil = module, runEventLoopUntil

    @property
    def widget(self):
        return self.module.widget

    @property
    def ui(self):
        return self.widget.ui

    @property
    def parameters(self):
        return self.widget.logic.getParameterNode()

    @property
    def message(self):
        return "" if self.ui.messageLabel.isHidden() else self.ui.messageLabel.text

    def isRunning(self):
        return self.widget.panel.isRunning()

    def choose(self, volumeNode, method=METHOD):
        self.ui.inputSelector.setCurrentNode(volumeNode)
        self.ui.methodComboBox.currentIndex = self.ui.methodComboBox.findData(method)

    def start(self):
        """Press Segment Lungs and wait until the engine works."""
        self.ui.segmentButton.click()
        assert self.isRunning(), self.message
        self._runEventLoopUntil(lambda: self.ui.progressBar.value > 20 or not self.isRunning(), 60)
        assert self.isRunning(), self.message

    def wait(self):
        self._runEventLoopUntil(lambda: not self.isRunning(), 120)

    def segment(self):
        self.ui.segmentButton.click()
        self.wait()

    def showResult(self, volumeNode, **outputs):
        """Put a result into the scene without a run, and choose it as output."""
        from LungSegmentationAdapter.Run.SegmentationLogic import Outputs, showResult

        made = run_all(showResult(volumeNode, None, *phantomResult(), Outputs(**outputs)))
        self.parameters.inputVolume, self.parameters.outputSegmentation = volumeNode, made.segmentationNode
        return made
