"""Export a trained network with its card: ``python -m Training.export_onnx CHECKPOINT --architecture compact --output DIR``."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from LungSegmentationLib.network.model_card import ModelCard, NetworkInput, NetworkOutput, SpacedPixels, write_card
from LungSegmentationLib.network.model_store import file_sha256

from .augmentation import HIGHEST_HU, LOWEST_HU
from .recipes import DIVIDE_HU, RECIPES, SUBTRACT_HU, Recipe, find_recipe
from .scans import CLASSES

LARGEST_DIFFERENCE = 1e-4
_OPSET = 17
_LICENCE = "Apache-2.0 (weights); trained on data under the licences named in training"


def load_network(recipe: Recipe, checkpoint: Path) -> nn.Module:
    """Read the averaged weights of a checkpoint into a network in evaluation mode."""
    network = recipe.make_network()
    network.load_state_dict(torch.load(checkpoint, weights_only=True, map_location="cpu")["average"])
    return network.eval()


def export(
    recipe: Recipe,
    network: nn.Module,
    folder: Path,
    training: Mapping[str, Any],
    scores: Sequence[Mapping[str, Any]] = (),
    name: str | None = None,
    version: str = "1",
    half_precision: bool = False,
) -> Path:
    """Write ``NAME.onnx``, checked against torch, and its card.

    Parameters
    ----------
    recipe : Recipe
    network : torch.nn.Module
        In evaluation mode, on the CPU.
    folder : pathlib.Path
    training : mapping
        For the card: data sets with their licences, command, date, slices seen.
    scores : sequence of mapping
        For the card: data, measure, value.
    name : str, optional
        By default the recipe's key.
    version : str
        Of the network, for the card.
    half_precision : bool
        Round the weights to numbers of 16 bits after the check: the file is as long, but compresses to two thirds.

    Returns
    -------
    pathlib.Path
        The card.

    Raises
    ------
    ValueError
        If ONNX Runtime's output differs from torch's by more than 1e-4.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = name or recipe.key
    path = folder / f"{name}.onnx"
    example = torch.randn(2, len(recipe.form.neighbour_offsets_mm), 96, 144, generator=torch.Generator().manual_seed(0))
    _write_network(network, example, path)
    difference = largest_difference(network, path, example)
    if difference > LARGEST_DIFFERENCE:
        raise ValueError(f"ONNX Runtime differs from torch by {difference:.2g}; at most {LARGEST_DIFFERENCE:g} is allowed")
    if half_precision:
        round_weights(path)
    parameters = sum(weights.numel() for weights in network.parameters())
    measured = {**training, "parameters": parameters, "largest_difference_to_torch": float(f"{difference:.2g}")}
    card_path = folder / f"{name}.json"
    write_card(dataclasses.replace(make_card(recipe, file_sha256(path), measured, scores, version), name=name), card_path)
    return card_path


def _write_network(network: nn.Module, example: torch.Tensor, path: Path) -> None:
    axes = {0: "slices", 2: "rows", 3: "columns"}
    torch.onnx.export(
        network,
        (example,),
        str(path),
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": axes, "logits": axes},
        opset_version=_OPSET,
        dynamo=False,
    )


def make_card(
    recipe: Recipe, sha256: str, training: Mapping[str, Any], scores: Sequence[Mapping[str, Any]], version: str = "1"
) -> ModelCard:
    """Describe a network of a recipe for those who run it."""
    return ModelCard(
        name=recipe.key,
        title=recipe.title,
        summary=recipe.summary,
        version=version,
        sha256=sha256,
        input=NetworkInput(
            clip_hu=(float(LOWEST_HU), float(HIGHEST_HU)),
            subtract_hu=float(SUBTRACT_HU),
            divide_hu=float(DIVIDE_HU),
            neighbour_offsets=recipe.form.neighbour_offsets_mm,
            offsets_in_mm=True,
            in_plane=SpacedPixels(recipe.form.pixel_mm, recipe.multiple_of),
            body_crop=True,
            slice_spacing_mm=recipe.form.pixel_mm,
        ),
        output=NetworkOutput("logits", CLASSES),
        licence=_LICENCE,
        training=training,
        scores=tuple(scores),
    )


def round_weights(path: Path) -> None:
    """Round the weights of an ONNX file to numbers of 16 bits; they are still stored as 32 bits."""
    network = onnx.load(path)
    for tensor in network.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            rounded = numpy_helper.to_array(tensor).astype(np.float16).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(rounded, tensor.name))
    onnx.save(network, path)


def largest_difference(network: nn.Module, path: Path, example: torch.Tensor) -> float:
    """Compare ONNX Runtime's probabilities with torch's on an example and on another size."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for image in (example, torch.roll(example, 7, dims=3)[:1, :, :64, :80].contiguous()):
        with torch.no_grad():
            ours = torch.softmax(network(image), dim=1).numpy()
        theirs = torch.softmax(torch.from_numpy(session.run(None, {"image": image.numpy()})[0]), dim=1).numpy()
        worst = max(worst, float(np.abs(ours - theirs).max()))
    return worst


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--architecture", choices=[recipe.key for recipe in RECIPES], default="compact")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--name", help="of the network; by default that of the architecture")
    parser.add_argument("--version", default="1", help="of the network, for the card")
    parser.add_argument("--command", required=True, help="the command that made the checkpoint, for the card")
    parser.add_argument("--data", type=Path, required=True, help="JSON list of the data sets with their licences, for the card")
    parser.add_argument("--scores", type=Path, help="JSON list of measured scores (data, measure, value), for the card")
    options = parser.parse_args(arguments)
    recipe = find_recipe(options.architecture)
    training = {
        "data_sets": json.loads(options.data.read_text(encoding="utf-8")),
        "command": options.command,
        "date": datetime.date.today().isoformat(),
        "slices_seen": torch.load(options.checkpoint, weights_only=True, map_location="cpu")["samples"],
    }
    scores = json.loads(options.scores.read_text(encoding="utf-8")) if options.scores else []
    export(recipe, load_network(recipe, options.checkpoint), options.output, training, scores, options.name, options.version)


if __name__ == "__main__":
    main()
