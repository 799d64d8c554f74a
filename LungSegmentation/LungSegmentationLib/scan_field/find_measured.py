"""What a scanner measured, and what only fills the array: decided once per scan, by shape and never by a voxel's value alone.

A field of view is convex: a disc, a rectangle, a box that was turned by resampling. What fills the array around it has one value,
the same in all slices, or fills whole slices. Air that was clipped to the lowest value is uniform as well; where it cannot be told
from a fill, it counts as measured, unless something thick ends at the fill's edge as if cut with a knife.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from . import limits
from .measured_field import MeasuredField
from .outline_hull import convex_field, run_of_columns

_THREADS = 2


def find_measured(voxels_hu: np.ndarray, spacing_yx_mm: tuple[float, float]) -> MeasuredField:
    """Find what was measured of a volume.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x), canonical axes; flips do not matter.
    spacing_yx_mm : tuple of float
        Size of a voxel in plane.

    Returns
    -------
    MeasuredField
        The whole volume where nothing in it is fill.
    """
    empty = np.array([_is_uniform(plane) for plane in voxels_hu])
    shape = (voxels_hu.shape[0], voxels_hu.shape[1], voxels_hu.shape[2])
    if empty.all() or min(shape[1:]) < 3:
        return MeasuredField.whole(shape)
    fills = {int(voxels_hu[index, 0, 0]) for index in np.flatnonzero(empty)}
    first, stop = np.zeros(shape[:2], np.int16), np.full(shape[:2], shape[2], np.int16)
    used = np.flatnonzero(~empty)
    blocks = np.array_split(used, min(limits.MOST_BLOCKS_COUNT, len(used)))
    with ThreadPoolExecutor(_THREADS) as pool:
        ends = list(pool.map(lambda block: _lowest_and_highest(voxels_hu, block), blocks))
    lowest, highest = (np.array(part) for part in zip(*ends, strict=True))
    scan = _Slices(voxels_hu, used, spacing_yx_mm, is_whole=True)
    field, values = _field_of(scan, lowest.min(axis=0), highest.max(axis=0))
    first[used], stop[used] = run_of_columns(field)
    fills_in_plane = set(values)
    for number, of_slice in _moving_fills(scan, blocks, lowest, highest, field).items():
        run = _run_in_slice(scan, number, of_slice)
        if run is not None:
            first[number], stop[number] = run
            fills_in_plane |= of_slice
    stop[empty] = first[empty] = 0
    return MeasuredField(first, stop, shape[2], tuple(sorted(fills_in_plane)), tuple(sorted(fills)))


class _Slices:
    """Some slices of a volume, of which the shares of values are asked."""

    def __init__(self, voxels_hu: np.ndarray, numbers: np.ndarray, spacing_yx_mm: tuple[float, float], is_whole: bool) -> None:
        self.voxels_hu, self.numbers, self.spacing_yx_mm, self.is_whole = voxels_hu, numbers, spacing_yx_mm, is_whole

    def part(self, numbers: np.ndarray) -> _Slices:
        """Keep fewer slices."""
        return _Slices(self.voxels_hu, numbers, self.spacing_yx_mm, is_whole=False)

    def sampled(self, field: np.ndarray) -> np.ndarray:
        """Give the voxels inside a field, int16 (n,), of slices evenly spread."""
        picked = self.numbers[:: max(1, len(self.numbers) // limits.SAMPLED_SLICES)]
        return np.concatenate([self.voxels_hu[number][field] for number in picked])

    def along(self, pixels: np.ndarray) -> np.ndarray:
        """Give all slices' voxels, int16 (slices, pixels), of a few pixels of the plane (bool)."""
        rows, columns = np.nonzero(pixels)
        return self.voxels_hu[self.numbers[:, None], rows, columns]


def _is_uniform(plane_hu: np.ndarray) -> bool:
    if np.ptp(plane_hu[::16, ::16]):
        return False
    return bool(plane_hu.min() == plane_hu.max())


