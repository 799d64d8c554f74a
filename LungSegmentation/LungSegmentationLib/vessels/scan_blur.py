"""How blurred a scan is: from the border between the lung and the chest wall, which is a sharp step in the body."""

from __future__ import annotations

import numpy as np
from scipy import special

from ..anatomy.limits import AERATED_BELOW_HU
from ..anatomy.morphology import SpacingZyx
from . import limits


def blur_variances_zyx_mm2(voxels_hu: np.ndarray, lung: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[float, float, float]:
    """Measure the blur of a scan in-plane; across the slices it follows from their distance.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x), contiguous.
    lung : numpy.ndarray
        bool (z, y, x): both lungs. Their border may be off by two voxels.
    spacing_zyx_mm : tuple of float
        The slices lie across the axis with the largest spacing.

    Returns
    -------
    tuple of float
        Variance of the point spread function along z, y and x, mm²; the voxels' own extent is part of it.
        In-plane that of a standard kernel where fewer than 200 edges are found.

    Notes
    -----
    Of a step across a plane with the normal n, blurred by a Gaussian of covariance C, a voxel at x shows the part
    Φ(n·x / √(nᵀ C n)). So Φ⁻¹ of the parts is linear, and for its gradient g holds gᵀ C g = 1 in whatever direction
    the plane lies. Of all edges the median is taken.
    """
    slices = int(np.argmax(spacing_zyx_mm))
    first, second = (axis for axis in range(3) if axis != slices)
    across_mm2 = limits.SLICE_VARIANCE_RATIO * spacing_zyx_mm[slices] ** 2
    own_mm2 = spacing_zyx_mm[first] * spacing_zyx_mm[second] / 12
    in_plane_mm2 = limits.SCANNER_SIGMA_MM**2 + own_mm2
    squares = np.concatenate([_edge_gradients(voxels_hu, lung, spacing_zyx_mm, axis, sign) for axis in (first, second) for sign in (1, -1)])
    squares **= 2
    if len(squares) >= limits.FEWEST_EDGES_COUNT:
        measured_mm2 = (1 - across_mm2 * squares[:, slices]) / (squares[:, first] + squares[:, second])
        in_plane_mm2 = max(float(np.median(measured_mm2)), own_mm2)
    variances = [in_plane_mm2] * 3
    variances[slices] = across_mm2
    return variances[0], variances[1], variances[2]


def _edge_gradients(voxels_hu: np.ndarray, lung: np.ndarray, spacing_zyx_mm: SpacingZyx, axis: int, sign: int) -> np.ndarray:
    """Gradients (z, y, x; 1/mm) of the edges that lines leave the lung through, about at right angles: float (n, 3)."""
    flat = voxels_hu.reshape(-1)
    strides = (voxels_hu.shape[1] * voxels_hu.shape[2], voxels_hu.shape[2], 1)
    step = sign * strides[axis]
    near, far = (int(np.ceil(mm / spacing_zyx_mm[axis])) for mm in (limits.PLATEAU_FROM_MM, limits.PLATEAU_TO_MM))
    places = _last_of_lung(lung, int(np.argmax(spacing_zyx_mm)), axis, sign, max(far + 1, limits.LINE_TO_VOXELS))

    def hu_at(offset: int) -> np.ndarray:
        return flat[places + offset * step].astype(np.float32)

    air_hu, air_far_hu, tissue_hu, tissue_far_hu = hu_at(-near), hu_at(-far), hu_at(near + 1), hu_at(far + 1)
    is_step = (np.maximum(air_hu, air_far_hu) < AERATED_BELOW_HU) & (np.abs(air_hu - air_far_hu) < limits.PLATEAU_SPREAD_HU)
    lowest_tissue_hu, highest_tissue_hu = limits.PLATEAU_TISSUE_HU
    is_step &= (np.minimum(tissue_hu, tissue_far_hu) > lowest_tissue_hu) & (np.maximum(tissue_hu, tissue_far_hu) < highest_tissue_hu)
    is_step &= np.abs(tissue_hu - tissue_far_hu) < limits.PLATEAU_SPREAD_HU
    places = places[is_step]
    lowest_hu = ((air_hu + air_far_hu) / 2)[is_step]
    step_hu = ((tissue_hu + tissue_far_hu) / 2)[is_step] - lowest_hu
    parts = (np.stack([hu_at(offset) for offset in range(limits.LINE_FROM_VOXELS, limits.LINE_TO_VOXELS)]) - lowest_hu) / step_hu
    rises = (parts[:-1] < 0.5) & (parts[1:] >= 0.5)
    # The half is passed once, with a voxel more on either side.
    is_clear = (rises.sum(axis=0) == 1) & rises[1:-1].any(axis=0)
    places, lowest_hu, step_hu, parts = places[is_clear], lowest_hu[is_clear], step_hu[is_clear], parts[:, is_clear]
    last_below = rises[:, is_clear].argmax(axis=0)
    around = np.take_along_axis(parts, last_below + np.arange(-1, 3)[:, None], axis=0)
    is_next_nearer = around[1] + around[2] < 1
    nearest = places + (last_below + limits.LINE_FROM_VOXELS + is_next_nearer) * step
    gradients = np.empty((places.size, 3))
    for other in range(3):
        ahead, back = (_quantiles((flat[nearest + neighbour] - lowest_hu) / step_hu) for neighbour in (strides[other], -strides[other]))
        gradients[:, other] = (ahead - back) / (2 * spacing_zyx_mm[other])
    between = (0.5 - around[1]) / (around[2] - around[1])
    gradients[:, axis] = _fitted_slopes(parts, last_below + between) / spacing_zyx_mm[axis]
    return gradients[_is_across(gradients, axis, int(np.argmax(spacing_zyx_mm)))]


def _last_of_lung(lung: np.ndarray, slices: int, axis: int, sign: int, margin: int) -> np.ndarray:
    """Flat indices of lung voxels, after which a line along the axis leaves the lung; those near to the array's border left out."""
    if min(lung.shape) < 3 or lung.shape[axis] <= 2 * margin:
        return np.empty(0, np.intp)
    starts, steps = [1, 1, 1], [1, 1, 1]
    starts[axis], steps[slices] = margin, max(1, lung.shape[slices] // limits.ENOUGH_SLICES)
    here = [slice(start, size - start, step) for start, size, step in zip(starts, lung.shape, steps, strict=True)]
    after = list(here)
    after[axis] = slice(margin + sign, lung.shape[axis] - margin + sign)
    is_last = lung[tuple(here)] & ~lung[tuple(after)]
    indices = np.unravel_index(np.flatnonzero(is_last), is_last.shape)
    return np.ravel_multi_index([index * step + start for index, step, start in zip(indices, steps, starts, strict=True)], lung.shape)


def _quantiles(parts: np.ndarray) -> np.ndarray:
    return special.ndtri(np.clip(parts, *limits.STEP_PART_SHARES))


def _fitted_slopes(parts: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Slope 1/σ of the normal distribution that fits each line's parts best, from where it starts as a guess: Gauss-Newton."""
    offsets = np.arange(len(parts))[:, None]
    middles, slopes = places, np.full(places.shape, limits.FIRST_SLOPE_PER_VOXEL)
    for _ in range(limits.FIT_STEPS_COUNT):
        quantiles = (offsets - middles) * slopes
        density = np.exp(-(quantiles**2) / 2) / np.sqrt(2 * np.pi)
        misfit = parts - special.ndtr(quantiles)
        by_middle, by_slope = -density * slopes, density * (offsets - middles)
        aa, bb, ab = (by_middle**2).sum(axis=0), (by_slope**2).sum(axis=0), (by_middle * by_slope).sum(axis=0)
        a, b = (by_middle * misfit).sum(axis=0), (by_slope * misfit).sum(axis=0)
        determinant = np.maximum(aa * bb - ab**2, 1e-9)
        middles = middles + np.clip((bb * a - ab * b) / determinant, -0.5, 0.5)
        slopes = np.clip(slopes * np.exp(np.clip((aa * b - ab * a) / determinant / slopes, -0.5, 0.5)), *limits.SLOPES_PER_VOXEL)
    return slopes


def _is_across(gradients: np.ndarray, axis: int, slices: int) -> np.ndarray:
    """Tell which edges an axis crosses about at right angles, as far as their gradient tells."""
    sideways = 3 - axis - slices
    is_across = np.abs(gradients[:, sideways]) < limits.STEEPEST_SIDEWAYS_RATIO * gradients[:, axis]
    return is_across & (np.abs(gradients[:, slices]) < limits.STEEPEST_ACROSS_RATIO * gradients[:, axis])
