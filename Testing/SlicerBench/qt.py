"""Slicer's ``qt`` module: all of Qt in one namespace, by PythonQt's rules."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from types import ModuleType
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6 import QtCore, QtGui, QtNetwork, QtUiTools, QtWidgets

from . import ctk, mrml_widgets, pythonqt

_MODULES = (QtCore, QtGui, QtWidgets, QtNetwork, QtUiTools)
_PYSIDE_NAMES = {"Signal", "Slot", "Property", "QtCore", "QtGui", "QtWidgets", "QtNetwork", "QEnum", "QFlag", "ClassInfo", "Shiboken"}
_OWN_NAMES = ("QFileDialog", "QUiLoader", "SIGNAL")


class QtModule(ModuleType):
    """What ``import qt`` gives: the names of this file that Slicer has, and all of Qt's."""

    def __getattr__(self, name: str) -> Any:
        if name not in _PYSIDE_NAMES and not name.startswith("_"):
            own = (globals().get(name),) if name in _OWN_NAMES else ()
            found = [*own, *(getattr(module, name) for module in _MODULES if hasattr(module, name))]
            if found:
                return found[0]
        raise AttributeError(f"module 'qt' has no attribute '{name}'")


def SIGNAL(signature: str) -> str:
    return f"2{signature}"


@pythonqt.standsForCpp
class QFileDialog(QtWidgets.QFileDialog):
    """Its static functions give a path, or paths, alone."""

    @staticmethod
    def getOpenFileName(*arguments: Any) -> str:
        return QtWidgets.QFileDialog.getOpenFileName(*arguments)[0]

    @staticmethod
    def getOpenFileNames(*arguments: Any) -> list[str]:
        return QtWidgets.QFileDialog.getOpenFileNames(*arguments)[0]

    @staticmethod
    def getSaveFileName(*arguments: Any) -> str:
        return QtWidgets.QFileDialog.getSaveFileName(*arguments)[0]


@pythonqt.standsForCpp
class QUiLoader(QtUiTools.QUiLoader):
    """Loads a .ui file with the widgets of CTK and Slicer, and refuses what the file gets wrong."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._known = {cls.__name__: cls for module in (ctk, mrml_widgets) for cls in module.WIDGETS}
        for cls in self._known.values():
            self.registerCustomWidget(cls)

    def load(self, device: QtCore.QIODevice, parentWidget: QtWidgets.QWidget | None = None) -> QtWidgets.QWidget:
        root = ElementTree.fromstring(device.readAll().data())
        unknown = {element.findtext("class") for element in root.iter("customwidget")} - set(self._known)
        if unknown:
            raise RuntimeError(f"the bench has no widget class {', '.join(sorted(unknown))}: add it, if Slicer has it")
        connections = root.find("connections")
        if connections is not None:
            root.remove(connections)
        buffer = QtCore.QBuffer(self)
        buffer.setData(ElementTree.tostring(root))
        buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
        widget = super().load(buffer, parentWidget)
        if widget is None:
            raise RuntimeError(self.errorString())
        _checkProperties(root, widget)
        _connectAll(connections if connections is not None else [], widget)
        return widget


def _find(widget: QtWidgets.QWidget, name: str | None) -> QtCore.QObject:
    found = widget if widget.objectName == name else widget.findChild(QtCore.QObject, name)
    if found is None:
        raise RuntimeError(f"the .ui file connects '{name}', which is no widget of it")
    return found


def _checkProperties(root: ElementTree.Element, widget: QtWidgets.QWidget) -> None:
    """Refuse a property that the class lacks; a dynamic one says so by ``stdset="0"``."""
    for element in root.iter("widget"):
        made = _find(widget, element.get("name"))
        if made.className() != element.get("class"):
            raise RuntimeError(f"'{element.get('name')}' became a {made.className()}, not a {element.get('class')}")
        for prop in element.findall("property"):
            if prop.get("stdset") != "0" and made.metaObject().indexOfProperty(prop.get("name")) < 0:
                raise RuntimeError(f"{made.className()} '{element.get('name')}' has no property '{prop.get('name')}'")


def _connectAll(connections: list[ElementTree.Element] | ElementTree.Element, widget: QtWidgets.QWidget) -> None:
    for connection in connections:
        sender, receiver = (_find(widget, connection.findtext(end)) for end in ("sender", "receiver"))
        slot = (connection.findtext("slot") or "").partition("(")[0]
        sender.connect(connection.findtext("signal"), getattr(receiver, slot))


qt = QtModule("qt", __doc__)
