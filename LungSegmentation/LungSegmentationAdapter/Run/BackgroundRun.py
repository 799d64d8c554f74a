"""Runs the engine in another process: progress, cancel, and a window that never freezes.

The process is ``LungSegmentationLib.background.worker`` under Slicer's own Python; what passes between the two is described in
:mod:`LungSegmentationLib.background.protocol`.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import qt
import slicer

import LungSegmentationLib
from LungSegmentationLib.background.jobs import AnyJob
from LungSegmentationLib.background.own_process import LINEAR_ALGEBRA_THREADS
from LungSegmentationLib.background.protocol import EXIT_DONE, INPUT_ERROR, LOG_NAME, START, parse_line, read_outcome, remove_job
from LungSegmentationLib.background.steps import Steps
from LungSegmentationLib.errors import LungSegmentationError, output_errors
from LungSegmentationLib.network.runtime_trial import TRIALS_VARIABLE

from .EventLoopSteps import EventLoopSteps
from .NetworkRuntime import trialsFile

_WORKER = "LungSegmentationLib.background.worker"
_TERMINATE_MS, _KILL_MS = 500, 400
_LOG_LINES, _FATAL = 5, "Fatal Python error"


def pythonExecutable() -> str:
    """Give Slicer's Python: ``PythonSlicer``, which the launcher puts on the path, or outside Slicer this Python."""
    return shutil.which("PythonSlicer") or sys.executable


