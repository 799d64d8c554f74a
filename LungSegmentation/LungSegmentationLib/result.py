"""What a segmentation run gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .volume import CtVolume


@dataclass(frozen=True)
class Result:
    """A finished segmentation on the input's own grid.

    Parameters
    ----------
    volume : CtVolume
        The input, unchanged.
    labels : numpy.ndarray
        uint8, the input's shape and axis order: 0 background, 1 right lung, 2 left lung, 3 airways
        (see :mod:`LungSegmentationLib.labels`).
    method : str
        Key of the method that made it.
    parameters : mapping
        Every parameter of the method with the value used.
    timings_s : mapping
        Seconds spent in each step, by the step's name, in order.
    warnings : tuple of str
        What the user should know: of reading and of segmenting.
    vessels : numpy.ndarray, optional
        uint8, the input's shape and axis order: 1 vessels in the right lung, 2 in the left one; None when they were
        not looked for.
    vessel_rule : str, optional
        Key of the rule that found the vessels.
    method_reason : str
        Why this method was chosen, where the choice was left to the engine.
    probability : numpy.ndarray, optional
        uint8, the input's shape and axis order: how probable lung is, 0 to 255 for 0 to 1; None when it was not asked for.
    doubt : float, optional
        How unsure the method is of its result, 0 to 1; None when it cannot tell.
    """

    volume: CtVolume
    labels: np.ndarray
    method: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    timings_s: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    vessels: np.ndarray | None = None
    vessel_rule: str | None = None
    method_reason: str = ""
    probability: np.ndarray | None = None
    doubt: float | None = None
