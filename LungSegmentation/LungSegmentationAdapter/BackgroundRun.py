"""Runs the engine in another process: progress, cancel, and a window that never freezes.

The process is ``LungSegmentationLib.worker`` under Slicer's own Python; what passes between the two is described in
:mod:`LungSegmentationLib.worker_job`.
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
from LungSegmentationLib.errors import OutputError
from LungSegmentationLib.worker_job import (
    EXIT_DONE,
    INPUT_ERROR,
    LOG_NAME,
    START,
    Job,
    Outcome,
    parse_line,
    read_outcome,
    remove_job,
    write_job,
)

_WORKER = "LungSegmentationLib.worker"
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
        ``onFinished(outcome)`` with a :class:`LungSegmentationLib.worker_job.Outcome`.
    onFailed : callable
        ``onFailed(message)``: a sentence for the user, with the last lines of the log where the engine broke down.
    onCancelled : callable
        ``onCancelled()``, before :meth:`cancel` returns.
    """

    def __init__(
        self,
        onProgress: Callable[[float, str], None] | None = None,
        onFinished: Callable[[Outcome], None] | None = None,
        onFailed: Callable[[str], None] | None = None,
        onCancelled: Callable[[], None] | None = None,
    ) -> None:
        self._onProgress, self._onFinished, self._onFailed, self._onCancelled = onProgress, onFinished, onFailed, onCancelled
        self._process: qt.QProcess | None = None
        self._running = False
        self._received = b""
        self._lastLine: dict[str, Any] = {}
        self.workerPid: int | None = None

    def isRunning(self) -> bool:
        """Tell whether a callback is still to come."""
        return self._running

    def start(self, job: Job) -> None:
        """Start the process and hand the job over.

        Parameters
        ----------
        job : LungSegmentationLib.worker_job.Job
            Its arrays are written to disk before this returns.

        Raises
        ------
        OutputError
            When the temporary folder cannot hold the job; nothing runs then, and no callback comes.
        """
        if self._process is not None:
            raise RuntimeError("a BackgroundRun is started once; make a new one")
        self._job = job
        self._folder = _makeFolder()
        self._process = self._startProcess()
        self._running = True
        try:
            write_job(job, self._folder)
        except OutputError:
            self._running = False
            self._stopProcess()
            raise
        if self._process.state() != qt.QProcess.NotRunning:
            self._process.write(START)

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
        environment.insert("PYTHONSAFEPATH", "1")  # a file named like a package in the current folder is not imported
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(str(self._folder / LOG_NAME))
        process.connect("readyReadStandardOutput()", self._readLines)
        process.connect("errorOccurred(QProcess::ProcessError)", self._onProcessError)
        process.connect("finished(int,QProcess::ExitStatus)", self._onProcessFinished)
        process.start(pythonExecutable(), ["-m", _WORKER, str(self._folder)])
        return process

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
                f"the segmentation process {pythonExecutable()} could not be started ({reason}); check that Slicer is installed whole"
            )

    def _onProcessFinished(self, exitCode: int, exitStatus: int) -> None:
        self._readLines()
        if not self._running:
            return
        if exitStatus != qt.QProcess.NormalExit or exitCode != EXIT_DONE or "done" not in self._lastLine:
            self._fail(self._describeFailure(exitCode, exitStatus))
            return
        try:
            outcome = read_outcome(self._folder, self._job.volume)
        except (OSError, ValueError) as error:
            self._fail(f"the result of the segmentation process could not be read ({error}); try again")
            return
        self._running = False
        self._dispose()
        self._callLast(self._onFinished, outcome)

    def _fail(self, message: str) -> None:
        self._running = False
        self._dispose()
        self._callLast(self._onFailed, message)

    def _callLast(self, callback: Callable[..., None] | None, *arguments: object) -> None:
        """Make the last call, and let go of the scan and the callbacks, because the process's signals keep this object for a while."""
        self._job = self._onProgress = self._onFinished = self._onFailed = self._onCancelled = None
        if callback:
            callback(*arguments)

    def _describeFailure(self, exitCode: int, exitStatus: int) -> str:
        kind, message = self._lastLine.get("error"), self._lastLine.get("message")
        if kind == INPUT_ERROR:
            return str(message)
        if kind == MemoryError.__name__:
            reason = "there is not enough memory for this scan; close other data, or crop the volume"
        elif kind:
            reason = f"the segmentation failed ({kind}: {message})"
        else:
            how = f"exit code {exitCode}" if exitStatus == qt.QProcess.NormalExit else "it crashed or was killed"
            reason = f"the segmentation process ended unexpectedly ({how}), perhaps for want of memory; close other data and try again"
        log = self._endOfLog()
        return f"{reason}\n\nLast lines of its log:\n{log}" if log else reason

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
    try:
        return Path(tempfile.mkdtemp(prefix="LungSegmentation-", dir=parent))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"the temporary folder {parent} cannot be written ({reason}); choose another one in the settings") from error
