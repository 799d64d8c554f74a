"""All frames of a sequence (4D CT), one after the other, into one segmentation that is browsed with the scan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import slicer
from slicer.i18n import tr as _

from LungSegmentationLib.background.steps import Steps
from LungSegmentationLib.errors import LungSegmentationError

from ..Run.FrameSeries import OVER_TIME, FrameSeries
from ..Scene.Display import showTable
from ..Scene.ResultNodes import findNode
from ..Scene.Sequences import frameOf
from .PanelMessage import PanelMessage, inUsersLanguage

Keep = Callable[[Any, Any], Steps[None]]
Segment = Callable[[slicer.vtkMRMLScalarVolumeNode, Keep, Callable[[], None], Callable[[str], None]], None]


class PanelFrames:
    """The check box that is there while a volume of a sequence is chosen, and the run over its frames.

    Parameters
    ----------
    ui : namespace of widgets
        ``allFramesCheckBox`` and ``cancelButton``.
    message : PanelMessage
    segment : callable
        ``segment(volumeNode, keep, onDone, onFailed)`` starts with the frame that is shown; ``keep(result, measures)`` gives the steps at
        its end, and then one of the two is called, unless it is cancelled: ``onDone()``, or ``onFailed(reason)``.
    onChanged : callable
        ``onChanged(segmentationNode)`` when all is done; with None when it was given up.
    """

    def __init__(
        self, ui: Any, message: PanelMessage, segment: Segment, onChanged: Callable[[slicer.vtkMRMLSegmentationNode | None], None]
    ) -> None:
        self._ui, self._message, self._segment, self._onChanged = ui, message, segment, onChanged
        self._series: FrameSeries | None = None
        self._volumeNode: slicer.vtkMRMLScalarVolumeNode | None = None
        ui.cancelButton.connect("clicked()", self.stop)

    def isWanted(self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None) -> bool:
        """Tell whether a volume shows a sequence, all frames of which are to be segmented."""
        return bool(self._ui.allFramesCheckBox.checked and volumeNode is not None and frameOf(volumeNode))

    def isRunning(self) -> bool:
        """Tell whether a frame is being worked on, or is still to come."""
        return self._series is not None

    def update(self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None, running: bool) -> None:
        """Show the check box where there is a choice."""
        self._ui.allFramesCheckBox.visible = volumeNode is not None and bool(frameOf(volumeNode))
        self._ui.allFramesCheckBox.enabled = not running

    def start(self, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
        """Segment all frames; nothing of them is in the scene before the last one is done."""
        self._series, self._volumeNode = FrameSeries(volumeNode), volumeNode
        self._message.clear()
        self._next(0)

    def stop(self) -> None:
        """Give all frames up."""
        if self._series is not None:
            self._series.discard()
            self._series = None
            self._onChanged(None)

    def _next(self, number: int) -> None:
        series = self._series
        if series is None:
            return
        if number == series.count:
            self._finish(series)
            return
        series.show(number)
        try:
            self._segment(self._volumeNode, partial(series.add, number), partial(self._next, number + 1), partial(self._fail, number))
        except LungSegmentationError as error:
            self._fail(number, str(error))

    def _finish(self, series: FrameSeries) -> None:
        self._series = None
        segmentationNode = series.finish()
        self._onChanged(segmentationNode)
        showTable(findNode(segmentationNode, OVER_TIME))
        text = _("{count} frames were segmented: {name} shows that of the frame that is shown")
        self._message.showInformation(text.format(count=series.count, name=segmentationNode.GetName()))

    def _fail(self, number: int, reason: str) -> None:
        self.stop()
        said = inUsersLanguage(reason).rstrip(".")
        self._message.showError(_("Frame {number}: {reason}; no frame was kept").format(number=number + 1, reason=said))
