"""How values are written to the texts and node references of a parameter node, and read back."""

from __future__ import annotations

import enum
import pathlib
import types
import typing
from collections.abc import Callable, Sequence
from typing import Any

import slicer
import slicer.util

from .annotations import IsInstance, IsNone, NotNone, Validator, isValidator, splitAnnotations
from .containers import ObservedDict, ObservedList

__all__ = ["createSerializer"]

_Node = slicer.vtkMRMLScriptedModuleNode
_PATHS = (pathlib.Path, pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePath, pathlib.PurePosixPath, pathlib.PureWindowsPath)


class Serializer:
    """One value under one name, as a text."""

    def __init__(self, default: Any, toText: Callable[[Any], str], fromText: Callable[[str], Any], *validators: Validator) -> None:
        self._default, self._toText, self._fromText, self.validators = default, toText, fromText, validators

    def default(self) -> Any:
        return self._default

    def isIn(self, node: _Node, name: str) -> bool:
        return node.HasParameter(name)

    def validate(self, value: Any) -> None:
        for validator in self.validators:
            validator.validate(value)

    def write(self, node: _Node, name: str, value: Any) -> None:
        self.validate(value)
        node.SetParameter(name, self._toText(value))

    def read(self, node: _Node, name: str) -> Any:
        return self._fromText(node.GetParameter(name))

    def remove(self, node: _Node, name: str) -> None:
        node.UnsetParameter(name)


class NodeSerializer(Serializer):
    """A node reference, with an empty text beside it that tells None from nothing."""

    def __init__(self, *validators: Validator) -> None:
        super().__init__(None, str, str, *validators)

    def write(self, node: _Node, name: str, value: slicer.vtkMRMLNode | None) -> None:
        self.validate(value)
        node.SetParameter(name, "")
        node.SetNodeReferenceID(name, value.GetID() if value is not None else None)

    def read(self, node: _Node, name: str) -> slicer.vtkMRMLNode | None:
        return node.GetNodeReference(name)

    def remove(self, node: _Node, name: str) -> None:
        node.UnsetParameter(name)
        node.RemoveNodeReferenceIDs(name)


class ListSerializer(Serializer):
    """``name.len`` and the elements under ``name.0``, ``name.1`` ...; a value that is refused leaves the node as it was."""

    def __init__(self, element: Serializer, *validators: Validator) -> None:
        super().__init__(None, str, int, *validators)
        self._element = element

    def default(self) -> list[Any]:
        return []

    def _length(self, node: _Node, name: str) -> int:
        return int(node.GetParameter(f"{name}.len")) if self.isIn(node, name) else 0

    def isIn(self, node: _Node, name: str) -> bool:
        return node.HasParameter(f"{name}.len")

    def write(self, node: _Node, name: str, values: Sequence[Any]) -> None:
        self.validate(values)
        before, length = self.readPlain(node, name) if self.isIn(node, name) else None, self._length(node, name)
        with slicer.util.NodeModify(node):
            try:
                for index, value in enumerate(values):
                    self._element.write(node, f"{name}.{index}", value)
            except Exception:
                self.remove(node, name)
                if before is not None:
                    self.write(node, name, before)
                raise
            node.SetParameter(f"{name}.len", str(len(values)))
            for index in range(len(values), length):
                self._element.remove(node, f"{name}.{index}")

    def readPlain(self, node: _Node, name: str) -> list[Any]:
        return [self._element.read(node, f"{name}.{index}") for index in range(self._length(node, name))]

    def read(self, node: _Node, name: str) -> Any:
        return ObservedList(self.readPlain(node, name), lambda values: self._rewrite(node, name, values))

    def _rewrite(self, node: _Node, name: str, values: list[Any]) -> list[Any]:
        self.write(node, name, values)
        return self.readPlain(node, name)

    def remove(self, node: _Node, name: str) -> None:
        with slicer.util.NodeModify(node):
            for index in range(self._length(node, name)):
                self._element.remove(node, f"{name}.{index}")
            node.UnsetParameter(f"{name}.len")


class DictSerializer(ListSerializer):
    """A list of pairs, in their order."""

    def __init__(self, key: Serializer, value: Serializer, *validators: Validator) -> None:
        super().__init__(TupleSerializer([key, value]), *validators)

    def default(self) -> dict[Any, Any]:
        return {}

    def write(self, node: _Node, name: str, values: Any) -> None:
        super().write(node, name, list(values.items()) if hasattr(values, "items") else values)

    def read(self, node: _Node, name: str) -> Any:
        return ObservedDict(dict(self.readPlain(node, name)), lambda values: dict(self._rewrite(node, name, values)))


