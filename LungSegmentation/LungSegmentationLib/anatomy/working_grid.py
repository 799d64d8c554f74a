"""The coarse grid on which topology is decided: block means of the canonical volume."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..scan_field.measured_field import MeasuredField
from . import limits

_THREADS = 2
# A slab of so many voxels and its block means stay in a processor core's cache.
_SLAB_VOXELS = 1 << 20


@dataclass(frozen=True)
class WorkingGrid:
    """Block means of a canonical volume.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), mean of each block, HU clipped to -1024..600 before averaging; what was not measured counts as -1024.
    padding : numpy.ndarray
        bool, blocks with any voxel that was not measured.
    factors_zyx : tuple of int
        Voxels of the canonical volume along each side of a block. Voxels behind the last whole
        block belong to that block.
    spacing_zyx_mm : tuple of float
        Size of a block.
    full_shape_zyx : tuple of int
        Shape of the canonical volume.
    measured : MeasuredField
        What was measured of the canonical volume.
    """

    mean_hu: np.ndarray
    padding: np.ndarray
    factors_zyx: tuple[int, int, int]
    spacing_zyx_mm: tuple[float, float, float]
    full_shape_zyx: tuple[int, int, int]
    measured: MeasuredField

    @property
    def voxel_volume_ml(self) -> float:
        """Volume of one block in mL."""
        return float(np.prod(self.spacing_zyx_mm)) / 1000.0

    @property
    def full_spacing_zyx_mm(self) -> tuple[float, float, float]:
        """Spacing of the canonical volume's voxels, in the lengths of this grid."""
        z, y, x = (size / factor for size, factor in zip(self.spacing_zyx_mm, self.factors_zyx, strict=True))
        return z, y, x

    def crop(self, box: tuple[slice, slice, slice]) -> WorkingGrid:
        """Keep a box of blocks; the new canonical volume is :meth:`voxels_of` that box."""
        voxels = self.voxels_of(box)
        z, y, x = (part.stop - part.start for part in voxels)
        return WorkingGrid(
            np.ascontiguousarray(self.mean_hu[box]),
            np.ascontiguousarray(self.padding[box]),
            self.factors_zyx,
            self.spacing_zyx_mm,
            (z, y, x),
            self.measured.crop(voxels),
        )

    def voxels_of(self, box: tuple[slice, slice, slice]) -> tuple[slice, slice, slice]:
        """Voxels of the canonical volume that a box of blocks covers, with those behind the last whole block."""
        z, y, x = (
            slice(part.start * factor, full if part.stop == blocks else part.stop * factor)
            for part, factor, full, blocks in zip(box, self.factors_zyx, self.full_shape_zyx, self.mean_hu.shape, strict=True)
        )
        return z, y, x

    def enlarge(self, coarse: np.ndarray, slices: slice = slice(None)) -> np.ndarray:
        """Repeat each block's value on all voxels of the canonical volume, or of some of its slices."""
        of_slices = np.minimum(np.arange(self.full_shape_zyx[0])[slices] // self.factors_zyx[0], coarse.shape[0] - 1)
        coarse = coarse[of_slices[0] : of_slices[-1] + 1]
        # Columns first: rows and slices are then repeated as whole.
        for axis in (2, 1):
            factor = self.factors_zyx[axis]
            if factor > 1:
                coarse = np.repeat(coarse, factor, axis=axis)
            missing = self.full_shape_zyx[axis] - coarse.shape[axis]
            if missing:
                last = np.take(coarse, [-1], axis=axis)
                coarse = np.concatenate([coarse, np.repeat(last, missing, axis=axis)], axis=axis)
        return coarse[of_slices - of_slices[0]]

    def onto(self, coarse: np.ndarray, finer: WorkingGrid) -> np.ndarray:
        """Give each block of another grid of the same canonical volume the value of the block that its middle lies in."""
        for axis, (factor, fine) in enumerate(zip(self.factors_zyx, finer.factors_zyx, strict=True)):
            middles = np.arange(finer.mean_hu.shape[axis]) * fine + fine // 2
            coarse = np.take(coarse, np.minimum(middles // factor, coarse.shape[axis] - 1), axis=axis)
        return coarse

    def sample(self, full: np.ndarray) -> np.ndarray:
        """Take the value in the middle of each block of a full-resolution array."""
        index = tuple(
            slice(factor // 2, blocks * factor, factor) for factor, blocks in zip(self.factors_zyx, self.mean_hu.shape, strict=True)
        )
        return np.ascontiguousarray(full[index])

    def shrink_any(self, full_mask: np.ndarray) -> np.ndarray:
        """Mark each block that holds any voxel of a full-resolution mask."""
        return _any_of_block(full_mask, self.factors_zyx)


def block_factors(spacing_zyx_mm: tuple[float, float, float], block_mm: float, shape_zyx: tuple[int, ...]) -> tuple[int, int, int]:
    """Choose how many voxels make a block of about ``block_mm``, at least one and never more than the image has."""
    voxels = [int(block_mm / spacing + limits.BLOCK_ROUNDING_VOXELS) for spacing in spacing_zyx_mm]
    z, y, x = (max(1, min(wanted, size, limits.LARGEST_FACTOR)) for wanted, size in zip(voxels, shape_zyx, strict=True))
    return z, y, x


def make_working_grid(
    voxels_hu: np.ndarray, spacing_zyx_mm: tuple[float, float, float], block_mm: float, measured: MeasuredField | None = None
) -> WorkingGrid:
    """Average a canonical volume over blocks of about ``block_mm``.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float
        Voxel size.
    block_mm : float
        Target size of a block.
    measured : MeasuredField, optional
        What was measured of the volume; all of it for None.

    Returns
    -------
    WorkingGrid
    """
    factors = block_factors(spacing_zyx_mm, block_mm, voxels_hu.shape)
    shape = (voxels_hu.shape[0], voxels_hu.shape[1], voxels_hu.shape[2])
    measured = measured or MeasuredField.whole(shape)
    is_whole = measured.is_whole
    blocks, rows, columns = (size // factor for size, factor in zip(shape, factors, strict=True))
    mean_hu, padding = np.empty((blocks, rows, columns), np.int16), np.empty((blocks, rows, columns), bool)
    thickness = max(1, _SLAB_VOXELS // (shape[1] * shape[2] * factors[0]))

    def reduce(start: int) -> None:
        stop = min(start + thickness, blocks)
        part = slice(start * factors[0], stop * factors[0])
        outside = None if is_whole else ~measured.mask((part, slice(None), slice(None)))
        mean_hu[start:stop] = _block_means(voxels_hu[part], factors, outside)
        padding[start:stop] = False if outside is None else _any_of_block(outside, factors)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(reduce, range(0, blocks, thickness)))
    z, y, x = (spacing * factor for spacing, factor in zip(spacing_zyx_mm, factors, strict=True))
    return WorkingGrid(mean_hu, padding, factors, (z, y, x), shape, measured)


def _block_means(slab_hu: np.ndarray, factors: tuple[int, int, int], outside: np.ndarray | None) -> np.ndarray:
    mean = np.clip(slab_hu, limits.GRID_LOWEST_HU, limits.GRID_HIGHEST_HU)
    if outside is not None:
        mean[outside] = limits.GRID_LOWEST_HU
    for axis, factor in enumerate(factors):
        # One axis after the other keeps every sum within int16: -1024 times a factor of at most 31.
        mean = _along(mean, axis, factor, np.add)
        mean = np.floor_divide(mean, np.int16(factor)) if factor > 1 else mean
    return mean


def _any_of_block(full_mask: np.ndarray, factors: tuple[int, int, int]) -> np.ndarray:
    for axis, factor in enumerate(factors):
        full_mask = _along(full_mask, axis, factor, np.logical_or)
    return full_mask


def _along(array: np.ndarray, axis: int, factor: int, combine: np.ufunc) -> np.ndarray:
    if factor == 1:
        return array
    stop = array.shape[axis] // factor * factor
    index = [slice(None)] * 3

    def every(start: int) -> np.ndarray:
        index[axis] = slice(start, stop, factor)
        return array[tuple(index)]

    combined = combine(every(0), every(1))
    for start in range(2, factor):
        combine(combined, every(start), out=combined)
    return combined
