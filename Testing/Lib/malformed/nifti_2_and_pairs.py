"""NIfTI-2 files, and NIfTI in pairs of a header (.hdr) and voxels (.img), that are wrong."""

from __future__ import annotations

import gzip
import os
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from . import RIGHT, Malformed, Scan
from .nifti import CUT, LARGE, MAGIC, MORE, NO_IMAGE, VOX_OFFSET, Change, content_of, zeros_without_end

_HEADER, _FIRST_1, _FIRST_2 = 348, 352, 544
_SIZES_2, _DATATYPE_2, _SPACING_2, _START_2, _SLOPE_2, _CODES_2, _SFORM_2 = 16, 12, 104, 168, 176, 344, 400
_NAME_2, _PAIR = b"n+2\0\r\n\x1a\n", b"ni1\0"
_N = (60, 52, 36)  # columns, rows and slices of the valid scan


def nifti_2_header(scan: Scan, changes: Sequence[Change] = ()) -> bytes:
    """Write the scan's header as NIfTI-2, by the standard's offsets, with changed fields."""
    old, header = content_of(scan, scan.volume.voxels_hu), bytearray(_FIRST_2)
    struct.pack_into("<i8s2h", header, 0, 540, _NAME_2, *struct.unpack_from("<2h", old, 70))
    struct.pack_into("<8q", header, _SIZES_2, *struct.unpack_from("<8h", old, 40))
    struct.pack_into("<8d", header, _SPACING_2, *struct.unpack_from("<8f", old, 76))
    struct.pack_into("<q2d", header, _START_2, _FIRST_2, 1, 0)
    struct.pack_into("<2i", header, _CODES_2, 0, 1)
    struct.pack_into("<12d", header, _SFORM_2, *struct.unpack_from("<12f", old, 280))
    struct.pack_into("<i", header, 500, 2)
    for offset, kind, value in changes:
        struct.pack_into("<" + kind, header, offset, *([value] if isinstance(value, bytes) else np.atleast_1d(value).tolist()))
    return bytes(header)


def _single(*changes: Change, edit: Callable[[bytes], bytes] = bytes) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, scan: Scan) -> Path:
        voxels = content_of(scan, scan.volume.voxels_hu)[_FIRST_1:]
        (folder / "scan.nii").write_bytes(edit(nifti_2_header(scan, changes) + voxels))
        return folder / "scan.nii"

    return make


def _bomb_2(folder: Path, scan: Scan) -> Path:
    header = nifti_2_header(scan, [(_SIZES_2, "8q", (3, 1290, 1024, 1024, 1, 1, 1, 1)), (_SPACING_2 + 8, "3d", (0.5, 0.5, 0.5))])
    (folder / "scan.nii.gz").write_bytes(gzip.compress(header) + zeros_without_end(2700))
    return folder / "scan.nii.gz"


def _pair(
    *changes: Change,
    header: Callable[[bytes], bytes] = bytes,
    voxels: Callable[[bytes], bytes] = bytes,
    given: str = "scan.hdr",
    names: tuple[str, str] = ("scan.hdr", "scan.img"),
) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, scan: Scan) -> Path:
        content = content_of(scan, scan.volume.voxels_hu, ((MAGIC, "4s", _PAIR), (VOX_OFFSET, "f", 0), *changes))
        (folder / names[0]).write_bytes(header(content[:_HEADER]))
        (folder / names[1]).write_bytes(voxels(content[_FIRST_1:]))
        return folder / given

    return make


def _without(missing: str, given: str, put: Callable[[Path], None] = lambda path: None) -> Callable[[Path, Scan], Path]:
    """Take a file of the pair away, and put something else in its place."""

    def make(folder: Path, scan: Scan) -> Path:
        path = _pair(given=given)(folder, scan)
        (folder / missing).unlink()
        put(folder / missing)
        return path

    return make


def _link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _other_voxels_beside(folder: Path, scan: Scan) -> Path:
    (folder / "scan.img").write_bytes(bytes(scan.volume.voxels_hu.nbytes))
    return _pair(names=("scan.hdr", "scan.img.gz"), voxels=gzip.compress, given="scan.img.gz")(folder, scan)


_SIZES_1 = 40
_BOMB: tuple[Change, ...] = ((_SIZES_1, "8h", (3, 1290, 1024, 1024, 1, 1, 1, 1)), (80, "3f", (0.5, 0.5, 0.5)))
_PACKED = ("scan.hdr", "scan.img.gz")
_BESIDE = "not beside it"

