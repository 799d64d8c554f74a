"""What a worker of Dask does: it hands a scan to its scan process, and says what came of it.

A worker may have several threads; each has a scan process of its own. All of Dask stays in the worker: no scan's code runs there, so that
it answers its scheduler whatever a scan does.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from ..background.own_process import LINEAR_ALGEBRA_THREADS
from ..network.processor_cores import CORES_VARIABLE
from ..version import __version__
from . import limits
from .scan_process import KILLED, ONCE, TIMEOUT
from .state_folder import is_same_run

Answer = dict[str, Any]

_READ_BYTES = 1 << 16
_CAN_FORK = sys.platform == "linux"  # elsewhere processes that have loaded compiled libraries cannot be forked, or none can
_own = threading.local()


class ScanLostError(Exception):
    """A scan's process was killed or took too long; Dask tries it again."""


class WrongWorkerError(Exception):
    """A worker cannot serve this run, whatever the scan."""


class ScanServer:
    """The scan process of one thread.

    Parameters
    ----------
    engine : str
        Name of its module.
    cores : int
        How many processor cores a scan may use.
    forks : bool
        Whether one process serves all scans; else each scan gets a new one, which takes a second or two to begin.
    """

    def __init__(self, engine: str, cores: int, forks: bool = _CAN_FORK) -> None:
        self._engine, self._cores, self._forks = engine, cores, forks
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, request: dict[str, Any]) -> Answer:
        """Do one scan; see :mod:`.scan_process` for the request and the answer."""
        process = self._ready(json.dumps(request).encode() + b"\n")
        timeout_s = request.get("timeout_s")
        until = None if timeout_s is None else time.monotonic() + timeout_s + (limits.SERVER_GRACE_SECONDS if self._forks else 0.0)
        line = _read_line(process, until)
        if not self._forks or not line:
            self.close()
        if line is None:
            return {"status": TIMEOUT}
        if not line and process.returncode == 0:  # it ended because nothing had come, just when the request came
            return self.run(request)
        try:
            answer: Answer = json.loads(line)
        except ValueError:
            return {"status": KILLED, "signal": max(0, -(process.returncode or 0))}
        return answer

    def close(self) -> None:
        """End the process, and the scan that it has."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(1.0)  # it ends with its input, and takes the scan's process with it
        if process.poll() is None:
            process.kill()
            process.wait()

    def _ready(self, line: bytes) -> subprocess.Popen[bytes]:
        """Give a process that has the request; one that had nothing to do may just have ended."""
        while True:
            if self._process is None:
                self._process = self._start()
            try:
                self._process.stdin.write(line)  # type: ignore[union-attr]
                self._process.stdin.flush()  # type: ignore[union-attr]
            except OSError:
                self.close()
            else:
                return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        cores = str(self._cores)
        environment = {**os.environ, CORES_VARIABLE: cores, "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": cores, "OMP_NUM_THREADS": cores}
        environment[LINEAR_ALGEBRA_THREADS[0]] = LINEAR_ALGEBRA_THREADS[1]
        command = [sys.executable, "-m", "LungSegmentationLib.cohort.scan_process", self._engine, *(() if self._forks else (ONCE,))]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, env=environment, start_new_session=True, bufsize=-1, **pipes)  # type: ignore[call-overload]


def _read_line(process: subprocess.Popen[bytes], until: float | None) -> bytes | None:
    """Read the answer; empty where the process ended, None where the time did."""
    if process.stdout is None:
        return b""
    if os.name == "nt":  # where a pipe cannot be waited for
        timer = None if until is None else threading.Timer(max(0.0, until - time.monotonic()), process.kill)
        if timer is not None:
            timer.start()
        line = process.stdout.readline()
        if timer is not None:
            timer.cancel()
        return line if line or until is None or time.monotonic() < until else None
    content = b""
    while not content.endswith(b"\n"):
        left = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([process.stdout], [], [], left)[0]:
            return None
        piece = os.read(process.stdout.fileno(), _READ_BYTES)
        if not piece:
            process.wait()
            return b""
        content += piece
    return content


def run_task(request: dict[str, Any]) -> Answer:
    """Do one scan on a worker.

    Parameters
    ----------
    request : dict
        As :mod:`.scan_process` has it, with ``engine``, ``cores``, ``token``, ``version``.

    Returns
    -------
    dict
        What :func:`.one_scan.run_one` gives.

    Raises
    ------
    ScanLostError
        When the scan's process was killed or took too long.
    WrongWorkerError
        When this worker does not see the run's folder, or has another version.
    """
    output = request["task"]["output"]
    if request["version"] != __version__:
        raise WrongWorkerError(f"a worker has the version {__version__}, the command {request['version']}; install the same on both")
    if not is_same_run(output, request["token"]):
        raise WrongWorkerError(f"a worker does not see the output folder {output}; give a folder that all computers share")
    key = request["engine"], request["cores"]
    if getattr(_own, "key", None) != key:
        if getattr(_own, "server", None) is not None:
            _own.server.close()
        _own.server, _own.key = ScanServer(*key), key
    answer: Answer = _own.server.run(request)
    if answer["status"] == TIMEOUT:
        raise ScanLostError(f"the scan took longer than {request['timeout_s']:g} s, and was ended (--timeout)")
    if answer["status"] == KILLED:
        how = f"by signal {answer['signal']}" if answer["signal"] else "without a word"
        raise ScanLostError(f"the scan's process ended {how}; the system ends processes so for want of memory")
    return answer
