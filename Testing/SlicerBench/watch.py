"""What goes wrong out of sight of a test: errors in slots and observers, and messages of Qt."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

from PySide6 import QtCore

_HARMLESS = ("This plugin does not support",)
_GRAVE = (QtCore.QtMsgType.QtWarningMsg, QtCore.QtMsgType.QtCriticalMsg, QtCore.QtMsgType.QtFatalMsg)


class UncaughtErrors:
    """Collects what Qt and VTK print and forget: exceptions of slots and observers, and Qt's own warnings.

    Examples
    --------
    >>> with UncaughtErrors() as errors:
    ...     button.click()
    >>> errors.take()
    [ValueError('no volume')]
    """

    def __init__(self) -> None:
        self._errors: list[BaseException] = []
        self._messages: list[str] = []

    def __enter__(self) -> UncaughtErrors:
        self._hookBefore, sys.excepthook = sys.excepthook, self._collect
        self._handlerBefore = QtCore.qInstallMessageHandler(self._collectMessage)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.excepthook = self._hookBefore
        QtCore.qInstallMessageHandler(self._handlerBefore)

    def _collect(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._errors.append(error)

    def _collectMessage(self, kind: QtCore.QtMsgType, context: QtCore.QMessageLogContext, message: str) -> None:
        if kind in _GRAVE and not message.startswith(_HARMLESS):
            self._messages.append(message)

    def take(self) -> list[BaseException]:
        """Give the exceptions that a test expected, and forget them."""
        taken, self._errors = self._errors, []
        return taken

    def takeMessages(self) -> list[str]:
        """Give the warnings of Qt that a test expected, and forget them."""
        taken, self._messages = self._messages, []
        return taken

    def report(self) -> str:
        """Write down all that was not taken; empty where nothing went wrong."""
        return "\n".join(["".join(traceback.format_exception(error)) for error in self._errors] + self._messages)
