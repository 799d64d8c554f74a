"""The trees of a result: vessels of both lungs, and airways."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import bounding_box
from ..labels import AIRWAYS, BACKGROUND, LEFT_LUNG, RIGHT_LUNG
from ..vessels.calibre import SideVessels
from ..volume import CtVolume
from .airways import airway_tree
from .centrelines import Centrelines, joined
from .forest import Forest
from .patient_grid import PatientGrid
from .vessels import vessel_forest
from .walls import Wall, airway_walls

SIDE_LABELS = {"right_lung": RIGHT_LUNG, "left_lung": LEFT_LUNG}


@dataclass(frozen=True)
class AirwayBranches:
    """The airways' tree with the walls of its branches.

    Parameters
    ----------
    lines : Centrelines
    names : tuple of str
        Of each branch: trachea, right and left main bronchus; empty for others.
    walls : tuple of Wall or None
        Of each branch.
    """

    lines: Centrelines
    names: tuple[str, ...]
    walls: tuple[Wall | None, ...]


def vessel_trees(volume: CtVolume, sides: Mapping[str, SideVessels]) -> Centrelines | None:
    """Find the middle lines of the vessels in both lungs.

    Parameters
    ----------
    volume : CtVolume
        In any orientation, which changes nothing.
    sides : mapping of str to SideVessels
        From :func:`LungSegmentationLib.vessels.calibre.measure_vessels`.

    Returns
    -------
    Centrelines or None
        Those of the right lung first; None where no vessel has a branch.
    """
    grids = {key: PatientGrid.of(volume, side.box) for key, side in sides.items() if side.areas_mm2.size}
    voxels = {key: grid.order.places_of(np.flatnonzero(sides[key].mask), sides[key].mask.shape) for key, grid in grids.items()}
    mediastinum = _mediastinum_lps_mm(voxels, grids)

    def forest_of(key: str) -> Forest:
        grid = grids[key]
        mask = grid.order.apply(sides[key].mask)
        areas_mm2 = sides[key].areas_mm2[np.argsort(np.ravel_multi_index(voxels[key], mask.shape))]
        return vessel_forest(mask, areas_mm2, grid.from_lps_mm(mediastinum), grid.spacing_zyx_mm)

    with ThreadPoolExecutor(2) as pool:
        forests = {key: forest for key, forest in zip(grids, pool.map(forest_of, grids), strict=True) if len(forest)}
    if not forests:
        return None
    both = joined(list(forests.values()))
    points = [grids[key].to_lps_mm(forest.points_zyx_mm) for key, forest in forests.items()]
    labels = [np.full(len(forest), SIDE_LABELS[key]) for key, forest in forests.items()]
    return Centrelines.of(both, np.concatenate(points), both.generations(), np.concatenate(labels))


def _mediastinum_lps_mm(voxels: Mapping[str, tuple[np.ndarray, ...]], grids: Mapping[str, PatientGrid]) -> np.ndarray:
    """Give the middle between both lungs' vessels; beside a single lung's on its inner side."""
    middles = {}
    for key, (z, y, x) in voxels.items():
        middle = np.array([z.mean(), y.mean(), x.mean()])
        if len(voxels) == 1:
            middle[2] = x.max() if key == "right_lung" else x.min()
        middles[key] = grids[key].to_lps_mm((middle * grids[key].spacing_zyx_mm)[None])[0]
    return np.mean(list(middles.values()), axis=0) if middles else np.zeros(3)


def airway_branches(volume: CtVolume, labels: np.ndarray) -> AirwayBranches | None:
    """Find the airways' middle lines and walls.

    Parameters
    ----------
    volume : CtVolume
        In any orientation, which changes nothing.
    labels : numpy.ndarray
        uint8 with the scan's shape: 1 right lung, 2 left lung, 3 airways.

    Returns
    -------
    AirwayBranches or None
        None without airways, or where they are too small for a branch.
    """
    if not (labels == AIRWAYS).any():
        return None
    box = bounding_box(labels != BACKGROUND)
    grid = PatientGrid.of(volume, box)
    voxels_hu, labels = grid.order.apply(volume.voxels_hu[box]), grid.order.apply(labels[box])
    tree = airway_tree(voxels_hu, labels, grid.spacing_zyx_mm)
    if tree is None:
        return None
    walls = airway_walls(voxels_hu, tree.forest, grid.spacing_zyx_mm)
    lines = Centrelines.of(tree.forest, grid.to_lps_mm(tree.forest.points_zyx_mm), tree.generations(), tree.sides)
    return AirwayBranches(lines, tree.names(), tuple(walls))
