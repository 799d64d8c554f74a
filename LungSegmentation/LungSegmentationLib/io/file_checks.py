"""What every reader asks before it opens a file: whether it is one, and whether its voxels fit into memory.

A pipe or a device never ends, and a few bytes of header or of packed zeros can ask for more memory than the computer has.
So files are opened only when they are regular ones, and memory is asked for only after the header was read.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError, system_reason
from . import limits

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

MEMORY_LIMIT_VARIABLE = "LUNGSEGMENTATION_MEMORY_LIMIT_GB"
MEMORY_LIMIT_OPTION = "--memory-limit"
_LONGEST_NAME_BYTES = 255  # of Linux, macOS and Windows
_KINDS = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


def check_regular(path: Path, expected: str) -> int:
    """Refuse what is not a regular file, before it is opened.

    Parameters
    ----------
    path : pathlib.Path
        Links are followed.
    expected : str
        What would be right, for the error.

    Returns
    -------
    int
        The file's size in bytes.

    Raises
    ------
    InputError
        For what is not there, cannot be looked at, or is a folder, a pipe, a socket or a device.
    """
    status = _status(path, expected)
    if not stat.S_ISREG(status.st_mode):
        kind = next((words for is_kind, words in _KINDS.items() if is_kind(status.st_mode)), "no regular file")
        raise InputError(f"{path} is {kind}; expected {expected}")
    return status.st_size


def is_regular(path: Path) -> bool:
    """Tell whether there is a regular file; False for what cannot be looked at."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path, expected: str) -> bool:
    """Tell a folder from a regular file; anything else is refused as by :func:`check_regular`."""
    if stat.S_ISDIR(_status(path, expected).st_mode):
        return True
    check_regular(path, expected)
    return False


def read_start(path: Path, size: int, expected: str) -> bytes:
    """Read a regular file's first bytes.

    Parameters
    ----------
    path : pathlib.Path
    size : int
        The most bytes to read.
    expected : str
        What would be right, for the error.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        See :func:`check_regular`; also for a file that may not be read.
    """
    check_regular(path, expected)
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise InputError(f"{path.name} cannot be opened ({error.strerror}); check that it may be read") from error


def check_name_lengths(path: Path) -> None:
    """Refuse a path with a name that no file system holds."""
    for part in path.parts:
        if len(os.fsencode(part)) > _LONGEST_NAME_BYTES:
            raise InputError(f"the name {part[:40]}… has {len(os.fsencode(part))} bytes; a file's or folder's name has at most 255")


def memory_limit_gb() -> float:
    """Give the limit on what one image may take in memory: that of the environment, or 4 GB.

    Raises
    ------
    InputError
        When the environment variable ``LUNGSEGMENTATION_MEMORY_LIMIT_GB`` holds no number above 0.
    """
    given = os.environ.get(MEMORY_LIMIT_VARIABLE, "").strip()
    if not given:
        return limits.DEFAULT_MEMORY_LIMIT_GB
    try:
        limit_gb = float(given)
    except ValueError:
        limit_gb = math.nan
    if not limit_gb > 0:
        raise InputError(f"the memory limit ({MEMORY_LIMIT_VARIABLE}) is {given[:40]!r}; give a number of GB above 0, such as 4")
    return limit_gb


@contextmanager
def memory_limited_to(limit_gb: float | None) -> Iterator[None]:
    """Set the limit for a block and the processes that it starts; None leaves it as it is."""
    before = os.environ.get(MEMORY_LIMIT_VARIABLE)
    if limit_gb is not None:
        os.environ[MEMORY_LIMIT_VARIABLE] = repr(limit_gb)
    try:
        memory_limit_gb()
        yield
    finally:
        if limit_gb is not None:
            os.environ.pop(MEMORY_LIMIT_VARIABLE)
            if before is not None:
                os.environ[MEMORY_LIMIT_VARIABLE] = before


def check_memory(name: str, needed_bytes: int, what: str, lower_limit_gb: float = math.inf, reason: str = "") -> None:
    """Refuse what would take more memory than the limit.

    Parameters
    ----------
    name : str
        What the user calls it.
    needed_bytes : int
    what : str
        What needs it, with its verb, for the error.
    lower_limit_gb : float
        Holds where the user set no limit.
    reason : str
        Why that one is lower, for the error.

    Raises
    ------
    InputError
        With what is needed, the limit, and how to raise it.
    """
    limit_gb = memory_limit_gb()
    if lower_limit_gb < limit_gb and not os.environ.get(MEMORY_LIMIT_VARIABLE, "").strip():
        limit_gb, what = lower_limit_gb, f"{reason}, {what}" if reason else what
    needed_gb = needed_bytes / 1e9
    if needed_gb > limit_gb:
        needed = f"{needed_gb:.1f} GB" if needed_gb < 1e6 else f"{needed_gb:.0e} GB"
        raise InputError(
            f"{name} is too large: {what} {needed} of memory, over the limit of {limit_gb:g} GB; where that is meant, raise the limit with "
            f"{MEMORY_LIMIT_OPTION} GB or the environment variable {MEMORY_LIMIT_VARIABLE}"
        )


def check_voxel_memory(name: str, needed_bytes: int, stored_bytes: int) -> None:
    """Refuse voxels that would take more memory than the limit, or more than their file can be about.

    Parameters
    ----------
    name : str
        What the user calls the image.
    needed_bytes : int
        By the header.
    stored_bytes : int
        What the file takes on the disk.

    Raises
    ------
    InputError
        See :func:`check_memory`.
    """
    is_scan = needed_bytes <= limits.MOST_PACKED_RATIO * stored_bytes
    packed = f"packed into {stored_bytes / 1e6:.3g} MB as no scan is"
    check_memory(name, needed_bytes, "its voxels need", math.inf if is_scan else limits.MOST_PACKED_GB, packed)


def check_address_space() -> None:
    """Refuse to start where the system lets this process have too little memory: its libraries would break down or wait for ever.

    Raises
    ------
    InputError
        With the limit and how to raise it.
    """
    if resource is None:
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < limits.LEAST_ADDRESSES_BYTES:
        raise InputError(
            f"this process may use {limit / 1e9:.2g} GB of memory only (ulimit -v); its libraries need "
            f"{limits.LEAST_ADDRESSES_BYTES / 1e9:.1f} GB: raise that limit"
        )


def bytes_on_disk(path: Path) -> int:
    """Give what a file takes on the disk: less than its size where it has holes."""
    status = path.stat()
    blocks = getattr(status, "st_blocks", 0)  # 512 bytes each; Windows and some network drives do not tell
    return min(status.st_size, blocks * 512) if blocks else status.st_size


def _status(path: Path, expected: str) -> os.stat_result:
    check_name_lengths(path)
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{path} does not exist; expected {expected}") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be looked at ({system_reason(error)}); expected {expected}") from error
