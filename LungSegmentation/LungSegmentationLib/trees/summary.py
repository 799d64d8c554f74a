"""Trees in a few figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import limits
from .centrelines import Centrelines
from .measure import AirwayBranches
from .walls import pi10_mm


@dataclass(frozen=True)
class VesselTreeFigures:
    """The vessels' trees of one lung.

    Parameters
    ----------
    trees, branches : int
        Pieces with a branch at least, by their roots, and branches.
    length_m : float
        Of all middle lines.
    below_1_mm, from_1_to_2_mm, above_2_mm : int
        Branches by their radius.
    thin_length_percent : float or None
        Share of the length that is of branches with a radius below 1 mm; None without branches.
    order : int
        Highest Strahler order.
    """

    trees: int
    branches: int
    length_m: float
    below_1_mm: int
    from_1_to_2_mm: int
    above_2_mm: int
    thin_length_percent: float | None
    order: int


@dataclass(frozen=True)
class AirwayTreeFigures:
    """The airways' tree.

    Parameters
    ----------
    branches, generations : int
        Branches, and the highest generation: 0 is the trachea.
    tree_length_mm : float
        Of all middle lines.
    walls : int
        Branches whose wall was measured.
    pi10_mm : float or None
        Square root of the wall area of an airway with an inner perimeter of 10 mm.
    pi10_reason : str
        Why there is none.
    """

    branches: int
    generations: int
    tree_length_mm: float
    walls: int
    pi10_mm: float | None
    pi10_reason: str


def vessel_tree_figures(lines: Centrelines | None, side: int) -> VesselTreeFigures:
    """Sum up the vessels' trees of one lung (1 right, 2 left)."""
    if lines is None or not (lines.sides == side).any():
        return VesselTreeFigures(0, 0, 0.0, 0, 0, 0, None, 0)
    own = lines.sides == side
    lengths_mm, radii_mm = lines.forest.lengths_mm()[own], lines.forest.branch_radii_mm()[own]
    classes = np.digitize(radii_mm, limits.CLASSES_FROM_MM)
    thin, medium, thick = np.bincount(classes, minlength=3).tolist()
    percent = 100 * float(lengths_mm[classes == 0].sum() / lengths_mm.sum())
    trees = len(np.unique(lines.forest.trees()[own]))
    return VesselTreeFigures(
        trees, int(own.sum()), float(lengths_mm.sum()) / 1000, thin, medium, thick, percent, int(lines.orders[own].max())
    )


def airway_tree_figures(branches: AirwayBranches | None) -> AirwayTreeFigures:
    """Sum up the airways' tree."""
    if branches is None:
        return AirwayTreeFigures(0, 0, 0.0, 0, None, "no airways")
    lines = branches.lines
    below_main = [
        wall
        for wall, name, generation in zip(branches.walls, branches.names, lines.generations, strict=True)
        if not name and generation > 0
    ]
    pi10, reason = pi10_mm(below_main)
    walls = sum(wall is not None for wall in branches.walls)
    length_mm = float(lines.forest.lengths_mm().sum())
    return AirwayTreeFigures(len(lines), int(lines.generations.max()), length_mm, walls, pi10, reason)
