"""Progress bar, step and Cancel: one background run at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from slicer.i18n import translate

from LungSegmentationLib.background.jobs import AnyJob
from LungSegmentationLib.background.steps import Steps
from LungSegmentationLib.errors import LungSegmentationError, OutputError

from ..Run.BackgroundRun import BackgroundRun
from ..Run.EventLoopSteps import EventLoopSteps
from .PanelLog import PanelLog
from .PanelMessage import PanelMessage

_WHOLE = 1000


class PanelRun:
    """Runs jobs, and shows how far they are.

    Parameters
    ----------
    ui : namespace of widgets
        ``progressWidget``, ``progressBar``, ``stepLabel`` and ``cancelButton``.
    message : PanelMessage
    log : PanelLog
    onChanged : callable
        Called when a run has begun or ended.
    """

    def __init__(self, ui: Any, message: PanelMessage, log: PanelLog, onChanged: Callable[[], None]) -> None:
        self._ui, self._message, self._log, self._onChanged = ui, message, log, onChanged
        self._run: BackgroundRun | None = None
        self._finishing: EventLoopSteps | None = None
        self._discard: Callable[[], None] | None = None
        self._failedInstead: Callable[[str], None] | None = None
        self._heading = self._step = ""
        ui.progressBar.setRange(0, _WHOLE)
        ui.progressWidget.visible = False
        ui.cancelButton.connect("clicked()", self.cancel)

    def isRunning(self) -> bool:
        """Tell whether a job is being worked on."""
        return self._run is not None

    def start(
        self,
        handOver: Callable[[Path], Steps[AnyJob]],
        title: str,
        heading: str,
        finish: Callable[[Any], Steps[Callable[[], None] | None]],
        discard: Callable[[], None] | None = None,
        onFailed: Callable[[str], None] | None = None,
    ) -> None:
        """Start a job; its errors, and those at its end, are shown.

        Parameters
        ----------
        handOver : callable
            As in :meth:`LungSegmentationAdapter.Run.BackgroundRun.start`.
        title : str
            What is shown until the process says what it does.
        heading : str
            Of a dialog about what went wrong.
        finish : callable
            ``finish(outcome)`` gives the steps at its end, which give what is to be done once it has ended, or None.
        discard : callable, optional
            Called once the job has ended without these steps having come to their end.
        onFailed : callable, optional
            ``onFailed(reason)``: called instead of showing what went wrong.

        Raises
        ------
        OutputError
            If the job cannot be handed over; nothing runs then.
        """
        if self.isRunning():
            raise RuntimeError("a job is being worked on; ask isRunning() first")
        run = BackgroundRun(self._onProgress, lambda outcome: self._onReceived(finish(outcome)), self._onFailed, self._onDiscarded)
        self._heading, self._step = heading, ""
        self._onProgress(0.0, title)
        try:
            run.start(handOver)
        except OutputError:
            if discard is not None:
                discard()
            raise
        self._run, self._discard, self._failedInstead = run, discard, onFailed
        self._ui.progressWidget.visible = self._ui.cancelButton.enabled = True
        self._onChanged()

    def cancel(self) -> None:
        """Stop the job, if there is one; nothing is kept of it."""
        if self._finishing is not None:
            self._finishing.cancel()
            self._onDiscarded()
        elif self._run is not None:
            self._log.add("cancelled")
            self._run.cancel()

    def _onProgress(self, fraction: float, text: str) -> None:
        self._ui.progressBar.value = round(_WHOLE * fraction)
        self._ui.stepLabel.text = translate("LungSegmentation.Steps", text)
        if text != self._step:
            self._step = text
            self._log.add(text)

    def _onReceived(self, steps: Steps[Callable[[], None] | None]) -> None:
        # A result that is shown by half would be worse than one that came too late to be cancelled.
        self._ui.cancelButton.enabled = False
        if self._run is not None:
            self._log.add(self._run.log)
        self._finishing = EventLoopSteps(steps, self._onFinished, self._onFinishFailed)

    def _onFinished(self, afterwards: Callable[[], None] | None) -> None:
        self._log.add("shown")
        self._onEnded()
        if afterwards is not None:
            afterwards()

    def _onFinishFailed(self, error: Exception) -> None:
        self._log.add(f"failed: {error!r}")
        instead = self._failedInstead
        self._onDiscarded()
        if instead is not None and isinstance(error, LungSegmentationError):
            instead(str(error))
            return
        with self._message.errorsShown(self._heading):
            raise error

    def _onFailed(self, text: str, details: str) -> None:
        self._log.add(f"failed: {text}\n{self._run.log if self._run is not None else details}")
        instead = self._failedInstead
        self._onDiscarded()
        if instead is not None:
            instead(text)
        elif details:
            self._message.showFailure(self._heading, text, details)
        else:
            self._message.showError(text)

    def _onDiscarded(self) -> None:
        if self._discard is not None:
            self._discard()
        self._onEnded()

    def _onEnded(self) -> None:
        self._run = self._finishing = self._discard = self._failedInstead = None
        self._ui.progressWidget.visible = False
        self._onChanged()
