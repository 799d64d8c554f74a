"""Pieces of the coarse sample that a finding is made of, and the places at which they lie in the scan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import bounding_box, component_sizes, components, dilated, eroded
from ..labels import LEFT_LUNG, RIGHT_LUNG
from .flag import Box, Place
from .grid import QualityGrid


@dataclass(frozen=True)
class Piece:
    """A connected part of the sample.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x), on the sample.
    volume_ml : float
    """

    mask: np.ndarray
    volume_ml: float


def thick_pieces(mask: np.ndarray, grid: QualityGrid, radius_mm: float, smallest_ml: float) -> list[Piece]:
    """Open a mask (bool, on the sample) by a ball, and give its pieces of a size and more, the largest first."""
    if np.count_nonzero(mask) * grid.sample_ml < smallest_ml:
        return []
    spacing = grid.sample_spacing_zyx_mm
    # Half a voxel more on the way back: on voxels as large as the ball an opening alone would round every corner off.
    opened = dilated(eroded(mask, radius_mm, spacing), radius_mm + 0.5 * max(spacing), spacing) & mask
    pieces, count = components(opened)
    sizes_ml = component_sizes(pieces, count) * grid.sample_ml
    chosen = sorted(np.flatnonzero(sizes_ml >= smallest_ml), key=lambda piece: -sizes_ml[piece])
    return [Piece(pieces == piece, float(sizes_ml[piece])) for piece in chosen]


def inner_hu(piece: Piece, grid: QualityGrid) -> float:
    """Give the median density of a piece without its rim, which mixes with what is beside it; of a thin piece, that of all of it."""
    box = bounding_box(piece.mask)
    mask = np.pad(piece.mask[box], 1)
    inner = eroded(mask, max(grid.sample_spacing_zyx_mm), grid.sample_spacing_zyx_mm)[1:-1, 1:-1, 1:-1]
    return float(np.median(grid.smooth_hu[box][inner if inner.any() else piece.mask[box]]))


def side_of(mask: np.ndarray, grid: QualityGrid, midline_column: float) -> str:
    """Name the side that a mask lies on: by the labels in it, where there are none by the body's midline."""
    labels = grid.sample_labels[mask]
    right, left = int(np.count_nonzero(labels == RIGHT_LUNG)), int(np.count_nonzero(labels == LEFT_LUNG))
    if right == left:
        return "right" if float(np.nonzero(mask)[2].mean()) < midline_column else "left"
    return "right" if right > left else "left"


def place_of(piece: Piece, grid: QualityGrid, what: str, midline_column: float) -> Place:
    """Say where a piece lies in the scan's own array."""
    z, y, x = (
        (part.start * step, min(part.stop * step, size))
        for part, step, size in zip(bounding_box(piece.mask), grid.steps_zyx, grid.labels.shape, strict=True)
    )
    step = grid.steps_zyx[0]
    middle = min(int(np.median(np.nonzero(piece.mask)[0])) * step + step // 2, len(grid.labels) - 1)
    box, slice_index = box_in_scan((z, y, x), middle, grid)
    return Place(what, slice_index, side_of(piece.mask, grid, midline_column), piece.volume_ml, box)


def box_in_scan(box_zyx: Box, slice_index: int, grid: QualityGrid) -> tuple[Box, int]:
    """Bring a box and the number of a slice from canonical order to the scan's own array."""
    spans: list[tuple[int, int]] = [(0, 0)] * 3
    for axis, (start, stop) in enumerate(box_zyx):
        size = grid.labels.shape[axis]
        spans[grid.order.axes[axis]] = (size - stop, size - start) if grid.order.flipped[axis] else (start, stop)
    return (spans[0], spans[1], spans[2]), len(grid.labels) - 1 - slice_index if grid.order.flipped[0] else slice_index


def largest_ml(pieces: Iterable[Piece | Place]) -> float:
    """Volume of the largest piece, 0 for none."""
    return max((piece.volume_ml or 0.0 for piece in pieces), default=0.0)
