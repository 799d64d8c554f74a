"""The operators and weights of an ONNX file, read without the package ``onnx``, for :mod:`.numpy_network`."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import ModelError
from .onnx_file import WITH_LENGTH, fields, varint

_FLOAT32, _INT64 = 1, 7
_KINDS: dict[int, str] = {_FLOAT32: "<f4", _INT64: "<i8"}
_GRAPH_OF_MODEL = 7
_NODE, _TENSOR, _INPUT, _OUTPUT = 1, 5, 11, 12  # of a graph


@dataclass(frozen=True)
class Operator:
    """One step of a network.

    Parameters
    ----------
    kind : str
        ONNX's name of it, such as ``Conv``.
    inputs, outputs : tuple of str
        Names of tensors; an empty name is an input that is left out.
    attributes : mapping of str to int, float, bytes, list of int, or numpy.ndarray
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A network: its operators in the order in which they run, its weights by name, the names of what goes in and comes out."""

    operators: tuple[Operator, ...]
    weights: dict[str, np.ndarray]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def read_graph(path: Path) -> Graph:
    """Read the graph of an ONNX file whose weights are of 32 bits.

    Raises
    ------
    OSError
        If the file cannot be read.
    ModelError
        If it is no ONNX model, or has tensors of other types.

    References
    ----------
    Open Neural Network Exchange, ``onnx.proto``.
    """
    content = path.read_bytes()
    try:
        for number, wire, start, end in fields(content, 0, len(content)):
            if (number, wire) == (_GRAPH_OF_MODEL, WITH_LENGTH):
                return _graph(content, start, end)
    except (ValueError, IndexError, struct.error) as error:
        raise ModelError(f"{path.name} is not an ONNX model that is read here ({error})") from error
    raise ModelError(f"{path.name} is not an ONNX model: it has no graph")


def _graph(content: bytes, start: int, end: int) -> Graph:
    operators, weights = [], {}
    names: dict[int, list[str]] = {_INPUT: [], _OUTPUT: []}
    for number, _wire, first, stop in fields(content, start, end):
        if number == _NODE:
            operators.append(_operator(content, first, stop))
        elif number == _TENSOR:
            name, values = _tensor(content, first, stop)
            weights[name] = values
        elif number in names:
            names[number] += [_text(content, a, b) for key, _, a, b in fields(content, first, stop) if key == 1]
    inputs = tuple(name for name in names[_INPUT] if name not in weights)
    return Graph(tuple(operators), weights, inputs, tuple(names[_OUTPUT]))


def _operator(content: bytes, start: int, end: int) -> Operator:
    inputs, outputs, attributes, kind = [], [], {}, ""
    for number, _wire, first, stop in fields(content, start, end):
        if number == 1:
            inputs.append(_text(content, first, stop))
        elif number == 2:
            outputs.append(_text(content, first, stop))
        elif number == 4:
            kind = _text(content, first, stop)
        elif number == 5:
            name, value = _attribute(content, first, stop)
            attributes[name] = value
    return Operator(kind, tuple(inputs), tuple(outputs), attributes)


def _attribute(content: bytes, start: int, end: int) -> tuple[str, object]:
    name, value, whole_numbers = "", None, []
    for number, wire, first, stop in fields(content, start, end):
        if number == 1:
            name = _text(content, first, stop)
        elif number == 2:
            value = struct.unpack_from("<f", content, first)[0]
        elif number == 3:
            value = first  # of a varint the fields give the value itself
        elif number == 4:
            value = content[first:stop]
        elif number == 5:
            value = _tensor(content, first, stop)[1]
        elif number == 8:
            whole_numbers += _whole_numbers(content, wire, first, stop)
    return name, whole_numbers or value


def _tensor(content: bytes, start: int, end: int) -> tuple[str, np.ndarray]:
    name, shape, kind, raw = "", [], 0, b""
    for number, wire, first, stop in fields(content, start, end):
        if number == 1:
            shape += _whole_numbers(content, wire, first, stop)
        elif number == 2:
            kind = first
        elif number == 8:
            name = _text(content, first, stop)
        elif number in (4, 7, 9):  # numbers of 32 or 64 bits, or their bytes
            raw = content[first:stop]
    if kind not in _KINDS:
        raise ValueError(f"the tensor {name!r} is of the type {kind}")
    return name, np.frombuffer(raw, _KINDS[kind]).reshape(shape)


def _whole_numbers(content: bytes, wire: int, first: int, stop: int) -> list[int]:
    """Give one number, or all that are packed into one field."""
    if wire != WITH_LENGTH:
        return [first]
    numbers = []
    while first < stop:
        number, first = varint(content, first)
        numbers.append(number)
    return numbers


def _text(content: bytes, first: int, stop: int) -> str:
    return content[first:stop].decode("utf-8")
