"""Grids of voxels in space: whether one lies on the voxels of another, and its array brought there; nothing is interpolated.

A label map may hold its voxels in another axis order than the scan, as happens when a DICOM series
was converted to NIfTI: it fits where both cover the same places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import InputError
from .volume import CtVolume, canonical_order

_TOLERANCE_VOXELS = 0.1


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the voxels of an array lie; the fields are those of :class:`LungSegmentationLib.volume.CtVolume`."""

    shape_zyx: tuple[int, int, int]
    spacing_zyx_mm: tuple[float, float, float]
    origin_lps_mm: tuple[float, float, float]
    direction_lps: np.ndarray

    @property
    def steps_lps_mm(self) -> np.ndarray:
        """Way from one voxel to the next: float64 (3, 3), one column for each of the axes (column, row, slice)."""
        return np.asarray(self.direction_lps, float) * np.asarray(self.spacing_zyx_mm[::-1])

    def to_index(self, points_lps_mm: np.ndarray) -> np.ndarray:
        """Turn places (float64 (points, 3), LPS in mm) into indices (slice, row, column), where whole numbers are voxel centres."""
        indices_xyz = np.linalg.solve(self.steps_lps_mm, (np.asarray(points_lps_mm, float) - self.origin_lps_mm).T).T
        return indices_xyz[:, ::-1]

    def to_place(self, indices_zyx: np.ndarray) -> np.ndarray:
        """Turn indices (float64 (points, 3): slice, row, column) into places (LPS in mm)."""
        places: np.ndarray = np.asarray(indices_zyx, float)[:, ::-1] @ self.steps_lps_mm.T + self.origin_lps_mm
        return places


def grid_of(volume: CtVolume) -> Grid:
    """Take the grid of a volume."""
    slices, rows, columns = volume.voxels_hu.shape
    return Grid((slices, rows, columns), volume.spacing_zyx_mm, volume.origin_lps_mm, volume.direction_lps)


def volume_without_voxels(grid: Grid, name: str) -> CtVolume:
    """Make a volume that has a geometry only: 0 HU everywhere, read-only, without memory of its own."""
    nothing = np.broadcast_to(np.int16(0), grid.shape_zyx)
    return CtVolume(nothing, grid.spacing_zyx_mm, grid.origin_lps_mm, grid.direction_lps, name)


def place_onto(
    array: np.ndarray, grid: Grid, onto: Grid, name: str, onto_name: str, may_be_part: bool = False, advice: str | None = None
) -> np.ndarray:
    """Give an array in the axis order of another grid that has its voxels at the same places.

    Parameters
    ----------
    array : numpy.ndarray
        Any dtype, shape ``grid.shape_zyx``.
    grid, onto : Grid
        Where the array's voxels lie, and where they shall lie.
    name, onto_name : str
        What to call both in an error.
    may_be_part : bool
        Whether the array may cover a part of the other grid, or reach beyond it with zeros; what it does not cover becomes 0.
    advice : str, optional
        What the user can do where the grids differ.

    Returns
    -------
    numpy.ndarray
        The array's dtype, shape ``onto.shape_zyx``, contiguous.

    Raises
    ------
    InputError
        When the voxels lie elsewhere, saying what differs.
    """
    placement = _placement(grid, onto)
    advice = advice or "resample the labels onto the scan's grid with nearest-neighbour interpolation"
    if placement is not None:
        axes, flipped, first = placement
        turned = np.transpose(array, axes)[tuple(slice(None, None, -1 if flip else 1) for flip in flipped)]
        if first == (0, 0, 0) and turned.shape == onto.shape_zyx:
            return np.ascontiguousarray(turned)
        if may_be_part:
            return _filled_up(turned, first, onto, name, onto_name)
    raise InputError(
        f"{name} lies on another grid than {onto_name}: {_described(grid)}, but {onto_name} has {_described(onto)} "
        f"(in the order left, back, head); {advice}"
    )


