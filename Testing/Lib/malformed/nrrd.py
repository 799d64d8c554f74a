"""NRRD files that are wrong: fields, voxels' start and number, packings, and files of their own for the voxels."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np

from . import RIGHT, Malformed, Scan
from .nifti import CUT, LARGE, MORE, zeros_without_end

Edit = Callable[[bytes], bytes]


def fields_of(scan: Scan, encoding: str = "raw") -> dict[str, str]:
    """Give the fields of a valid header, in order."""
    slices, rows, columns = scan.volume.voxels_hu.shape
    z_mm, y_mm, x_mm = scan.volume.spacing_zyx_mm
    directions = scan.volume.direction_lps * (x_mm, y_mm, z_mm)
    return {
        "type": "short",
        "dimension": "3",
        "space": "left-posterior-superior",
        "sizes": f"{columns} {rows} {slices}",
        "space directions": " ".join(f"({a!r},{b!r},{c!r})" for a, b, c in directions.T.tolist()),
        "kinds": "domain domain domain",
        "endian": "little",
        "encoding": encoding,
        "space origin": "({!r},{!r},{!r})".format(*scan.volume.origin_lps_mm),
    }


def header_of(fields: dict[str, str | None]) -> bytes:
    """Write fields; those that are None are left out."""
    lines = "".join(f"{key}: {value}\n" for key, value in fields.items() if value is not None)
    return f"NRRD0004\n{lines}".encode()


def voxels_of(scan: Scan) -> bytes:
    """Give the voxels as stored."""
    return scan.volume.voxels_hu.astype("<i2").tobytes()


def as_text(voxels: bytes) -> bytes:
    """Write voxels as decimal numbers."""
    return " ".join(map(str, np.frombuffer(voxels, "<i2"))).encode()


def _attached(changes: dict[str, str | None] | None = None, edit: Edit = bytes, behind: bytes = b"\n", pack: Edit = bytes) -> Callable:
    def make(folder: Path, scan: Scan) -> Path:
        content = header_of(fields_of(scan) | (changes or {})) + behind + pack(voxels_of(scan))
        (folder / "scan.nrrd").write_bytes(edit(content))
        return folder / "scan.nrrd"

    return make


def _packed(edit: Edit = bytes, inner: Edit = bytes, changes: dict[str, str | None] | None = None) -> Callable:
    return _attached({"encoding": "gzip", **(changes or {})}, pack=lambda voxels: edit(gzip.compress(inner(voxels), 1)))


def _detached(data_file: str, files: Callable[[Scan], dict[str, bytes]], changes: dict[str, str | None] | None = None) -> Callable:
    def make(folder: Path, scan: Scan) -> Path:
        for name, content in files(scan).items():
            (folder / name).write_bytes(content)
        fields = fields_of(scan) | (changes or {}) | {"data file": data_file}
        (folder / "scan.nhdr").write_bytes(header_of(fields))
        return folder / "scan.nhdr"

    return make


def _slices(scan: Scan, name: str = "slice{:03d}.raw") -> dict[str, bytes]:
    return {name.format(number): plane.astype("<i2").tobytes() for number, plane in enumerate(scan.volume.voxels_hu)}


def _listed(count: int = 36) -> str:
    return "LIST\n" + "\n".join(f"slice{number:03d}.raw" for number in range(count))


def _bomb(sizes: str, megabytes: int) -> Callable:
    return _attached({"encoding": "gzip", "sizes": sizes}, pack=lambda _voxels: zeros_without_end(megabytes))


_FIELDS: list[tuple[str, dict[str, str | None], str]] = [
    ("no type", {"type": None}, "type"),
    ("a type of blocks", {"type": "block"}, "type 'block'"),
    ("an unknown type", {"type": "short short"}, "type"),
    ("a type of twice the bits", {"type": "int"}, CUT),
    ("a type of half the bits", {"type": "uchar"}, MORE),
    ("no dimension", {"dimension": None}, "no dimension"),
    *((f"dimension {text}", {"dimension": text}, "dimension") for text in ("0", "1", "-3", "16", "99999999999999999999", "three", "3.0")),
    ("dimension 4 of 3 sizes", {"dimension": "4"}, "sizes"),
    ("no sizes", {"sizes": None}, "sizes"),
    *(
        (f"sizes {text}", {"sizes": text}, "sizes")
        for text in ("60 52", "60 52 0", "60 52 -36", "60 52 x", "60 52 36.0", "60 52 " + "9" * 5000)
    ),
    ("sizes that no computer holds", {"sizes": "100000 100000 100000"}, LARGE),
    ("sizes of 15 digits", {"sizes": " ".join(["999999999999999"] * 3)}, LARGE),
    ("a slice too many", {"sizes": "60 52 37"}, CUT),
    ("a slice too few", {"sizes": "60 52 35"}, MORE),
    ("a column too few", {"sizes": "59 52 36"}, MORE),
    ("no space direction for an axis", {"space directions": "none (0,6.5,0) (0,0,8)"}, "none"),
    ("no space direction at all", {"space directions": "none none none"}, "none"),
    ("two space directions", {"space directions": "(6,0,0) (0,6.5,0)"}, "space directions"),
    ("a space direction of 0", {"space directions": "(0,0,0) (0,6.5,0) (0,0,8)"}, "voxel spacing"),
    ("a space direction that is no number", {"space directions": "(nan,0,0) (0,6.5,0) (0,0,8)"}, "voxel spacing"),
    ("space directions of words", {"space directions": "(a,b,c) (0,6.5,0) (0,0,8)"}, "voxel spacing"),
    ("space directions that are parallel", {"space directions": "(6,0,0) (6.5,0,0) (0,0,8)"}, "orthonormal|damaged"),
    ("space directions that are sheared", {"space directions": "(6,0,0) (3,6,0) (0,0,8)"}, "orthonormal|damaged"),
    ("voxels of 50 mm", {"space directions": "(50,0,0) (0,50,0) (0,0,50)"}, "m wide"),
    ("voxels of 1e300 mm", {"space directions": "(1e300,0,0) (0,6.5,0) (0,0,8)"}, "spacing"),
    ("an unknown space", {"space": "upside-down"}, "damaged"),
    ("space origin of words", {"space origin": "(a,b,c)"}, "space origin"),
    ("space origin of two numbers", {"space origin": "(1,2)"}, "space origin"),
    ("space origin infinite", {"space origin": "(inf,0,0)"}, "space origin"),
    ("kinds of another number", {"kinds": "domain domain"}, "kinds"),
    ("kinds of a colour", {"kinds": "RGB-color domain domain"}, "values per voxel|damaged|order"),
    ("kinds of a list", {"kinds": "list domain domain"}, "dimension|values per voxel|damaged|order"),
    ("no byte order", {"endian": None}, "endian"),
    ("an unknown byte order", {"endian": "middle"}, "endian"),
    ("no encoding", {"encoding": None}, "encoding"),
    ("an unknown encoding", {"encoding": "rar"}, "encoding"),
    ("raw voxels said to be packed", {"encoding": "gzip"}, CUT),
    ("raw voxels said to be text", {"encoding": "text"}, "text|more"),
    ("raw voxels said to be hexadecimal", {"encoding": "hex"}, "text|more"),
    ("byte skip of 1000", {"byte skip": "1000"}, CUT),
    ("byte skip of -1", {"byte skip": "-1"}, RIGHT),
    ("byte skip of -7", {"byte skip": "-7"}, "byte skip"),
    ("byte skip without end", {"byte skip": "9" * 40}, "byte skip"),
    ("line skip without end", {"line skip": "999999"}, "line skip"),
    ("a data file that is not there", {"data file": "gone.raw"}, "not beside it"),
    ("a data file that is the folder", {"data file": "."}, "not beside it"),
    ("a data file named by 300 bytes", {"data file": "x" * 300}, "not beside it"),
    ("a data file named with a zero byte", {"data file": "a\0b"}, "not beside it"),
    ("a data file that is a device", {"data file": "/dev/zero"}, "not beside it|device"),
    ("data files named by a bad pattern", {"data file": "%s%s%n 1 3 1"}, "names its voxels' files"),
    ("data files without end", {"data file": "a%d.raw 1 999999999 1"}, "names 999999999 files"),
    ("data files with steps of 0", {"data file": "a%d.raw 1 9 0"}, "names its voxels' files"),
]

CASES = [
    *(Malformed(name, "ct", _attached(changes), expected) for name, changes, expected in _FIELDS),
    Malformed("sizes twice", "ct", _attached(edit=lambda c: c.replace(b"kinds:", b"sizes: 60 52 35\nkinds:")), "twice"),
    Malformed("a header without end", "ct", _attached(behind=b""), "end|sizes|twice|damaged"),
    Malformed("a header of a megabyte", "ct", _attached(behind=b"# " + b"x" * (1 << 20) + b"\n\n"), RIGHT),
    Malformed("a header of 5 MB", "ct", _attached(behind=b"# " + b"x" * (5 << 20) + b"\n\n"), "does not come to its end"),
    Malformed("lines that end as in Windows", "ct", _attached(edit=lambda c: c.replace(b"\n", b"\r\n", 10)), RIGHT),
    Malformed("only the magic", "ct", _attached(edit=lambda c: c[:9]), "end|damaged"),
    *(Malformed(f"cut to {n} bytes", "ct", _attached(edit=lambda c, n=n: c[:n]), CUT) for n in (60, 300, 100_000, -1)),
    Malformed("a byte too many", "ct", _attached(edit=lambda c: c + b"x"), MORE),
    Malformed("100 zeros behind", "ct", _attached(edit=lambda c: c + bytes(100)), RIGHT),
    Malformed("packed, whole", "ct", _packed(), RIGHT),
    Malformed("packed by zlib alone", "ct", _packed(edit=lambda c: __import__("zlib").compress(gzip.decompress(c), 1)), RIGHT),
    Malformed("packed by bzip2", "ct", _attached({"encoding": "bzip2"}, pack=bz2.compress), RIGHT),
    Malformed("packed by bzip2, cut short", "ct", _attached({"encoding": "bzip2"}, pack=lambda v: bz2.compress(v)[:-9]), CUT),
    Malformed(
        "packed by bzip2, zeros without end",
        "ct",
        _attached({"encoding": "bz2"}, pack=lambda v: bz2.compress(bytes(9_000_000)) * 400),
        MORE,
    ),
    Malformed("hexadecimal", "ct", _attached({"encoding": "hex"}, pack=lambda v: v.hex().encode()), RIGHT),
    Malformed("hexadecimal, cut short", "ct", _attached({"encoding": "hex"}, pack=lambda v: v.hex()[:-8].encode()), CUT),
    Malformed("text", "ct", _attached({"encoding": "text"}, pack=as_text), RIGHT),
    Malformed("text, blanks without end", "ct", _attached({"encoding": "text"}, pack=lambda v: as_text(v) + b" " * 9_000_000), MORE),
    Malformed("text of one number", "ct", _attached({"encoding": "text"}, pack=lambda v: b"17"), "1 voxels written as text"),
    Malformed("text of words", "ct", _attached({"encoding": "text"}, pack=lambda v: b"no numbers here"), "no numbers"),
    Malformed("text of numbers too large", "ct", _attached({"encoding": "text"}, pack=lambda v: b"99999 " * (len(v) // 2)), "int16"),
    Malformed("packed, a slice less", "ct", _packed(inner=lambda v: v[:-6240]), CUT),
    Malformed("packed, a slice more", "ct", _packed(inner=lambda v: v + v[:6240]), MORE),
    Malformed("packed, a byte wrong", "ct", _packed(edit=lambda c: c[:5000] + b"XYZ" + c[5003:]), CUT),
    Malformed("packed, the checksum wrong", "ct", _packed(edit=lambda c: c[:-8] + b"0000" + c[-4:]), CUT),
    Malformed("packed, byte skip of packed bytes", "ct", _packed(changes={"byte skip": "100"}), CUT),
    Malformed("packed, byte skip without end", "ct", _packed(changes={"byte skip": "999999999999"}), "start at byte"),
    Malformed("packed, byte skip of -1", "ct", _packed(changes={"byte skip": "-1"}), "byte skip"),
    Malformed("declares what packed zeros hold", "ct", _bomb("1290 1024 1024", 2700), LARGE),
    Malformed("declares less than packed zeros hold", "ct", _bomb("512 512 300", 3000), MORE),
    Malformed("voxels in a file of their own", "ct", _detached("scan.raw", lambda scan: {"scan.raw": voxels_of(scan)}), RIGHT),
    Malformed(
        "that file with two lines of text before them",
        "ct",
        _detached("scan.raw", lambda scan: {"scan.raw": b"one\ntwo\n" + voxels_of(scan)}, {"line skip": "2"}),
        RIGHT,
    ),
    Malformed("that file a byte short", "ct", _detached("scan.raw", lambda scan: {"scan.raw": voxels_of(scan)[:-1]}), CUT),
    Malformed("that file a slice long", "ct", _detached("scan.raw", lambda scan: {"scan.raw": voxels_of(scan) + b"\1" * 6240}), MORE),
    Malformed("that file empty", "ct", _detached("scan.raw", lambda scan: {"scan.raw": b""}), CUT),
    Malformed("that file named with a percent sign", "ct", _detached("s%can%n.raw", lambda scan: {"s%can%n.raw": voxels_of(scan)}), RIGHT),
    Malformed("a file for each slice", "ct", _detached(_listed(), _slices), RIGHT),
    Malformed("numbered files", "ct", _detached("slice%03d.raw 0 35 1", _slices), RIGHT),
    Malformed("a file too few in the list", "ct", _detached(_listed(35), _slices), "names 35 files"),
    Malformed("numbered files, one too few", "ct", _detached("slice%03d.raw 0 34 1", _slices), "names 35 files"),
    Malformed("an empty list", "ct", _detached("LIST", _slices), "names no file"),
    Malformed("a file of the list missing", "ct", _detached(_listed(37), _slices), "not beside it|names 37"),
    Malformed("a file of the list short", "ct", _detached(_listed(), lambda scan: _slices(scan) | {"slice007.raw": b"short"}), CUT),
    Malformed("labels: a slice less", "labels", _packed(inner=lambda v: v[:-6240]), CUT),
    Malformed("probability: a slice less", "probability", _packed(inner=lambda v: v[:-6240]), CUT),
    Malformed("probability: declares what packed zeros hold", "probability", _bomb("1290 1024 1024", 2700), LARGE),
]
