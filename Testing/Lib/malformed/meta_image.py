"""MetaImage files that are wrong: fields, voxels' start and number, packed sizes, and files of their own for the voxels."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

from . import RIGHT, Malformed, Scan
from .nifti import CUT, LARGE, MORE, zeros_without_end
from .nrrd import as_text, voxels_of

Changes = dict[str, str | None]
Edit = Callable[[bytes], bytes]


def fields_of(scan: Scan) -> Changes:
    """Give the fields of a valid header, in order."""
    slices, rows, columns = scan.volume.voxels_hu.shape
    return {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "TransformMatrix": " ".join(repr(float(value)) for value in scan.volume.direction_lps.T.ravel()),
        "Offset": " ".join(map(repr, scan.volume.origin_lps_mm)),
        "ElementSpacing": " ".join(map(repr, scan.volume.spacing_zyx_mm[::-1])),
        "DimSize": f"{columns} {rows} {slices}",
        "ElementType": "MET_SHORT",
        "ElementDataFile": "LOCAL",
    }


def header_of(fields: Changes) -> bytes:
    """Write fields; those that are None are left out, and ``ElementDataFile`` comes last."""
    ordered = {key: value for key, value in fields.items() if key != "ElementDataFile"}
    ordered["ElementDataFile"] = fields.get("ElementDataFile")
    return "".join(f"{key} = {value}\n" for key, value in ordered.items() if value is not None).encode()


def _attached(changes: Changes | None = None, edit: Edit = bytes, pack: Edit = bytes) -> Callable:
    def make(folder: Path, scan: Scan) -> Path:
        (folder / "scan.mha").write_bytes(edit(header_of(fields_of(scan) | (changes or {})) + pack(voxels_of(scan))))
        return folder / "scan.mha"

    return make


def _packed(stated: int | None = None, edit: Edit = bytes, inner: Edit = bytes, true_size: bool = False) -> Callable:
    def make(folder: Path, scan: Scan) -> Path:
        data = edit(zlib.compress(inner(voxels_of(scan)), 1))
        size = str(len(data)) if true_size else None if stated is None else str(stated)
        return _attached({"CompressedData": "True", "CompressedDataSize": size}, pack=lambda _voxels: data)(folder, scan)

    return make


def _detached(files: Callable[[Scan], dict[str, bytes]], changes: Changes, name: str = "scan.mhd") -> Callable:
    def make(folder: Path, scan: Scan) -> Path:
        for file_name, content in files(scan).items():
            (folder / file_name).write_bytes(content)
        (folder / name).write_bytes(header_of(fields_of(scan) | changes))
        return folder / name

    return make


def _raw(scan: Scan) -> dict[str, bytes]:
    return {"scan.raw": voxels_of(scan)}


def _slices(scan: Scan) -> dict[str, bytes]:
    return {f"slice{number:03d}.raw": plane.astype("<i2").tobytes() for number, plane in enumerate(scan.volume.voxels_hu)}


def _listed(count: int, word: str = "LIST") -> Changes:
    return {"ElementDataFile": f"{word}\n" + "\n".join(f"slice{number:03d}.raw" for number in range(count))}


def _bomb(sizes: str, megabytes: int) -> Callable:
    return _attached({"CompressedData": "True", "DimSize": sizes}, pack=lambda _voxels: zeros_without_end(megabytes))


_FIELDS: list[tuple[str, Changes, str]] = [
    ("an object of another type", {"ObjectType": "Tube"}, "type 'Tube'"),
    ("no NDims", {"NDims": None}, "no NDims"),
    *((f"NDims {text}", {"NDims": text}, "NDims") for text in ("0", "1", "-1", "11", "100", "2147483647", "99999999999", "three", "3.5")),
    ("NDims 4 of 3 sizes", {"NDims": "4"}, "sizes"),
    ("no DimSize", {"DimSize": None}, "DimSize"),
    *((f"DimSize {text}", {"DimSize": text}, "DimSize") for text in ("60 52", "60 52 0", "60 52 -36", "60 52 a", "60 52 36.5", "1 " * 999)),
    ("sizes that no computer holds", {"DimSize": "100000 100000 100000"}, LARGE),
    ("sizes of 15 digits", {"DimSize": " ".join(["999999999999999"] * 3)}, LARGE),
    ("a slice too many", {"DimSize": "60 52 37"}, CUT),
    ("a slice too few", {"DimSize": "60 52 35"}, MORE),
    ("a column too few", {"DimSize": "59 52 36"}, MORE),
    ("no ElementType", {"ElementType": None}, "type"),
    ("an unknown ElementType", {"ElementType": "MET_STRING"}, "type"),
    ("an ElementType of arrays", {"ElementType": "MET_SHORT_ARRAY"}, "type"),
    ("an ElementType of twice the bits", {"ElementType": "MET_INT"}, CUT),
    ("an ElementType of half the bits", {"ElementType": "MET_UCHAR"}, MORE),
    ("three channels", {"ElementNumberOfChannels": "3"}, "3 values per voxel"),
    ("no channel", {"ElementNumberOfChannels": "0"}, "ElementNumberOfChannels"),
    ("channels without end", {"ElementNumberOfChannels": "9" * 30}, "ElementNumberOfChannels"),
    ("ElementSpacing of 0", {"ElementSpacing": "0 6.5 8"}, "voxel spacing"),
    ("ElementSpacing below 0", {"ElementSpacing": "-6 6.5 8"}, "voxel spacing"),
    ("ElementSpacing of two numbers", {"ElementSpacing": "6 6.5"}, "ElementSpacing"),
    ("ElementSpacing of 50 mm", {"ElementSpacing": "50 50 50"}, "m wide"),
    ("ElementSpacing of 1e300", {"ElementSpacing": "1e300 6.5 8"}, "spacing"),
    ("no ElementSpacing", {"ElementSpacing": None}, "no lung was found"),
    ("TransformMatrix of 8 numbers", {"TransformMatrix": "1 0 0 0 1 0 0 0"}, "TransformMatrix"),
    ("TransformMatrix of words", {"TransformMatrix": "a b c d e f g h i"}, "TransformMatrix"),
    ("TransformMatrix not a number", {"TransformMatrix": "nan 0 0 0 1 0 0 0 1"}, "TransformMatrix"),
    ("TransformMatrix sheared", {"TransformMatrix": "1 0 0 0.5 1 0 0 0 1"}, "orthonormal|damaged"),
    ("TransformMatrix of zeros", {"TransformMatrix": "0 0 0 0 0 0 0 0 0"}, "orthonormal|damaged"),
    ("Offset of words", {"Offset": "a b c"}, "Offset"),
    ("Offset infinite", {"Offset": "inf 0 0"}, "Offset"),
    ("byte orders that differ", {"ElementByteOrderMSB": "True"}, "byte orders"),
    ("a byte order that is none", {"BinaryDataByteOrderMSB": "maybe"}, "binarydatabyteordermsb"),
    ("packed or not", {"CompressedData": "perhaps"}, "compresseddata"),
    ("raw voxels said to be packed", {"CompressedData": "True"}, CUT),
    ("raw voxels said to be text", {"BinaryData": "False"}, "text|more"),
    *((f"HeaderSize {text}", {"HeaderSize": text}, "HeaderSize") for text in ("100", "-7", "1e9", "999999999999", "x")),
    ("HeaderSize -1", {"HeaderSize": "-1"}, RIGHT),
    ("HeaderSize 0", {"HeaderSize": "0"}, RIGHT),
    ("no ElementDataFile", {"ElementDataFile": None}, "end"),
    ("an empty ElementDataFile", {"ElementDataFile": ""}, "end"),
    ("a data file that is not there", {"ElementDataFile": "gone.raw"}, "not beside it"),
    ("a data file named by 300 bytes", {"ElementDataFile": "x" * 300}, "not beside it"),
    ("a data file that is a device", {"ElementDataFile": "/dev/zero"}, "not beside it|device"),
    ("data files named by percent signs", {"ElementDataFile": "%s%n%s.raw 1 3 1"}, "names its voxels' files"),
    ("data files without end", {"ElementDataFile": "a%d.raw 1 999999999 1"}, "names 999999999 files"),
    ("a percent sign in a name that is not there", {"ElementDataFile": "100%s.raw"}, "not beside it"),
]

CASES = [
    *(Malformed(name, "ct", _attached(changes), expected) for name, changes, expected in _FIELDS),
    Malformed("DimSize twice", "ct", _attached(edit=lambda c: c.replace(b"ElementType", b"DimSize = 60 52 35\nElementType", 1)), "twice"),
    *(Malformed(f"cut to {n} bytes", "ct", _attached(edit=lambda c, n=n: c[:n]), CUT) for n in (30, 200, 100_000, -1)),
    Malformed("a byte too many", "ct", _attached(edit=lambda c: c + b"x"), MORE),
    Malformed("100 zeros behind", "ct", _attached(edit=lambda c: c + bytes(100)), RIGHT),
    Malformed("voxels written as text", "ct", _attached({"BinaryData": "False"}, pack=as_text), RIGHT),
    Malformed("packed, its size stated", "ct", _packed(true_size=True), RIGHT),
    Malformed("packed, no size stated", "ct", _packed(), RIGHT),
    *(Malformed(f"packed, a size of {n} stated", "ct", _packed(n), RIGHT) for n in (0, 1, -5, 100, 10**9)),
    Malformed("packed, a slice less", "ct", _packed(inner=lambda v: v[:-6240], true_size=True), CUT),
    Malformed("packed, a slice more", "ct", _packed(inner=lambda v: v + v[:6240], true_size=True), MORE),
    Malformed("packed, cut short", "ct", _packed(edit=lambda c: c[:-3], true_size=True), CUT),
    Malformed("packed, a byte wrong", "ct", _packed(edit=lambda c: c[:5000] + b"XYZ" + c[5003:], true_size=True), CUT),
    Malformed("declares what packed zeros hold", "ct", _bomb("1290 1024 1024", 2700), LARGE),
    Malformed("declares less than packed zeros hold", "ct", _bomb("512 512 300", 3000), MORE),
    Malformed("voxels in a file of their own", "ct", _detached(_raw, {"ElementDataFile": "scan.raw"}), RIGHT),
    Malformed(
        "that file with a header",
        "ct",
        _detached(lambda s: {"a.raw": bytes(99) + voxels_of(s)}, {"ElementDataFile": "a.raw", "HeaderSize": "99"}),
        RIGHT,
    ),
    Malformed(
        "that file with a header not counted",
        "ct",
        _detached(lambda s: {"a.raw": b"h" * 99 + voxels_of(s)}, {"ElementDataFile": "a.raw"}),
        MORE,
    ),
    Malformed(
        "that file with half a header counted",
        "ct",
        _detached(lambda s: {"a.raw": b"h" * 99 + voxels_of(s)}, {"ElementDataFile": "a.raw", "HeaderSize": "50"}),
        MORE,
    ),
    Malformed("that file a byte short", "ct", _detached(lambda s: {"scan.raw": voxels_of(s)[:-1]}, {"ElementDataFile": "scan.raw"}), CUT),
    Malformed(
        "that file with a percent sign", "ct", _detached(lambda s: {"s%can%n.raw": voxels_of(s)}, {"ElementDataFile": "s%can%n.raw"}), RIGHT
    ),
    Malformed("a percent sign in its own name", "ct", _detached(_raw, {"ElementDataFile": "scan.raw"}, "100%s%n%d.mhd"), RIGHT),
    Malformed("a file for each slice", "ct", _detached(_slices, _listed(36)), RIGHT),
    Malformed("numbered files", "ct", _detached(_slices, {"ElementDataFile": "slice%03d.raw 0 35 1"}), RIGHT),
    Malformed("a file too few in the list", "ct", _detached(_slices, _listed(35)), "names 35 files"),
    Malformed("one file in the list", "ct", _detached(_slices, _listed(1)), CUT),
    Malformed("an empty list", "ct", _detached(_slices, {"ElementDataFile": "LIST"}), "names no file"),
    Malformed("labels: a percent sign", "labels", _attached({"ElementDataFile": "%s%s%s%s%n.raw 1 2 1"}), "names its voxels' files"),
    Malformed("labels: NDims without end", "labels", _attached({"NDims": "2147483647"}), "NDims"),
    Malformed("probability: NDims without end", "probability", _attached({"NDims": "2147483647"}), "NDims"),
    Malformed(
        "probability: a percent sign", "probability", _attached({"ElementDataFile": "%s%s%s%s%n.raw 1 2 1"}), "names its voxels' files"
    ),
    Malformed("probability: a CT", "probability", _attached(), "values from"),
]
