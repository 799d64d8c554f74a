"""One scan: its name by its content, whether it is done already, and its folder, written whole or not at all.

The folder ``scans/ID`` of the output holds what the engine writes (:mod:`.engine`) and, as the last to arrive, ``scan.json`` (see
:mod:`.result_record`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from ..errors import FolderInUseError, InputError, LungSegmentationError, ModelError, OutputError, error_line
from ..output.atomic_folder import atomic_folder
from .identity import RunParameters, content_id
from .privacy import Anonymiser
from .result_record import RECORD_NAME, is_whole, read_record, write_record
from .scan import Scan

SCANS_NAME = "scans"
DONE, KNOWN, OTHER, FAILED, BUSY = "done", "known", "other", "failed", "busy"
"""What comes of a scan: segmented, found done already, done with other parameters, failed, in another run's hands."""


@dataclass(frozen=True)
class Task:
    """All that a worker needs for one scan.

    Parameters
    ----------
    scan : Scan
    output : str
        Folder of the whole run.
    parameters : RunParameters
    patient : str
        The patient's pseudonym.
    overwrite : bool
        Whether results of other parameters are replaced.
    """

    scan: Scan
    output: str
    parameters: RunParameters
    patient: str = ""
    overwrite: bool = False

    def facts(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {**asdict(self), "scan": self.scan.facts()}

    @staticmethod
    def of(facts: dict[str, Any]) -> Task:
        """Put it together again."""
        scan = Scan(**{**facts["scan"], "files": tuple(facts["scan"]["files"])})
        return Task(**{**facts, "scan": scan, "parameters": RunParameters(**facts["parameters"])})


class Engine(Protocol):
    """What makes a scan's files: :mod:`.engine`, or a stand-in for it."""

    def names(self, task: Task, folder: Path, name: str) -> Sequence[str]:
        """List the names of the files that it may write, or that may be in the folder from before."""

    def write_scan(self, task: Task, folder: Path, name: str) -> None:
        """Write a scan's files into an empty folder."""


def run_one(task: Task, engine: Engine) -> dict[str, Any]:
    """Do one scan.

    Parameters
    ----------
    task : Task
    engine : Engine

    Returns
    -------
    dict
        ``status``; ``id`` of the result; of a failure ``error``, one line, and ``is_final``: whether it would fail again.
    """
    start = time.perf_counter()
    try:
        scan_id = content_id(task.scan.files)
        folder = Path(task.output) / SCANS_NAME / scan_id
        record = read_record(folder)
        if record is not None and is_whole(folder, record):
            if record["key"] == task.parameters.key:
                return {"status": KNOWN, "id": scan_id}
            if not task.overwrite:
                return {"status": OTHER, "id": scan_id}
        inputs = [Path(file) for file in task.scan.files]
        with atomic_folder(
            folder, lambda: (*engine.names(task, folder, scan_id), RECORD_NAME), overwrite=True, inputs=inputs[:1]
        ) as staging:
            engine.write_scan(task, staging, scan_id)
            write_record(staging, scan_id, task.parameters, task.patient, time.perf_counter() - start)
    except FolderInUseError:
        return {"status": BUSY}
    except Exception as error:
        line = " ".join(error_line(error).split())
        if not task.parameters.identifiers:
            line = Anonymiser(task.scan.path, task.scan.files, "").text(line)
        is_final = isinstance(error, (InputError, ModelError)) or not isinstance(error, (LungSegmentationError, OSError, MemoryError))
        return {"status": FAILED, "error": line, "is_final": is_final and not isinstance(error, OutputError)}
    return {"status": DONE, "id": scan_id}
