"""A network cannot run without end or take all memory: the clock stops it, and what loops is found in the file."""

import time

import numpy as np
import onnxruntime
import pytest
from malformed.cards import endless, endless_in_a_branch
from onnx_models import make_network

from LungSegmentationLib.network import limits, onnx_session
from LungSegmentationLib.network.onnx_file import repeating_operator


def test_the_clock_stops_a_network_that_would_run_for_ever(monkeypatch):
    monkeypatch.setattr(limits, "MOST_SECONDS", 0.5)
    session = onnxruntime.InferenceSession(endless().SerializeToString(), providers=["CPUExecutionProvider"])
    start = time.perf_counter()
    with pytest.raises(TimeoutError):
        onnx_session.run_limited(session, "values", np.zeros((1, 3, 4, 4), np.float32))
    assert 0.4 < time.perf_counter() - start < 30


def test_a_network_that_ends_is_not_stopped_and_its_errors_are_its_own(monkeypatch):
    monkeypatch.setattr(limits, "MOST_SECONDS", 30.0)
    session = onnxruntime.InferenceSession(make_network().SerializeToString(), providers=["CPUExecutionProvider"])
    assert onnx_session.run_limited(session, "values", np.zeros((2, 3, 4, 4), np.float32)).shape == (2, 4, 4, 4)
    with pytest.raises(Exception, match="INVALID_ARGUMENT"):
        onnx_session.run_limited(session, "values", np.zeros((2, 5, 4, 4), np.float32))


@pytest.mark.parametrize(("network", "found"), [(make_network, None), (endless, "Loop"), (endless_in_a_branch, "Loop")])
def test_operators_that_repeat_are_found_wherever_they_are(network, found, tmp_path):
    path = tmp_path / "network.onnx"
    path.write_bytes(network().SerializeToString())
    assert repeating_operator(path) == found
