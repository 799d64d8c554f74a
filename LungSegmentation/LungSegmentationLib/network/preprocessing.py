"""Between the working grid and a network's own grid: crop to the body, resample there and back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..anatomy.body import body_of
from ..anatomy.morphology import bounding_box
from ..anatomy.working_grid import WorkingGrid
from ..errors import InputError, ModelError
from ..io.file_checks import check_memory
from ..scan_field.limits import LOWEST_CT_HU
from . import limits
from .model_card import FixedPixels, ModelCard, NetworkInput

_VALUE_BYTES = 4

Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class NetworkGrid:
    """Where the pixels of a network's slices lie, in indices of the working grid.

    Parameters
    ----------
    slices, rows, columns : numpy.ndarray
        float64, ascending positions of the slices that the network labels, and of its rows and columns.
        Rows and columns may lie outside the working grid, where the network sees air.
    neighbour_steps : tuple of float
        Offsets, in slices of the working grid, of the slices that the network is shown together; 0 is the labelled one.
    """

    slices: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    neighbour_steps: tuple[float, ...]

    @property
    def shape_nchw(self) -> tuple[int, int, int, int]:
        """Slices, channels, rows and columns of the network's input."""
        return self.slices.size, len(self.neighbour_steps), self.rows.size, self.columns.size


def body_box(whole: WorkingGrid) -> Box:
    """Find the box of the body's solid core in all slices, with a small margin for skin and thin walls.

    Parameters
    ----------
    whole : WorkingGrid

    Returns
    -------
    tuple of slice
        Of all slices; the whole image where there is no solid core.
    """
    core = body_of(whole).core
    if not core.any():
        return whole_box(core.shape)
    rows, columns = (int(np.ceil(limits.BODY_MARGIN_MM / spacing)) for spacing in whole.spacing_zyx_mm[1:])
    _, *in_plane = bounding_box(core, (0, rows, columns))
    return slice(0, core.shape[0]), in_plane[0], in_plane[1]


def whole_box(shape_zyx: tuple[int, ...]) -> Box:
    """Give the box of a whole image."""
    z, y, x = (slice(0, size) for size in shape_zyx)
    return z, y, x


def network_grid(shown: NetworkInput, whole: WorkingGrid, box: Box, slice_step_mm: float | None = None) -> NetworkGrid:
    """Lay a network's pixels over a box of the working grid, as its card asks.

    Parameters
    ----------
    shown : NetworkInput
    whole : WorkingGrid
    box : tuple of slice
    slice_step_mm : float, optional
        Instead of the card's distance between labelled slices.

    Returns
    -------
    NetworkGrid
    """
    slice_mm, row_mm, column_mm = whole.spacing_zyx_mm
    count = whole.mean_hu.shape[0]
    wanted_mm = slice_step_mm or shown.slice_spacing_mm
    slices = np.arange(float(count))
    if wanted_mm is not None and wanted_mm > slice_mm:
        slices = np.unique(np.clip(spaced_positions(0, count, slice_mm, wanted_mm), 0, count - 1))
    if isinstance(shown.in_plane, FixedPixels):
        rows = fitted_positions(box[1].start, box[1].stop, shown.in_plane.rows)
        columns = fitted_positions(box[2].start, box[2].stop, shown.in_plane.columns)
    else:
        pixel_mm, multiple_of = shown.in_plane.spacing_mm, shown.in_plane.multiple_of
        rows = spaced_positions(box[1].start, box[1].stop, row_mm, pixel_mm, multiple_of)
        columns = spaced_positions(box[2].start, box[2].stop, column_mm, pixel_mm, multiple_of)
    # An offset in slices means slices of the scan, not of the working grid.
    unit = slice_mm if shown.offsets_in_mm else whole.factors_zyx[0]
    return NetworkGrid(slices, rows, columns, tuple(offset / unit for offset in shown.neighbour_offsets))


