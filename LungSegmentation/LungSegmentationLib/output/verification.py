"""Proof that a compressed file was written to its end.

ITK's NIfTI writer does not report a full disk, so a file is only believed after it was read back.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from ..errors import OutputError

_CHUNK_BYTES = 1 << 20


def check_gzip(path: Path, uncompressed_bytes: int, start: int = 0) -> None:
    """Decompress a gzip stream to its end and compare its length; gzip itself compares the checksum.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    uncompressed_bytes : int
        Length that the content must have.
    start : int
        Where in the file the stream begins, in bytes.

    Raises
    ------
    OutputError
        When the file is missing, cut or of another length.
    """
    length = 0
    try:
        with path.open("rb") as file:
            file.seek(start)
            with gzip.GzipFile(fileobj=file) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    length += len(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise OutputError(f"{path.name} was not written to its end; is the disk full?") from error
    if length != uncompressed_bytes:
        raise OutputError(f"{path.name} was written with {length} of {uncompressed_bytes} bytes; is the disk full?")
