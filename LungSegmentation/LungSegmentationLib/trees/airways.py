"""The airways' tree: from the trachea down, with the sides of its branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box
from ..labels import BACKGROUND, LEFT_LUNG, RIGHT_LUNG
from .forest import Forest
from .lines import make_forest
from .slabs import ROOT, cut_into_slabs, without_spurs
from .voxel_graph import VoxelGraph

TRACHEA, MAIN_BRONCHUS = "Trachea", "main bronchus"


@dataclass(frozen=True)
class AirwayTree:
    """The airways' branches.

    Parameters
    ----------
    forest : Forest
        One tree; in mm from the centre of the mask's first voxel, axes (z, y, x). Radii are those of the lumen, from its voxels.
    is_trachea : numpy.ndarray
        bool (branches,): the branches down to the carina.
    sides : numpy.ndarray
        uint8 (branches,): :data:`RIGHT_LUNG` or :data:`LEFT_LUNG`, 0 where it belongs to both.
    """

    forest: Forest
    is_trachea: np.ndarray
    sides: np.ndarray

    def generations(self) -> np.ndarray:
        """Count the forks from the carina on: 0 in the trachea, 1 in the main bronchi.

        References
        ----------
        E. R. Weibel, Morphometry of the Human Lung, Springer (1963).
        """
        generations = np.zeros(len(self.forest), np.int64)
        for branch, parent in enumerate(self.forest.parents.tolist()):
            if not self.is_trachea[branch]:
                generations[branch] = generations[parent] + 1 if parent != ROOT else 1
        return generations

    def is_main(self) -> np.ndarray:
        """Tell which branches are the main bronchi, one of each side; none where the mask ends before both."""
        parents = self.forest.parents
        carina = np.flatnonzero(self.is_trachea)[-1:]
        return np.isin(parents, carina) & (self.sides != BACKGROUND)


def airway_tree(mask: np.ndarray, spacing_zyx_mm: SpacingZyx) -> AirwayTree | None:
    """Find the airways' middle lines.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x) in canonical order: their lumen, not empty. Pieces apart from the largest are left out.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    AirwayTree or None
        None where the mask is too small for a branch.
    """
    box = bounding_box(mask)
    graph = VoxelGraph(mask[box], spacing_zyx_mm)
    pieces, _ = graph.pieces()
    heights = np.where(pieces == np.bincount(pieces).argmax(), graph.indices_zyx[:, 0], -1)
    slabs = cut_into_slabs(graph, np.flatnonzero(heights == heights.max()), spacing_zyx_mm)
    radii_mm = np.sqrt(slabs.counted_areas_mm2(spacing_zyx_mm) / np.pi)
    forest = make_forest(slabs, without_spurs(slabs, radii_mm), radii_mm)
    if not len(forest):
        return None
    forest = forest.moved(np.array([part.start for part in box]) * spacing_zyx_mm)
    is_trachea, sides = forest.parents == ROOT, np.full(len(forest), BACKGROUND, np.uint8)
    carina = _carina(forest)
    if carina is not None:
        is_trachea[forest.path_to(carina.trachea)] = True
        sides[forest.is_below(carina.right)] = RIGHT_LUNG
        sides[forest.is_below(carina.left)] = LEFT_LUNG
    return AirwayTree(forest, is_trachea, sides)


@dataclass(frozen=True)
class _Carina:
    """The branch that ends there, and the two that begin there."""

    trachea: int
    right: int
    left: int


def _carina(forest: Forest) -> _Carina | None:
    """Find the fork below which both branches lead to most of the tree, one to either side."""
    below_mm = forest.sums_below(forest.lengths_mm())
    best, best_mm = None, 0.0
    for branch, children in enumerate(forest.children()):
        if len(children) < 2:
            continue
        first, second = sorted(children, key=lambda child: -below_mm[child])[:2]
        right, left = sorted((first, second), key=lambda child: float(forest.points_below(child)[:, 2].mean()))
        fork_x = forest.points_of(branch)[-1, 2]
        is_between = forest.points_below(right)[:, 2].mean() < fork_x < forest.points_below(left)[:, 2].mean()
        if below_mm[second] > best_mm and is_between:
            best, best_mm = _Carina(branch, right, left), below_mm[second]
    return best
