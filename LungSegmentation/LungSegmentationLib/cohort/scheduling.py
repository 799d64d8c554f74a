"""Handing scans to Dask and taking what comes of them, one after another, so that neither side ever holds all of them."""

from __future__ import annotations

import os
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import OutputError
from ..io.file_checks import MEMORY_LIMIT_VARIABLE
from ..version import __version__
from . import limits
from .cluster import MEMORY_RESOURCE, Workers
from .one_scan import BUSY, FAILED, Task
from .worker import Answer, run_task

# Scans that the scheduler knows at once: enough for any number of workers, few enough for its memory.
_FEWEST_WAITING, _WAITING_A_THREAD = 64, 8
_LOOK_SECONDS = 1.0
_GONE = "the scheduler of the cluster is gone; the scans that are done are kept: start the cluster again and give the same command"
# A copy of a scan waits for the scan itself, which another worker has.
_BUSY_SECONDS, _MOST_TIMES_BUSY = 2.0, 1000


def needed_memory_gb(task: Task) -> float:
    """Estimate what a scan's process takes, by its headers and what is asked for."""
    per_voxel = limits.BYTES_PER_VOXEL_WITH_VESSELS_RATIO if task.parameters.vessels else limits.BYTES_PER_VOXEL_RATIO
    return (limits.BASE_BYTES + per_voxel * task.scan.voxels) / 1e9


def too_large(needed_gb: float, there_gb: float) -> Answer:
    """Say that a scan does not fit."""
    error = f"the scan needs about {needed_gb:.1f} GB of memory, and a worker may take {there_gb:.1f} GB; give more (--memory)"
    return {"status": FAILED, "error": error, "is_final": False}


class Scheduling:
    """One run's way through Dask.

    Parameters
    ----------
    workers : Workers
    engine : str
        Module that the scan processes run.
    token : str
        By which workers know the output folder.
    timeout_s : float or None
        Of one scan.
    retries : int
        How often a scan is tried again whose process was lost.
    tick : callable
        Called every second while nothing comes.
    """

    def __init__(
        self, workers: Workers, engine: str, token: str, timeout_s: float | None, retries: int, tick: Callable[[], None] = lambda: None
    ) -> None:
        self._workers, self._retries, self._tick = workers, retries, tick
        self._request = {"engine": engine, "cores": workers.cores or 1, "token": token, "version": __version__, "timeout_s": timeout_s}
        self._request["voxel_memory_gb"] = os.environ.get(MEMORY_LIMIT_VARIABLE, "")
        self._done: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Answer]]:
        """Run scans.

        Parameters
        ----------
        tasks : sequence of Task

        Yields
        ------
        Task, dict
            In the order in which they end: what :func:`.one_scan.run_one` gives, or a failure of the worker.

        Raises
        ------
        OutputError
            When the cluster is gone.
        """
        share_gb, whole_gb = self._workers.memory_gb, self._workers.whole_memory_gb
        small = [task for task in tasks if needed_memory_gb(task) <= share_gb]
        large = [task for task in tasks if share_gb < needed_memory_gb(task) <= whole_gb]
        yield from self._run(small, None)
        for task in large:  # each alone, with what the others would have
            yield from self._run([task], whole_gb)
        for task in tasks:
            needed_gb = needed_memory_gb(task)
            if needed_gb > max(share_gb, whole_gb):
                yield task, too_large(needed_gb, max(share_gb, whole_gb))

    def _run(self, tasks: Sequence[Task], alone_gb: float | None) -> Iterator[tuple[Task, Answer]]:
        waiting, busy = deque((task, 0) for task in tasks), deque[tuple[float, Task, int]]()
        most = max(_FEWEST_WAITING, _WAITING_A_THREAD * self._workers.threads)
        running: dict[int, tuple[Task, int, Any]] = {}
        number = 0
        while waiting or running or busy:
            while busy and busy[0][0] <= time.monotonic():
                _, task, times_busy = busy.popleft()
                waiting.append((task, times_busy))
            while waiting and len(running) < most:
                task, times_busy = waiting.popleft()
                future = self._submit(task, alone_gb)
                running[number] = task, times_busy, future
                future.add_done_callback(lambda done, number=number: self._done.put((number, done)))
                number += 1
            try:
                ended, future = self._done.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                self._tick()
                continue
            task, times_busy, _ = running.pop(ended)
            answer = self._answer(future)
            if answer["status"] == BUSY:
                if times_busy < _MOST_TIMES_BUSY:
                    busy.append((time.monotonic() + _BUSY_SECONDS, task, times_busy + 1))
                    continue
                answer = {"status": FAILED, "error": "another run is writing to the scan's folder; wait for it", "is_final": False}
            yield task, answer

    def _submit(self, task: Task, alone_gb: float | None) -> Any:
        needed_gb = needed_memory_gb(task)
        limit_gb = alone_gb if alone_gb is not None else self._workers.memory_gb
        request = {**self._request, "task": task.facts(), "memory_gb": None if limit_gb == float("inf") else limit_gb}
        resources = {MEMORY_RESOURCE: needed_gb} if self._workers.by_resource and alone_gb is None else None
        return self._workers.client.submit(run_task, request, pure=False, retries=self._retries, resources=resources)

    def _answer(self, future: Any) -> Answer:
        """Give what a scan came to; an error of the worker is a failure of the scan."""
        if future.status == "cancelled":
            raise OutputError(_GONE)
        if future.status == "error":
            error = future.exception()
            if type(error).__name__ == "CommClosedError":
                raise OutputError(_GONE)
            lost = type(error).__name__ == "KilledWorker"
            text = "every worker that had the scan was killed" if lost else " ".join(str(error).split())
            return {"status": FAILED, "error": text, "is_final": False}
        try:
            answer: Answer = future.result()
        except OSError as error:  # the connection broke before the answer was fetched
            raise OutputError(_GONE) from error
        return answer
