"""Picker of window presets: sets a volume's window, and shows what is set, also when it is set elsewhere."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.util import VTKObservationMixin

from LungSegmentationLib.presets.window_level import window_level_presets

from ..Scene import Display
from .ParameterNode import LungSegmentationParameterNode

_CUSTOM = "custom"


class PresetPicker(VTKObservationMixin):  # type: ignore[misc]  # Slicer has no types
    """Follows the input volume of the parameter node.

    Parameters
    ----------
    comboBox : QComboBox
    """

    def __init__(self, comboBox: Any) -> None:
        VTKObservationMixin.__init__(self)
        self._comboBox = comboBox
        self._parameterNode: LungSegmentationParameterNode | None = None
        self._volumeNode: slicer.vtkMRMLScalarVolumeNode | None = None
        for preset in window_level_presets():
            title = translate("LungSegmentation.Presets", preset.title)
            if preset.level_hu is not None:
                title = _("{title} (level {level} HU, width {width} HU)").format(title=title, level=preset.level_hu, width=preset.width_hu)
            comboBox.addItem(title, preset.key)
        comboBox.addItem(_("Custom"), _CUSTOM)
        comboBox.connect("activated(int)", self._onChosen)

    def setParameterNode(self, parameterNode: LungSegmentationParameterNode | None) -> None:
        """Follow another parameter node; None follows none."""
        self._parameterNode = parameterNode
        self.update()

    def update(self) -> None:
        """Show the window of the input volume; one without a window of its own gets what was chosen last."""
        volumeNode = self._parameterNode.inputVolume if self._parameterNode else None
        if volumeNode is not self._volumeNode:
            self.removeObservers()
            self._volumeNode = volumeNode
            if volumeNode is not None:
                self._applyLastChoice(volumeNode)
                self.addObserver(volumeNode, volumeNode.DisplayModifiedEvent, self._onDisplayModified)
        self._show()

    def _applyLastChoice(self, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
        displayNode = volumeNode.GetScalarVolumeDisplayNode()
        untouched = displayNode is not None and displayNode.GetAutoWindowLevel()
        known = {preset.key for preset in window_level_presets()}
        last = self._parameterNode.windowPreset if self._parameterNode else ""
        if untouched and volumeNode.GetImageData() is not None and last in known:
            Display.applyPreset(volumeNode, last)

    def _onDisplayModified(self, caller: object = None, event: object = None) -> None:
        self._show()

    def _show(self) -> None:
        preset = Display.presetOfVolume(self._volumeNode)
        self._comboBox.enabled = self._volumeNode is not None
        self._comboBox.setCurrentIndex(self._comboBox.findData(preset.key if preset else _CUSTOM))

    def _onChosen(self, index: int) -> None:
        key = self._comboBox.itemData(index)
        if self._volumeNode is not None and self._parameterNode is not None and key != _CUSTOM:
            Display.applyPreset(self._volumeNode, key)
            self._parameterNode.windowPreset = key
        self._show()
