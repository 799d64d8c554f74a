"""The branches' lines: through the middles of a mask's slabs, from fork to fork."""

from __future__ import annotations

import numpy as np

from . import limits
from .forest import Forest
from .forks import moved_forks
from .slabs import ROOT, Slabs

_MEDIAN_OF = np.arange(-2, 3)
_FEWEST_WITH_END = 4


def rough_forest(slabs: Slabs, kept: np.ndarray, radii_mm: np.ndarray) -> tuple[Forest, np.ndarray]:
    """Make the branches of a mask's trees, with forks where the front splits.

    Parameters
    ----------
    slabs : Slabs
    kept : numpy.ndarray
        bool (n,): the slabs that belong to branches, see :func:`.slabs.without_spurs`.
    radii_mm : numpy.ndarray
        float (n,): radius of the tube at each slab.

    Returns
    -------
    Forest
        A tree of a single slab has no branch.
    pieces : numpy.ndarray
        int: the slab of each of its points. A branch begins with its parent's last one.
    """
    branches, parents = _branches(slabs, kept)
    lines = [slabs.middles_zyx_mm[branch] for branch in branches]
    for number in np.setdiff1d(np.arange(len(branches)), parents).tolist():
        branches[number], lines[number] = _with_whole_end(branches[number], slabs, radii_mm)
    for number in np.flatnonzero(parents == ROOT).tolist():
        turned, line = _with_whole_end(branches[number][::-1], slabs, radii_mm, lines[number][::-1])
        branches[number], lines[number] = turned[::-1], line[::-1]
    starts = np.cumsum([0, *map(len, branches)])
    pieces = np.array([piece for branch in branches for piece in branch], np.intp)
    points = np.concatenate(lines) if lines else np.empty((0, 3))
    return Forest(points, _usual_radii(radii_mm[pieces], starts, parents), starts, parents), pieces


def _branches(slabs: Slabs, kept: np.ndarray) -> tuple[list[list[int]], np.ndarray]:
    """Follow the slabs from fork to fork: those of each branch, and its parent."""
    children = np.bincount(slabs.parents[kept & (slabs.parents != ROOT)], minlength=len(kept)).tolist()
    before = slabs.parents.tolist()
    branch_of = [ROOT] * len(before)
    branches: list[list[int]] = []
    parents: list[int] = []
    for piece in np.flatnonzero(kept).tolist():
        last = before[piece]
        if last == ROOT and children[piece] != 1:
            continue  # alone, or a fork from which branches begin
        if last == ROOT or children[last] > 1:
            branch_of[piece] = len(branches)
            branches.append([piece] if last == ROOT else [last, piece])
            parents.append(ROOT if last == ROOT else branch_of[last])
        else:
            branch_of[piece] = branch_of[last]
            branches[branch_of[piece]].append(piece)
    return branches, np.array(parents, np.int64)


def _with_whole_end(pieces: list[int], slabs: Slabs, radii_mm: np.ndarray, line: np.ndarray | None = None) -> tuple[list[int], np.ndarray]:
    """Let a branch's line end where its voxels do.

    The front reaches one side of an end before the other: its last slabs do not cross the branch, and their middles lie aside. The line
    goes straight on from the last that does, as far as their voxels fill the branch.
    """
    line = slabs.middles_zyx_mm[pieces] if line is None else line
    if len(pieces) < _FEWEST_WITH_END:
        return pieces, line
    sizes = slabs.voxels[pieces].tolist()
    aside = min(int(radii_mm[pieces[len(pieces) // 2]] / slabs.thickness_mm) + 1, len(pieces) - 3)
    before = sorted(sizes[max(0, len(sizes) - aside - 5) : len(sizes) - aside])
    usual = before[len(before) // 2]
    last = len(sizes)
    while last > len(sizes) - aside and sizes[last - 1] < limits.WHOLE_SLAB_SHARE * usual:
        last -= 1
    first = max(0, last - 4)
    step = (line[last - 1] - line[first]) / (last - 1 - first)
    end = line[last - 1] + step * (0.5 + sum(sizes[last:]) / usual)
    return [*pieces[:last], pieces[-1]], np.vstack([line[:last], end])


def _usual_radii(radii_mm: np.ndarray, starts: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Running median of five along each branch, without the slabs at a fork, which several branches share."""
    first = starts[:-1] + (parents != ROOT)
    last = starts[1:] - 1 - np.isin(np.arange(len(parents)), parents)
    last = np.maximum(last, first)
    lengths = np.diff(starts)
    places = np.arange(len(radii_mm))[:, None] + _MEDIAN_OF
    return np.median(radii_mm[np.clip(places, np.repeat(first, lengths)[:, None], np.repeat(last, lengths)[:, None])], axis=1)


def finished(rough: Forest, slab_mm: float) -> Forest:
    """Put the forks where the lines of their branches meet, and take the lines' smallest turns away.

    Parameters
    ----------
    rough : Forest
        See :func:`rough_forest`.
    slab_mm : float
        The slabs' thickness.

    Returns
    -------
    Forest
        With the same branches. Each inner point is the mean of itself and of its neighbours' middle.
    """
    forest = moved_forks(rough, slab_mm)
    points = forest.points_zyx_mm
    means = points.copy()
    means[1:-1] = points[1:-1] / 2 + (points[:-2] + points[2:]) / 4
    ends = np.concatenate([forest.starts[:-1], forest.starts[1:] - 1])
    means[ends] = points[ends]
    return Forest(means, forest.radii_mm, forest.starts, forest.parents)
