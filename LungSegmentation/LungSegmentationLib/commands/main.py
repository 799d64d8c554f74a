"""The command line: all commands, and how one of them is run.

Heavy packages are imported by the commands themselves, so that ``--help`` is there at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from ..errors import InputError
from ..io.file_checks import check_address_space, memory_limited_to
from ..version import __version__
from .cohort import add_cohort
from .evaluate import add_evaluate
from .evaluate_cohort import add_evaluate_cohort
from .exit_status import exit_status
from .measure import add_measure
from .methods import add_methods
from .phantom import add_phantom
from .review import add_review
from .segment import add_segment
from .terminal import discard_if_unwritable, write_text


def main(arguments: Sequence[str] | None = None, was_interrupted: Callable[[], bool] = lambda: False) -> int:
    """Run the command; :mod:`LungSegmentationLib.commands.process` does so in a process of its own.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after the program's name; those of this process for None.
    was_interrupted : callable
        Whether Ctrl-C was pressed, where the caller takes note of that.

    Returns
    -------
    int
        As :func:`.exit_status.exit_status`. Nothing half-written is left in any case.
    """

    def work() -> None:
        words = list(sys.argv[1:] if arguments is None else arguments)
        options = _parser(words).parse_args(words)
        check_address_space()
        with _only_our_own_lines_on_stderr(), memory_limited_to(getattr(options, "memory_limit_gb", None)):
            options.run(options)

    return exit_status(work, was_interrupted)


@contextmanager
def _only_our_own_lines_on_stderr() -> Iterator[None]:
    """Send what C libraries print of a damaged file or a full disk nowhere, and warnings of packages: the error says it in one line."""
    python_stderr = sys.stderr
    try:
        is_process_stderr = python_stderr.fileno() == 2
    except (OSError, ValueError):
        is_process_stderr = False
    if not is_process_stderr:
        yield
        return
    discard_if_unwritable(python_stderr)
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        kept = os.dup(2)
        ours = os.fdopen(kept, "w", encoding=python_stderr.encoding, errors="backslashreplace", buffering=1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        sys.stderr = ours
        try:
            yield
        finally:
            discard_if_unwritable(ours)
            os.dup2(kept, 2)
            sys.stderr = python_stderr
            ours.close()


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        shown = re.sub(r"(\S{100})\S{100,}", r"\1…", message)  # a word as long as a book stays readable
        raise InputError(f"{shown} (see {self.prog} --help)")

    def _print_message(self, message: str, file: Any = None) -> None:
        write_text(file or sys.stdout, message or "")


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lungsegmentation",
        description="Segments right lung, left lung and airways in a chest CT.",
        epilog="Exit status: 0 success, 2 bad input or output, 1 a fault of this program, 130 stopped with Ctrl-C, 143 terminated. "
        "Help on a command: lungsegmentation COMMAND --help",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lungsegmentation {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    add_segment(commands, with_parameters="segment" in words)
    add_cohort(commands, with_parameters="cohort" in words)
    add_measure(commands)
    add_evaluate(commands)
    add_evaluate_cohort(commands)
    add_review(commands)
    add_phantom(commands)
    add_methods(commands)
    return parser