def check_grid_memory(card: ModelCard, grid: NetworkGrid, whole: WorkingGrid) -> None:
    """Refuse a network's grid that needs more memory than the limit.

    A grid with more pixels than the scan has voxels shows the network nothing more: it may take less, where the user set no limit.

    Parameters
    ----------
    card : ModelCard
    grid : NetworkGrid
    whole : WorkingGrid

    Raises
    ------
    ModelError
        With what is needed, the limit, and how to raise it.
    """
    slices, neighbours, rows, columns = grid.shape_nchw
    channels = len(card.output.channels)
    together = max(1, limits.TOGETHER_CPU_PIXELS // (rows * columns))
    # All slices reduced, the answers to all, and one batch with its answer.
    planes = whole.mean_hu.shape[0] + channels * slices + (neighbours + channels) * together
    is_finer = slices * rows * columns > math.prod(whole.full_shape_zyx)
    try:
        check_memory(
            f"the grid of the network {card.name}",
            _VALUE_BYTES * planes * rows * columns,
            f"{slices} slices of {rows} × {columns} pixels need",
            limits.MOST_FINER_GB if is_finer else math.inf,
            "finer than the scan",
        )
    except InputError as error:
        raise ModelError(str(error)) from error


def normalised(hu: np.ndarray, shown: NetworkInput) -> np.ndarray:
    """Bring HU (float32, changed in place) to the units that a network's card asks for."""
    np.clip(hu, *shown.clip_hu, out=hu)
    hu -= shown.subtract_hu
    hu /= shown.divide_hu
    return hu


def spaced_positions(first: int, stop: int, spacing_mm: float, pixel_mm: float, multiple_of: int = 1) -> np.ndarray:
    """Give positions of pixels of a given size that cover a range of indices, centred on it.

    Parameters
    ----------
    first, stop : int
        Range of indices of the working grid.
    spacing_mm, pixel_mm : float
        Distance between indices, and between the target positions.
    multiple_of : int
        The number of positions is rounded up to a multiple of it.

    Returns
    -------
    numpy.ndarray
        float64, in indices.
    """
    count = int(np.ceil((stop - first) * spacing_mm / pixel_mm / multiple_of - 1e-6)) * multiple_of
    centre = (first + stop - 1) / 2
    return centre + (np.arange(max(count, multiple_of)) - (max(count, multiple_of) - 1) / 2) * (pixel_mm / spacing_mm)


def fitted_positions(first: int, stop: int, count: int) -> np.ndarray:
    """Give ``count`` positions (float64) whose pixels together cover a range of indices exactly."""
    return first - 0.5 + (np.arange(count) + 0.5) * (stop - first) / count


def reduced_slices(hu: np.ndarray, grid: NetworkGrid) -> np.ndarray:
    """Resample every slice of the working grid in plane to the network's rows and columns.

    Parameters
    ----------
    hu : numpy.ndarray
        int16 (z, y, x), at least -1024.
    grid : NetworkGrid

    Returns
    -------
    numpy.ndarray
        float32 (z, rows, columns), HU; -1024 outside the image.
    """
    rows = _weights(grid.rows, hu.shape[1], inside_only=True)
    columns = _weights(grid.columns, hu.shape[2], inside_only=True).T
    reduced = np.empty((hu.shape[0], grid.rows.size, grid.columns.size), np.float32)
    for index in range(hu.shape[0]):
        np.matmul(rows, (hu[index].astype(np.float32) - LOWEST_CT_HU) @ columns, out=reduced[index])
    reduced += LOWEST_CT_HU
    return reduced


def stacked_neighbours(reduced: np.ndarray, grid: NetworkGrid, which: slice = slice(None)) -> np.ndarray:
    """Put neighbouring slices together as channels, interpolated between the slices of the working grid.

    Parameters
    ----------
    reduced : numpy.ndarray
        float32 (z, rows, columns), from :func:`reduced_slices`.
    grid : NetworkGrid
    which : slice
        Of the slices that the network labels.

    Returns
    -------
    numpy.ndarray
        float32 (slices, channels, rows, columns). Beyond the first and last slice these are repeated.
    """
    last = reduced.shape[0] - 1
    stack = np.empty((grid.slices[which].size, len(grid.neighbour_steps), *reduced.shape[1:]), np.float32)
    for number, position in enumerate(grid.slices[which]):
        for channel, step in enumerate(grid.neighbour_steps):
            place = min(max(float(position) + step, 0.0), float(last))
            below = min(int(place), max(0, last - 1))
            share = place - below
            if share < 1e-6:
                stack[number, channel] = reduced[below]
            else:
                stack[number, channel] = (1 - share) * reduced[below] + share * reduced[below + 1]
    return stack


def enlarged(planes: np.ndarray, grid: NetworkGrid, shape_zyx: tuple[int, int, int], box: Box) -> np.ndarray:
    """Interpolate the network's output (one channel) linearly to the working grid.

    Parameters
    ----------
    planes : numpy.ndarray
        float32 (slices, rows, columns).
    grid : NetworkGrid
    shape_zyx : tuple of int
        Of the working grid.
    box : tuple of slice
        Part of the working grid that is wanted.

    Returns
    -------
    numpy.ndarray
        float32, the box's shape; beyond the network's pixels the nearest one's value.
    """
    slices, rows, columns = (
        _inverse_weights(positions, size)[part]
        for positions, size, part in zip((grid.slices, grid.rows, grid.columns), shape_zyx, box, strict=True)
    )
    in_plane = rows @ planes @ columns.T
    return np.einsum("zn,nyx->zyx", slices, in_plane, optimize=True).astype(np.float32, copy=False)


def _weights(positions: np.ndarray, size: int, inside_only: bool) -> np.ndarray:
    """Triangular weights (positions, size), as wide as the pixels, so that nothing is skipped when reducing."""
    width = max(1.0, float(positions[1] - positions[0])) if positions.size > 1 else 1.0
    weights = np.maximum(0.0, 1 - np.abs(positions[:, None] - np.arange(size)) / width)
    total = weights.sum(axis=1, keepdims=True)
    weights /= np.maximum(total, 1e-12)
    if inside_only:
        weights[(positions < -0.5) | (positions > size - 0.5)] = 0
    return weights.astype(np.float32)


def _inverse_weights(positions: np.ndarray, size: int) -> np.ndarray:
    """Linear weights (size, positions) that bring values at positions back to the indices 0 to size - 1."""
    if positions.size == 1:
        return np.ones((size, 1), np.float32)
    place = np.interp(np.arange(size), positions, np.arange(positions.size))
    below = np.minimum(place.astype(int), positions.size - 2)
    weights = np.zeros((size, positions.size), np.float32)
    weights[np.arange(size), below] = 1 - (place - below)
    weights[np.arange(size), below + 1] = place - below
    return weights
