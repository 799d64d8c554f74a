"""A folder of files that appear all together, whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import OutputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_STAGING_PREFIX = ".lungsegmentation-unfinished-"
_LOCK_NAME = "lock"
_REPLACED_NAME = "replaced"


@contextmanager
def atomic_folder(folder: Path, own_names: Sequence[str], overwrite: bool = False, inputs: Sequence[Path] = ()) -> Iterator[Path]:
    """Give a temporary folder whose files move into ``folder`` when the block ends without an error.

    Parameters
    ----------
    folder : pathlib.Path
        Where the files shall be; made when it is missing, removed again when the block fails.
    own_names : sequence of str
        Every file name that such a run may write. The last one moves last: its presence says that
        the others are complete. Files with other names are never touched.
    overwrite : bool
        Replace files of these names once the new ones are complete, and remove those that the new
        run did not make. Without it, any of them is an error.
    inputs : sequence of pathlib.Path
        Files that the run reads and that must stay.

    Yields
    ------
    pathlib.Path
        A hidden folder inside ``folder``, so on the same file system: moving is a rename.

    Raises
    ------
    OutputError
        Before the block: the folder cannot be made or written, holds a result, an input would be
        replaced, or another run is writing to it. After it: a file could not be moved.

    Notes
    -----
    A killed run leaves its hidden folder, never a half file under a final name; the next run
    removes it. A lock held on a file in it, which the system releases with the process, tells a
    dead run from a living one.
    """
    made = _make_folder(folder)
    try:
        _remove_abandoned(folder)
        _check_free(folder, own_names, overwrite, inputs)
        with _staging_folder(folder) as staging:
            yield staging
            _check_free(folder, own_names, overwrite, inputs)
            _move_into_place(staging, folder, own_names)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir()
        raise


def _make_folder(folder: Path) -> list[Path]:
    """Make the folder and its parents; give back those that were missing, outermost first."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise OutputError(f"the output {folder} is a file; give a folder")
    missing = [path for path in (folder, *folder.parents) if not path.exists()][::-1]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the output folder {folder} cannot be made ({_reason(error)}); give a folder that you may write to") from error
    return missing


def _check_free(folder: Path, own_names: Sequence[str], overwrite: bool, inputs: Sequence[Path]) -> None:
    existing = [folder / name for name in own_names if os.path.lexists(folder / name)]
    for path in existing:
        if any(given.exists() and path.exists() and path.samefile(given) for given in inputs):
            raise OutputError(f"the input {path} would be replaced by the result; give another output folder")
    if existing and not overwrite:
        raise OutputError(
            f"the output folder {folder} already holds a result ({existing[0].name}); use --overwrite to replace it or give another folder"
        )
    for path in existing:
        if path.is_dir() and not path.is_symlink():
            raise OutputError(f"the output {path} is a folder, where a file is to be written; rename it or give another output folder")


@contextmanager
def _staging_folder(folder: Path) -> Iterator[Path]:
    try:
        staging = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=folder))
    except OSError as error:
        raise OutputError(
            f"the output folder {folder} cannot be written ({_reason(error)}); give a folder that you may write to"
        ) from error
    try:
        with (staging / _LOCK_NAME).open("w") as lock:
            _try_lock(lock.fileno())
            yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _remove_abandoned(folder: Path) -> None:
    for staging in folder.glob(_STAGING_PREFIX + "*"):
        lock_path = staging / _LOCK_NAME
        try:
            with lock_path.open("r+") as lock:
                abandoned = _try_lock(lock.fileno())
            if abandoned:
                # Windows has no such lock, but refuses to remove a file that a living run holds open.
                lock_path.unlink()
        except FileNotFoundError:
            abandoned = True
        except OSError:
            abandoned = False
        if not abandoned:
            raise OutputError(f"another run is writing to the output folder {folder}; wait for it or give another folder")
        shutil.rmtree(staging, ignore_errors=True)


def _try_lock(file_number: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file_number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network file system without locks: nobody can hold one
        return True
    return True


def _move_into_place(staging: Path, folder: Path, own_names: Sequence[str]) -> None:
    """Rename the new files into the folder; on any error put everything back as it was."""
    replaced = staging / _REPLACED_NAME
    moved: list[tuple[Path, Path]] = []

    def move(source: Path, target: Path) -> None:
        os.replace(source, target)
        moved.append((source, target))

    try:
        replaced.mkdir()
        # The last name goes first and comes last: while it is missing, the others may be of two runs.
        for name in reversed(own_names):
            if os.path.lexists(folder / name):
                move(folder / name, replaced / name)
        for name in own_names:
            if (staging / name).exists():
                move(staging / name, folder / name)
    except BaseException as error:
        for source, target in reversed(moved):
            os.replace(target, source)
        if isinstance(error, OSError):
            raise OutputError(
                f"the result could not be moved into the output folder {folder} ({_reason(error)}); nothing was changed"
            ) from error
        raise


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
