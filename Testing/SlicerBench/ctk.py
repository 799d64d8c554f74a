"""Slicer's ``ctk`` module: the widgets that the panel of a scripted module is made of.

Each class has the properties, slots and signals of the CTK class of its name and no others, so that what PythonQt does
not offer in Slicer is missing here too: ``ctkSliderWidget`` has a property ``minimum`` but no ``setMinimum()``.
"""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Property, Signal

from . import pythonqt
from .ctk_numbers import ctkDoubleRangeSlider, ctkDoubleSlider, ctkDoubleSpinBox, ctkRangeWidget, ctkSliderWidget
from .properties import forwarded, row, stored


class _Collapsing:
    """Hides its children, but those that were hidden before stay so when it opens again."""

    def _collapse(self, collapsed: bool) -> None:
        if collapsed:
            self._closed = [child for child in self.children() if isinstance(child, QtWidgets.QWidget) and not child.isHidden()]
        for child in self._closed:
            child.setVisible(not collapsed)

    def childEvent(self, event: QtCore.QChildEvent) -> None:
        super().childEvent(event)
        child = event.child()
        if event.polished() and getattr(self, "_collapsed", False) and isinstance(child, QtWidgets.QWidget) and child not in self._closed:
            self._closed.append(child)
            child.hide()


@pythonqt.standsForCpp
class ctkCollapsibleButton(_Collapsing, QtWidgets.QAbstractButton):
    contentsCollapsed = Signal(bool)

    def __init__(self, *arguments: Any) -> None:
        text = arguments[0] if arguments and isinstance(arguments[0], str) else ""
        parent = next((argument for argument in arguments if isinstance(argument, QtWidgets.QWidget)), None)
        super().__init__(parent)
        self._closed, self._collapsed = [], False
        self.text, self.checkable, self.checked = text, True, True
        self.sizePolicy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Minimum, QtWidgets.QSizePolicy.Policy.Preferred)
        self.setContentsMargins(0, self._headerHeight(), 0, 0)
        self.toggled.connect(lambda opened: self._setCollapsed(not opened))

    def _headerHeight(self) -> int:
        return self.fontMetrics().height() + 10

    def _setCollapsed(self, collapsed: bool) -> None:
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        self._collapse(collapsed)
        self.checked = not collapsed
        self.contentsCollapsed.emit(collapsed)

    collapsed = Property(bool, lambda self: self._collapsed, _setCollapsed)
    collapsedHeight = stored(int, "_collapsedHeight", 10)
    flat = stored(bool, "_flat", False)
    contentsLineWidth = stored(int, "_contentsLineWidth", 1)

    def hitButton(self, position: QtCore.QPoint) -> bool:
        return position.y() <= self._headerHeight()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        option = QtWidgets.QStyleOptionButton()
        option.initFrom(self)
        option.rect.setHeight(self._headerHeight())
        option.text = f"{'▸' if self._collapsed else '▾'} {self.text}"
        painter.drawControl(QtWidgets.QStyle.ControlElement.CE_PushButton, option)


@pythonqt.standsForCpp
class ctkCollapsibleGroupBox(_Collapsing, QtWidgets.QGroupBox):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._closed, self._collapsed = [], False
        self.checkable = True
        self.toggled.connect(lambda opened: self._setCollapsed(not opened))

    def _setCollapsed(self, collapsed: bool) -> None:
        if collapsed != self._collapsed:
            self._collapsed = collapsed
            self._collapse(collapsed)
            self.checked = not collapsed

    collapsed = Property(bool, lambda self: self._collapsed, _setCollapsed)
    collapsedHeight = stored(int, "_collapsedHeight", 14)


