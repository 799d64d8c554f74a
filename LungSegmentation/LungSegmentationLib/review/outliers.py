"""Which scans are unlike the others: robust z-scores.

References
----------
B. Iglewicz, D. C. Hoaglin, How to Detect and Handle Outliers, ASQC Basic References in Quality Control 16, 1993.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import limits


def robust_scores(values: Sequence[float | None]) -> list[float | None]:
    """Give the modified z-score of each value: its distance from the median in units that outliers hardly move.

    Parameters
    ----------
    values : sequence of float or None
        None where there is none.

    Returns
    -------
    list of float or None
        0.6745 (x - median) / median absolute deviation; where that is 0, by the mean absolute deviation. None where there is no value,
        and for all of fewer than four values.
    """
    known = np.array([value for value in values if value is not None], float)
    if known.size < limits.FEWEST_SCANS_COUNT:
        return [None] * len(values)
    middle = float(np.median(known))
    deviations = np.abs(known - middle)
    scale = float(np.median(deviations)) / limits.MAD_SHARE or float(deviations.mean()) * limits.MEAN_DEVIATION_FACTOR
    return [None if value is None else (value - middle) / scale if scale else 0.0 for value in values]
