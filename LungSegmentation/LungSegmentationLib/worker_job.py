"""Both ends of the worker's protocol: how a job reaches the process, and how its outcome comes back.

A job is a folder. The caller makes it, starts ``PYTHON -m LungSegmentationLib.worker FOLDER`` with pipes to standard
input and output, fills the folder by :func:`write_job` while the process imports what it needs, and then writes
:data:`START` to its standard input. The process ends, and takes the folder with it, as soon as that input is closed:
so it outlives neither its caller nor a launcher between the two. Its standard output is one JSON object a line:

- ``{"pid": 4711}`` first, for a caller that starts it through a launcher;
- ``{"fraction": 0.25, "text": "Finding the trachea"}`` while it works, fractions rising from 0 to 1;
- last, ``{"done": true}``, or ``{"error": kind, "message": sentence}`` where kind is :data:`INPUT_ERROR` for what the
  user can mend and the name of a Python exception for anything else.

Its standard error is a log for people, which the caller sends to :data:`LOG_NAME` in the folder. It exits with 0 when
done, 2 for the user's errors, 1 for anything else. The caller keeps the process's input open until it has ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import OutputError
from .result import Result
from .volume import CtVolume

if TYPE_CHECKING:
    from .measurement.quality import QualityFlag
    from .tables.rows import Table

START = b"start\n"
INPUT_ERROR = "input"
EXIT_DONE, EXIT_FAILED, EXIT_BAD_INPUT = 0, 1, 2

LOG_NAME = "log.txt"
_VOXELS, _GIVEN_LABELS, _GIVEN_VESSELS, _JOB = "voxels.npy", "given_labels.npy", "given_vessels.npy", "job.json"
_RESULT_ARRAYS, _OUTCOME = {"labels": "labels.npy", "vessels": "vessels.npy", "probability": "probability.npy"}, "result.json"
_UNFINISHED = ".part"
_NAMES = (_VOXELS, _GIVEN_LABELS, _GIVEN_VESSELS, _JOB, *_RESULT_ARRAYS.values(), _OUTCOME, LOG_NAME)


@dataclass(frozen=True)
class Job:
    """What the worker is to do with a scan.

    Parameters
    ----------
    volume : CtVolume
    method, parameters, airways, vessels, vessel_rule, probability
        As in :func:`LungSegmentationLib.pipeline.segment`.
    measure : bool
        Whether tables and quality flags are wanted.
    labels : numpy.ndarray, optional
        uint8, the volume's shape. Given labels are measured as they are; nothing is segmented, and ``method`` only
        says where they come from.
    vessel_labels : numpy.ndarray, optional
        uint8, the volume's shape: the vessels that belong to given labels.
    """

    volume: CtVolume
    method: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    airways: bool = True
    vessels: bool = False
    vessel_rule: str | None = None
    probability: bool = False
    measure: bool = True
    labels: np.ndarray | None = None
    vessel_labels: np.ndarray | None = None


@dataclass(frozen=True)
class Outcome:
    """What comes back: the result, and where they were wanted its tables by key and its quality flags."""

    result: Result
    tables: Mapping[str, Table] = field(default_factory=dict)
    flags: tuple[QualityFlag, ...] = ()


def write_job(job: Job, folder: Path) -> None:
    """Write a job into its folder, the arrays as plain ``.npy`` files.

    Raises
    ------
    OutputError
        When the folder cannot hold it.
    """
    volume = job.volume
    content = {
        "method": job.method,
        "parameters": job.parameters,
        "airways": job.airways,
        "vessels": job.vessels,
        "vessel_rule": job.vessel_rule,
        "probability": job.probability,
        "measure": job.measure,
        "volume": {
            "spacing_zyx_mm": [float(mm) for mm in volume.spacing_zyx_mm],
            "origin_lps_mm": [float(mm) for mm in volume.origin_lps_mm],
            "direction_lps": np.asarray(volume.direction_lps, float).tolist(),
            "name": volume.name,
            "warnings": list(volume.warnings),
            "source": volume.source,
        },
    }
    _write_array(volume.voxels_hu, folder / _VOXELS)
    for array, name in ((job.labels, _GIVEN_LABELS), (job.vessel_labels, _GIVEN_VESSELS)):
        if array is not None:
            _write_array(array, folder / name)
    _write_json(content, folder / _JOB)


def read_job(folder: Path) -> Job:
    """Read a job; its arrays are mapped, not read: changing them changes no file."""
    content = json.loads((folder / _JOB).read_text(encoding="utf-8"))
    geometry = content.pop("volume")
    volume = CtVolume(
        voxels_hu=_map_array(folder / _VOXELS),
        spacing_zyx_mm=tuple(geometry["spacing_zyx_mm"]),
        origin_lps_mm=tuple(geometry["origin_lps_mm"]),
        direction_lps=np.array(geometry["direction_lps"]),
        name=geometry["name"],
        warnings=tuple(geometry["warnings"]),
        source=geometry["source"],
    )
    labels, vessel_labels = (_map_array(path) if path.exists() else None for path in (folder / _GIVEN_LABELS, folder / _GIVEN_VESSELS))
    return Job(volume=volume, labels=labels, vessel_labels=vessel_labels, **content)


def write_outcome(outcome: Outcome, folder: Path) -> None:
    """Write an outcome into the job's folder; ``result.json`` comes last and says that the rest is whole.

    Raises
    ------
    OutputError
        When the folder cannot hold it.
    """
    plain = {}
    for part in fields(Result):
        value = getattr(outcome.result, part.name)
        if part.name in _RESULT_ARRAYS:
            if value is not None:
                _write_array(value, folder / _RESULT_ARRAYS[part.name])
        elif part.name != "volume":
            plain[part.name] = value
    content = {
        "result": plain,
        "tables": {key: asdict(table) for key, table in outcome.tables.items()},
        "flags": [asdict(flag) for flag in outcome.flags],
    }
    _write_json(content, folder / _OUTCOME)


def read_outcome(folder: Path, volume: CtVolume) -> Outcome:
    """Read an outcome into memory, so that the folder can go.

    Parameters
    ----------
    folder : pathlib.Path
        Of the job.
    volume : CtVolume
        The job's own; it becomes the result's.

    Returns
    -------
    Outcome

    Raises
    ------
    OSError
        When the worker did not finish.
    """
    from .measurement.quality import QualityFlag
    from .tables.rows import Column, Table

    content = json.loads((folder / _OUTCOME).read_text(encoding="utf-8"))
    tables = {
        key: Table(table["title"], tuple(Column(**column) for column in table["columns"]), tuple(table["rows"]))
        for key, table in content["tables"].items()
    }
    plain = {**content["result"], "warnings": tuple(content["result"]["warnings"])}
    arrays = {key: np.load(folder / name) for key, name in _RESULT_ARRAYS.items() if (folder / name).exists()}
    return Outcome(Result(volume=volume, **arrays, **plain), tables, tuple(QualityFlag(**flag) for flag in content["flags"]))


def parse_line(line: bytes) -> dict[str, Any]:
    """Read one line of the worker's output; one that is not of the protocol, such as a launcher's, is an empty message."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def remove_job(folder: Path) -> None:
    """Remove a job's folder with the files that belong to it; whatever else lies there stays, and so does the folder then."""
    for name in _NAMES:
        for path in (folder / name, folder / (name + _UNFINISHED)):
            with suppress(OSError):
                path.unlink()
    with suppress(OSError):
        folder.rmdir()


def _write_array(array: np.ndarray, path: Path) -> None:
    _write_whole(lambda unfinished: _save(array, unfinished), path)


def _save(array: np.ndarray, path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)


def _write_json(content: Mapping[str, Any], path: Path) -> None:
    text = json.dumps(content, default=_plain)
    _write_whole(lambda unfinished: unfinished.write_text(text, encoding="utf-8"), path)


def _plain(value: object) -> object:
    """Turn what JSON does not know into what it does: mappings stay mappings, paths of a source become text."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def _write_whole(write: Callable[[Path], object], path: Path) -> None:
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        write(unfinished)
        os.replace(unfinished, path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(
            f"{path.name} could not be written into the temporary folder {path.parent} ({reason}); free some space"
        ) from error


def _map_array(path: Path) -> np.ndarray:
    return np.load(path, mmap_mode="c", allow_pickle=False)
