"""Errors that a user can correct: each says what was wrong, the value, and what would be right. And one sentence for want of memory."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ASKED = re.compile(r"allocat|bad_alloc|out of memory|not enough memory", re.IGNORECASE)


class LungSegmentationError(Exception):
    """Base of all errors that the engine raises on purpose."""


class InputError(LungSegmentationError, ValueError):
    """The image, a parameter or an argument cannot be used as it is."""


class OutputError(LungSegmentationError, OSError):
    """A result could not be written; nothing half-written is left behind."""


class FolderInUseError(OutputError):
    """Another run is writing to the output folder."""


class ModelError(LungSegmentationError, ValueError):
    """A network or its card cannot be used as it is, or the network gives what its card does not promise."""


def system_reason(error: OSError | ValueError) -> str:
    """Give the system's own words for what it refused, in small letters."""
    return (getattr(error, "strerror", None) or str(error)).lower()


@contextmanager
def output_errors(failure: str, advice: str) -> Iterator[None]:
    """Turn what the system refuses while a block writes into an :class:`OutputError`.

    Parameters
    ----------
    failure : str
        What could not be done, as the start of a sentence.
    advice : str
        What the user can do.

    Raises
    ------
    OutputError
        One that the block raises is passed on as it is.
    """
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{failure} ({system_reason(error)}); {advice}") from error


def is_want_of_memory(error: BaseException) -> bool:
    """Tell whether an error is for want of memory; compiled libraries say so in a RuntimeError."""
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _ASKED.search(str(error)) is not None)


def memory_message(error: BaseException) -> str:
    """Say what was needed.

    Parameters
    ----------
    error : BaseException
        One of which :func:`is_want_of_memory` is true.

    Returns
    -------
    str
        With the library's own words where it has some, which name the size, and with what the process had used before.
    """
    words = " ".join(str(error).split())
    used = _peak_gigabytes()
    before = "" if used is None else f"{used:.1f} GB were in use before"
    known = ", ".join(filter(None, (words if len(words) < 200 else "", before)))
    return f"there is not enough memory{f' ({known})' if known else ''}; close other programs, or crop the scan or make it coarser"


def _peak_gigabytes() -> float | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit_bytes = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes / 1e9


def can_be_mended(error: Exception) -> bool:
    """Tell whether a user can mend what an error says: the engine's own, want of memory, a refusal of the system."""
    return isinstance(error, (LungSegmentationError, OSError)) or is_want_of_memory(error)


def error_line(error: Exception) -> str:
    """Say what went wrong as a command says it; a fault of this program is called that, with its place.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str
        Perhaps of several lines, where a library's own words have them.
    """
    if isinstance(error, LungSegmentationError):
        return str(error)
    if is_want_of_memory(error):
        return memory_message(error)
    if isinstance(error, OSError):
        about = f"{error.filename}: " if error.filename is not None else ""
        return f"{about}{system_reason(error)}; correct that and try again"
    return f"a fault of this program: {type(error).__name__}: {error} ({_place(error)}); please report it"


def _place(error: Exception) -> str:
    """Name the last line of ours on the way to an error."""
    here, place = Path(__file__).parent, "unknown place"
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if here in path.parents:
            place = f"{path.relative_to(here)}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
