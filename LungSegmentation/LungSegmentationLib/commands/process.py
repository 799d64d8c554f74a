"""The command ``lungsegmentation`` as a process: Ctrl-C from its first line on, closed streams, and signals that end it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

from ..background.own_process import end_at_once, keep_to_itself, open_standard_streams


def main() -> int:
    """Run the command that the process was started for.

    Returns
    -------
    int
        As :func:`LungSegmentationLib.commands.main.main`; besides, 143 after SIGTERM and 129 where its terminal is gone.
    """
    _listen(signal.SIGINT, end_at_once)
    open_standard_streams()
    keep_to_itself()
    from . import exit_status
    from . import main as command_line

    pressed = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    if not sys.flags.dev_mode:
        sys.unraisablehook = lambda _problem: None  # what a library cannot raise is none of our lines
    try:
        _listen(signal.SIGTERM, end)
        if hasattr(signal, "SIGHUP"):
            _listen(signal.SIGHUP, end)
        _listen(signal.SIGINT, interrupt)
        status = command_line.main(was_interrupted=lambda: bool(pressed))
    except KeyboardInterrupt:
        exit_status.say_error(exit_status.STOPPED)
        status = exit_status.EXIT_INTERRUPTED
    finally:
        # What follows is Python's own end, which Ctrl-C would fill with a traceback.
        _listen(signal.SIGINT, signal.SIG_IGN)
    if "distributed" not in sys.modules and (status == 0 or (pressed and status == exit_status.EXIT_INTERRUPTED)):
        # All is written and cleared away, and Python's own end would take a while to free the memory. After Ctrl-C it would end by the
        # signal, not with this status, where that came in code from a text. Only Dask has to end what it began.
        _end(status)
    return status


def _end(status: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)


def _listen(number: int, handler: object) -> None:
    """Set what a signal does, unless who started the process had it ignored (``nohup``, ``command &``)."""
    if signal.getsignal(number) is not signal.SIG_IGN:
        signal.signal(number, handler)  # type: ignore[arg-type]
