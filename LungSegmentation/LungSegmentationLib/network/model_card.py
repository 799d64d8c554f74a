"""The card of a network: what goes in, what comes out, where it comes from; strictly checked JSON beside the ``.onnx`` file."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, ModelError, output_errors
from ..io.file_checks import check_regular
from .card_rules import FLAG, MAPPING, MAPPINGS, Rule, Wanted, check, number, numbers, one_of, some_of, text, whole

CARD_FORMAT = 1
CHANNELS = ("background", "right_lung", "left_lung", "both_lungs", "airways", "aorta")
ACTIVATIONS = ("logits", "softmax", "sigmoid", "logits_sigmoid")
LAYOUTS = ("NCHW",)
_LARGEST_CARD_BYTES = 1 << 20
_MOST_NEIGHBOURS = 33

_HAS_LABELLED_SLICE = Rule("0, the labelled slice, among the offsets", lambda offsets: 0 in offsets)
_INPUT: dict[str, Wanted] = {
    "clip_hu": [
        numbers(-32768, 32767, 2, 2),
        Rule("the lower HU first, then the higher one, such as [-1024, 600]", lambda clip_hu: clip_hu[0] < clip_hu[1]),
    ],
    "subtract_hu": number(-32768, 32767),
    "divide_hu": number(0.001, 100000),
    "in_plane": (
        {"spacing_mm": number(0.1, 20), "multiple_of": whole(1, 512)},
        {"size": numbers(8, 4096, 2, 2, only_whole=True)},
    ),
    "body_crop": FLAG,
    "slice_spacing_mm": number(0.1, 50, or_null=True),
    "layout": one_of(LAYOUTS),
}
_OUTPUT: dict[str, Wanted] = {
    "activation": one_of(ACTIVATIONS),
    "channels": [
        some_of(CHANNELS),
        Rule("each of them once", lambda channels: len(set(channels)) == len(channels)),
        Rule("a lung or the airways among them", lambda channels: set(channels) != {"background"}),
    ],
}
_SCORE = {"data": text(), "measure": text(), "value": number(-math.inf, math.inf)}
_CARD: dict[str, Wanted] = {
    "format": whole(CARD_FORMAT, CARD_FORMAT),  # first: a card of another format has other keys
    "name": text("1 to 64 small letters, digits, - and _", r"[a-z0-9][a-z0-9_-]{0,63}"),
    "file": text(),
    "title": text(),
    "summary": text(),
    "version": text(),
    "sha256": text("64 hexadecimal digits in lower case, the SHA-256 of the .onnx file", r"[0-9a-f]{64}"),
    "input": (
        {"neighbour_offsets_mm": [numbers(-200, 200, 1, _MOST_NEIGHBOURS), _HAS_LABELLED_SLICE], **_INPUT},
        {"neighbour_offsets_slices": [numbers(-100, 100, 1, _MOST_NEIGHBOURS, only_whole=True), _HAS_LABELLED_SLICE], **_INPUT},
    ),
    "output": _OUTPUT,
    "licence": text(),
    "training": MAPPING,
    "scores": MAPPINGS,
}


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
    title, summary, version : str
        For the picker, one sentence for who chooses, and the weights' version.
    sha256 : str
        Of the ``.onnx`` file, 64 hexadecimal digits in lower case.
    input : NetworkInput
    output : NetworkOutput
    licence : str
        Of the weights.
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
            stored = file.read(_LARGEST_CARD_BYTES + 1)
    except InputError as error:
        raise ModelError(f"{path.name} cannot be read: {error}") from error
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read ({error.strerror}); expected {expected}") from error
    if len(stored) > _LARGEST_CARD_BYTES:
        raise ModelError(f"{path.name} is larger than {_LARGEST_CARD_BYTES >> 20} MB; expected the card of a network, of a few kB")
    try:
        content = json.loads(stored.decode("utf-8"), object_pairs_hook=_without_repetition, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path.name} is not the card of a network ({error}); expected JSON in UTF-8") from error
    return _card_from(content, path.name)


def write_card(card: ModelCard, path: str | Path) -> None:
    """Write a card, whole or not at all.

    Parameters
    ----------
    card : ModelCard
    path : str or pathlib.Path

    Raises
    ------
    ModelError
        If the card would not be read again as it is.
    OutputError
        If the file cannot be written.
    """
    path = Path(path)
    try:
        stored = (json.dumps(_content_of(card), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
    except (TypeError, ValueError) as error:
        raise ModelError(f"{path.name} cannot be written as JSON ({error}); expected text, finite numbers, lists and mappings") from error
    if _card_from(json.loads(stored), path.name) != card:
        raise ModelError(f"{path.name} would not be read again as it is; expected lists where JSON has them, and text for every key")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with output_errors(f"the card {path} cannot be written", "give a folder that you may write to"):
            unfinished.write_bytes(stored)
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


def _card_from(content: Any, file: str) -> ModelCard:
    check(content, _CARD, file)
    _check_together(content, file)
    shown, output = content["input"], content["output"]
    in_mm, pixels = "neighbour_offsets_mm" in shown, shown["in_plane"]
    return ModelCard(
        **{key: content[key] for key in ("name", "title", "summary", "version", "sha256", "licence", "training")},
        input=NetworkInput(
            clip_hu=(float(shown["clip_hu"][0]), float(shown["clip_hu"][1])),
            subtract_hu=float(shown["subtract_hu"]),
            divide_hu=float(shown["divide_hu"]),
            neighbour_offsets=tuple(map(float, shown["neighbour_offsets_mm" if in_mm else "neighbour_offsets_slices"])),
            offsets_in_mm=in_mm,
            in_plane=FixedPixels(*pixels["size"]) if "size" in pixels else SpacedPixels(float(pixels["spacing_mm"]), pixels["multiple_of"]),
            body_crop=shown["body_crop"],
            slice_spacing_mm=None if shown["slice_spacing_mm"] is None else float(shown["slice_spacing_mm"]),
            layout=shown["layout"],
        ),
        output=NetworkOutput(output["activation"], tuple(output["channels"])),
        scores=tuple(content["scores"]),
    )


def _check_together(content: Mapping[str, Any], file: str) -> None:
    """Check what depends on other values of the card."""
    name, output = content["name"], content["output"]
    check(content["file"], text(f"{name}.onnx, the name with .onnx", re.escape(f"{name}.onnx")), file, "file")
    if output["activation"] in ("logits", "softmax"):
        expected = f"background among them, as the activation {output['activation']} makes them exclude each other"
        check(output["channels"], Rule(expected, lambda channels: "background" in channels), file, "output.channels")
    for index, score in enumerate(content["scores"]):
        check(score, _SCORE, file, f"scores[{index}]", others=True)


def _content_of(card: ModelCard) -> dict[str, Any]:
    """Give the card as JSON has it."""
    content = {"format": CARD_FORMAT, "file": card.file, **asdict(card)}
    shown, pixels = content["input"], card.input.in_plane
    offsets = shown.pop("neighbour_offsets")
    if shown.pop("offsets_in_mm"):
        shown["neighbour_offsets_mm"] = offsets
    else:
        shown["neighbour_offsets_slices"] = [int(offset) for offset in offsets]
    if isinstance(pixels, FixedPixels):
        shown["in_plane"] = {"size": [pixels.rows, pixels.columns]}
    return content
