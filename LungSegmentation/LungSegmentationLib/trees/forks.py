"""Forks put where the lines of their branches meet: a front splits some way beyond the fork of the middle lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import limits
from .forest import Forest
from .slabs import ROOT

# Points of a branch that are looked at from a fork on.
_WINDOW = 32


@dataclass(frozen=True)
class _Ways:
    """The branches as they lead away from the forks at their ends: one way for each branch at each fork.

    ``branches`` and ``forks`` (n,) name its branch and the branch that ends at its fork, ``points`` (n, window, 3) begin at the
    fork, and ``is_there`` (n, window) tells those that exist.
    """

    branches: np.ndarray
    forks: np.ndarray
    points: np.ndarray
    is_there: np.ndarray


def moved_forks(forest: Forest, slab_mm: float) -> Forest:
    """Move the forks.

    Parameters
    ----------
    forest : Forest
        With forks where the front splits.
    slab_mm : float
        Distance of its points along a branch.

    Returns
    -------
    Forest
        Points of a branch that lie before or beside its moved forks are left out.
    """
    ends = np.unique(forest.parents[forest.parents != ROOT])
    if ends.size == 0:
        return forest
    radii_mm = forest.branch_radii_mm()
    outwards = np.flatnonzero(forest.parents != ROOT)
    children = _ways(forest, outwards, forest.parents[outwards], forest.starts[outwards], 1)
    parents = _ways(forest, ends, ends, forest.starts[ends + 1] - 1, -1)
    meeting = np.zeros((len(forest), 3))
    meeting[ends] = _meeting_points(forest, ends, (children, parents), radii_mm, slab_mm)
    lengths = np.diff(forest.starts)
    heads, tails = np.ones(len(forest), np.intp), np.ones(len(forest), np.intp)
    heads[outwards] = _points_left_out(children, meeting, radii_mm, slab_mm)
    tails[ends] = _points_left_out(parents, meeting, radii_mm, slab_mm)
    places = np.arange(len(forest.points_zyx_mm)) - np.repeat(forest.starts[:-1], lengths)
    until = np.repeat(lengths - tails, lengths)
    is_end = (places == 0) | (places == np.repeat(lengths, lengths) - 1)
    kept = is_end | ((places >= np.repeat(heads, lengths)) & (places < until))
    points = forest.points_zyx_mm.copy()
    points[forest.starts[outwards]] = meeting[forest.parents[outwards]]
    points[forest.starts[ends + 1] - 1] = meeting[ends]
    starts = np.concatenate([[0], np.cumsum(np.add.reduceat(kept, forest.starts[:-1], dtype=np.intp))])
    return Forest(points[kept], forest.radii_mm[kept], starts, forest.parents)


def _ways(forest: Forest, branches: np.ndarray, forks: np.ndarray, first: np.ndarray, sign: int) -> _Ways:
    steps = np.arange(_WINDOW)
    is_there = steps < np.diff(forest.starts)[branches][:, None]
    places = np.where(is_there, first[:, None] + sign * steps, first[:, None])
    return _Ways(branches, forks, forest.points_zyx_mm[places], is_there)


def _meeting_points(forest: Forest, ends: np.ndarray, all_ways: tuple[_Ways, ...], radii_mm: np.ndarray, slab_mm: float) -> np.ndarray:
    """Find the point nearest to the straight lines that fit a fork's branches best: least squares."""
    places = forest.points_zyx_mm[forest.starts[ends + 1] - 1]
    number = np.zeros(len(forest), np.intp)
    number[ends] = np.arange(ends.size)
    weights = np.tile(limits.FORK_HOLD_WEIGHT * np.eye(3), (ends.size, 1, 1))
    sums = limits.FORK_HOLD_WEIGHT * places
    for ways in all_ways:
        middles, across = _straight_parts(ways, radii_mm[ways.forks], slab_mm)
        np.add.at(weights, number[ways.forks], across)
        np.add.at(sums, number[ways.forks], np.einsum("nij,nj->ni", across, middles))
    shifts = np.linalg.solve(weights, sums[:, :, None])[:, :, 0] - places
    lengths_mm = np.maximum(np.linalg.norm(shifts, axis=1), 1e-9)
    return places + shifts * np.minimum(1.0, limits.FORK_MOVES_RADII_RATIO * radii_mm[ends] / lengths_mm)[:, None]


def _straight_parts(ways: _Ways, radii_mm: np.ndarray, slab_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Fit straight lines to the parts of ways that begin a radius from their fork: a point (n, 3), what projects across (n, 3, 3)."""
    from_mm = limits.STRAIGHT_FROM_RADII_RATIO * radii_mm
    to_mm = np.maximum(limits.STRAIGHT_TO_RADII_RATIO * radii_mm, from_mm + limits.STRAIGHT_SLABS_COUNT * slab_mm)
    away_mm = np.linalg.norm(ways.points - ways.points[:, :1], axis=2)
    part = ways.is_there & (away_mm >= from_mm[:, None]) & (away_mm <= to_mm[:, None])
    count = ways.is_there.sum(axis=1)
    is_short = part.sum(axis=1) < 2
    steps = np.arange(part.shape[1])
    part[is_short] = (steps >= count[is_short, None] - 2) & (steps < count[is_short, None])
    middles = (ways.points * part[:, :, None]).sum(axis=1) / part.sum(axis=1)[:, None]
    centred = (ways.points - middles[:, None]) * part[:, :, None]
    along = np.linalg.eigh(np.einsum("nki,nkj->nij", centred, centred))[1][:, :, 2]
    return middles, np.eye(3) - along[:, :, None] * along[:, None, :]


def _points_left_out(ways: _Ways, meeting: np.ndarray, radii_mm: np.ndarray, slab_mm: float) -> np.ndarray:
    """Count the points at the beginning of each way, the fork included, that its moved fork leaves out."""
    radius_mm = radii_mm[ways.forks]
    away_mm = np.linalg.norm(ways.points - meeting[ways.forks][:, None], axis=2)
    steps_mm = np.linalg.norm(np.diff(ways.points, axis=1, prepend=ways.points[:, :1]), axis=2)
    is_near = ways.is_there & (np.cumsum(steps_mm, axis=1) <= (limits.FORK_MOVES_RADII_RATIO * radius_mm + slab_mm)[:, None])
    passed = np.argmin(np.where(is_near, away_mm, np.inf), axis=1)
    steps = np.arange(away_mm.shape[1])
    is_beyond = ways.is_there & (steps >= passed[:, None]) & (away_mm > np.maximum(radius_mm, slab_mm / 2)[:, None])
    first = np.where(is_beyond.any(axis=1), is_beyond.argmax(axis=1), ways.is_there.sum(axis=1))
    return np.maximum(first, 1)
