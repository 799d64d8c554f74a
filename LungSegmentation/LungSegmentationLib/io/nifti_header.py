"""Headers of NIfTI-1 and NIfTI-2, of one file or of a pair, brought to one form: little-endian or big-endian NIfTI-1.

Format: R. W. Cox et al., nifti1.h and nifti2.h, https://nifti.nimh.nih.gov.
"""

from __future__ import annotations

import struct
from typing import Literal, NamedTuple

import numpy as np

from . import limits
from .perpendicular import perpendicular_axes

ByteOrder = Literal["<", ">"]

HEADER_SIZE, LARGEST_HEADER_SIZE = 348, 540
# Of each size: which bytes tell it, and whether the voxels then lie in a second file (.img).
_MAGIC = {
    HEADER_SIZE: (slice(344, 348), {b"n+1\0": False, b"ni1\0": True}),
    LARGEST_HEADER_SIZE: (slice(4, 12), {b"n+2\0\r\n\x1a\n": False, b"ni2\0\r\n\x1a\n": True}),
}
# Fields of NIfTI-2 and where they go in NIfTI-1: what they are, offset and kind there, offset and kind here.
_FIELDS = (
    ("datatype and bits", 12, "2h", 70, "2h"),
    ("sizes", 16, "8q", 40, "8h"),
    ("voxel sizes", 104, "8d", 76, "8f"),
    ("slope and intercept", 176, "2d", 112, "2f"),
    ("qform and sform code", 344, "2i", 252, "2h"),
    ("qform", 352, "6d", 256, "6f"),
    ("sform", 400, "12d", 280, "12f"),
)
_UNITS_2, _UNITS_1 = (500, "i"), (123, "B")


class HeaderKind(NamedTuple):
    """What kind of header it is: its bytes' number and order, and whether the voxels lie in a second file (.img)."""

    size: int
    order: ByteOrder
    in_pair: bool


def kind_of(start: bytes) -> HeaderKind | None:
    """Tell what header a file starts with, by its own size, which is its first number, and its name; None where it is no NIfTI header."""
    orders: dict[Literal["little", "big"], ByteOrder] = {"little": "<", "big": ">"}
    for size, (place, names) in _MAGIC.items():
        for byte_order, order in orders.items():
            if start[:4] == size.to_bytes(4, byte_order) and len(start) >= size and start[place] in names:
                return HeaderKind(size, order, names[start[place]])
    return None


def as_nifti_1(header: bytes, kind: HeaderKind) -> tuple[bytes, float]:
    """Give a header of either version as one of NIfTI-1, and at which byte it says that the voxels begin in their file.

    Parameters
    ----------
    header : bytes
    kind : HeaderKind

    Returns
    -------
    bytes
        The header of NIfTI-1.
    float
        The byte at which the voxels begin.

    Raises
    ------
    ValueError
        For numbers larger than NIfTI-1 can say, with what they are.
    """
    order = kind.order
    if kind.size == HEADER_SIZE:
        return header[:HEADER_SIZE], struct.unpack_from(f"{order}f", header, 108)[0]
    new = bytearray(HEADER_SIZE)
    struct.pack_into(f"{order}i", new, 0, HEADER_SIZE)
    for what, offset_2, kind_2, offset_1, kind_1 in _FIELDS:
        values = struct.unpack_from(order + kind_2, header, offset_2)
        try:
            struct.pack_into(order + kind_1, new, offset_1, *values)
        except (struct.error, OverflowError) as error:
            raise ValueError(f"{what} of {values}") from error
    struct.pack_into(order + _UNITS_1[1], new, _UNITS_1[0], struct.unpack_from(order + _UNITS_2[1], header, _UNITS_2[0])[0] & 0xFF)
    new[344:348] = b"n+1\0"
    return bytes(new), float(struct.unpack_from(f"{order}q", header, 168)[0])


def without_shear(header: bytes, order: ByteOrder, shape_xyz: tuple[int, int, int]) -> tuple[bytes, float]:
    """Turn the axes of an sform that are a little off the right angle to the nearest ones that are not, about the image's middle.

    Parameters
    ----------
    header : bytes
        NIfTI-1.
    order : str
    shape_xyz : tuple of int

    Returns
    -------
    header : bytes
        With the new sform alone; as it was where its axes are perpendicular, or damaged, or farther off than 0.5 degrees.
    shear_deg : float
        How far any two axes were off the right angle.
    """
    if struct.unpack_from(f"{order}h", header, 254)[0] <= 0:
        return header, 0.0
    sform = np.array(struct.unpack_from(f"{order}12f", header, 280)).reshape(3, 4)
    lengths_mm = np.linalg.norm(sform[:, :3], axis=0)
    if not (np.all(np.abs(sform) < limits.HEADER_LARGEST_MM) and np.all(lengths_mm > 0)):
        return header, 0.0
    axes = sform[:, :3] / lengths_mm
    perpendicular, shear_deg = perpendicular_axes(axes)
    if perpendicular is axes:
        return header, shear_deg
    middle = (np.array(shape_xyz) - 1) / 2
    turned = perpendicular * lengths_mm
    offset = sform[:, 3] + sform[:, :3] @ middle - turned @ middle
    new = bytearray(header)
    struct.pack_into(f"{order}2h", new, 252, 0, struct.unpack_from(f"{order}h", header, 254)[0])
    struct.pack_into(f"{order}12f", new, 280, *np.column_stack([turned, offset]).ravel())
    return bytes(new), shear_deg
