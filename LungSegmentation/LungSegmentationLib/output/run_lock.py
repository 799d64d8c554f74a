"""One run at a time in a folder: a lock that the system gives back when its process ends, however it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import FolderInUseError, OutputError, system_reason

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_NAME = ".lungsegmentation-lock"

# How often the lock's file may be lost to runs that end just now, before that is taken for an error of the folder.
_MOST_TRIES = 50
_PAUSE_S = 0.01


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Hold a folder, so that no other run writes into it.

    Parameters
    ----------
    folder : pathlib.Path
        Made where it is missing: a run that ends may remove the folder that it made.

    Raises
    ------
    FolderInUseError
        When another run holds the folder.
    OutputError
        When it cannot be made or written.

    Notes
    -----
    The lock is on an open file (flock; a locked byte on Windows), which the system releases with the process. The file
    itself is removed by its holder. A run that opened it just before that holds a lock on a file that nobody else will
    find; so who has the lock looks whether the file of that name is still the same one, and tries again if it is not.
    A network file system without locks cannot keep two runs apart.
    """
    path = folder / LOCK_NAME
    file = _locked_file(folder, path)
    try:
        yield
    finally:
        if fcntl is None:  # an open file cannot be removed there, nor one that another run has opened since
            os.close(file)
        with suppress(OSError):
            path.unlink()
        if fcntl is not None:
            os.close(file)


def _locked_file(folder: Path, path: Path) -> int:
    error: OSError | None = None
    for _ in range(_MOST_TRIES):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError as gone:  # the folder was removed between the two
            error = gone
            time.sleep(_PAUSE_S)
            continue
        except OSError as refused:
            raise OutputError(
                f"the output folder {folder} cannot be written ({system_reason(refused)}); give a folder that you may write to"
            ) from refused
        if not _try_lock(file):
            os.close(file)
            raise FolderInUseError(f"another run is writing to the output folder {folder}; wait for it or give another folder")
        if fcntl is None or _is_still(path, file):  # without fcntl an open file cannot be removed
            return file
        os.close(file)
    raise OutputError(f"the output folder {folder} cannot be written (it is removed again and again); give another folder") from error


def _is_still(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _try_lock(file: int) -> bool:
    if fcntl is None:
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network file system without locks: nobody can hold one
        return True
    return True
