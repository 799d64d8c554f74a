"""Methods and their parameters: described once, checked everywhere."""

import dataclasses

import pytest

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.registry import AUTO_KEY, BEST_CLASSICAL, METHODS, choose_method, find_method

DESCRIPTIONS = [(method, description) for method in METHODS for description in method.describe_parameters()]


def test_keys_are_unique_and_the_choice_is_one_of_them():
    keys = [method.key for method in METHODS]
    assert len(set(keys)) == len(keys) and AUTO_KEY not in keys
    assert find_method() is find_method(AUTO_KEY)
    assert find_method().key in keys
    assert choose_method("threshold") == (find_method("threshold"), "")


def test_without_a_network_the_best_classical_method_is_chosen_and_the_reason_given(monkeypatch, tmp_path):
    monkeypatch.setattr("LungSegmentationLib.network.model_store._BUNDLED_FOLDERS", (tmp_path,))
    method, reason = choose_method()
    assert method is BEST_CLASSICAL
    assert "the network compact is not there" in reason


def test_without_onnxruntime_the_network_runs_in_numpy_and_the_reason_is_given(monkeypatch):
    assert choose_method()[1].startswith("the default; in ONNX Runtime where it works")
    monkeypatch.setattr("LungSegmentationLib.registry.find_spec", lambda name: None)
    method, reason = choose_method()
    assert method.key == "network" and method.requires == ()
    assert "in numpy" in reason and "ONNX Runtime" in reason


def test_unknown_method_names_the_known_ones():
    with pytest.raises(InputError, match=r"'graph-cut'.*connected-components"):
        find_method("graph-cut")


@pytest.mark.parametrize(("method", "description"), DESCRIPTIONS, ids=lambda value: getattr(value, "name", getattr(value, "key", "")))
def test_parameter_is_described_and_its_range_is_kept(method, description):
    assert description.title and description.help and description.help == description.help.strip()
    if isinstance(description.default, str):
        assert getattr(method.make_parameters({description.name: "other"}), description.name) == "other"
        for wrong in ("", "  ", 1, None):
            with pytest.raises(InputError, match=description.name):
                method.make_parameters({description.name: wrong})
        return
    assert description.minimum <= description.default <= description.maximum
    is_switch = isinstance(description.default, bool)
    for inside in (True, False) if is_switch else (description.minimum, description.default, description.maximum):
        assert getattr(method.make_parameters({description.name: inside}), description.name) == inside
    for outside in (description.minimum - 1, description.maximum + 1, "much", None, float("nan")):
        with pytest.raises(InputError, match=description.name):
            method.make_parameters({description.name: outside})


def test_a_count_is_a_whole_number():
    method = find_method("contour-tracking")
    assert method.make_parameters({"contours_per_slice": 8.0}).contours_per_slice == 8
    with pytest.raises(InputError, match=r"contours_per_slice is 8\.5; expected a whole number"):
        method.make_parameters({"contours_per_slice": 8.5})


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.key)
def test_method_is_complete(method):
    assert method.title and method.summary.endswith(".") and method.reference
    assert dataclasses.fields(method.parameters)
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.make_parameters().threshold_hu = 0
    with pytest.raises(InputError, match="no parameter 'speed'"):
        method.make_parameters({"speed": 11})


def test_an_earlier_name_of_a_parameter_is_understood():
    method = next(method for method in METHODS if method.key == "network")
    assert method.make_parameters({"look_twice": False}).mirror_averaging is False
    assert method.make_parameters({"mirror_averaging": False}) == method.make_parameters({"look_twice": False})
