"""On which side the heart lies: the one sign of right and left that shows in a plain scan of the chest."""

from __future__ import annotations

import numpy as np

from . import limits
from .morphology import SpacingZyx


def heart_on_left(
    air: np.ndarray, spacing_zyx_mm: SpacingZyx, spine_row_mm: float, spine_column_mm: float, middle_column_mm: float
) -> bool | None:
    """Say on which side of an upright chest heart and descending aorta lie.

    Parameters
    ----------
    air : numpy.ndarray
        bool (z, y, x): air inside the body; slices run to the head, rows to the back, columns to what is taken for the left.
    spacing_zyx_mm : tuple of float
    spine_row_mm, spine_column_mm : float
        Where the spine lies, from the array's start.
    middle_column_mm : float
        Where the body's plane of symmetry lies.

    Returns
    -------
    bool or None
        Whether both lie to the left; None where they do not agree, hardly differ, or one lung is much smaller than the other.
    """
    _, row_mm, column_mm = spacing_zyx_mm
    rows_mm, columns_mm = (np.arange(air.shape[1]) + 0.5) * row_mm, (np.arange(air.shape[2]) + 0.5) * column_mm
    to_left_mm, beside_spine_mm = columns_mm - middle_column_mm, columns_mm - spine_column_mm
    per_column = air.sum(axis=(0, 1))
    uneven = _difference(per_column[to_left_mm < 0].sum(), per_column[to_left_mm > 0].sum())
    if abs(uneven) > limits.UNEVEN_SHARE:
        return None
    in_front = rows_mm < spine_row_mm - limits.BEFORE_SPINE_MM
    before_spine = air[_part_of_height(air, limits.HEART_HEIGHT_SHARES)][:, in_front].sum(axis=(0, 1))
    near = np.abs(to_left_mm) < limits.HEART_WITHIN_MM
    heart = _difference(before_spine[near & (to_left_mm < 0)].sum(), before_spine[near & (to_left_mm > 0)].sum())
    beside_rows = (rows_mm > spine_row_mm + limits.AORTA_ROWS_MM[0]) & (rows_mm < spine_row_mm + limits.AORTA_ROWS_MM[1])
    beside = air[_part_of_height(air, limits.AORTA_HEIGHT_SHARES)][:, beside_rows].mean(axis=(0, 1))
    first, last = limits.AORTA_BESIDE_MM
    right, left = (beside[(side * beside_spine_mm > first) & (side * beside_spine_mm < last)] for side in (-1, 1))
    if not (right.size and left.size):
        return None
    aorta = float(right.mean() - left.mean())
    for is_left, sign in ((True, 1), (False, -1)):
        if sign * (heart + aorta) >= limits.HEART_SIDE_SHARE and min(sign * heart, sign * aorta) >= -limits.AGAINST_SHARE:
            return is_left
    return None


def _difference(right: float, left: float) -> float:
    return float((right - left) / max(1.0, float(right + left)))


def _part_of_height(air: np.ndarray, shares: tuple[float, float]) -> slice:
    """Slices between two shares of the height over which there is more than a little air."""
    per_slice = air.sum(axis=(1, 2))
    used = np.flatnonzero(per_slice > limits.HEIGHT_AIR_SHARE * per_slice.max())
    if not used.size:
        return slice(0, 0)
    first, height = int(used[0]), int(used[-1] - used[0])
    return slice(first + int(shares[0] * height), first + int(shares[1] * height) + 1)
