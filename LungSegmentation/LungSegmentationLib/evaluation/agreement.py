"""Agreement of two measurements of the same scans: bias and limits of agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from . import limits


@dataclass(frozen=True)
class Agreement:
    """Bias and 95 % limits of agreement of one measurement with another, in their unit.

    Parameters
    ----------
    count : int
        Scans with both values.
    bias, bias_low, bias_high : float
        Mean of first minus second, with its 95 % confidence interval.
    sd : float
        Standard deviation (n - 1) of first minus second.
    lower_limit, lower_limit_low, lower_limit_high : float
        ``bias - 1.96 sd``, with its 95 % confidence interval.
    upper_limit, upper_limit_low, upper_limit_high : float
        ``bias + 1.96 sd``: of normally distributed differences 95 % lie between the limits.
    """

    count: int
    bias: float
    bias_low: float
    bias_high: float
    sd: float
    lower_limit: float
    lower_limit_low: float
    lower_limit_high: float
    upper_limit: float
    upper_limit_low: float
    upper_limit_high: float


def bland_altman(first: Sequence[float | None], second: Sequence[float | None]) -> Agreement | None:
    """Measure how far two measurements of the same scans agree.

    Parameters
    ----------
    first, second : sequence of float or None
        Pair by pair; pairs with None or a value that is not finite are passed over.

    Returns
    -------
    Agreement or None
        None with fewer than three pairs.

    References
    ----------
    Bland and Altman, Lancet 327 (1986) 307-310 and Stat Methods Med Res 8 (1999) 135-160. The standard errors are
    theirs of 1999: ``sd / sqrt(n)`` of the bias, ``sd * sqrt(1 / n + 1.96 ** 2 / (2 (n - 1)))`` of a limit, with
    Student's t of n - 1 degrees of freedom.
    """
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None and np.isfinite([a, b]).all()]
    count = len(pairs)
    if count < limits.FEWEST_FOR_AGREEMENT_COUNT:
        return None
    differences = np.array([a - b for a, b in pairs])
    bias, sd = float(differences.mean()), float(differences.std(ddof=1))
    student = float(stats.t.ppf((1 + limits.CONFIDENCE_SHARE) / 2, count - 1))
    bias_reach = student * sd / count**0.5
    limit_reach = student * sd * (1 / count + limits.AGREEMENT_SDS_RATIO**2 / (2 * (count - 1))) ** 0.5
    lower, upper = bias - limits.AGREEMENT_SDS_RATIO * sd, bias + limits.AGREEMENT_SDS_RATIO * sd
    return Agreement(
        count=count,
        bias=bias,
        bias_low=bias - bias_reach,
        bias_high=bias + bias_reach,
        sd=sd,
        lower_limit=lower,
        lower_limit_low=lower - limit_reach,
        lower_limit_high=lower + limit_reach,
        upper_limit=upper,
        upper_limit_low=upper - limit_reach,
        upper_limit_high=upper + limit_reach,
    )
