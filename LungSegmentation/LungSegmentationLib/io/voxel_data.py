"""The voxels' bytes of an image file: exactly as many as its header declares, or none.

Image libraries fill what is missing with zeros, leave out what is too much, and take damaged packed data as they come. Here every
byte is counted, checksums are compared, and unpacking stops at what was declared, so that a small file cannot unpack without end.
"""

from __future__ import annotations

import bz2
import math
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np

from ..errors import InputError
from . import limits
from .file_checks import bytes_on_disk, check_memory, check_regular, check_voxel_memory

Packing = Literal["raw", "gzip", "bzip2", "text", "hex"]

_BLOCK_BYTES = 1 << 20
_ZLIB_OR_GZIP = 47
_LONGEST_NUMBER = 32  # characters of a number written as text, with the space behind it
_HU_BYTES = 2


@dataclass(frozen=True)
class VoxelPlace:
    """Where the voxels lie.

    Parameters
    ----------
    files : tuple of pathlib.Path
        One, or several that hold equal parts.
    packing : str
    start : int
        Byte of each file at which they, or their packed data, begin; -1: so that they end with the file.
    skip : int
        Unpacked bytes before the first voxel.
    """

    files: tuple[Path, ...]
    packing: Packing = "raw"
    start: int = 0
    skip: int = 0


