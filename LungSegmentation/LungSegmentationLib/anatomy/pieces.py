"""Connected pieces of a sparse mask: from the runs of its voxels along the rows, without a volume of labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Steps (slices, rows) from a row to those of its neighbours that come after it.
_NEXT_ROWS = ((0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True)
class Pieces:
    """The pieces (26-connected) of some voxels.

    Parameters
    ----------
    numbers : numpy.ndarray
        int32 (n,): the piece of each voxel, from 0 on, in the voxels' order.
    count : int
        Number of pieces.
    run_numbers : numpy.ndarray
        int32 (runs,): the piece of each run of voxels along a row.
    run_first_zyx, run_last_zyx : numpy.ndarray
        int (runs, 3): where each run begins and ends.
    """

    numbers: np.ndarray
    count: int
    run_numbers: np.ndarray
    run_first_zyx: np.ndarray
    run_last_zyx: np.ndarray

    def boxes(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the first and the last corner (pieces, 3) of each piece's bounding box; both belong to it."""
        first, last = np.full((self.count, 3), np.iinfo(np.intp).max), np.full((self.count, 3), -1)
        np.minimum.at(first, self.run_numbers, self.run_first_zyx)
        np.maximum.at(last, self.run_numbers, self.run_last_zyx)
        return first, last

    def diagonals_mm(self, spacing_zyx_mm: tuple[float, float, float]) -> np.ndarray:
        """Give the diagonal of each piece's bounding box."""
        first, last = self.boxes()
        return np.linalg.norm((last - first + 1) * np.asarray(spacing_zyx_mm), axis=1)


def pieces_of(places: np.ndarray, shape_zyx: tuple[int, ...]) -> Pieces:
    """Label connected voxels.

    Parameters
    ----------
    places : numpy.ndarray
        int flat indices (n,), rising.
    shape_zyx : tuple of int
        Shape of the array that they index.

    Returns
    -------
    Pieces
    """
    rows, columns = np.divmod(places, shape_zyx[2])
    # An empty column and row between all others, so that no neighbour lies beyond the end of one.
    width, height = shape_zyx[2] + 2, shape_zyx[1] + 2
    padded = (rows + 2 * (rows // shape_zyx[1])) * width + columns
    is_first = np.ones(places.size, bool)
    np.not_equal(padded[1:], padded[:-1] + 1, out=is_first[1:])
    first = np.flatnonzero(is_first)
    last = np.append(first[1:], places.size)[: first.size] - 1
    links = [_links(padded[first], padded[last], (slices * height + step) * width) for slices, step in _NEXT_ROWS]
    one, other = (np.concatenate(side) for side in zip(*links, strict=True))
    of_run, count = joined(one, other, first.size)
    slices, rows = np.divmod(rows[first], shape_zyx[1])
    corners = [np.stack([slices, rows, columns[end]], axis=1) for end in (first, last)]
    return Pieces(np.repeat(of_run, last - first + 1), count, of_run, *corners)


def joined(one: np.ndarray, other: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """Number what hangs together by pairs.

    Parameters
    ----------
    one, other : numpy.ndarray
        int (pairs,): what each pair joins, from 0 on.
    size : int
        How many things there are.

    Returns
    -------
    numbers : numpy.ndarray
        int32 (size,): the piece of each thing, from 0 on.
    count : int
        Number of pieces.
    """
    from scipy import sparse  # together an eighth of what a command takes to start
    from scipy.sparse import csgraph

    # In 32 bits: scipy 1.11 numbers nothing, and only prints an error, where the pairs are of 64.
    pairs = one.astype(np.int32), other.astype(np.int32)
    graph = sparse.coo_array((np.ones(one.size, np.int8), pairs), shape=(size, size))
    count, numbers = csgraph.connected_components(graph, directed=False)
    return numbers, int(count)


def _links(starts: np.ndarray, ends: np.ndarray, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the pairs of runs that touch, of which the second lies in the row that begins so many places ahead."""
    low = np.searchsorted(ends, starts + (ahead - 1))
    high = np.searchsorted(starts, ends + (ahead + 1), side="right")
    counts = high - low
    one = np.repeat(np.arange(starts.size), counts)
    within = np.arange(one.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return one, low[one] + within
