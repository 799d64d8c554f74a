"""The module's panel: what its sections do together. The module file only wires it to Slicer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import slicer
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from LungSegmentationLib.background.jobs import AnyJob, Job
from LungSegmentationLib.background.jobs.compare import Compared
from LungSegmentationLib.background.steps import Steps
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.methods.network import DEFAULT_MODEL
from LungSegmentationLib.methods.network import METHOD as NETWORK
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume

from ..Run import Comparison, Measurement, NetworkRuntime, SegmentationLogic
from ..Run.SegmentationLogic import Outputs
from ..Scene import Display
from ..Scene.NodeSteps import MakeJob, handOver, whileThere
from ..Scene.Regions import drawAround, regionOfNode
from ..Scene.ResultSummary import readSummary, writeSummary
from ..Scene.SegmentEditor import openSegmentEditor
from ..Scene.Undo import Snapshot, takeSnapshot
from .MethodForm import MethodForm, methodValues
from .PanelBatch import PanelBatch
from .PanelComparison import PanelComparison
from .PanelExport import Measured, PanelExport
from .PanelFrames import PanelFrames
from .PanelLog import PanelLog
from .PanelMessage import PanelMessage, inUsersLanguage
from .PanelResult import PanelResult
from .PanelRun import PanelRun
from .PanelRuntime import PanelRuntime
from .PanelTexts import failedToExport, failedToMeasure, failedToSegment, outputsOf, runInWords
from .ParameterNode import LungSegmentationParameterNode
from .PresetPicker import PresetPicker

if TYPE_CHECKING:
    from LungSegmentationLib.measures import Measures


class Panel(VTKObservationMixin):  # type: ignore[misc]  # Slicer has no types
    """All sections, and what happens at a click.

    Parameters
    ----------
    ui : namespace of widgets
        Of ``LungSegmentation.ui``.
    getParameterNode : callable
        Gives the scene's parameter node, also while the module is not shown.
    """

    def __init__(self, ui: Any, getParameterNode: Callable[[], LungSegmentationParameterNode]) -> None:
        VTKObservationMixin.__init__(self)
        self._ui, self._getParameterNode = ui, getParameterNode
        self._parameterNode: LungSegmentationParameterNode | None = None
        self._volumeBefore: slicer.vtkMRMLScalarVolumeNode | None = None
        self._asking = False
        self._previous: tuple[slicer.vtkMRMLSegmentationNode, Snapshot] | None = None
        self._measured: tuple[slicer.vtkMRMLSegmentationNode, Measured] | None = None
        self._message = PanelMessage(ui.messageLabel)
        self._presets, self._methodForm = PresetPicker(ui.presetComboBox), MethodForm(ui)
        self._result, self._export, self._comparison = PanelResult(ui), PanelExport(ui), PanelComparison(ui)
        self._log, self._runtime = PanelLog(ui), PanelRuntime(ui, self._message)
        self._run = PanelRun(ui, self._message, self._log, self.update)
        self._batch = PanelBatch(ui, self._message, self._segmentOneOfMany, self.update)
        segmentFrame = lambda node, keep, onDone, onFailed: self._segment(node, None, onDone, onFailed, keep)  # noqa: E731
        self._frames = PanelFrames(ui, self._message, segmentFrame, self._onFramesDone)
        for button, act in (
            (ui.segmentButton, self.segment),
            (ui.measureButton, self.measureAgain),
            (ui.editButton, self.edit),
            (ui.restoreButton, self.restorePrevious),
            (ui.exportButton, self.exportFiles),
            (ui.compareButton, self.compare),
        ):
            button.connect("clicked()", act)
        ui.regionSelector.connect("nodeAddedByUser(vtkMRMLNode*)", self._drawRegion)

    def setParameterNode(self, parameterNode: LungSegmentationParameterNode | None) -> None:
        """Show another parameter node; None while the module is not shown or the scene is closed."""
        self._parameterNode = parameterNode
        self._followVolume(parameterNode.inputVolume if parameterNode else None)
        self._presets.setParameterNode(parameterNode)
        self._methodForm.setParameterNode(parameterNode)
        self._result.setSegmentationNode(parameterNode.outputSegmentation if parameterNode else None)
        self.update()

    def measuredOf(self, segmentationNode: slicer.vtkMRMLSegmentationNode) -> Measured | None:
        """Give what the last run measured; None where that was another segmentation, or segments that were edited since."""
        summary = readSummary(segmentationNode)
        if self._measured is None or self._measured[0] is not segmentationNode or summary is None or summary.edited:
            return None
        return self._measured[1]

    def isRunning(self) -> bool:
        """Tell whether something is being worked on."""
        return self._asking or self._run.isRunning() or self._batch.isRunning() or self._frames.isRunning()

    def cancel(self) -> None:
        """Stop what is being worked on; nothing is kept of it."""
        self._batch.stop()
        self._frames.stop()
        self._run.cancel()

    def forgetScene(self) -> None:
        """Let go of all that belongs to the scene, which is being closed."""
        self.cancel()
        self._previous = self._measured = None
        self._message.clear()
        self.setParameterNode(None)

    def cleanup(self) -> None:
        """Let go of everything: the panel goes."""
        self.forgetScene()
        self.removeObservers()
        self._presets.removeObservers()
        self._result.removeObservers()
        self._batch.removeObservers()

    def onParametersModified(self) -> None:
        """Follow what the user, or a script, chose."""
        parameters = self._parameterNode
        if parameters is None:
            return
        volumeNode = parameters.inputVolume
        if volumeNode is not self._volumeBefore:
            self._followVolume(volumeNode)
            if volumeNode is not None:
                Display.showInput(volumeNode)
            shownFor = SegmentationLogic.volumeOfSegmentation(parameters.outputSegmentation)
            if shownFor not in (None, volumeNode):  # another scan's result is not to be overwritten
                parameters.outputSegmentation = SegmentationLogic.segmentationOfVolume(volumeNode)
        self._presets.update()
        self._methodForm.update()
        self._result.setSegmentationNode(parameters.outputSegmentation)
        self.update()

    def _followVolume(self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """Notice when a volume gets its voxels after it was chosen, as volumes made by scripts do."""
        self.removeObservers()
        self._volumeBefore = volumeNode
        if volumeNode is not None:
            self.addObserver(volumeNode, volumeNode.ImageDataModifiedEvent, self.update)

    def update(self, caller: object = None, event: object = None) -> None:
        """Enable what can be done now, and say why the rest cannot."""
        parameters, running = self._parameterNode, self.isRunning()
        output = parameters.outputSegmentation if parameters else None
        reason = self._whyNotSegment()
        self._ui.segmentButton.enabled = not reason
        self._ui.segmentButton.toolTip = reason or _("Segment the lungs of the input volume in the background (Ctrl+Shift+L)")
        hasSegments = output is not None and output.GetSegmentation().GetNumberOfSegments() > 0
        usable = hasSegments and self._scanOf(output) is not None and not running
        for button in (self._ui.measureButton, self._ui.exportButton, self._ui.editButton):
            button.enabled = usable
        self._ui.restoreButton.enabled = not running and self._previous is not None and self._previous[0] is output
        self._ui.compareButton.enabled = usable and parameters is not None and parameters.referenceSegmentation is not None
        self._ui.probabilityMapCheckBox.enabled = parameters is not None and self._methodForm.method is NETWORK
        self._comparison.show(output)
        self._batch.update(running)
        self._frames.update(parameters.inputVolume if parameters else None, running)

    @property
    def _parameters(self) -> LungSegmentationParameterNode:
        """The parameter node, which is there whenever a button can be clicked."""
        return self._parameterNode if self._parameterNode is not None else self._getParameterNode()

    def segment(self) -> None:
        """Segment the input volume in the background; a second click while that runs does nothing."""
        if self._whyNotSegment():
            return
        with self._message.errorsShown(failedToSegment()):
            parameters = self._parameters
            output = parameters.outputSegmentation
            if self._frames.isWanted(parameters.inputVolume):
                self._frames.start(parameters.inputVolume)
                return
            if output is not None and not Measurement.isOfFrameShown(output, parameters.inputVolume):
                # Each frame of a sequence has a result of its own.
                parameters.outputSegmentation = SegmentationLogic.segmentationOfVolume(parameters.inputVolume)
            self._segment(parameters.inputVolume, parameters.outputSegmentation)

    def _segmentOneOfMany(
        self, volumeNode: slicer.vtkMRMLScalarVolumeNode, onDone: Callable[[], None], onFailed: Callable[[str], None]
    ) -> None:
        """Segment a volume into what this module made of it before, or into a new segmentation."""
        self._segment(volumeNode, SegmentationLogic.segmentationOfVolume(volumeNode), onDone, onFailed)

    def _onFramesDone(self, segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> None:
        self._parameters.outputSegmentation = segmentationNode or self._parameters.outputSegmentation
        self.update()

    def _segment(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None,
        onDone: Callable[[], None] | None = None,
        onFailed: Callable[[str], None] | None = None,
        keep: Callable[[Segmentation, Measures], Steps[None]] | None = None,
    ) -> None:
        parameters = self._getParameterNode()
        method = self._resolveMethod(parameters.method)
        outputs, values = outputsOf(parameters), methodValues(parameters, method)
        outputs = replace(outputs, probabilityMap=outputs.probabilityMap and method is NETWORK)
        if method is NETWORK:
            NetworkRuntime.checkNetwork(values.get("model", DEFAULT_MODEL))
        region = regionOfNode(parameters.regionOfInterest, volumeNode)
        makeJob = partial(SegmentationLogic.makeJob, method=parameters.method, parameters=values, outputs=outputs, region=region)

        def finish(made: tuple[Segmentation, Measures]) -> Steps[Callable[[], None] | None]:
            yield from keep(*made) if keep else self._onSegmented(volumeNode, segmentationNode, outputs, made)
            return onDone

        self._log.begin(runInWords(volumeNode, method.key))
        self._start(volumeNode, makeJob, _("Starting"), failedToSegment(), finish, onFailed=onFailed)

    def _drawRegion(self, roiNode: slicer.vtkMRMLMarkupsROINode) -> None:
        if self._parameters.inputVolume is not None:
            drawAround(roiNode, self._parameters.inputVolume)

    def measureAgain(self) -> None:
        """Measure the segments of the output segmentation as they are now, in the background."""
        if self.isRunning():
            return
        with self._message.errorsShown(failedToMeasure()):
            self._measure(self._parameters.outputSegmentation)

    def edit(self) -> None:
        """Open the output segmentation in the Segment Editor."""
        segmentationNode = self._parameters.outputSegmentation
        openSegmentEditor(segmentationNode, self._scanOf(segmentationNode))

    def restorePrevious(self) -> None:
        """Bring the segments back that the last run replaced."""
        if self.isRunning() or self._previous is None:
            return
        segmentationNode, snapshot = self._previous
        with self._message.errorsShown(_("Failed to restore the segments"), waitCursor=True):
            snapshot.restore(segmentationNode)
            self._previous = self._measured = None
            writeSummary(segmentationNode, None)
            if segmentationNode.GetAttribute(Measurement.RUN_ATTRIBUTE):
                self._measure(segmentationNode)
        self._result.update()
        self.update()

    def exportFiles(self) -> None:
        """Write the files that are ticked in the background; edited segments are measured before."""
        if self.isRunning():
            return
        segmentationNode = self._parameters.outputSegmentation
        with self._message.errorsShown(failedToExport()):
            self._export.check()
            if self.measuredOf(segmentationNode) is None:
                self._measure(segmentationNode, partial(self._exportMeasured, segmentationNode))
            else:
                self._exportMeasured(segmentationNode)

    def compare(self) -> None:
        """Compare the output segmentation with the reference in the background."""
        if self.isRunning():
            return
        output, reference = self._parameters.outputSegmentation, self._parameters.referenceSegmentation
        volumeNode = self._scanOf(output)

        def finish(compared: Compared) -> Steps[None]:
            yield from whileThere(Comparison.showComparison(output, volumeNode, compared), output, volumeNode)
            self.update()
            if compared.warnings:
                self._message.showError("; ".join(inUsersLanguage(text).removesuffix(".") for text in compared.warnings))

        heading = _("Failed to compare the segmentations")
        with self._message.errorsShown(heading):
            self._log.begin(
                _("Compare {segmentation} with {reference}").format(segmentation=output.GetName(), reference=reference.GetName())
            )
            self._start(volumeNode, partial(Comparison.readComparison, output, reference, volumeNode), _("Comparing"), heading, finish)

    def _whyNotSegment(self) -> str:
        if self.isRunning():
            return _("A segmentation is running; wait for it or cancel it")
        volumeNode = self._parameterNode.inputVolume if self._parameterNode else None
        if volumeNode is None:
            return _("Choose a chest CT as input volume first")
        if volumeNode.GetImageData() is None:
            return _("The input volume has no voxels; choose another one")
        return ""

    def _scanOf(self, segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
        """Give the scan that a segmentation belongs to; the input volume where the segmentation does not say, as one from a file."""
        return SegmentationLogic.volumeOfSegmentation(segmentationNode) or (self._parameterNode and self._parameterNode.inputVolume)

    def _resolveMethod(self, key: str) -> Any:
        """Get what the method needs. The user may be asked, and could click Segment meanwhile."""
        self._asking = True
        try:
            return SegmentationLogic.resolveMethod(key)
        finally:
            self._asking = False

    def _start(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        makeJob: MakeJob,
        title: str,
        heading: str,
        finish: Callable[[Any], Steps[Any]],
        discard: Callable[[], None] | None = None,
        onFailed: Callable[[str], None] | None = None,
    ) -> None:
        self._run.start(partial(handOver, volumeNode, makeJob), title, heading, finish, discard, onFailed)

    def _onSegmented(
        self,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        segmentationNode: slicer.vtkMRMLSegmentationNode | None,
        outputs: Outputs,
        made: tuple[Segmentation, Measures],
    ) -> Steps[None]:
        """Show a finished run where it was meant to go when it was started, whatever was chosen since."""
        before = None
        if segmentationNode is not None and segmentationNode.GetScene() and segmentationNode.GetSegmentation().GetNumberOfSegments() > 0:
            before = takeSnapshot(segmentationNode)
            yield
        shown = yield from SegmentationLogic.showResult(volumeNode, segmentationNode, *made, outputs)
        self._previous = (shown.segmentationNode, before) if before else None
        yield
        parameters = self._getParameterNode()
        if parameters.inputVolume is volumeNode and parameters.outputSegmentation in (None, segmentationNode):
            parameters.outputSegmentation = shown.segmentationNode
        elif not self._batch.isRunning():
            text = _("The lungs of {volume} are in {segmentation}")
            self._message.showInformation(text.format(volume=volumeNode.GetName(), segmentation=shown.segmentationNode.GetName()))
        self._onMeasured(shown.segmentationNode, *made)
        self._log.add("\n".join((made[0].method_reason, *made[0].warnings)))
        self._runtime.update()

    def _measure(self, segmentationNode: slicer.vtkMRMLSegmentationNode, afterwards: Callable[[], None] | None = None) -> None:
        volumeNode, outputs = self._scanOf(segmentationNode), outputsOf(self._getParameterNode())
        read: list[Segmentation] = []

        def makeJob(volume: CtVolume) -> Steps[Job]:
            result = yield from Measurement.readResult(segmentationNode, volumeNode, volume)
            read.append(result)
            own = result.labels, result.vessels, result.region
            return Job(result.volume, result.method, result.parameters, labels=own[0], vessel_labels=own[1], region=own[2])

        def finish(made: tuple[Segmentation, Measures]) -> Steps[Callable[[], None] | None]:
            steps = Measurement.showMeasures(segmentationNode, volumeNode, read[0], made[1], outputs.tables, outputs.plots)
            yield from whileThere(steps, segmentationNode, volumeNode)
            self._onMeasured(segmentationNode, read[0], made[1])
            return afterwards

        self._log.begin(f"Measure {segmentationNode.GetName()}")
        self._start(volumeNode, makeJob, _("Measuring"), failedToMeasure(), finish)

    def _exportMeasured(self, segmentationNode: slicer.vtkMRMLSegmentationNode) -> None:
        volumeNode, measured = self._scanOf(segmentationNode), self.measuredOf(segmentationNode)
        with self._message.errorsShown(failedToExport()):
            if volumeNode is None or measured is None:
                raise InputError(_("the segmentation or its CT volume was removed meanwhile; choose another and click Export again"))
            files = self._export.open(measured.measures, volumeNode.GetName())
            if files is None:
                return

            def makeJob(volume: CtVolume) -> Steps[AnyJob]:
                result = yield from Measurement.readResult(segmentationNode, volumeNode, volume)
                files.writeSegmentation(segmentationNode)
                yield
                return files.job(measured.completed(result), measured.measures)

            def finish(_names: tuple[str, ...]) -> Steps[None]:
                yield
                written = files.finish()
                sent = self._export.sendToDatabase(written)
                text = _("{count} files were written to {folder}") + (_("; the DICOM objects are in Slicer's database") if sent else "")
                self._message.showInformation(text.format(count=len(written), folder=written[0].parent))

            self._log.begin(f"Export {segmentationNode.GetName()}")
            self._start(volumeNode, makeJob, _("Reading the segments"), failedToExport(), finish, files.discard)

    def _onMeasured(self, segmentationNode: slicer.vtkMRMLSegmentationNode, result: Segmentation, measures: Measures) -> None:
        self._measured = (segmentationNode, Measured.of(result, measures))
        if self._parameterNode is not None and self._parameterNode.outputSegmentation is segmentationNode:
            self._result.setSegmentationNode(segmentationNode)
