"""Tests of a difference between groups of scans, and between methods on the same scans."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from . import limits
from .cohort_statistics import all_equal, finite_values

MANN_WHITNEY, KRUSKAL_WALLIS, WILCOXON = "Mann-Whitney U", "Kruskal-Wallis H", "Wilcoxon signed-rank"


@dataclass(frozen=True)
class DifferenceTest:
    """What a two-sided test of a difference found.

    Parameters
    ----------
    test : str
        Its name.
    count_first, count_second : int
        Values of the two samples; of a paired test, the pairs.
    statistic, p_value, effect : float or None
        None where there are too few values. The effect is that of the test, from -1 to 1: above 0 the first sample's
        values are the larger ones.
    """

    test: str
    count_first: int
    count_second: int
    statistic: float | None = None
    p_value: float | None = None
    effect: float | None = None


def mann_whitney(first: Iterable[float | None], second: Iterable[float | None]) -> DifferenceTest:
    """Test whether the values of one group tend to be larger than those of another.

    Parameters
    ----------
    first, second : iterable of float or None
        None, NaN and infinities are passed over.

    Returns
    -------
    DifferenceTest
        U of the first sample, the two-sided P value and as effect the rank-biserial correlation ``2 U / (n1 n2) - 1``,
        which equals Cliff's delta: the share of pairs in which the first value is larger minus the share in which it is
        smaller. None with fewer than two values in a group; P = 1 and effect 0 where all values are equal.

    Notes
    -----
    P is exact where a group has at most 8 values and no value comes twice, else from the normal approximation with
    corrections for ties and continuity.

    References
    ----------
    Mann and Whitney, Ann Math Stat 18 (1947) 50-60; Cliff, Psychol Bull 114 (1993) 494-509; Wendt, Eur J Soc Psychol 2
    (1972) 463-465.
    """
    a, b = finite_values(first), finite_values(second)
    if min(a.size, b.size) < limits.FEWEST_PER_GROUP_COUNT:
        return DifferenceTest(MANN_WHITNEY, a.size, b.size)
    if all_equal(np.concatenate([a, b])):
        return DifferenceTest(MANN_WHITNEY, a.size, b.size, a.size * b.size / 2, 1.0, 0.0)
    result = stats.mannwhitneyu(a, b, alternative="two-sided", method="auto")
    effect = 2 * float(result.statistic) / (a.size * b.size) - 1
    return DifferenceTest(MANN_WHITNEY, a.size, b.size, float(result.statistic), float(result.pvalue), effect)


def kruskal_wallis(groups: Sequence[Iterable[float | None]]) -> DifferenceTest:
    """Test whether any of several groups tends to other values (Kruskal and Wallis, J Am Stat Assoc 47:583-621, 1952).

    Parameters
    ----------
    groups : sequence of iterables of float or None
        None, NaN and infinities are passed over.

    Returns
    -------
    DifferenceTest
        H and P, without an effect; ``count_first`` counts all values, ``count_second`` is 0. None with fewer than two
        groups of at least two values; P = 1 where all values are equal.
    """
    samples = [finite_values(group) for group in groups]
    count = sum(sample.size for sample in samples)
    if len(samples) < 2 or min(sample.size for sample in samples) < limits.FEWEST_PER_GROUP_COUNT:
        return DifferenceTest(KRUSKAL_WALLIS, count, 0)
    if all_equal(np.concatenate(samples)):
        return DifferenceTest(KRUSKAL_WALLIS, count, 0, 0.0, 1.0)
    result = stats.kruskal(*samples)
    return DifferenceTest(KRUSKAL_WALLIS, count, 0, float(result.statistic), float(result.pvalue))


def wilcoxon(first: Sequence[float | None], second: Sequence[float | None]) -> DifferenceTest:
    """Test whether one method's values tend to be larger than another's on the same scans.

    Parameters
    ----------
    first, second : sequence of float or None
        Scan by scan; pairs with a missing value are passed over.

    Returns
    -------
    DifferenceTest
        The sum of the ranks of the pairs in which the first value is larger, the two-sided P value, and as effect the
        matched-pairs rank-biserial correlation: that sum minus the sum of the other ranks, over both. Pairs without
        a difference have no rank. None with fewer than two pairs; P = 1 and effect 0 where no pair differs.

    Notes
    -----
    P is exact, also with ties, up to 50 pairs that differ; above, it is from the normal approximation.

    References
    ----------
    Wilcoxon, Biometrics Bull 1 (1945) 80-83; Kerby, Compr Psychol 3 (2014) 11.IT.3.1.
    """
    pairs = [
        (a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None and math.isfinite(a) and math.isfinite(b)
    ]
    if len(pairs) < limits.FEWEST_PAIRS_COUNT:
        return DifferenceTest(WILCOXON, len(pairs), len(pairs))
    differences = _rounded(np.array([a - b for a, b in pairs]), np.abs(pairs).max())
    differences = differences[differences != 0]
    if not differences.size:
        return DifferenceTest(WILCOXON, len(pairs), len(pairs), 0.0, 1.0, 0.0)
    ranks = stats.rankdata(np.abs(differences))
    larger = float(ranks[differences > 0].sum())
    if differences.size <= limits.MOST_EXACT_PAIRS_COUNT:
        p_value = _exact_wilcoxon_p(ranks, larger)
    else:
        p_value = float(stats.wilcoxon(differences, alternative="two-sided").pvalue)
    return DifferenceTest(WILCOXON, len(pairs), len(pairs), larger, p_value, 2 * larger / float(ranks.sum()) - 1)


def _exact_wilcoxon_p(ranks: np.ndarray, larger: float) -> float:
    """Give the two-sided P value over all signs that the ranks could have; tied ranks are halves, so twice a rank is whole."""
    steps = np.rint(2 * ranks).astype(int)
    chances = np.ones(1)  # of each doubled sum of the ranks with a plus
    for step in steps:
        more = np.zeros(chances.size + step)
        more[: chances.size] += chances / 2
        more[step:] += chances / 2
        chances = more
    found = round(2 * larger)
    return min(1.0, 2 * float(min(chances[: found + 1].sum(), chances[found:].sum())))


def _rounded(differences: np.ndarray, largest: float) -> np.ndarray:
    """Make differences equal that differ by the rounding of their terms only: 0.9 - 0.8 and 0.7 - 0.6 share a rank."""
    step = limits.EQUAL_WITHIN_SHARE * largest or 1.0
    rounded: np.ndarray = np.round(differences / step) * step
    return rounded


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Correct P values for their number, step by step (Holm, Scand J Stat 6:65-70, 1979).

    Parameters
    ----------
    p_values : sequence of float or None
        Of one family of tests; None was not tested and does not count.

    Returns
    -------
    list of float or None
        In the same order: the chance of any false alarm in the family stays below 5 % for those below 0.05.
    """
    order = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p))
        corrected[place] = highest
    return corrected
