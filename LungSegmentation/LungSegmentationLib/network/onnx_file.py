"""A look into an ONNX file without the package ``onnx``: whether it points to other files, and whether it can run without end.

Only the fields on the way to tensors and operators are followed (Open Neural Network Exchange, ``onnx.proto``; Protocol Buffers
encoding: a key is ``number << 3 | wire type``, then a varint, 8 bytes, a length with so many bytes, or 4 bytes). The runner on numpy
reads the weights with it where ONNX Runtime is not installed, and Slicer bundles no ``onnx``.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from ..errors import ModelError

_VARINT, _EIGHT_BYTES, WITH_LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_MOST_VARINT_BYTES = 10
# Message: number of the field that leads to another message, and which.
_FIELDS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training_info", 25: "function"},
    "training_info": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse_tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse_tensor", 23: "sparse_tensor"},
    "sparse_tensor": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_OPERATOR = 4
# Operators that run a part of the network again and again, as often as the network itself says.
_REPEATING = (b"Loop", b"Scan", b"SequenceMap")


def has_external_data(path: Path) -> bool:
    """Tell whether any tensor of an ONNX model has its values in another file.

    Parameters
    ----------
    path : pathlib.Path
        The file is mapped, not read: weights are skipped.

    Returns
    -------
    bool

    Raises
    ------
    OSError
        If the file cannot be read.
    ModelError
        If it is no ONNX model.
    """
    return _look_into(path)[0]


def repeating_operator(path: Path) -> str | None:
    """Name an operator by which an ONNX model could run without end, if it has one.

    A network of convolutions runs each of its operators once, so that its time is known before it starts.

    Raises
    ------
    OSError
        If the file cannot be read.
    ModelError
        If it is no ONNX model.
    """
    return _look_into(path)[1]


def _look_into(path: Path) -> tuple[bool, str | None]:
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            raise ModelError(f"{path.name} is empty; expected an ONNX model")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            try:
                return _faults(content)
            except (ValueError, IndexError) as error:
                raise ModelError(f"{path.name} is not an ONNX model, or only part of one; install it again") from error


def _faults(content: mmap.mmap) -> tuple[bool, str | None]:
    """Tell whether any tensor has its values in another file, and the first operator that repeats a part of the network."""
    is_external, repeating = False, None
    waiting = [("model", 0, len(content))]
    seen_graph = False
    while waiting:
        kind, start, stop = waiting.pop()
        for number, wire, value, end in fields(content, start, stop):
            inner = _FIELDS[kind].get(number)
            if inner is not None and wire == WITH_LENGTH:
                seen_graph |= inner == "graph"
                waiting.append((inner, value, end))
            elif kind == "tensor" and (number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0)):
                is_external = True
            elif kind == "node" and number == _OPERATOR and content[value:end] in _REPEATING:
                repeating = content[value:end].decode("ascii")
    if not seen_graph:
        raise ValueError("no graph")
    return is_external, repeating


def fields(content: mmap.mmap | bytes, position: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, wire type, value (of a varint; otherwise where the bytes start) and end of each field of a message."""
    while position < stop:
        key, position = varint(content, position)
        if key >> 32:
            raise ValueError("a key of more than 32 bits")
        number, wire = key >> 3, key & 7
        value = position
        if wire == _VARINT:
            value, position = varint(content, position)
        elif wire == WITH_LENGTH:
            length, value = varint(content, position)
            position = value + length
        elif wire in (_EIGHT_BYTES, _FOUR_BYTES):
            position += 8 if wire == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {wire}")
        if position > stop:
            raise ValueError("a field reaches beyond its message")
        yield number, wire, value, position


def varint(content: mmap.mmap | bytes, position: int) -> tuple[int, int]:
    """Read a number of any length; gives it, and where the next field starts."""
    value = 0
    for count in range(_MOST_VARINT_BYTES):
        byte = content[position + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position + count + 1
    raise ValueError("a number of more than ten bytes")
