"""Make PySide6 follow the rules of PythonQt, the Qt binding that Slicer's Python code is written for.

Properties are read and written as attributes and are not callable; setters stay. An attribute that does not exist, a value
that a property does not accept and a signal that does not exist are errors. Children are found by object name, and a slot
may take fewer arguments than its signal. The rules were read in PythonQt's ``PythonQtInstanceWrapper.cpp``,
``PythonQtConversion.cpp`` and ``PythonQtSignalReceiver.cpp``.

Where PythonQt hides mistakes the rules are stricter: text is not made of other objects, and connecting to a signal that does
not exist raises an error where PythonQt prints a message and goes on. One rule is not kept: ``sizeHint`` and
``minimumSizeHint`` are methods here. Importing this file changes PySide6 for the whole process.
"""

from __future__ import annotations

import enum
import functools
import inspect
import math
import operator
import weakref
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6 import QtCore, QtGui, QtNetwork, QtUiTools, QtWidgets

from .signals import READERS, Receiver, findSignal, readAttribute

_VIRTUAL_GETTERS = ("sizeHint", "minimumSizeHint")  # Qt asks Python for these methods; as attributes they would never end
_readProperty, _writeProperty = QtCore.QObject.property, QtCore.QObject.setProperty


def standsForCpp(cls: type) -> type:
    """Mark a Python class that stands for a C++ class of Slicer: it takes no new attributes from outside."""
    cls._standsForCpp = True
    return cls


def isCpp(cls: type) -> bool:
    """Tell whether a class is C++ in Slicer: Qt's own, or one that stands for a C++ class."""
    return cls.__module__.startswith("PySide6") or cls.__dict__.get("_standsForCpp", False)


@functools.cache
def _propertiesOf(cls: type) -> dict[str, QtCore.QMetaProperty]:
    metaObject = cls.staticMetaObject
    properties = {prop.name(): prop for prop in map(metaObject.property, range(metaObject.propertyCount()))}
    return {name: prop for name, prop in properties.items() if name not in _VIRTUAL_GETTERS}


@functools.cache
def _definedInPython(cls: type, name: str) -> bool:
    """Tell whether a class that a module derived from Qt's defines the name itself; C++ members come after those."""
    for base in cls.__mro__:
        if not isCpp(base) and base is not object and base.__module__ != "Shiboken" and name in base.__dict__:
            return not isinstance(base.__dict__[name], (QtCore.Property, QtCore.Signal))
    return False


def _ownValue(widget: QtCore.QObject, name: str) -> bool:
    value = object.__getattribute__(widget, "__dict__").get(name)
    return value is not None and not isinstance(value, QtCore.SignalInstance)


def _getAttribute(widget: QtCore.QObject, name: str) -> Any:
    if name.startswith("_"):
        return readAttribute(widget, name)
    cls = type(widget)
    if not _definedInPython(cls, name) and not _ownValue(widget, name):
        if name == "connect":
            return functools.partial(_connect, widget)
        if name == "disconnect":
            return functools.partial(_disconnect, widget)
        if name in _propertiesOf(cls):
            return _readOne(widget, name)
        signal = findSignal(widget, name)
        if signal:
            return signal
    try:
        return readAttribute(widget, name)
    except AttributeError:
        return _getDynamic(widget, name)


def _readOne(widget: QtCore.QObject, name: str) -> Any:
    prop = inspect.getattr_static(type(widget), name, None)
    value = prop.fget(widget) if isinstance(prop, QtCore.Property) else _readProperty(widget, name)
    return tuple(value) if isinstance(value, list) else value


def _getDynamic(widget: QtCore.QObject, name: str) -> Any:
    if name == "name":
        return _readProperty(widget, "objectName")
    value = _readProperty(widget, name)
    if value is not None:
        return value
    for child in widget.children():
        if _readProperty(child, "objectName") == name:
            return child
    raise AttributeError(f"{type(widget).__name__} has no attribute named '{name}'")


def _setAttribute(widget: QtCore.QObject, name: str, value: Any) -> None:
    cls = type(widget)
    name = "objectName" if name == "name" else name
    if name.startswith("_") and (not isCpp(cls) or "_standsForCpp" in cls.__dict__ or name.startswith("__")):
        _store(widget, name, value)
    elif _isNamedChild(value, name):
        return  # PySide6's loader of .ui files stores children this way; PythonQt finds them by name
    elif isinstance(value, QtCore.SignalInstance):  # Shiboken keeps bound signals this way
        _store(widget, name, value)
    elif name in _propertiesOf(cls):
        _writeOne(widget, name, value)
    elif findSignal(widget, name):
        raise AttributeError(f"Signal '{name}' can not be overwritten on {cls.__name__} object")
    elif not _definedInPython(cls, name) and hasattr(cls, name):
        raise AttributeError(f"Slot '{name}' can not be overwritten on {cls.__name__} object")
    elif _readProperty(widget, name) is not None:
        _writeProperty(widget, name, value)
    elif isCpp(cls):
        raise AttributeError(f"'{name}' does not exist on {cls.__name__} and creating new attributes on C++ objects is not allowed")
    else:
        _store(widget, name, value)


