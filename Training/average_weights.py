"""Average two exported networks, one of which was trained on from the other.

Use: ``python -m Training.average_weights A.onnx B.onnx ...``

What the first one knows and what the second one learned are both kept, at the cost of one network.

References
----------
M. Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import numpy_helper

from LungSegmentationLib.network.model_card import write_card
from LungSegmentationLib.network.model_store import file_sha256

from .export_onnx import make_card
from .recipes import RECIPES, find_recipe

_WITH_WEIGHTS = ("Conv", "ConvTranspose")


def average_weights(first: Path, second: Path, share: float, path: Path) -> int:
    """Write a network whose weights lie between those of two.

    Parameters
    ----------
    first, second : pathlib.Path
        ONNX files of one architecture.
    share : float
        0 gives the first network, 1 the second.
    path : pathlib.Path
        ONNX file to write.

    Returns
    -------
    int
        Number of weights.

    Raises
    ------
    ValueError
        If the two are not of one architecture, or have weights of 8 bits.
    """
    networks = [onnx.load(file) for file in (first, second)]
    ours, theirs = (_tensors(network.graph) for network in networks)
    if [list(tensor.dims) for tensor in ours] != [list(tensor.dims) for tensor in theirs]:
        raise ValueError(f"{first.name} and {second.name} have convolutions of other shapes; only networks of one architecture mix")
    for one, other in zip(ours, theirs, strict=True):
        mixed = (1 - share) * numpy_helper.to_array(one) + share * numpy_helper.to_array(other)
        one.CopyFrom(numpy_helper.from_array(mixed.astype("float32"), one.name))
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(networks[0], path)
    return sum(numpy_helper.to_array(tensor).size for tensor in ours)


def _tensors(graph: onnx.GraphProto) -> list[onnx.TensorProto]:
    """List the weights and biases of the convolutions in the order in which they run."""
    by_name = {tensor.name: tensor for tensor in graph.initializer}
    layers = [node for node in graph.node if node.op_type in _WITH_WEIGHTS]
    if any(name not in by_name for node in layers for name in node.input[1:]):
        raise ValueError("the network has its weights in 8 bits; take the one of 32 bits that it was made of")
    return [by_name[name] for node in layers for name in node.input[1:]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, average, and write the card."""
    parser = argparse.ArgumentParser(description="Average two exported networks of one architecture.")
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--share", type=float, default=0.5, help="0: the first network, 1: the second")
    parser.add_argument("--architecture", choices=[recipe.key for recipe in RECIPES], default="compact")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--name", help="of the average; by default that of the architecture")
    parser.add_argument("--version", default="1", help="of the network, for the card")
    parser.add_argument("--command", required=True, help="the commands that made both networks, for the card")
    parser.add_argument("--slices-seen", type=int, required=True, help="by the second network, those of the first one included")
    parser.add_argument("--data", type=Path, required=True, help="JSON list of the data sets with their licences, for the card")
    parser.add_argument("--scores", type=Path, help="JSON list of measured scores (data, measure, value), for the card")
    options = parser.parse_args(arguments)
    recipe = find_recipe(options.architecture)
    name = options.name or recipe.key
    path = options.output / f"{name}.onnx"
    parameters = average_weights(options.first, options.second, options.share, path)
    training = {
        "data_sets": json.loads(options.data.read_text(encoding="utf-8")),
        "command": options.command,
        "date": datetime.date.today().isoformat(),
        "slices_seen": options.slices_seen,
        "parameters": parameters,
    }
    scores = json.loads(options.scores.read_text(encoding="utf-8")) if options.scores else []
    card = dataclasses.replace(make_card(recipe, file_sha256(path), training, scores, options.version), name=name)
    write_card(card, options.output / f"{name}.json")


if __name__ == "__main__":
    main()