def _lowest_and_highest(voxels_hu: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lowest, highest = voxels_hu[numbers[0]].copy(), voxels_hu[numbers[0]].copy()
    for number in numbers[1:]:
        np.minimum(lowest, voxels_hu[number], out=lowest)
        np.maximum(highest, voxels_hu[number], out=highest)
    return lowest, highest


def _field_of(scan: _Slices, lowest_hu: np.ndarray, highest_hu: np.ndarray) -> tuple[np.ndarray, tuple[int, ...]]:
    """Find the convex field (bool) outside which every pixel keeps one value of a fill, and the values of the fills."""
    uniform = _in_constant_patches(lowest_hu, highest_hu, of_one_value=len(scan.numbers) < limits.ENOUGH_SLICES)
    kept = ~uniform
    while kept.any():
        field = convex_field(kept)
        values = [int(value) for value in np.unique(lowest_hu[~field])]
        measured = [value for value in values if not _is_fill(scan, field, uniform & (lowest_hu == value), value)]
        if not measured:
            return (_without_mixed_edge(scan, field, values) if values else field), tuple(values)
        kept |= uniform & np.isin(lowest_hu, measured)
    return np.ones(lowest_hu.shape, bool), ()


def _in_constant_patches(lowest_hu: np.ndarray, highest_hu: np.ndarray, of_one_value: bool) -> np.ndarray:
    """Mark the pixels that lie in some patch of 3 × 3 pixels that keep their value in all slices; beyond the image its edge goes on."""
    constant, value = np.pad(lowest_hu == highest_hu, 2, mode="edge"), np.pad(lowest_hu, 2, mode="edge")
    low = high = value
    for axis in (0, 1):
        size = constant.shape[axis] - 2
        parts = [range(start, start + size) for start in range(3)]
        constant = np.logical_and.reduce([np.take(constant, part, axis) for part in parts])
        if of_one_value:
            low = np.minimum.reduce([np.take(low, part, axis) for part in parts])
            high = np.maximum.reduce([np.take(high, part, axis) for part in parts])
    return _grown(constant & (low == high) if of_one_value else constant)[1:-1, 1:-1]


def _grown(mask: np.ndarray) -> np.ndarray:
    """Grow by one pixel in all eight directions."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    wide = grown.copy()
    wide[:, 1:] |= grown[:, :-1]
    wide[:, :-1] |= grown[:, 1:]
    return wide


def _is_fill(scan: _Slices, field: np.ndarray, of_value: np.ndarray, value_hu: int) -> bool:
    """Tell a fill from tissue without noise and from air that was clipped.

    Inside the field any value of a fill is met by chance only. The lowest value may be that of clipped air, whose noise leaves values
    just above it; then it is a fill where it cuts what lies at the field's edge, and otherwise no matter.
    """
    if np.count_nonzero(of_value & ~field) < limits.SMALLEST_FILL_SHARE * field.size:
        return False
    inside_hu = scan.sampled(field)
    if np.mean(inside_hu < value_hu) > limits.STREAKS_SHARE:
        return bool(np.mean(inside_hu == value_hu) < limits.RARE_VALUE_SHARE)
    if np.mean((inside_hu > value_hu) & (inside_hu <= value_hu + limits.NOISE_TAIL_HU)) < limits.STREAKS_SHARE:
        return True
    if not scan.is_whole:  # a body's outline hardly changes over a few slices
        return False
    is_cut = np.mean(scan.along(field & _grown(~field)) != value_hu, axis=0) >= limits.CUT_SLICES_SHARE
    return bool(np.count_nonzero(is_cut) * min(scan.spacing_yx_mm) >= limits.SHORTEST_CUT_MM)


def _without_mixed_edge(scan: _Slices, field: np.ndarray, values: list[int]) -> np.ndarray:
    """Take one pixel off a field whose edge was mixed with a fill below all air, as resampling does."""
    darkest = min(values)
    beside = field & _grown(~field)
    if darkest >= limits.LOWEST_CT_HU or not beside.any():
        return field
    mixed_below_hu = limits.LOWEST_CT_HU + (darkest - limits.LOWEST_CT_HU) * limits.MIXED_DEPTH_SHARE
    is_mixed = np.mean(scan.along(beside) < mixed_below_hu) > limits.MIXED_EDGE_SHARE
    return field & ~beside if is_mixed else field


def _moving_fills(
    scan: _Slices, blocks: list[np.ndarray], lowest_hu: np.ndarray, highest_hu: np.ndarray, field: np.ndarray
) -> dict[int, set[int]]:
    """Name the slices of which more may be filled than of all slices together, each with the values of its fills.

    These are the slices of blocks that have a smaller field of their own, and of the blocks beside them.
    """
    inner_rim = field & _grown(~np.pad(field, 1))[1:-1, 1:-1]
    values_of_slice: dict[int, set[int]] = {}
    for index, (block, lowest, highest) in enumerate(zip(blocks, lowest_hu, highest_hu, strict=True)):
        if len(blocks) == 1 or np.count_nonzero((lowest == highest) & inner_rim) <= limits.MOVED_RIM_SHARE * np.count_nonzero(inner_rim):
            continue
        smaller, values = _field_of(scan.part(block), lowest, highest)
        if np.count_nonzero(field & ~smaller) > limits.MOVED_FILL_SHARE * field.size:
            for number in np.concatenate(blocks[max(0, index - 1) : index + 2]):
                values_of_slice.setdefault(int(number), set()).update(values)
    return values_of_slice


def _run_in_slice(scan: _Slices, number: int, values: set[int]) -> tuple[np.ndarray, np.ndarray] | None:
    """Give the runs of columns of a slice outside the fills of given values; None where there are none."""
    plane_hu = scan.voxels_hu[number]
    # What has none of the values is no patch of one value either.
    highest_hu = np.where(np.isin(plane_hu, list(values)), plane_hu, np.iinfo(np.int16).max)
    field, found = _field_of(scan.part(np.array([number])), plane_hu, highest_hu)
    return run_of_columns(field) if found else None
