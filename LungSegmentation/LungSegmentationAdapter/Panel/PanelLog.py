"""The panel's log: what each run did, for people, and to be copied into a report of a problem."""

from __future__ import annotations

import logging
import platform
import time
from typing import Any

import numpy as np
import qt
import slicer

from LungSegmentationLib.version import __version__

_MOST_LINES = 2000


class PanelLog:
    """Adds lines to ``logTextEdit``, and to Slicer's own log.

    Parameters
    ----------
    ui : namespace of widgets
        ``logTextEdit`` and ``copyLogButton``.
    """

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._start = time.monotonic()
        ui.logTextEdit.maximumBlockCount = _MOST_LINES
        ui.copyLogButton.connect("clicked()", self.copy)

    def begin(self, text: str) -> None:
        """Begin with a run: its lines are timed from now on."""
        self._start = time.monotonic()
        self._write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")

    def add(self, text: str) -> None:
        """Add one or more lines to the run."""
        seconds = time.monotonic() - self._start
        for line in text.strip().splitlines():
            self._write(f"{seconds:7.1f} s  {line}")

    def copy(self) -> None:
        """Copy everything, with the versions that a report of a problem needs."""
        qt.QApplication.clipboard().setText(f"{_versions()}\n{self._ui.logTextEdit.plainText}\n")

    def _write(self, line: str) -> None:
        self._ui.logTextEdit.appendPlainText(line)
        logging.info(line)


def _versions() -> str:
    application = f"Slicer {slicer.app.majorVersion}.{slicer.app.minorVersion} revision {slicer.app.revision}"
    below = f"Python {platform.python_version()}, numpy {np.__version__}, {platform.platform()}"
    return f"LungSegmentation {__version__}, {application}, {below}"
