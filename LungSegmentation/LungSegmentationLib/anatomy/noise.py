"""How noisy a scan is, by voxels that should all have one density."""

from __future__ import annotations

import numpy as np


def noise_hu(values_hu: np.ndarray) -> float:
    """Give half of the range that holds two thirds of the values: a standard deviation that a rim of other tissue hardly moves.

    Where the scan clips its values at the lowest one, the upper half of the range alone.

    Parameters
    ----------
    values_hu : numpy.ndarray
        Any shape, not empty: voxels of one tissue, such as the air in the trachea.

    Returns
    -------
    float
        HU.
    """
    low_hu, middle_hu, high_hu = np.percentile(values_hu, (16, 50, 84))
    return float(high_hu - middle_hu if low_hu <= values_hu.min() else (high_hu - low_hu) / 2)
