"""What a run remembers for the next one, in a folder that only its owner may look into.

- ``secret``: with it patients and sources get their pseudonyms; without it nobody can try out which name gives which.
- ``folders.jsonl``: what each folder of the input holds, so that headers of unchanged folders are not read again.
- ``index.jsonl``: for each finished source its signature, its result's folder, and that folder's own signature.
- ``run``: a word that workers on other computers must find, to show that they see the same folder.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from ..errors import output_errors
from .whole_file import whole_file

STATE_NAME = ".lungsegmentation-cohort"
_SECRET, _FOLDERS, _INDEX, _RUN = "secret", "folders.jsonl", "index.jsonl", "run"
_SECRET_BYTES = 32
_ADVICE = "free some space or give another output folder"


class StateFolder:
    """The folder, made where it is missing.

    Parameters
    ----------
    output : pathlib.Path
        Of the run, which holds its lock.

    Raises
    ------
    OutputError
        When it cannot be written.
    """

    def __init__(self, output: Path) -> None:
        self.path = output / STATE_NAME
        self._index: TextIO | None = None
        with output_errors(f"the folder {self.path} cannot be written", "give a folder that you may write to"):
            self.path.mkdir(mode=0o700, exist_ok=True)
            secret = self.path / _SECRET
            if not secret.is_file() or secret.stat().st_size < _SECRET_BYTES:
                write_private(secret, secrets.token_hex(_SECRET_BYTES))
            self.secret = secret.read_bytes()
            self.token = secrets.token_hex(8)
            write_private(self.path / _RUN, self.token)

    def folders(self) -> dict[str, Any]:
        """Read what each folder held at the last search."""
        return {entry["folder"]: entry for entry in _read_lines(self.path / _FOLDERS) if isinstance(entry.get("folder"), str)}

    def keep_folders(self, folders: Mapping[str, Mapping[str, Any]]) -> None:
        """Write what each folder holds."""
        self._write_lines(_FOLDERS, ({"folder": folder, **contents} for folder, contents in folders.items()))

    def index(self) -> dict[str, dict[str, Any]]:
        """Read what is known of each source; a last line that was cut off is passed over."""
        return {entry["source"]: entry for entry in _read_lines(self.path / _INDEX) if isinstance(entry.get("source"), str)}

    def start_index(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Write the index anew, and keep it open for what comes."""
        self._write_lines(_INDEX, entries)
        with output_errors(f"{self.path / _INDEX} could not be written", _ADVICE):
            self._index = (self.path / _INDEX).open("a", encoding="utf-8", buffering=1)

    def note(self, entry: Mapping[str, Any]) -> None:
        """Add what is known of a source to the index."""
        with output_errors(f"{self.path / _INDEX} could not be written", _ADVICE):
            if self._index is not None:
                self._index.write(json.dumps(entry) + "\n")

    def close(self) -> None:
        """End the index."""
        if self._index is not None:
            with suppress(OSError):
                self._index.close()
            self._index = None
        with suppress(OSError):
            (self.path / _RUN).unlink()

    def _write_lines(self, name: str, entries: Iterable[Mapping[str, Any]]) -> None:
        with output_errors(f"{self.path / name} could not be written", _ADVICE):
            write_private(self.path / name, "".join(json.dumps(entry) + "\n" for entry in entries))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; it appears whole."""
    with whole_file(path) as unfinished:
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            stream.write(text)


def is_same_run(output: str, token: str) -> bool:
    """Tell whether the folder that a worker sees is the one of the run that asks it."""
    try:
        return (Path(output) / STATE_NAME / _RUN).read_text(encoding="utf-8") == token
    except OSError:
        return False


def _read_lines(path: Path) -> Iterable[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                yield entry
