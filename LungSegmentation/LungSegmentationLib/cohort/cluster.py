"""The workers of Dask that a run has: those that it starts on this computer, or those of a cluster that is there already.

Workers on this computer are reached by 127.0.0.1 alone, and their connections are encrypted by certificates that are made for the run
and kept in memory: whoever may send a task to a worker may run any program as its owner, and others can connect to this computer's
ports too. HTTP is answered by no page.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..network.processor_cores import available_physical_cores
from . import limits

MEMORY_RESOURCE = "MEMORY_GB"
"""Name of the resource by which Dask hands a worker no more scans than fit into its memory."""

_CONNECT_TIME = "10s"
_SETTINGS = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.daemon": True,
    "distributed.admin.tick.limit": "1h",  # a busy computer is no fault
    "distributed.comm.timeouts.connect": "60s",
    "distributed.comm.timeouts.tcp": "120s",
    "distributed.scheduler.worker-ttl": None,  # a worker that is late is not dead; one that is dead closes its connection
}


@dataclass(frozen=True)
class Workers:
    """Workers that can be asked.

    Parameters
    ----------
    client : distributed.Client
    memory_gb : float
        What one worker may take for its scans; infinite where no worker says so.
    whole_memory_gb : float
        What all of this computer's may take together: a scan that needs more than one's share may run alone.
    by_resource : bool
        Whether the workers have the resource :data:`MEMORY_RESOURCE`.
    cores : int
        How many cores a scan may use; 0 where the cluster says so by itself.
    threads : int
        How many scans run at once.
    """

    client: Any
    memory_gb: float
    whole_memory_gb: float
    by_resource: bool
    cores: int
    threads: int


def usable_memory_gb() -> float:
    """Give what scans may take of this computer's memory: four fifths of what is free, or of what a container may use."""
    import psutil

    free = psutil.virtual_memory().available
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            free = min(free, int(Path(path).read_text(encoding="ascii")))
    return free * limits.USED_MEMORY_SHARE / 1e9


@contextmanager
def local_workers(workers: int | None, memory_gb: float | None, needed_gb: float, retries: int, folder: Path) -> Iterator[Workers]:
    """Start workers on this computer, and end them.

    Parameters
    ----------
    workers : int, optional
        By default one for each physical core, as far as their memory suffices.
    memory_gb : float, optional
        What all may take together; by default :func:`usable_memory_gb`.
    needed_gb : float
        What most scans need.
    retries : int
        How often a scan may lose its worker before it is given up.
    folder : pathlib.Path
        For what Dask writes.

    Yields
    ------
    Workers
    """
    import dask
    from distributed import Client, LocalCluster, Security

    every_core = available_physical_cores() or os.cpu_count() or 1
    whole_gb = usable_memory_gb() if memory_gb is None else memory_gb
    count = workers or max(1, min(every_core, int(whole_gb / needed_gb)))
    cores = max(1, every_core // count)
    settings = {**_SETTINGS, "distributed.scheduler.allowed-failures": retries, "temporary-directory": str(folder)}
    with dask.config.set(settings), _silent():
        cluster = LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_port=0,
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},  # else it takes a port that others know
            security=Security.temporary(),
            memory_limit=0,
            local_directory=str(folder),
            resources={MEMORY_RESOURCE: whole_gb / count},
            silence_logs=logging.CRITICAL,
        )
        try:
            with Client(cluster, set_as_default=False) as client:
                yield Workers(client, whole_gb / count, whole_gb, True, cores, count)
        finally:
            cluster.close()


@contextmanager
def remote_workers(address: str) -> Iterator[Workers]:
    """Use the workers of a cluster that is there.

    Parameters
    ----------
    address : str
        Of its scheduler, such as ``tcp://10.0.0.1:8786``; certificates for ``tls://`` are those of Dask's own configuration.

    Yields
    ------
    Workers

    Raises
    ------
    InputError
        When there is no scheduler.
    """
    import dask
    from distributed import Client

    with dask.config.set({"distributed.comm.timeouts.connect": _CONNECT_TIME}), _silent():
        try:
            client = Client(address, set_as_default=False, timeout=_CONNECT_TIME)
        except (OSError, ValueError, ImportError) as error:
            raise InputError(
                f"there is no scheduler at {address} ({' '.join(str(error).split())[:120]}); start it, or correct --scheduler"
            ) from error
        with client:
            known = list(client.scheduler_info(n_workers=-1)["workers"].values())
            threads = sum(worker["nthreads"] for worker in known)
            own = [worker.get("resources", {}).get(MEMORY_RESOURCE) for worker in known]
            by_resource = bool(own) and None not in own
            shares = [worker["memory_limit"] / max(worker["nthreads"], 1) / 1e9 for worker in known if worker.get("memory_limit")]
            memory_gb = max(own) if by_resource else max(shares, default=float("inf"))
            yield Workers(client, memory_gb, memory_gb, by_resource, 0, max(threads, 1))


@contextmanager
def _silent() -> Iterator[None]:
    """Keep Dask's log to itself: what matters is said of the scan, in one line."""
    import distributed  # noqa: F401  its import sets these levels

    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    hook = sys.unraisablehook
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
