"""A tiny training from phantoms to a network that the engine runs."""

import csv
import json
import zlib

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; it is for training only")
onnx = pytest.importorskip("onnx", reason="onnx is not installed; it is for training only")

import training_parts
from onnx import numpy_helper

from LungSegmentationLib.network.model_store import check_file, find_model
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.pipeline import segment
from Training import average_weights
from Training.export_onnx import export, largest_difference
from Training.recipes import find_recipe
from Training.scans import patient_of, read_cases
from Training.start_weights import start_from
from Training.train import CHECKPOINT, CURVE_CSV, CURVE_PNG, train


def rows_of(folder):
    with (folder / CURVE_CSV).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_training_learns_and_goes_on_where_it_stopped(trained):
    _, _, folder = trained
    rows = rows_of(folder)
    samples = [int(row["samples"]) for row in rows]
    assert samples == sorted(set(samples)) and samples[-1] >= training_parts.SAMPLES
    assert float(rows[-1]["loss"]) < 0.85 * float(rows[0]["loss"])
    assert float(rows[-1]["validation_loss"]) < float(rows[0]["validation_loss"])
    assert (folder / CURVE_PNG).read_bytes().startswith(b"\x89PNG")
    assert torch.load(folder / CHECKPOINT, weights_only=True)["samples"] == samples[-1]


def test_the_exported_network_is_the_trained_one_and_finds_lungs(trained, tmp_path):
    recipe, network, _ = trained
    card = export(recipe, network, tmp_path, {"data_sets": ["phantoms"]}, [{"data": "none", "measure": "Dice", "value": 0.0}])
    content = json.loads(card.read_text(encoding="utf-8"))
    assert content["training"]["data_sets"] == ["phantoms"]
    assert largest_difference(network, tmp_path / "compact.onnx", torch.randn(1, 3, 64, 64)) < 1e-4
    phantom = make_phantom(seed=2, shape_zyx=(60, 112, 112), spacing_zyx_mm=(5.0, 3.2, 3.2))
    labels = segment(phantom.volume, "network", {"model": str(card)}).labels
    for label in (1, 2):
        found, truth = labels == label, phantom.labels == label
        assert 2 * np.count_nonzero(found & truth) / (found.sum() + truth.sum()) > 0.7


def test_rounded_weights_answer_nearly_the_same_and_compress_to_two_thirds(trained, tmp_path):
    recipe, network, _ = trained
    for folder, half_precision in (("whole", False), ("rounded", True)):
        export(recipe, network, tmp_path / folder, {}, half_precision=half_precision)
    whole, rounded = (tmp_path / folder / "compact.onnx" for folder in ("whole", "rounded"))
    check_file(find_model(rounded))
    weights = [
        numpy_helper.to_array(tensor) for tensor in onnx.load(rounded).graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT
    ]
    assert weights and all(values.dtype == np.float32 and np.array_equal(values, values.astype(np.float16)) for values in weights)
    example = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    assert 0 < largest_difference(network, rounded, example) < 0.02
    sizes = [len(zlib.compress(path.read_bytes())) for path in (whole, rounded)]
    assert sizes[1] < 0.67 * sizes[0]


def test_a_training_can_start_from_an_exported_network(trained, tmp_path):
    recipe, network, _ = trained
    export(recipe, network, tmp_path, {})
    started = recipe.make_network()
    with pytest.raises(ValueError, match="shapes"):
        start_from(find_recipe("compact").make_network(), tmp_path / "compact.onnx", torch.randn(2, 5, 64, 64))
    images = torch.randn(16, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    start_from(started, tmp_path / "compact.onnx", images)
    with torch.no_grad():
        assert torch.allclose(started.eval()(images), network(images), atol=1e-3)
        # The statistics of these images are those that the batch norms undo: training starts from the same answers.
        assert torch.allclose(started.train()(images), network(images), atol=0.05, rtol=0.05)
    train(recipe, [training_parts.small_scan()], tmp_path / "more", 160, check_every=80, start=tmp_path / "compact.onnx")
    first = float(rows_of(tmp_path / "more")[0]["loss"])
    assert first < 0.85 * float(rows_of(trained[2])[0]["loss"])


def with_random_shifts(network):
    """Give batch norms shifts, as after training: exporting stores equal ones, as of a new network, once."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.bias)
    return network.eval()


def test_two_networks_of_one_architecture_are_averaged(trained, tmp_path):
    recipe, network, _ = trained
    other = with_random_shifts(recipe.make_network())
    for name, one in (("a", network), ("b", other)):
        export(recipe, one, tmp_path / name, {})
    first, second = (tmp_path / name / "compact.onnx" for name in "ab")
    (tmp_path / "data.json").write_text("[]")
    command = [str(first), str(second), "--share", "0", "--output", str(tmp_path / "c"), "--version", "2", "--command", "train"]
    average_weights.main([*command, "--slices-seen", "7", "--data", str(tmp_path / "data.json")])
    assert largest_difference(network, tmp_path / "c" / "compact.onnx", torch.randn(1, 3, 64, 64)) < 1e-4
    card = json.loads((tmp_path / "c" / "compact.json").read_text(encoding="utf-8"))
    assert card["version"] == "2" and card["training"]["slices_seen"] == 7
    average_weights.average_weights(first, second, 0.25, tmp_path / "d.onnx")
    mixed, one, two = (onnx.load(path).graph.initializer for path in (tmp_path / "d.onnx", first, second))
    for found, ours, theirs in zip(*(map(onnx.numpy_helper.to_array, part) for part in (mixed, one, two)), strict=True):
        assert np.allclose(found, 0.75 * ours + 0.25 * theirs, atol=1e-6)
    export(find_recipe("unet"), with_random_shifts(find_recipe("unet").make_network()), tmp_path / "e", {})
    with pytest.raises(ValueError, match="one architecture"):
        average_weights.average_weights(first, tmp_path / "e" / "unet.onnx", 0.5, tmp_path / "f.onnx")


def test_scans_of_one_patient_stay_together(shared_data):
    assert patient_of("lungdx_A0001_L") == patient_of("lungdx_A0001_B") == "lungdx_A0001"
    with (shared_data / "cases.csv").open(newline="", encoding="utf-8") as file:
        every = [row["name"] for row in csv.DictReader(file)]
    kept = [name for name in every if patient_of(name) in ("qin_LUNG010007", "tb1_002")]
    without = [patient_of(name) for name in every if name not in kept]
    assert "lungdx_A0001" in without
    assert [scan.name for scan in read_cases(shared_data / "cases.csv", without=without)] == kept