class TupleSerializer(Serializer):
    """The elements under ``name.0``, ``name.1`` ..."""

    def __init__(self, elements: list[Serializer], *validators: Validator) -> None:
        super().__init__(None, str, str, *validators)
        self._elements = elements

    def default(self) -> tuple[Any, ...]:
        return tuple(element.default() for element in self._elements)

    def isIn(self, node: _Node, name: str) -> bool:
        return self._elements[0].isIn(node, f"{name}.0")

    def write(self, node: _Node, name: str, values: Sequence[Any]) -> None:
        self.validate(values)
        if len(tuple(values)) != len(self._elements):
            raise ValueError("Unexpected number of tuple values")
        with slicer.util.NodeModify(node):
            for index, (element, value) in enumerate(zip(self._elements, values, strict=True)):
                element.write(node, f"{name}.{index}", value)

    def read(self, node: _Node, name: str) -> tuple[Any, ...]:
        return tuple(element.read(node, f"{name}.{index}") for index, element in enumerate(self._elements))

    def remove(self, node: _Node, name: str) -> None:
        with slicer.util.NodeModify(node):
            for index, element in enumerate(self._elements):
                element.remove(node, f"{name}.{index}")


class UnionSerializer(Serializer):
    """The value under ``name.k``, where k is the place of its type in the union."""

    def __init__(self, types_: list[Any], *validators: Validator) -> None:
        super().__init__(None, str, str, *validators)
        self._types, self._members = types_, [createSerializer(one) for one in types_]

    def default(self) -> Any:
        optional = len(self._types) == 2 and self._types[1] is type(None)
        return None if optional else self._members[0].default()

    def _place(self, node: _Node, name: str) -> int | None:
        return next((index for index, member in enumerate(self._members) if member.isIn(node, f"{name}.{index}")), None)

    def isIn(self, node: _Node, name: str) -> bool:
        return self._place(node, name) is not None

    def _suiting(self, value: Any) -> int:
        refusal: Exception = TypeError(f"Unable to write value '{value}' of type '{type(value)}'")
        for index, one in enumerate(self._types):
            bare = splitAnnotations(one)[0]
            if type(value) is bare or typing.get_origin(bare) is type(value) or (_isNodeClass(bare) and _isNodeClass(type(value))):
                try:
                    self._members[index].validate(value)
                    return index
                except (TypeError, ValueError) as error:
                    refusal = error
        raise refusal

    def write(self, node: _Node, name: str, value: Any) -> None:
        self.validate(value)
        index = self._suiting(value)
        with slicer.util.NodeModify(node):
            self.remove(node, name)
            self._members[index].write(node, f"{name}.{index}", value)

    def read(self, node: _Node, name: str) -> Any:
        index = self._place(node, name)
        if index is None:
            raise KeyError(f"Unable to find value for name: {name}")
        return self._members[index].read(node, f"{name}.{index}")

    def remove(self, node: _Node, name: str) -> None:
        for index, member in enumerate(self._members):
            member.remove(node, f"{name}.{index}")


def _isNodeClass(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, slicer.vtkMRMLNode)


def createSerializer(annotatedType: Any) -> Serializer:
    """Make the serializer of a type, with the conditions that its annotations name.

    Raises
    ------
    TypeError
        For a type that can not be a parameter.
    """
    type_, annotations = splitAnnotations(annotatedType)
    validators = [annotation for annotation in annotations if isValidator(annotation)]
    serializer = _ofContainer(type_) or _ofScalar(type_)
    serializer.validators = (*serializer.validators, *validators)
    return serializer


def _ofContainer(type_: Any) -> Serializer | None:
    origin, arguments = typing.get_origin(type_), typing.get_args(type_)
    if origin in (typing.Union, types.UnionType):
        return UnionSerializer(list(arguments))
    if origin is list:
        return ListSerializer(createSerializer(arguments[0]))
    if origin is tuple:
        return TupleSerializer([createSerializer(argument) for argument in arguments])
    if origin is dict:
        return DictSerializer(*(createSerializer(argument) for argument in arguments))
    return None


def _ofScalar(type_: Any) -> Serializer:
    if type_ is bool:
        return Serializer(False, str, "True".__eq__, NotNone(), IsInstance(bool))
    if type_ in (int, float):
        return Serializer(type_(0), str, type_, NotNone(), IsInstance((int, float) if type_ is float else int))
    if type_ is str or type_ in _PATHS:
        return Serializer(type_(), str, type_, NotNone(), IsInstance(type_))
    if type_ is type(None):
        return Serializer(None, lambda value: "True", lambda text: None, IsNone())
    if _isNodeClass(type_):
        return NodeSerializer(IsInstance(type_))
    if isinstance(type_, type) and issubclass(type_, enum.Enum) and len(type_):
        return Serializer(next(iter(type_)), lambda value: value.name, type_.__getitem__, NotNone(), IsInstance(type_))
    raise TypeError(f"Unable to create serializer for type: {type_}")
