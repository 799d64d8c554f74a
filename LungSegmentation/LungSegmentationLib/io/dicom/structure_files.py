"""Opening a segmentation or a structure set: read as a whole, once its size fits what its header describes."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from ...errors import InputError
from ..file_checks import check_memory
from . import limits
from .files import damage_named, decode_all, open_dataset
from .image_size import check_size

_SIZE_TAGS = [Tag(keyword) for keyword in ("Rows", "Columns", "NumberOfFrames", "BitsAllocated")]


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
