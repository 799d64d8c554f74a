"""A folder of files that appear all together, whole, or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import FolderInUseError, OutputError, output_errors, system_reason
from .replacement import is_under_way, move_into_place, put_back
from .run_lock import run_lock

_STAGING_PREFIX = ".lungsegmentation-unfinished-"


@contextmanager
def atomic_folder(
    folder: Path, own_names: Sequence[str] | Callable[[], Sequence[str]], overwrite: bool = False, inputs: Sequence[Path] = ()
) -> Iterator[Path]:
    """Give a temporary folder whose files move into ``folder`` when the block ends without an error.

    Parameters
    ----------
    folder : pathlib.Path
        Where the files shall be; made when it is missing, removed again when the block fails.
    own_names : sequence of str, or callable
        Every file name that such a run may write, or what gives them, where they depend on what is in the folder: it is
        asked once the folder is this run's own. The last one moves last: its presence says that the others are complete.
        Files with other names are never touched.
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
    A killed run leaves its hidden folder, never a half file under a final name. The next run puts back what the killed
    one had moved, so that the earlier result is whole again, and removes the hidden folder. A lock on the folder
    (:func:`.run_lock.run_lock`) says that no living run has anything to do with what is found there.
    """
    made = _make_folder(folder)
    try:
        with run_lock(folder):
            _tidy_up_after_killed_runs(folder)
            names = own_names() if callable(own_names) else own_names
            _check_free(folder, names, overwrite, inputs)
            with _staging_folder(folder) as staging:
                yield staging
                _check_free(folder, names, overwrite, inputs)
                move_into_place(staging, folder, names)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir()
        raise


def clear_up(folder: Path) -> None:
    """Remove what a killed run left in a folder, unless another run has the folder; and the folder, where nothing else is in it.

    Raises
    ------
    OutputError
        When what was being replaced cannot be put back.
    """
    with suppress(FolderInUseError), run_lock(folder):
        _tidy_up_after_killed_runs(folder)
    with suppress(OSError):
        folder.rmdir()


def _make_folder(folder: Path) -> list[Path]:
    """Make the folder and its parents; give back those that were missing, outermost first."""
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise OutputError(f"the output {folder} is a file; give a folder")
    missing = [path for path in (folder, *folder.parents) if not os.path.exists(path)][::-1]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise OutputError(
            f"the output folder {folder} cannot be made ({system_reason(error)}); give a folder that you may write to"
        ) from error
    return missing


def _check_free(folder: Path, own_names: Sequence[str], overwrite: bool, inputs: Sequence[Path]) -> None:
    existing = [folder / name for name in own_names if os.path.lexists(folder / name)]
    for path in existing:
        if any(_is_same_file(path, given) for given in inputs):
            raise OutputError(f"the input {path} would be replaced by the result; give another output folder")
    if existing and not overwrite:
        raise OutputError(
            f"the output folder {folder} already holds a result ({existing[0].name}); use --overwrite to replace it or give another folder"
        )
    for path in existing:
        if path.is_dir() and not path.is_symlink():
            raise OutputError(f"the output {path} is a folder, where a file is to be written; rename it or give another output folder")


def _is_same_file(path: Path, given: Path) -> bool:
    try:
        return path.samefile(given)
    except (OSError, ValueError):  # one of them is not there, or cannot be: the reader says which
        return False


@contextmanager
def _staging_folder(folder: Path) -> Iterator[Path]:
    # Named before it is made: a run that is stopped while it makes the folder knows what to remove.
    staging = folder / f"{_STAGING_PREFIX}{secrets.token_hex(8)}"
    try:
        with output_errors(f"the output folder {folder} cannot be written", "give a folder that you may write to"):
            staging.mkdir(mode=0o700)
        yield staging
    finally:
        _remove(staging)


def _tidy_up_after_killed_runs(folder: Path) -> None:
    for staging in folder.glob(_STAGING_PREFIX + "*"):
        put_back(staging, folder)
        _remove(staging)


def _remove(staging: Path) -> None:
    """Remove a hidden folder; not while it holds the only files of an earlier result."""
    if not is_under_way(staging):
        shutil.rmtree(staging, ignore_errors=True)
