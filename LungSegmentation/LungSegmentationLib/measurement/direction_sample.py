"""Steps from voxel to voxel that together sample all directions alike, whatever the voxel's shape."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from ..anatomy.morphology import SpacingZyx
from . import limits

_SIGNS = np.array(list(product((1,), (1, -1), (1, -1))))


@lru_cache(maxsize=64)
def direction_sample(spacing_mm: SpacingZyx, reach_mm: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Choose steps with weights such that the weighted sum of \|cosine\| is the same to every direction.

    Parameters
    ----------
    spacing_mm : tuple of float
        Longest side first.
    reach_mm : float
        Longest step allowed; those to a voxel's 26 neighbours always are.

    Returns
    -------
    steps : numpy.ndarray
        int (n, 3), voxels, without common divisor; only one of each step and its opposite.
    weights : numpy.ndarray
        float (n,). The sum over the steps of weight times \|cosine\| is 1 on average over all directions, and
        differs from 1 in the worst direction as little as such steps permit (linear programming).
    """
    from scipy.optimize import linprog

    families = _families(spacing_mm, reach_mm)
    normals = _normals()
    cosines = np.stack([_mean_cosines(family * spacing_mm, normals) for family in families], axis=1)
    worst = np.ones((len(normals), 1))
    solution = linprog(
        np.append(np.zeros(len(families)), 1.0),
        A_ub=np.block([[cosines, -worst], [-cosines, -worst]]),
        b_ub=np.append(worst, -worst),
        # The mean of |cosine| over all directions is one half.
        A_eq=np.append(np.ones(len(families)), 0.0)[None],
        b_eq=[2.0],
        method="highs",
    )
    used = [(_both_ways_once(family), weight) for family, weight in zip(families, solution.x[:-1], strict=True) if weight > 1e-9]
    steps = np.concatenate([family for family, _ in used])
    weights = np.concatenate([np.full(len(family), weight / len(family)) for family, weight in used])
    return steps, weights


def _families(spacing_mm: SpacingZyx, reach_mm: float) -> list[np.ndarray]:
    """List the steps without signs, the shortest first, those that mirrors and equal sides of the voxel make alike together."""
    counts = [min(limits.FARTHEST_STEP_VOXELS, max(1, int(reach_mm / mm + 1e-9))) for mm in spacing_mm]
    steps = np.stack(np.meshgrid(*(np.arange(count + 1) for count in counts), indexing="ij"), axis=-1).reshape(-1, 3)
    near = steps.max(axis=1) <= 1
    allowed = near | (np.linalg.norm(steps * spacing_mm, axis=1) <= reach_mm * (1 + 1e-9))
    families: dict[tuple[tuple[float, int], ...], list[list[int]]] = {}
    for step in steps[allowed & (np.gcd.reduce(steps, axis=1) == 1)].tolist():
        families.setdefault(tuple(sorted(zip(spacing_mm, step, strict=True))), []).append(step)
    # Neighbours first, so that the limit leaves out none of them.
    order = sorted(families, key=lambda key: (max(count for _, count in key) > 1, sum((mm * count) ** 2 for mm, count in key), key))
    return [np.array(families[key]) for key in order[: limits.MOST_STEPS_COUNT]]


def _normals() -> np.ndarray:
    """Spread unit vectors over one eighth of the sphere: by mirrors it stands for all."""
    edge = limits.NORMALS_PER_EDGE_COUNT
    points = np.array([(i, j, edge - i - j) for i in range(edge + 1) for j in range(edge + 1 - i)], float)
    points = np.sin(np.pi / 2 * points / edge)  # as dense everywhere
    return points / np.linalg.norm(points, axis=1)[:, None]


def _mean_cosines(steps_mm: np.ndarray, normals: np.ndarray) -> np.ndarray:
    units = steps_mm / np.linalg.norm(steps_mm, axis=1)[:, None]
    mirrored = (units[:, None] * _SIGNS).reshape(-1, 3)
    mean: np.ndarray = np.abs(normals @ mirrored.T).mean(axis=1)
    return mean


def _both_ways_once(family: np.ndarray) -> np.ndarray:
    """Give the family's mirrored steps too, of each step and its opposite one."""
    mirrored = (family[:, None] * _SIGNS).reshape(-1, 3).tolist()
    return np.array(sorted({max(tuple(step), tuple(-count for count in step)) for step in mirrored}))