def read_voxels(name: str, place: VoxelPlace, dtype: np.dtype[Any], shape: tuple[int, ...]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Read voxels, complete or not at all.

    Parameters
    ----------
    name : str
        What the user calls the image.
    place : VoxelPlace
    dtype : numpy.dtype
        As stored, with its byte order.
    shape : tuple of int
        All above 0, slowest axis first.

    Returns
    -------
    numpy.ndarray
        The dtype and shape given; perhaps read-only.
    tuple of str
        What the user should know.

    Raises
    ------
    InputError
        For fewer or more bytes than the shape asks for, damaged packed data, or more memory than the limit.
    """
    check_voxels(name, place, dtype, shape)
    per_file = math.prod(shape) // len(place.files)
    notes: list[str] = []
    try:
        parts = [_read_file(name, path, place, dtype, per_file, notes) for path in place.files]
    except OSError as error:
        raise InputError(f"the voxels of {name} cannot be read ({error.strerror or error}); copy or export it again") from error
    return (parts[0] if len(parts) == 1 else np.concatenate(parts)).reshape(shape), tuple(dict.fromkeys(notes))


def check_voxels(name: str, place: VoxelPlace, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    """Refuse voxels that are not in regular files of equal parts, or need more memory than the limit; nothing is read."""
    count = math.prod(shape)
    for path in place.files:
        check_regular(path, f"the voxels of {name}")
    check_voxel_memory(name, count * (dtype.itemsize + _HU_BYTES), sum(bytes_on_disk(path) for path in place.files))
    if place.skip > limits.MOST_SKIPPED_BYTES and place.packing != "raw":
        start = f"its voxels start at byte {place.skip} of its packed data"
        raise InputError(f"{name} says that {start}; expected at most {limits.MOST_SKIPPED_BYTES}")
    if count % len(place.files):
        raise InputError(f"{name} has its {count} voxels in {len(place.files)} files, which cannot hold equal parts; name every file")


def _read_file(name: str, path: Path, place: VoxelPlace, dtype: np.dtype[Any], count: int, notes: list[str]) -> np.ndarray:
    if place.packing in ("text", "hex"):
        return _read_text(name, path, place, dtype, count)
    needed = count * dtype.itemsize
    if place.packing == "raw":
        return _read_raw(name, path, place, needed, notes).view(dtype)
    return _unpack(name, path, place, needed, notes).view(dtype)


def _read_raw(name: str, path: Path, place: VoxelPlace, needed: int, notes: list[str]) -> np.ndarray:
    size = path.stat().st_size
    start = size - needed if place.start < 0 else place.start + place.skip
    if start < 0 or size - start < needed:
        raise _cut_short(name, size - max(start, 0), needed)
    if size - start > needed:
        with path.open("rb") as file:
            file.seek(start + needed)
            _check_filling(name, file.read(limits.MOST_FILLING_BYTES + 1), needed, notes)
    return np.memmap(path, np.uint8, "r", start, (needed,))


def _unpack(name: str, path: Path, place: VoxelPlace, needed: int, notes: list[str]) -> np.ndarray:
    voxels = np.empty(needed, np.uint8)  # the system gives memory only where it is written to
    skip, filled, filling = place.skip, 0, b""
    with path.open("rb") as file:
        file.seek(place.start)
        for piece in _unpacked(name, file, place.packing, notes):
            skipped = min(skip, len(piece))
            skip -= skipped
            taken = min(len(piece) - skipped, needed - filled)
            voxels[filled : filled + taken] = np.frombuffer(piece, np.uint8, taken, skipped) if taken else 0
            filled += taken
            filling += piece[skipped + taken :]
            if filling:
                _check_filling(name, filling, needed, None)
    if filled < needed:
        raise _cut_short(name, filled, needed)
    if filling:
        _check_filling(name, filling, needed, notes)
    return voxels


def _unpacked(name: str, file: BinaryIO, packing: Packing, notes: list[str]) -> Iterator[bytes]:
    """Yield what packed data hold in pieces of at most 1 MB; data may be packed in several parts one behind the other."""
    new: Callable[[], Any] = bz2.BZ2Decompressor if packing == "bzip2" else lambda: zlib.decompressobj(wbits=_ZLIB_OR_GZIP)
    waiting = file.read(_BLOCK_BYTES)
    parts = 0
    while waiting.lstrip(b"\0") if parts else True:
        if parts and not waiting.startswith((b"\x1f\x8b", b"BZh")):
            notes.append(f"{name} goes on behind the end of its packed voxels; what follows was left out")
            return
        stream = new()
        try:
            while not stream.eof:
                needs_input = getattr(stream, "needs_input", True)
                waiting = waiting or (file.read(_BLOCK_BYTES) if needs_input else b"")
                piece = stream.decompress(waiting, _BLOCK_BYTES)
                if not piece and not waiting and needs_input and not stream.eof:
                    raise _damaged(name)
                yield piece
                waiting = getattr(stream, "unconsumed_tail", b"")
        except (zlib.error, OSError, EOFError) as error:
            raise _damaged(name) from error
        parts += 1
        waiting = stream.unused_data or file.read(_BLOCK_BYTES)


def _read_text(name: str, path: Path, place: VoxelPlace, dtype: np.dtype[Any], count: int) -> np.ndarray:
    """Read numbers written as text, or bytes written as hexadecimal digits."""
    most = count * max(_LONGEST_NUMBER, 3 * dtype.itemsize) + limits.MOST_FILLING_BYTES
    check_memory(name, 2 * min(most, path.stat().st_size) + count * np.dtype(np.float64).itemsize, "its voxels, written as text, need")
    with path.open("rb") as file:
        file.seek(max(place.start, 0))
        text = file.read(most + 1)[place.skip :]
    if len(text) > most:
        raise _too_much(name, count * dtype.itemsize)
    try:
        if place.packing == "hex":
            content = bytes.fromhex(text.decode("ascii"))
            if len(content) != count * dtype.itemsize:
                raise _cut_short(name, len(content), count * dtype.itemsize)
            return np.frombuffer(content, dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            numbers = np.fromstring(text.decode("ascii"), np.float64, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} has voxels written as text that are no numbers; export it again") from error
    if numbers.size != count:
        raise InputError(f"{name} has {numbers.size} voxels written as text, where its header declares {count}; export it again")
    if dtype.kind in "iu":
        ends = np.iinfo(dtype)
        if not np.all((numbers >= ends.min) & (numbers <= ends.max) & (numbers == np.rint(numbers))):
            raise InputError(f"{name} has voxels that are no {dtype.name} numbers, which its header declares; export it again")
    return numbers.astype(dtype)


def _check_filling(name: str, filling: bytes, needed: int, notes: list[str] | None) -> None:
    """Refuse voxel data beyond what the header declares; a few zeros may be there, and are told."""
    if len(filling) > limits.MOST_FILLING_BYTES or filling.strip(b"\0"):
        raise _too_much(name, needed)
    if notes is not None:
        notes.append(f"{name} has {len(filling)} bytes behind its last voxel, all of them 0: they were left out")


def _cut_short(name: str, present: int, needed: int) -> InputError:
    return InputError(
        f"{name} is cut short or damaged: it holds {max(0, present)} of {needed} bytes of voxel data; copy or export it again"
    )


def _too_much(name: str, needed: int) -> InputError:
    return InputError(
        f"{name} holds more voxel data than the {needed} bytes that its header declares: sizes, type or start of the voxels are wrong; "
        "export it again"
    )


def _damaged(name: str) -> InputError:
    return InputError(f"{name} is cut short or damaged: it cannot be decompressed to its end; copy or export it again")
