"""MetaImage headers (.mha, .mhd): https://itk.org/Wiki/ITK/MetaIO/Documentation."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np

from ..errors import InputError
from .text_headers import TextHeader, add_field, check_numbers, files_with_voxels, read_sizes, shown, unended_header, whole_number
from .voxel_data import Packing, VoxelPlace

_TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4", "MET_LONG": "i4",
    "MET_ULONG": "u4", "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8", "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip
_TRANSFORMS = ("TransformMatrix", "Rotation", "Orientation")
_ORIGINS = ("Offset", "Position", "Origin")
_DATA_FILE = "elementdatafile"


def read_meta_image_header(path: Path, start: bytes) -> TextHeader:
    """Read and check the header of a MetaImage.

    Parameters
    ----------
    path : pathlib.Path
    start : bytes
        The file's first bytes, the whole header among them.

    Returns
    -------
    TextHeader

    Raises
    ------
    InputError
        With the field that is wrong, its value, and what would be right.
    """
    name = path.name
    fields, listed, end = _split(name, start)
    if fields.get("objecttype", "Image") != "Image":
        raise InputError(f"{name} holds a MetaIO object of the type {shown(fields['objecttype'])}; expected Image")
    sizes = read_sizes(name, fields, "NDims", "DimSize")
    dimensions = len(sizes)
    channels = whole_number(name, "ElementNumberOfChannels", fields.get("elementnumberofchannels", "1"), 1, "a whole number from 1")
    if channels > 1:
        raise InputError(f"{name} has {channels} values per voxel (colour, vector or complex); expected one real number per voxel")
    code = _TYPES.get(fields.get("elementtype", ""))
    if code is None:
        raise InputError(
            f"{name} holds voxels of type {shown(fields.get('elementtype', ''))}; expected a number, such as MET_SHORT or MET_FLOAT"
        )
    dtype = np.dtype(code).newbyteorder(">" if _is_big_endian(name, fields) else "<")
    place = _place(path, fields, listed, end, sizes, math.prod(sizes) * dtype.itemsize)
    clean = ["ObjectType = Image", f"NDims = {dimensions}", *_placing(name, fields, dimensions)]
    clean += [f"DimSize = {' '.join(map(str, sizes))}", "ElementType = MET_SHORT", "ElementDataFile = LOCAL", ""]
    return TextHeader(fields, place, dtype, sizes, "\n".join(clean), _notes(name, fields, place))


def _split(name: str, start: bytes) -> tuple[dict[str, str], list[str] | None, int]:
    """Give the fields, the lines behind ``ElementDataFile = LIST``, and the byte behind the line that ends the header."""
    fields: dict[str, str] = {}
    position = 0
    while _DATA_FILE not in fields:
        stop = start.find(b"\n", position)
        line = start[position : stop if stop >= 0 else len(start)].decode("utf-8", "surrogateescape")
        position = stop + 1 if stop >= 0 else len(start)
        key, found, value = line.partition("=")
        key = key.strip().lower()
        if found and not re.fullmatch(r"[ -~]+", key):
            break  # these are voxels
        if found and key != "comment":
            add_field(name, fields, key, value.strip().lstrip("=").strip())
        if position >= len(start):
            break
    if not fields.get(_DATA_FILE):
        raise unended_header(name, "ElementDataFile")
    if fields[_DATA_FILE].split()[0].upper() != "LIST":
        return fields, None, position
    lines = start[position:].decode("utf-8", "surrogateescape").splitlines()
    return fields, [line.strip() for line in lines if line.strip()], position


def _is_true(name: str, fields: dict[str, str], key: str, default: bool) -> bool:
    text = fields.get(key)
    if text is None:
        return default
    if text[:1].lower() not in ("t", "1", "f", "0"):
        raise InputError(f"{name} gives {key} as {shown(text)}; expected True or False")
    return text[:1].lower() in ("t", "1")


def _is_big_endian(name: str, fields: dict[str, str]) -> bool:
    given = {_is_true(name, fields, key, False) for key in ("binarydatabyteordermsb", "elementbyteordermsb") if key in fields}
    if len(given) == 2:
        raise InputError(f"{name} gives two byte orders (BinaryDataByteOrderMSB and ElementByteOrderMSB differ); export it again")
    return True in given


def _placing(name: str, fields: dict[str, str], dimensions: int) -> list[str]:
    """Give the lines that place the image in space, each checked; what a transform is called does not matter to ITK."""
    lines = []
    counts = {**dict.fromkeys(_TRANSFORMS, dimensions**2), **dict.fromkeys(_ORIGINS, dimensions)}
    counts |= {"CenterOfRotation": dimensions, "ElementSpacing": dimensions, "ElementSize": dimensions}
    for key, count in counts.items():
        text = fields.get(key.lower())
        if text is not None:
            check_numbers(name, key, text, count)
            lines.append(f"{key} = {text}")
    return lines


def _place(path: Path, fields: dict[str, str], listed: list[str] | None, end: int, sizes: tuple[int, ...], needed: int) -> VoxelPlace:
    name, data_file = path.name, fields[_DATA_FILE]
    packing: Packing = "gzip" if _is_true(name, fields, "compresseddata", False) else "raw"
    if not _is_true(name, fields, "binarydata", True):
        packing = "text"
    skipped = whole_number(name, "HeaderSize", fields.get("headersize", "0"), -1, "a number of bytes from 0, or -1 for voxels at the end")
    if data_file.upper() == "LOCAL":
        size = path.stat().st_size
        if skipped > 0 and skipped != end and not (packing == "raw" and size - skipped == needed):
            raise InputError(
                f"{name} gives HeaderSize as {skipped}, but its voxels begin behind the header's {end} bytes; remove HeaderSize from it"
            )
        at_end = size - needed if skipped < 0 and packing == "raw" else 0
        return VoxelPlace((path,), packing, max(end, skipped, at_end))
    files = files_with_voxels(path, "ElementDataFile", data_file, listed, sizes, (4,))
    return VoxelPlace(files, packing, -1 if skipped < 0 and packing == "raw" else max(skipped, 0))


def _notes(name: str, fields: dict[str, str], place: VoxelPlace) -> tuple[str, ...]:
    """Tell of a packed size that is not true: the packed voxels themselves say where they end, and their checksum that they are whole."""
    text = fields.get("compresseddatasize")
    if text is None or place.packing != "gzip" or len(place.files) > 1:
        return ()
    stated = int(text) if re.fullmatch(r"\d{1,15}", text) else None
    present = place.files[0].stat().st_size - place.start
    if stated == present:
        return ()
    return (f"{name} gives CompressedDataSize as {shown(text)}, where there are {present} bytes: all of them were read, and are whole",)
