"""The trees of one lung's vessels: rooted at their thick ends near the mediastinum."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box
from . import limits
from .forest import Forest
from .lines import finished, rough_forest
from .slabs import ROOT, Slabs, cut_into_slabs, without_spurs
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
    places_mm = graph.indices_zyx * np.asarray(spacing_zyx_mm)
    mediastinum = mediastinum_zyx_mm - corner_mm
    pieces, _ = graph.pieces()
    by_piece = np.lexsort((np.linalg.norm(places_mm - mediastinum, axis=1), pieces))
    nearest = by_piece[np.unique(pieces[by_piece], return_index=True)[1]]
    slabs = cut_into_slabs(graph, nearest, spacing_zyx_mm)
    counted_mm = np.sqrt(slabs.counted_areas_mm2(spacing_zyx_mm) / np.pi)
    rough, _ = rough_forest(slabs, without_spurs(slabs, counted_mm), counted_mm)
    roots = _roots(rough, places_mm, nearest, pieces, mediastinum)
    if not np.array_equal(roots, nearest):
        slabs = cut_into_slabs(graph, roots, spacing_zyx_mm)
    forest = _forest_of(slabs, areas_mm2, spacing_zyx_mm)
    return forest.moved(corner_mm).longest_first()


def _forest_of(slabs: Slabs, areas_mm2: np.ndarray, spacing_zyx_mm: SpacingZyx) -> Forest:
    counted_mm2 = slabs.counted_areas_mm2(spacing_zyx_mm)
    mean_mm2 = np.bincount(slabs.of_voxel, areas_mm2, len(slabs.voxels)) / slabs.voxels
    # How wide the widest are the mask knows better.
    mean_mm2 = np.where(mean_mm2 > limits.WIDE_FROM_MM2, np.maximum(counted_mm2, limits.WIDE_FROM_MM2), mean_mm2)
    rough, _ = rough_forest(slabs, without_spurs(slabs, np.sqrt(counted_mm2 / np.pi)), np.sqrt(mean_mm2 / np.pi))
    return finished(rough, slabs.thickness_mm)


def _roots(forest: Forest, places_mm: np.ndarray, nearest: np.ndarray, pieces: np.ndarray, mediastinum_zyx_mm: np.ndarray) -> np.ndarray:
    """Give the voxels at each piece's thick ends near the mediastinum that point to it; where it has none its nearest voxel."""
    away_mm = np.linalg.norm(forest.points_zyx_mm - mediastinum_zyx_mm, axis=1)
    near_mm = np.median(np.linalg.norm(places_mm - mediastinum_zyx_mm, axis=1))
    first, last = forest.starts[:-1], forest.starts[1:] - 1
    is_thick = forest.branch_radii_mm() >= limits.THICK_FROM_MM
    begins = first[is_thick & (forest.parents == ROOT) & (away_mm[first] < near_mm)]
    ends = last[is_thick & ~np.isin(np.arange(len(forest)), forest.parents) & (away_mm[last] < np.minimum(near_mm, away_mm[first]))]
    found = [
        np.flatnonzero(np.linalg.norm(places_mm - forest.points_zyx_mm[end], axis=1) <= forest.radii_mm[end])
        for end in np.unique(np.concatenate([begins, ends]))
    ]
    thick = np.concatenate(found) if found else np.empty(0, np.intp)
    return np.union1d(nearest[~np.isin(pieces[nearest], pieces[thick])], thick)
