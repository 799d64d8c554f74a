"""How strongly noise alone answers as a tube: measured in the scan's own parenchyma, place by place."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.morphology import SpacingZyx
from . import limits
from .tubularity import scaled_second_derivatives

_NORMAL_SD_OVER_QUARTILE = 3.138


def noise_at(image: np.ndarray, lung: np.ndarray, places: np.ndarray, sigma_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Standard deviation of the noise in the second derivatives of a blurred image, around some voxels.

    Parameters
    ----------
    image : numpy.ndarray
        float32 (z, y, x), contiguous, blurred with ``sigma_mm``: brightness as a part of blood's contrast.
    lung : numpy.ndarray
        bool (z, y, x).
    places : numpy.ndarray
        int flat indices.
    sigma_mm : float
        Blur of the image.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        float32, one for each place, in the image's unit.

    Notes
    -----
    A quarter of the second derivatives of normal noise are below 0.32 standard deviations. Vessels move that quartile little, even
    where the voxels are so large that most have some of one. What the scan's kernel correlates is in it,
    because the derivatives are those of the tube filter itself. The lung is cut into cubes, each with a quartile of its own.
    """
    steps = [max(1, round(limits.NOISE_STEP_MM / spacing)) for spacing in spacing_zyx_mm]
    sample = tuple(slice(step // 2, None, step) for step in steps)
    is_parenchyma = lung[sample] & (image[sample] > 0) & (image[sample] < limits.BRIGHTEST_PARENCHYMA_SHARE)
    indices = [index * step + step // 2 for index, step in zip(np.nonzero(is_parenchyma), steps, strict=True)]
    least = limits.LEAST_NOISE_SHARE_PER_MM * float(np.prod(spacing_zyx_mm)) ** (1 / 3)
    if indices[0].size == 0:
        return np.full(places.shape, least, np.float32)
    sampled = np.ravel_multi_index(indices, image.shape)
    steepness = np.abs(scaled_second_derivatives(image, sampled, sigma_mm, spacing_zyx_mm)[:3])
    cubes = [int(np.ceil(size * spacing / limits.NOISE_CUBE_MM)) for size, spacing in zip(image.shape, spacing_zyx_mm, strict=True)]
    numbers = np.ravel_multi_index([index * count // size for index, count, size in zip(indices, cubes, image.shape, strict=True)], cubes)
    quartiles = _lower_quartiles(steepness, numbers, int(np.prod(cubes))).reshape(cubes)
    quartiles = np.maximum(_NORMAL_SD_OVER_QUARTILE * quartiles, least)
    coordinates = np.unravel_index(places, image.shape)
    middles = [(index + 0.5) * (count / size) - 0.5 for index, count, size in zip(coordinates, cubes, image.shape, strict=True)]
    return ndimage.map_coordinates(quartiles.astype(np.float32), middles, output=np.float32, order=1, mode="nearest")


def _lower_quartiles(values: np.ndarray, numbers: np.ndarray, count: int) -> np.ndarray:
    """Lower quartile of the values (axes, n) of each number; that of all where a number has few."""
    quartiles = np.full(count, np.quantile(values, 0.25))
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=count))
    for number, (start, end) in enumerate(zip(np.concatenate([[0], ends[:-1]]), ends, strict=True)):
        if end - start >= limits.FEWEST_SAMPLES_COUNT:
            quartiles[number] = np.quantile(values[:, order[start:end]], 0.25)
    return quartiles
