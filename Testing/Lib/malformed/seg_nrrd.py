"""Segmentations of 3D Slicer that are wrong: layers, labels, codes, axes, voxels."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np

from LungSegmentationLib.labels import REGIONS

from . import RIGHT, Malformed, Scan
from .nifti import CUT, LARGE, MORE, zeros_without_end
from .nrrd import fields_of

Edit = Callable[[bytes], bytes]
Changes = dict[str, str | None]


def header_of(scan: Scan, layers: int = 1, changes: Changes | None = None) -> bytes:
    """Write a valid header of so many layers, with changed fields; those that are None are left out."""
    fields: Changes = {**fields_of(scan, "gzip"), "type": "unsigned char"}
    if layers > 1:
        fields |= {"dimension": "4", "sizes": f"{layers} {fields['sizes']}", "kinds": f"list {fields['kinds']}"}
        fields["space directions"] = f"none {fields['space directions']}"
    pairs: Changes = {}
    for number, region in enumerate(REGIONS):
        modifier = f"SCT^{region.modifier_code.value}^{region.modifier_code.meaning}" if region.modifier_code else "^^"
        codes = f"SCT^123037004^Anatomical Structure~SCT^{region.type_code.value}^{region.type_code.meaning}~{modifier}"
        pairs |= {
            f"Segment{number}_ID": region.key,
            f"Segment{number}_Name": region.name,
            f"Segment{number}_LabelValue": str(region.label),
            f"Segment{number}_Layer": "0",
            f"Segment{number}_Tags": f"TerminologyEntry:{region.terminology}~{codes}~Anatomic codes~^^~^^|",
        }
    for key, value in (changes or {}).items():
        (pairs if key.startswith("Seg") else fields)[key] = value
    lines = [f"{key}: {value}" for key, value in fields.items() if value is not None]
    lines += [f"{key}:={value}" for key, value in pairs.items() if value is not None]
    return ("NRRD0004\n" + "\n".join(lines) + "\n\n").encode()


def _made(changes: Changes | None = None, layers: int = 1, inner: Edit = bytes, edit: Edit = bytes) -> Callable:
    def make(folder: Path, scan: Scan) -> Path:
        voxels = np.stack([scan.labels, *[scan.labels * np.uint8(0)] * (layers - 1)], axis=-1)
        content = header_of(scan, layers, changes) + gzip.compress(inner(voxels.tobytes()), 1)
        (folder / "scan.seg.nrrd").write_bytes(edit(content))
        return folder / "scan.seg.nrrd"

    return make


def _bomb(folder: Path, scan: Scan) -> Path:
    (folder / "bomb.seg.nrrd").write_bytes(header_of(scan, changes={"sizes": "1290 1024 1024"}) + zeros_without_end(1350))
    return folder / "bomb.seg.nrrd"


def _text(folder: Path, _scan: Scan) -> Path:
    (folder / "text.seg.nrrd").write_text("no segmentation at all\n" * 90)
    return folder / "text.seg.nrrd"


_CASES: list[tuple[str, Callable, str]] = [
    ("one layer", _made(), RIGHT),
    ("three layers", _made(layers=3), RIGHT),
    *((f"layer {text}", _made({"Segment1_Layer": text}), "layer") for text in ("1", "-1", "99999999999999999999", "zero", "0.5", "")),
    ("layer 3 of 3", _made({"Segment0_Layer": "3"}, 3), "layers 0 to 2"),
    *((f"label {text}", _made({"Segment0_LabelValue": text}), "label") for text in ("0", "-1", "one", "1.5", "9" * 5000)),
    ("no label of a lung", _made({"Segment0_LabelValue": None, "Segment1_LabelValue": None}), "no segment coded"),
    ("no tags", _made({f"Segment{n}_Tags": None for n in range(3)}), "no segment coded"),
    ("tags cut short", _made({f"Segment{n}_Tags": "TerminologyEntry:a~b" for n in range(3)}), "no segment coded"),
    ("tags without a colon", _made({f"Segment{n}_Tags": "|||nothing|~^~^" for n in range(3)}), "no segment coded"),
    ("10000 segments more", _made({f"Segment{n}_ID": "x" * 50 for n in range(3, 10003)}), RIGHT),
    ("a segment's number of 5000 digits", _made({f"Segment{'9' * 5000}_ID": "x"}), RIGHT),
    ("a colour of words", _made({"Segment0_Color": "red"}), RIGHT),
    ("an extent of words", _made({"Segment0_Extent": "a b"}), RIGHT),
    ("another dimension", _made({"dimension": "4"}), "sizes"),
    (
        "a single slice",
        _made({"dimension": "2", "sizes": "60 1872", "space directions": "(6,0,0) (0,6,0)", "kinds": "domain domain"}),
        "axes",
    ),
    ("no space directions", _made({"space directions": None}), "axes"),
    ("layers last", _made({"kinds": "domain domain domain list"}, 3), "none|axes|layer|order"),
    ("two lists", _made({"kinds": "list list domain domain"}, 3), "none|axes|layer|order|direction|damaged|values"),
    ("no direction for an axis", _made({"space directions": "none (0,6.5,0) (0,0,8)"}), "none"),
    ("a direction of 0", _made({"space directions": "(0,0,0) (0,6.5,0) (0,0,8)"}), "voxel spacing"),
    ("a type of blocks", _made({"type": "block"}), "type"),
    ("voxels cut short", _made(edit=lambda c: c[:-20]), CUT),
    ("a slice less", _made(inner=lambda v: v[:-3120]), CUT),
    ("a slice more", _made(inner=lambda v: v + v[:3120]), MORE),
    ("only a header", _made(edit=lambda c: c[: c.index(b"\n\n") + 2]), CUT),
    ("half a header", _made(edit=lambda c: c[:200]), CUT),
    ("empty", _made(edit=lambda c: b""), "damaged at its start"),
    ("text", _text, "damaged at its start"),
    ("declares what packed zeros hold", _bomb, LARGE),
    ("another grid", _made({"space origin": "(0,0,0.5)"}), "another grid"),
    ("beyond the scan", _made({"space origin": "(9000,0,0)"}), "beyond|another grid"),
    ("no lung marked", _made(inner=lambda v: bytes(len(v))), "holds no voxel"),
]

CASES = [Malformed(name, "labels", make, expected) for name, make, expected in _CASES]
