"""How unsure a network is of the lungs that it marks."""

from __future__ import annotations

import numpy as np

from ..anatomy.limits import LUNG_BELOW_HU
from ..anatomy.working_grid import WorkingGrid
from . import limits
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
    marked = lung > limits.MARKED_SHARE
    dense = whole.mean_hu > LUNG_BELOW_HU
    wrong = float(np.where(marked, 1 - lung, lung)[dense].sum())
    total = float(lung.sum()) + int(np.count_nonzero(marked))
    return min(1.0, wrong / max(total, 1.0))
