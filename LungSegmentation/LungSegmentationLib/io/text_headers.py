"""What NRRD and MetaImage files have in common: a header of text lines that says where the voxels are and where they lie in space.

The lines are checked here, and only those that place the image in space reach ITK, in a file of our own.
"""

from __future__ import annotations

import math
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from ..errors import InputError
from . import limits
from .file_checks import is_regular
from .voxel_data import VoxelPlace

_MOST_DIMENSIONS = 7
_MOST_DIGITS = 15
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class TextHeader:
    """What a header says.

    Parameters
    ----------
    fields : mapping of str to str
        By name in lower case, as written.
    place : VoxelPlace
    dtype : numpy.dtype
    sizes : tuple of int
        Fastest axis first; all above 0.
    clean : str
        A header for ITK that places the image in space; no voxels belong to it.
    notes : tuple of str
        What the user should know.
    """

    fields: dict[str, str]
    place: VoxelPlace
    dtype: np.dtype[Any]
    sizes: tuple[int, ...]
    clean: str
    notes: tuple[str, ...] = ()


def shown(text: str) -> str:
    """Quote a value of a header, cut where it is long."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")


def whole_number(name: str, key: str, text: str, lowest: int, expected: str) -> int:
    """Read a whole number of a header."""
    if not re.fullmatch(rf"[+-]?\d{{1,{_MOST_DIGITS}}}", text.strip(), re.ASCII) or int(text) < lowest:
        given = f"{key} as {shown(text)}" if text.strip() else f"no {key}"
        raise InputError(f"{name} gives {given}; expected {expected}")
    return int(text)


def add_field(name: str, fields: dict[str, str], key: str, value: str) -> None:
    """Take a field of a header, which must not be there yet."""
    if key in fields:
        raise InputError(f"{name} gives {key} twice in its header ({shown(fields[key])} and {shown(value)}); export it again")
    fields[key] = value


def unended_header(name: str, ending: str = "") -> InputError:
    """Say that a header does not come to its end."""
    behind = f" ({ending})" if ending else ""
    return InputError(f"{name} is cut short or damaged: its header does not come to its end{behind}; copy or export it again")


def read_sizes(name: str, fields: dict[str, str], dimensions_key: str, sizes_key: str) -> tuple[int, ...]:
    """Read the sizes of the axes, fastest first, and check that the voxel spacing is one.

    Parameters
    ----------
    name : str
        The file's.
    fields : mapping of str to str
        By name in lower case.
    dimensions_key, sizes_key : str
        Names of the fields with the number of axes and with their sizes.

    Returns
    -------
    tuple of int

    Raises
    ------
    InputError
        With the field that is wrong, its value, and what would be right.
    """
    expected = f"a number of dimensions from 2 to {_MOST_DIMENSIONS}"
    dimensions = whole_number(name, dimensions_key, fields.get(dimensions_key.lower(), ""), 2, expected)
    if dimensions > _MOST_DIMENSIONS:
        raise InputError(f"{name} gives {dimensions_key} as {dimensions}; expected {expected}")
    text = fields.get(sizes_key.lower(), "")
    words = text.split()
    if len(words) != dimensions:
        raise InputError(f"{name} gives {len(words)} sizes ({sizes_key}: {shown(text)}) for {dimensions} dimensions; expected one for each")
    sizes = tuple(whole_number(name, sizes_key, word, 1, "whole numbers from 1") for word in words)
    _check_spacing(name, fields)
    return sizes


def check_numbers(name: str, key: str, text: str, count: int) -> None:
    """Refuse anything but so many finite numbers."""
    try:
        values = [float(word) for word in re.split(r"[\s(),]+", text.strip("() \t")) if word]
    except ValueError:
        values = []
    if len(values) != count or not all(math.isfinite(value) for value in values):
        raise InputError(f"{name} gives {key} as {shown(text)}; expected {count} numbers")


def _check_spacing(name: str, fields: dict[str, str]) -> None:
    """Refuse voxel sizes that are no numbers above 0."""
    for key in ("elementspacing", "elementsize", "spacings", "space directions"):
        for axis in re.findall(r"\([^)]*\)|[^\s()]+", fields.get(key, "")):
            if axis == "none":
                continue
            try:
                values = [float(value) for value in axis.strip("()").split(",")]
            except ValueError:
                values = [math.nan]
            size = math.hypot(*values) if axis.startswith("(") else values[0]
            if not limits.HEADER_SMALLEST_MM < size < limits.HEADER_LARGEST_MM:
                raise InputError(f"{name} gives the voxel spacing as {shown(fields[key])} ({key}); each must be a number above 0 mm")


def files_with_voxels(
    path: Path, key: str, value: str, listed: list[str] | None, sizes: tuple[int, ...], words_of_numbered: tuple[int, ...]
) -> tuple[Path, ...]:
    """Give the files that a header says its voxels are in.

    Parameters
    ----------
    path : pathlib.Path
        The header; the files lie beside it.
    key, value : str
        The field that names them: one file, a pattern of numbered files with first number, last number and step.
    listed : list of str or None
        Their names, where the field says that a list follows.
    sizes : tuple of int
        Of the image, fastest axis first.
    words_of_numbered : tuple of int
        How many words the field may have for numbered files.

    Returns
    -------
    tuple of pathlib.Path
        In the order of their voxels.
    """
    words = value.split()
    if listed is not None:
        names = listed
    elif "%" in value and len(words) in words_of_numbered:
        names = _numbered_names(path, words[0], words[1], words[2], words[3], most=max(sizes))
    else:
        names = [value]
    files = _data_files(path, names, key)
    _check_file_count(path, len(files), sizes)
    return files


def _data_files(path: Path, names: list[str], what: str) -> tuple[Path, ...]:
    """Give the paths of files that lie beside a header."""
    if not names or not all(names):
        raise InputError(f"{path.name} names no file with its voxels ({what}); expected at least one")
    for name in names:
        if not is_regular(path.parent / name):
            raise InputError(f"{path.name} says that its voxels are in {name[:200]}, which is not beside it; put all files into one folder")
    return tuple(path.parent / name for name in names)


def _numbered_names(path: Path, pattern: str, first: str, last: str, step: str, most: int) -> list[str]:
    """Give the names of numbered files, such as ``slice%03d.raw`` from 1 to 40 in steps of 1."""
    key = "a numbered data file"
    numbers = [whole_number(path.name, key, word, -(10**9), "whole numbers") for word in (first, last, step)]
    parts = re.fullmatch(r"([^%]*)%(0?)(\d{0,2})d([^%]*)", pattern)
    if parts is None or numbers[2] == 0:
        raise InputError(
            f"{path.name} names its voxels' files by {shown(pattern)}; expected one %d for their numbers, such as slice%03d.raw"
        )
    numbered = range(numbers[0], numbers[1] + (1 if numbers[2] > 0 else -1), numbers[2])
    if len(numbered) > most:
        raise InputError(f"{path.name} names {len(numbered)} files with voxels, where it has {most} slices; expected one for each")
    before, zero, width, after = parts.groups()
    return [f"{before}{number:{zero}{width}d}{after}" for number in numbered]


def _check_file_count(path: Path, count: int, sizes: tuple[int, ...]) -> None:
    """Refuse a list of files that are not one for each plane, or each volume, of the slower axes."""
    if count != 1 and count not in {math.prod(sizes[axis:]) for axis in range(1, len(sizes))}:
        raise InputError(f"{path.name} names {count} files with voxels, where it has {sizes[-1]} slices; expected one for each")


def placed_by_itk(name: str, header: TextHeader, image_format: str, image_io: str) -> sitk.ImageFileReader:
    """Let ITK read spacing, origin and direction from the clean header, and check that it sees the same image.

    Parameters
    ----------
    name : str
        The file's, for errors.
    header : TextHeader
    image_format, image_io : str
        NRRD or MetaImage, and the name of ITK's reader of that format.

    Returns
    -------
    SimpleITK.ImageFileReader
        It has read the geometry.

    Raises
    ------
    InputError
        For a geometry that ITK does not accept, several values per voxel, or more than one volume.
    """
    reader = sitk.ImageFileReader()
    reader.SetImageIO(image_io)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / ("header.nrrd" if image_format == "NRRD" else "header.mha")
        copy.write_text(header.clean, encoding="ascii", errors="replace", newline="\n")
        reader.SetFileName(str(copy))
        try:
            reader.ReadImageInformation()
        except RuntimeError as error:
            raise InputError(f"{name} has a {image_format} header that is damaged or describes no image; export it again") from error
    sizes = reader.GetSize()
    if any(size > 1 for size in sizes[3:]):
        raise InputError(
            f"{name} has {len(sizes)} dimensions of sizes {sizes}; expected one 3D image: export a single time point or channel"
        )
    channels = reader.GetNumberOfComponents()
    if channels != 1:
        raise InputError(f"{name} has {channels} values per voxel (colour, vector or complex); expected one real number per voxel")
    if [size for size in sizes if size > 1] != [size for size in header.sizes if size > 1]:
        raise InputError(f"{name} has axes whose order is not clear (sizes {header.sizes}, kinds); export it again as one 3D image")
    return reader
