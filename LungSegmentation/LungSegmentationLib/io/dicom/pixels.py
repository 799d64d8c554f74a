"""DICOM pixels: stored values of a file's frames, turned into Hounsfield units."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from scipy import ndimage

from ...errors import InputError
from ...scan_field.limits import LOWEST_CT_HU
from ..hounsfield import to_hounsfield
from ..limits import PADDING_HU
from . import limits
from .compressed_pixels import decode_jpeg, decode_rle, is_encapsulated, is_rle
from .files import damage_named, decode_all, open_dataset
from .headers import Frame, plain
from .stored_bits import values_in_use

_KEYWORDS = ["PixelData", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"]
_KEYWORDS += ["BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "RescaleSlope", "RescaleIntercept"]
_OVERLAY_BIT_POSITIONS = [0x60000102 + (number << 17) for number in range(16)]
_PIXEL_TAGS = [*map(Tag, _KEYWORDS), *_OVERLAY_BIT_POSITIONS]


def read_frames_hu(path: Path, frames: Sequence[Frame]) -> np.ndarray:
    """Read frames of one file in Hounsfield units.

    Uncompressed pixels are taken from the file as they are; see :mod:`.compressed_pixels` for compressed ones.

    Parameters
    ----------
    path : pathlib.Path
    frames : sequence of Frame
        Of that file.

    Returns
    -------
    numpy.ndarray
        int16, shape (frames, rows, columns), by the frames' own slope and intercept. Padding that the header declares lies
        below -1024 HU, or at -1024 where air lies as well.

    Raises
    ------
    InputError
        Naming the file, when its pixels are missing, cut short, damaged, not grey values, or not those that its header describes.
    """
    dataset = _read_dataset(path, frames)
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    if dataset.get("SamplesPerPixel", 1) != 1 or photometric != "MONOCHROME2":
        raise InputError(
            f"{path.name} holds {plain(photometric, 20) or 'unknown'} pixels (PhotometricInterpretation); "
            "expected MONOCHROME2, as every CT has"
        )
    if not dataset.get("PixelData"):
        raise InputError(f"{path.name} holds no pixels; it is cut short, or only its header was exported")
    with damage_named(path):
        planes = _planes_hu(path, dataset, frames)
    for plane, frame in zip(planes, frames, strict=True):
        _move_padding(plane, frame)
    return planes


def _read_dataset(path: Path, frames: Sequence[Frame]) -> Dataset:
    most_bytes = limits.MOST_HEADER_BYTES + 4 * frames[0].rows * frames[0].columns * (1 + max(frame.number_in_file for frame in frames))
    with damage_named(path):
        if path.stat().st_size > most_bytes:
            raise InputError(f"{path.name} is far larger ({path.stat().st_size / 1e6:.0f} MB) than its header explains; export it again")
        dataset = open_dataset(path, _PIXEL_TAGS, most_bytes=most_bytes)
        assert dataset is not None, "it was DICOM when its header was read"
        decode_all(dataset)
    return dataset


def _planes_hu(path: Path, dataset: Dataset, frames: Sequence[Frame]) -> np.ndarray:
    is_rescaled = is_encapsulated(path, dataset) and not is_rle(dataset)
    if is_rescaled:
        stored = _by_gdcm(path, dataset, frames)
    elif is_rle(dataset):
        stored = values_in_use(decode_rle(path, dataset), dataset, path.name, frames[0].padding)
    else:
        stored = values_in_use(_uncompressed(path, dataset), dataset, path.name, frames[0].padding)
    size, count = (frames[0].rows, frames[0].columns), 1 + max(frame.number_in_file for frame in frames)
    if stored.shape[1:] != size or count > len(stored):
        raise InputError(
            f"{path.name} holds {len(stored)} frames of {stored.shape[1:]} pixels; its header describes {count} of {size}: export it again"
        )
    if is_rescaled:
        return to_hounsfield(stored[[frame.number_in_file for frame in frames]], path.name)
    return np.concatenate([to_hounsfield(stored[frame.number_in_file][None], path.name, frame.slope, frame.intercept) for frame in frames])


def _uncompressed(path: Path, dataset: Dataset) -> np.ndarray:
    rows, columns, frames = int(dataset.Rows), int(dataset.Columns), int(dataset.get("NumberOfFrames", 1) or 1)
    allocated = int(dataset.get("BitsAllocated", 16) or 16)
    if allocated not in (8, 16, 32):
        raise InputError(f"{path.name} stores {allocated} bits per pixel (BitsAllocated); expected 16")
    if dataset.get("PixelRepresentation", 0) not in (None, "", 0, 1):
        raise InputError(f"{path.name} has PixelRepresentation {plain(dataset.PixelRepresentation)}; expected 0 (unsigned) or 1 (signed)")
    dtype = np.dtype(f"{'i' if dataset.get('PixelRepresentation') == 1 else 'u'}{allocated // 8}")
    content, needed = dataset.PixelData, rows * columns * frames * dtype.itemsize
    check_length(path, content, needed, min(rows, columns) * dtype.itemsize)
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    little_endian = not syntax or syntax.is_little_endian
    stored = np.frombuffer(content, dtype.newbyteorder("<" if little_endian else ">"), rows * columns * frames)
    return stored.reshape(frames, rows, columns)


def check_length(path: Path, content: bytes, needed: int, most_padding: int) -> None:
    """Refuse pixel data that are not as long as the header says: wrong rows or columns shear an image or cut it off.

    Parameters
    ----------
    path : pathlib.Path
    content : bytes
        The pixel data.
    needed : int
        Their length by the header.
    most_padding : int
        How many zeros may follow them; less than a row or column that the header forgot.

    Raises
    ------
    InputError
        Naming the file and both lengths.
    """
    if len(content) < needed:
        raise InputError(f"{path.name} is cut short: it holds {len(content)} of {needed} bytes of pixel data; copy or export it again")
    beyond = content[needed:]
    if len(beyond) > 1 and (len(beyond) >= most_padding or any(beyond)):
        raise InputError(
            f"{path.name} holds {len(content)} bytes of pixel data, but its header describes {needed} (Rows, Columns, BitsAllocated, "
            "NumberOfFrames); export it again"
        )


def _by_gdcm(path: Path, dataset: Dataset, frames: Sequence[Frame]) -> np.ndarray:
    """Decode values that GDCM rescales by the file; those of frames that are to be rescaled otherwise are turned back."""
    if len({(frame.slope, frame.intercept) for frame in frames}) > 1:
        raise InputError(f"{path.name} is a compressed multi-frame CT whose frames are rescaled differently; export it without compression")
    values = decode_jpeg(path, dataset)
    stated = [dataset.get(keyword) for keyword in ("RescaleSlope", "RescaleIntercept")]
    is_classic = frames[0].number_in_file == 0 and len(values) == 1
    if not is_classic or all(value not in (None, "") for value in stated):
        own = (frames[0].slope, frames[0].intercept) if not is_classic else (float(stated[0]), float(stated[1]))
    elif all(value in (None, "") for value in stated):
        own = (1.0, 0.0)
    else:
        raise InputError(f"{path.name} is compressed and gives only one of RescaleSlope and RescaleIntercept; export it uncompressed")
    wanted = (frames[0].slope, frames[0].intercept)
    return values if own == wanted else (values - own[1]) / own[0] * wanted[0] + wanted[1]


def _move_padding(plane_hu: np.ndarray, frame: Frame) -> None:
    """Bring declared padding above -1024 HU down to -2048, where no tissue can be mistaken for it.

    Only what joins the image's edge: padding lies outside the reconstructed circle, while the same
    value inside the body is a measurement. At -1024 and below it stays as it is stored.
    """
    if frame.padding is None:
        return
    low, high = sorted(round(bound * frame.slope + frame.intercept) for bound in frame.padding)
    if high <= LOWEST_CT_HU:
        return
    labels, _ = ndimage.label((plane_hu >= low) & (plane_hu <= high))
    edge_labels = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    plane_hu[np.isin(labels, edge_labels[edge_labels > 0]) & (plane_hu > LOWEST_CT_HU)] = PADDING_HU
