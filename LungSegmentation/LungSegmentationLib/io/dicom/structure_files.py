"""What segmentations and structure sets have in common: how they are opened, and which of their numbered parts are which region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from ...errors import InputError
from ..file_checks import check_memory
from . import limits
from .files import damage_named, decode_all, open_dataset
from .image_size import check_size

_SIZE_TAGS = [Tag(keyword) for keyword in ("Rows", "Columns", "NumberOfFrames", "BitsAllocated")]

_MOST_LISTED = 12
_Part = TypeVar("_Part")


def open_marks(path: Path) -> Dataset:
    """Read a segmentation or a structure set.

    Raises
    ------
    InputError
        Naming the file, when it is damaged, is larger than its header explains, or would take too much memory.
    """
    header = open_dataset(path, _SIZE_TAGS, with_pixels=False)
    if header is None:
        raise InputError(f"{path.name} is not DICOM; expected a segmentation (SEG) or a structure set (RTSTRUCT)")
    pixels = 0
    with damage_named(path):
        decode_all(header)
        if header.get("Rows") is not None or header.get("Columns") is not None:
            frames = int(header.get("NumberOfFrames", 1) or 1)
            rows, columns = (int(header.get(keyword) or 0) for keyword in ("Rows", "Columns"))
            check_size(path.name, rows, columns, frames)
            pixels = rows * columns * frames * int(header.get("BitsAllocated", 1) or 1) // 8
        check_memory(path.name, pixels, "its voxels need")
        if path.stat().st_size > pixels + limits.MOST_STRUCTURE_BYTES:
            raise InputError(f"{path.name} is far larger ({path.stat().st_size / 1e6:.0f} MB) than its header explains; export it again")
    dataset = open_dataset(path, most_bytes=pixels + limits.MOST_INFLATED_BYTES)
    assert dataset is not None, "it was DICOM when its header was read"
    return dataset


def parts_by_number(path: Path, kind: str, key: str, numbered: Sequence[tuple[int, _Part]]) -> dict[int, _Part]:
    """Put the parts of a file under their numbers, each of which must be there once.

    Parameters
    ----------
    path : pathlib.Path
    kind : str
        What the parts are called, for errors: segment or region.
    key : str
        The attribute that numbers them, for errors.
    numbered : sequence of tuple
        Number and part.

    Returns
    -------
    dict
        Part by number.

    Raises
    ------
    InputError
        When a number comes twice.
    """
    parts = dict(numbered)
    if len(parts) < len(numbered):
        raise InputError(f"{path.name} has {len(numbered)} {kind}s but {len(parts)} different numbers ({key}); export it again")
    return parts


def regions_of_parts(
    path: Path,
    kind: str,
    lung: str,
    shown: Mapping[int, str],
    known: Mapping[int, str | None],
    labels_map: Mapping[int, str] | None,
    map_option: str,
) -> Mapping[int, str]:
    """Say which region each part of a file is.

    Parameters
    ----------
    path : pathlib.Path
    kind : str
        What the parts are called, for errors: segment or region.
    lung : str
        How a part would be known as a lung, for errors.
    shown : mapping of int to str
        What to call each part in errors.
    known : mapping of int to str or None
        Key of the region that each part is by its code or name; None for other ones.
    labels_map : mapping of int to str, optional
        Region keys that the user gave; they count instead.
    map_option : str
        The option of the command line that gives such a map, for errors.

    Returns
    -------
    mapping of int to str
        Region key by number; without the parts that are no region.

    Raises
    ------
    InputError
        When none is a lung, or the user named one that is not there.
    """
    listed = [f"{number} {text}" for number, text in shown.items()]
    there = (", ".join(listed[:_MOST_LISTED]) + (", …" if len(listed) > _MOST_LISTED else "")) or "none"
    if labels_map is not None:
        unknown = sorted(set(labels_map) - set(shown))
        if unknown:
            raise InputError(f"{path.name} has no {kind} {unknown[0]}; {map_option} may name those that it has: {there}")
        return labels_map
    regions = {number: key for number, key in known.items() if key is not None}
    if not {"right_lung", "left_lung"} & set(regions.values()):
        raise InputError(
            f"{path.name} has no {kind} {lung}; its {kind}s are: {there}; "
            f"if one of them is a lung, say so with {map_option}, such as 1=right_lung,2=left_lung"
        )
    return regions
