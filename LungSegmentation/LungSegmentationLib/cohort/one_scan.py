"""One scan on the one road: read, segmented, measured, written into its folder, whole or not at all.

The folder ``scans/ID`` of the output holds the files of :mod:`LungSegmentationLib.output.result_folder` and, as the last to
arrive, ``scan.json`` (see :mod:`.result_record`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import FolderInUseError, InputError, LungSegmentationError, ModelError, OutputError, error_line
from ..io.scans import read_ct
from ..measures import measure
from ..output.atomic_folder import atomic_folder
from ..output.result_folder import result_names, write_files
from ..pipeline import segment
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
    identifiers : bool
        Whether results may hold names of files and UIDs.
    overwrite : bool
        Whether results of other parameters are replaced.
    """

    scan: Scan
    output: str
    parameters: RunParameters
    patient: str = ""
    identifiers: bool = False
    overwrite: bool = False

    def facts(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {**asdict(self), "scan": self.scan.facts()}

    @staticmethod
    def of(facts: dict[str, Any]) -> Task:
        """Put it together again."""
        scan = Scan(**{**facts["scan"], "files": tuple(facts["scan"]["files"])})
        return Task(**{**facts, "scan": scan, "parameters": RunParameters(**facts["parameters"])})


Engine = Callable[[Task, Path, str], None]
"""``engine(task, folder, name)`` writes a result's files into an empty folder."""


def run_one(task: Task, engine: Engine) -> dict[str, Any]:
    """Do one scan.

    Parameters
    ----------
    task : Task
    engine : callable
        See :func:`segment_scan`.

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
        with atomic_folder(folder, lambda: (*_names(folder, scan_id, task), RECORD_NAME), overwrite=True, inputs=inputs[:1]) as staging:
            engine(task, staging, scan_id)
            write_record(staging, scan_id, task.parameters, task.patient, time.perf_counter() - start)
    except FolderInUseError:
        return {"status": BUSY}
    except Exception as error:
        line = " ".join(error_line(error).split())
        if not task.identifiers:
            line = Anonymiser(task.scan.path, task.scan.files, "").text(line)
        is_final = isinstance(error, (InputError, ModelError)) or not isinstance(error, (LungSegmentationError, OSError, MemoryError))
        return {"status": FAILED, "error": line, "is_final": is_final and not isinstance(error, OutputError)}
    return {"status": DONE, "id": scan_id}


def segment_scan(task: Task, folder: Path, name: str) -> None:
    """Read, segment and measure a scan, and write all of its files.

    Parameters
    ----------
    task : Task
    folder : pathlib.Path
        Empty.
    name : str
        What the scan is called, unless identifiers are wanted.

    Raises
    ------
    LungSegmentationError
        As the command ``segment`` does.
    """
    start = time.perf_counter()
    scan, parameters = task.scan, task.parameters
    volume = read_ct(scan.path, dicom_files=[Path(file) for file in scan.files] if scan.is_dicom else None)
    if not task.identifiers:
        volume = Anonymiser(scan.path, scan.files, name).volume(volume)
    timings_s = {"Reading": time.perf_counter() - start}
    result = segment(
        volume,
        parameters.method,
        parameters.values,
        airways=parameters.airways,
        vessels=parameters.vessels,
        vessel_rule=parameters.vessel_rule,
    )
    start = time.perf_counter()
    measures = measure(result)
    result = replace(result, timings_s={**result.timings_s, "Measuring": time.perf_counter() - start})
    write_files(result, measures, folder, timings_s, report=parameters.report)


def _names(folder: Path, scan_id: str, task: Task) -> tuple[str, ...]:
    from ..volume import scan_name

    return result_names(folder, scan_name(Path(task.scan.path)) if task.identifiers else scan_id)
