"""Networks in plain numpy: against ONNX Runtime on the same weights, by property on single operators, and end to end without it."""

import dataclasses
import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phantoms import phantom_of

from LungSegmentationLib.errors import InputError, ModelError
from LungSegmentationLib.network import runners
from LungSegmentationLib.network.model_store import find_model
from LungSegmentationLib.network.numpy_network import NumpyNetwork
from LungSegmentationLib.network.numpy_runner import NumpyRunner
from LungSegmentationLib.network.onnx_graph import Graph, Operator, read_graph
from LungSegmentationLib.network.onnx_runner import OnnxRunner

LIB_PARENT = Path(__file__).resolve().parents[2] / "LungSegmentation"
needs_onnxruntime = pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None, reason="onnxruntime is not installed")
CONVOLUTION = {"strides": [1, 1], "dilations": [1, 1], "group": 1}


def network_of(*operators: Operator, **weights: np.ndarray) -> NumpyNetwork:
    return NumpyNetwork(Graph(operators, weights, ("image",), (operators[-1].outputs[0],)), "test")


@pytest.fixture(scope="module")
def compact():
    return find_model("compact-float32")


@needs_onnxruntime
def test_the_delivered_network_gives_what_onnx_runtime_gives(compact):
    batch = np.random.default_rng(0).normal(0, 1, (3, 5, 48, 64)).astype(np.float32)
    (expected,), (found,) = OnnxRunner(compact).run([batch]), NumpyRunner(compact).run([batch])
    assert found.shape == expected.shape == (3, 5, 48, 64) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_the_threads_change_nothing_and_the_order_stays(compact):
    batches = [np.random.default_rng(seed).normal(0, 1, (seed + 1, 5, 32, 16)).astype(np.float32) for seed in range(3)]
    one, three = (list(NumpyRunner(compact, threads).run(batches)) for threads in (1, 3))
    for found, expected, batch in zip(three, one, batches, strict=True):
        assert np.array_equal(found, expected) and len(found) == len(batch)


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 6), columns=st.integers(1, 7), channels=st.integers(1, 3), outputs=st.integers(1, 3), seed=st.integers(0, 999))
def test_a_convolution_is_the_sum_over_its_neighbours(rows, columns, channels, outputs, seed):
    draw = np.random.default_rng(seed)
    image = draw.normal(size=(channels, rows, columns)).astype(np.float32)
    weights = draw.normal(size=(outputs, channels, 3, 3)).astype(np.float32)
    bias = draw.normal(size=outputs).astype(np.float32)
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)))
    expected = np.zeros((outputs, rows, columns)) + bias[:, None, None]
    for y in range(3):
        for x in range(3):
            expected += np.einsum("oc,cij->oij", weights[:, :, y, x], padded[:, y : y + rows, x : x + columns])
    operator = Operator("Conv", ("image", "w", "b"), ("out",), {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], **CONVOLUTION})
    np.testing.assert_allclose(network_of(operator, w=weights, b=bias).run(image), expected, atol=1e-4)


def test_pooling_enlarging_and_joining_by_hand():
    image = np.array([[[0, 1, 2, 3], [4, 5, 6, -7]]], np.float32)
    pool = Operator("MaxPool", ("image",), ("half",), {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 0, 0, 0]})
    assert network_of(pool).run(image).tolist() == [[[5, 6]]]
    resize = Operator("Resize", ("half", "", "scales"), ("whole",), {"mode": b"linear", "coordinate_transformation_mode": b"half_pixel"})
    scales = np.array([1, 1, 2, 2], np.float32)
    assert network_of(pool, resize, scales=scales).run(image).tolist() == [[[5, 5.25, 5.75, 6]] * 2]
    join = Operator("Concat", ("whole", "image"), ("both",), {"axis": 1})
    assert network_of(pool, resize, join, scales=scales).run(image)[1].tolist() == image[0].tolist()


def test_a_value_that_is_used_twice_is_not_changed_by_its_first_use():
    image = np.array([[[-1.0, 2.0]]], np.float32)
    same = Operator("Conv", ("image", "w", "b"), ("same",), {"kernel_shape": [1, 1], "pads": [0, 0, 0, 0], **CONVOLUTION})
    positive, both = Operator("Relu", ("same",), ("positive",)), Operator("Concat", ("positive", "same"), ("both",), {"axis": 1})
    weights = {"w": np.ones((1, 1, 1, 1), np.float32), "b": np.zeros(1, np.float32)}
    assert network_of(same, positive, both, **weights).run(image).tolist() == [[[0, 2]], [[-1, 2]]]


