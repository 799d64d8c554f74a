"""Tiny ONNX networks with known output, and their cards: each channel out is a weighted sum of the channels in, pixel by pixel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from LungSegmentationLib.network.model_card import ModelCard, NetworkInput, NetworkOutput, SpacedPixels, write_card
from LungSegmentationLib.network.model_store import Model, file_sha256

CHANNELS = ("background", "right_lung", "left_lung", "airways")
WEIGHTS = np.array([[1.0, 0.5, -2.0], [0.25, -1.0, 3.0], [-0.5, 2.0, 1.0], [4.0, 0.0, -1.5]], np.float32)
BIAS = np.array([0.5, -1.0, 0.0, 2.0], np.float32)
ANY_SIZE = ("slices", "rows", "columns")


def make_card(name: str = "tiny", **changes: Any) -> ModelCard:
    """Make the card of :func:`make_network`, with any field changed."""
    card = ModelCard(
        name=name,
        title="Tiny",
        summary="A weighted sum of neighbouring slices.",
        version="1",
        sha256="0" * 64,
        input=NetworkInput(
            clip_hu=(-1024.0, 600.0),
            subtract_hu=-700.0,
            divide_hu=400.0,
            neighbour_offsets=(-4.0, 0.0, 4.0),
            offsets_in_mm=True,
            in_plane=SpacedPixels(3.0, 4),
            body_crop=True,
            slice_spacing_mm=3.0,
        ),
        output=NetworkOutput("logits", CHANNELS),
        licence="CC0-1.0",
    )
    return replace(card, **changes)


def make_network(
    size: tuple[Any, Any, Any] = ANY_SIZE, after: tuple[onnx.NodeProto, ...] = (), weights: np.ndarray = WEIGHTS, bias: np.ndarray = BIAS
) -> onnx.ModelProto:
    """Make a network from ``values`` by a convolution of one pixel to ``weighted``, then by further nodes to ``output``."""
    slices, rows, columns = size
    nodes = [helper.make_node("Conv", ["values", "weights", "bias"], ["weighted" if after else "output"]), *after]
    outputs, inputs = weights.shape
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, [slices, inputs, rows, columns])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [slices, outputs, None, None])],
        [numpy_helper.from_array(weights[:, :, None, None].copy(), "weights"), numpy_helper.from_array(bias, "bias")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def save_model(folder: Path, network: onnx.ModelProto | None = None, card: ModelCard | None = None) -> Model:
    """Write a network and its card, whose SHA-256 is set."""
    card = make_card() if card is None else card
    path = folder / card.file
    path.write_bytes((make_network() if network is None else network).SerializeToString())
    card = replace(card, sha256=file_sha256(path))
    write_card(card, folder / f"{card.name}.json")
    return Model(card, path)
