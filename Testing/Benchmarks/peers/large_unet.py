"""The best-known lung network's architecture: a 2D U-Net of 31 million parameters, with random weights, for timing alone.

Its weights are not part of this project: the time that a network takes does not depend on them.

References
----------
O. Ronneberger et al., U-Net, MICCAI 2015, with padded convolutions; used on lungs by J. Hofmanninger et al.,
European Radiology Experimental 4:50 (2020).
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE_PIXELS = 256
_WIDTHS = (64, 128, 256, 512, 1024)
_CLASSES = 3


class _Graph:
    """Nodes and random weights, gathered step by step."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.parameters = 0
        self._rng = np.random.default_rng(0)

    def add(self, kind: str, inputs: list[str], **settings: object) -> str:
        """Add a node and give its output's name."""
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **settings))
        return name

    def convolution(self, values: str, before: int, after: int, kernel: int, kind: str = "Conv", **settings: object) -> str:
        """Add a convolution with its bias, into which batch norm is folded, as a runtime does."""
        first, second = (before, after) if kind == "ConvTranspose" else (after, before)
        scale = (2 / (before * kernel * kernel)) ** 0.5
        kernels = self._rng.standard_normal((first, second, kernel, kernel), np.float32) * np.float32(scale)
        names = [values, f"weights{len(self.weights)}", f"weights{len(self.weights) + 1}"]
        for name, array in zip(names[1:], (kernels, np.zeros(after, np.float32)), strict=True):
            self.weights.append(numpy_helper.from_array(array, name))
            self.parameters += array.size
        return self.add(kind, names, kernel_shape=[kernel, kernel], **settings)

    def two_convolutions(self, values: str, before: int, after: int) -> str:
        """Add two convolutions of 3 × 3 pixels, each with a rectifier."""
        for channels in (before, after):
            values = self.add("Relu", [self.convolution(values, channels, after, 3, pads=[1, 1, 1, 1])])
        return values


def write_large_unet(path: Path) -> int:
    """Write the network with one slice of 256 × 256 pixels in and three classes out; give the number of its parameters."""
    graph = _Graph()
    values, kept = "slice", []
    for level, (before, width) in enumerate(pairwise((1, *_WIDTHS))):
        if level:
            values = graph.add("MaxPool", [values], kernel_shape=[2, 2], strides=[2, 2])
        values = graph.two_convolutions(values, before, width)
        kept.append(values)
    for coarse, fine, skipped in zip(_WIDTHS[:0:-1], _WIDTHS[-2::-1], kept[-2::-1], strict=True):
        values = graph.convolution(values, coarse, fine, 2, "ConvTranspose", strides=[2, 2])
        values = graph.two_convolutions(graph.add("Concat", [skipped, values], axis=1), coarse, fine)
    values = graph.convolution(values, _WIDTHS[0], _CLASSES, 1)
    shape = [1, 1, SIZE_PIXELS, SIZE_PIXELS]
    proto = helper.make_graph(
        graph.nodes,
        "large_unet",
        [helper.make_tensor_value_info("slice", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(values, TensorProto.FLOAT, [1, _CLASSES, SIZE_PIXELS, SIZE_PIXELS])],
        graph.weights,
    )
    onnx.save(helper.make_model(proto, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return graph.parameters
