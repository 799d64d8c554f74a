"""Networks give the probabilities that arithmetic gives, whatever the batches; what breaks its card's promise is refused."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx_models import BIAS, WEIGHTS, make_card, make_network, save_model

from LungSegmentationLib.errors import InputError, ModelError
from LungSegmentationLib.network import onnx_session, runners
from LungSegmentationLib.network.model_card import FixedPixels, NetworkOutput
from LungSegmentationLib.network.model_store import find_model
from LungSegmentationLib.network.onnx_runner import OnnxRunner
from LungSegmentationLib.network.onnx_session import first_that_starts
from LungSegmentationLib.network.processor_cores import available_physical_cores
from LungSegmentationLib.progress import Cancelled

LIB_PARENT = Path(__file__).resolve().parents[2] / "LungSegmentation"
CHANNELS = make_card().output.channels


def make_batch(slices: int = 3, rows: int = 8, columns: int = 12, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (slices, WEIGHTS.shape[1], rows, columns)).astype(np.float32)


def weighted_sums(batch: np.ndarray) -> np.ndarray:
    return np.einsum("kc,nchw->nkhw", WEIGHTS.astype(np.float64), batch.astype(np.float64)) + BIAS[:, None, None]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Each class against all others, by its definition through differences."""
    return 1 / np.exp(logits[:, None] - logits[:, :, None]).sum(axis=2).clip(1e-300)


def run_all(runner: OnnxRunner, *batches: np.ndarray) -> np.ndarray:
    return np.concatenate(list(runner.run(batches)))


@pytest.fixture(scope="module")
def runner(tmp_path_factory) -> OnnxRunner:
    return OnnxRunner(save_model(tmp_path_factory.mktemp("tiny")), providers=["CPUExecutionProvider"], threads=1)


def node(operator: str, *inputs: str, **attributes) -> tuple:
    return (helper.make_node(operator, list(inputs), ["output"], **attributes),)


@pytest.mark.parametrize(
    ("activation", "after", "truth"),
    [
        ("logits", (), softmax),
        ("softmax", node("Softmax", "weighted", axis=1), softmax),
        ("logits_sigmoid", (), lambda logits: 1 / (1 + np.exp(-logits))),
        ("sigmoid", node("Sigmoid", "weighted"), lambda logits: 1 / (1 + np.exp(-logits))),
    ],
)
def test_every_activation_gives_probabilities(activation, after, truth, tmp_path):
    model = save_model(tmp_path, make_network(after=after), make_card(output=NetworkOutput(activation, CHANNELS)))
    batch = make_batch()
    found = run_all(OnnxRunner(model), batch)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, truth(weighted_sums(batch)), atol=2e-6)


