"""A file that takes its place whole, of the one run that may write to a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a place beside a file's own to write to; what is there at the end is flushed, and moved to the file's place.

    The place beside it has one name, so that the next run writes over what a killed one left.

    Parameters
    ----------
    path : pathlib.Path

    Yields
    ------
    pathlib.Path
        Where nothing is.

    Raises
    ------
    OSError
        When it cannot be written; an earlier file stays as it is.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