def fits(grid: Grid, onto: Grid, may_be_part: bool = False) -> bool:
    """Say whether :func:`place_onto` can bring an array from one grid to the other; a part may still reach beyond it."""
    placement = _placement(grid, onto)
    if placement is None:
        return False
    axes, _flipped, first = placement
    return may_be_part or (first == (0, 0, 0) and tuple(grid.shape_zyx[axis] for axis in axes) == onto.shape_zyx)


def covering(grid: Grid, other: Grid) -> Grid:
    """Extend a grid by whole voxels until every voxel of another one has its centre within it."""
    corners = np.array(np.meshgrid(*((0, size - 1) for size in other.shape_zyx), indexing="ij")).reshape(3, -1).T
    indices = grid.to_index(other.to_place(corners))
    first = np.minimum(np.floor(indices.min(axis=0) + _TOLERANCE_VOXELS), 0).astype(int)
    last = np.maximum(np.ceil(indices.max(axis=0) - _TOLERANCE_VOXELS).astype(int), np.array(grid.shape_zyx) - 1)
    slices, rows, columns = (int(size) for size in last - first + 1)
    x, y, z = (float(mm) for mm in grid.to_place(first[np.newaxis])[0])
    return Grid((slices, rows, columns), grid.spacing_zyx_mm, (x, y, z), grid.direction_lps)


def _placement(grid: Grid, onto: Grid) -> tuple[tuple[int, ...], tuple[bool, ...], tuple[int, ...]] | None:
    """Find axes, flips and the index of the first voxel (each in the order of ``onto``); None where voxels lie between voxels."""
    turn = np.linalg.solve(onto.steps_lps_mm, grid.steps_lps_mm)[::-1, ::-1]  # from indices to indices, both (slice, row, column)
    whole = np.rint(turn)
    # Axes are compared by how far they part over the whole image, in voxels.
    drift = np.abs(turn - whole) * np.asarray(grid.shape_zyx)
    start = onto.to_index(np.asarray(grid.origin_lps_mm)[np.newaxis])[0]
    is_turn = np.array_equal(np.abs(whole) @ np.ones(3), np.ones(3)) and np.array_equal(np.ones(3) @ np.abs(whole), np.ones(3))
    if not is_turn or drift.max() > _TOLERANCE_VOXELS or np.abs(start - np.rint(start)).max() > _TOLERANCE_VOXELS:
        return None
    axes = tuple(int(axis) for axis in np.argmax(np.abs(whole), axis=1))
    flipped = tuple(bool(whole[axis, source] < 0) for axis, source in enumerate(axes))
    first = tuple(
        int(np.rint(start[axis])) - (grid.shape_zyx[source] - 1 if flip else 0)
        for axis, (source, flip) in enumerate(zip(axes, flipped, strict=True))
    )
    return axes, flipped, first


def _filled_up(part: np.ndarray, first: tuple[int, ...], onto: Grid, name: str, onto_name: str) -> np.ndarray:
    whole = np.zeros(onto.shape_zyx, part.dtype)
    target, source = [], []
    for start, size, room in zip(first, part.shape, onto.shape_zyx, strict=True):
        low = max(start, 0)
        high = max(min(start + size, room), low)
        target.append(slice(low, high))
        source.append(slice(low - start, high - start))
    inside = part[tuple(source)]
    beyond = np.count_nonzero(part) - np.count_nonzero(inside)
    if beyond:
        raise InputError(
            f"{name} marks {beyond} voxels beyond {onto_name}, which has {_described(onto)} (in the order left, back, head); "
            "give the whole scan that it was drawn on"
        )
    whole[tuple(target)] = inside
    return whole


def _described(grid: Grid) -> str:
    order = canonical_order(grid.direction_lps)
    size = " × ".join(str(grid.shape_zyx[axis]) for axis in order.axes[::-1])
    spacing = " × ".join(f"{grid.spacing_zyx_mm[axis]:.4g}" for axis in order.axes[::-1])
    corner = np.zeros((1, 3))
    for axis, flip in zip(order.axes, order.flipped, strict=True):
        corner[0, axis] = grid.shape_zyx[axis] - 1 if flip else 0
    origin = ", ".join(f"{mm:.1f}" for mm in grid.to_place(corner)[0])
    return f"{size} voxels of {spacing} mm from ({origin}) mm"
