"""Closed sub-voxel outlines of dark regions in one CT slice, by marching squares on the densities themselves.

The level lies half a unit below the threshold. Densities are whole numbers, so no voxel is ever exactly
on an outline, and the voxel centres inside the outlines are exactly the voxels below the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from scipy import ndimage

from ..errors import InputError
from . import limits


@dataclass(frozen=True)
class Region:
    """A dark region of one slice: its outer outline and the outlines of the dense islands in it.

    Parameters
    ----------
    outer : numpy.ndarray
        float64 (points, 2), closed (the last point is the first): row and column in voxels, where whole
        numbers are voxel centres.
    holes : tuple of numpy.ndarray
        The same for each dense island.
    """

    outer: np.ndarray
    holes: tuple[np.ndarray, ...] = ()

    def area_mm2(self, spacing_yx_mm: tuple[float, float]) -> float:
        """Sub-voxel area inside the outer outline without the holes."""
        return abs(signed_area_mm2(self.outer, spacing_yx_mm)) - sum(abs(signed_area_mm2(hole, spacing_yx_mm)) for hole in self.holes)


def import_measure() -> ModuleType:
    """Import scikit-image's ``measure``.

    Raises
    ------
    InputError
        If scikit-image is not installed.
    """
    try:
        from skimage import measure
    except ImportError as error:
        raise InputError(
            "the package scikit-image is not installed; the method threshold needs it for its contours: pip install scikit-image"
        ) from error
    return measure


def level_below(threshold_hu: float) -> float:
    """Level between the last whole density below a threshold and the next one."""
    return float(np.ceil(threshold_hu)) - 0.5


def closed_outlines(slice_hu: np.ndarray, threshold_hu: float) -> list[np.ndarray]:
    """Find the outlines between what is below the threshold and what is not.

    Beyond the edge of the image soft tissue is assumed, so that a region which the field of view cuts is
    closed along the edge, and every outline is closed. Regions are face-connected, islands in them may
    touch at corners.

    Parameters
    ----------
    slice_hu : numpy.ndarray
        int16 (rows, columns), also a single row or column.
    threshold_hu : float

    Returns
    -------
    list of numpy.ndarray
        float64 (points, 2) each, as in :class:`Region`; :func:`is_darker_inside` tells the two kinds apart.

    Raises
    ------
    InputError
        If scikit-image is not installed.

    References
    ----------
    Lorensen and Cline, SIGGRAPH 1987, in two dimensions.
    """
    padded = np.pad(slice_hu, 1, constant_values=max(limits.SOFT_TISSUE_HU, int(np.ceil(threshold_hu))))
    found = import_measure().find_contours(padded, level_below(threshold_hu), fully_connected="high", positive_orientation="low")
    return [outline - 1.0 for outline in found]


def signed_area_mm2(outline: np.ndarray, spacing_yx_mm: tuple[float, float]) -> float:
    """Area of a closed polygon by the shoelace formula; positive where :func:`is_darker_inside`.

    Parameters
    ----------
    outline : numpy.ndarray
        float64 (points, 2): row and column in voxels.
    spacing_yx_mm : tuple of float

    Returns
    -------
    float
        mm².
    """
    rows, columns = (outline - outline[0]).T
    in_voxels = 0.5 * float(np.dot(rows[:-1], columns[1:]) - np.dot(rows[1:], columns[:-1]))
    return in_voxels * spacing_yx_mm[0] * spacing_yx_mm[1]


def is_darker_inside(outline: np.ndarray) -> bool:
    """Tell a dark region's outer outline from a dense island's (a vessel's, or the body's in the air)."""
    return signed_area_mm2(outline, (1.0, 1.0)) > 0


def hull_area_mm2(outline: np.ndarray, spacing_yx_mm: tuple[float, float]) -> float:
    """Area of an outline's convex hull.

    Parameters
    ----------
    outline : numpy.ndarray
        float64 (points, 2): row and column in voxels.
    spacing_yx_mm : tuple of float

    Returns
    -------
    float
        mm².
    """
    # Imported here: every command and every process in the background would wait for it.
    from scipy.spatial import ConvexHull

    # Qhull calls the measure of highest dimension a volume: in a plane that is the area.
    return float(ConvexHull(outline * np.asarray(spacing_yx_mm)).volume)


def regions_of_slice(slice_hu: np.ndarray, threshold_hu: float) -> list[Region]:
    """Find the dark regions of one slice with the dense islands in them.

    The body is never among them, because it is denser than what surrounds it. The air around it is a
    dark region like any other, with the body as its hole.

    Parameters
    ----------
    slice_hu : numpy.ndarray
        int16 (rows, columns).
    threshold_hu : float

    Returns
    -------
    list of Region
        In the order in which a scan along the rows meets them first.
    """
    labels, count = ndimage.label(slice_hu < threshold_hu)
    outers: list[np.ndarray] = [np.empty((0, 2))] * count
    holes: list[list[np.ndarray]] = [[] for _ in range(count)]
    for outline in closed_outlines(slice_hu, threshold_hu):
        label = _label_beside(labels, outline[0])
        if is_darker_inside(outline):
            outers[label - 1] = outline
        else:
            holes[label - 1].append(outline)
    return [Region(outer, tuple(islands)) for outer, islands in zip(outers, holes, strict=True)]


def _label_beside(labels: np.ndarray, point: np.ndarray) -> int:
    """Label of the dark one of the two neighbours between which a point of an outline lies."""
    for row, column in (np.floor(point).astype(int), np.ceil(point).astype(int)):
        if 0 <= row < labels.shape[0] and 0 <= column < labels.shape[1] and labels[row, column]:
            return int(labels[row, column])
    raise ValueError(f"the point {point} lies on no border of a dark region")


def rasterised(regions: Sequence[Region], shape_yx: tuple[int, int]) -> np.ndarray:
    """Number the voxels whose centres lie inside disjoint regions.

    Parameters
    ----------
    regions : sequence of Region
        Each may lie in a hole of another one.
    shape_yx : tuple of int
        Rows and columns.

    Returns
    -------
    numpy.ndarray
        int32 (rows, columns): 0 outside, 1 for the first region and so on.
    """
    steps = np.zeros((shape_yx[0], shape_yx[1] + 1), np.int32)
    outlines = [outline for region in regions for outline in (region.outer, *region.holes)]
    if outlines:
        start = np.concatenate([outline[:-1] for outline in outlines])
        end = np.concatenate([outline[1:] for outline in outlines])
        numbers = np.repeat(_signed_numbers(regions), [len(outline) - 1 for outline in outlines])
        edge, rows, columns = _crossings(start, end, shape_yx[0])
        # Dark lies at larger columns of an edge that runs to larger rows: there the region begins; at the other edges it ends.
        entered = np.where(end[edge, 0] > start[edge, 0], numbers[edge], -numbers[edge])
        np.add.at(steps, (rows, np.clip(np.ceil(columns), 0, shape_yx[1]).astype(np.intp)), entered)
    return np.cumsum(steps, axis=1, dtype=np.int32)[:, :-1]


def _signed_numbers(regions: Sequence[Region]) -> list[int]:
    """Number of each outline's region, negative for an outline that does not run round in its usual direction."""
    signed = []
    for number, region in enumerate(regions, 1):
        signed.append(number if is_darker_inside(region.outer) else -number)
        signed += [-number if is_darker_inside(hole) else number for hole in region.holes]
    return signed


def _crossings(start: np.ndarray, end: np.ndarray, row_count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find which edges cross which rows of voxel centres at which columns; an end on a row belongs to the edge below it."""
    first, behind_last = (
        np.clip(np.ceil(limit), 0, row_count).astype(np.intp)
        for limit in (np.minimum(start[:, 0], end[:, 0]), np.maximum(start[:, 0], end[:, 0]))
    )
    crossed = behind_last - first
    edge = np.repeat(np.arange(len(start)), crossed)
    rows = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(crossed) - crossed, crossed)
    slope = (end[edge, 1] - start[edge, 1]) / (end[edge, 0] - start[edge, 0])
    return edge, rows, start[edge, 1] + (rows - start[edge, 0]) * slope
