"""Mean and variance of the densities around each voxel: how even a tissue is."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def local_statistics(hu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give mean and variance of each voxel with its 26 neighbours; beyond the border the nearest voxel's value.

    Parameters
    ----------
    hu : numpy.ndarray
        int16 (z, y, x).

    Returns
    -------
    mean, variance : numpy.ndarray
        float32 (z, y, x), HU and its square.
    """
    values = hu.astype(np.float32)
    mean = ndimage.uniform_filter(values, 3, mode="nearest")
    return mean, ndimage.uniform_filter(values * values, 3, mode="nearest") - mean * mean
