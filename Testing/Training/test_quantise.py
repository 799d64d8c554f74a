"""A network in whole numbers of 8 bits answers as the one that it was made of, and says so in its card."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; it is for training only")
onnx = pytest.importorskip("onnx", reason="onnx is not installed; it is for training only")

import training_parts

from LungSegmentationLib.network.model_card import read_card
from LungSegmentationLib.network.model_store import check_file, find_model
from Training.average_weights import average_weights
from Training.batches import batch_stream
from Training.export_onnx import export
from Training.quantise import lungs_agreement, quantise, quantised_card
from Training.start_weights import start_from
from Training.train import normalised


@pytest.fixture(scope="module")
def network(trained, tmp_path_factory):
    """The recipe and the card of a network that has learned a little, and inputs for it."""
    recipe, learned, _ = trained
    card = export(recipe, learned, tmp_path_factory.mktemp("network"), {"data_sets": ["phantoms"]})
    stream = batch_stream([training_parts.small_scan()], recipe.form, recipe.batch, seed=0)
    return recipe, card, [normalised(next(stream)[0]).numpy() for _ in range(6)]


@pytest.fixture(scope="module")
def variant(network, tmp_path_factory):
    _, card, inputs = network
    target = tmp_path_factory.mktemp("variant") / "small.onnx"
    return target, quantise(card.with_suffix(".onnx"), inputs[:4], inputs[4:], target, lowest=0.95)


def test_the_variant_is_smaller_and_sees_the_same_lungs(network, variant):
    _, card, inputs = network
    path, agreement = variant
    assert path.stat().st_size < 0.6 * card.with_suffix(".onnx").stat().st_size
    assert 0.95 <= agreement <= 1 and agreement == lungs_agreement(card.with_suffix(".onnx"), path, inputs[4:])
    weights = [tensor for tensor in onnx.load(path).graph.initializer if tensor.data_type == onnx.TensorProto.INT8]
    assert weights and all(np.abs(onnx.numpy_helper.to_array(tensor).astype(int)).max() <= 64 for tensor in weights)


def test_its_card_names_both_and_keeps_the_rest(network):
    recipe, card, _ = network
    of_variant = quantised_card(read_card(card), recipe, "small", "0" * 64, "a command", 0.997, [])
    assert of_variant.name == "small" and of_variant.file == "small.onnx"
    assert of_variant.training["data_sets"] == ["phantoms"] and "a command" in of_variant.training["quantised"]
    assert of_variant.input == read_card(card).input


def test_a_variant_that_answers_otherwise_is_not_written(network, tmp_path):
    _, card, inputs = network
    # Calibrated on next to nothing, all larger values are cut off.
    with pytest.raises(ValueError, match=r"Dice of 0\.\d+; at least 0\.99"):
        quantise(card.with_suffix(".onnx"), [1e-3 * inputs[0]], inputs[4:], tmp_path / "bad.onnx")
    assert not (tmp_path / "bad.onnx").exists()


def test_8_bits_are_nothing_to_train_on_from(network, variant, tmp_path):
    recipe, card, inputs = network
    with pytest.raises(ValueError, match="8 bits"):
        start_from(recipe.make_network(), variant[0], torch.from_numpy(inputs[0]))
    with pytest.raises(ValueError, match="8 bits"):
        average_weights(card.with_suffix(".onnx"), variant[0], 0.5, tmp_path / "mixed.onnx")


def test_the_shipped_variant_is_the_one_of_its_card():
    model = find_model("compact")
    check_file(model)
    assert json.loads(model.path.with_suffix(".json").read_text(encoding="utf-8"))["training"]["agreement_with_32_bits_dice"] > 0.99
