"""The process that serves one worker's scans: ``python -m LungSegmentationLib.cohort.scan_process ENGINE``, a module.

It imports the engine once, and forks a process for every scan: a scan's process begins within milliseconds, ends with all that it took,
and can be killed, or fall, alone. Dask could restart the whole worker instead (its nanny does): that takes seconds for each scan that
fails, and cannot tell a scan that hangs from a worker that is busy.

A line of JSON on standard input is a request: ``{"task": ..., "timeout_s": ..., "memory_gb": ...}``. A line on standard output answers
it: what :func:`.one_scan.run_one` gives, or ``{"status": "killed", "signal": 9}``, or ``{"status": "timeout"}``. When its input ends, or
nothing comes for two minutes, it ends, and the scan's process with it. With ``--once`` as a second word it does one scan itself, where
processes cannot be forked.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from ..background.own_process import keep_to_itself, open_standard_streams
from ..io.file_checks import MEMORY_LIMIT_VARIABLE
from .one_scan import Task, run_one

ONCE = "--once"
KILLED, TIMEOUT = "killed", "timeout"
ENGINE = "LungSegmentationLib.cohort.engine"
# Packages that the engine imports only when it needs them: here once for all scans.
_ALSO_IMPORTED = ("onnxruntime", "xlsxwriter", "PIL.Image", "PIL.ImageDraw", "PIL.ImageFont", "skimage.measure")
_READ_BYTES, _IDLE_SECONDS = 1 << 16, 120.0

Answer = dict[str, Any]


def main() -> int:
    """Serve scans until standard input ends.

    Returns
    -------
    int
        The exit status.
    """
    open_standard_streams()
    keep_to_itself()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which ends its workers
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    engine = _import_engine(sys.argv[1])
    if ONCE in sys.argv:
        request = json.loads(sys.stdin.buffer.readline())
        _send(answers, _do(request, engine))
        return 0
    return _serve(answers, engine)


def _import_engine(name: str) -> Any:
    engine = import_module(name)
    if name == ENGINE:
        for package in _ALSO_IMPORTED:
            with suppress(ImportError):
                import_module(package)
    return engine


def _do(request: Mapping[str, Any], engine: Any) -> Answer:
    _limit_memory(request.get("memory_gb"))
    if request.get("voxel_memory_gb"):
        os.environ[MEMORY_LIMIT_VARIABLE] = request["voxel_memory_gb"]
    return run_one(Task.of(request["task"]), engine)


def _limit_memory(memory_gb: float | None) -> None:
    """Let the system refuse what is beyond the worker's share, so that this scan ends and not another one."""
    if memory_gb is None or sys.platform != "linux":
        return
    import resource

    most = int(memory_gb * 1e9)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _serve(answers: int, engine: Any) -> int:
    received = b""
    while True:
        line, newline, rest = received.partition(b"\n")
        if newline:
            received = rest
            _send(answers, _in_own_process(json.loads(line), engine))
            continue
        # Nobody tells a worker of a cluster that a run is over.
        ready, _, _ = select.select([0], [], [], _IDLE_SECONDS)
        piece = os.read(0, _READ_BYTES) if ready else b""
        if not piece:
            return 0
        received += piece


def _in_own_process(request: Mapping[str, Any], engine: Any) -> Answer:
    result_read, result_write = os.pipe()
    life_read, life_write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(result_read)
        os.close(life_write)
        _be_child(request, engine, result_write, life_read)
    with suppress(OSError):  # here too: whichever of the two comes first
        os.setpgid(child, child)
    os.close(result_write)
    os.close(life_read)
    try:
        return _wait(child, result_read, request.get("timeout_s"))
    finally:
        os.close(result_read)
        os.close(life_write)


def _be_child(request: Mapping[str, Any], engine: Any, result: int, life: int) -> None:
    """Do the scan and end; also when the server ends, however that ends."""
    status = 1
    try:
        os.setpgid(0, 0)  # what the scan starts ends with it
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        threading.Thread(target=_end_with, args=(life,), daemon=True).start()
        _send(result, _do(request, engine))
        status = 0
    finally:
        os._exit(status)


def _end_with(life: int) -> None:
    with suppress(OSError):
        while os.read(life, 1):
            pass
    os.killpg(0, signal.SIGKILL)


def _wait(child: int, result: int, timeout_s: float | None) -> Answer:
    """Wait for a scan's answer, its death, its time, or the end of our own input."""
    content = b""
    until = None if timeout_s is None else time.monotonic() + timeout_s
    timed_out = False
    while True:
        left = None if until is None else max(0.0, until - time.monotonic())
        ready, _, _ = select.select([0, result], [], [], left)
        if not ready:
            timed_out = True
            break
        if result in ready:
            piece = os.read(result, _READ_BYTES)
            if not piece:
                break
            content += piece
            continue
        if not os.read(0, _READ_BYTES):  # the worker is gone: nobody waits for the scan
            _end(child)
            os._exit(0)
    status = _end(child)
    if timed_out:
        return {"status": TIMEOUT}
    try:
        answer: Answer = json.loads(content)
    except ValueError:
        return {"status": KILLED, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}
    return answer


def _end(child: int) -> int:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _send(file: int, answer: Mapping[str, Any]) -> None:
    content = json.dumps(answer).encode() + b"\n"
    while content:
        content = content[os.write(file, content) :]


if __name__ == "__main__":
    sys.exit(main())
