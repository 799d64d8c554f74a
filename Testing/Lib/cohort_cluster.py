"""Runs over many tiny scans for tests: the options of one, a cluster that several share, and processes that are looked for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cohort_engines import ENGINE, HERE

from LungSegmentationLib.cohort.identity import run_parameters
from LungSegmentationLib.cohort.progress_lines import ProgressLines
from LungSegmentationLib.cohort.run import run_cohort
from LungSegmentationLib.cohort.run_options import Options, Outcome

LIBRARY = str(Path(HERE).parents[1] / "LungSegmentation")
QUICK = {"method": "connected-components", "values": {}, "vessels": False, "report": False}


@contextmanager
def engines_found() -> Iterator[None]:
    """Let processes that are started find the stand-ins."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([LIBRARY, HERE])
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


@contextmanager
def shared_cluster(workers: int = 2) -> Iterator[str]:
    """Give the address of a scheduler with workers, as who has a cluster would start them."""
    import logging

    import dask
    from distributed import LocalCluster

    settings = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": [], "distributed.scheduler.allowed-failures": 1}
    options: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    options |= {"memory_limit": 0, "resources": {"MEMORY_GB": 4.0}, "silence_logs": logging.CRITICAL + 1}
    with engines_found(), dask.config.set(settings), LocalCluster(**options) as cluster:
        yield cluster.scheduler_address


def options_of(folder: Path, output: Path, **changes: Any) -> Options:
    """Give the options of a run of the stand-in over a folder."""
    parameters = run_parameters(**{**QUICK, **changes.pop("parameters", {})})
    return Options(**{"inputs": (folder,), "output": output, "parameters": parameters, "engine": ENGINE, "timeout_s": 60.0, **changes})


def run(folder: Path, output: Path, lines: list[str] | None = None, **changes: Any) -> Outcome:
    """Run the stand-in over a folder."""
    write = (lambda _text: None) if lines is None else lines.append
    return run_cohort(options_of(folder, output, **changes), ProgressLines(write, False, 80))


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until something is so, and give what it is."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise TimeoutError("it did not come to that")
