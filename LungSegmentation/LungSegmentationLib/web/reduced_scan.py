"""A scan and its regions on coarser voxels, small enough for a page: means weighted by volume, nothing is interpolated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..labels import REGIONS
from ..segmentation import Segmentation
from ..volume import AxisOrder, canonical_order
from . import limits

VESSELS = "vessels"
COVERAGE_LEVELS = 15  # four bits
_THREADS = 2
_SEVERAL_VOXELS = 2.0
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class ReducedScan:
    """Cells of a coarser grid, cut to the lungs and a margin, in canonical order.

    Parameters
    ----------
    grey : numpy.ndarray
        uint8 (z, y, x): the mean of each cell, 0 to 255 for -1024 to 500 HU.
    coverage : mapping of str to numpy.ndarray
        uint8 (z, y, x) by the region's key: the share of each cell that the region takes, 0 to 15 for 0 to 1.
    spacing_zyx_mm : tuple of float
        Length of a cell along each axis.
    start_zyx : tuple of int
        First voxel of the first cell in the canonical volume.
    factors_zyx : tuple of float
        Voxels along each side of a cell, at least 1; a voxel at the border between two cells counts in both by its parts.
    order : AxisOrder
        How the input's own array became canonical.
    shape_zyx : tuple of int
        Voxels of the whole canonical volume.
    """

    grey: np.ndarray
    coverage: dict[str, np.ndarray]
    spacing_zyx_mm: tuple[float, float, float]
    start_zyx: tuple[int, int, int]
    factors_zyx: tuple[float, float, float]
    order: AxisOrder
    shape_zyx: tuple[int, int, int]

    def border(self, key: str) -> float:
        """Give the share of a cell from which on it belongs to a region: less for thin vessels, where cells are several voxels large."""
        is_thin = key == VESSELS and np.prod(self.factors_zyx) > _SEVERAL_VOXELS
        return limits.THIN_BORDER_SHARE if is_thin else limits.BORDER_SHARE


@dataclass(frozen=True)
class _Axis:
    """Cells along one axis: where the first begins, how many there are, and how many voxels each is long."""

    start: int
    count: int
    factor: float

    @property
    def voxels(self) -> slice:
        """All voxels of the cells."""
        return slice(self.start, self.start + int(np.ceil(self.count * self.factor - _ROUNDING)))

    def taps(self, cells: slice) -> list[tuple[np.ndarray, np.ndarray]]:
        """Give for some cells lists of voxels with the length of each that lies in the cell: every cell's first ones, second ones ..."""
        first = np.arange(cells.start, cells.stop) * self.factor
        last = first + self.factor
        taps = []
        for tap in range(int(np.ceil(self.factor)) + 1):
            voxel = np.floor(first + _ROUNDING).astype(int) + tap
            length = np.minimum(voxel + 1, last) - np.maximum(voxel, first)
            inside = length > _ROUNDING
            if inside.any():  # where a cell has no such voxel, its first one counts by nothing
                taps.append((self.start + voxel - tap * ~inside, np.where(inside, length, 0).astype(np.float32)))
        return taps


_ROUNDING = 1e-6
_Axes = tuple[_Axis, _Axis, _Axis]


def reduced_scan(result: Segmentation) -> ReducedScan:
    """Reduce a result for a page.

    Parameters
    ----------
    result : Segmentation
        On any grid.

    Returns
    -------
    ReducedScan
    """
    order = canonical_order(result.volume.direction_lps)
    labels = order.view(result.labels)
    spacing = [float(result.volume.spacing_zyx_mm[axis]) for axis in order.axes]
    axes = _axes(labels, spacing)
    z, y, x = axes
    everything = slice(0, z.count), slice(0, y.count), slice(0, x.count)
    means = _means(order.view(result.volume.voxels_hu), axes, everything, None)
    grey = np.rint((means - limits.DARKEST_HU) * (255 / (limits.BRIGHTEST_HU - limits.DARKEST_HU)))
    coverage = {region.key: _coverage(labels, axes, partial(np.equal, region.label)) for region in REGIONS}
    if result.vessels is not None:
        coverage[VESSELS] = _coverage(order.view(result.vessels), axes, partial(np.not_equal, 0))
    return ReducedScan(
        np.clip(grey, 0, 255).astype(np.uint8),
        coverage,
        (spacing[0] * z.factor, spacing[1] * y.factor, spacing[2] * x.factor),
        (z.start, y.start, x.start),
        (z.factor, y.factor, x.factor),
        order,
        (labels.shape[0], labels.shape[1], labels.shape[2]),
    )


