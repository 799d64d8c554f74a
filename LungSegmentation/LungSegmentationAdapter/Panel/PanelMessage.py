"""The panel's line for what went wrong, or well; a dialog only for what the user cannot mend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import slicer
import slicer.util
from slicer.i18n import translate

from LungSegmentationLib.errors import LungSegmentationError

from .Templates import asSentence, translated

# White on these can be read on light and dark themes alike.
GREEN, AMBER, RED = "#1d7a46", "#9a6200", "#b3261e"
_BOX = "QLabel {{ background: {colour}; color: white; padding: 6px; border-radius: 3px; }}"


def inUsersLanguage(text: str) -> str:
    """Translate a finding, a warning or an error of the engine; one that is not known stays as it is."""
    return translated(text, translate)


def colourLabel(label: Any, colour: str) -> None:
    """Give a label a background."""
    label.styleSheet = _BOX.format(colour=colour)


class PanelMessage:
    """Shows one sentence in a label that is hidden while there is nothing to say."""

    def __init__(self, label: Any) -> None:
        self._label = label
        self.clear()

    def clear(self) -> None:
        """Say nothing."""
        self._label.text = ""
        self._label.visible = False

    def showError(self, text: str) -> None:
        """Say what went wrong."""
        self._show(text, RED)

    def showInformation(self, text: str) -> None:
        """Say what happened."""
        self._show(text, GREEN)

    def showFailure(self, heading: str, text: str, details: str) -> None:
        """Say what broke down, in the line and in a dialog with its details."""
        self.showError(text)
        slicer.util.errorDisplay(f"{heading}.\n\n{asSentence(inUsersLanguage(text))}", detailedText=details)

    @contextmanager
    def errorsShown(self, heading: str, waitCursor: bool = False) -> Iterator[None]:
        """Show an error that the user can correct in the line; any other in Slicer's dialog under a heading, with its details."""
        self.clear()
        with slicer.util.tryWithErrorDisplay(f"{heading}.", waitCursor=waitCursor):
            try:
                yield
            except LungSegmentationError as error:
                self.showError(str(error))

    def _show(self, text: str, colour: str) -> None:
        self._label.text = asSentence(inUsersLanguage(text))
        colourLabel(self._label, colour)
        self._label.visible = True
