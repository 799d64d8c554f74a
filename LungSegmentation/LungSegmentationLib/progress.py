"""Progress is a plain callable ``(fraction, text)`` that may raise :class:`Cancelled`."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]


class Cancelled(Exception):
    """Raised by a progress callable to stop the work; nothing is kept of it."""


def no_progress(fraction: float, text: str) -> None:
    """Report to nobody."""


def part_of(progress: Progress, start: float, stop: float) -> Progress:
    """Map the whole of a step onto the part ``start..stop`` of a longer task."""

    def report(fraction: float, text: str) -> None:
        progress(start + (stop - start) * fraction, text)

    return report
