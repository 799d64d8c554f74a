"""Progress bar, step and Cancel: one background run at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import translate

from LungSegmentationLib.worker_job import Job, Outcome

from .BackgroundRun import BackgroundRun
from .PanelMessage import PanelMessage

_WHOLE = 1000


class PanelRun:
    """Runs jobs, and shows how far they are.

    Parameters
    ----------
    ui : namespace of widgets
        ``progressWidget``, ``progressBar``, ``stepLabel`` and ``cancelButton``.
    message : PanelMessage
    onChanged : callable
        Called when a run has begun or ended.
    """

    def __init__(self, ui: Any, message: PanelMessage, onChanged: Callable[[], None]) -> None:
        self._ui, self._message, self._onChanged = ui, message, onChanged
        self._run: BackgroundRun | None = None
        ui.progressBar.setRange(0, _WHOLE)
        ui.progressWidget.visible = False
        ui.cancelButton.connect("clicked()", self.cancel)

    def isRunning(self) -> bool:
        """Tell whether a job is being worked on."""
        return self._run is not None

    def start(self, job: Job, title: str, finish: Callable[[Outcome], None]) -> None:
        """Start a job; ``finish(outcome)`` is called at its end, and its errors are shown.

        Raises
        ------
        OutputError
            If the job cannot be handed over; nothing runs then.
        """
        if self.isRunning():
            raise RuntimeError("a job is being worked on; ask isRunning() first")
        run = BackgroundRun(self._onProgress, lambda outcome: self._onFinished(outcome, finish), self._onFailed, self._onEnded)
        self._onProgress(0.0, title)
        run.start(job)
        self._run = run
        self._ui.progressWidget.visible = True
        self._onChanged()

    def cancel(self) -> None:
        """Stop the job, if there is one; nothing is kept of it."""
        if self._run is not None:
            self._run.cancel()

    def _onProgress(self, fraction: float, text: str) -> None:
        self._ui.progressBar.value = round(_WHOLE * fraction)
        self._ui.stepLabel.text = translate("LungSegmentation.Steps", text)

    def _onFinished(self, outcome: Outcome, finish: Callable[[Outcome], None]) -> None:
        try:
            with self._message.errorsShown(waitCursor=True):
                finish(outcome)
        finally:
            self._onEnded()

    def _onFailed(self, text: str) -> None:
        self._onEnded()
        self._message.showError(text)

    def _onEnded(self) -> None:
        self._run = None
        self._ui.progressWidget.visible = False
        self._onChanged()
