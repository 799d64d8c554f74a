"""Compressed DICOM pixels (DICOM PS3.5 A.4): what each codestream says of itself, before a decoder is let loose on it.

RLE is decoded by pydicom, JPEG, JPEG-LS and JPEG 2000 by GDCM within SimpleITK.
"""

from __future__ import annotations

import struct
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from ...errors import InputError
from .files import damage_named, open_dataset

_ITEM, _DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_JPEG, _JPEG_2000 = b"\xff\xd8", b"\xff\x4f"
# Start-of-frame markers (ITU T.81 B.1.1.3), and that of JPEG-LS (T.87 C.1.1); C4, C8 and CC are others.
_FRAME_MARKERS = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN = 0xDA


@dataclass(frozen=True)
class Codestream:
    """What the header of a compressed frame says."""

    rows: int
    columns: int
    bits: int
    components: int


def codestream_of(data: bytes) -> Codestream | None:
    """Read the size out of the start of a JPEG, JPEG-LS or JPEG 2000 codestream; None where there is none."""
    if data[:2] == _JPEG_2000 and data[2:4] == b"\xff\x51" and len(data) >= 43:
        x1, y1, x0, y0 = struct.unpack_from(">4L", data, 8)
        (components,) = struct.unpack_from(">H", data, 40)
        return Codestream(y1 - y0, x1 - x0, (data[42] & 0x7F) + 1, components)
    at = 2 if data[:2] == _JPEG else len(data)
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes
            at += 1
            continue
        if marker in _FRAME_MARKERS:
            bits, rows, columns, components = struct.unpack_from(">BHHB", data, at + 4)
            return Codestream(rows, columns, bits, components)
        if marker == _START_OF_SCAN:
            return None
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def fragments_of(content: bytes) -> Iterator[bytes]:
    """Split encapsulated pixel data into the fragments that follow the table of offsets."""
    at, number = 0, 0
    while content[at : at + 4] == _ITEM and at + 8 <= len(content):
        (length,) = struct.unpack_from("<L", content, at + 4)
        if at + 8 + length > len(content):
            raise EOFError("a fragment of the pixel data is cut short")
        if number:
            yield content[at + 8 : at + 8 + length]
        at, number = at + 8 + length, number + 1


def decode_rle(path: Path, dataset: Dataset) -> np.ndarray:
    """Decode RLE frames (DICOM PS3.5 G): stored values with all of their bits, shape (frames, rows, columns).

    Parameters
    ----------
    path : pathlib.Path
    dataset : pydicom.dataset.Dataset

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    InputError
        When a frame does not unpack to what the header says.
    """
    rows, columns, frames = int(dataset.Rows), int(dataset.Columns), int(dataset.get("NumberOfFrames", 1) or 1)
    bits = int(dataset.get("BitsAllocated", 0) or 0)
    if bits not in (8, 16, 32):
        raise InputError(f"{path.name} has RLE pixels of {bits} bits (BitsAllocated); expected 16")
    fragments = list(fragments_of(dataset.PixelData))
    if len(fragments) != frames:
        raise InputError(f"{path.name} holds {len(fragments)} RLE frames; its header says {frames} (NumberOfFrames): export it again")
    signed = dataset.get("PixelRepresentation") == 1
    pixels = np.empty((frames, rows * columns), np.dtype(f"<{'i' if signed else 'u'}{bits // 8}"))
    for target, fragment in zip(pixels, fragments, strict=True):
        (count,) = struct.unpack_from("<L", fragment, 0)
        if count != bits // 8:
            raise InputError(f"{path.name} has RLE pixels of {count} bytes each but says {bits} bits (BitsAllocated); export it again")
        starts = [*struct.unpack_from(f"<{count}L", fragment, 4), len(fragment)]
        for index in range(count):  # the highest byte comes first
            unpacked = _unpacked(fragment[starts[index] : starts[index + 1]], rows * columns + min(rows, columns))
            beyond = unpacked[rows * columns :]
            if len(unpacked) < rows * columns or any(beyond) or len(beyond) >= min(rows, columns):
                raise InputError(
                    f"{path.name} has an RLE frame that unpacks to {len(unpacked)} pixels or more, but its header says {rows} × {columns} "
                    "(Rows, Columns); it is damaged or cut short: export it again"
                )
            target.view(np.uint8)[count - 1 - index :: count] = np.frombuffer(unpacked, np.uint8, rows * columns)
    return pixels.reshape(frames, rows, columns)


