"""How far a run is: one line that stays up to date on a terminal, a new line now and then anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable

Write = Callable[[str], None]

_LIVE_SECONDS, _PLAIN_SECONDS = 0.5, 30.0


class ProgressLines:
    """What is told while a run goes on.

    Parameters
    ----------
    write : callable
        Writes a text; does nothing where the user wants it quiet.
    is_terminal : bool
    width : int
        Of the terminal, in characters.
    """

    def __init__(self, write: Write, is_terminal: bool, width: int) -> None:
        self._write, self._is_terminal, self._width = write, is_terminal, width
        self._told = self._start = time.monotonic()
        self._total = self._done = self._errors = self._before = 0
        self._shown = 0

    def searched(self, files: int, scans: int) -> None:
        """Tell how far the search is."""
        self._tell(f"searching: {files} files, {scans} scans")

    def begin(self, total: int, before: int, errors: int) -> None:
        """Begin to count: of so many scans, so many have ended before; so many scans or files are errors already."""
        self._start, self._total, self._before, self._done, self._errors = time.monotonic(), total, before, before, errors
        self._tell(self.line, now=True)

    def ended(self, is_error: bool) -> None:
        """Count a scan that ended."""
        self._done += 1
        self._errors += is_error
        self._tell(self.line)

    def lost(self, scans: int) -> None:
        """Take scans out of those that have ended: their results are gone."""
        self._done -= scans

    def tick(self) -> None:
        """Bring the line up to date although nothing ended."""
        if self._is_terminal:
            self._tell(self.line)

    def finish(self) -> None:
        """Tell the last state, and leave the line."""
        self._tell(self.line, now=True)
        if self._is_terminal:
            self._write("\n")

    @property
    def line(self) -> str:
        """Done and total, errors, scans an hour, time left: as fast as this run has been, by a clock that nobody sets."""
        seconds = time.monotonic() - self._start
        ended = self._done - self._before
        text = f"{self._done} of {self._total} scans, {self._errors} errors"
        if ended == 0 or seconds <= 0:
            return text
        left = (self._total - self._done) * seconds / ended
        return f"{text}, {3600 * ended / seconds:.0f} an hour, {_duration(left)} left"

    def _tell(self, text: str, now: bool = False) -> None:
        since = time.monotonic() - self._told
        if not now and since < (_LIVE_SECONDS if self._is_terminal else _PLAIN_SECONDS):
            return
        self._told = time.monotonic()
        if not self._is_terminal:
            self._write(text + "\n")
            return
        text = text[: max(self._width - 1, 1)]
        self._write("\r" + text + " " * max(self._shown - len(text), 0))
        self._shown = len(text)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if seconds < 90 else f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
