"""Gaussian blur of a volume slice by slice, in the processor's cache: twice as fast as axis by axis, and equal to the last bit."""

from __future__ import annotations

import numpy as np


def gaussian_blurred(image: np.ndarray, sigmas_zyx_voxels: tuple[float, float, float], truncate: float) -> np.ndarray:
    """Blur an image along its three axes.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x). Beyond its border it goes on as its outermost voxel.
    sigmas_zyx_voxels : tuple of float
        Standard deviations; 0 leaves an axis as it is.
    truncate : float
        Where the kernel ends, in standard deviations.

    Returns
    -------
    numpy.ndarray
        float32 (z, y, x): what :func:`scipy.ndimage.gaussian_filter1d` gives along z, then y, then x.
    """
    across, down, along = (_half_kernel(sigma, truncate) for sigma in sigmas_zyx_voxels)
    (last, rows, columns), blurred = np.array(image.shape) - (1, 0, 0), np.empty_like(image)
    total, pair = np.empty((rows, columns)), np.empty((rows, columns))
    below, beside = _Padded(rows, columns, down.size - 1, 0), _Padded(rows, columns, along.size - 1, 1)
    near: dict[int, np.ndarray] = {}
    for index in range(last + 1):
        around = [min(max(index + step, 0), last) for step in range(1 - across.size, across.size)]
        near = {place: near[place] if place in near else image[place].astype(float) for place in around}
        _add_up([near[place] for place in around], across, total, pair)
        blurred[index] = total  # rounds, as between the axes too
        for padded, kernel in ((below, down), (beside, along)):
            if kernel.size > 1:
                padded.fill(blurred[index])
                _add_up(padded.neighbours, kernel, total, pair)
                blurred[index] = total
    return blurred


def _half_kernel(sigma: float, truncate: float) -> np.ndarray:
    """Give the Gaussian's weights from its middle on."""
    reach = int(truncate * sigma + 0.5)
    if reach == 0:
        return np.ones(1)
    weights = np.exp(-0.5 / (sigma * sigma) * np.arange(-reach, reach + 1) ** 2)
    return (weights / weights.sum())[reach:]


class _Padded:
    """A plane that goes on as its border along one axis: its neighbours as views, from the farthest behind to the farthest ahead."""

    def __init__(self, rows: int, columns: int, reach: int, axis: int) -> None:
        size = (rows, columns)[axis]
        turned = np.empty((rows + 2 * reach, columns) if axis == 0 else (rows, columns + 2 * reach))
        lines = turned if axis == 0 else turned.T
        self._before, self._inner, self._after = lines[:reach], lines[reach : reach + size], lines[reach + size :]
        self._axis = axis
        self.neighbours = [part if axis == 0 else part.T for part in (lines[start : start + size] for start in range(2 * reach + 1))]

    def fill(self, plane: np.ndarray) -> None:
        self._inner[...] = plane if self._axis == 0 else plane.T
        self._before[...], self._after[...] = self._inner[:1], self._inner[-1:]


def _add_up(planes: list[np.ndarray], weights: np.ndarray, total: np.ndarray, pair: np.ndarray) -> None:
    """Add up planes with the weights of a symmetric kernel, in double precision, from the outermost inwards."""
    middle = weights.size - 1
    np.multiply(planes[middle], weights[0], out=total)
    for step in range(middle, 0, -1):
        np.add(planes[middle - step], planes[middle + step], out=pair)
        np.multiply(pair, weights[step], out=pair)
        np.add(total, pair, out=total)
