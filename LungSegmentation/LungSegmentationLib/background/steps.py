"""Long work as a generator that pauses often, for a caller whose window must answer in between."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Yields nothing, every few milliseconds, and returns what was made. Closed before its end, it leaves nothing behind."""


def run_all(steps: Steps[T]) -> T:
    """Do all the work at once and give what it makes."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
