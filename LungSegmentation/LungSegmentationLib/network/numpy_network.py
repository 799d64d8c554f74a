"""A network of convolutions in plain numpy, for where ONNX Runtime is not installed.

It knows what our own networks consist of: convolutions of 3 × 3 and 1 × 1, ReLU, pooling and enlargement by two, and joining. Images are
(rows, columns, channels): a row of three neighbours' channels is contiguous then, and a convolution of 3 × 3 is three products of
matrices, each with as many rows as the image has pixels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..errors import ModelError
from .onnx_graph import Graph, Operator

Parts = tuple[np.ndarray, ...]
"""Images (rows, columns, channels) side by side in their channels: what is joined is copied only where it is used."""

_SAME_3 = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
_SAME_1 = {"kernel_shape": [1, 1], "pads": [0, 0, 0, 0]}
_PLAIN = {"strides": [1, 1], "dilations": [1, 1], "group": 1, "auto_pad": b"NOTSET"}
_POOL = {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 0, 0, 0], "ceil_mode": 0, "auto_pad": b"NOTSET"}
_RESIZE = {"mode": b"linear", "coordinate_transformation_mode": b"half_pixel"}
# What ONNX takes where an operator does not say it.
_DEFAULTS = {
    "pads": [0, 0, 0, 0],
    "strides": [1, 1],
    "dilations": [1, 1],
    "group": 1,
    "ceil_mode": 0,
    "auto_pad": b"NOTSET",
    "mode": b"nearest",
    "coordinate_transformation_mode": b"half_pixel",
}
_TWICE = [1.0, 1.0, 2.0, 2.0]

Step = Callable[[dict[str, Parts]], None]


class NumpyNetwork:
    """A network that was read from an ONNX file, ready to run; safe to use from several threads.

    Parameters
    ----------
    graph : Graph
    name : str
        What to call it in an error.

    Raises
    ------
    ModelError
        If the network has an operator that is not known here.
    """

    def __init__(self, graph: Graph, name: str) -> None:
        if len(graph.inputs) != 1 or len(graph.outputs) != 1:
            raise ModelError(f"the network {name} has {len(graph.inputs)} inputs and {len(graph.outputs)} outputs; expected one of each")
        self._input, self._output = graph.inputs[0], graph.outputs[0]
        values = dict(graph.weights)
        uses = Counter(source for operator in graph.operators for source in operator.inputs)
        uses.update((self._input, self._output))
        self._steps: list[Step] = []
        for operator in graph.operators:
            if operator.kind == "Constant":
                values[operator.outputs[0]] = np.asarray(operator.attributes.get("value"))
            else:
                self._steps.append(_step(operator, values, uses[operator.inputs[0]] == 1, name))

    def run(self, image: np.ndarray) -> np.ndarray:
        """Run the network on one slice.

        Parameters
        ----------
        image : numpy.ndarray
            float32 (channels, rows, columns).

        Returns
        -------
        numpy.ndarray
            float32 (output channels, rows, columns).
        """
        known: dict[str, Parts] = {self._input: (np.ascontiguousarray(image.transpose(1, 2, 0)),)}
        for step in self._steps:
            step(known)
        return np.ascontiguousarray(_joined(known[self._output]).transpose(2, 0, 1))


def _step(operator: Operator, values: Mapping[str, np.ndarray], is_only_use: bool, name: str) -> Step:
    source, target = operator.inputs[0], operator.outputs[0]
    constants = [values.get(key) for key in operator.inputs[1:]]
    work: Callable[[Parts], np.ndarray]
    weights = constants[0] if constants else None
    kernel = list(weights.shape[2:]) if weights is not None else None
    if weights is not None and operator.kind == "Conv" and kernel == [3, 3] and _has(operator, {**_SAME_3, **_PLAIN}, kernel):
        work = _Convolution3(weights, _bias(constants))
    elif weights is not None and operator.kind == "Conv" and kernel == [1, 1] and _has(operator, {**_SAME_1, **_PLAIN}, kernel):
        work = _Convolution1(weights, _bias(constants))
    elif operator.kind == "Relu":
        work = _positive_in_place if is_only_use else _positive
    elif operator.kind == "MaxPool" and _has(operator, _POOL):
        work = _half
    elif operator.kind == "Resize" and _has(operator, _RESIZE) and np.array_equal(np.asarray(constants[-1]), _TWICE):
        work = _double
    elif operator.kind == "Concat" and operator.attributes.get("axis") == 1:
        return lambda known: known.update({target: tuple(part for other in operator.inputs for part in known[other])})
    else:
        raise ModelError(f"the network {name} has the operator {operator.kind} ({operator.attributes}), which needs ONNX Runtime")
    return lambda known: known.update({target: (work(known[source]),)})


def _bias(constants: Sequence[np.ndarray | None]) -> np.ndarray:
    bias = constants[1] if len(constants) > 1 else None
    return np.zeros(1, np.float32) if bias is None else bias


def _has(operator: Operator, wanted: Mapping[str, object], kernel: list[int] | None = None) -> bool:
    said = {**_DEFAULTS, "kernel_shape": kernel, **operator.attributes}
    return all(said.get(key) == value for key, value in wanted.items())


def _joined(parts: Parts) -> np.ndarray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)


class _Convolution3:
    """A convolution of 3 × 3 with zeros around the image."""

    def __init__(self, weights: np.ndarray, bias: np.ndarray) -> None:
        outputs = weights.shape[0]
        # For each row of the kernel the weights of three neighbours' channels, one after the other.
        self._rows = [np.ascontiguousarray(weights[:, :, row].transpose(2, 1, 0).reshape(-1, outputs)) for row in range(3)]
        self._bias = bias

    def __call__(self, parts: Parts) -> np.ndarray:
        rows, columns, _ = parts[0].shape
        channels = sum(part.shape[2] for part in parts)
        beside = np.empty((rows + 2, columns, 3 * channels), np.float32)
        beside[[0, -1]] = 0
        beside[:, 0, :channels] = 0
        beside[:, -1, 2 * channels :] = 0
        first = 0
        for part in parts:
            own = slice(first, first + part.shape[2])
            for shift in range(3):
                to, taken = slice(max(0, 1 - shift), columns + min(0, 1 - shift)), slice(max(0, shift - 1), columns + min(0, shift - 1))
                beside[1:-1, to, own.start + shift * channels : own.stop + shift * channels] = part[:, taken]
            first = own.stop
        flat = beside.reshape(-1, 3 * channels)
        pixels = rows * columns
        out = flat[:pixels] @ self._rows[0]
        for row in (1, 2):
            out += flat[row * columns : row * columns + pixels] @ self._rows[row]
        out += self._bias
        return out.reshape(rows, columns, -1)


class _Convolution1:
    """A convolution of 1 × 1."""

    def __init__(self, weights: np.ndarray, bias: np.ndarray) -> None:
        self._weights, self._bias = np.ascontiguousarray(weights[:, :, 0, 0].T), bias

    def __call__(self, parts: Parts) -> np.ndarray:
        out = _joined(parts) @ self._weights
        out += self._bias
        return np.asarray(out)


def _positive(parts: Parts) -> np.ndarray:
    return np.maximum(_joined(parts), np.float32(0))


def _positive_in_place(parts: Parts) -> np.ndarray:
    image = _joined(parts)
    return np.maximum(image, np.float32(0), out=image)


def _half(parts: Parts) -> np.ndarray:
    """Take the largest value of each 2 × 2 pixels."""
    image = _joined(parts)
    rows, columns, channels = image.shape
    squares = image[: rows // 2 * 2, : columns // 2 * 2].reshape(rows // 2, 2, columns // 2, 2, channels)
    return np.maximum(np.maximum(squares[:, 0, :, 0], squares[:, 0, :, 1]), np.maximum(squares[:, 1, :, 0], squares[:, 1, :, 1]))


def _double(parts: Parts) -> np.ndarray:
    """Enlarge to twice the size, linearly between pixel centres; beyond the outermost ones their values stay."""
    image = _joined(parts)
    for axis in (0, 1):
        before, after = (np.concatenate(pair, axis) for pair in _neighbours(image, axis))
        near = np.float32(0.75) * image
        both = np.stack([near + np.float32(0.25) * before, near + np.float32(0.25) * after], axis + 1)
        image = both.reshape(*(2 * size if i == axis else size for i, size in enumerate(image.shape)))
    return image


def _neighbours(image: np.ndarray, axis: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    first, last = np.take(image, [0], axis), np.take(image, [-1], axis)
    kept, shifted = [slice(None)] * 3, [slice(None)] * 3
    kept[axis], shifted[axis] = slice(None, -1), slice(1, None)
    return (first, image[tuple(kept)]), (image[tuple(shifted)], last)
