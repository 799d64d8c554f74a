"""How a command ends: one line for each error, an exit status, and streams that may be full or gone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from ..errors import can_be_mended, error_line
from .terminal import discard_if_unwritable, unwritable_output, write_text

EXIT_SUCCESS, EXIT_OWN_FAULT, EXIT_BAD_INPUT = 0, 1, 2
EXIT_HUNG_UP, EXIT_INTERRUPTED, EXIT_TERMINATED = 128 + 1, 128 + 2, 128 + 15  # a shell's codes for these signals

STOPPED = "stopped; nothing half-written is left"


def exit_status(work: Callable[[], None], was_interrupted: Callable[[], bool] = lambda: False) -> int:
    """Do the work, and say in one line why it failed.

    Parameters
    ----------
    work : callable
        Raises what went wrong.
    was_interrupted : callable
        Whether Ctrl-C was pressed, whatever a library made of it.

    Returns
    -------
    int
        0 on success, 2 on bad input or output, want of memory or a refusal of the system, 130 after Ctrl-C, 1 for
        a fault of this program.

    Notes
    -----
    Python's developer mode (``python -X dev -m LungSegmentationLib``) lets a fault of this program through, with its traceback.
    """
    status = EXIT_SUCCESS
    try:
        work()
        status = _flush_output()
    except SystemExit as end:  # --help and --version end so, and signals
        status = _flush_output()
        if end.code or not status:
            raise
    except Exception as error:
        status, line = (EXIT_INTERRUPTED, STOPPED) if was_interrupted() else _described(error)
        say_error(line)
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
        say_error(STOPPED)
    finally:
        for stream in (sys.stdout, sys.stderr):
            discard_if_unwritable(stream)
    return status


def say_error(text: str) -> None:
    """Write an error in one line, as far as there is anything to write it to."""
    with suppress(OSError, ValueError):
        write_text(sys.stderr, f"lungsegmentation: error: {' '.join(text.split())}\n")


def _flush_output() -> int:
    reason = discard_if_unwritable(sys.stdout)
    if not reason:
        return EXIT_SUCCESS
    say_error(unwritable_output(reason))
    return EXIT_BAD_INPUT


def _described(error: Exception) -> tuple[int, str]:
    if sys.flags.dev_mode and not can_be_mended(error):
        raise error
    return EXIT_BAD_INPUT if can_be_mended(error) else EXIT_OWN_FAULT, error_line(error)
