"""Files that take the place of others, all of them or none, also when the process is killed or the power fails on the way.

A rename is the only step that a file system takes whole, so several files need a note of what is under way (a journal,
as file systems and databases keep; see C. Mohan et al., ARIES, ACM Transactions on Database Systems 17, 1992). It is
there before the first file moves and goes once the last one has arrived. Whoever finds it undoes what was begun.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import OutputError, system_reason

_JOURNAL_NAME = "replacing.json"
_REPLACED_NAME = "replaced"
_NOT_OFFERED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


def move_into_place(staging: Path, folder: Path, names: Sequence[str]) -> None:
    """Move new files into a folder, and what had their names there out of it; on any error all is put back.

    Parameters
    ----------
    staging : pathlib.Path
        Folder on the same file system that holds the new files; the old ones go into a folder of it.
    folder : pathlib.Path
        The files' place. Nobody else writes to it meanwhile.
    names : sequence of str
        Every name that the old and the new files may have. The last one goes first and comes last: while it is missing,
        the others may be of two runs.

    Raises
    ------
    OutputError
        When a file could not be moved; the folder holds the old files then.
    """
    journal, replaced = staging / _JOURNAL_NAME, staging / _REPLACED_NAME
    try:
        new = [name for name in names if os.path.lexists(staging / name)]
        old = [name for name in names if os.path.lexists(folder / name)]
        replaced.mkdir()
        for name in new:
            _flush(staging / name)
        _write_journal(journal, new, old)
        for name in reversed(old):
            os.replace(folder / name, replaced / name)
        for name in new:
            os.replace(staging / name, folder / name)
        _flush_folder(folder)
        journal.unlink()  # from here on it is the new files that count
    except BaseException as error:
        put_back(staging, folder)
        if isinstance(error, OSError):
            raise OutputError(
                f"the result could not be moved into the output folder {folder} ({system_reason(error)}); nothing was changed"
            ) from error
        raise
    with suppress(OSError):
        _flush_folder(staging)


def is_under_way(staging: Path) -> bool:
    """Tell whether a replacement began and did not end: the staging folder must not be removed then."""
    return os.path.lexists(staging / _JOURNAL_NAME)


def put_back(staging: Path, folder: Path) -> None:
    """Undo a replacement that did not end; where none is under way, nothing is done. It may itself be cut off and repeated.

    Parameters
    ----------
    staging, folder : pathlib.Path
        As in :func:`move_into_place`.

    Raises
    ------
    OutputError
        When it cannot be undone; all files are still there, in one of the two folders.
    """
    journal, replaced = staging / _JOURNAL_NAME, staging / _REPLACED_NAME
    if not is_under_way(staging):
        return
    try:
        new, old = _read_journal(journal)
        for name in reversed(new):
            # A new file leaves the staging folder by one rename, and after the old one has left its place.
            if not os.path.lexists(staging / name) and os.path.lexists(folder / name):
                os.replace(folder / name, staging / name)
        for name in old:
            if os.path.lexists(replaced / name):
                os.replace(replaced / name, folder / name)
        _flush_folder(folder)
        journal.unlink()
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "its list of files is damaged"
        raise OutputError(
            f"a run was cut off while it replaced the result in {folder}, and this could not be undone ({reason}); "
            f"the earlier result's files are in {replaced}, move them back by hand"
        ) from error


def _write_journal(journal: Path, new: Sequence[str], old: Sequence[str]) -> None:
    unfinished = journal.with_suffix(".part")
    unfinished.write_text(json.dumps({"new": new, "old": old}), encoding="utf-8")
    _flush(unfinished)
    os.replace(unfinished, journal)
    _flush_folder(journal.parent)


def _read_journal(journal: Path) -> tuple[list[str], list[str]]:
    content = json.loads(journal.read_text(encoding="utf-8"))
    new, old = content["new"], content["old"]
    for name in (*new, *old):
        if Path(name).name != name or name in ("", os.curdir, os.pardir):
            raise ValueError(f"{name!r} is no file name")
    return new, old


def _flush(path: Path) -> None:
    """Have a file's content on the disk before the next step is."""
    # Windows flushes only what is open for writing.
    file = os.open(path, os.O_RDWR | os.O_BINARY if os.name == "nt" else os.O_RDONLY)  # type: ignore[attr-defined]
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in _NOT_OFFERED:
            raise
    finally:
        os.close(file)


def _flush_folder(folder: Path) -> None:
    if os.name != "nt":  # which cannot open a folder
        _flush(folder)
