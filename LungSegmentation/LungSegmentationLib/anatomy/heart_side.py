"""On which side the heart lies: the one sign of right and left that shows in a plain scan of the chest."""

from __future__ import annotations

import numpy as np

from .morphology import SpacingZyx

# The heart lies in the lower half of the lungs, in front of the spine, within this distance of the middle.
_HEART_SHARES, _HEART_WITHIN_MM, _BEFORE_SPINE_MM = (0.1, 0.6), 90.0, 20.0
# The descending aorta, 20 to 30 mm wide, lies beside the bodies of the vertebrae and a little before them.
_AORTA_SHARES, _AORTA_BESIDE_MM, _AORTA_ROWS_MM = (0.3, 0.7), (15.0, 45.0), (-45.0, -5.0)
# The aorta alone takes a third of its place beside the spine and the heart a tenth of the lungs before it: half of both is needed.
_LEAST_TOGETHER, _MOST_AGAINST = 0.2, 0.05
# Lungs as large for each other as in health have 47 to 56 % on the right. A sick or lost lung draws the heart to it, or lies where the
# heart is looked for: then nothing is said.
_MOST_UNEVEN = 0.13


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
    if abs(uneven) > _MOST_UNEVEN:
        return None
    before_spine = air[_part_of_height(air, _HEART_SHARES)][:, rows_mm < spine_row_mm - _BEFORE_SPINE_MM].sum(axis=(0, 1))
    near = np.abs(to_left_mm) < _HEART_WITHIN_MM
    heart = _difference(before_spine[near & (to_left_mm < 0)].sum(), before_spine[near & (to_left_mm > 0)].sum())
    beside_rows = (rows_mm > spine_row_mm + _AORTA_ROWS_MM[0]) & (rows_mm < spine_row_mm + _AORTA_ROWS_MM[1])
    beside = air[_part_of_height(air, _AORTA_SHARES)][:, beside_rows].mean(axis=(0, 1))
    first, last = _AORTA_BESIDE_MM
    right, left = (beside[(side * beside_spine_mm > first) & (side * beside_spine_mm < last)] for side in (-1, 1))
    if not (right.size and left.size):
        return None
    aorta = float(right.mean() - left.mean())
    for is_left, sign in ((True, 1), (False, -1)):
        if sign * (heart + aorta) >= _LEAST_TOGETHER and min(sign * heart, sign * aorta) >= -_MOST_AGAINST:
            return is_left
    return None


def _difference(right: float, left: float) -> float:
    return float((right - left) / max(1.0, float(right + left)))


def _part_of_height(air: np.ndarray, shares: tuple[float, float]) -> slice:
    """Slices between two shares of the height over which there is more than a little air."""
    per_slice = air.sum(axis=(1, 2))
    used = np.flatnonzero(per_slice > 0.1 * per_slice.max())
    if not used.size:
        return slice(0, 0)
    first, height = int(used[0]), int(used[-1] - used[0])
    return slice(first + int(shares[0] * height), first + int(shares[1] * height) + 1)
