"""Shapes that the quality flags judge: cut lungs, lungs that touch, soft tissue where the other side has lung."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..anatomy.field_of_view import face_areas_mm2, touching, wide_ends
from ..anatomy.limits import BONE_ABOVE_HU, SMALLEST_CUT_MM2
from ..anatomy.morphology import distance_to_mm
from ..labels import LEFT_LUNG, RIGHT_LUNG
from . import limits
from .grid import QualityGrid
from .pieces import Piece, thick_pieces

_FACES = (("the bottom", "the top"), ("the front", "the back"), ("the right edge", "the left edge"))
ROUND_EDGE, GAPS = "the edge of the round field of view", "slices without a measurement in the middle"
"""Names of cuts that are no face of the image."""


def cut_faces_mm2(grid: QualityGrid) -> dict[str, float]:
    """Measure the lung that lies in each face of what was measured, and along the edge of a round field.

    Returns
    -------
    dict of str to float
        Area in mm² by the name of the face, in words.
    """
    face_mm2 = face_areas_mm2(grid.spacing_zyx_mm)
    areas: dict[str, float] = {}
    for axis, (names, ends) in enumerate(zip(_FACES, ends_of_faces(grid), strict=True)):
        for index, name in zip(ends, names, strict=True):
            areas[name] = _lung_voxels(np.take(grid.labels, index, axis=axis)) * face_mm2[axis]
    areas[ROUND_EDGE] = 0.0 if grid.measured.is_rectangle else _contact_with_fill_mm2(grid)
    beside_gaps = sum(_lung_voxels(grid.labels[index]) for index in slices_beside_gaps(grid.measured.empty_slices))
    if beside_gaps:
        areas[GAPS] = beside_gaps * face_mm2[0]
    return areas


def ends_in_lungs(grid: QualityGrid) -> bool:
    """Tell whether the highest slice that was measured cuts the lungs."""
    highest = ends_of_faces(grid)[0][1]
    return _lung_voxels(grid.labels[highest]) * face_areas_mm2(grid.spacing_zyx_mm)[0] > SMALLEST_CUT_MM2


def ends_where_lungs_are_wide(grid: QualityGrid) -> bool:
    """Tell whether the highest or the lowest slice that was measured cuts the lungs where they are wide."""
    areas = np.count_nonzero(grid.sample_lungs, axis=(1, 2))
    measured = np.flatnonzero(grid.sample_measured.any(axis=(1, 2)))
    return any(wide_ends(areas[measured[0] : measured[-1] + 1]))


def ends_of_faces(grid: QualityGrid) -> tuple[tuple[int, int], ...]:
    """Give the first and the last slice, row and column that was measured; beside a round field those of the image."""
    slices = np.flatnonzero(~grid.measured.empty_slices)
    ends = [(int(slices[0]), int(slices[-1])), (0, grid.labels.shape[1] - 1), (0, grid.labels.shape[2] - 1)]
    if grid.measured.is_rectangle:
        first, stop = grid.measured.first[slices[0]], grid.measured.stop[slices[0]]
        rows = np.flatnonzero(first < stop)
        ends[1:] = [(int(rows[0]), int(rows[-1])), (int(first[rows[0]]), int(stop[rows[0]]) - 1)]
    return tuple(ends)


def slices_beside_gaps(empty: np.ndarray) -> np.ndarray:
    """Number the measured slices next to empty ones that lie between measured ones."""
    used = np.flatnonzero(~empty)
    before = np.flatnonzero(np.diff(used) > 1)
    return np.concatenate([used[before], used[before + 1]])


def _lung_voxels(labels: np.ndarray) -> int:
    return int(np.count_nonzero((labels == RIGHT_LUNG) | (labels == LEFT_LUNG)))


def _contact_with_fill_mm2(grid: QualityGrid) -> float:
    z_mm, y_mm, x_mm = grid.spacing_zyx_mm
    step = max(1, int(limits.FILL_SLICES_MM / z_mm))
    contact_mm2 = 0.0
    for index in range(0, len(grid.labels), step):
        plane = grid.labels[index]
        fill = ~grid.measured.mask((slice(index, index + 1), slice(None), slice(None)))[0]
        if not fill.any() or fill.all():
            continue
        lung = (plane == RIGHT_LUNG) | (plane == LEFT_LUNG)
        rows, columns = (sum(touching(lung, fill, axis)) for axis in (0, 1))
        contact_mm2 += rows * step * z_mm * x_mm + columns * step * z_mm * y_mm
    return contact_mm2


def lung_beside_fill(grid: QualityGrid, label: int) -> Iterator[tuple[int, np.ndarray]]:
    """Give slices some millimetres apart, and in each the voxels of a lung beside one that was not measured (bool)."""
    for index in range(0, len(grid.labels), max(1, int(limits.FILL_SLICES_MM / grid.spacing_zyx_mm[0]))):
        fill = ~grid.measured.mask((slice(index, index + 1), slice(None), slice(None)))[0]
        if fill.any() and not fill.all():
            around = np.zeros_like(fill)
            for axis in (0, 1):
                ahead, behind = (np.moveaxis(array, axis, 0) for array in (around, fill))
                ahead[1:] |= behind[:-1]
                ahead[:-1] |= behind[1:]
            yield index, (grid.labels[index] == label) & around


def soft_tissue_instead_of_lung(grid: QualityGrid) -> dict[int, Piece]:
    """Find the largest piece of soft tissue on each side whose mirror image on the other side is lung.

    The other lung, less a margin, is mirrored about the midline; only where it also reaches 30 mm farther
    down, more than 30 mm from the midline, and in front only above the heart. So what differs between healthy
    sides, the heart, the mediastinum and the height of the diaphragm, does not count; nor does a layer along a mediastinum that lies
    farther to one side. Three midlines (of the
    bones, the body and the lungs) must agree: a turned patient or a shrunken lung moves them apart.

    Returns
    -------
    dict of int to Piece
        By the label of the side; of 0 mL where there is none.
    """
    hu = grid.smooth_hu
    soft = (grid.sample_labels == 0) & (hu > limits.DENSE_ABOVE_HU) & (hu < BONE_ABOVE_HU)
    found = {}
    for side, mirrored in mirrored_lung(grid).items():
        pieces = thick_pieces(soft & mirrored, grid, limits.MISSING_OPENING_MM, grid.sample_ml)
        found[side] = pieces[0] if pieces else Piece(soft & False, 0.0)
    return found


def mirrored_lung(grid: QualityGrid) -> dict[int, np.ndarray]:
    """Mark for each side, by its label, where the other lung lies mirrored, as :func:`soft_tissue_instead_of_lung` says (bool)."""
    lungs = grid.sample_lungs
    found = {side: np.zeros(lungs.shape, bool) for side in (RIGHT_LUNG, LEFT_LUNG)}
    if not lungs.any():
        return found
    hu, z_mm = grid.smooth_hu, grid.sample_spacing_zyx_mm[0]
    columns = np.arange(hu.shape[2])
    midlines = _midlines(hu, lungs)
    slices, rows = (np.flatnonzero(lungs.any(axis=axes)) for axes in ((1, 2), (0, 2)))
    upper = np.arange(hu.shape[0]) >= slices[0] + limits.UPPER_PART_SHARE * (slices[-1] - slices[0])
    back = np.arange(hu.shape[1]) >= rows.mean()
    comparable = (upper[:, None] | back)[:, :, None]
    for side, other in ((RIGHT_LUNG, LEFT_LUNG), (LEFT_LUNG, RIGHT_LUNG)):
        deep = _well_above_diaphragm(grid.sample_labels == other, grid.sample_spacing_zyx_mm, round(limits.DIAPHRAGM_MARGIN_MM / z_mm))
        candidate = comparable
        for midline in midlines:
            mirrored = round(2 * midline) - columns
            towards_side = (midline - columns if side == RIGHT_LUNG else columns - midline) * grid.sample_spacing_zyx_mm[2]
            usable = (mirrored >= 0) & (mirrored < columns.size) & (towards_side > limits.MEDIASTINUM_HALF_WIDTH_MM)
            candidate = candidate & deep[:, :, np.clip(mirrored, 0, columns.size - 1)] & usable
        found[side] = candidate
    return found


def _well_above_diaphragm(lung: np.ndarray, spacing_zyx_mm: tuple[float, float, float], slices_below: int) -> np.ndarray:
    inner = distance_to_mm(~lung, spacing_zyx_mm) > limits.WALL_MARGIN_MM
    for step in range(1, slices_below + 1):
        inner[step:] &= lung[:-step]
        inner[:step] = False
    return inner


def _midlines(hu: np.ndarray, lungs: np.ndarray) -> tuple[float, float, float]:
    """Find the columns about which bones and body are most symmetric, and the middle between the lungs' outer ends."""
    centres = []
    for above_hu in (BONE_ABOVE_HU, limits.DENSE_ABOVE_HU):
        profile = np.count_nonzero(hu > above_hu, axis=(0, 1)).astype(np.float64)
        centres.append(float(np.argmax(np.convolve(profile, profile))) / 2)
    used = np.flatnonzero(lungs.any(axis=(0, 1)))
    return centres[0], centres[1], float(used[0] + used[-1]) / 2
