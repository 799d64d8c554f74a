"""A mask cut across by a front that runs through it from a root: connected pieces, each hanging on the one before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx
from . import limits
from .voxel_graph import VoxelGraph

ROOT = -1


@dataclass(frozen=True)
class Slabs:
    """The pieces.

    Parameters
    ----------
    thickness_mm : float
        How far the front runs through each.
    of_voxel : numpy.ndarray
        int (voxels,): the piece of each of the graph's voxels; -1 where no front came.
    middles_zyx_mm : numpy.ndarray
        float64 (n, 3): centroids, from the centre of the mask's first voxel.
    voxels : numpy.ndarray
        int (n,): number of voxels of each.
    parents : numpy.ndarray
        int (n,): the piece before it with which it shares most; -1 at a root. Parents come before their children.
    """

    thickness_mm: float
    of_voxel: np.ndarray
    middles_zyx_mm: np.ndarray
    voxels: np.ndarray
    parents: np.ndarray

    def steps_mm(self) -> np.ndarray:
        """Give the distance of each middle from its parent's; 0 at a root."""
        steps = np.linalg.norm(self.middles_zyx_mm - self.middles_zyx_mm[self.parents], axis=1)
        return np.where(self.parents == ROOT, 0.0, steps)

    def shares_of(self, mask: np.ndarray) -> np.ndarray:
        """Give the share (n,) of each slab's voxels that lie in a mask: bool (voxels,), in the graph's order."""
        inside = self.of_voxel >= 0
        return np.bincount(self.of_voxel[inside], mask[inside], len(self.voxels)) / self.voxels

    def counted_areas_mm2(self, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
        """Give the area of the tube's cross-section at each slab, from its number of voxels.

        Notes
        -----
        Ways over voxels are longer than straight lines, but along the axes: the slab is thinner by as much.
        """
        before = np.where(self.parents == ROOT, 0, self.parents)
        along = self.middles_zyx_mm - self.middles_zyx_mm[np.where(self.parents[before] == ROOT, before, self.parents[before])]
        return self.voxels * (float(np.prod(spacing_zyx_mm)) / self.thickness_mm) * _way_over_straight(along, spacing_zyx_mm)


def cut_into_slabs(graph: VoxelGraph, seeds: np.ndarray, spacing_zyx_mm: SpacingZyx) -> Slabs:
    """Let a front run from the seeds, and cut the mask where it has run so many voxels' diagonals.

    Parameters
    ----------
    graph : VoxelGraph
    seeds : numpy.ndarray
        int (m,): voxels of the graph.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    Slabs

    References
    ----------
    A front's pieces as a tree's branches: Lohmann et al., Med Image Anal 1 (1997) 309.
    """
    thickness_mm = float(np.linalg.norm(spacing_zyx_mm))
    distances_mm = graph.distances_mm(seeds)
    is_reached = np.isfinite(distances_mm)
    shells = (np.where(is_reached, distances_mm, -thickness_mm) // thickness_mm).astype(np.int32)
    steps = [shells[second] - shells[first] for first, second in graph.pairs]
    pieces, count = graph.pieces(steps)
    shell_of_piece = np.empty(count, np.int32)
    shell_of_piece[pieces] = shells
    # In the order of the front, so that parents come first.
    order = np.argsort(shell_of_piece, kind="stable")
    unreached = int(np.count_nonzero(shell_of_piece < 0))
    number = np.empty(count, np.int32)
    number[order] = np.arange(count) - unreached
    of_voxel = np.maximum(number[pieces], -1)
    count -= unreached
    inside = of_voxel[is_reached]
    voxels = np.bincount(inside, minlength=count)
    places_mm = graph.indices_zyx[is_reached] * np.asarray(spacing_zyx_mm)
    middles = np.stack([np.bincount(inside, places_mm[:, axis], count) for axis in range(3)], axis=1) / voxels[:, None]
    return Slabs(thickness_mm, of_voxel, middles, voxels, _parents(graph, of_voxel, steps, count))


def _parents(graph: VoxelGraph, of_voxel: np.ndarray, steps: list[np.ndarray], count: int) -> np.ndarray:
    before, after = [], []
    for (first, second), step in zip(graph.pairs, steps, strict=True):
        is_ahead, is_behind = np.flatnonzero(step < 0), np.flatnonzero(step > 0)
        before += [second[is_ahead], first[is_behind]]
        after += [first[is_ahead], second[is_behind]]
    parents = np.full(count, ROOT, np.int64)
    links = of_voxel[np.concatenate(after)].astype(np.int64) * count + of_voxel[np.concatenate(before)]
    links, contacts = np.unique(links, return_counts=True)
    by_contacts = np.argsort(contacts, kind="stable")
    parents[links[by_contacts] // count] = links[by_contacts] % count  # the last written has most contacts
    return parents


def _way_over_straight(along_zyx_mm: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """How much longer than a straight line of this direction (n, 3) the shortest way over neighbouring voxels is; 1 for none."""
    steps = np.abs(along_zyx_mm) / spacing_zyx_mm
    order = np.argsort(-steps, axis=1)
    steps = np.take_along_axis(steps, order, axis=1)
    lengths_mm = np.sqrt(np.cumsum((np.asarray(spacing_zyx_mm) ** 2)[order], axis=1))
    ways_mm = ((steps - np.pad(steps[:, 1:], ((0, 0), (0, 1)))) * lengths_mm).sum(axis=1)
    straight_mm = np.linalg.norm(along_zyx_mm, axis=1)
    return np.where(straight_mm > 0, ways_mm / np.maximum(straight_mm, 1e-9), 1.0)


def without_spurs(slabs: Slabs, radii_mm: np.ndarray) -> np.ndarray:
    """Tell which pieces belong to branches, and not to bumps on them.

    At every fork the way that leads farthest goes on; another one is a branch where it reaches farther than a spur.

    Parameters
    ----------
    slabs : Slabs
    radii_mm : numpy.ndarray
        float (n,): of each piece.

    Returns
    -------
    numpy.ndarray
        bool (n,).
    """
    steps_mm, parents = slabs.steps_mm().tolist(), slabs.parents.tolist()
    spurs_mm = (limits.SPUR_RADII_RATIO * radii_mm + limits.SPUR_SLABS_COUNT * slabs.thickness_mm).tolist()
    reach_mm, farthest = [0.0] * len(parents), [ROOT] * len(parents)
    for piece in range(len(parents) - 1, -1, -1):
        parent, reached_mm = parents[piece], reach_mm[piece] + steps_mm[piece]
        if parent != ROOT and reached_mm > reach_mm[parent]:
            reach_mm[parent], farthest[parent] = reached_mm, piece
    kept = [True] * len(parents)
    for piece, parent in enumerate(parents):
        if parent != ROOT:
            kept[piece] = kept[parent] and (farthest[parent] == piece or reach_mm[piece] + steps_mm[piece] > spurs_mm[parent])
    return np.array(kept, bool)
