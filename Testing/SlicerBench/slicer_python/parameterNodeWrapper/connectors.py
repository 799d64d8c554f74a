"""Tie one parameter to one widget: read, write, and be told of changes.

A widget must be of exactly the class that is named here, as in Slicer: a class derived from it is refused.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable
from typing import Any

import ctk
import qt
import slicer

from .annotations import Choice, Decimals, Maximum, Minimum, SingleStep, WithinRange, findFirstAnnotation, splitAnnotations
from .serializers import _PATHS, _isNodeClass

__all__ = ["GuiConnector", "createGuiConnector", "getNodeTypes", "isNodeOrUnionOfNodes"]

_WHOLE_NUMBER_WIDGETS = (qt.QSlider, qt.QSpinBox)
_BOUNDED_WIDGETS = (ctk.ctkSliderWidget, slicer.qMRMLSliderWidget, qt.QSlider)
_NUMBER_WIDGETS = (
    qt.QDoubleSpinBox,
    ctk.ctkSliderWidget,
    slicer.qMRMLSliderWidget,
    ctk.ctkDoubleSlider,
    ctk.ctkDoubleSpinBox,
    slicer.qMRMLSpinBox,
)


class GuiConnector:
    """One widget and how it is read and written; without a signal it only shows."""

    def __init__(self, widget: qt.QWidget, signal: str | None, read: Callable[[], Any], write: Callable[[Any], None]) -> None:
        self._widget, self._signal, self._callback = widget, signal, None
        self.read, self.write = read, write

    def widget(self) -> qt.QWidget:
        return self._widget

    def changed(self) -> None:
        if self._callback:
            self._callback()

    def onChanged(self, callback: Callable[[], None] | None) -> None:
        self._callback = callback
        if self._signal:
            bound = getattr(self._widget, self._signal)
            bound.disconnect(self.changed) if callback is None else bound.connect(self.changed)


def _property(widget: qt.QWidget, signal: str | None, name: str, type_: type | None = None) -> GuiConnector:
    """Tie to a property of the widget; a path is written as text and read back as path."""
    if type_ is None:
        return GuiConnector(widget, signal, lambda: getattr(widget, name), lambda value: setattr(widget, name, value))
    return GuiConnector(widget, signal, lambda: type_(getattr(widget, name)), lambda value: setattr(widget, name, str(value)))


def isNodeOrUnionOfNodes(datatype: Any) -> bool:
    """Tell whether a type is a node class, or a union of node classes and None."""
    bare = splitAnnotations(datatype)[0]
    if typing.get_origin(bare) is typing.Union:
        members = [splitAnnotations(member)[0] for member in typing.get_args(bare)]
        return all(_isNodeClass(member) or member is type(None) for member in members)
    return _isNodeClass(bare)


def getNodeTypes(datatype: Any) -> tuple[str, ...]:
    """Name the node classes of a type, as a node selector wants them."""
    bare = splitAnnotations(datatype)[0]
    members = typing.get_args(bare) if typing.get_origin(bare) is typing.Union else (bare,)
    return tuple(member().GetClassName() for member in (splitAnnotations(one)[0] for one in members) if _isNodeClass(member))


def _ofNumber(widget: qt.QWidget, type_: type, annotations: tuple[Any, ...]) -> GuiConnector:
    whole = type(widget) in _WHOLE_NUMBER_WIDGETS
    within, decimals = findFirstAnnotation(annotations, WithinRange), findFirstAnnotation(annotations, Decimals)
    low = within or findFirstAnnotation(annotations, Minimum)
    high = within or findFirstAnnotation(annotations, Maximum)
    if type(widget) in _BOUNDED_WIDGETS and not (low and high):
        raise RuntimeError(f"Cannot have a connection to {widget.className()} where the {type_.__name__} type is unbounded.")
    if type_ is int and not whole and not isinstance(widget, ctk.ctkDoubleSlider):
        widget.decimals = 0
    elif decimals and not whole and not isinstance(widget, ctk.ctkDoubleSlider):
        widget.decimals = decimals.value
    if step := findFirstAnnotation(annotations, SingleStep):
        widget.singleStep = step.value
    least, most = (-(2**31), 2**31 - 1) if whole else (float("-inf"), float("inf"))
    widget.minimum, widget.maximum = low.minimum if low else least, high.maximum if high else most
    return GuiConnector(widget, "valueChanged", lambda: type_(widget.value), lambda value: setattr(widget, "value", value))


def _ofChoice(widget: qt.QComboBox, labels: list[str], values: list[Any]) -> GuiConnector:
    widget.clear()
    widget.addItems(labels)

    def write(value: Any) -> None:
        if value not in values:
            raise ValueError(f"Unable to find value {value} in choices {values}")
        widget.currentIndex = values.index(value)

    return GuiConnector(widget, "currentIndexChanged", lambda: values[widget.currentIndex], write)


def _ofComboBox(widget: qt.QComboBox, type_: Any, annotations: tuple[Any, ...]) -> GuiConnector | None:
    if isinstance(type_, type) and issubclass(type_, enum.Enum):
        label = getattr(type_, "label", lambda member: member.name)
        return _ofChoice(widget, [label(member) for member in type_], list(type_))
    if type_ in (int, float, str, bool):
        choice = findFirstAnnotation(annotations, Choice)
        if choice is None:
            raise RuntimeError("ComboBoxToStringableConnector requires the Choice annotation to be used.")
        return _ofChoice(widget, [str(value) for value in choice.choices], list(choice.choices))
    return None


def _ofSwitch(widget: qt.QAbstractButton) -> GuiConnector | None:
    if type(widget) in (qt.QCheckBox, ctk.ctkCheckBox):
        return _property(widget, "stateChanged", "checked")
    if type(widget) in (qt.QPushButton, ctk.ctkCheckablePushButton):
        widget.checkable = True
        return _property(widget, "toggled", "checked")
    return None


def _ofText(widget: qt.QWidget) -> GuiConnector | None:
    if type(widget) is qt.QLineEdit:

        def write(text: str) -> None:
            if text != widget.text:  # writing moves the cursor to the end
                widget.text = text

        return GuiConnector(widget, "textChanged", lambda: widget.text, write)
    if type(widget) is qt.QLabel:
        return _property(widget, None, "text")
    if type(widget) is qt.QTextEdit:
        return GuiConnector(widget, "textChanged", widget.toPlainText, widget.setPlainText)
    return None


def _ofPath(widget: qt.QWidget, type_: type) -> GuiConnector | None:
    if type(widget) is ctk.ctkPathLineEdit:
        return _property(widget, "currentPathChanged", "currentPath", type_)
    if type(widget) is ctk.ctkDirectoryButton:
        return _property(widget, "directoryChanged", "directory", type_)
    return None


def _ofNode(widget: slicer.qMRMLNodeComboBox, datatype: Any) -> GuiConnector:
    widget.nodeTypes = getNodeTypes(datatype)
    return GuiConnector(widget, "currentNodeChanged", widget.currentNode, widget.setCurrentNode)


def _find(widget: qt.QWidget, datatype: Any) -> GuiConnector | None:
    type_, annotations = splitAnnotations(datatype)
    if type(widget) in (qt.QComboBox, ctk.ctkComboBox):
        return _ofComboBox(widget, type_, annotations)
    if type_ is bool:
        return _ofSwitch(widget)
    if (type_ is int and type(widget) in _WHOLE_NUMBER_WIDGETS) or (type_ in (int, float) and type(widget) in _NUMBER_WIDGETS):
        return _ofNumber(widget, type_, annotations)
    if type_ is str:
        return _ofText(widget)
    if type_ in _PATHS:
        return _ofPath(widget, type_)
    if isNodeOrUnionOfNodes(datatype) and type(widget) is slicer.qMRMLNodeComboBox:
        return _ofNode(widget, datatype)
    return None


def createGuiConnector(widget: qt.QWidget, datatype: Any) -> GuiConnector:
    """Tie a widget to a parameter's type.

    Raises
    ------
    RuntimeError
        Where the widget can not show such a value, or lacks an annotation that it needs.
    """
    connector = _find(widget, datatype)
    if connector is None:
        raise RuntimeError(f"Unable to create GUI connector from datatype '{datatype}' to widget type '{type(widget)}'.")
    return connector
