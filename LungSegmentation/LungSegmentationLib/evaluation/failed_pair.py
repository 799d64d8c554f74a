"""A pair of a cohort that could not be evaluated, and why: it is told, and the others go on."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import LungSegmentationError, is_want_of_memory, memory_message
from .pairs_list import Pair


@dataclass(frozen=True)
class FailedPair:
    """Whose figures are missing, and why."""

    name: str
    group: str
    method: str
    title: str
    reason: str

    @property
    def text(self) -> str:
        """One sentence for a list."""
        return f"{self.title}: {self.reason}"


def failed_pair(pair: Pair, error: Exception) -> FailedPair:
    """Say in one line why a pair could not be evaluated."""
    reason = memory_message(error) if is_want_of_memory(error) else " ".join(str(error).split())
    if not reason or not isinstance(error, (LungSegmentationError, OSError, RuntimeError, MemoryError)):
        reason = f"{type(error).__name__} {reason}".strip()
    return FailedPair(pair.name, pair.group, pair.method, pair.title, reason)
