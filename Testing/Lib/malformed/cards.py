"""Cards and networks that are wrong: JSON, values, grids without end, operators without end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx_models import make_card, make_network, save_model

from LungSegmentationLib.network.model_card import FixedPixels, NetworkInput, SpacedPixels
from LungSegmentationLib.network.model_store import file_sha256, find_model

from . import RIGHT, Malformed, Scan

Make = Callable[[Path, Scan], Path]


def _edited(edit: Callable[[str], str]) -> Make:
    """Change a valid card's text."""

    def make(folder: Path, _scan: Scan) -> Path:
        save_model(folder)
        path = folder / "tiny.json"
        path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
        return path

    return make


def _changed(place: str, value: Any) -> Make:
    """Set one value of a valid card; the place's keys are parted by points."""

    def edit(text: str) -> str:
        card = json.loads(text)
        *path, last = place.split(".")
        part = card
        for key in path:
            part = part[key]
        part[last] = value
        return json.dumps(card)

    return _edited(edit)


def _network(network: Callable[[], onnx.ModelProto], **changes: Any) -> Make:
    def make(folder: Path, _scan: Scan) -> Path:
        save_model(folder, network(), make_card(**changes))
        return folder / "tiny.json"

    return make


def _bytes_as_network(content: bytes, sized: bool = True) -> Make:
    """Put other bytes in the network's place, with a card that vouches for them."""

    def make(folder: Path, _scan: Scan) -> Path:
        save_model(folder)
        (folder / "tiny.onnx").write_bytes(content)
        path = folder / "tiny.json"
        card = json.loads(path.read_text(encoding="utf-8"))
        card["sha256"] = file_sha256(folder / "tiny.onnx") if sized else card["sha256"]
        path.write_text(json.dumps(card))
        return path

    return make


def _bundled(folder: Path, _scan: Scan) -> Path:
    model = find_model("compact")
    for path in (model.path, model.path.with_suffix(".json")):
        shutil.copy(path, folder / path.name)
    return folder / "compact.json"


def _shown(**changes: Any) -> NetworkInput:
    return replace(make_card().input, **changes)


def endless(operator: str = "Loop") -> onnx.ModelProto:
    """Make a network that adds nothing to its values again and again, for ever."""
    inner_in = [
        helper.make_tensor_value_info("count", TensorProto.INT64, []),
        helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("before", TensorProto.FLOAT, None),
    ]
    nodes = [helper.make_node("Identity", ["go_on"], ["go_on_out"]), helper.make_node("Identity", ["before"], ["after"])]
    inner_out = [
        helper.make_tensor_value_info("go_on_out", TensorProto.BOOL, []),
        helper.make_tensor_value_info("after", TensorProto.FLOAT, None),
    ]
    body = helper.make_graph(nodes, "body", inner_in, inner_out)
    network = make_network(after=(helper.make_node(operator, ["", "true", "weighted"], ["output"], body=body),))
    network.graph.initializer.append(numpy_helper.from_array(np.array(True), "true"))
    return network


def endless_in_a_branch() -> onnx.ModelProto:
    """Make the same within a branch of an If."""
    inner = endless()
    loop = inner.graph.node[-1]
    branch = helper.make_graph([loop], "branch", [], [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)])
    network = make_network(after=(helper.make_node("If", ["true"], ["output"], then_branch=branch, else_branch=branch),))
    network.graph.initializer.append(numpy_helper.from_array(np.array(True), "true"))
    return network


def large(gigabytes: int) -> onnx.ModelProto:
    """Make a network that fills so much memory on its way."""
    nodes = (
        helper.make_node("ConstantOfShape", ["shape"], ["filled"]),
        helper.make_node("ReduceMax", ["filled"], ["none"], keepdims=0),
        helper.make_node("Add", ["weighted", "none"], ["output"]),
    )
    network = make_network(after=nodes)
    network.graph.initializer.append(numpy_helper.from_array(np.array([gigabytes * 250_000_000], np.int64), "shape"))
    return network


def not_finite() -> onnx.ModelProto:
    """Make a network that gives no numbers."""
    return make_network(bias=np.full(4, np.nan, np.float32))


def elsewhere() -> onnx.ModelProto:
    """Make a network whose weights lie in another file."""
    network = make_network()
    for tensor in network.graph.initializer:
        onnx.external_data_helper.set_external_data(tensor, "../../etc/passwd")
    return network


def _noise(folder: Path, _scan: Scan) -> Path:
    (folder / "noise.json").write_bytes(np.random.default_rng(2).bytes(3000))
    return folder / "noise.json"


