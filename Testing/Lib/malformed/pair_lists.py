"""Lists of pairs that are wrong: encodings, columns, cells, and files that they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import RIGHT, Malformed, Scan


def _listed(text: str | bytes) -> Callable[[Path, Scan], Path]:
    """Write a list; ``LABELS`` and ``CT`` stand for the valid files."""

    def make(folder: Path, scan: Scan) -> Path:
        content = text if isinstance(text, bytes) else text.encode("utf-8")
        content = content.replace(b"LABELS", bytes(scan.labels_path)).replace(b"CT_PATH", bytes(scan.ct_path))
        (folder / "pairs.csv").write_bytes(content)
        return folder / "pairs.csv"

    return make


_HEAD = "name,result,reference\n"
_TEXTS: list[tuple[str, str | bytes, str]] = [
    ("one pair", f"{_HEAD}a,LABELS,LABELS\n", RIGHT),
    ("semicolons and a byte order mark", "\ufeffname;result;reference\na;LABELS;LABELS\n", RIGHT),
    ("empty", "", "no column"),
    ("only a header", _HEAD, "lists no pair"),
    ("only commas", ",,,,\n,,,,\n", "no column"),
    ("no reference", "name,result\na,LABELS\n", "no column reference"),
    ("a cell too few", f"{_HEAD}a,LABELS\n", "2 cells"),
    ("a cell too many", f"{_HEAD}a,LABELS,LABELS,x\n", "4 cells"),
    ("an empty cell", f"{_HEAD}a,,LABELS\n", "no result"),
    ("a quote without end", f'{_HEAD}"a,LABELS,LABELS\n', "not a CSV"),
    ("a quote in the middle", f'{_HEAD}a"b"c,LABELS,"x"y\n', "not a CSV|could not|not exist"),
    ("the same name twice", f"{_HEAD}a,LABELS,LABELS\na,LABELS,LABELS\n", "twice"),
    ("another encoding", "name,result,reference\nä,b,c\n".encode("latin-1"), "not a CSV"),
    ("two bytes a letter", _HEAD.encode("utf-16"), "not a CSV|no column"),
    ("noise", bytes(range(256)) * 9, "not a CSV|no column"),
    ("a zero byte", f"{_HEAD}a,x\0y,LABELS\n", "not a CSV|could not"),
    ("a cell of 200000 letters", f"{_HEAD}{'a' * 200_000},LABELS,LABELS\n", "not a CSV"),
    ("a name of 5000 bytes", f"{_HEAD}a,{'x' * 5000},LABELS\n", "could not|bytes"),
    ("a file that is not there", f"{_HEAD}a,gone.nii.gz,LABELS\n", "could not.*does not exist"),
    ("a device", f"{_HEAD}a,/dev/zero,LABELS\n", "could not.*device"),
    ("the folder", f"{_HEAD}a,.,LABELS\n", "could not.*DICOM"),
    ("the list itself", f"{_HEAD}a,pairs.csv,LABELS\n", "could not.*not an image"),
    ("a CT as labels", f"{_HEAD}a,CT_PATH,LABELS\n", "could not.*no known meaning"),
    ("labels as a CT", "name,result,reference,ct\na,LABELS,LABELS,LABELS\n", "could not.*label map"),
    ("a CT as a probability map", "name,result,reference,probability\na,LABELS,LABELS,CT_PATH\n", "could not.*values from"),
    ("17 MB", _HEAD + "a,b,c\n" * 3_000_000, "larger than 16 MB"),
    ("a column twice", "name,result,reference,name\na,LABELS,LABELS,b\n", RIGHT),
]

CASES = [Malformed(name, "pairs", _listed(text), expected) for name, text, expected in _TEXTS]
