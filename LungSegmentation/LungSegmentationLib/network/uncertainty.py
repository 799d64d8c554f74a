"""How unsure a network is of the lungs that it marks."""

from __future__ import annotations

import numpy as np

from ..anatomy.working_grid import WorkingGrid
from . import limits
from .probabilities import LungProbabilities


def lung_uncertainty(probabilities: LungProbabilities, whole: WorkingGrid, settled: np.ndarray | None = None) -> float:
    """Estimate the error from the network's own probabilities: one minus the Dice that they promise.

    Parameters
    ----------
    probabilities : LungProbabilities
        On the whole working grid.
    whole : WorkingGrid
    settled : numpy.ndarray, optional
        bool, on the whole working grid: what is no lung whatever the network says, as the aorta is by its shape.

    Returns
    -------
    float
        0 to 1. Only soft tissue that is denser than fat counts: elsewhere, and at borders with air, the density decides.
    """
    lung = probabilities.right + probabilities.left
    if settled is not None:
        lung = np.where(settled, np.float32(0), lung)
    marked = lung > limits.MARKED_SHARE
    dense = whole.mean_hu > limits.FAT_HU[1]
    wrong = float(np.where(marked, 1 - lung, lung)[dense].sum())
    total = float(lung.sum()) + int(np.count_nonzero(marked))
    return min(1.0, wrong / max(total, 1.0))
