"""Voxels of a mask as a graph: each joined to its up to 26 neighbours, by the distance in mm; and a front that runs through it."""

from __future__ import annotations

from functools import cached_property
from itertools import product

import numpy as np

from ..anatomy.morphology import SpacingZyx
from ..anatomy.pieces import joined, pieces_of

# One of each pair of opposite steps, and both.
_HALF = np.array([step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)])
_STEPS = np.concatenate([_HALF, -_HALF])
_NONE = -1


class VoxelGraph:
    """The voxels of a mask with their neighbours.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x), not empty.
    spacing_zyx_mm : tuple of float

    Attributes
    ----------
    indices_zyx : numpy.ndarray
        int (n, 3): the mask's voxels, in the array's order; all other arrays keep it.
    """

    def __init__(self, mask: np.ndarray, spacing_zyx_mm: SpacingZyx) -> None:
        padded = np.pad(mask, 1)
        self._shape = padded.shape
        self._places = np.flatnonzero(padded)
        self._numbers = np.full(padded.size, _NONE, np.int32)
        self._numbers[self._places] = np.arange(self._places.size, dtype=np.int32)
        self._strides = np.array([padded.shape[1] * padded.shape[2], padded.shape[2], 1])
        self._spacing_zyx_mm = np.asarray(spacing_zyx_mm)
        self.indices_zyx: np.ndarray = np.stack(np.unravel_index(self._places, padded.shape), axis=1) - 1

    @cached_property
    def pairs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """All pairs of neighbours, each once: for each of 13 directions the numbers (int32, (n,)) of both."""
        found = []
        for step in _HALF @ self._strides:
            other = self._numbers[self._places + step]
            first = np.flatnonzero(other != _NONE)
            found.append((first.astype(np.int32), other[first]))
        return found

    def pieces(self, steps: list[np.ndarray] | None = None) -> tuple[np.ndarray, int]:
        """Label connected voxels, on request only those of the same kind.

        Parameters
        ----------
        steps : list of numpy.ndarray, optional
            For each of :attr:`pairs`, how far apart both kinds are: 0 where they are the same.

        Returns
        -------
        pieces : numpy.ndarray
            int32 (n,), from 0 on.
        count : int
        """
        if steps is None:
            pieces = pieces_of(self._places, self._shape)
            return pieces.numbers, pieces.count
        rows, columns = [], []
        for (first, second), step in zip(self.pairs, steps, strict=True):
            same = np.flatnonzero(step == 0)
            rows.append(first[same])
            columns.append(second[same])
        return joined(np.concatenate(rows), np.concatenate(columns), self._places.size)

    def distances_mm(self, seeds: np.ndarray) -> np.ndarray:
        """Find the length of the shortest way through the mask to the nearest seed.

        Parameters
        ----------
        seeds : numpy.ndarray
            int (m,): numbers of voxels, at least one.

        Returns
        -------
        numpy.ndarray
            float64 (n,): mm, infinite where no seed can be reached.

        References
        ----------
        Shortest ways in buckets no wider than the shortest step: R. B. Dial, Commun ACM 12 (1969) 632.
        """
        distances = np.full(self._places.size + 1, np.inf)  # the last stands for all that is outside
        distances[_NONE] = -np.inf
        distances[seeds] = 0.0
        lengths_mm = np.linalg.norm(_STEPS * self._spacing_zyx_mm, axis=1)[:, None]
        steps = (_STEPS @ self._strides)[:, None]
        bucket_mm = float(lengths_mm.min())
        is_waiting, order = np.zeros(distances.size, bool), np.empty(distances.size, np.intp)
        waiting = np.unique(seeds)
        is_waiting[waiting] = True
        while waiting.size:
            ahead_mm = distances[waiting]
            is_now = ahead_mm < ahead_mm.min() + bucket_mm  # no shorter way to these is left
            front, waiting = waiting[is_now], waiting[~is_now]
            is_waiting[front] = False
            neighbours = self._numbers[self._places[front] + steps]
            lengths = distances[front] + lengths_mm
            is_nearer = lengths < distances[neighbours]
            reached = neighbours[is_nearer]
            np.minimum.at(distances, reached, lengths[is_nearer])
            reached = reached[~is_waiting[reached]]
            order[reached] = np.arange(reached.size)  # each once: where its number is written last
            reached = reached[order[reached] == np.arange(reached.size)]
            is_waiting[reached] = True
            waiting = np.concatenate([waiting, reached])
        return distances[:-1]
