"""The card of a network: what goes in, what comes out, where it comes from; strictly checked JSON beside the ``.onnx`` file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, ModelError, output_errors
from ..io.file_checks import check_regular
from .card_fields import CardFields

CARD_FORMAT = 1
CHANNELS = ("background", "right_lung", "left_lung", "both_lungs", "airways", "aorta")
ACTIVATIONS = ("logits", "softmax", "sigmoid", "logits_sigmoid")
LAYOUTS = ("NCHW",)
_LARGEST_CARD_BYTES = 1 << 20
_MOST_NEIGHBOURS = 33


@dataclass(frozen=True)
class SpacedPixels:
    """Rows and columns of a given size, as many as the image needs.

    Parameters
    ----------
    spacing_mm : float
        Size of a pixel.
    multiple_of : int
        The network needs a number of rows and of columns that is a multiple of it.
    """

    spacing_mm: float
    multiple_of: int = 1


@dataclass(frozen=True)
class FixedPixels:
    """A given number of rows and columns, whatever the image's size in mm."""

    rows: int
    columns: int


@dataclass(frozen=True)
class NetworkInput:
    """What the network is shown.

    Parameters
    ----------
    clip_hu : tuple of float
        Lowest and highest HU; what is beyond is set to them.
    subtract_hu, divide_hu : float
        The network sees ``(clipped - subtract_hu) / divide_hu``.
    neighbour_offsets : tuple of float
        Slices shown together as channels, in the channels' order, by their offset from the labelled slice towards the head.
    offsets_in_mm : bool
        The offsets are in mm; otherwise in slices.
    in_plane : SpacedPixels or FixedPixels
    body_crop : bool
        The network sees the box of the body; otherwise whole slices.
    slice_spacing_mm : float, optional
        The network is run every so many mm; on every slice for None.
    layout : str
        Axis order: slices, channels, rows, columns.
    """

    clip_hu: tuple[float, float]
    subtract_hu: float
    divide_hu: float
    neighbour_offsets: tuple[float, ...]
    offsets_in_mm: bool
    in_plane: SpacedPixels | FixedPixels
    body_crop: bool
    slice_spacing_mm: float | None
    layout: str = "NCHW"


@dataclass(frozen=True)
class NetworkOutput:
    """What the network gives.

    Parameters
    ----------
    activation : str
        ``logits``: of classes that exclude each other, to become probabilities by softmax; ``softmax``: those
        probabilities; ``logits_sigmoid``: of channels that may overlap, to become probabilities by the logistic
        function; ``sigmoid``: those probabilities.
    channels : tuple of str
        What each channel is (see ``CHANNELS``).
    """

    activation: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class ModelCard:
    """All that is to be known of a network.

    Parameters
    ----------
    name : str
        Key; the files are ``name.onnx`` and ``name.json``.
    title, summary, version, licence : str
        For the picker, one sentence for who chooses, and the weights' version and licence.
    sha256 : str
        Of the ``.onnx`` file, 64 hexadecimal digits in lower case.
    input : NetworkInput
    output : NetworkOutput
    training : mapping
        Free text and figures: data sets with their licences, command, date, epochs.
    scores : tuple of mapping
        Each with at least ``data`` and ``measure`` (text) and ``value`` (number).
    """

    name: str
    title: str
    summary: str
    version: str
    sha256: str
    input: NetworkInput
    output: NetworkOutput
    licence: str
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: tuple[Mapping[str, Any], ...] = ()

    @property
    def file(self) -> str:
        """Name of the network's file, which lies beside the card."""
        return f"{self.name}.onnx"


def read_card(path: str | Path) -> ModelCard:
    """Read and check a card.

    Parameters
    ----------
    path : str or pathlib.Path
        JSON, UTF-8.

    Returns
    -------
    ModelCard

    Raises
    ------
    ModelError
        If the file cannot be read, is not JSON, or a key is unknown, missing, or has a value out of its range.
    """
    path = Path(path)
    expected = "the card of a network, NAME.json beside NAME.onnx"
    try:
        check_regular(path, expected)
        with path.open("rb") as file:
            text = file.read(_LARGEST_CARD_BYTES + 1)
    except InputError as error:
        raise ModelError(f"{path.name} cannot be read: {error}") from error
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read ({error.strerror}); expected {expected}") from error
    if len(text) > _LARGEST_CARD_BYTES:
        raise ModelError(f"{path.name} is larger than {_LARGEST_CARD_BYTES >> 20} MB; expected the card of a network, of a few kB")
    try:
        content = json.loads(text.decode("utf-8"), object_pairs_hook=_without_repetition, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path.name} is not the card of a network ({error}); expected JSON in UTF-8") from error
    return _card_from(content, path.name)


def write_card(card: ModelCard, path: str | Path) -> None:
    """Write a card, whole or not at all.

    Raises
    ------
    ModelError
        If the card would not be read again as it is.
    OutputError
        If the file cannot be written.
    """
    path = Path(path)
    try:
        text = (json.dumps(_content_of(card), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
    except (TypeError, ValueError) as error:
        raise ModelError(f"{path.name} cannot be written as JSON ({error}); expected text, finite numbers, lists and mappings") from error
    if _card_from(json.loads(text), path.name) != card:
        raise ModelError(f"{path.name} would not be read again as it is; expected lists where JSON has them, and text for every key")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with output_errors(f"the card {path} cannot be written", "give a folder that you may write to"):
            unfinished.write_bytes(text)
            os.replace(unfinished, path)
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)} comes twice")
    return content


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number of JSON")


