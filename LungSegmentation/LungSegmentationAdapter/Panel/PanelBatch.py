"""All loaded CT volumes one after the other, with the choices of the panel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import slicer
import slicer.util
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from LungSegmentationLib.errors import LungSegmentationError

from ..Scene.ResultNodes import isResult
from .PanelMessage import PanelMessage, inUsersLanguage

Segment = Callable[[slicer.vtkMRMLScalarVolumeNode, Callable[[], None], Callable[[str], None]], None]


class PanelBatch(VTKObservationMixin):  # type: ignore[misc]  # Slicer has no types
    """The button that is there while two volumes or more are loaded.

    Parameters
    ----------
    ui : namespace of widgets
        ``segmentAllButton`` and ``cancelButton``.
    message : PanelMessage
    segment : callable
        ``segment(volumeNode, onDone, onFailed)`` starts with one volume; exactly one of the two is called at its end, unless it is
        cancelled: ``onDone()``, or ``onFailed(reason)``.
    onChanged : callable
        Called when the last volume is done, or the rest is given up.
    """

    def __init__(self, ui: Any, message: PanelMessage, segment: Segment, onChanged: Callable[[], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._ui, self._message, self._segment, self._onChanged = ui, message, segment, onChanged
        self._waiting: list[slicer.vtkMRMLScalarVolumeNode] = []
        self._failures: list[str] = []
        self._count, self._current = 0, ""
        ui.segmentAllButton.connect("clicked()", self.start)
        ui.cancelButton.connect("clicked()", self.stop)
        scene = slicer.mrmlScene
        for event in (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndBatchProcessEvent, scene.EndCloseEvent):
            self.addObserver(scene, event, self._onSceneChanged)

    def isRunning(self) -> bool:
        """Tell whether a volume is being worked on, or is still to come."""
        return bool(self._current)

    def start(self) -> None:
        """Segment all loaded CT volumes, each into a segmentation of its own."""
        if self._ui.segmentAllButton.enabled and not self.isRunning():
            self._waiting, self._failures = [node for node in _volumes() if node.GetImageData() is not None], []
            self._count = len(self._waiting)
            self._message.clear()
            self._next()

    def stop(self) -> None:
        """Begin with no further volume; those that are done stay."""
        if self.isRunning():
            self._waiting, self._current = [], ""
            self._onChanged()

    def update(self, running: bool) -> None:
        """Show the button where there is something to do.

        Parameters
        ----------
        running : bool
            Whether the panel is at work on anything.
        """
        count, button = len(_volumes()), self._ui.segmentAllButton
        button.visible = count > 1 or self.isRunning()
        button.enabled = not running
        if self.isRunning():
            number = self._count - len(self._waiting)
            button.text = _("Segmenting {number} of {count}: {name}").format(number=number, count=self._count, name=self._current)
        else:
            button.text = _("Segment All {count} Loaded Volumes").format(count=count)

    def _next(self) -> None:
        if not self._waiting:
            self._current = ""
            self._report()
            return
        volumeNode = self._waiting.pop(0)
        self._current = volumeNode.GetName()
        onFailed = partial(self._onFailed, self._current)
        if volumeNode.GetScene() is None:
            onFailed(_("it was removed"))
            return
        try:
            self._segment(volumeNode, self._next, onFailed)
        except LungSegmentationError as error:  # what holds for all of them: a package, or the disk
            self.stop()
            self._message.showError(str(error))

    def _onFailed(self, name: str, reason: str) -> None:
        # The engine names the volume itself.
        said = inUsersLanguage(reason).removesuffix(".")
        self._failures.append(said if reason.startswith(name) else _("{name}: {reason}").format(name=name, reason=said))
        self._next()

    def _report(self) -> None:
        done = self._count - len(self._failures)
        text = _("{done} of {count} volumes were segmented").format(done=done, count=self._count)
        self._onChanged()
        if self._failures:
            self._message.showError(f"{text}. {'; '.join(self._failures)}")
        else:
            self._message.showInformation(text)

    def _onSceneChanged(self, caller: object = None, event: object = None) -> None:
        # The bar is there as long as the panel is at work.
        if not slicer.mrmlScene.IsBatchProcessing() and not slicer.mrmlScene.IsClosing():
            self.update(not self._ui.progressWidget.isHidden() or self.isRunning())


def _volumes() -> list[slicer.vtkMRMLScalarVolumeNode]:
    """List the volumes that a user loaded; not label maps, vectors, and what this module made."""
    nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return [
        node for node in nodes if node.GetClassName() == "vtkMRMLScalarVolumeNode" and not node.GetHideFromEditors() and not isResult(node)
    ]
