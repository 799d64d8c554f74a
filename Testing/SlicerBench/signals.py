"""Signals that are connected the way PythonQt connects them."""

from __future__ import annotations

import functools
import inspect
import re
import types
import weakref
from collections.abc import Callable
from typing import Any

from PySide6 import QtCore

_CONNECTIONS = "_benchConnections"

READERS = {QtCore.QObject: QtCore.QObject.__getattribute__}
"""How PySide6 itself reads attributes; some classes, like QFile, have a way of their own, which is kept here."""


@functools.cache
def _readerOf(cls: type) -> Callable[[QtCore.QObject, str], Any]:
    return next(READERS[base] for base in cls.__mro__ if base in READERS)


def readAttribute(widget: QtCore.QObject, name: str) -> Any:
    return _readerOf(type(widget))(widget, name)


def argumentsTaken(slot: Callable[..., Any]) -> int | None:
    """Count the arguments that PythonQt hands to a slot; None is all of them, as everything but a Python function gets."""
    function = slot.__func__ if isinstance(slot, types.MethodType) else slot
    if not isinstance(function, types.FunctionType) or function.__code__.co_flags & inspect.CO_VARARGS:
        return None
    return function.__code__.co_argcount - isinstance(slot, types.MethodType)


class Receiver:
    """Calls a slot with the first arguments of a signal; keeps the slot alive, but for the inner workings of the bench's widgets."""

    def __init__(self, slot: Callable[..., Any], count: int) -> None:
        inner = isinstance(slot, types.MethodType) and getattr(type(slot.__self__), "_standsForCpp", False)
        self._slot, self._count = weakref.WeakMethod(slot) if inner else lambda: slot, count

    def __call__(self, *arguments: Any) -> None:
        slot = self._slot()
        if slot is not None:
            slot(*arguments[: self._count])

    def calls(self, slot: Callable[..., Any]) -> bool:
        return self._slot() == slot


class BoundSignal:
    """A signal of one object.

    Parameters
    ----------
    sender : QObject
    signature : str
        As Qt writes it: ``clicked(bool)``.
    """

    def __init__(self, sender: QtCore.QObject, signature: str) -> None:
        self._sender, self._signature = sender, signature

    def __repr__(self) -> str:
        return f"<qt signal {self._signature} of {type(self._sender).__name__}>"

    def _instance(self) -> QtCore.SignalInstance:
        name, _, argumentTypes = self._signature.rstrip(")").partition("(")
        instance = readAttribute(self._sender, name)
        return instance[argumentTypes] if argumentTypes and len(_signalsOf(type(self._sender))[name]) > 1 else instance

    def _connections(self) -> list[tuple[str, Receiver]]:
        return self._sender.__dict__.setdefault(_CONNECTIONS, [])

    def connect(self, slot: Callable[..., Any]) -> bool:
        if not callable(slot):
            raise ValueError(f"{slot!r} is not callable")
        taken, given = argumentsTaken(slot), _countArguments(self._signature)
        receiver = Receiver(slot, given if taken is None else min(taken, given))
        self._instance().connect(receiver)
        self._connections().append((self._signature, receiver))
        return True

    def disconnect(self, slot: Callable[..., Any] | None = None) -> bool:
        """Take away one connection with a slot, or all of this signal."""
        connections = self._connections()
        found = [entry for entry in connections if entry[0] == self._signature and (slot is None or entry[1].calls(slot))]
        for entry in found[: None if slot is None else 1]:
            self._instance().disconnect(entry[1])
            connections.remove(entry)
        return bool(found)

    def emit(self, *arguments: Any) -> None:
        self._instance().emit(*arguments)

    __call__ = emit


def _countArguments(signature: str) -> int:
    argumentTypes = signature.partition("(")[2].rstrip(")")
    return argumentTypes.count(",") + 1 if argumentTypes else 0


@functools.cache
def _signalsOf(cls: type) -> dict[str, list[str]]:
    """Map the names of a class's signals to their signatures, in the order of declaration."""
    metaObject, found = cls.staticMetaObject, {}
    for index in range(metaObject.methodCount()):
        method = metaObject.method(index)
        if method.methodType() == QtCore.QMetaMethod.MethodType.Signal:
            found.setdefault(method.name().data().decode(), []).append(method.methodSignature().data().decode())
    return found


def _normalized(signature: str) -> str:
    """Write a signature as Qt compares it; pointers to VTK objects are Python objects here."""
    plain = QtCore.QMetaObject.normalizedSignature(signature.removeprefix("2")).data().decode()
    return re.sub(r"vtk\w+\*", "PyObject", plain)


def findSignal(sender: QtCore.QObject, signature: str) -> BoundSignal | None:
    """Find a signal by its name, where the first declared counts, or by its signature."""
    name = signature.removeprefix("2").partition("(")[0]
    signatures = _signalsOf(type(sender)).get(name, [])
    if "(" in signature:
        signatures = [known for known in signatures if known == _normalized(signature)]
    return BoundSignal(sender, signatures[0]) if signatures else None
