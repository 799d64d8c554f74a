"""Opening DICOM files: which files a folder has, and their datasets, whatever they hold.

Damage ends in an :class:`InputError` that names the file. A dataset that was deflated as a whole (DICOM PS3.5 A.5) is
inflated within bounds: a few bytes could become gigabytes.
"""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from ...errors import InputError
from ..file_checks import is_regular
from . import limits

_START_BYTES = 4096
_LONG_VR = (b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV")
_META_GROUP, _TRANSFER_SYNTAX = 0x0002, 0x0010

_DAMAGE = (
    InvalidDicomError, BytesLengthException, OSError, EOFError, ValueError, RuntimeError, struct.error,
    AttributeError, LookupError, TypeError, ArithmeticError, AssertionError, zlib.error,
)  # fmt: skip


def is_dicom(start: bytes) -> bool:
    """Say whether a file's first bytes (256) are DICOM: with the preamble, or (old files) starting with group 0002 or 0008."""
    return has_preamble(start) or (len(start) >= 132 and start[:2] in (b"\x02\x00", b"\x08\x00") and start[3] == 0 and start[2] <= 0x20)


def has_preamble(start: bytes) -> bool:
    """Say whether a file's first bytes have the mark of a DICOM file."""
    return start[128:132] == b"DICM"


def files_of(folder: Path, recursive: bool) -> tuple[list[Path], list[str]]:
    """List the regular files of a folder in the order of their names; those that begin with a dot are left out.

    Parameters
    ----------
    folder : pathlib.Path
    recursive : bool
        Whether folders in it are looked into.

    Returns
    -------
    list of pathlib.Path
    list of str
        Names of links to folders, which are not followed: they may lead back or anywhere.

    Raises
    ------
    InputError
        When a folder or a link in it cannot be read: slices could be missing without a word.
    """

    def refuse(error: OSError) -> None:
        name = Path(str(error.filename)).name
        raise InputError(f"the folder {name} cannot be read ({error.strerror}); slices in it would be missing: check that it may be read")

    paths, links = [], []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        links += [name for name in folders if recursive and Path(parent, name).is_symlink()]
        paths += [Path(parent) / name for name in sorted(names) if not name.startswith(".")]
        if not recursive:
            break
    for path in paths:
        if path.is_symlink() and not path.exists():
            raise InputError(f"{path.name} is a link to a file that is not there; slices would be missing: copy the files that are meant")
    return [path for path in paths if is_regular(path)], links


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn whatever pydicom raises on a damaged file into an :class:`InputError` that names it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd values in attributes that are not needed
            yield
    except InputError:
        raise
    except PermissionError as error:
        raise InputError(f"{path.name} cannot be opened ({error.strerror}); check that it may be read") from error
    except _DAMAGE as error:
        what = "with sequences nested too deeply, so" if _is_of_depth(error) else "that is cut short or"
        raise InputError(f"{path.name} is a DICOM file {what} damaged; copy or export it again") from error


def _is_of_depth(error: BaseException | None) -> bool:
    """Say whether an error began as one of depth: pydicom makes another one of it where that comes while it reads a tag."""
    return error is not None and (isinstance(error, RecursionError) or _is_of_depth(error.__cause__ or error.__context__))


def decode_all(dataset: Dataset) -> None:
    """Decode every element now: pydicom would do it, and stumble over damage, only when it is asked for."""
    for _ in dataset.iterall():
        pass


def read_start(path: Path) -> bytes:
    """Read a file's first bytes, enough to see what it is."""
    with damage_named(path), path.open("rb") as file:
        return file.read(_START_BYTES)


def open_dataset(
    path: Path, tags: Sequence[int] | None = None, with_pixels: bool = True, most_bytes: float = limits.MOST_HEADER_BYTES
) -> Dataset | None:
    """Read a DICOM file.

    Parameters
    ----------
    path : pathlib.Path
        A regular file.
    tags : sequence of int, optional
        Tags of the attributes to read; all for None.
    with_pixels : bool
        Whether to read the pixel data.
    most_bytes : float
        How much a deflated dataset may inflate to; without its pixels what lies beyond is not looked at.

    Returns
    -------
    pydicom.dataset.Dataset or None
        With ``file_meta``; None where the file is not DICOM. Values may not be decoded yet: see :func:`decode_all`.

    Raises
    ------
    InputError
        Naming the file, when it cannot be read.
    """
    with damage_named(path), path.open("rb") as file:
        start = file.read(_START_BYTES)
        if not is_dicom(start):
            return None
        deflated_at = _start_of_deflated(start, file)
        if deflated_at is not None:
            file.seek(deflated_at)
            content = _inflated(file, most_bytes, with_pixels, path.name)
            return _read_inflated(_Watched(BytesIO(content), len(content), path.name), tags, with_pixels)
        file.seek(0)
        watched = _Watched(file, path.stat().st_size, path.name)
        return pydicom.dcmread(watched, stop_before_pixels=not with_pixels, force=True, specific_tags=list(tags) if tags else None)


class _Watched:
    """A file as pydicom reads it: not more at once than there is, and not for ever in sequences of nothing.

    pydicom takes 10 µs and more for each piece that it reads. Frames of an enhanced image are described in some 100 pieces
    of 10 bytes; empty items of 8 bytes are read in 4 pieces each.
    """

    def __init__(self, file: BinaryIO, size: int, name: str) -> None:
        self._read, self.seek, self.tell = file.read, file.seek, file.tell
        self._size, self.name = size, name
        self._left = int(limits.FEWEST_PIECES_COUNT + limits.PIECES_PER_BYTE * size)

    def read(self, count: int = -1) -> bytes:
        """Read as a file does."""
        self._left -= 1
        if self._left < 0:
            raise InputError(f"{self.name} has far more elements than a DICOM file of its size; copy or export it again")
        return self._read(min(count, self._size))

    def close(self) -> None:
        """Leave the file open: it is its owner's."""


def _start_of_deflated(start: bytes, file: BinaryIO) -> int | None:
    """Find where the deflated dataset starts, by the file meta information (DICOM PS3.10 7.1); None for any other dataset."""
    at = 132 if has_preamble(start) else 0
    content, syntax = start, b""
    while True:
        if len(content) < at + 12 and len(content) == len(start):
            file.seek(0)
            content = file.read(at + limits.MOST_HEADER_BYTES)
        if len(content) < at + 8:
            return None
        group, element, kind, length = struct.unpack_from("<HH2sH", content, at)
        if group != _META_GROUP:
            break
        at += 8
        if kind in _LONG_VR:
            if len(content) < at + 4:
                return None
            (length,) = struct.unpack_from("<L", content, at)
            at += 4
        if element == _TRANSFER_SYNTAX:
            syntax = content[at : at + length].rstrip(b"\0 ")
        at += length
        if length > limits.MOST_HEADER_BYTES:
            raise InvalidDicomError("an element of the file meta information is longer than any")
    return at if syntax.decode("latin-1") == DeflatedExplicitVRLittleEndian else None


def _inflated(file: BinaryIO, most_bytes: float, whole: bool, name: str) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    limit = int(most_bytes)
    content = stream.decompress(file.read(), limit + 1)
    if whole and len(content) > limit:
        raise InputError(f"{name} inflates to more than the {limit} bytes that its header explains; export it again without compression")
    if whole and not stream.eof:
        raise EOFError("the deflated dataset is cut short")
    return content


class _EndOfHeader:
    """Says where to stop: at the pixels, or where tags do not rise any more, as in zeros behind the dataset."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, tag: int, _vr: str | None, _length: int) -> bool:
        stops = tag >= 0x7FE00000 or tag <= self._last
        self._last = int(tag)
        return stops


def _read_inflated(content: _Watched, tags: Sequence[int] | None, with_pixels: bool) -> Dataset:
    stop = None if with_pixels else _EndOfHeader()
    dataset = read_dataset(content, False, True, stop_when=stop, specific_tags=list(tags) if tags else None)  # type: ignore[arg-type]
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    return dataset