def test_largest_logits_do_not_overflow(runner):
    found = run_all(runner, np.array([1e30, -1e30, 3e37, 0], np.float32).reshape(1, 1, 1, 4).repeat(3, axis=1))
    assert np.isfinite(found).all()
    # The weights of the classes sum to -0.5, 2.25, 2.5 and 2.5.
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found[0, :2, 0, 0], 0, atol=1e-6)
    np.testing.assert_allclose(found[0, :, 0, 1], [1, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(found[0, :2, 0, 2], 0, atol=1e-6)
    np.testing.assert_allclose(found[0, :, 0, 3], softmax(BIAS.reshape(1, 4, 1, 1)).ravel(), atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=6), rows=st.integers(1, 20), columns=st.integers(1, 20))
def test_result_does_not_depend_on_the_batches(runner, sizes, rows, columns):
    slices = make_batch(sum(sizes), rows, columns, seed=rows)
    found = run_all(runner, *np.split(slices, np.cumsum(sizes)[:-1]))
    np.testing.assert_allclose(found, softmax(weighted_sums(slices)), atol=2e-6)


def test_input_stays_as_it_was(runner):
    batch = make_batch()
    before = batch.copy()
    run_all(runner, batch)
    assert np.array_equal(batch, before)


def test_network_for_one_slice_of_a_fixed_size(tmp_path):
    card = make_card()
    card = replace(card, input=replace(card.input, in_plane=FixedPixels(8, 12)))
    batch = make_batch(5)
    found = run_all(OnnxRunner(save_model(tmp_path, make_network(size=(1, 8, 12)), card)), batch)
    np.testing.assert_allclose(found, softmax(weighted_sums(batch)), atol=2e-6)


def test_next_batch_is_prepared_meanwhile_but_no_further(runner):
    prepared, threads, second_wanted = [], set(), threading.Event()

    def batches():
        for number in range(4):
            prepared.append(number)
            threads.add(threading.get_ident())
            if number == 1:
                second_wanted.set()
            yield make_batch(seed=number)

    results = runner.run(batches())
    next(results)
    assert second_wanted.wait(10)  # without asking for the second result
    time.sleep(0.05)
    assert prepared == [0, 1]
    assert threading.get_ident() not in threads
    results.close()
    assert prepared == [0, 1]


def test_stop_in_the_preparation_reaches_the_caller(runner):
    def batches():
        yield make_batch()
        raise Cancelled

    results = runner.run(batches())
    next(results)
    with pytest.raises(Cancelled):
        next(results)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


@pytest.mark.parametrize(
    ("after", "activation", "said"),
    [
        (node("Log", "weighted"), "logits", "values that are not finite"),
        (node("Exp", "weighted"), "logits", "values that are not finite"),
        (node("Log", "weighted"), "sigmoid", "values that are not finite"),
        (node("Identity", "weighted"), "softmax", "values from .* to .*; its card says softmax, which gives 0 to 1"),
        (node("Identity", "weighted"), "sigmoid", "its card says sigmoid"),
        (node("MaxPool", "weighted", kernel_shape=[2, 2], strides=[2, 2]), "logits", r"shape \(3, 4, 4, 6\) for \(3, 3, 8, 12\)"),
    ],
)
def test_broken_promise_of_the_output_is_noticed(after, activation, said, tmp_path):
    model = save_model(tmp_path, make_network(after=after), make_card(output=NetworkOutput(activation, CHANNELS)))
    batch = make_batch() * 100
    with pytest.raises(ModelError, match=f"tiny.*{said}"):
        run_all(OnnxRunner(model), batch)


@pytest.mark.parametrize(
    ("size", "card_changes", "said"),
    [
        ((2, None, None), {}, r"input of shape \(2, 3, \?, \?\); its card says \(\?, 3, \?, \?\)"),
        ((None, 64, 64), {}, r"input of shape \(\?, 3, 64, 64\); its card says \(\?, 3, \?, \?\)"),
        ((None, 64, 64), {"in_plane": FixedPixels(64, 32)}, r"input of shape \(\?, 3, 64, 64\); its card says \(\?, 3, 64, 32\)"),
        ((None, None, None), {"neighbour_offsets": (0.0,)}, r"input of shape \(\?, 3, \?, \?\); its card says \(\?, 1, \?, \?\)"),
    ],
)
def test_other_input_than_the_card_says(size, card_changes, said, tmp_path):
    card = make_card()
    card = replace(card, input=replace(card.input, **card_changes))
    with pytest.raises(ModelError, match=f"tiny.onnx has an {said}"):
        OnnxRunner(save_model(tmp_path, make_network(size=size), card))


def test_other_number_of_output_channels_than_the_card_says(tmp_path):
    card = make_card(output=NetworkOutput("logits", ("background", "both_lungs")))
    with pytest.raises(ModelError, match=r"tiny\.onnx has 4 output channels; its card says 2 \(background, both_lungs\)"):
        OnnxRunner(save_model(tmp_path, card=card))


def with_two_outputs(network):
    network.graph.node.append(helper.make_node("Relu", ["output"], ["second"]))
    network.graph.output.append(helper.make_tensor_value_info("second", TensorProto.FLOAT, [None] * 4))
    return "outputs: output, tensor.float., 4 axes; second"


def with_flat_output(network):
    network.graph.node[0].output[0] = "weighted"
    network.graph.node.append(helper.make_node("Flatten", ["weighted"], ["output"]))
    network.graph.output[0].CopyFrom(helper.make_tensor_value_info("output", TensorProto.FLOAT, [None, None]))
    return "outputs: output, tensor.float., 2 axes"


def with_half_precision(network):
    for tensor in network.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
    for entry in (*network.graph.input, *network.graph.output):
        entry.type.tensor_type.elem_type = TensorProto.FLOAT16
    return "inputs: values, tensor.float16., 4 axes"


@pytest.mark.parametrize("change", [with_two_outputs, with_flat_output, with_half_precision])
def test_other_kind_of_network(change, tmp_path):
    network = make_network()
    said = change(network)
    with pytest.raises(ModelError, match=f"tiny.onnx has the {said}.*expected one, tensor.float., 4 axes"):
        OnnxRunner(save_model(tmp_path, network))


def test_file_that_onnxruntime_refuses(tmp_path):
    network = make_network()
    network.graph.node[0].op_type = "NoSuchOperator"
    with pytest.raises(ModelError, match=r"tiny\.onnx cannot be started: CPUExecutionProvider did not start .*NoSuchOperator"):
        OnnxRunner(save_model(tmp_path, network))


@pytest.mark.parametrize("batch", [make_batch().astype(np.float64), make_batch()[0], make_batch()[:, :2], make_batch()[:0]])
def test_wrong_batch_is_named(batch, runner):
    with pytest.raises(ModelError, match=r"tiny was given float.*; expected float32 \(slices, 3, rows, columns\)"):
        run_all(runner, batch)


def test_failure_in_the_network_is_named(tmp_path):
    network = make_network(after=node("Reshape", "weighted", "shape"))
    network.graph.initializer.append(numpy_helper.from_array(np.array([1, 4, 5, 5]), "shape"))
    with pytest.raises(ModelError, match=r"tiny failed on CPUExecutionProvider with a batch of shape \(3, 3, 8, 12\)"):
        run_all(OnnxRunner(save_model(tmp_path, network)), make_batch())


def test_errors_are_raised_and_not_also_printed(tmp_path, capfd):
    test_failure_in_the_network_is_named(tmp_path)
    out, err = capfd.readouterr()
    assert out == err == ""


def test_providers_and_threads(tmp_path):
    model = save_model(tmp_path)
    runner = OnnxRunner(model)
    assert (runner.provider, runner.warnings) == ("CPUExecutionProvider", ())
    with pytest.raises(InputError, match=r"provider 'GpuProvider' is not offered .* expected one of .*CPUExecutionProvider"):
        OnnxRunner(model, providers=["GpuProvider"])
    with pytest.raises(InputError, match="threads is 0; expected a whole number from 1"):
        OnnxRunner(model, threads=0)


def test_a_network_runs_on_the_cpu_unless_the_user_says_otherwise(tmp_path, monkeypatch):
    offered = ["CUDAExecutionProvider", "CoreMLExecutionProvider", "DmlExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: offered)
    started, start = [], onnx_session._start

    def remember(onnxruntime, model, provider, threads):
        started.append(provider)
        if provider != "CPUExecutionProvider":
            raise RuntimeError("no such card")
        return start(onnxruntime, model, provider, threads)

    monkeypatch.setattr(onnx_session, "_start", remember)
    model = save_model(tmp_path)
    assert OnnxRunner(model).warnings == () and started == ["CPUExecutionProvider"]
    started.clear()
    with onnx_session.providers_set_to("CoreMLExecutionProvider, CPUExecutionProvider"):
        runner = runners.open_runner(model)
    assert started == ["CoreMLExecutionProvider", "CPUExecutionProvider"] and runner.provider == "CPUExecutionProvider"
    assert runner.warnings == ("CoreMLExecutionProvider did not start (no such card); the network runs on CPUExecutionProvider",)
    with onnx_session.providers_set_to("NpuProvider"), pytest.raises(InputError, match="'NpuProvider' is not offered"):
        runners.open_runner(find_model("compact"))
    assert onnx_session.chosen_providers() == ("CPUExecutionProvider",)


def test_first_provider_that_starts_is_taken():
    def start(name):
        if name != "C":
            raise RuntimeError(f"no {name} here\nand much more")
        return name.lower()

    assert first_that_starts("ABCD", start) == ("c", "C", ["A did not start (no A here)", "B did not start (no B here)"])
    assert first_that_starts("A", start) == (None, "", ["A did not start (no A here)"])


def test_batch_size_is_bounded_by_pixels(runner):
    assert runner.batch_size(144, 96) == 4
    assert runner.batch_size(512, 512) == 1
    assert runner.batch_size(64, 64) == 16


def run_python(program: str) -> str:
    program = f"import sys; sys.path.insert(0, {str(LIB_PARENT)!r})\n{program}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True).stdout


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not bind processes to cores")
def test_cores_are_those_that_the_process_may_use():
    program = (
        "import os; from LungSegmentationLib.network.processor_cores import available_physical_cores as cores\n"
        "whole = cores(); os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); print(whole, cores())"
    )
    whole, bound = map(int, run_python(program).split())
    assert bound == 1
    assert 1 <= whole == available_physical_cores() <= len(os.sched_getaffinity(0))


def test_onnxruntime_is_imported_late_and_its_absence_is_said(tmp_path):
    save_model(tmp_path)
    modules = sorted(path.stem for path in (LIB_PARENT / "LungSegmentationLib" / "network").glob("*.py") if path.stem != "__init__")
    program = (
        "import importlib\n"
        f"for name in {modules}: importlib.import_module('LungSegmentationLib.network.' + name)\n"
        "print('onnxruntime' in sys.modules)\n"
        "sys.modules['onnxruntime'] = None\n"  # makes every import of it fail
        "from LungSegmentationLib.errors import LungSegmentationError\n"
        "from LungSegmentationLib.network import model_store, onnx_runner\n"
        f"try: onnx_runner.OnnxRunner(model_store.find_model({str(tmp_path / 'tiny.json')!r}))\n"
        "except LungSegmentationError as error: print(type(error).__name__, error)"
    )
    loaded, said = run_python(program).splitlines()
    assert loaded == "False"
    assert said.startswith("InputError the package onnxruntime is not installed")
    assert "pip install onnxruntime" in said and "other methods work without it" in said
