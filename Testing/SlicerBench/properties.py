"""Qt properties of the classes that stand for CTK's and Slicer's widgets, in few words."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets
from PySide6.QtCore import Property


def stored(kind: type | str, attribute: str, default: Any) -> Property:
    """Make a property that is kept and has no other effect."""

    def read(self: QtCore.QObject) -> Any:
        return getattr(self, attribute, default)

    def write(self: QtCore.QObject, value: Any) -> None:
        setattr(self, attribute, value)

    return Property(kind, read, write)


def forwarded(kind: type | str, part: str, name: str) -> Property:
    """Make a property that is the property of an inner widget."""

    def read(self: QtCore.QObject) -> Any:
        return getattr(getattr(self, part), name)

    def write(self: QtCore.QObject, value: Any) -> None:
        setattr(getattr(self, part), name, value)

    return Property(kind, read, write)


def row(parent: QtWidgets.QWidget, *widgets: QtWidgets.QWidget) -> None:
    """Lay widgets out side by side, without margins."""
    layout = QtWidgets.QHBoxLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
