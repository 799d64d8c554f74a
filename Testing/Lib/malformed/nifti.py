"""NIfTI files that are wrong: headers, voxels' start and number, packed data, values, and labels."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from . import RIGHT, Malformed, Scan

_FIRST = 352
_CODES = {"uint8": 2, "int16": 4, "int32": 8, "float32": 16, "float64": 64, "uint16": 512, "int64": 1024}
Change = tuple[int, str, object]

DIM, DATATYPE, PIXDIM, VOX_OFFSET, SLOPE, UNITS, CODES, QUATERNION, SFORM, MAGIC = 40, 70, 76, 108, 112, 123, 252, 256, 280, 344
CUT, MORE, LARGE, NO_IMAGE = "cut short or damaged", "more voxel data than", "too large", "not an image that can be read"


def content_of(scan: Scan, array: np.ndarray, changes: Sequence[Change] = ()) -> bytes:
    """Write an array with the scan's geometry as a NIfTI-1 file, by the standard's offsets, with changed fields."""
    header = bytearray(_FIRST)
    slices, rows, columns = array.shape
    z_mm, y_mm, x_mm = scan.volume.spacing_zyx_mm
    x, y, z = scan.volume.origin_lps_mm
    directions = np.diag([-1.0, -1.0, 1.0]) @ np.asarray(scan.volume.direction_lps) * (x_mm, y_mm, z_mm)
    fields: list[Change] = [
        (0, "i", 348), (DIM, "8h", (3, columns, rows, slices, 1, 1, 1, 1)), (DATATYPE, "h", _CODES[array.dtype.name]),
        (72, "h", array.dtype.itemsize * 8), (PIXDIM, "8f", (1, x_mm, y_mm, z_mm, 1, 1, 1, 1)), (VOX_OFFSET, "f", _FIRST),
        (SLOPE, "2f", (1, 0)), (UNITS, "B", 2), (CODES, "2h", (0, 1)), (MAGIC, "4s", b"n+1\0"),
        (SFORM, "12f", np.column_stack([directions, (-x, -y, z)]).ravel()),
    ]  # fmt: skip
    for offset, kind, value in (*fields, *changes):
        values = [value] if isinstance(value, bytes) else np.atleast_1d(value).tolist()
        struct.pack_into("<" + kind, header, offset, *values)
    return bytes(header) + array.astype(array.dtype.newbyteorder("<")).tobytes()


def _plain(*changes: Change, edit: Callable[[bytes], bytes] = bytes, name: str = "scan.nii") -> Callable[[Path, Scan], Path]:
    def make(folder: Path, scan: Scan) -> Path:
        (folder / name).write_bytes(edit(content_of(scan, scan.volume.voxels_hu, changes)))
        return folder / name

    return make


def _packed(edit: Callable[[bytes], bytes] = bytes, inner: Callable[[bytes], bytes] = bytes) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, scan: Scan) -> Path:
        content = gzip.compress(inner(content_of(scan, scan.volume.voxels_hu)), 1)
        (folder / "scan.nii.gz").write_bytes(edit(content))
        return folder / "scan.nii.gz"

    return make


def _values(change: Callable[[Scan], np.ndarray], *changes: Change) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, scan: Scan) -> Path:
        (folder / "scan.nii").write_bytes(content_of(scan, change(scan), changes))
        return folder / "scan.nii"

    return make


def _with_values(array: np.ndarray, dtype: type, *values: float) -> np.ndarray:
    changed = array.astype(dtype)
    changed[1, 2, 3 : 3 + len(values)] = values
    return changed


def zeros_without_end(megabytes: int) -> bytes:
    """Pack zeros: gzip files may be put one behind the other, so that a block of zeros is packed once."""
    return gzip.compress(bytes(10_000_000), 9) * (megabytes // 10)


def _bomb(shape_xyz: tuple[int, int, int], megabytes: int) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, scan: Scan) -> Path:
        header = content_of(
            scan, scan.volume.voxels_hu, [(DIM, "8h", (3, *shape_xyz, 1, 1, 1, 1)), (PIXDIM, "8f", (1, *[0.5] * 3, *[1] * 4))]
        )
        (folder / "scan.nii.gz").write_bytes(gzip.compress(header[:_FIRST]) + zeros_without_end(megabytes))
        return folder / "scan.nii.gz"

    return make


def _ct(name: str, make: Callable[[Path, Scan], Path], expected: str) -> Malformed:
    return Malformed(name, "ct", make, expected)


_N = (60, 52, 36)  # columns, rows and slices of the valid scan
_HEADERS: list[tuple[str, Change, str]] = [
    ("no dimension", (DIM, "8h", (0, *_N, 1, 1, 1, 1)), "damaged"),
    ("9 dimensions", (DIM, "8h", (9, *_N, 1, 1, 1, 1)), "damaged"),
    ("-1 dimensions", (DIM, "8h", (-1, *_N, 1, 1, 1, 1)), "damaged"),
    ("a size of 0", (DIM, "8h", (3, 0, 52, 36, 1, 1, 1, 1)), "damaged"),
    ("a size of -5", (DIM, "8h", (3, 60, -5, 36, 1, 1, 1, 1)), "damaged"),
    ("largest sizes", (DIM, "8h", (3, 32767, 32767, 32767, 1, 1, 1, 1)), LARGE),
    ("largest sizes of seven axes", (DIM, "8h", (7, *[32767] * 7)), "7 dimensions"),
    ("a slice too many", (DIM, "8h", (3, 60, 52, 37, 1, 1, 1, 1)), CUT),
    ("a slice too few", (DIM, "8h", (3, 60, 52, 35, 1, 1, 1, 1)), MORE),
    ("a column too few", (DIM, "8h", (3, 59, 52, 36, 1, 1, 1, 1)), MORE),
    ("two time points", (DIM, "8h", (4, 60, 52, 18, 2, 1, 1, 1)), "4 dimensions"),
    ("three components", (DIM, "8h", (5, 20, 52, 36, 1, 3, 1, 1)), "5 dimensions"),
    ("no time point", (DIM, "8h", (4, *_N, 0, 1, 1, 1)), "damaged"),
    ("one time point", (DIM, "8h", (4, *_N, 1, 1, 1, 1)), RIGHT),
    *((f"datatype {code}", (DATATYPE, "h", code), "expected one real number") for code in (0, 1, 32, 128, 1536, 2304, 9999, -4)),
    ("datatype of twice the bits", (DATATYPE, "h", 8), CUT),
    ("datatype of half the bits", (DATATYPE, "h", 2), MORE),
    *((f"pixdim {size}", (PIXDIM + 4, "f", size), "voxel sizes") for size in (0.0, -6.0, float("nan"), float("inf"))),
    *((f"pixdim {size}", (PIXDIM + 4, "f", size), "spacing is") for size in (1e30, 1e-30, 0.001, 75.0)),
    ("pixdim of 50 mm", (PIXDIM + 4, "3f", (50, 50, 50)), "m wide"),
    ("in metres", (UNITS, "B", 1), "spacing is"),
    ("in micrometres", (UNITS, "B", 3), "spacing is"),
    *((f"vox_offset {at}", (VOX_OFFSET, "f", at), "vox_offset") for at in (float("nan"), float("inf"), -1.0, 352.5)),
    ("vox_offset 1e30", (VOX_OFFSET, "f", 1e30), CUT),
    ("vox_offset 368", (VOX_OFFSET, "f", 368), CUT),
    ("vox_offset 0", (VOX_OFFSET, "f", 0), RIGHT),
    ("vox_offset 100", (VOX_OFFSET, "f", 100), RIGHT),
    ("slope 0", (SLOPE, "2f", (0, 500)), RIGHT),
    ("slope not a number", (SLOPE, "2f", (float("nan"), 0)), RIGHT),
    ("slope 1e30", (SLOPE, "2f", (1e30, 0)), "Hounsfield"),
    ("intercept not a number", (SLOPE, "2f", (1, float("nan"))), "intercept"),
    ("intercept infinite", (SLOPE, "2f", (1, float("inf"))), "intercept"),
    ("intercept 1e30", (SLOPE, "2f", (1, 1e30)), "Hounsfield"),
    ("sform of zeros", (SFORM, "12f", [0.0] * 12), "perpendicular|two voxel sizes|orthonormal"),
    ("sform not a number", (SFORM, "12f", [float("nan")] * 12), "perpendicular|orthonormal|origin"),
    ("sform infinite", (SFORM, "12f", [float("inf")] * 12), "perpendicular|orthonormal|origin"),
    ("sform sheared", (SFORM, "12f", (6, 3, 0, 0, 0, 6.5, 0, 0, 0, 0, 8, 0)), "perpendicular|orthonormal"),
    ("origin not a number", (SFORM + 12, "f", float("nan")), "perpendicular|origin"),
    ("another magic", (MAGIC, "4s", b"n+9\0"), NO_IMAGE),
    ("sizeof_hdr 0", (0, "i", 0), NO_IMAGE),
    ("sizeof_hdr -1", (0, "i", -1), NO_IMAGE),
]
_FOREIGN = {
    "empty": b"",
    "text": b"Dear colleague, please find the scan attached.\n" * 40,
    "zeros": bytes(5000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(400),
    "a PDF": b"%PDF-1.4\n" + bytes(400),
    "an archive": b"PK\x03\x04" + bytes(400),
    "a web page": b"<!DOCTYPE html><script>alert(1)</script>" * 20,
    "noise": np.random.default_rng(1).bytes(4000),
    "packed text": gzip.compress(b"text" * 999),
    "packed twice": gzip.compress(gzip.compress(bytes(400))),
    "a packed nothing": gzip.compress(b""),
}


def _foreign(content: bytes) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, _scan: Scan) -> Path:
        (folder / "scan.nii.gz").write_bytes(content)
        return folder / "scan.nii.gz"

    return make


def _flipped(position: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 or len(content) :]


_LABELS: list[tuple[str, Callable[[Path, Scan], Path], str]] = [
    ("0.75 as a label", _values(lambda scan: _with_values(scan.labels, np.float32, 0.75)), "value 0.75, which is no label"),
    ("not a number as a label", _values(lambda scan: _with_values(scan.labels, np.float64, np.nan)), "no label"),
    ("an infinite label", _values(lambda scan: _with_values(scan.labels, np.float32, np.inf)), "no label|holds the label"),
    ("label 70000", _values(lambda scan: _with_values(scan.labels, np.int32, 70000)), "holds the label 70000"),
    ("label 7", _values(lambda scan: _with_values(scan.labels, np.int16, 7)), "no known meaning"),
    ("label -1", _values(lambda scan: _with_values(scan.labels, np.int16, -1)), "no known meaning"),
    ("label 1e300", _values(lambda scan: _with_values(scan.labels, np.float64, 1e300)), "holds the label"),
    ("whole labels in 64 bits", _values(lambda scan: scan.labels.astype(np.float64)), RIGHT),
    ("labels scaled by a half", _values(lambda scan: scan.labels * np.uint8(2), (SLOPE, "2f", (0.5, 0))), RIGHT),
    ("labels scaled by a third", _values(lambda scan: scan.labels, (SLOPE, "2f", (1 / 3, 0))), "no label"),
    ("no lung", _values(lambda scan: scan.labels * np.uint8(0)), "holds no voxel"),
    ("another grid", _values(lambda scan: scan.labels, (PIXDIM + 4, "f", 5.0), (CODES, "2h", (1, 0))), "another grid"),
    ("labels of a slice less", _values(lambda scan: scan.labels[:-1]), "another grid"),
]

CASES = [
    *(_ct(name, _plain(change), expected) for name, change, expected in _HEADERS),
    _ct("an extension that vox_offset counts", _plain((VOX_OFFSET, "f", 368), edit=lambda c: c[:352] + bytes(16) + c[352:]), RIGHT),
    _ct("an extension that vox_offset leaves out", _plain(edit=lambda c: c[:352] + b"extensions 16 by" + c[352:]), MORE),
    _ct("512 zeros behind", _plain(edit=lambda c: c + bytes(512)), RIGHT),
    _ct("a megabyte of zeros behind", _plain(edit=lambda c: c + bytes(1 << 20)), MORE),
    *(_ct(f"cut to {size} bytes", _plain(edit=lambda c, size=size: c[:size]), NO_IMAGE) for size in (1, 100, 347)),
    *(_ct(f"cut to {size} bytes", _plain(edit=lambda c, size=size: c[:size]), CUT) for size in (348, 352, 100_000, -1)),
    *(
        _ct(f"packed, cut to {size} bytes", _packed(lambda c, size=size: c[:size]), f"{CUT}|{NO_IMAGE}")
        for size in (1, 2, 10, 30, 4000, -8, -1)
    ),
    *(_ct(f"packed, byte {at} wrong", _packed(_flipped(at)), f"{CUT}|{NO_IMAGE}") for at in (0, 2, 3, 5000, -8, -1)),
    _ct("packed, a slice less", _packed(inner=lambda c: c[: -60 * 52 * 2]), CUT),
    _ct("packed, a slice more", _packed(inner=lambda c: c + c[-60 * 52 * 2 :]), MORE),
    _ct(
        "packed, in two parts",
        _packed(lambda c: gzip.compress(gzip.decompress(c)[:9000]) + gzip.compress(gzip.decompress(c)[9000:])),
        RIGHT,
    ),
    _ct("packed, text behind", _packed(lambda c: c + b"signed by the hospital"), RIGHT),
    _ct("packed, zeros behind", _packed(lambda c: c + bytes(3000)), RIGHT),
    _ct("packed zeros behind", _packed(lambda c: c + zeros_without_end(3000)), MORE),
    _ct("declares what packed zeros hold", _bomb((1290, 1024, 1024), 2700), LARGE),
    _ct("declares less than packed zeros hold", _bomb((512, 512, 300), 3000), MORE),
    _ct("declares more than packed zeros hold", _bomb((512, 512, 300), 100), CUT),
    _ct("declares 30000 times 30000 times 1000", _bomb((30000, 30000, 1000), 10), LARGE),
    *(_ct(name, _foreign(content), NO_IMAGE) for name, content in _FOREIGN.items()),
    _ct("slope -1 of values turned round", _values(lambda scan: -scan.volume.voxels_hu, (SLOPE, "2f", (-1, 0))), RIGHT),
    _ct("not a number as a voxel", _values(lambda scan: _with_values(scan.volume.voxels_hu, np.float32, np.nan)), "not numbers"),
    _ct("an infinite voxel", _values(lambda scan: _with_values(scan.volume.voxels_hu, np.float64, -np.inf)), "not numbers"),
    _ct("a voxel of 1e38", _values(lambda scan: _with_values(scan.volume.voxels_hu, np.float32, 1e38)), "values up to"),
    _ct("a voxel of 2 to the 62nd", _values(lambda scan: _with_values(scan.volume.voxels_hu, np.int64, 2.0**62)), "values up to"),
    _ct("one value everywhere", _values(lambda scan: scan.volume.voxels_hu * np.int16(0)), "same value"),
    _ct("a picture's values", _values(lambda scan: (scan.volume.voxels_hu > -500).astype(np.uint8) * np.uint8(200)), "picture"),
    _ct("no rescale intercept", _values(lambda scan: (scan.volume.voxels_hu.clip(-1024) + 1024).astype(np.uint16)), "intercept|no air"),
    _ct("a single slice", _values(lambda scan: scan.volume.voxels_hu[:1]), "slice"),
    _ct("a single row", _values(lambda scan: scan.volume.voxels_hu[:, :1]), "air|body|lung|same value|slice"),
    *(Malformed(f"labels: {name}", "labels", make, expected) for name, make, expected in _LABELS),
    Malformed("vessels of 0.3", "vessels", _values(lambda scan: scan.labels.astype(np.float32) * np.float32(0.3)), "no label"),
    Malformed("probability of 1.5", "probability", _values(lambda scan: _with_values(scan.labels > 0, np.float32, 1.5)), "from 0 to 1.5"),
    Malformed("probability not a number", "probability", _values(lambda scan: _with_values(scan.labels > 0, np.float32, np.nan)), "nan"),
    Malformed("probability of 700", "probability", _values(lambda scan: _with_values(scan.labels > 0, np.int16, 700)), "values from"),
    Malformed("probability, cut short", "probability", _plain(edit=lambda c: c[:9000]), CUT),
    Malformed("probability, packed zeros", "probability", _bomb((1290, 1024, 1024), 2700), LARGE),
    Malformed("labels, packed zeros", "labels", _bomb((1290, 1024, 1024), 2700), LARGE),
]
