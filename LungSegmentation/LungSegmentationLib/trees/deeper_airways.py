"""Bronchi beyond the label of the airways: grown into the lung as far as they do not spill, and kept as far as they have walls."""

from __future__ import annotations

import numpy as np

from ..anatomy.flooding import NEVER, flood_by_steps
from ..anatomy.morphology import SpacingZyx, dilated
from ..labels import AIRWAYS, BACKGROUND
from . import limits
from .forest import Forest
from .lines import rough_forest
from .rays import profiles_hu, rays_across
from .slabs import ROOT, Slabs


def deeper_lumen(voxels_hu: np.ndarray, labels: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Grow the airways into the lungs, at the highest threshold at which they do not spill.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    labels : numpy.ndarray
        uint8 (z, y, x): 1 right lung, 2 left lung, 3 airways.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x), with the airways of the labels.
    """
    lowest_hu, highest_hu, step_hu = limits.GROWN_FROM_HU, limits.GROWN_TO_HU, limits.GROWN_STEP_HU
    steps = (highest_hu - lowest_hu) // step_hu
    # By a table over all values of 16 bits: the scan is looked at once.
    values_hu = np.arange(1 << 16).astype(np.uint16).view(np.int16).astype(np.int32)
    step_of_value = np.where(values_hu < highest_hu, np.maximum(values_hu - lowest_hu, 0) // step_hu, NEVER).astype(np.uint8)
    step_of = step_of_value[voxels_hu.view(np.uint16)]
    airways = labels == AIRWAYS
    np.putmask(step_of, (labels == BACKGROUND) & ~dilated(airways, limits.GAP_MM, spacing_zyx_mm), NEVER)
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    most_voxels = int(limits.MOST_GROWN_ML / voxel_ml)
    reached_at, sizes = flood_by_steps(step_of, airways, steps, most_voxels)
    gains_ml = np.diff([0, *sizes]) * voxel_ml
    spills = np.flatnonzero((gains_ml > limits.MOST_GAIN_ML) | (np.array(sizes) > most_voxels))
    last = int(spills[0]) if spills.size else len(sizes)
    return airways | (reached_at < last)


def with_walls(
    slabs: Slabs, kept: np.ndarray, radii_mm: np.ndarray, known: np.ndarray, voxels_hu: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Leave out the branches without a wall around them, and all that hangs on them.

    Parameters
    ----------
    slabs : Slabs
    kept : numpy.ndarray
        bool (n,): the slabs that belong to branches.
    radii_mm : numpy.ndarray
        float (n,): of each slab.
    known : numpy.ndarray
        bool (n,): slabs of airways that need no proof.
    voxels_hu : numpy.ndarray
        int16 (z, y, x), from the mask's first voxel on.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (n,).
    """
    forest, pieces = rough_forest(slabs, kept, radii_mm)
    shares = _walled_shares(forest, voxels_hu, spacing_zyx_mm)
    kept = kept.copy()
    for branch in range(len(forest)):
        own = pieces[forest.starts[branch] + (forest.parents[branch] != ROOT) : forest.starts[branch + 1]]
        kept[own[~known[own]]] &= shares[branch] >= limits.WALLED_SHARE
    for piece in np.flatnonzero(slabs.parents != ROOT):
        kept[piece] &= kept[slabs.parents[piece]]
    return kept


def _walled_shares(forest: Forest, voxels_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Give for each branch the usual share of its way round on which it is denser near its surface than in its middle."""
    places = np.setdiff1d(np.arange(len(forest.points_zyx_mm)), forest.starts[:-1])
    middles, rays = forest.points_zyx_mm[places], rays_across(forest, places, limits.WALL_RAYS_COUNT)
    steps_mm = np.linspace(0.0, limits.WALL_WITHIN_MM, limits.WALL_SAMPLES_COUNT)
    beside_hu = profiles_hu(voxels_hu, middles, rays, forest.radii_mm[places][:, None] + steps_mm, spacing_zyx_mm).max(axis=2)
    middle_hu = profiles_hu(voxels_hu, middles, rays[:, :1], np.zeros(1), spacing_zyx_mm)[:, :, 0]
    shares = (beside_hu - middle_hu > limits.WALL_RISE_HU).mean(axis=1)
    branches = np.searchsorted(forest.starts, places, side="right") - 1
    return np.array([np.median(shares[branches == branch]) for branch in range(len(forest))])
