"""The engine in a process of its own: ``python -m LungSegmentationLib.background.worker JOB_FOLDER``.

The protocol is described in :mod:`LungSegmentationLib.background.protocol`.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import LungSegmentationError, is_want_of_memory, memory_message
from .own_process import keep_to_itself, open_standard_streams
from .protocol import EXIT_BAD_INPUT, EXIT_DONE, EXIT_FAILED, INPUT_ERROR, START, read_job, remove_job, write_outcome
from .steps import run_all

Send = Callable[[Mapping[str, object]], None]

_NICENESS = 5  # the window goes before, which wants a moment now and then while the engine has all cores
_SMALLEST_STEP = 0.005  # a finer bar is not seen, and a caller that is slow to read must not hold up the work


def main() -> int:
    """Run the job in the folder that the command line names.

    Returns
    -------
    int
        The exit status. SIGTERM keeps its default action, which ends the process at once, also within compiled code.
    """
    folder = Path(sys.argv[1])
    open_standard_streams()
    keep_to_itself()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    commands, lines = _take_streams()
    faulthandler.enable()
    logging.basicConfig(format="%(message)s")
    logging.getLogger(__package__.partition(".")[0]).setLevel(logging.INFO)
    started = threading.Event()
    threading.Thread(target=_watch, args=(commands, started, folder), daemon=True).start()
    with os.fdopen(lines, "w", encoding="ascii", newline="\n") as stream:

        def send(message: Mapping[str, object]) -> None:
            try:
                stream.write(json.dumps(message) + "\n")
                stream.flush()
            except OSError:  # the caller is gone
                remove_job(folder)
                os._exit(EXIT_FAILED)

        send({"pid": os.getpid()})
        return _run(folder, started, send)


def _take_streams() -> tuple[int, int]:
    """Keep standard input and output for the protocol alone.

    Others get an empty input and the log. What a library prints would spoil the protocol; and on Windows a library
    that looks at standard input while another thread reads from it waits for that read, so importing it would hang.
    """
    commands, lines = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, lines


def _watch(commands: int, started: threading.Event, folder: Path) -> None:
    """Wait for the caller's word to start, then for its end, which is the end of this process too."""
    received = b""
    with suppress(OSError):
        while chunk := os.read(commands, 4096):
            received += chunk
            if START in received:
                started.set()
    remove_job(folder)
    os._exit(EXIT_FAILED)


def _run(folder: Path, started: threading.Event, send: Send) -> int:
    try:
        from .. import measures, pipeline  # noqa: F401  imported while the caller still writes the job

        started.wait()
        run_all(write_outcome(read_job(folder).do(_sparse_progress(send)), folder))
    except LungSegmentationError as error:
        send({"error": INPUT_ERROR, "message": " ".join(str(error).split())})
        return EXIT_BAD_INPUT
    except Exception as error:
        traceback.print_exc()
        if is_want_of_memory(error):
            send({"error": MemoryError.__name__, "message": memory_message(error)})
        else:
            send({"error": type(error).__name__, "message": " ".join(str(error).split())})
        return EXIT_FAILED
    send({"done": True})
    return EXIT_DONE


def _sparse_progress(send: Send) -> Callable[[float, str], None]:
    """Report new steps and visible advances only, never a step back."""
    last_fraction, last_text = -1.0, ""

    def report(fraction: float, text: str) -> None:
        nonlocal last_fraction, last_text
        fraction = max(last_fraction, min(fraction, 1.0))
        if text != last_text or fraction >= last_fraction + _SMALLEST_STEP:
            last_fraction, last_text = fraction, text
            send({"fraction": round(fraction, 4), "text": text})

    return report


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # nothing is left to tidy up, which would take time and is where compiled libraries break down
