"""Reading what folders hold, in several processes where there is much to read: a header takes milliseconds, a hospital has millions."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ..background.own_process import keep_to_itself
from .folder_contents import Facts, folder_contents
from .walking import Listing

# Fewer files are read before other processes would have begun.
_FEWEST_FILES = 2000
_WAITING_A_PROCESS = 4


class FolderReading:
    """Reads folders in the order in which they come.

    Parameters
    ----------
    before : mapping
        What each folder held at an earlier search, by its path.
    processes : int
        How many may read at once.
    """

    def __init__(self, before: Mapping[str, Facts], processes: int = 1) -> None:
        self._before, self._processes = before, processes
        self._pool: ProcessPoolExecutor | None = None
        self._read_here = 0

    def read(self, listings: Iterable[Listing]) -> Iterator[tuple[Listing, Facts]]:
        """Give each listing with what its folder holds (:func:`.folder_contents.folder_contents`)."""
        waiting: deque[tuple[Listing, Facts | Future[Facts]]] = deque()
        for listing in listings:
            waiting.append((listing, self._begin(listing)))
            while len(waiting) > _WAITING_A_PROCESS * self._processes or (waiting and isinstance(waiting[0][1], dict)):
                yield self._ended(*waiting.popleft())
        while waiting:
            yield self._ended(*waiting.popleft())

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _begin(self, listing: Listing) -> Facts | Future[Facts]:
        known = self._before.get(listing.folder)
        is_same = known is not None and known.get("signature") == listing.signature
        if is_same or self._processes < 2 or self._read_here + len(listing.files) <= _FEWEST_FILES:
            self._read_here += 0 if is_same else len(listing.files)
            return folder_contents(listing, known)
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, context, keep_to_itself)
        return self._pool.submit(folder_contents, listing, known)

    def _ended(self, listing: Listing, result: Facts | Future[Facts]) -> tuple[Listing, Facts]:
        if isinstance(result, dict):
            return listing, result
        try:
            return listing, result.result()
        except BrokenProcessPool:  # somebody killed one: the rest is read here
            self._pool, self._processes = None, 1
            return listing, folder_contents(listing, self._before.get(listing.folder))
