"""The smallest convex field of pixels that holds a mask."""

from __future__ import annotations

import numpy as np

# Positions on the hull's edge are computed in floats; a pixel on the edge belongs to the field.
_ROUNDING = 1e-6


def convex_field(mask: np.ndarray) -> np.ndarray:
    """Mark the pixels whose centres lie in the convex hull of a mask's pixel centres.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (y, x), not empty.

    Returns
    -------
    numpy.ndarray
        bool (y, x).

    References
    ----------
    A. M. Andrew, Information Processing Letters 9 (1979) 216: the hull of sorted points.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    first, stop = run_of_columns(mask)
    between = np.arange(rows[0], rows[-1] + 1)
    left = np.interp(between, *_lower_hull(rows, first[rows].astype(np.int64)))
    right = -np.interp(between, *_lower_hull(rows, 1 - stop[rows].astype(np.int64)))
    columns = np.arange(mask.shape[1])
    field = np.zeros(mask.shape, bool)
    field[between] = (columns >= left[:, None] - _ROUNDING) & (columns <= right[:, None] + _ROUNDING)
    return field


def run_of_columns(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the first column of each row that a mask (bool, (y, x)) holds and the one behind its last, int16; 0 and 0 for an empty row."""
    filled = mask.any(axis=1)
    first = np.where(filled, mask.argmax(axis=1), 0).astype(np.int16)
    stop = np.where(filled, mask.shape[1] - mask[:, ::-1].argmax(axis=1), 0).astype(np.int16)
    return first, stop


def _lower_hull(places: np.ndarray, values: np.ndarray) -> tuple[list[int], list[int]]:
    """Keep the points (places ascending) of the largest convex function below all of them."""
    hull: list[tuple[int, int]] = []
    for place, value in zip(places.tolist(), values.tolist(), strict=True):
        while len(hull) > 1:
            (before, low), (last, high) = hull[-2:]
            if (high - low) * (place - before) < (value - low) * (last - before):
                break
            hull.pop()
        hull.append((place, value))
    return [place for place, _ in hull], [value for _, value in hull]
