"""How unsure a network is of the lungs that it marks."""

from __future__ import annotations

import numpy as np

from ..anatomy.working_grid import WorkingGrid
from .postprocessing import LungProbabilities


def lung_uncertainty(probabilities: LungProbabilities, whole: WorkingGrid) -> float:
    """Estimate the error from the network's own probabilities: one minus the Dice that they promise.

    Parameters
    ----------
    probabilities : LungProbabilities
        On the whole working grid.
    whole : WorkingGrid

    Returns
    -------
    float
        0 to 1. Only soft tissue counts: where air is, the density decides the border.
    """
    lung = probabilities.right + probabilities.left
    marked = lung > 0.5
    dense = whole.mean_hu > -400
    wrong = float(np.where(marked, 1 - lung, lung)[dense].sum())
    total = float(lung.sum()) + int(np.count_nonzero(marked))
    return min(1.0, wrong / max(total, 1.0))