class BackgroundRun:
    """One run of one job; make a new object for the next.

    Callbacks come from Qt's event loop, never from within :meth:`start`; ``onCancelled`` comes from within :meth:`cancel`.
    Exactly one of ``onFinished``, ``onFailed`` and ``onCancelled`` comes, and nothing after it.

    Parameters
    ----------
    onProgress : callable
        ``onProgress(fraction, text)``; fractions never fall.
    onFinished : callable
        ``onFinished(outcome)`` with what the job's ``received`` makes of what came back.
    onFailed : callable
        ``onFailed(message, details)``: a sentence for the user; and where the engine broke down what it wrote last, else an empty text.
    onCancelled : callable
        ``onCancelled()``, before :meth:`cancel` returns.

    Attributes
    ----------
    log : str
        What the process wrote for people; whole once a callback has come.
    """

    def __init__(
        self,
        onProgress: Callable[[float, str], None] | None = None,
        onFinished: Callable[[Any], None] | None = None,
        onFailed: Callable[[str, str], None] | None = None,
        onCancelled: Callable[[], None] | None = None,
    ) -> None:
        self._onProgress, self._onFinished, self._onFailed, self._onCancelled = onProgress, onFinished, onFailed, onCancelled
        self._process: qt.QProcess = None  # until it is started
        self._steps: EventLoopSteps | None = None
        self._job: AnyJob | None = None
        self._running = False
        self._received = b""
        self._lastLine: dict[str, Any] = {}
        self.workerPid: int | None = None
        self.log = ""

    def isRunning(self) -> bool:
        """Tell whether a callback is still to come."""
        return self._running

    def start(self, handOver: Callable[[Path], Steps[AnyJob]]) -> None:
        """Start the process, and hand the job over from the event loop while the process imports what it needs.

        Parameters
        ----------
        handOver : callable
            ``handOver(folder)`` gives the steps that write a job into a folder, and give the job; see
            :func:`LungSegmentationLib.background.protocol.write_job`.

        Raises
        ------
        OutputError
            When there is no temporary folder; nothing runs then, and no callback comes.
        """
        if self._process is not None:
            raise RuntimeError("a BackgroundRun is started once; make a new one")
        self._folder = _makeFolder()
        self._process = self._startProcess()
        self._running = True
        self._steps = EventLoopSteps(handOver(self._folder), self._onHandedOver, self._onStepsFailed)

    def cancel(self) -> None:
        """Stop the run within a second, with its process and files; safe at any time, and twice."""
        if not self._running:
            return
        self._running = False
        self._stopProcess()
        self._callLast(self._onCancelled)

    def _startProcess(self) -> qt.QProcess:
        process = qt.QProcess()
        environment = qt.QProcessEnvironment.systemEnvironment()
        package = str(Path(LungSegmentationLib.__file__).resolve().parents[1])
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, (package, environment.value("PYTHONPATH", "")))))
        name, value = LINEAR_ALGEBRA_THREADS  # here, because the process imports numpy with its first lines
        environment.insert(name, environment.value(name, value))
        environment.insert(TRIALS_VARIABLE, environment.value(TRIALS_VARIABLE, str(trialsFile())))
        environment.insert("PYTHONSAFEPATH", "1")  # a file named like a package in the current folder is not imported
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(str(self._folder / LOG_NAME))
        process.connect("readyReadStandardOutput()", self._readLines)
        process.connect("errorOccurred(QProcess::ProcessError)", self._onProcessError)
        process.connect("finished(int,QProcess::ExitStatus)", self._onProcessFinished)
        process.start(pythonExecutable(), ["-m", _WORKER, str(self._folder)])
        return process

    def _onHandedOver(self, job: AnyJob) -> None:
        self._job = job
        if self._process.state() != qt.QProcess.NotRunning:
            self._process.write(START)

    def _onStepsFailed(self, error: Exception) -> None:
        """Say what went wrong between the two processes: the scan is no CT, or the disk is full."""
        self._running = False
        self._stopProcess()
        known = isinstance(error, LungSegmentationError)
        reason = str(error) if known else f"the segmentation process could not be spoken to ({error}); try again"
        self._callLast(self._onFailed, reason, "" if known else self.log or repr(error))
        if not known and not isinstance(error, (OSError, ValueError)):
            raise error  # an error of ours: Slicer shows where it comes from

    def _stopProcess(self) -> None:
        """End the process. A launcher may lie between it and us, which would leave it behind when terminated alone."""
        process = self._process
        self._takeLines()
        process.closeWriteChannel()
        if self.workerPid and process.state() != qt.QProcess.NotRunning:
            with suppress(OSError):
                os.kill(self.workerPid, signal.SIGTERM)
        process.terminate()
        if process.state() != qt.QProcess.NotRunning and not process.waitForFinished(_TERMINATE_MS):
            process.kill()
            process.waitForFinished(_KILL_MS)
        self._dispose()

    def _dispose(self) -> None:
        if self._steps is not None:
            self._steps.cancel()
        with suppress(OSError):
            self.log = (self._folder / LOG_NAME).read_text(encoding="utf-8", errors="replace")
        remove_job(self._folder)
        # This may run within one of the process's own signals: it is kept, and deleted once they are over.
        self._process.deleteLater()

    def _readLines(self) -> None:
        for line in self._takeLines():
            if self._running and self._onProgress and "fraction" in line:
                self._onProgress(line["fraction"], line["text"])

    def _takeLines(self) -> list[dict[str, Any]]:
        *whole, self._received = (self._received + self._process.readAllStandardOutput().data()).split(b"\n")
        lines = [parse_line(line) for line in whole]
        for line in lines:
            self.workerPid = line.get("pid", self.workerPid)
            self._lastLine = line
        return lines

    def _onProcessError(self, error: int) -> None:
        if error == qt.QProcess.FailedToStart:
            # On Windows this comes from within start().
            qt.QTimer.singleShot(0, self._failToStart)

    def _failToStart(self) -> None:
        if self._running:
            reason = self._process.errorString()
            self._fail(
                f"the segmentation process {pythonExecutable()} could not be started ({reason}); check that Slicer is installed whole",
                reason,
            )

    def _onProcessFinished(self, exitCode: int, exitStatus: int) -> None:
        self._readLines()
        if not self._running:
            return
        done = exitStatus == qt.QProcess.NormalExit and exitCode == EXIT_DONE and "done" in self._lastLine
        if not done or self._job is None:
            self._fail(*self._describeFailure(exitCode, exitStatus))
            return
        self._steps = EventLoopSteps(read_outcome(self._job, self._folder), self._onReceived, self._onStepsFailed)

    def _onReceived(self, outcome: Any) -> None:
        self._running = False
        self._dispose()
        self._callLast(self._onFinished, outcome)

    def _fail(self, message: str, details: str) -> None:
        self._running = False
        self._dispose()
        self._callLast(self._onFailed, message, details)

    def _callLast(self, callback: Callable[..., None] | None, *arguments: object) -> None:
        """Make the last call, and let go of the scan and the callbacks, because the process's signals keep this object for a while."""
        self._job = self._onProgress = self._onFinished = self._onFailed = self._onCancelled = None
        if callback:
            callback(*arguments)

    def _describeFailure(self, exitCode: int, exitStatus: int) -> tuple[str, str]:
        """Give a sentence for the user, and the details of what broke down."""
        kind, message = self._lastLine.get("error"), self._lastLine.get("message")
        if kind == INPUT_ERROR:
            return str(message), ""
        if kind == MemoryError.__name__:
            reason = "there is not enough memory for this scan; close other data, or crop the volume"
        elif kind:
            reason = f"the segmentation failed ({kind}: {message})"
        else:
            how = f"exit code {exitCode}" if exitStatus == qt.QProcess.NormalExit else "it crashed or was killed"
            reason = f"the segmentation process ended unexpectedly ({how}), perhaps for want of memory; close other data and try again"
        return reason, self._endOfLog() or reason

    def _endOfLog(self) -> str:
        try:
            text = (self._folder / LOG_NAME).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        lines = [line for line in text.splitlines() if line.strip()]
        fatal = [number for number, line in enumerate(lines) if line.startswith(_FATAL)]
        # Python writes a crash with the last call first and ends it with a list of modules; a traceback ends with what matters.
        return "\n".join(lines[fatal[-1] :][:_LOG_LINES] if fatal else lines[-_LOG_LINES:])


def _makeFolder() -> Path:
    parent = slicer.app.temporaryPath
    with output_errors(f"the temporary folder {parent} cannot be written", "choose another one in the settings"):
        return Path(tempfile.mkdtemp(prefix="LungSegmentation-", dir=parent))
