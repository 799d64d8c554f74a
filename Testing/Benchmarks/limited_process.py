"""Run a function in a process of its own with little memory and time, and measure it."""

from __future__ import annotations

import os
import resource
import signal
import tempfile
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass

# Several programs may share a core: a process that waits for its turn does not hang.
_PATIENCE = 30


@dataclass(frozen=True)
class Outcome:
    """How a process ended.

    Parameters
    ----------
    status : int
        Exit status; below 0 the number of the signal that ended it.
    output : str
        What it wrote to its error stream.
    processor_seconds : float
    peak_memory_mb : float
        Resident, the libraries that were loaded before included.
    """

    status: int
    output: str
    processor_seconds: float
    peak_memory_mb: float


def run_limited(work: Callable[[], int], most_seconds: int, most_memory_gb: float) -> Outcome:
    """Run a function that gives an exit status in a child of this process, which shares what is imported already.

    Parameters
    ----------
    work : callable
    most_seconds : int
        Of the processor; by the clock thirty times as much.
    most_memory_gb : float
        Of addresses.
    """
    with tempfile.TemporaryFile() as stream:
        child = os.fork()
        if child == 0:
            _be_child(work, stream.fileno(), most_seconds, most_memory_gb)
        end = threading.Timer(most_seconds * _PATIENCE, os.kill, (child, signal.SIGKILL))
        end.start()
        _, status, usage = os.wait4(child, 0)
        end.cancel()
        stream.seek(0)
        output = stream.read().decode("utf-8", "replace")
    return Outcome(os.waitstatus_to_exitcode(status), output, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _be_child(work: Callable[[], int], stream: int, most_seconds: int, most_memory_gb: float) -> None:
    status = 99
    try:
        os.dup2(stream, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        resource.setrlimit(resource.RLIMIT_AS, (int(most_memory_gb * 1e9),) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (most_seconds, most_seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        status = work()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        os.write(2, traceback.format_exc().encode())
        status = 1
    finally:
        os._exit(status)
