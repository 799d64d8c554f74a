"""The record that a finished scan's folder holds of itself: ``scan.json``, the last of its files to arrive.

It names the scan, the parameters and the program, has the scan's row of the table, and the size and the checksum of every other file:
so the folder alone says whether it is whole, and the table of all scans can be made of the folders alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import output_errors
from ..version import __version__
from .identity import RunParameters
from .result_row import result_row
from .walking import signature_of
from .whole_file import whole_file

RECORD_NAME = "scan.json"
_READ_BYTES = 1 << 20


def write_record(folder: Path, scan_id: str, parameters: RunParameters, patient: str, seconds: float) -> None:
    """Write the record of a folder that holds all other files.

    Parameters
    ----------
    folder : pathlib.Path
    scan_id : str
    parameters : RunParameters
    patient : str
        The patient's pseudonym.
    seconds : float
        How long the scan took, all in all.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    with output_errors(f"{RECORD_NAME} could not be written", "free some space or give another output folder"):
        files = {path.name: [path.stat().st_size, _checksum(path)] for path in sorted(folder.iterdir()) if path.is_file()}
        record = {
            "software": "LungSegmentation",
            "version": __version__,
            "id": scan_id,
            "key": parameters.key,
            "parameters": parameters.facts(),
            "patient": patient,
            "seconds": round(seconds, 3),
            **_used(),
            "row": result_row(folder),
            "files": files,
        }
        (folder / RECORD_NAME).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def change_patient(folder: Path, patient: str) -> None:
    """Write another patient's pseudonym into a record, whole or not at all.

    Parameters
    ----------
    folder : pathlib.Path
    patient : str

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    record = read_record(folder)
    if record is not None:
        text = json.dumps({**record, "patient": patient}, indent=1) + "\n"
        advice = "free some space or give another output folder"
        with output_errors(f"{RECORD_NAME} could not be written", advice), whole_file(folder / RECORD_NAME) as unfinished:
            unfinished.write_text(text, encoding="utf-8")


def read_record(folder: Path) -> dict[str, Any] | None:
    """Read the record of a folder; None where there is none that can be used."""
    try:
        record = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_record = isinstance(record, dict) and isinstance(record.get("files"), dict) and {"id", "key"} <= record.keys()
    return record if is_record and record["id"] == folder.name else None


def folder_signature(folder: Path, record: Mapping[str, Any]) -> str:
    """Name the state of a result's files by their names, sizes and times; empty where one is missing."""
    try:
        stats = [(name, os.stat(f"{folder}/{name}")) for name in sorted((*record["files"], RECORD_NAME))]  # noqa: PTH116  of thousands
    except OSError:
        return ""
    return signature_of((name, status.st_size, status.st_mtime_ns) for name, status in stats)


def is_whole(folder: Path, record: Mapping[str, Any]) -> bool:
    """Tell whether every file is there and holds what it held when it was written: by its checksum."""
    try:
        return all(
            (folder / name).stat().st_size == size and _checksum(folder / name) == checksum
            for name, (size, checksum) in record["files"].items()
        )
    except (OSError, ValueError, TypeError):
        return False


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()[:32]


def _used() -> dict[str, float | None]:
    """Say what the scan's process has used."""
    try:
        import resource
    except ImportError:  # Windows
        return {"peak_memory_mb": None, "processor_s": None}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    unit_kb = 1024 if sys.platform == "darwin" else 1
    return {"peak_memory_mb": usage.ru_maxrss // (1024 * unit_kb), "processor_s": round(usage.ru_utime + usage.ru_stime, 3)}
