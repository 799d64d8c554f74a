"""Two results of one scan by two methods, for a comparison after Bland and Altman."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from itertools import combinations
from pathlib import PurePosixPath

from .results import Result

# What may tell that two results are of one scan: the scan itself, the folder that both lie in, or the folders' equal names.
_KEYS: tuple[Callable[[Result], Hashable], ...] = (
    lambda result: (result.input_name, result.geometry),
    lambda result: PurePosixPath(result.scan).parent,
    lambda result: PurePosixPath(result.scan).name,
)


def method_pairs(results: Iterable[Result]) -> tuple[tuple[str, str], list[tuple[str, str]]] | None:
    """Find the two methods that share most scans.

    Parameters
    ----------
    results : iterable of Result

    Returns
    -------
    methods : tuple of str
        The two, by name.
    pairs : list of tuple of str
        For each scan, the ``scan`` of the first method's result and of the second's. A scan that one method has twice is left out.

    Notes
    -----
    None where no scan has results of two methods.
    """
    usable = [result for result in results if result.volume_ml is not None and result.method]
    best: tuple[tuple[str, str], list[tuple[str, str]]] | None = None
    for key in _KEYS:
        for methods in combinations(sorted({result.method for result in usable}), 2):
            pairs = _pairs(usable, methods[0], methods[1], key)
            if pairs and (best is None or len(pairs) > len(best[1])):
                best = methods, pairs
    return best


def _pairs(results: list[Result], first: str, second: str, key: Callable[[Result], Hashable]) -> list[tuple[str, str]]:
    by_method = {method: [result for result in results if result.method == method] for method in (first, second)}
    counts = {method: Counter(map(key, found)) for method, found in by_method.items()}
    scans = {method: {key(result): result.scan for result in found} for method, found in by_method.items()}
    return [(scan, scans[second][of]) for of, scan in scans[first].items() if counts[first][of] == counts[second].get(of, 0) == 1]