_CASES: list[tuple[str, Callable[[Path, Scan], Path], str]] = [
    ("NIfTI-2", _single(), RIGHT),
    ("a start of 0", _single((_START_2, "q", 0)), RIGHT),
    ("a start within the header", _single((_START_2, "q", 352)), RIGHT),
    ("a start of -1", _single((_START_2, "q", -1)), "vox_offset"),
    ("a start of 2 to the 62nd", _single((_START_2, "q", 1 << 62)), CUT),
    ("cut within its header", _single(edit=lambda c: c[:500]), NO_IMAGE),
    ("a name that went through a text transfer", _single((4, "8s", b"n+2\0\n\n\x1a\n")), NO_IMAGE),
    ("cut by a byte", _single(edit=lambda c: c[:-1]), CUT),
    ("two bytes more", _single(edit=lambda c: c + b"ab"), MORE),
    ("a size of 2 to the 40th", _single((_SIZES_2 + 8, "q", 1 << 40)), "describes no scan"),
    ("a size of -2 to the 63rd", _single((_SIZES_2 + 8, "q", -(1 << 63))), "describes no scan"),
    ("a size of 0", _single((_SIZES_2 + 8, "q", 0)), "damaged"),
    ("largest sizes", _single((_SIZES_2, "4q", (3, 32767, 32767, 32767))), LARGE),
    ("two time points", _single((_SIZES_2, "5q", (4, 60, 52, 18, 2))), "4 dimensions"),
    ("datatype 1536", _single((_DATATYPE_2, "h", 1536)), "expected one real number"),
    ("a voxel size of 1e300", _single((_SPACING_2 + 8, "d", 1e300)), "describes no scan"),
    ("a voxel size not a number", _single((_SPACING_2 + 8, "d", float("nan"))), "voxel sizes"),
    ("a slope of 1e300", _single((_SLOPE_2, "d", 1e300)), "describes no scan"),
    ("an sform code of 2 to the 20th", _single((_CODES_2 + 4, "i", 1 << 20)), "describes no scan"),
    (
        "an sform of 3e38",
        _single((_SFORM_2, "12d", [3e38, 1e36, 0, 3e38, 0, 3e38, 0, 3e38, 0, 0, 3e38, 3e38])),
        "orientation|sizes|spacing",
    ),
    ("packed zeros", _bomb_2, LARGE),
    ("a pair", _pair(), RIGHT),
    ("a pair by its voxels", _pair(given="scan.img"), RIGHT),
    ("a packed pair with a plain one's voxels beside", _other_voxels_beside, RIGHT),
    ("a pair, cut by a byte", _pair(voxels=lambda v: v[:-1]), CUT),
    ("a pair, a slice more", _pair(voxels=lambda v: v + v[-6240:]), MORE),
    ("a pair, 512 zeros behind", _pair(voxels=lambda v: v + bytes(512)), RIGHT),
    ("a pair, a start of -1", _pair((VOX_OFFSET, "f", -1.0)), "vox_offset"),
    ("a pair, a start behind its end", _pair((VOX_OFFSET, "f", 1e30)), CUT),
    ("a packed pair, a start behind its end", _pair((VOX_OFFSET, "f", 1e30), voxels=gzip.compress, names=_PACKED), "at most 67108864"),
    ("a pair, its header cut", _pair(header=lambda h: h[:340]), NO_IMAGE),
    ("a pair, its header cut, by its voxels", _pair(header=lambda h: h[:340], given="scan.img"), NO_IMAGE),
    ("a pair, its packed header damaged", _pair(header=lambda h: gzip.compress(h)[:20] + b"?" * 99, given="scan.img"), NO_IMAGE),
    ("a pair, its voxels' packing damaged", _pair(voxels=lambda v: gzip.compress(v)[:-9], names=_PACKED), CUT),
    ("a pair that declares 30000 times as much", _pair((_SIZES_1, "4h", (3, 32767, 32767, 32767))), LARGE),
    ("a pair of packed zeros", _pair(*_BOMB, voxels=lambda v: zeros_without_end(2700), names=_PACKED), LARGE),
    ("a pair, packed zeros behind", _pair(voxels=lambda v: gzip.compress(v) + zeros_without_end(3000), names=_PACKED), MORE),
    ("a pair without voxels", _without("scan.img", "scan.hdr"), _BESIDE),
    ("a pair without a header", _without("scan.hdr", "scan.img"), NO_IMAGE),
    ("a pair with a pipe for voxels", _without("scan.img", "scan.hdr", os.mkfifo), _BESIDE),
    ("a pair with a pipe for voxels, by them", _without("scan.img", "scan.img", os.mkfifo), "is a pipe"),
    ("a pair with a pipe for a header", _without("scan.hdr", "scan.img", os.mkfifo), NO_IMAGE),
    ("a pair with a pipe for a header, by it", _without("scan.hdr", "scan.hdr", os.mkfifo), "is a pipe"),
    ("a pair with a device for voxels", _without("scan.img", "scan.hdr", _link_to_device), _BESIDE),
    ("a pair with a folder for voxels", _without("scan.img", "scan.hdr", Path.mkdir), _BESIDE),
    ("a pair's name in a single file", _single(edit=lambda c: c[:4] + b"ni2\0\r\n\x1a\n" + c[12:]), _BESIDE),
    ("voxels of a long name without a header", lambda folder, _scan: _long_name(folder), NO_IMAGE),
]


def _long_name(folder: Path) -> Path:
    path = folder / ("n" * 251 + ".img")  # with .hdr.gz it would have 258 bytes
    path.write_bytes(bytes(1000))
    return path


CASES = [
    *(Malformed(name, "ct", make, expected) for name, make, expected in _CASES),
    Malformed("labels: a pair of packed zeros", "labels", _pair(*_BOMB, voxels=lambda v: zeros_without_end(2700), names=_PACKED), LARGE),
    Malformed("labels: a pair without voxels", "labels", _without("scan.img", "scan.hdr"), _BESIDE),
    Malformed("probability: a pair, cut by a byte", "probability", _pair(voxels=lambda v: v[:-1]), CUT),
]
