"""What the user asks of a run over many scans, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from . import limits
from .identity import RunParameters
from .result_layouts import ResultLayout
from .scan_process import ENGINE


@dataclass(frozen=True)
class Options:
    """What the user asked for.

    Parameters
    ----------
    inputs : tuple of pathlib.Path
    output : pathlib.Path
    parameters : RunParameters
    workers : int, optional
    scheduler : str, optional
    memory_gb : float, optional
    retries : int
    timeout_s : float or None
    overwrite : bool
    ratings : pathlib.Path, optional
        The CSV file of a review; that in the output folder for None, where there is one.
    layout : ResultLayout, optional
        How the label maps are laid out once more, for another tool.
    engine : str
        Module that the scan processes run.
    """

    inputs: tuple[Path, ...]
    output: Path
    parameters: RunParameters
    workers: int | None = None
    scheduler: str | None = None
    memory_gb: float | None = None
    retries: int = limits.DEFAULT_RETRIES_COUNT
    timeout_s: float | None = limits.DEFAULT_TIMEOUT_SECONDS
    overwrite: bool = False
    ratings: Path | None = None
    layout: ResultLayout | None = None
    engine: str = ENGINE


@dataclass
class Outcome:
    """What came of a run.

    Parameters
    ----------
    total : int
        Scans that were found.
    done, before, copies, errors, left_out : int
        Of them: done now, done before, copies of others, not done, left out by rule (these are not scans to be done).
    written : list of str
        Names of the tables.
    first_error : str
    """

    total: int = 0
    done: int = 0
    before: int = 0
    copies: int = 0
    errors: int = 0
    left_out: int = 0
    written: list[str] = field(default_factory=list)
    first_error: str = ""
