"""What is no file, or no name, given to every kind of input; and words of the command line that are absurd."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from . import Malformed, Scan

_DIGITS = "9" * 5000


def _pipe(ending: str) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, _scan: Scan) -> Path:
        os.mkfifo(folder / f"pipe{ending}")
        return folder / f"pipe{ending}"

    return make


def _link(target: str) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, _scan: Scan) -> Path:
        (folder / "link.nii.gz").symlink_to(target)
        return folder / "link.nii.gz"

    return make


def _socket(folder: Path, _scan: Scan) -> Path:
    before = Path.cwd()
    os.chdir(folder)  # a socket's path has at most 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("socket.mha")
    finally:
        os.chdir(before)
    return folder / "socket.mha"


def _path(text: str) -> Callable[[Path, Scan], Path]:
    return lambda _folder, _scan: Path(text)


def _long_name(folder: Path, _scan: Scan) -> Path:
    return folder / ("n" * 300 + ".nii.gz")


def _long_valid_name(folder: Path, scan: Scan) -> Path:
    path = folder / ("肺" * 80 + ".nii.gz")  # 247 bytes
    path.write_bytes(scan.ct_path.read_bytes())
    return path


def _pipe_beside(header: str, name: str) -> Callable[[Path, Scan], Path]:
    def make(folder: Path, _scan: Scan) -> Path:
        os.mkfifo(folder / "voxels.raw")
        (folder / name).write_text(header)
        return folder / name

    return make


def _words(*words: str) -> Callable[[Path, Scan], list[str]]:
    def make(folder: Path, scan: Scan) -> list[str]:
        known = {"CT": str(scan.ct_path), "LABELS": str(scan.labels_path), "OUT": str(folder / "out")}
        return [known.get(word, word) for word in words]

    return make


_MHD = "NDims = 3\nDimSize = 60 52 36\nElementType = MET_SHORT\nElementDataFile = voxels.raw\n"
_NHDR = "NRRD0004\ntype: short\ndimension: 3\nsizes: 60 52 36\nendian: little\nencoding: raw\ndata file: voxels.raw\n\n"
_ENDINGS = {"ct": ".nii.gz", "labels": ".seg.nrrd", "vessels": ".mha", "probability": ".nrrd", "card": ".json", "pairs": ".csv"}

CASES = [
    *(Malformed(f"a pipe as {kind}", kind, _pipe(ending), "is a pipe") for kind, ending in _ENDINGS.items()),
    *(Malformed(f"a device as {kind}", kind, _path("/dev/zero"), "a device|no network") for kind in _ENDINGS),
    *(Malformed(f"nothing as {kind}", kind, _path("/nowhere/gone.json"), "does not exist") for kind in _ENDINGS),
    *(
        Malformed(f"a name of 300 bytes as {kind}", kind, _long_name, "300|307|no network|255")
        for kind in ("ct", "labels", "pairs", "probability")
    ),
    Malformed("a socket", "ct", _socket, "is a socket"),
    Malformed("a link to nothing", "ct", _link("gone"), "does not exist"),
    Malformed("a link to itself", "ct", _link("link.nii.gz"), "looked at"),
    Malformed("a folder as a label map", "labels", lambda folder, _scan: folder, "holds no DICOM"),
    Malformed("a folder as a list of pairs", "pairs", lambda folder, _scan: folder, "is a folder"),
    Malformed("a folder as a probability map", "probability", lambda folder, _scan: folder, "is a folder"),
    Malformed("a pipe as the voxels of a MetaImage", "ct", _pipe_beside(_MHD, "scan.mhd"), "not beside it"),
    Malformed("a pipe as the voxels of a NRRD", "ct", _pipe_beside(_NHDR, "scan.nhdr"), "not beside it"),
    Malformed("a name of 247 bytes", "ct", _long_valid_name, "right"),
    Malformed(
        "a labels map of 5000 digits",
        "command",
        _words("measure", "CT", "LABELS", "--output", "OUT", "--labels-map", f"{_DIGITS}=right_lung"),
        "labels map has",
    ),
    Malformed(
        "a labels map of a region of 5000 letters",
        "command",
        _words("measure", "CT", "LABELS", "--output", "OUT", "--labels-map", f"1={'x' * 5000}"),
        "labels map has",
    ),
    Malformed(
        "a labels map of 0",
        "command",
        _words("measure", "CT", "LABELS", "--output", "OUT", "--labels-map", "0=right_lung"),
        "labels map has",
    ),
    Malformed(
        "a labels map of nothing",
        "command",
        _words("evaluate", "LABELS", "LABELS", "--output", "OUT", "--reference-labels-map", ""),
        "labels map has",
    ),
    Malformed("a seed of 5000 digits", "command", _words("phantom", "--output", "OUT", "--seed", _DIGITS), "seed"),
    Malformed(
        "a threshold that is not a number", "command", _words("segment", "CT", "--output", "OUT", "--threshold-hu", "nan"), "threshold"
    ),
    Malformed(
        "a tolerance without end",
        "command",
        _words("evaluate", "LABELS", "LABELS", "--output", "OUT", "--tolerance-mm", "inf"),
        "tolerance",
    ),
    Malformed("a memory limit of 0", "command", _words("segment", "CT", "--output", "OUT", "--memory-limit", "0"), "memory limit"),
    Malformed(
        "a memory limit that is not a number",
        "command",
        _words("segment", "CT", "--output", "OUT", "--memory-limit", "nan"),
        "memory limit",
    ),
    Malformed(
        "a memory limit below the scan",
        "command",
        _words("segment", "CT", "--output", "OUT", "--memory-limit", "0.0001"),
        "over the limit of 0.0001 GB",
    ),
    Malformed("an output of 300 bytes", "command", _words("segment", "CT", "--output", "o" * 300), "300 bytes"),
    Malformed(
        "a network of 300 bytes",
        "command",
        _words("segment", "CT", "--output", "OUT", "--method", "network", "--model", "m" * 300 + ".json"),
        "305|bytes",
    ),
]
