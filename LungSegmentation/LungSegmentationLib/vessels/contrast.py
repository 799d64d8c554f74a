"""Brightness as a part of blood's contrast: 0 in the parenchyma nearby, 1 in blood."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.limits import AERATED_BELOW_HU
from ..anatomy.morphology import SpacingZyx
from . import limits


def blood_contrast(voxels_hu: np.ndarray, lung: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Scale a scan so that the parenchyma nearby is 0 and blood is 1; outside the lung it is 0.

    Parameters
    ----------
    voxels_hu, lung : numpy.ndarray
        int16 and bool (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        float32 (z, y, x): noise and calcium reach beyond 0 and 1.
    """
    steps = tuple(max(1, round(limits.BACKGROUND_STEP_MM / spacing)) for spacing in spacing_zyx_mm)
    sample = tuple(slice(None, None, step) for step in steps)
    some_hu, aerated = voxels_hu[sample].astype(np.float32), lung[sample] & (voxels_hu[sample] < AERATED_BELOW_HU)
    usual_hu = float(np.median(some_hu[aerated])) if aerated.any() else limits.USUAL_LUNG_HU
    dense_hu = some_hu[lung[sample] & (some_hu > 0)]
    blood_hu = np.float32(max(limits.BLOOD_HU, float(np.median(dense_hu))) if dense_hu.size else limits.BLOOD_HU)
    background_hu = _local_mean(some_hu, aerated, usual_hu, steps, spacing_zyx_mm)
    return _scaled(voxels_hu, lung, background_hu, blood_hu, steps)


def _local_mean(
    values_hu: np.ndarray, where: np.ndarray, usual_hu: float, steps: tuple[int, ...], spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    sigmas = [limits.BACKGROUND_SIGMA_MM / (step * spacing) for step, spacing in zip(steps, spacing_zyx_mm, strict=True)]
    difference = ndimage.gaussian_filter(np.where(where, values_hu - np.float32(usual_hu), np.float32(0)), sigmas, truncate=2.5)
    weight = ndimage.gaussian_filter(where.astype(np.float32), sigmas, truncate=2.5)
    return np.float32(usual_hu) + difference / np.maximum(weight, np.float32(limits.BACKGROUND_LEAST_SHARE))


def _scaled(voxels_hu: np.ndarray, lung: np.ndarray, coarse_hu: np.ndarray, blood_hu: np.float32, steps: tuple[int, ...]) -> np.ndarray:
    """Contrast over a background that is known at every so-manieth voxel, and linear between: slice by slice, in the processor's cache."""
    rows, columns = (_linear_weights(*axis) for axis in list(zip(voxels_hu.shape, steps, coarse_hu.shape, strict=True))[1:])
    known_hu = rows @ coarse_hu @ columns.T
    contrast = np.empty(voxels_hu.shape, np.float32)
    for index, (slice_hu, slice_lung) in enumerate(zip(voxels_hu, lung, strict=True)):
        place = min(index / steps[0], len(known_hu) - 1)
        before = int(place)
        background_hu = known_hu[before]
        if place > before:
            background_hu = background_hu + np.float32(place - before) * (known_hu[before + 1] - background_hu)
        np.subtract(slice_hu, background_hu, out=contrast[index])
        contrast[index] /= blood_hu - background_hu
        contrast[index] *= slice_lung
    return contrast


def _linear_weights(size: int, step: int, count: int) -> np.ndarray:
    """Weights (size, count) of samples that lie a step apart, from the first voxel on; beyond the last it stays."""
    places = np.minimum(np.arange(size) / step, count - 1)
    return np.maximum(1 - np.abs(places[:, None] - np.arange(count)), 0).astype(np.float32)
