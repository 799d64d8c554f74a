"""Both ends of the worker's protocol: how a job reaches the process, and how its outcome comes back.

A job is a folder. The caller makes it, starts ``PYTHON -m LungSegmentationLib.background.worker FOLDER`` with pipes to standard
input and output, fills the folder by :func:`write_job` while the process imports what it needs, and then writes
:data:`START` to its standard input. The process ends, and takes the folder with it, as soon as that input is closed:
so it outlives neither its caller nor a launcher between the two. Its standard output is one JSON object a line:

- ``{"pid": 4711}`` first, for a caller that starts it through a launcher;
- ``{"fraction": 0.25, "text": "Finding the trachea"}`` while it works, fractions rising from 0 to 1;
- last, ``{"done": true}``, or ``{"error": kind, "message": sentence}`` where kind is :data:`INPUT_ERROR` for what the
  user can mend and the name of a Python exception for anything else.

Its standard error is a log for people, which the caller sends to :data:`LOG_NAME` in the folder. It exits with 0 when
done, 2 for the user's errors, 1 for anything else. The caller keeps the process's input open until it has ended.

What is to be done is one of the classes of :mod:`LungSegmentationLib.background.jobs`. Writing a job and reading an outcome go in
steps (:mod:`LungSegmentationLib.background.steps`), for a caller whose window must not stand still.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from .files import map_array, read_array, read_json, write_array, write_json
from .jobs import JOBS, AnyJob
from .jobs.serialization import Parts
from .steps import Steps

START = b"start\n"
INPUT_ERROR = "input"
EXIT_DONE, EXIT_FAILED, EXIT_BAD_INPUT = 0, 1, 2

LOG_NAME = "log.txt"
JOB_FILES, _OUTCOME_FILES = "job.", "outcome."  # what the names of the caller's and of the worker's files begin with
_METADATA, _ARRAY = "json", ".npy"


def write_job(job: AnyJob, folder: Path) -> Steps[None]:
    """Write a job into its folder.

    Parameters
    ----------
    job : AnyJob
    folder : pathlib.Path

    Raises
    ------
    OutputError
        When the folder cannot hold it.
    """
    kind = next(key for key, known in JOBS.items() if isinstance(job, known))
    metadata, arrays = job.parts()
    yield from _write({"kind": kind, "metadata": metadata}, arrays, folder, JOB_FILES)


def read_job(folder: Path) -> AnyJob:
    """Read a job; its arrays are mapped, not read: changing them changes no file."""
    content = read_json(folder / (JOB_FILES + _METADATA))
    arrays = {key: map_array(path) for key, path in _arrays(folder, JOB_FILES).items()}
    return JOBS[content["kind"]].from_parts(content["metadata"], arrays)


def write_outcome(parts: Parts, folder: Path) -> Steps[None]:
    """Write what a job's ``do`` gave into the job's folder; the metadata come last and say that the rest is whole.

    Parameters
    ----------
    parts : Parts
    folder : pathlib.Path

    Raises
    ------
    OutputError
        When the folder cannot hold it.
    """
    yield from _write(*parts, folder, _OUTCOME_FILES)


def read_outcome(job: AnyJob, folder: Path) -> Steps[Any]:
    """Read an outcome into memory, so that the folder can go.

    Parameters
    ----------
    job : a job
        As it was written; what it holds is not read again.
    folder : pathlib.Path
        Of the job.

    Returns
    -------
    object
        What the job's ``received`` makes of it.

    Raises
    ------
    OSError
        When the worker did not finish.
    """
    metadata = read_json(folder / (_OUTCOME_FILES + _METADATA))
    arrays = {}
    for key, path in _arrays(folder, _OUTCOME_FILES).items():
        arrays[key] = yield from read_array(path)
    return job.received(metadata, arrays)


def parse_line(line: bytes) -> dict[str, Any]:
    """Read one line of the worker's output; one that is not of the protocol, such as a launcher's, is an empty message."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def remove_job(folder: Path) -> None:
    """Remove a job's folder with the files that belong to it; whatever else lies there stays, and so does the folder then."""
    for path in (*folder.glob(f"{JOB_FILES}*"), *folder.glob(f"{_OUTCOME_FILES}*"), folder / LOG_NAME):
        with suppress(OSError):
            path.unlink()
    with suppress(OSError):
        folder.rmdir()


def _write(metadata: Mapping[str, Any], arrays: Mapping[str, np.ndarray], folder: Path, begin: str) -> Steps[None]:
    for key, array in arrays.items():
        yield from write_array(array, folder / f"{begin}{key}{_ARRAY}")
    write_json(metadata, folder / (begin + _METADATA))


def _arrays(folder: Path, begin: str) -> dict[str, Path]:
    return {path.name.removeprefix(begin).removesuffix(_ARRAY): path for path in folder.glob(f"{begin}*{_ARRAY}")}
