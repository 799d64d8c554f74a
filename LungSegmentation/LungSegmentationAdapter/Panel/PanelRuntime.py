"""What the network runs on, and a button that makes it faster; it is never asked for by itself."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ..Run import Dependencies, NetworkRuntime
from .PanelMessage import PanelMessage, inUsersLanguage
from .Templates import asSentence


class PanelRuntime:
    """The line in the section "Advanced".

    Parameters
    ----------
    ui : namespace of widgets
        ``runtimeLabel`` and ``runtimeButton``.
    message : PanelMessage
    """

    def __init__(self, ui: Any, message: PanelMessage) -> None:
        self._ui, self._message = ui, message
        ui.runtimeButton.connect("clicked()", self._onInstall)
        self.update()

    def update(self) -> None:
        """Show what the next run will use."""
        why = NetworkRuntime.whyNotOnnxRuntime()
        if why is None:
            text = _("ONNX Runtime is installed. The next run of the network tries it, and uses it if it gives the same result as numpy.")
        elif not why:
            text = _("The network runs by ONNX Runtime.")
        else:
            text = asSentence(_("The network runs in numpy, which Slicer has: {reason}").format(reason=inUsersLanguage(why)))
        self._ui.runtimeLabel.text = text
        self._ui.runtimeButton.visible = not Dependencies.ONNXRUNTIME.isInstalled()

    def _onInstall(self) -> None:
        with self._message.errorsShown(_("Failed to install ONNX Runtime")):
            Dependencies.offerOnnxRuntime()
        self.update()