def _axes(labels: np.ndarray, spacing: Sequence[float]) -> _Axes:
    """Choose the cells: all around what is labelled with a margin, coarser where there would be too many."""
    ends, cell_mm = _ends(labels, spacing), limits.SHOWN_VOXEL_MM
    while True:
        axes = []
        for (first, last), mm, size in zip(ends, spacing, labels.shape, strict=True):
            factor = min(float(size), max(1.0, cell_mm / mm))
            count = min(int(np.ceil((last - first) / factor)), int(size / factor + _ROUNDING))
            axes.append(_Axis(max(0, min(first, int(size - count * factor + _ROUNDING))), count, factor))
        if np.prod([float(axis.count) for axis in axes]) <= limits.MOST_SHOWN_VOXELS:
            return axes[0], axes[1], axes[2]
        cell_mm *= 1.1


def _ends(labels: np.ndarray, spacing: Sequence[float]) -> list[tuple[int, int]]:
    """Find the box around what is labelled with a margin; the whole image where nothing is."""
    used_slices = labels.any(axis=(1, 2))
    if not used_slices.any():
        return [(0, size) for size in labels.shape]
    footprint = np.asarray(labels[used_slices].any(axis=0))
    ends = []
    for used, mm in zip((used_slices, footprint.any(axis=1), footprint.any(axis=0)), spacing, strict=True):
        indices, margin = np.flatnonzero(used), round(limits.SHOWN_MARGIN_MM / mm)
        ends.append((max(0, int(indices[0]) - margin), min(used.size, int(indices[-1]) + 1 + margin)))
    return ends


def _coverage(labels: np.ndarray, axes: _Axes, chosen: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Give the share of each cell that the chosen labels take, 0 to 15."""
    coverage = np.zeros([axis.count for axis in axes], np.uint8)
    cells = _cells_with(chosen(labels[tuple(axis.voxels for axis in axes)]), axes)
    if cells is not None:
        coverage[cells] = np.rint(_means(labels, axes, cells, chosen) * COVERAGE_LEVELS)
    return coverage


def _cells_with(mask: np.ndarray, axes: _Axes) -> Box | None:
    """Find the box of cells that hold a mask of their voxels; None for an empty one."""
    slices = mask.any(axis=(1, 2))
    if not slices.any():
        return None
    footprint = np.asarray(mask[slices].any(axis=0))
    box = []
    for used, axis in zip((slices, footprint.any(axis=1), footprint.any(axis=0)), axes, strict=True):
        indices = np.flatnonzero(used)
        first, last = (int(np.clip(index / axis.factor, 0, axis.count - 1)) for index in (indices[0], indices[-1] + 1))
        box.append(slice(first, last + 1))
    return box[0], box[1], box[2]


def _means(array: np.ndarray, axes: _Axes, cells: Box, chosen: Callable[[np.ndarray], np.ndarray] | None) -> np.ndarray:
    """Give the mean of each cell of a box, of the array's values or of what is chosen of them: float32 (z, y, x)."""
    z_taps, y_taps, x_taps = (axis.taps(part) for axis, part in zip(axes, cells, strict=True))
    rows, columns = (slice(taps[0][0][0], max(voxels[-1] for voxels, _ in taps) + 1) for taps in (y_taps, x_taps))
    y_taps, x_taps = ([(voxels - part.start, lengths) for voxels, lengths in taps] for taps, part in ((y_taps, rows), (x_taps, columns)))
    volume = np.float32(axes[0].factor * axes[1].factor * axes[2].factor)
    means = np.empty([part.stop - part.start for part in cells], np.float32)

    def reduce(cell: int) -> None:
        plane = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.float32)
        for voxels, lengths in z_taps:
            part = array[voxels[cell], rows, columns]
            plane += lengths[cell] * (part if chosen is None else chosen(part))
        narrow = sum(lengths[:, np.newaxis] * plane[voxels] for voxels, lengths in y_taps)
        means[cell] = sum(lengths * narrow[:, voxels] for voxels, lengths in x_taps) / volume  # type: ignore[index]

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(reduce, range(len(means))))
    return means
