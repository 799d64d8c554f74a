"""The airways' tree: from the trachea down, with the sides of its branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box
from ..labels import AIRWAYS, BACKGROUND, LEFT_LUNG, RIGHT_LUNG
from .deeper_airways import deeper_lumen, with_walls
from .forest import Forest
from .lines import finished, rough_forest
from .slabs import ROOT, cut_into_slabs, without_spurs
from .voxel_graph import VoxelGraph

_MAIN_BRONCHI = {RIGHT_LUNG: "Right main bronchus", LEFT_LUNG: "Left main bronchus"}


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

    def names(self) -> tuple[str, ...]:
        """Name the trachea and the main bronchi; empty for other branches, and where the mask ends before both main bronchi."""
        carina = np.flatnonzero(self.is_trachea)[-1:]
        is_main = np.isin(self.forest.parents, carina)
        names = ["Trachea" if is_trachea else "" for is_trachea in self.is_trachea]
        for branch in np.flatnonzero(is_main & ~self.is_trachea):
            names[branch] = _MAIN_BRONCHI.get(int(self.sides[branch]), "")
        return tuple(names)


def airway_tree(voxels_hu: np.ndarray, labels: np.ndarray, spacing_zyx_mm: SpacingZyx) -> AirwayTree | None:
    """Find the airways' middle lines, in the label and beyond it as far as walls are seen.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x) in canonical order, contiguous.
    labels : numpy.ndarray
        uint8 (z, y, x): 1 right lung, 2 left lung, 3 airways, of which pieces apart from the largest are left out.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    AirwayTree or None
        None without airways, or where they are too small for a branch.
    """
    if not (labels == AIRWAYS).any():
        return None
    lumen = deeper_lumen(voxels_hu, labels, spacing_zyx_mm)
    box = bounding_box(lumen)
    voxels_hu, lumen, airways = voxels_hu[box], lumen[box], labels[box] == AIRWAYS
    graph = VoxelGraph(lumen, spacing_zyx_mm)
    pieces, _ = graph.pieces()
    labelled = airways[lumen]
    heights = np.where(labelled & (pieces == np.bincount(pieces[labelled]).argmax()), graph.indices_zyx[:, 0], -1)
    slabs = cut_into_slabs(graph, np.flatnonzero(heights == heights.max()), spacing_zyx_mm)
    radii_mm = np.sqrt(slabs.counted_areas_mm2(spacing_zyx_mm) / np.pi)
    shares = slabs.shares_of(labelled)
    kept = with_walls(slabs, without_spurs(slabs, radii_mm), radii_mm, shares > 0, voxels_hu, spacing_zyx_mm)
    rough, pieces = rough_forest(slabs, kept, radii_mm)
    if not len(rough):
        return None
    forest = finished(rough, slabs.thickness_mm)
    # Bronchi beyond the label are seen on one side more than on the other.
    volumes = np.add.reduceat((slabs.voxels * shares)[pieces], rough.starts[:-1])
    forest = forest.moved(np.array([part.start for part in box]) * spacing_zyx_mm)
    is_trachea, sides = forest.parents == ROOT, np.full(len(forest), BACKGROUND, np.uint8)
    carina = _carina(forest, volumes)
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


def _carina(forest: Forest, volumes: np.ndarray) -> _Carina | None:
    """Find the fork below which both branches lead to most of the volume, one to either side."""
    below = forest.sums_below(volumes)
    best, most = None, 0.0
    for branch, children in enumerate(forest.children()):
        if len(children) < 2:
            continue
        first, second = sorted(children, key=lambda child: -below[child])[:2]
        right, left = sorted((first, second), key=lambda child: float(forest.points_below(child)[:, 2].mean()))
        fork_x = forest.points_of(branch)[-1, 2]
        is_between = forest.points_below(right)[:, 2].mean() < fork_x < forest.points_below(left)[:, 2].mean()
        if below[second] > most and is_between:
            best, most = _Carina(branch, right, left), below[second]
    return best
