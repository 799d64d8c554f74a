"""What the commands share: checks of paths, a progress bar, and lines for a terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .errors import InputError
from .progress import Progress, no_progress

if TYPE_CHECKING:
    from .tables.rows import Table

TEXT_WIDTH = 100


def check_path(path: Path) -> None:
    """Refuse names that are no text: ITK ends the whole process on them."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(f"the path {path} is not valid UTF-8; rename the file or folder") from error


def write_text(stream: TextIO, text: str) -> None:
    """Write to a terminal or pipe of any encoding; what it cannot show is escaped."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def table_lines(table: Table) -> list[str]:
    """Lay a table out in lines: the first column to the left, the others to the right."""
    cells = [[c.header for c in table.columns]] + [[c.text(row[c.key]) for c in table.columns] for row in table.rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
    return ["  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]) for row in cells]


def report_text(title: str, table: Table, warnings: Sequence[str], folder: Path, written: Sequence[str]) -> str:
    """Say what a run found: a title, a table, the warnings, and where which files are."""
    lines = [title, "", *table_lines(table)]
    if warnings:
        lines += ["", "Warnings:"]
        for warning in warnings:
            lines += textwrap.wrap(warning, TEXT_WIDTH, initial_indent="- ", subsequent_indent="  ")
    lines += ["", f"Written to {folder}:", *textwrap.wrap(", ".join(written), TEXT_WIDTH, initial_indent="  ", subsequent_indent="  ")]
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
            bar.set_description_str(text, refresh=False)
            bar.update(max(0.0, 100 * fraction - bar.n))
            bar.refresh()

        yield report
