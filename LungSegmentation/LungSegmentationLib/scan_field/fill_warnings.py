"""What the user should know of the parts of an image that were not measured."""

from __future__ import annotations

import numpy as np

from . import limits
from .measured_field import MeasuredField


def fill_warnings(measured: MeasuredField) -> list[str]:
    """Name the fills that are no ordinary ones: denser than air, or in slices between others.

    Parameters
    ----------
    measured : MeasuredField

    Returns
    -------
    list of str
        Empty where nothing is filled, or with the usual values of air and below around the field of view.
    """
    warnings = []
    # A denser fill would pass for lung or for tissue.
    densest_air_hu = limits.AIR_HU + limits.AIR_WITHIN_HU
    edge = [value for value in measured.edge_fills_hu if value > densest_air_hu]
    if edge:
        warnings.append(f"the edge of the image is filled with {_in_words(edge)} HU: it was not measured, and was left out")
    empty = measured.empty_slices
    used = np.flatnonzero(~empty)
    low, high = int(used[0]), int(len(empty) - 1 - used[-1])
    between = int(np.count_nonzero(empty)) - low - high
    if between or any(value > densest_air_hu for value in measured.slice_fills_hu):
        ends = ((low, "at the lower end"), (between, "between others"), (high, "at the upper end"))
        places = [f"{count} {where}" for count, where in ends if count]
        warnings.append(
            f"{np.count_nonzero(empty)} of {len(empty)} axial slices ({' and '.join(places)}) hold nothing but "
            f"{_in_words(measured.slice_fills_hu)} HU: they were not measured, and were left out"
        )
    return warnings


def _in_words(values: list[int] | tuple[int, ...]) -> str:
    return " and ".join(str(value) for value in values)