def _card_from(content: object, file: str) -> ModelCard:
    fields = CardFields(content, file)
    # The format comes first: a card of another one has other keys.
    fields.whole("format", CARD_FORMAT, CARD_FORMAT)
    name = fields.text("name", re.compile(r"[a-z0-9][a-z0-9_-]{0,63}"), "1 to 64 small letters, digits, - and _")
    fields.text("file", re.compile(re.escape(f"{name}.onnx")), f"{name}.onnx, the name with .onnx")
    card = ModelCard(
        name=name,
        title=fields.text("title"),
        summary=fields.text("summary"),
        version=fields.text("version"),
        sha256=fields.text("sha256", re.compile(r"[0-9a-f]{64}"), f"64 hexadecimal digits in lower case, the SHA-256 of {name}.onnx"),
        input=_input_from(fields.part("input")),
        output=_output_from(fields.part("output")),
        licence=fields.text("licence"),
        training=fields.mapping("training"),
        scores=_scores_from(fields),
    )
    fields.finish()
    return card


def _input_from(fields: CardFields) -> NetworkInput:
    clip_hu = fields.numbers("clip_hu", -32768, 32767, 2, 2)
    if clip_hu[0] >= clip_hu[1]:
        raise fields.error("clip_hu", "the lower HU first, then the higher one, such as [-1024, 600]")
    in_mm = fields.which("neighbour_offsets_mm", "neighbour_offsets_slices") == "neighbour_offsets_mm"
    if in_mm:
        offsets = fields.numbers("neighbour_offsets_mm", -200, 200, 1, _MOST_NEIGHBOURS)
    else:
        offsets = fields.numbers("neighbour_offsets_slices", -100, 100, 1, _MOST_NEIGHBOURS, whole=True)
    if 0 not in offsets:
        raise fields.error("neighbour_offsets_mm" if in_mm else "neighbour_offsets_slices", "0, the labelled slice, among the offsets")
    network_input = NetworkInput(
        clip_hu=(clip_hu[0], clip_hu[1]),
        subtract_hu=fields.number("subtract_hu", -32768, 32767),
        divide_hu=fields.number("divide_hu", 0.001, 100000),
        neighbour_offsets=offsets,
        offsets_in_mm=in_mm,
        in_plane=_in_plane_from(fields.part("in_plane")),
        body_crop=fields.boolean("body_crop"),
        slice_spacing_mm=fields.number_or_null("slice_spacing_mm", 0.1, 50),
        layout=fields.choice("layout", LAYOUTS),
    )
    fields.finish()
    return network_input


def _in_plane_from(fields: CardFields) -> SpacedPixels | FixedPixels:
    in_plane: SpacedPixels | FixedPixels
    if fields.which("spacing_mm", "size") == "spacing_mm":
        in_plane = SpacedPixels(fields.number("spacing_mm", 0.1, 20), fields.whole("multiple_of", 1, 512))
    else:
        rows, columns = fields.numbers("size", 8, 4096, 2, 2, whole=True)
        in_plane = FixedPixels(int(rows), int(columns))
    fields.finish()
    return in_plane


def _output_from(fields: CardFields) -> NetworkOutput:
    activation = fields.choice("activation", ACTIVATIONS)
    channels = fields.choices("channels", CHANNELS)
    if len(set(channels)) < len(channels):
        raise fields.error("channels", "each of them once")
    if set(channels) == {"background"}:
        raise fields.error("channels", "a lung or the airways among them")
    if activation in ("logits", "softmax") and "background" not in channels:
        raise fields.error("channels", f"background among them, as the activation {activation} makes them exclude each other")
    fields.finish()
    return NetworkOutput(activation, channels)


def _scores_from(fields: CardFields) -> tuple[Mapping[str, Any], ...]:
    for score in fields.parts("scores"):
        score.text("data")
        score.text("measure")
        score.number("value", float("-inf"), float("inf"))
    return tuple(fields.content["scores"])


def _content_of(card: ModelCard) -> dict[str, Any]:
    """Give the card as JSON has it."""
    shown = card.input
    offsets = list(shown.neighbour_offsets) if shown.offsets_in_mm else [int(offset) for offset in shown.neighbour_offsets]
    if isinstance(shown.in_plane, FixedPixels):
        in_plane: dict[str, Any] = {"size": [shown.in_plane.rows, shown.in_plane.columns]}
    else:
        in_plane = {"spacing_mm": shown.in_plane.spacing_mm, "multiple_of": shown.in_plane.multiple_of}
    return {
        "format": CARD_FORMAT,
        "name": card.name,
        "title": card.title,
        "summary": card.summary,
        "version": card.version,
        "file": card.file,
        "sha256": card.sha256,
        "input": {
            "clip_hu": list(shown.clip_hu),
            "subtract_hu": shown.subtract_hu,
            "divide_hu": shown.divide_hu,
            "layout": shown.layout,
            "neighbour_offsets_mm" if shown.offsets_in_mm else "neighbour_offsets_slices": offsets,
            "in_plane": in_plane,
            "body_crop": shown.body_crop,
            "slice_spacing_mm": shown.slice_spacing_mm,
        },
        "output": {"activation": card.output.activation, "channels": list(card.output.channels)},
        "licence": card.licence,
        "training": dict(card.training),
        "scores": [dict(score) for score in card.scores],
    }
