"""What the commands share: checks of paths, a progress bar, and lines for a terminal."""

from __future__ import annotations

import argparse
import errno
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..errors import InputError, OutputError, system_reason
from ..progress import Progress, no_progress

if TYPE_CHECKING:
    from ..tables.rows import Table

TEXT_WIDTH = 100
_SHOWN_CHARACTERS = 40

# Control characters (ECMA-48), line and paragraph separators, and what reorders a line (Unicode Standard Annex 9).
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def given_path(text: str) -> Path:
    """Make a path of a word of the command line.

    Raises
    ------
    argparse.ArgumentTypeError
        When it is empty, which would stand for the current folder, or as :func:`check_path`.
    """
    try:
        if not text:
            raise InputError("the path is empty; give a file or folder (. is the current one)")
        check_path(Path(text))
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return Path(text)


def check_path(path: Path) -> None:
    """Refuse names that no file can have, or that are no text: ITK ends the whole process on those.

    Raises
    ------
    InputError
        When a name is not UTF-8, has a null character, or is longer than the file system takes.
    """
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"the path {path} is not valid UTF-8; rename the file or folder") from error
    try:
        os.lstat(path)
    except ValueError as error:
        raise InputError(f"the path {path} has a null character; give another one") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            longest = max(path.parts, key=lambda name: len(os.fsencode(name)))
            raise InputError(
                f"the path {longest[:_SHOWN_CHARACTERS]}... is too long (a name of {len(os.fsencode(longest))} bytes, "
                f"{len(os.fsencode(path))} in all); most file systems take names of 255 bytes and paths of 4095"
            ) from error


def shown(text: str) -> str:
    """Write what would steer a terminal, or turn the direction of a line, as an escape: such as a name of a file may hold."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def write_text(stream: TextIO, text: str) -> None:
    """Write lines to a terminal or pipe of any encoding; what it cannot show, or would take for an order, is escaped.

    Nothing is written where nobody listens any more.

    Parameters
    ----------
    stream : file
    text : str

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    encoding = stream.encoding or "utf-8"
    lines = "\n".join(shown(line) for line in text.split("\n"))
    try:
        stream.write(lines.encode(encoding, "backslashreplace").decode(encoding))
    except OSError as error:
        _discard(stream)
        if not isinstance(error, BrokenPipeError):
            raise OutputError(unwritable_output(system_reason(error))) from error


def unwritable_output(reason: str) -> str:
    """Say why nothing more is said."""
    return f"the standard output could not be written ({reason}); send it elsewhere"


def discard_if_unwritable(stream: TextIO) -> str:
    """Write out what a stream holds, or else forget it, so that Python does not try again at its end.

    Returns
    -------
    str
        Why it could not be written; empty where it was, or where nobody listens any more.
    """
    try:
        stream.flush()
    except (OSError, ValueError) as error:
        _discard(stream)
        return "" if isinstance(error, BrokenPipeError) else system_reason(error)
    return ""


def _discard(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()


def table_lines(table: Table) -> list[str]:
    """Lay a table out in lines: the first column to the left, the others to the right."""
    cells = [[shown(c.header) for c in table.columns]] + [[shown(c.text(row[c.key])) for c in table.columns] for row in table.rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
    return ["  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]) for row in cells]


def report_text(title: str, table: Table, warnings: Sequence[str], folder: Path, written: Sequence[str]) -> str:
    """Say what a run found: a title, a table, the warnings, and where which files are."""
    lines = [shown(title), "", *table_lines(table)]
    if warnings:
        lines += ["", "Warnings:"]
        for warning in warnings:
            lines += textwrap.wrap(shown(warning), TEXT_WIDTH, initial_indent="- ", subsequent_indent="  ")
    names = textwrap.wrap(shown(", ".join(written)), TEXT_WIDTH, initial_indent="  ", subsequent_indent="  ")
    lines += ["", f"Written to {shown(str(folder))}:", *names]
    return "\n".join(lines) + "\n"


@contextmanager
def progress_bar(wanted: bool) -> Iterator[Progress]:
    """Give a progress callable that draws a bar on the error stream, or that does nothing."""
    if not wanted:
        yield no_progress
        return
    from tqdm import tqdm

    # tqdm itself shows nothing on terminals that do not tell their size.
    columns, lines = shutil.get_terminal_size()
    layout = "{percentage:3.0f} % |{bar}| {elapsed} {desc}"
    with tqdm(total=100, bar_format=layout, leave=False, ncols=columns, nrows=lines, file=sys.stderr) as bar:

        def report(fraction: float, text: str) -> None:
            with suppress(OSError):  # the terminal may be gone
                bar.set_description_str(shown(text), refresh=False)
                bar.update(max(0.0, 100 * fraction - bar.n))
                bar.refresh()

        yield report
