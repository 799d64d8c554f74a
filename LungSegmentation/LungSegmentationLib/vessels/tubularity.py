"""How much a place looks like a bright tube: from the second derivatives at several scales.

A Gaussian-blurred round tube has a closed form: its height in the middle and its level at the true
surface depend on radius over blur alone. So the height tells the level at which to cut.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from ..anatomy.morphology import SpacingZyx
from . import limits
from .slice_blur import gaussian_blurred

_TRUNCATE = 3.0
# So many places' derivatives stay in the processor's cache.
_TOGETHER = 1 << 14
_SURFACE_TABLE_SIZE = 512


def blurred(image: np.ndarray, sigma_mm: float, spacing_zyx_mm: SpacingZyx, already_mm: float | None = None) -> np.ndarray:
    """Blur an image until its blur is that of a Gaussian, the same in every direction.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x).
    sigma_mm : float
        Standard deviation of the target blur.
    spacing_zyx_mm : tuple of float
    already_mm : float, optional
        Blur that the image has been given before. For None it has only its voxels' own extent,
        whose variance is a twelfth of the squared side.

    Returns
    -------
    numpy.ndarray
        float32 (z, y, x). An axis whose voxels are already too long for the blur stays as it is.
    """
    sigmas_voxels = []
    for spacing in spacing_zyx_mm:
        own = spacing**2 / 12
        before = own if already_mm is None else max(own, already_mm**2)
        missing = sigma_mm**2 - before
        sigmas_voxels.append(missing**0.5 / spacing if missing > (0.1 * spacing) ** 2 else 0.0)
    z, y, x = sigmas_voxels
    return gaussian_blurred(image, (z, y, x), _TRUNCATE)


def tubularity(image: np.ndarray, places: np.ndarray, sigma_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Answer of a bright tube at some voxels of a blurred image.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x), contiguous, already blurred with ``sigma_mm``.
    places : numpy.ndarray
        int flat indices.
    sigma_mm : float
        Blur of the image. Tubes of every radius answer alike: up to 1/e of their height, in the
        middle, where the radius is √2 times the blur.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        float32, one for each place, in the image's unit; 0 for balls, plates and dark things.

    References
    ----------
    Sato et al., Three-dimensional multi-scale line filter, Medical Image Analysis 2 (1998) 143.
    """
    answers = np.empty(places.size, np.float32)
    for start in range(0, places.size, _TOGETHER):
        some = slice(start, start + _TOGETHER)
        answers[some] = _answer_of_tube(*eigenvalues(scaled_second_derivatives(image, places[some], sigma_mm, spacing_zyx_mm)))
    return answers


def _answer_of_tube(lowest: np.ndarray, middle: np.ndarray, highest: np.ndarray) -> np.ndarray:
    is_bright = middle < 0
    height = np.where(is_bright, -middle, np.float32(1))
    steepest = np.where(is_bright, -lowest, np.float32(1))
    along = np.where(highest < 0, -highest, np.float32(limits.SADDLE_WEIGHT) * highest)
    answer = np.maximum(height - along, 0) * (height / steepest) ** np.float32(limits.PLATE_EXPONENT)
    is_round = height > np.float32(limits.LEAST_ROUNDNESS_RATIO) * steepest
    return np.where(is_bright & is_round, answer, np.float32(0))


