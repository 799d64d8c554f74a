"""The files of a job's folder: arrays as plain ``.npy``, written and read in pieces, and JSON; each whole or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import output_errors
from .steps import Steps

UNFINISHED = ".part"
# A piece takes some milliseconds also where the disk is slow and another process has the core.
_PIECE_BYTES = 1 << 21


def write_array(array: np.ndarray, path: Path) -> Steps[None]:
    """Write an array.

    Parameters
    ----------
    array : numpy.ndarray
        Of any type; it need not be contiguous.
    path : pathlib.Path

    Raises
    ------
    OutputError
        When the folder cannot hold it.
    """
    header = {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": array.shape}
    with _written_whole(path) as unfinished, unfinished.open("wb", buffering=0) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for piece in _pieces(array):
            _write_all(file.fileno(), np.ascontiguousarray(piece).data.cast("B"))
            yield


def read_array(path: Path) -> Steps[np.ndarray]:
    """Read an array into memory."""
    mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    array = np.empty(mapped.shape, mapped.dtype)
    for target, piece in zip(_pieces(array), _pieces(mapped), strict=True):
        target[...] = piece
        yield
    return array


def map_array(path: Path) -> np.ndarray:
    """Map an array, not read it: changing it changes no file."""
    mapped: np.ndarray = np.load(path, mmap_mode="c", allow_pickle=False)
    return mapped


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write metadata; paths in them become text.

    Parameters
    ----------
    content : mapping of str to object
    path : pathlib.Path

    Raises
    ------
    OutputError
        When the folder cannot hold them.
    """
    text = json.dumps(content, default=_plain)
    with _written_whole(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read metadata."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _pieces(array: np.ndarray) -> Iterator[np.ndarray]:
    together = max(1, _PIECE_BYTES // max(1, array[:1].nbytes))
    return (array[start : start + together] for start in range(0, len(array), together))


def _write_all(file: int, view: memoryview) -> None:
    while view:
        view = view[os.write(file, view) :]


def _plain(value: object) -> object:
    """Turn what JSON does not know into what it does: mappings stay mappings, paths of a source become text."""
    return dict(value) if isinstance(value, Mapping) else str(value)


@contextmanager
def _written_whole(path: Path) -> Iterator[Path]:
    unfinished = path.with_name(path.name + UNFINISHED)
    with output_errors(f"{path.name} could not be written into the temporary folder {path.parent}", "free some space"):
        yield unfinished
        os.replace(unfinished, path)