def _isNamedChild(value: Any, name: str) -> bool:
    return isinstance(value, QtCore.QObject) and value.parent() is not None and _readProperty(value, "objectName") == name


def _store(widget: QtCore.QObject, name: str, value: Any) -> None:
    """Set an attribute of Python, past Qt."""
    descriptor = inspect.getattr_static(type(widget), name, None)
    if hasattr(type(descriptor), "__set__"):
        type(descriptor).__set__(descriptor, widget, value)
    else:
        widget.__dict__[name] = value


def _writeOne(widget: QtCore.QObject, name: str, value: Any) -> None:
    metaProperty = _propertiesOf(type(widget))[name]
    if not metaProperty.isWritable():
        raise AttributeError(f"Property '{name}' of {type(widget).__name__} object is not writable")
    typeName = metaProperty.typeName()
    refusal = f"Property '{name}' of type '{typeName}' does not accept an object of type {type(value).__name__} ({value!r})"
    try:
        converted = _CONVERSIONS.get(typeName, _asItIs)(value)
    except (TypeError, ValueError) as error:
        raise AttributeError(refusal) from error
    prop = inspect.getattr_static(type(widget), name, None)
    if isinstance(prop, QtCore.Property):
        prop.fset(widget, converted)
    elif not _writeProperty(widget, name, converted):
        raise AttributeError(refusal)


def _asItIs(value: Any) -> Any:
    """Give enumerations as numbers, which properties of an enumeration take in every version of PySide6."""
    return value.value if isinstance(value, enum.Enum) else value


def _asText(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _asInteger(value: Any) -> int:
    return math.floor(value) if type(value) is float else operator.index(value)


def _asFloat(value: Any) -> float:
    if isinstance(value, str):
        raise TypeError("not a number")
    return float(value)


def _asTexts(value: Any) -> list[str]:
    if isinstance(value, str):
        raise TypeError("not a list of texts")
    return [_asText(text) for text in value]


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "QString": _asText,
    "bool": bool,
    "int": _asInteger,
    "uint": _asInteger,
    "double": _asFloat,
    "QStringList": _asTexts,
}


def _connect(sender: QtCore.QObject, signature: Any, *rest: Any) -> bool:
    """Connect ``sender.connect('clicked(bool)', callable)``, or ``any.connect(sender, 'clicked(bool)', callable)``."""
    if rest and isinstance(rest[-1], Receiver):  # a signal's own connect() comes back here in some versions of PySide6
        return readAttribute(sender, "connect")(signature, *rest)
    if isinstance(signature, QtCore.QObject):
        return _connect(signature, *rest)
    if len(rest) != 1 or not callable(rest[0]):
        raise ValueError(f"Could not find matching overload for given arguments:\n{(signature, *rest)}")
    signal = findSignal(sender, signature)
    if not signal:
        raise ValueError(f"QObject::connect() signal '{signature}' does not exist on {type(sender).__name__}")
    return signal.connect(rest[0])


def _disconnect(sender: QtCore.QObject, signature: Any, *rest: Any) -> bool:
    if rest and isinstance(rest[-1], Receiver):
        return readAttribute(sender, "disconnect")(signature, *rest)
    if isinstance(signature, QtCore.QObject):
        return _disconnect(signature, *rest)
    signal = findSignal(sender, signature)
    if not signal:
        raise ValueError(f"QObject::disconnect() signal '{signature}' does not exist on {type(sender).__name__}")
    return signal.disconnect(*rest)


def _findChildren(widget: QtCore.QObject, kind: type | str = QtCore.QObject, name: str = "") -> list[QtCore.QObject]:
    """Find children by class, or by the name of their class; both may carry an object name."""
    cls = QtCore.QObject if isinstance(kind, str) else kind
    found = _childrenOfClass(widget, cls, name) if name else _childrenOfClass(widget, cls)
    return [child for child in found if not isinstance(kind, str) or child.inherits(kind)]


_childrenOfClass = QtCore.QObject.findChildren


def observe(subject: Any, event: Any, method: Callable[[], None]) -> int:
    """Call a widget's method at an event of a VTK object for as long as the widget lives; give the observer's tag."""
    weak = weakref.WeakMethod(method)

    def call(caller: Any, name: str) -> None:
        living = weak()
        if living is not None and shiboken6.isValid(living.__self__):
            living()
        else:
            caller.RemoveObserver(tag)

    tag = subject.AddObserver(event, call)
    return tag


def _install() -> None:
    """Change PySide6 for the whole process."""
    QtCore.QObject.className = lambda self: self.metaObject().className()
    QtCore.QObject.delete = lambda self: shiboken6.delete(self)
    QtCore.QObject.findChildren = _findChildren
    QtWidgets.QDialog.exec_ = lambda self: self.exec()
    for module in (QtCore, QtGui, QtWidgets, QtNetwork, QtUiTools):
        for cls in [getattr(module, name) for name in dir(module)]:
            if isinstance(cls, type) and issubclass(cls, QtCore.QObject):
                if "__getattribute__" in cls.__dict__:
                    READERS[cls] = cls.__getattribute__
                    cls.__getattribute__ = _getAttribute
                cls.__setattr__ = _setAttribute


_install()
