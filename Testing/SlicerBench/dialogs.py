"""Answer Slicer's dialogs as a user does: read the text, press a button."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6 import QtCore, QtWidgets

from . import gui

_INTERVAL_MS = 5


class Answers:
    """The dialogs that came up, by their texts, and the buttons to press, in order."""

    def __init__(self, buttons: tuple[str, ...]) -> None:
        self._waiting, self.texts = list(buttons), []
        self._timer = QtCore.QTimer()
        self._timer.interval = _INTERVAL_MS
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        if self._waiting:
            raise AssertionError(f"no dialog came up to press {self._waiting} in")

    def _look(self) -> None:
        dialog = QtWidgets.QApplication.activeModalWidget()
        if not isinstance(dialog, QtWidgets.QMessageBox):
            return
        self.texts.append(dialog.text)
        named = {button.text.replace("&", ""): button for button in dialog.buttons()}
        if not self._waiting or self._waiting[0] not in named:
            dialog.reject()
            raise AssertionError(f"unexpected dialog '{dialog.text}' with the buttons {list(named)}; waiting to press {self._waiting}")
        named[self._waiting.pop(0)].click()


@contextmanager
def answered(*buttons: str) -> Iterator[Answers]:
    """Let Slicer show its dialogs, and press these buttons in the order that dialogs come up.

    Examples
    --------
    >>> with answered("Cancel") as answers:
    ...     slicer.util.confirmOkCancelDisplay("Install?")
    False
    >>> answers.texts
    ['Install?']
    """
    answers = Answers(buttons)
    gui.setTestingEnabled(False)
    answers.start()
    try:
        yield answers
    finally:
        gui.setTestingEnabled(True)
        answers._timer.stop()
    answers.stop()
