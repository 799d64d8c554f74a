"""How many processor cores this process may use."""

from __future__ import annotations

import os
from pathlib import Path

_TOPOLOGY = Path("/sys/devices/system/cpu")

CORES_VARIABLE = "LUNGSEGMENTATION_CORES"
"""Environment variable with how many of them a process shall use, where several share a computer."""


def available_physical_cores() -> int | None:
    """Count the physical cores that this process may run on, or as many of them as it shall use.

    Returns
    -------
    int or None
        None where the system does not tell (Windows, macOS) and nobody else does.
    """
    given = os.environ.get(CORES_VARIABLE, "").strip()
    if given.isdecimal() and int(given) > 0:
        return int(given)
    if not hasattr(os, "sched_getaffinity"):
        return None
    processors = os.sched_getaffinity(0)
    cores = {_siblings(processor) for processor in processors}
    return len(cores)


def _siblings(processor: int) -> str:
    """Name the core of a logical processor by the processors that share it; by itself where that is unknown."""
    try:
        return (_TOPOLOGY / f"cpu{processor}" / "topology" / "thread_siblings_list").read_text(encoding="ascii").strip()
    except OSError:
        return str(processor)