@pythonqt.standsForCpp
class ctkPathLineEdit(QtWidgets.QWidget):
    """The options of ``filters`` are those of QDir: 0x001 folders, 0x002 files, 0x020 writable."""

    currentPathChanged = Signal(str)
    validInputChanged = Signal(bool)
    Dirs, Files, Readable, Writable, Executable = 0x001, 0x002, 0x010, 0x020, 0x040

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = QtWidgets.QLineEdit()
        row(self, self._edit, QtWidgets.QToolButton())
        self._edit.textChanged.connect(self._changed)

    def _changed(self, text: str) -> None:
        self.currentPathChanged.emit(text)
        self.validInputChanged.emit(bool(text))

    def setCurrentPath(self, path: str) -> None:
        self._edit.text = path

    currentPath = Property(str, lambda self: self._edit.text, setCurrentPath)
    settingKey = stored(str, "_settingKey", "")
    label = stored(str, "_label", "")
    filters = stored("QVariant", "_filters", 0x3)
    nameFilters = stored("QStringList", "_nameFilters", ())
    showBrowseButton = stored(bool, "_showBrowseButton", True)
    showHistoryButton = stored(bool, "_showHistoryButton", True)

    def addCurrentPathToHistory(self) -> None:
        """History is kept in the settings of the application; nothing reads it here."""


@pythonqt.standsForCpp
class ctkDirectoryButton(QtWidgets.QWidget):
    directoryChanged = Signal(str)
    directorySelected = Signal(str)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(next((argument for argument in arguments if isinstance(argument, QtWidgets.QWidget)), None))
        self._button = QtWidgets.QPushButton()
        row(self, self._button)
        self._directory = "."

    def _setDirectory(self, path: str) -> None:
        if QtCore.QDir(path) != QtCore.QDir(self._directory):
            self._directory = self._button.text = QtCore.QDir(path).absolutePath()
            self.directoryChanged.emit(self._directory)

    directory = Property(str, lambda self: self._directory, _setDirectory)
    caption = stored(str, "_caption", "")
    text = forwarded(str, "_button", "text")


@pythonqt.standsForCpp
class ctkComboBox(QtWidgets.QComboBox):
    returnRelease = Signal()
    defaultText = stored(str, "_defaultText", "")
    forceDefault = stored(bool, "_forceDefault", False)


@pythonqt.standsForCpp
class ctkCheckBox(QtWidgets.QCheckBox):
    pass


@pythonqt.standsForCpp
class ctkCheckablePushButton(QtWidgets.QPushButton):
    checkBoxToggled = Signal(bool)
    checkBoxControlsButton = stored(bool, "_controls", True)
    checkBoxControlsButtonToggleState = stored(bool, "_controlsToggle", True)
    checkBoxUserCheckable = stored(bool, "_userCheckable", True)


@pythonqt.standsForCpp
class ctkColorPickerButton(QtWidgets.QPushButton):
    colorChanged = Signal(QtGui.QColor)

    def setColor(self, color: QtGui.QColor) -> None:
        if color != self.color:
            self._color = QtGui.QColor(color)
            self.colorChanged.emit(self._color)

    color = Property(QtGui.QColor, lambda self: getattr(self, "_color", QtGui.QColor("black")), setColor)
    displayColorName = stored(bool, "_displayColorName", True)


@pythonqt.standsForCpp
class ctkMessageBox(QtWidgets.QMessageBox):
    """Slicer asks for its deletion before it shows it; outside of an event loop, where tests run, that would end it at once."""

    dontShowAgainSettingsKey = stored(str, "_settingsKey", "")
    dontShowAgainVisible = stored(bool, "_dontShowAgainVisible", False)
    dontShowAgain = stored(bool, "_dontShowAgain", False)

    def deleteLater(self) -> None:
        delete = super().deleteLater
        self.finished.connect(lambda: delete())


@pythonqt.standsForCpp
class ctkFittedTextBrowser(QtWidgets.QTextBrowser):
    collapsed = stored(bool, "_collapsed", True)
    showDetailsText = stored(str, "_showDetailsText", "")
    hideDetailsText = stored(str, "_hideDetailsText", "")

    def setCollapsibleText(self, text: str) -> None:
        self.setText(text)


WIDGETS = [ctkDoubleRangeSlider, ctkDoubleSlider, ctkDoubleSpinBox, ctkRangeWidget, ctkSliderWidget]
WIDGETS += [value for name, value in list(vars().items()) if name.startswith("ctk") and value.__module__ == __name__]
