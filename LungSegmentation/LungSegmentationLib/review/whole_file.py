"""A file that appears whole or not at all, also where two programs write it at once."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, and move it there.

    Parameters
    ----------
    path : pathlib.Path
    content : bytes

    Raises
    ------
    OSError
        When it cannot be written; an earlier file stays as it is.
    """
    unfinished = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
