"""Methods and their parameters: described once, checked everywhere."""

import dataclasses

import pytest

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.registry import DEFAULT_METHOD_KEY, METHODS, find_method

DESCRIPTIONS = [(method, description) for method in METHODS for description in method.describe_parameters()]


def test_keys_are_unique_and_one_is_the_default():
    keys = [method.key for method in METHODS]
    assert len(set(keys)) == len(keys)
    assert find_method().key == DEFAULT_METHOD_KEY in keys


def test_unknown_method_names_the_known_ones():
    with pytest.raises(InputError, match=r"'graph-cut'.*connected-components"):
        find_method("graph-cut")


@pytest.mark.parametrize(("method", "description"), DESCRIPTIONS, ids=lambda value: getattr(value, "name", getattr(value, "key", "")))
def test_parameter_is_described_and_its_range_is_kept(method, description):
    assert description.title and description.help and description.help == description.help.strip()
    assert description.minimum <= description.default <= description.maximum
    is_switch = isinstance(description.default, bool)
    for inside in (True, False) if is_switch else (description.minimum, description.default, description.maximum):
        assert getattr(method.make_parameters({description.name: inside}), description.name) == inside
    for outside in (description.minimum - 1, description.maximum + 1, "much", None, float("nan")):
        with pytest.raises(InputError, match=description.name):
            method.make_parameters({description.name: outside})


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.key)
def test_method_is_complete(method):
    assert method.title and method.summary.endswith(".") and method.reference
    assert dataclasses.fields(method.parameters)
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.make_parameters().threshold_hu = 0
    with pytest.raises(InputError, match="no parameter 'speed'"):
        method.make_parameters({"speed": 11})