def _unpacked(packed: bytes, most: int) -> bytes:
    """Unpack runs of bytes; not much more than the most that is wanted."""
    parts, length, at = [], 0, 0
    while at < len(packed) and length <= most:
        head = packed[at]
        if head < 128:
            part = packed[at + 1 : at + 2 + head]
            at += 2 + head
        else:
            part = packed[at + 1 : at + 2] * (257 - head if head > 128 else 0)
            at += 2 if head > 128 else 1
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def decode_jpeg(path: Path, dataset: Dataset) -> np.ndarray:
    """Decode JPEG, JPEG-LS or JPEG 2000 frames as GDCM does: values with the file's own rescale slope and intercept applied.

    Parameters
    ----------
    path : pathlib.Path
    dataset : pydicom.dataset.Dataset

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    InputError
        When a codestream has another size than the header says, or cannot be decoded.
    """
    frames = [stream for stream in map(codestream_of, fragments_of(dataset.PixelData)) if stream is not None]
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    for frame in frames:
        if (frame.rows, frame.columns, frame.components) != (rows, columns, 1):
            raise InputError(
                f"{path.name} holds compressed pixels of {frame.rows} rows × {frame.columns} columns × {frame.components} values; "
                f"its header says {rows} × {columns} × 1 (Rows, Columns): export it again"
            )
    used = int(dataset.get("BitsStored", 16) or 16)
    if any(frame.bits > used for frame in frames):
        _check_all_bits(path, used)
    return _decoded_by_gdcm(path)


def _check_all_bits(path: Path, used: int) -> None:
    """Decode all bits of the codestream: GDCM cuts off what lies beyond BitsStored without a word."""
    with damage_named(path):
        dataset = open_dataset(path)
        assert dataset is not None
        allocated = int(dataset.BitsAllocated)
        dataset.BitsStored, dataset.HighBit = allocated, allocated - 1
        signed = dataset.get("PixelRepresentation") == 1
        for keyword in ("RescaleSlope", "RescaleIntercept"):
            if keyword in dataset:
                del dataset[keyword]
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.name
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                pydicom.dcmwrite(copy, dataset)
            whole = _decoded_by_gdcm(copy)
    # Negative values may lack their sign extension, so up to the whole range is in order for signed ones too.
    beyond = (whole < (-(1 << (used - 1)) if signed else 0)) | (whole > (1 << used) - 1)
    if beyond.any():
        raise InputError(
            f"{path.name} has {int(beyond.sum())} pixels with values beyond the {used} bits that it says are in use (BitsStored), "
            f"up to {int(whole.max())}; export it again"
        )


def decode_segments(path: Path, dataset: Dataset) -> np.ndarray:
    """Decode the frames of a segmentation, which has no rescaling: uint8 or uint16, shape (frames, rows, columns)."""
    with damage_named(path):
        for stream in map(codestream_of, fragments_of(dataset.PixelData)):
            if stream is not None and (stream.rows, stream.columns) != (dataset.Rows, dataset.Columns):
                raise InputError(
                    f"{path.name} holds frames of {stream.rows} × {stream.columns} pixels, unlike its header says; export it again"
                )
        if is_rle(dataset):
            return decode_rle(path, dataset)
        try:
            pixels = dataset.pixel_array
        except (RuntimeError, NotImplementedError) as error:
            raise InputError(
                f"{path.name} is compressed ({dataset.file_meta.TransferSyntaxUID.name}) and cannot be decompressed; export it uncompressed"
            ) from error
    return pixels.reshape((-1, *pixels.shape[-2:]))


def _decoded_by_gdcm(path: Path) -> np.ndarray:
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    try:
        image = sitk.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        raise InputError(f"{path.name} cannot be decompressed: its pixels are damaged or cut short; copy or export it again") from error
    return image.reshape((-1, *image.shape[-2:]))


def is_rle(dataset: Dataset) -> bool:
    """Say whether the pixels are compressed by RLE."""
    return dataset.file_meta.get("TransferSyntaxUID") == RLELossless


def is_encapsulated(path: Path, dataset: Dataset) -> bool:
    """Say whether the pixels are compressed frame by frame.

    Parameters
    ----------
    path : pathlib.Path
    dataset : pydicom.dataset.Dataset

    Returns
    -------
    bool

    Raises
    ------
    InputError
        For a transfer syntax that DICOM does not have.
    """
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if not syntax:  # old files without it are not compressed
        return False
    try:
        return bool(syntax.is_compressed and not syntax.is_deflated)
    except (ValueError, AttributeError) as error:
        raise InputError(
            f"{path.name} is encoded as {str(syntax)[:64]!r}, which is no standard DICOM transfer syntax; export it uncompressed"
        ) from error
