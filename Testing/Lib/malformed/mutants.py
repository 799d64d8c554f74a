"""Valid files of each format, changed at random: bits turned, cut, fields exchanged, numbers made absurd.

A seed gives the same mutant again.
"""

from __future__ import annotations

import gzip
import random
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from LungSegmentationLib.errors import LungSegmentationError
from LungSegmentationLib.evaluation.pairs_list import read_pairs
from LungSegmentationLib.io.label_maps import read_labels
from LungSegmentationLib.io.probability_maps import read_probability
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.network.model_card import read_card
from LungSegmentationLib.network.model_store import find_model
from LungSegmentationLib.network.onnx_file import has_external_data

from . import Scan, meta_image, nifti, nrrd, seg_nrrd

_ABSURD = (
    "0", "-1", "1", "2", "3", "0.5", "nan", "inf", "-inf", "1e999", "1e-999", "2147483647", "-2147483648", "4294967296", "9" * 30,
    "9" * 5000, "", "x", "%s%n", "none", "(1,2,3)", "../../../etc/passwd", "\0", "é", "LOCAL", "LIST", "true", "=", ":", "-0.0",
)  # fmt: skip
_NUMBER = re.compile(rb"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_BINARY = ("<h", "<i", "<f", "<q", "<d", ">h", ">i")


@dataclass(frozen=True)
class Valid:
    """A valid file: what it is read as, its bytes, how many of them are its header, and whether that is text."""

    name: str
    content: bytes
    header: int
    is_text: bool
    read: Callable[[Path, Scan], object]
    is_packed_whole: bool = False


def valid_files(scan: Scan) -> dict[str, Valid]:
    """Make a valid file of each kind."""
    voxels = scan.volume.voxels_hu
    raw, packed = nrrd.voxels_of(scan), gzip.compress(nrrd.voxels_of(scan), 1, mtime=0)
    nrrd_head = nrrd.header_of(dict(nrrd.fields_of(scan))) + b"\n"
    packed_head = nrrd.header_of(dict(nrrd.fields_of(scan, "gzip"))) + b"\n"
    meta_head = meta_image.header_of(meta_image.fields_of(scan))
    meta_packed = meta_image.header_of(meta_image.fields_of(scan) | {"CompressedData": "True", "CompressedDataSize": str(len(packed))})
    seg_head = seg_nrrd.header_of(scan)
    model = find_model("compact")
    card, network = model.path.with_suffix(".json").read_bytes(), model.path.read_bytes()
    pairs = f"name,result,reference\na,{scan.labels_path},{scan.labels_path}\nb,b.nii.gz,c.nii.gz\n".encode()
    probability = nifti.content_of(scan, (scan.labels > 0).astype(np.float32))
    labels = nifti.content_of(scan, scan.labels)
    return {
        "nii": Valid("a.nii", nifti.content_of(scan, voxels), 352, False, _ct),
        "nii.gz": Valid("a.nii.gz", nifti.content_of(scan, voxels), 352, False, _ct, True),
        "nrrd": Valid("a.nrrd", nrrd_head + raw, len(nrrd_head), True, _ct),
        "nrrd packed": Valid("a.nrrd", packed_head + packed, len(packed_head), True, _ct),
        "mha": Valid("a.mha", meta_head + raw, len(meta_head), True, _ct),
        "mha packed": Valid("a.mha", meta_packed + packed, len(meta_packed), True, _ct),
        "seg.nrrd": Valid("a.seg.nrrd", seg_head + gzip.compress(scan.labels.tobytes(), 1, mtime=0), len(seg_head), True, _labels),
        "labels": Valid("a.nii.gz", labels, 352, False, _labels, True),
        "probability": Valid("a.nii", probability, 352, False, lambda path, _scan: read_probability(path)),
        "card": Valid("compact.json", card, len(card), True, lambda path, _scan: read_card(path)),
        "network": Valid("compact.onnx", network, 4000, False, lambda path, _scan: has_external_data(path)),
        "pairs": Valid("pairs.csv", pairs, len(pairs), True, lambda path, _scan: read_pairs(path)),
    }


def _ct(path: Path, _scan: Scan) -> object:
    return read_ct(path)


def _labels(path: Path, scan: Scan) -> object:
    return read_labels(path, scan.volume)


def mutant(valid: Valid, seed: int) -> bytes:
    """Change a valid file: one to four changes, most of them in its header."""
    rng = random.Random(f"{valid.name} {seed}")
    content = valid.content
    for _ in range(rng.randint(1, 4)):
        change = rng.choice(_TEXT_CHANGES if valid.is_text and rng.random() < 0.7 else _CHANGES)
        content = change(content, min(valid.header, len(content)), rng)
    if valid.is_packed_whole:
        content = gzip.compress(content, 1, mtime=0)
        if rng.random() < 0.3:
            content = rng.choice(_CHANGES)(content, len(content), rng)
    return content


def _turn_bits(content: bytes, header: int, rng: random.Random) -> bytes:
    changed = bytearray(content)
    most = header if rng.random() < 0.7 else len(content)
    for _ in range(rng.randint(1, 16)):
        if most:
            changed[rng.randrange(most)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(content: bytes, header: int, rng: random.Random) -> bytes:
    return content[: rng.randrange((header if rng.random() < 0.3 else len(content)) + 1)]


def _lengthen(content: bytes, header: int, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1) if rng.random() < 0.5 else len(content)
    size = rng.choice((1, 2, 16, 512, 5000))
    return content[:at] + (bytes(size) if rng.random() < 0.5 else rng.randbytes(size)) + content[at:]


def _leave_out(content: bytes, header: int, rng: random.Random) -> bytes:
    at = rng.randrange(header + 1)
    return content[:at] + content[at + rng.choice((1, 2, 4, 16, 500)) :]


def _absurd_binary(content: bytes, header: int, rng: random.Random) -> bytes:
    kind = rng.choice(_BINARY)
    size = struct.calcsize(kind)
    if header < size:
        return content
    if kind[1] in "fd":
        value: float = rng.choice((0.0, -1.0, float("nan"), float("inf"), -float("inf"), 1e30, 1e-30, 0.3, 352.0, 1e9))
    else:
        bits = 8 * size - 1
        value = rng.choice((0, -1, 1, 2, 7, (1 << bits) - 1, -(1 << bits), 1 << (bits - 1)))
    at = rng.randrange(header - size + 1) // 2 * 2
    return content[:at] + struct.pack(kind, value) + content[at + size :]


def _exchange_binary(content: bytes, header: int, rng: random.Random) -> bytes:
    if header < 16:
        return content
    first, second = sorted(rng.sample(range(header // 4), 2))
    words = [content[4 * at : 4 * at + 4] for at in range(header // 4)]
    words[first], words[second] = words[second], words[first]
    return b"".join(words) + content[header // 4 * 4 :]


def _absurd_number(content: bytes, header: int, rng: random.Random) -> bytes:
    found = list(_NUMBER.finditer(content, 0, header))
    if not found:
        return content
    match = rng.choice(found)
    return content[: match.start()] + rng.choice(_ABSURD).encode() + content[match.end() :]


def _change_lines(content: bytes, header: int, rng: random.Random) -> bytes:
    """Exchange two lines' values, leave a line out, repeat one, or put one elsewhere."""
    lines = content[:header].split(b"\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        parts = [re.split(rb"(:=|[=:,])", lines[at], maxsplit=1) for at in (first, second)]
        if min(map(len, parts)) == 3:
            parts[0][2], parts[1][2] = parts[1][2], parts[0][2]
            lines[first], lines[second] = b"".join(parts[0]), b"".join(parts[1])
    elif what == 1:
        del lines[first]
    elif what == 2:
        lines.insert(second, lines[first])
    else:
        lines.insert(second, lines.pop(first))
    return b"\n".join(lines) + content[header:]


_CHANGES = (_turn_bits, _cut, _lengthen, _leave_out, _absurd_binary, _exchange_binary)
_TEXT_CHANGES = (_absurd_number, _absurd_number, _change_lines, _change_lines, _turn_bits)


def read_mutant(valid: Valid, seed: int, folder: Path, scan: Scan) -> bool:
    """Write a mutant and read it.

    Returns
    -------
    bool
        True where it was read, False where it was refused; anything else that is raised is a fault.
    """
    path = folder / valid.name
    path.write_bytes(mutant(valid, seed))
    try:
        valid.read(path, scan)
    except LungSegmentationError as error:
        if not str(error).strip():
            raise ValueError("an error without words") from error
        return False
    return True