def scaled_second_derivatives(image: np.ndarray, places: np.ndarray, sigma_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Second derivatives by central differences at some voxels, times the squared blur.

    Parameters
    ----------
    image, places : numpy.ndarray
        As in :func:`tubularity`.
    sigma_mm : float
        Blur of the image.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        float32 (6, places): zz, yy, xx, zy, zx, yx. At the image's border the image is continued
        by its outermost voxel.

    Notes
    -----
    A difference over a step h blurs along its axis as well, by a variance of h² / 6 (second) or
    h² / 3 (first difference, over two steps). Each derivative is multiplied by the blur that it
    really has, so that a tube lying in the slices answers as one across them, in thick slices too.
    """
    flat = image.reshape(-1)
    coordinates = np.unravel_index(places, image.shape)
    strides = (image.shape[1] * image.shape[2], image.shape[2], 1)
    back, ahead = [], []
    for coordinate, stride, size in zip(coordinates, strides, image.shape, strict=True):
        back.append(np.where(coordinate > 0, -stride, 0))
        ahead.append(np.where(coordinate < size - 1, stride, 0))
    derivatives = np.empty((6, places.size), np.float32)
    twice = 2 * flat[places]
    for axis, spacing in enumerate(spacing_zyx_mm):
        derivatives[axis] = (flat[places + ahead[axis]] + flat[places + back[axis]] - twice) * np.float32(sigma_mm**2 / spacing**2 + 1 / 6)
    for row, (first, second) in enumerate(((0, 1), (0, 2), (1, 2)), start=3):
        up, down = places + ahead[first], places + back[first]
        mixed = flat[up + ahead[second]] + flat[down + back[second]] - flat[up + back[second]] - flat[down + ahead[second]]
        blur_in_steps = [(sigma_mm**2 / spacing_zyx_mm[axis] ** 2 + 1 / 3) ** 0.5 for axis in (first, second)]
        derivatives[row] = mixed * np.float32(blur_in_steps[0] * blur_in_steps[1] / 4)
    return derivatives


def eigenvalues(symmetric: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues of symmetric 3×3 matrices in closed form, in rising order.

    Parameters
    ----------
    symmetric : numpy.ndarray
        float (6, n): the elements 00, 11, 22, 01, 02, 12.

    Returns
    -------
    tuple of three numpy.ndarray
        Each (n,).

    References
    ----------
    Smith, Eigenvalues of a symmetric 3 × 3 matrix, Communications of the ACM 4 (1961) 168.
    """
    a, b, c, d, e, f = symmetric
    mean = (a + b + c) / 3
    a, b, c = a - mean, b - mean, c - mean
    spread = np.sqrt((a * a + b * b + c * c + 2 * (d * d + e * e + f * f)) / 6)
    half_determinant = (a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e)) / 2
    cosine = half_determinant / np.maximum(spread**3, np.finfo(spread.dtype).tiny)
    angle = np.arccos(np.clip(cosine, -1, 1)) / 3
    highest = mean + 2 * spread * np.cos(angle)
    lowest = mean + 2 * spread * np.cos(angle + spread.dtype.type(2 * np.pi / 3))
    return lowest, 3 * mean - highest - lowest, highest


def between_voxels(sigma_mm: float, spacing_zyx_mm: SpacingZyx) -> float:
    """How much higher a thin tube is in its middle than at the nearest voxel's centre, on average over all places.

    The offset along an axis is uniform, its variance h² / 12; a Gaussian falls by exp(-offset² / 2σ²);
    two of the three axes lie across a tube. A tube much wider than the blur is flat there and misses nothing.
    """
    squared_blur_mm2 = sigma_mm**2 + limits.SCANNER_SIGMA_MM**2
    return float(np.exp(np.square(spacing_zyx_mm).sum() / (36 * squared_blur_mm2)))


def surface_level(height: np.ndarray) -> np.ndarray:
    """Level of a blurred tube at its true surface, from its height in the middle.

    Parameters
    ----------
    height : numpy.ndarray
        float, 0 to 1: brightness in the middle, as a part of an unblurred tube's.

    Returns
    -------
    numpy.ndarray
        float32: from 0 for the thinnest tube to 0.5 for one much wider than the blur.

    Notes
    -----
    A disc of radius r seen through a two-dimensional Gaussian of standard deviation s is
    1 - exp(-q / 2) high in the middle and (1 - exp(-q) I0(q)) / 2 at its rim, where q = (r / s)².
    """
    nodes = np.linspace(0, 1, _SURFACE_TABLE_SIZE)
    squared_ratio = -2 * np.log1p(-np.minimum(nodes, 1 - 1e-9))
    return np.interp(height, nodes, (1 - special.ive(0, squared_ratio)) / 2).astype(np.float32)
