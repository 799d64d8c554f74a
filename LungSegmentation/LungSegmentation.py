"""3D Slicer module: right lung, left lung, airways and vessels from a chest CT, and their measures.

This file wires Slicer to the packages beside it: LungSegmentationAdapter (nodes, panel) and LungSegmentationLib (the engine).
Slicer imports it at start-up, so it imports them where they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

from LungSegmentationAdapter.Panel.ParameterNode import LungSegmentationParameterNode

if TYPE_CHECKING:
    from LungSegmentationAdapter.Run.SegmentationLogic import SegmentedLungs


class LungSegmentation(ScriptedLoadableModule):
    """What Slicer's module list says."""

    def __init__(self, parent: slicer.qSlicerScriptedLoadableModule) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Lung CT Segmentation")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Segmentations"]  # widgets of the panel are its
        self.parent.contributors = ["LungSegmentation contributors"]
        self.parent.helpText = _(
            "Segments the right lung, the left lung, the airways and the vessels in a chest CT by a method of your choice, and measures "
            "volumes, areas, density and vessels. Choose a volume and press Segment Lungs: it works in the background. "
            "Not a medical device: for research and teaching."
        )
        self.parent.acknowledgementText = _(
            "Each method names the publication that it comes from; see the documentation. Built on 3D Slicer, ITK, VTK, NumPy and SciPy."
        )
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData() -> None:
    """Offer the phantom in the module Sample Data."""
    from LungSegmentationAdapter.Scene import SampleDataSets

    thumbnail = Path(__file__).parent / "Resources" / "Icons" / "LungPhantom.png"
    SampleDataSets.registerSampleData(thumbnail if thumbnail.is_file() else None)


class LungSegmentationWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel in Slicer: its life, and the parameter node that it shows."""

    def __init__(self, parent: slicer.qSlicerScriptedLoadableModuleWidget | None = None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic: LungSegmentationLogic | None = None
        self._parameterNode: LungSegmentationParameterNode | None = None
        self._parameterNodeGuiTag: int | None = None

    def setup(self) -> None:
        """Called when the user opens the module for the first time, and after a reload."""
        ScriptedLoadableModuleWidget.setup(self)
        from LungSegmentationAdapter.Panel.Panel import Panel

        uiWidget = slicer.util.loadUI(self.resourcePath("UI/LungSegmentation.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        self.logic = LungSegmentationLogic()
        self.panel = Panel(self.ui, self.logic.getParameterNode)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        # After the selectors, which list the nodes of a loaded scene at this event.
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndBatchProcessEvent, self.onSceneEndBatch, priority=-10.0)
        self.initializeParameterNode()

    def cleanup(self) -> None:
        """Called when the application closes, and before a reload; a run is cancelled."""
        self.setParameterNode(None)
        self.removeObservers()
        if self.logic is not None:
            self.panel.cleanup()

    def onReload(self) -> None:
        """Read the helper packages anew too."""
        from LungSegmentationAdapter.Run.Reload import dropHelperPackages

        dropHelperPackages()
        ScriptedLoadableModuleWidget.onReload(self)

    def enter(self) -> None:
        """Called each time the user opens this module."""
        self.initializeParameterNode()

    def exit(self) -> None:
        """Called each time the user opens a different module; a run goes on, and edits of its result are noticed."""
        self._disconnectParameterNode()

    def onSceneStartClose(self, caller: object, event: object) -> None:
        """Called just before the scene is closed; a run is cancelled."""
        self.setParameterNode(None)
        self.panel.forgetScene()

    def onSceneEndClose(self, caller: object, event: object) -> None:
        """Called just after the scene is closed."""
        if self.parent.isEntered:
            self.initializeParameterNode()

    def onSceneEndBatch(self, caller: object, event: object) -> None:
        """Called after a scene was loaded: the parameter node changed before the nodes that it names were there."""
        if self.parent.isEntered and not slicer.mrmlScene.IsClosing():
            self.initializeParameterNode()

    def initializeParameterNode(self) -> None:
        """Make sure that the parameter node exists and is observed; where no volume is chosen, the one that is shown is."""
        from LungSegmentationAdapter.Scene.Display import shownOrFirstVolume

        parameterNode = self.logic.getParameterNode()
        if not parameterNode.inputVolume:
            parameterNode.inputVolume = shownOrFirstVolume()
        self.setParameterNode(parameterNode)

    def setParameterNode(self, inputParameterNode: LungSegmentationParameterNode | None) -> None:
        """Show and observe a parameter node; None shows none."""
        self._disconnectParameterNode()
        self._parameterNode = inputParameterNode
        if self.logic is not None:
            self.panel.setParameterNode(inputParameterNode)
        if self._parameterNode:
            # In the .ui file a dynamic property "SlicerParameterName" names the parameter of each widget.
            self._parameterNodeGuiTag = self._parameterNode.connectGui(self.ui)
            self.addObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._checkCanApply)
            self._checkCanApply()

    def _disconnectParameterNode(self) -> None:
        if self._parameterNodeGuiTag is not None:
            self._parameterNode.disconnectGui(self._parameterNodeGuiTag)
            self.removeObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._checkCanApply)
            self._parameterNodeGuiTag = None

    def _checkCanApply(self, caller: object = None, event: object = None) -> None:
        self.panel.onParametersModified()


class LungSegmentationLogic(ScriptedLoadableModuleLogic):
    """The module without its panel, for scripts."""

    def getParameterNode(self) -> LungSegmentationParameterNode:
        """Give the scene's parameter node; it is made where there is none."""
        return LungSegmentationParameterNode(super().getParameterNode())

    def process(
        self,
        inputVolume: slicer.vtkMRMLScalarVolumeNode,
        outputSegmentation: slicer.vtkMRMLSegmentationNode | None = None,
        method: str = "auto",
        parameters: Mapping[str, object] | None = None,
        airways: bool = True,
        vessels: bool = False,
        tables: bool = True,
        plots: bool = False,
        surfaces3D: bool = False,
        probabilityMap: bool = False,
        roi: slicer.vtkMRMLMarkupsROINode | None = None,
    ) -> SegmentedLungs:
        """Segment a volume in this process; returns when all is done.

        Parameters
        ----------
        inputVolume : vtkMRMLScalarVolumeNode
            A chest CT in Hounsfield units.
        outputSegmentation : vtkMRMLSegmentationNode, optional
            Where the result goes; a new one, named after the volume, by default.
        method : str
            Key of a method: network, connected-components, threshold, contour-tracking; auto chooses.
        parameters : mapping, optional
            Parameters of the method by name; the others keep their defaults.
        airways, vessels, tables, plots, surfaces3D, probabilityMap : bool
            What is wanted beside the lungs; only the network has a probability map.
        roi : vtkMRMLMarkupsROINode, optional
            A box; only what lies inside it is kept, and all figures are of that part alone.

        Returns
        -------
        SegmentedLungs
            Nodes, tables, quality flags, and the engine's result with arrays.

        Raises
        ------
        InputError
            If the volume is not a chest CT, no lung lies inside the box, or a parameter is unknown or out of range; the scene is
            unchanged then.
        """
        from LungSegmentationAdapter.Run.SegmentationLogic import Outputs, process

        outputs = Outputs(airways, vessels, tables, plots, surfaces3D, probabilityMap)
        return process(inputVolume, outputSegmentation, method, parameters, outputs, roi)


class LungSegmentationTest(ScriptedLoadableModuleTest):
    """Runs in Slicer (Reload and Test) and on the test bench."""

    def setUp(self) -> None:
        """Begin with an empty scene."""
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:
        """Run every test."""
        self.setUp()
        self.test_phantomVolumes()

    def test_phantomVolumes(self) -> None:
        """The lungs of the phantom have the phantom's volumes."""
        from LungSegmentationAdapter.Scene.Nodes import addVolumeNode
        from LungSegmentationLib.phantom import make_phantom

        self.delayDisplay("Making the phantom")
        phantom = make_phantom(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))
        volumeNode = addVolumeNode(slicer.mrmlScene, phantom.volume)
        self.delayDisplay("Segmenting the lungs")
        made = LungSegmentationLogic().process(volumeNode, method="connected-components", plots=True)
        truth = phantom.volumes_ml()
        for measured_ml, truth_ml in (
            (made.summary.right_ml, truth["label:right_lung"]),
            (made.summary.left_ml, truth["label:left_lung"]),
        ):
            self.assertAlmostEqual(measured_ml, truth_ml, delta=0.01 * truth_ml)
        self.assertEqual(made.segmentationNode.GetSegmentation().GetNumberOfSegments(), 3)
        self.assertIn("volumes", made.tableNodes)
        self.assertIn("area", made.chartNodes)
        self.delayDisplay("Test passed")
