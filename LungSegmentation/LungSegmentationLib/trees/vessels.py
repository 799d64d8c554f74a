"""The trees of one lung's vessels: rooted at their thick ends near the mediastinum."""

from __future__ import annotations

import numpy as np
from scipy import spatial

from ..anatomy.morphology import SpacingZyx, bounding_box
from . import limits
from .forest import Forest
from .lines import finished, rough_forest
from .slabs import Slabs, cut_into_slabs, without_spurs
from .voxel_graph import VoxelGraph


def vessel_forest(mask: np.ndarray, areas_mm2: np.ndarray, mediastinum_zyx_mm: np.ndarray, spacing_zyx_mm: SpacingZyx) -> Forest:
    """Find the vessels' middle lines in one lung.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x): the vessels, not empty.
    areas_mm2 : numpy.ndarray
        float (n,): area of the vessel's cross-section at each voxel of the mask, in the array's order: see
        :func:`LungSegmentationLib.vessels.cross_sections.cross_section_areas_mm2`.
    mediastinum_zyx_mm : numpy.ndarray
        float (3,): the middle between the lungs, from the centre of the first voxel.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    Forest
        In mm from the centre of the first voxel, the longest tree first. A piece of the mask has one root or several.

    Notes
    -----
    Where vessels touch, the front that is earlier goes on: a mask does not tell a crossing from a fork.
    """
    box = bounding_box(mask)
    corner_mm = np.array([part.start for part in box]) * spacing_zyx_mm
    graph = VoxelGraph(mask[box], spacing_zyx_mm)
    roots = _roots(graph, mediastinum_zyx_mm - corner_mm, spacing_zyx_mm)
    forest = _forest_of(cut_into_slabs(graph, roots, spacing_zyx_mm), areas_mm2, spacing_zyx_mm)
    return forest.moved(corner_mm).longest_first()


def _forest_of(slabs: Slabs, areas_mm2: np.ndarray, spacing_zyx_mm: SpacingZyx) -> Forest:
    counted_mm2 = slabs.counted_areas_mm2(spacing_zyx_mm)
    mean_mm2 = np.bincount(slabs.of_voxel, areas_mm2, len(slabs.voxels)) / slabs.voxels
    # How wide the widest are the mask knows better.
    mean_mm2 = np.where(mean_mm2 > limits.WIDE_FROM_MM2, np.maximum(counted_mm2, limits.WIDE_FROM_MM2), mean_mm2)
    rough, _ = rough_forest(slabs, without_spurs(slabs, np.sqrt(counted_mm2 / np.pi)), np.sqrt(mean_mm2 / np.pi))
    return finished(rough, slabs.thickness_mm)


def _roots(graph: VoxelGraph, mediastinum_zyx_mm: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Give the voxels at each piece's thick ends near the mediastinum that point to it; where it has none at its nearest end.

    The ends are found from the periphery: a front ends in a vessel's middle.
    """
    places_mm = graph.indices_zyx * np.asarray(spacing_zyx_mm)
    away_mm = np.linalg.norm(places_mm - mediastinum_zyx_mm, axis=1)
    pieces, count = graph.pieces()
    by_piece = np.lexsort((away_mm, pieces))
    first = np.searchsorted(pieces[by_piece], np.arange(count + 1))
    slabs = cut_into_slabs(graph, by_piece[first[1:] - 1], spacing_zyx_mm)
    radii_mm = np.sqrt(slabs.counted_areas_mm2(spacing_zyx_mm) / np.pi)
    rough, _ = rough_forest(slabs, without_spurs(slabs, radii_mm), radii_mm)
    tips = np.setdiff1d(np.arange(len(rough)), rough.parents)
    ends = rough.starts[tips + 1] - 1
    end_away_mm = np.linalg.norm(rough.points_zyx_mm[ends] - mediastinum_zyx_mm, axis=1)
    begin_away_mm = np.linalg.norm(rough.points_zyx_mm[rough.starts[tips]] - mediastinum_zyx_mm, axis=1)
    is_root = (rough.branch_radii_mm()[tips] >= limits.THICK_FROM_MM) & (end_away_mm < np.minimum(np.median(away_mm), begin_away_mm))
    tree = spatial.cKDTree(places_mm)
    _, voxels = tree.query(rough.points_zyx_mm[ends])
    roots = by_piece[first[:-1]]
    for tip in np.argsort(-end_away_mm, kind="stable"):
        roots[pieces[voxels[tip]]] = voxels[tip]  # the nearest comes last
    has_thick = np.isin(np.arange(count), pieces[voxels[is_root]])
    return np.union1d(roots[~has_thick], voxels[is_root])
