"""Where networks lie, and whether a file is the one that its card describes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError
from .model_card import ModelCard, read_card
from .onnx_file import has_external_data, repeating_operator

MODELS_VARIABLE = "LUNGSEGMENTATION_MODELS"
_LIB_FOLDER = Path(__file__).resolve().parents[1]
# In Slicer beside the package; in a pip installation within it.
_BUNDLED_FOLDERS = (_LIB_FOLDER.parent / "Resources" / "Models", _LIB_FOLDER / "network" / "models")
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Model:
    """A network that is there: its card and the path of its ``.onnx`` file."""

    card: ModelCard
    path: Path


def model_folders() -> tuple[Path, ...]:
    """List the folders that are searched: those of the environment variable ``LUNGSEGMENTATION_MODELS``, then the bundled ones."""
    given = os.environ.get(MODELS_VARIABLE, "").split(os.pathsep)
    return (*(Path(folder) for folder in given if folder.strip()), *_BUNDLED_FOLDERS)


def list_models(folders: Sequence[Path] | None = None) -> tuple[Model, ...]:
    """List the networks of some folders, by name; of two with the same name the first folder's.

    Parameters
    ----------
    folders : sequence of pathlib.Path, optional
        By default :func:`model_folders`. Folders that do not exist hold no network.

    Returns
    -------
    tuple of Model

    Raises
    ------
    ModelError
        If a card is wrong or its network is missing.
    """
    cards: dict[str, Path] = {}
    for folder in model_folders() if folders is None else folders:
        for path in sorted(folder.glob("*.json")):
            cards.setdefault(path.stem, path)
    return tuple(_named_model(cards[name]) for name in sorted(cards))


def find_model(key_or_path: str | Path, folders: Sequence[Path] | None = None) -> Model:
    """Find a network by its name, or by the path of its card or of its ``.onnx`` file.

    Parameters
    ----------
    key_or_path : str or pathlib.Path
        What ends in ``.json`` or ``.onnx`` is a path.
    folders : sequence of pathlib.Path, optional
        By default :func:`model_folders`.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If there is no such network, its card is wrong or its file is missing.
    """
    path = Path(key_or_path)
    if path.suffix.lower() in (".json", ".onnx"):
        return _model_of(path.with_suffix(".json") if path.suffix.lower() == ".onnx" else path)
    searched = model_folders() if folders is None else tuple(folders)
    known: set[str] = set()
    for folder in searched:
        names = {card.stem: card for card in folder.glob("*.json")}
        if str(key_or_path) in names:
            return _named_model(names[str(key_or_path)])
        known.update(names)
    raise ModelError(
        f"there is no network {str(key_or_path)!r}; expected one of {', '.join(sorted(known)) or 'none (no network is installed)'}, "
        f"or the path of a card NAME.json (folders searched: {', '.join(map(str, searched))})"
    )


def file_sha256(path: str | Path) -> str:
    """Give the SHA-256 of a file, read piece by piece, as 64 hexadecimal digits in lower case."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def check_file(model: Model) -> None:
    """Check that the network's file is the one of its card, and whole in itself.

    Raises
    ------
    ModelError
        If the file cannot be read, has another SHA-256 than the card says, is no ONNX model, would
        read weights from other files, which no card vouches for, or could run without end.
    """
    try:
        found = file_sha256(model.path)
        if found != model.card.sha256:
            raise ModelError(f"the network {model.path} has the SHA-256 {found}; its card says {model.card.sha256}: install both again")
        external, repeating = has_external_data(model.path), repeating_operator(model.path)
    except OSError as error:
        raise ModelError(f"the network {model.path} cannot be read ({error.strerror}); install it again") from error
    if external:
        raise ModelError(
            f"the network {model.path} reads weights from other files; expected a file that holds them itself: export it as one"
        )
    if repeating:
        raise ModelError(
            f"the network {model.path} has the operator {repeating}, by which it could run without end; expected a network that runs each "
            "operator once: export it without loops"
        )


def _named_model(card_path: Path) -> Model:
    model = _model_of(card_path)
    if model.card.name != card_path.stem:
        raise ModelError(f"{card_path.name}: name is {model.card.name!r}; expected {card_path.stem!r}, as the file is called")
    return model


def _model_of(card_path: Path) -> Model:
    card = read_card(card_path)
    path = card_path.parent / card.file
    if not path.is_file():
        raise ModelError(f"the network {path} of the card {card_path.name} is not there; put it beside the card")
    return Model(card, path)
