"""What could not be done, or was left out by rule: a small file for each, so that the table can be made of the folders alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .state_folder import write_private

NOT_DONE_NAME = "not_done"
ERROR, LEFT_OUT = "error", "left out"


class NotDone:
    """The folder of these files.

    Parameters
    ----------
    output : pathlib.Path
        Of the run.
    """

    def __init__(self, output: Path) -> None:
        self._folder = output / NOT_DONE_NAME
        self.entries: dict[str, dict[str, Any]] = {}
        for path in self._folder.glob("*.json"):
            with suppress(OSError, ValueError):
                entry = json.loads(path.read_text(encoding="utf-8"))
                if isinstance(entry, dict) and entry.get("id") == path.stem:
                    self.entries[path.stem] = entry

    def add(self, name: str, status: str, reason: str, more: Mapping[str, Any]) -> None:
        """Write why something was not done.

        Parameters
        ----------
        name : str
            Pseudonym of its source.
        status : str
            :data:`ERROR` or :data:`LEFT_OUT`.
        reason : str
            One line.
        more : mapping
            What else is known, for the next run and for the table.
        """
        entry = {"id": name, "status": status, "error": reason, **more}
        if self.entries.get(name) == entry:
            return
        self._folder.mkdir(exist_ok=True)
        write_private(self._folder / f"{name}.json", json.dumps(entry, indent=1) + "\n")
        self.entries[name] = entry

    def remove(self, name: str) -> None:
        """Forget it: it is done, or there no more."""
        if self.entries.pop(name, None) is not None:
            with suppress(OSError):
                (self._folder / f"{name}.json").unlink()
            with suppress(OSError):
                self._folder.rmdir()  # where it was the last