@pytest.mark.parametrize(
    ("size", "attributes", "known"),
    [
        (1, {}, True),
        (3, {}, False),
        (3, {"pads": [1, 1, 1, 1]}, True),
        (3, {"auto_pad": b"SAME_UPPER"}, False),
        (5, {"pads": [2] * 4}, False),
    ],
)
def test_what_an_operator_does_not_say_is_what_onnx_takes(size, attributes, known):
    """No zeros around the image: a convolution of 3 × 3 makes it smaller, which is not known here."""
    operator, weights = Operator("Conv", ("image", "w"), ("out",), attributes), np.ones((1, 1, size, size), np.float32)
    if known:
        assert network_of(operator, w=weights).run(np.ones((1, 3, 3), np.float32))[0, 1, 1] == size * size
    else:
        with pytest.raises(ModelError, match=r"operator Conv .* needs ONNX Runtime"):
            network_of(operator, w=weights)
    pool = Operator("MaxPool", ("image",), ("half",), {"kernel_shape": [2, 2]})
    with pytest.raises(ModelError, match="operator MaxPool"):
        network_of(pool)


@pytest.mark.parametrize("name", ["unet", "resnet"])
def test_a_network_with_other_operators_is_named_with_what_it_needs(name):
    with pytest.raises(ModelError, match=f"{name} has the operator .* needs ONNX Runtime"):
        NumpyRunner(find_model(name))


def test_a_network_of_8_bits_is_not_read():
    with pytest.raises(ModelError, match=r"compact\.onnx is not an ONNX model that is read here"):
        read_graph(find_model("compact").path)


@pytest.mark.parametrize("cut", [0, 1, 100, 20_000])
def test_a_part_of_a_file_is_refused(compact, tmp_path, cut):
    (tmp_path / "cut.onnx").write_bytes(compact.path.read_bytes()[:cut])
    with pytest.raises(ModelError, match=r"cut\.onnx is not an ONNX model"):
        read_graph(tmp_path / "cut.onnx")


def test_a_file_that_is_not_the_cards_is_refused(compact):
    other = dataclasses.replace(compact, card=dataclasses.replace(compact.card, sha256="0" * 64))
    with pytest.raises(ModelError, match="SHA-256"):
        NumpyRunner(other)


@needs_onnxruntime
def test_without_onnx_runtime_the_network_of_32_bits_stands_in_and_other_networks_ask_for_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    runner = runners.open_runner(find_model("compact"))
    assert isinstance(runner, NumpyRunner) and runner._card.name == "compact-float32"
    assert runners.runs_in_numpy(find_model("compact")) and not runners.runs_in_numpy(find_model("unet"))
    with pytest.raises(InputError, match=r"onnxruntime is not installed.*unet has the operator"):
        runners.open_runner(find_model("unet"))
    monkeypatch.undo()
    assert isinstance(runners.open_runner(find_model("compact")), OnnxRunner)


@needs_onnxruntime
def test_a_phantom_without_onnx_runtime_comes_out_as_with_it(tmp_path):
    phantom = phantom_of(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))
    np.savez(tmp_path / "scan.npz", hu=phantom.volume.voxels_hu, spacing=phantom.volume.spacing_zyx_mm)
    program = (
        f"import sys; sys.path.insert(0, {str(LIB_PARENT)!r})\n"
        "if sys.argv[2] == 'without': sys.modules['onnxruntime'] = None\n"
        "import numpy as np; from LungSegmentationLib.volume import CtVolume; from LungSegmentationLib.pipeline import segment\n"
        "scan = np.load(sys.argv[1] + '/scan.npz')\n"
        "result = segment(CtVolume(scan['hu'], tuple(scan['spacing'])), 'network')\n"
        "np.save(f'{sys.argv[1]}/{sys.argv[2]}.npy', result.labels)\n"
    )
    for how in ("with", "without"):
        subprocess.run([sys.executable, "-c", program, str(tmp_path), how], check=True, timeout=240)
    with_it, without = (np.load(tmp_path / f"{how}.npy") for how in ("with", "without"))
    assert np.count_nonzero(with_it != without) <= 0.0005 * np.count_nonzero(with_it)
