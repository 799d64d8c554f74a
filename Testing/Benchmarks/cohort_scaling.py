"""How many scans an hour so many workers do: a law of two figures, and a simulation beyond the workers that one computer has.

A scan occupies a worker for ``scan_s`` seconds, and the command, which also holds the scheduler, for ``command_s`` seconds of its one
core. So W workers do min(W / scan_s, 1 / command_s) scans a second: first each worker adds the same, then the command is the limit
(P. J. Denning, J. P. Buzen, ACM Computing Surveys 10 (1978) 225-261: a closed network with one server and W customers). Near the bend
scans wait for each other, because they do not all take the same time: that is what the simulation adds. Neither knows the speed of a
file system that all share.
"""

from __future__ import annotations

import heapq

import numpy as np


def lawful_rate(workers: int, scan_s: float, command_s: float) -> float:
    """Scans a second by the law.

    Parameters
    ----------
    workers : int
    scan_s : float
        Seconds that a scan occupies a worker, with everything around the engine.
    command_s : float
        Seconds that it occupies the command.

    Returns
    -------
    float
    """
    return min(workers / scan_s, 1 / command_s)


def simulated_rate(workers: int, scan_s: float, command_s: float, variation: float = 0.3, scans: int = 4000, seed: int = 0) -> float:
    """Scans a second by playing scan after scan.

    Parameters
    ----------
    workers : int
    scan_s, command_s : float
        As in :func:`lawful_rate`, on average.
    variation : float
        Standard deviation of ``scan_s`` by its mean; a gamma distribution.
    scans : int
        How many are played after the workers' first ones.
    seed : int

    Returns
    -------
    float
    """
    draws = np.random.default_rng(seed)
    shape = 1 / variation**2 if variation else 0.0

    def duration_s() -> float:
        return float(draws.gamma(shape, scan_s / shape)) if variation else scan_s

    # A worker that ends a scan waits for the command, which takes its answer and gives it the next one.
    ends_s = [duration_s() for _ in range(workers)]
    heapq.heapify(ends_s)
    is_free_s = begun_s = 0.0
    for number in range(workers + scans):
        is_free_s = max(is_free_s, heapq.heappop(ends_s)) + command_s
        if number == workers - 1:
            begun_s = is_free_s
        heapq.heappush(ends_s, is_free_s + duration_s())
    return scans / (is_free_s - begun_s)
