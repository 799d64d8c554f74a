"""Cards of networks: what is read is what was written, and nothing wrong is read."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from LungSegmentationLib.errors import ModelError, OutputError
from LungSegmentationLib.network import model_card
from LungSegmentationLib.network.model_card import (
    FixedPixels,
    ModelCard,
    NetworkInput,
    NetworkOutput,
    SpacedPixels,
    read_card,
    write_card,
)

CONTENT = {
    "format": 1,
    "name": "compact",
    "title": "Compact network",
    "summary": "Small and quick – for every scan.",
    "version": "1",
    "file": "compact.onnx",
    "sha256": "0123456789abcdef" * 4,
    "input": {
        "clip_hu": [-1024, 600],
        "subtract_hu": -700,
        "divide_hu": 400,
        "layout": "NCHW",
        "neighbour_offsets_mm": [-8, -4, 0, 4, 8],
        "in_plane": {"spacing_mm": 3.0, "multiple_of": 16},
        "body_crop": True,
        "slice_spacing_mm": 3.0,
    },
    "output": {"activation": "logits", "channels": ["background", "right_lung", "left_lung", "airways"]},
    "licence": "Apache-2.0",
    "training": {"epochs": 40, "data": [{"name": "A", "licence": "CC BY 4.0"}]},
    "scores": [{"data": "A", "measure": "Dice", "value": 0.99, "cases": 8}],
}
CARD = ModelCard(
    name="compact",
    title="Compact network",
    summary="Small and quick – for every scan.",
    version="1",
    sha256="0123456789abcdef" * 4,
    input=NetworkInput((-1024, 600), -700, 400, (-8, -4, 0, 4, 8), True, SpacedPixels(3.0, 16), True, 3.0),
    output=NetworkOutput("logits", ("background", "right_lung", "left_lung", "airways")),
    licence="Apache-2.0",
    training={"epochs": 40, "data": [{"name": "A", "licence": "CC BY 4.0"}]},
    scores=({"data": "A", "measure": "Dice", "value": 0.99, "cases": 8},),
)
ABSENT = object()


def changed(path: str, value: object) -> dict:
    """Give the content with one value put in its place, or taken out."""
    content = copy.deepcopy(CONTENT)
    *parents, key = path.split(".")
    part = content
    for parent in parents:
        part = part[int(parent)] if isinstance(part, list) else part[parent]
    if value is ABSENT:
        del part[key]
    else:
        part[key] = value
    return content


def all_keys(content: dict, before: str = "") -> list[str]:
    keys = []
    for key, value in content.items():
        keys.append(before + key)
        if isinstance(value, dict) and key != "training":
            keys += all_keys(value, f"{before}{key}.")
    return keys


def read_content(content: object, folder) -> ModelCard:
    path = folder / "compact.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_card(path)


def test_card_is_read_as_it_is_documented(tmp_path):
    assert read_content(CONTENT, tmp_path) == CARD
    assert CARD.file == "compact.onnx"


def test_other_forms_of_input(tmp_path):
    content = changed("input.in_plane", {"size": [256, 192]})
    del content["input"]["neighbour_offsets_mm"]
    content["input"] |= {"neighbour_offsets_slices": [-1, 0, 1], "slice_spacing_mm": None, "body_crop": False}
    content["output"] = {"activation": "sigmoid", "channels": ["both_lungs"]}
    card = read_content(content, tmp_path)
    assert card.input == NetworkInput((-1024, 600), -700, 400, (-1, 0, 1), False, FixedPixels(256, 192), False, None)
    assert card.output == NetworkOutput("sigmoid", ("both_lungs",))


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
inputs = st.builds(
    NetworkInput,
    clip_hu=st.tuples(st.floats(-32768, 0), st.floats(1, 32767)),
    subtract_hu=st.floats(-32768, 32767),
    divide_hu=st.floats(0.001, 100000),
    neighbour_offsets=st.lists(st.integers(-100, 100).map(float), max_size=16).map(lambda offsets: (*offsets, 0.0)),
    offsets_in_mm=st.booleans(),
    in_plane=st.builds(SpacedPixels, st.floats(0.1, 20), st.integers(1, 512))
    | st.builds(FixedPixels, st.integers(8, 4096), st.integers(8, 4096)),
    body_crop=st.booleans(),
    slice_spacing_mm=st.none() | st.floats(0.1, 50),
)
outputs = st.builds(
    NetworkOutput,
    activation=st.sampled_from(model_card.ACTIVATIONS),
    channels=st.permutations(model_card.CHANNELS).map(tuple),
)
cards = st.builds(
    ModelCard,
    name=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True),
    title=texts,
    summary=texts,
    version=texts,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    input=inputs,
    output=outputs,
    licence=texts,
    training=st.dictionaries(texts, json_values, max_size=3),
    scores=st.lists(st.fixed_dictionaries({"data": texts, "measure": texts, "value": st.floats(-1e300, 1e300)}), max_size=2).map(tuple),
)


@given(card=cards)
def test_written_card_is_read_as_it_was(card, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "card.json"
    write_card(card, path)
    assert read_card(path) == card


@pytest.mark.parametrize("path", all_keys(CONTENT))
def test_missing_key_is_named(path, tmp_path):
    with pytest.raises(ModelError, match=r"compact\.json: .*missing") as caught:
        read_content(changed(path, ABSENT), tmp_path)
    assert path in str(caught.value)


@pytest.mark.parametrize("path", ["colour", "input.colour", "input.in_plane.size_mm", "output.colour"])
def test_unknown_key_is_named_with_its_value(path, tmp_path):
    with pytest.raises(ModelError) as caught:
        read_content(changed(path, [7]), tmp_path)
    assert f"compact.json: {path} is [7], an unknown key; expected only" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("format", 2, "1"),
        ("format", True, "1"),
        ("format", 1.0, "1"),
        ("name", "../evil", "small letters"),
        ("name", "compact\n", "small letters"),
        ("name", 7, "small letters"),
        ("file", "other.onnx", "compact.onnx"),
        ("file", "../compact.onnx", "compact.onnx"),
        ("title", " ", "a text that is not empty"),
        ("summary", None, "a text"),
        ("version", 1, "a text"),
        ("licence", "", "a text"),
        ("sha256", "0123456789ABCDEF" * 4, "64 hexadecimal digits in lower case"),
        ("sha256", "0" * 63, "64 hexadecimal digits"),
        ("input", [], "a mapping"),
        ("input.clip_hu", [600, -1024], "the lower HU first"),
        ("input.clip_hu", [0, 0], "the lower HU first"),
        ("input.clip_hu", [-1024, 600, 700], "a list of 2 numbers"),
        ("input.clip_hu", [-1024, "600"], "a list of 2 numbers from -32768 to 32767"),
        ("input.subtract_hu", "-700", "a number"),
        ("input.subtract_hu", True, "a number"),
        ("input.divide_hu", 0, "a number from 0.001 to 100000"),
        ("input.divide_hu", -400, "a number from 0.001 to 100000"),
        ("input.divide_hu", 10**400, "a number from 0.001 to 100000"),
        ("input.layout", "NHWC", "NCHW"),
        ("input.neighbour_offsets_mm", [], "a list of 1 to 33 numbers"),
        ("input.neighbour_offsets_mm", [-4, 4], "0, the labelled slice"),
        ("input.neighbour_offsets_mm", [0, True], "a list of 1 to 33 numbers"),
        ("input.in_plane", 3.0, "a mapping"),
        ("input.in_plane.spacing_mm", 0, "a number from 0.1 to 20"),
        ("input.in_plane.multiple_of", 0, "a whole number from 1 to 512"),
        ("input.in_plane.multiple_of", 16.0, "a whole number from 1 to 512"),
        ("input.body_crop", 1, "true or false"),
        ("input.slice_spacing_mm", 0, "a number from 0.1 to 50, or null"),
        ("output.activation", "relu", "one of logits, softmax, sigmoid, logits_sigmoid"),
        ("output.activation", None, "one of logits"),
        ("output.channels", [], "a list of some of background"),
        ("output.channels", "both_lungs", "a list of some of"),
        ("output.channels", ["background", "heart"], "a list of some of background, right_lung"),
        ("output.channels", ["background", "airways", "airways"], "each of them once"),
        ("output.channels", ["background"], "a lung or the airways"),
        ("output.channels", ["right_lung", "left_lung"], "background among them"),
        ("training", "a day", "a mapping"),
        ("scores", {}, "a list of mappings"),
        ("scores.0.value", None, "a number"),
        ("scores.0.measure", 1, "a text"),
    ],
)
def test_wrong_value_is_named_with_what_would_be_right(path, value, expected, tmp_path):
    with pytest.raises(ModelError) as caught:
        read_content(changed(path, value), tmp_path)
    shown, _, right = str(caught.value).partition("; expected ")
    key = path.replace("scores.0", "scores[0]")
    assert shown.removesuffix("…") in f"compact.json: {key} is {json.dumps(value)}"
    assert expected in right


@pytest.mark.parametrize("size", [[256], [256, 0.5], [256, 7], 256])
def test_wrong_size_in_pixels(size, tmp_path):
    with pytest.raises(ModelError, match="expected a list of 2 whole numbers from 8 to 4096") as caught:
        read_content(changed("input.in_plane", {"size": size}), tmp_path)
    assert f"input.in_plane.size is {size};" in str(caught.value)


def test_exactly_one_kind_of_neighbours_and_of_pixels(tmp_path):
    both = changed("input.neighbour_offsets_slices", [0])
    with pytest.raises(ModelError, match=r"both are there of input\.neighbour_offsets_mm and input\.neighbour_offsets_slices"):
        read_content(both, tmp_path)
    with pytest.raises(ModelError, match=r"both are there of input\.in_plane\.spacing_mm and input\.in_plane\.size"):
        read_content(changed("input.in_plane.size", [64, 64]), tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Expecting value"),
        (b"[1, 2]", r"is \[1, 2\]; expected a mapping"),
        (b'{"format": 1, "format": 1}', "the key format comes twice"),
        (b'{"format": NaN}', "NaN is not a number of JSON"),
        (b'{"title": "\xff"}', "utf-8"),
        (b"[" * 100_000, "expected JSON in UTF-8"),
        (b" " * (1 << 20) + b"{}", "larger than 1 MB"),
    ],
)
def test_what_is_no_card_is_refused(content, said, tmp_path):
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=f"odd\\.json.*{said}"):
        read_card(path)


def test_card_that_is_not_there(tmp_path):
    with pytest.raises(ModelError, match=r"none\.json cannot be read"):
        read_card(tmp_path / "none.json")


@pytest.mark.parametrize(
    "card",
    [
        replace(CARD, name="No Name"),
        replace(CARD, sha256=""),
        replace(CARD, title="\ud800"),
        replace(CARD, training={"loss": float("nan")}),
        replace(CARD, training={"sizes": (1, 2)}),
        replace(CARD, training={1: "one"}),
        replace(CARD, scores=({"data": "A", "value": 1.0},)),
        replace(CARD, input=replace(CARD.input, neighbour_offsets=(-0.5, 0.0, 0.5), offsets_in_mm=False)),
    ],
)
def test_wrong_card_is_not_written(card, tmp_path):
    path = tmp_path / "compact.json"
    write_card(CARD, path)
    with pytest.raises(ModelError, match=r"compact\.json"):
        write_card(card, path)
    assert read_card(path) == CARD
    assert [left.name for left in tmp_path.iterdir()] == ["compact.json"]


def test_card_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_card(CARD, tmp_path / "missing" / "compact.json")
    (tmp_path / "compact.json").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write_card(CARD, tmp_path / "compact.json")
    assert [left.name for left in tmp_path.iterdir()] == ["compact.json"]
