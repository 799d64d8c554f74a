"""What a network's channels say of right lung, left lung and airways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.body import body_of
from ..anatomy.sides import midline_column, split_sides
from ..anatomy.working_grid import WorkingGrid
from .model_card import NetworkOutput
from .preprocessing import Box


@dataclass(frozen=True)
class LungProbabilities:
    """What a network says of each block of the working grid, or of a box of it.

    Parameters
    ----------
    right, left, airways : numpy.ndarray
        float32 (z, y, x), 0 to 1.
    """

    right: np.ndarray
    left: np.ndarray
    airways: np.ndarray

    @property
    def background(self) -> np.ndarray:
        """What is left."""
        return 1 - self.right - self.left - self.airways


def probabilities_of_channels(channels: list[np.ndarray], output: NetworkOutput, whole: WorkingGrid, box: Box) -> LungProbabilities:
    """Name a network's channels; where it does not tell the sides, the anatomy does.

    Parameters
    ----------
    channels : list of numpy.ndarray
        float32 in the box's shape, probabilities, in the order of the card.
    output : NetworkOutput
    whole : WorkingGrid
    box : tuple of slice
        Part of the working grid that the network saw.

    Returns
    -------
    LungProbabilities
        On the whole working grid; 0 outside the box.
    """
    named = dict(zip(output.channels, channels, strict=True))

    def placed(values: np.ndarray | None) -> np.ndarray:
        share = np.zeros(whole.mean_hu.shape, np.float32)
        if values is not None:
            share[box] = values
        return share

    airways = placed(named.get("airways"))
    if "right_lung" in named or "left_lung" in named:
        return LungProbabilities(placed(named.get("right_lung")), placed(named.get("left_lung")), airways)
    both = placed(named.get("both_lungs"))
    core = body_of(whole).core
    sides = split_sides(whole.mean_hu, both > 0.5, midline_column(core), whole.spacing_zyx_mm, True)
    # Beside the marked blocks the nearer half of the body decides.
    is_right = np.broadcast_to(np.arange(both.shape[2]) < midline_column(core), both.shape)
    is_right = np.where(sides.right, True, np.where(sides.left, False, is_right))
    return LungProbabilities(np.where(is_right, both, 0), np.where(is_right, 0, both), airways)
