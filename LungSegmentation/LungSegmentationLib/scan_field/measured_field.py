"""The part of a volume that was measured: in each row of each slice one run of columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class MeasuredField:
    """What was measured of a canonical volume.

    Every field of view is convex, so each row of a slice holds one run of measured columns; in an empty slice none.

    Parameters
    ----------
    first, stop : numpy.ndarray
        int16 (z, y): the first measured column of each row and the one behind the last; equal where none was measured.
    columns : int
        Of the volume.
    edge_fills_hu, slice_fills_hu : tuple of int
        Values that fill the array around the field, and those that fill whole slices.
    """

    first: np.ndarray
    stop: np.ndarray
    columns: int
    edge_fills_hu: tuple[int, ...] = ()
    slice_fills_hu: tuple[int, ...] = ()

    @classmethod
    def whole(cls, shape_zyx: tuple[int, int, int]) -> MeasuredField:
        """Say that all was measured."""
        return cls(np.zeros(shape_zyx[:2], np.int16), np.full(shape_zyx[:2], shape_zyx[2], np.int16), shape_zyx[2])

    @property
    def is_whole(self) -> bool:
        """Whether all was measured."""
        return bool(np.all(self.first == 0) and np.all(self.stop == self.columns))

    @property
    def is_rectangle(self) -> bool:
        """Whether all slices that were measured show one and the same rectangle, or all of the image."""
        in_rows = self.first < self.stop
        rows, slices = np.flatnonzero(np.any(in_rows, axis=0)), np.flatnonzero(np.any(in_rows, axis=1))
        if np.count_nonzero(in_rows) != rows.size * slices.size:
            return False
        return bool(np.ptp(self.first[in_rows]) == 0 and np.ptp(self.stop[in_rows]) == 0)

    @property
    def empty_slices(self) -> np.ndarray:
        """Slices (bool, (z,)) of which nothing was measured."""
        return ~np.any(self.first < self.stop, axis=1)

    def mask(self, box: Box = (slice(None), slice(None), slice(None))) -> np.ndarray:
        """Mark the measured voxels (bool, (z, y, x), not to be written to) in a box of the volume."""
        columns: np.ndarray = np.arange(self.columns, dtype=np.int16)[box[2]]
        first, stop = self.first[box[:2]], self.stop[box[:2]]
        shape = (*first.shape, columns.size)
        if len(first) > 1 and np.all(first == first[0]) and np.all(stop == stop[0]):
            first, stop = first[:1], stop[:1]
        within = (columns >= first[..., None]) & (columns < stop[..., None])
        return np.broadcast_to(within, shape)

    def crop(self, box: Box) -> MeasuredField:
        """Keep a box, which is then the volume."""
        start, end, _ = box[2].indices(self.columns)
        first, stop = (np.clip(ends[box[:2]], start, end) - np.int16(start) for ends in (self.first, self.stop))
        return MeasuredField(first, stop, end - start, self.edge_fills_hu, self.slice_fills_hu)

    def flipped(self, flips_zyx: tuple[bool, bool, bool]) -> MeasuredField:
        """Reverse some axes."""
        backward = tuple(slice(None, None, -1 if flip else 1) for flip in flips_zyx[:2])
        first, stop = self.first[backward], self.stop[backward]
        if flips_zyx[2]:
            is_empty = first >= stop
            first, stop = (np.where(is_empty, np.int16(0), np.int16(self.columns) - ends) for ends in (stop, first))
        return MeasuredField(first, stop, self.columns, self.edge_fills_hu, self.slice_fills_hu)
