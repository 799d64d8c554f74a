"""Walking through folders: every file once, with its size and time, and no word lost about what may not be looked into."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import system_reason


@dataclass(frozen=True)
class FileFacts:
    """Name, size in bytes, and time of the last change in ns."""

    name: str
    size: int
    changed_ns: int


@dataclass
class Listing:
    """A folder's own files in the order of their names, without those that begin with a dot.

    Parameters
    ----------
    folder : str
        Absolute.
    files : list of FileFacts
    problems : list of tuple of str
        Path and reason of what cannot be looked at.
    """

    folder: str
    files: list[FileFacts] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def signature(self) -> str:
        """Name the state of the folder: any change of a name, a size or a time changes it."""
        return signature_of((file.name, file.size, file.changed_ns) for file in self.files)

    @cached_property
    def by_name(self) -> dict[str, FileFacts]:
        """The files by their names."""
        return {file.name: file for file in self.files}


def signature_of(facts: Iterator[tuple[str, int, int]]) -> str:
    """Make one short word of names, sizes and times."""
    digest = hashlib.blake2b(digest_size=16)
    for name, size, changed_ns in facts:
        digest.update(f"{name}\0{size}\0{changed_ns}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def walk(root: str, seen: set[tuple[int, int]], left_out: str) -> Iterator[Listing]:
    """List a folder and all below it, each once.

    Parameters
    ----------
    root : str
        Absolute.
    seen : set of tuple of int
        Device and number of folders that were listed before; it grows.
    left_out : str
        Absolute path of a folder that is not looked into: the output.

    Yields
    ------
    Listing
        Links to folders are not followed; they may lead back or anywhere.
    """
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        listing = Listing(folder)
        below = []
        try:
            status = os.stat(folder)  # noqa: PTH116  millions of them
            if (status.st_dev, status.st_ino) in seen or folder == left_out:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        below.append(entry.path)
                    else:
                        _add(listing, entry)
        except OSError as error:
            listing.problems.append((folder, f"the folder cannot be read ({system_reason(error)}); check that it may be read"))
        listing.files.sort(key=lambda file: file.name)
        yield listing
        waiting += sorted(below, reverse=True)


def _add(listing: Listing, entry: os.DirEntry[str]) -> None:
    try:
        if entry.is_file():
            status = entry.stat()
            listing.files.append(FileFacts(entry.name, status.st_size, status.st_mtime_ns))
        elif entry.is_symlink() and not os.path.exists(entry.path):
            listing.problems.append((entry.path, "it is a link to a file that is not there; copy the file that is meant"))
    except OSError as error:
        listing.problems.append((entry.path, f"it cannot be looked at ({system_reason(error)}); check that it may be read"))
