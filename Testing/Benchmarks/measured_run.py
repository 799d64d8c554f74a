"""Run a command and measure it as the operating system saw it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass

# A small process of its own starts the command: a child's peak memory counts from the fork, that is, with
# all that its parent held.
_RUNNER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL).returncode
seconds = time.perf_counter() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
open(sys.argv[1], "w").write(json.dumps([status, seconds, usage.ru_maxrss / 1024]))
"""


@dataclass(frozen=True)
class MeasuredRun:
    """Seconds and peak resident memory of one finished command."""

    seconds: float
    peak_memory_mb: float


def run_measured(command: list[str]) -> MeasuredRun:
    """Run a command to its end; a failure ends the benchmark.

    Parameters
    ----------
    command : list of str

    Returns
    -------
    MeasuredRun
    """
    with tempfile.NamedTemporaryFile("r", suffix=".json") as report:
        subprocess.run([sys.executable, "-c", _RUNNER, report.name, *command], check=True)
        status, seconds, peak_memory_mb = json.load(report)
    if status != 0:
        raise SystemExit(f"the command failed with exit status {status}: {' '.join(command)}")
    return MeasuredRun(seconds, peak_memory_mb)
