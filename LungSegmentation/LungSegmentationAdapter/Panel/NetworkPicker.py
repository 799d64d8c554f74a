"""The list of networks, and "Other..." for one from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import qt
import slicer
import slicer.util
from slicer.i18n import tr as _
from slicer.i18n import translate

from LungSegmentationLib.errors import ModelError
from LungSegmentationLib.network.model_store import list_models, model_folders
from LungSegmentationLib.network.runners import OF_32_BITS

_OTHER = "..."


class NetworkPicker:
    """Shows and changes the name of a network, or the path of its card.

    Parameters
    ----------
    default : str
        Name of the network that is chosen where nothing is said.
    edited : callable
        ``edited(name)`` when the user chose another one.
    """

    def __init__(self, default: str, edited: Callable[[object], None]) -> None:
        self._default, self._edited, self._shown = default, edited, default
        self.widget = qt.QComboBox()
        self.widget.setMinimumContentsLength(12)
        self.widget.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)
        for name, title in _installed().items():
            self.widget.addItem(title + (_(" (default)") if name == default else ""), name)
        self.widget.addItem(_("Other..."), _OTHER)
        self.widget.connect("activated(int)", self._onActivated)
        self.show(default)

    def show(self, name: str) -> None:
        """Show a choice; one that is not installed here becomes an entry of its own."""
        self._shown = name
        if self.widget.findData(name) < 0:
            self.widget.insertItem(self.widget.count - 1, Path(name).name, name)
            self.widget.setItemData(self.widget.count - 2, name, qt.Qt.ToolTipRole)
        self.widget.setCurrentIndex(self.widget.findData(name))

    def _onActivated(self, index: int) -> None:
        name = self.widget.itemData(index)
        if name == _OTHER:
            kinds = _("Cards of networks (*.json *.onnx)")
            name = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("Choose a network"), "", kinds)
        if not name or name == self._shown:
            self.show(self._shown)
            return
        self.show(name)
        self._edited(name)


def _installed() -> dict[str, str]:
    """Map names of networks to their titles; a folder with a card that is wrong does not hide the others."""
    found: dict[str, str] = {}
    for folder in model_folders():
        try:
            models = list_models([folder])
        except ModelError:
            continue
        for model in models:
            if not model.card.name.endswith(OF_32_BITS):
                found.setdefault(model.card.name, translate("LungSegmentation.Networks", model.card.title))
    return found
