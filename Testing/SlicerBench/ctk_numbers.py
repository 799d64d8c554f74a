"""CTK's widgets for one number, and for a range."""

from __future__ import annotations

import math
from typing import Any

from PySide6 import QtCore, QtWidgets
from PySide6.QtCore import Property, Signal

from . import pythonqt
from .properties import forwarded, row, stored


class _Number:
    """What the widgets for one number share: a spin box, and a slider where there is one."""

    def _build(self, *parts: str) -> None:
        self._spinBox, self._slider = QtWidgets.QDoubleSpinBox(), QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal)
        self._spinBox.setRange(0, 99)
        self._slider.setRange(0, 10000)
        for part in (self._spinBox, self._slider):
            part.setParent(self)
            part.visible = False
        shown = [getattr(self, part) for part in parts]
        row(self, *shown)
        for part in shown:
            part.visible = True
        self._spinBox.connect("valueChanged(double)", self._spinBoxChanged)
        self._slider.connect("sliderMoved(int)", self._sliderMoved)
        self._showOnSlider()

    def _span(self) -> float:
        return (self._spinBox.maximum - self._spinBox.minimum) or 1.0

    def _sliderMoved(self, position: int) -> None:
        self._spinBox.value = self._spinBox.minimum + self._span() * position / 10000

    def _spinBoxChanged(self, value: float) -> None:
        self._showOnSlider()
        self._valueChanged(value)

    def _valueChanged(self, value: float) -> None:
        self.valueChanged.emit(value)

    def _showOnSlider(self) -> None:
        position = (self._spinBox.value - self._spinBox.minimum) / self._span()
        self._slider.value = 10000 * position if math.isfinite(position) else 0

    def _setLimit(self, name: str, value: float) -> None:
        setattr(self._spinBox, name, value)
        self._showOnSlider()

    def setValue(self, value: float) -> None:
        self._spinBox.setValue(value)


def _limit(name: str) -> Property:
    return Property(float, lambda self: getattr(self._spinBox, name), lambda self, value: self._setLimit(name, value))


@pythonqt.standsForCpp
class ctkSliderWidget(_Number, QtWidgets.QWidget):
    valueChanged = Signal(float)
    valueIsChanging = Signal(float)
    decimalsChanged = Signal(int)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._build("_slider", "_spinBox")

    def _valueChanged(self, value: float) -> None:
        self.valueIsChanging.emit(value)
        self.valueChanged.emit(value)

    minimum, maximum = _limit("minimum"), _limit("maximum")
    singleStep = forwarded(float, "_spinBox", "singleStep")
    decimals = forwarded(int, "_spinBox", "decimals")
    prefix = forwarded(str, "_spinBox", "prefix")
    suffix = forwarded(str, "_spinBox", "suffix")
    value = Property(float, lambda self: self._spinBox.value, _Number.setValue)
    pageStep = stored(float, "_pageStep", 10.0)
    tickInterval = stored(float, "_tickInterval", 0.0)
    tracking = stored(bool, "_tracking", True)
    invertedAppearance = stored(bool, "_invertedAppearance", False)
    popupSlider = stored(bool, "_popupSlider", False)
    spinBoxVisible = Property(bool, lambda self: not self._spinBox.isHidden(), lambda self, shown: self.setSpinBoxVisible(shown))

    def setSpinBoxVisible(self, shown: bool) -> None:
        self._spinBox.visible = shown

    def setDecimals(self, decimals: int) -> None:
        self.decimals = decimals
        self.decimalsChanged.emit(decimals)

    def reset(self) -> None:
        self.value = 0.0


@pythonqt.standsForCpp
class ctkDoubleSpinBox(_Number, QtWidgets.QWidget):
    valueChanged = Signal((float,), (str,))
    editingFinished = Signal()
    decimalsChanged = Signal(int)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._build("_spinBox")
        self._spinBox.editingFinished.connect(lambda: self.editingFinished.emit())

    minimum, maximum = _limit("minimum"), _limit("maximum")
    singleStep = forwarded(float, "_spinBox", "singleStep")
    decimals = forwarded(int, "_spinBox", "decimals")
    prefix = forwarded(str, "_spinBox", "prefix")
    suffix = forwarded(str, "_spinBox", "suffix")
    value = Property(float, lambda self: self._spinBox.value, _Number.setValue)
    readOnly = forwarded(bool, "_spinBox", "readOnly")
    frame = forwarded(bool, "_spinBox", "frame")
    cleanText = Property(str, lambda self: self._spinBox.cleanText)

    def stepUp(self) -> None:
        self._spinBox.stepUp()

    def stepDown(self) -> None:
        self._spinBox.stepDown()

    def setDecimals(self, decimals: int) -> None:
        self.decimals = decimals


@pythonqt.standsForCpp
class ctkDoubleSlider(_Number, QtWidgets.QWidget):
    valueChanged = Signal(float)
    sliderMoved = Signal(float)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(next((argument for argument in arguments if isinstance(argument, QtWidgets.QWidget)), None))
        self._build("_slider")

    minimum, maximum = _limit("minimum"), _limit("maximum")
    singleStep = forwarded(float, "_spinBox", "singleStep")
    value = Property(float, lambda self: self._spinBox.value, _Number.setValue)


@pythonqt.standsForCpp
class ctkRangeWidget(QtWidgets.QWidget):
    minimumValueChanged = Signal(float)
    maximumValueChanged = Signal(float)
    valuesChanged = Signal(float, float)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = QtWidgets.QDoubleSpinBox(), QtWidgets.QDoubleSpinBox()
        row(self, self._low, self._high)
        self._high.value = self._high.maximum
        self._low.connect("valueChanged(double)", self._lowChanged)
        self._high.connect("valueChanged(double)", self._highChanged)

    def _lowChanged(self, value: float) -> None:
        self._high.value = max(self._high.value, value)
        self.minimumValueChanged.emit(value)
        self.valuesChanged.emit(value, self._high.value)

    def _highChanged(self, value: float) -> None:
        self._low.value = min(self._low.value, value)
        self.maximumValueChanged.emit(value)
        self.valuesChanged.emit(self._low.value, value)

    def _setBoth(self, name: str, value: Any) -> None:
        for spinBox in (self._low, self._high):
            setattr(spinBox, name, value)

    minimumValue = forwarded(float, "_low", "value")
    maximumValue = forwarded(float, "_high", "value")
    minimum = Property(float, lambda self: self._low.minimum, lambda self, value: self._setBoth("minimum", value))
    maximum = Property(float, lambda self: self._low.maximum, lambda self, value: self._setBoth("maximum", value))
    singleStep = Property(float, lambda self: self._low.singleStep, lambda self, value: self._setBoth("singleStep", value))
    decimals = Property(int, lambda self: self._low.decimals, lambda self, value: self._setBoth("decimals", value))
    suffix = Property(str, lambda self: self._low.suffix, lambda self, value: self._setBoth("suffix", value))

    def setValues(self, minimumValue: float, maximumValue: float) -> None:
        self.minimumValue, self.maximumValue = minimumValue, maximumValue

    def setMinimumValue(self, value: float) -> None:
        self.minimumValue = value

    def setMaximumValue(self, value: float) -> None:
        self.maximumValue = value

    def setRange(self, minimum: float, maximum: float) -> None:
        self.minimum, self.maximum = minimum, maximum


@pythonqt.standsForCpp
class ctkDoubleRangeSlider(ctkRangeWidget):
    pass
