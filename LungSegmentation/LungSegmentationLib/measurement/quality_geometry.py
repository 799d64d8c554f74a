"""Shapes that the quality flags judge: cut lungs, lungs that touch, soft tissue where the other side has lung."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import components, distance_to_mm
from ..anatomy.working_grid import PADDING_BELOW_HU
from ..labels import LEFT_LUNG, RIGHT_LUNG
from .quality_grid import QualityGrid

_FACES = (("the bottom", "the top"), ("the front", "the back"), ("the right edge", "the left edge"))
_PADDING_SLICES_MM = 3.0

# Between mirrored lung and what is compared with it: normal asymmetry of the wall, of the mediastinum, of the diaphragm.
_WALL_MARGIN_MM, _MEDIASTINUM_HALF_WIDTH_MM, _DIAPHRAGM_MARGIN_MM = 6.0, 30.0, 30.0
_UPPER_PART_FROM = 0.55  # of the lungs' height: above the heart
_SOFT_ABOVE_HU, _SOFT_BELOW_HU = -300, 200
_BONE_ABOVE_HU = 200


def cut_faces_mm2(grid: QualityGrid) -> dict[str, float]:
    """Measure the lung that lies in each face of the image, and along padding.

    Returns
    -------
    dict of str to float
        Area in mm² by the name of the face, in words.
    """
    z_mm, y_mm, x_mm = grid.spacing_zyx_mm
    face_mm2 = (y_mm * x_mm, z_mm * x_mm, z_mm * y_mm)
    areas: dict[str, float] = {}
    for axis, names in enumerate(_FACES):
        for index, name in ((0, names[0]), (-1, names[1])):
            face = np.take(grid.labels, index, axis=axis)
            areas[name] = int(np.count_nonzero((face == RIGHT_LUNG) | (face == LEFT_LUNG))) * face_mm2[axis]
    areas["the edge of the round field of view"] = _padding_contact_mm2(grid)
    return areas


def _padding_contact_mm2(grid: QualityGrid) -> float:
    z_mm, y_mm, x_mm = grid.spacing_zyx_mm
    step = max(1, int(_PADDING_SLICES_MM / z_mm))
    contact_mm2 = 0.0
    for plane_hu, plane in zip(grid.voxels_hu[::step], grid.labels[::step], strict=True):
        padding = plane_hu < PADDING_BELOW_HU
        if not padding.any():
            continue
        lung = (plane == RIGHT_LUNG) | (plane == LEFT_LUNG)
        contact_mm2 += _touching(lung, padding, 0) * step * z_mm * x_mm + _touching(lung, padding, 1) * step * z_mm * y_mm
    return contact_mm2


def _touching(first: np.ndarray, second: np.ndarray, axis: int) -> int:
    ahead, behind = [slice(None)] * first.ndim, [slice(None)] * first.ndim
    ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
    a, b = tuple(ahead), tuple(behind)
    return int(np.count_nonzero(first[a] & second[b]) + np.count_nonzero(first[b] & second[a]))


def contact_of_sides_mm2(grid: QualityGrid) -> float:
    """Measure the area over which voxels of the right and of the left lung touch.

    Returns
    -------
    float
        Area in mm².

    Notes
    -----
    The faces across each axis add up to the border's projection along it; the root of the projections'
    summed squares is the area of a plane border in any position, without its staircase.
    """
    z_mm, y_mm, x_mm = grid.spacing_zyx_mm
    faces = np.zeros(3)
    plane_below = None
    for plane in grid.labels:
        # Of the products of two labels from 0 to 3, only right times left is 2.
        faces[1] += np.count_nonzero(plane[1:] * plane[:-1] == RIGHT_LUNG * LEFT_LUNG)
        faces[2] += np.count_nonzero(plane[:, 1:] * plane[:, :-1] == RIGHT_LUNG * LEFT_LUNG)
        if plane_below is not None:
            faces[0] += np.count_nonzero(plane * plane_below == RIGHT_LUNG * LEFT_LUNG)
        plane_below = plane
    return float(np.linalg.norm(faces * (y_mm * x_mm, z_mm * x_mm, z_mm * y_mm)))


def soft_tissue_instead_of_lung_ml(grid: QualityGrid) -> dict[int, float]:
    """Measure the largest piece of soft tissue on each side whose mirror image on the other side is lung.

    The other lung, less a margin, is mirrored about the midline; only where it also reaches 30 mm farther
    down, more than 30 mm from the midline, and in front only above the heart. So what differs between healthy
    sides, the heart, the mediastinum and the height of the diaphragm, does not count. Three midlines (of the
    bones, the body and the lungs) must agree: a turned patient or a shrunken lung moves them apart.

    Returns
    -------
    dict of int to float
        Volume in mL by the label of the side.
    """
    lungs = grid.sample_lungs
    found = {RIGHT_LUNG: 0.0, LEFT_LUNG: 0.0}
    if not lungs.any():
        return found
    hu, z_mm = grid.smooth_hu, grid.sample_spacing_zyx_mm[0]
    columns = np.arange(hu.shape[2])
    midlines = _midlines(hu, lungs)
    slices, rows = (np.flatnonzero(lungs.any(axis=axes)) for axes in ((1, 2), (0, 2)))
    upper = np.arange(hu.shape[0]) >= slices[0] + _UPPER_PART_FROM * (slices[-1] - slices[0])
    back = np.arange(hu.shape[1]) >= rows.mean()
    soft = (grid.sample_labels == 0) & (hu > _SOFT_ABOVE_HU) & (hu < _SOFT_BELOW_HU) & (upper[:, None] | back)[:, :, None]
    for side, other in ((RIGHT_LUNG, LEFT_LUNG), (LEFT_LUNG, RIGHT_LUNG)):
        deep = _well_above_diaphragm(grid.sample_labels == other, grid.sample_spacing_zyx_mm, round(_DIAPHRAGM_MARGIN_MM / z_mm))
        candidate = soft
        for midline in midlines:
            mirrored = round(2 * midline) - columns
            towards_side = (midline - columns if side == RIGHT_LUNG else columns - midline) * grid.sample_spacing_zyx_mm[2]
            usable = (mirrored >= 0) & (mirrored < columns.size) & (towards_side > _MEDIASTINUM_HALF_WIDTH_MM)
            candidate = candidate & deep[:, :, np.clip(mirrored, 0, columns.size - 1)] & usable
        pieces, count = components(candidate)
        if count:
            sizes = np.bincount(pieces.reshape(-1))[1:]
            found[side] = float(sizes.max()) * float(np.prod(grid.sample_spacing_zyx_mm)) / 1000.0
    return found


def _well_above_diaphragm(lung: np.ndarray, spacing_zyx_mm: tuple[float, float, float], slices_below: int) -> np.ndarray:
    inner = distance_to_mm(~lung, spacing_zyx_mm) > _WALL_MARGIN_MM
    for step in range(1, slices_below + 1):
        inner[step:] &= lung[:-step]
        inner[:step] = False
    return inner


def _midlines(hu: np.ndarray, lungs: np.ndarray) -> tuple[float, float, float]:
    """Find the columns about which bones and body are most symmetric, and the middle between the lungs' outer ends."""
    centres = []
    for above_hu in (_BONE_ABOVE_HU, _SOFT_ABOVE_HU):
        profile = np.count_nonzero(hu > above_hu, axis=(0, 1)).astype(np.float64)
        centres.append(float(np.argmax(np.convolve(profile, profile))) / 2)
    used = np.flatnonzero(lungs.any(axis=(0, 1)))
    return centres[0], centres[1], float(used[0] + used[-1]) / 2