_VALUES: list[tuple[str, Any, str]] = [
    ("format", 99, "format"),
    ("name", "../../x", "name"),
    ("name", "n" * 400, "name"),
    ("file", "/etc/passwd", "file"),
    ("sha256", "abc", "sha256"),
    ("sha256", "0" * 64, "SHA-256"),
    ("title", "", "title"),
    ("input", [], "mapping"),
    ("input.clip_hu", [600, -1024], "clip_hu"),
    ("input.clip_hu", [float("1e400"), 0], "not the card|clip_hu"),
    ("input.divide_hu", 0, "divide_hu"),
    ("input.divide_hu", "1e999", "divide_hu"),
    ("input.neighbour_offsets_mm", [0] * 9999, "neighbour_offsets_mm"),
    ("input.neighbour_offsets_mm", [1e308, 0], "neighbour_offsets_mm"),
    ("input.in_plane", {"size": [99999, 99999]}, "size"),
    ("input.in_plane", {"size": [0, 8]}, "size"),
    ("input.in_plane", {"spacing_mm": 1e-9, "multiple_of": 1}, "spacing_mm"),
    ("input.in_plane", {"spacing_mm": 3, "multiple_of": 10**9}, "multiple_of"),
    ("input.slice_spacing_mm", 1e-9, "slice_spacing_mm"),
    ("output.channels", ["background"] * 4, "channels"),
    ("output.channels", [[]], "channels"),
    ("output.activation", {"a": 1}, "activation"),
    ("scores", {"a": 1}, "scores"),
    ("training", "none", "training"),
]
_TEXTS: list[tuple[str, Callable[[str], str], str]] = [
    ("an empty card", lambda text: "", "not the card"),
    ("half a card", lambda text: text[: len(text) // 2], "not the card"),
    ("a card of brackets", lambda text: "[" * 100_000, "not the card"),
    ("a card of mappings", lambda text: '{"a":' * 100_000, "not the card"),
    ("a list", lambda text: "[1, 2]", "mapping"),
    ("a number of 5000 digits", lambda text: text.replace('"format": 1', f'"format": {"9" * 5000}'), "not the card|format"),
    ("a number that is none", lambda text: text.replace('"format": 1', '"format": NaN'), "not the card"),
    ("a key twice", lambda text: text.replace('"format": 1', '"format": 1, "format": 1'), "twice"),
    ("a key too many", lambda text: text.replace('"format": 1', '"format": 1, "exec": "rm"'), "unknown key"),
    ("2 MB", lambda text: text + " " * (2 << 20), "larger than 1 MB"),
]

CASES = [
    Malformed("a network that is bundled", "card", _bundled, RIGHT),
    *(Malformed(f"{place} {str(value)[:40]}", "card", _changed(place, value), expected) for place, value, expected in _VALUES),
    *(Malformed(name, "card", _edited(edit), expected) for name, edit, expected in _TEXTS),
    Malformed("a card of other bytes", "card", _noise, "not the card"),
    Malformed("an empty network", "card", _bytes_as_network(b""), "empty"),
    Malformed("a network of text", "card", _bytes_as_network(b"not a network at all"), "not an ONNX model"),
    Malformed("half a network", "card", _bytes_as_network(make_network().SerializeToString()[:200]), "not an ONNX model"),
    Malformed("another network than the card's", "card", _bytes_as_network(b"other bytes", sized=False), "SHA-256"),
    Malformed("weights elsewhere", "card", _network(elsewhere), "other files"),
    Malformed("a loop without end", "card", _network(endless), "operator Loop"),
    Malformed("a loop in a branch", "card", _network(endless_in_a_branch), "operator Loop"),
    Malformed(
        "an operator that is none",
        "card",
        _network(lambda: make_network(after=(helper.make_node("Nothing", ["weighted"], ["output"]),))),
        "started",
    ),
    Malformed("a network that takes 3 GB", "card", _network(lambda: large(3)), "more memory"),
    Malformed("a network that takes 300 GB", "card", _network(lambda: large(300)), "more memory"),
    Malformed("a network that gives no numbers", "card", _network(not_finite), "not finite"),
    Malformed("a grid of 4096 times 4096", "card", _network(make_network, input=_shown(in_plane=FixedPixels(4096, 4096))), "too large"),
    Malformed("a grid of 0.1 mm", "card", _network(make_network, input=_shown(in_plane=SpacedPixels(0.1))), "too large"),
]
