"""Inside the body or outside it: for air, decided by the solid tissue around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import limits
from .morphology import SpacingZyx, components, eroded, largest_component
from .view_edge import air_inside_body, air_with_body_around, view_lies_in_body
from .working_grid import WorkingGrid, make_working_grid


@dataclass(frozen=True)
class Body:
    """The patient's body.

    Parameters
    ----------
    core : numpy.ndarray
        bool (z, y, x), as :func:`body_core_and_sides` gives it.
    sides : numpy.ndarray
        uint8 (z, y, x), likewise.
    size_mm : float or None
        Side of a square as large as the cross-section that is seen; None where it is cut.
    """

    core: np.ndarray
    sides: np.ndarray
    size_mm: float | None


def body_of(grid: WorkingGrid) -> Body:
    """Give the body in a grid, looked for at the first call and kept with the grid."""
    kept = vars(grid)
    if "body" not in kept:
        kept["body"] = _find_body(grid.mean_hu, grid.spacing_zyx_mm)
    body: Body = kept["body"]
    return body


def body_core_and_sides(mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray]:
    """Find the solid core of the patient's body, and on how many sides of each voxel it lies.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    core : numpy.ndarray
        bool (z, y, x): thick tissue, without table, clothes and skin folds; empty where there is none.
    sides : numpy.ndarray
        uint8 (z, y, x), 0 to 4: in how many of the four in-plane directions from the voxel the core lies.
    """
    body = _find_body(mean_hu, spacing_zyx_mm)
    return body.core, body.sides


def _find_body(mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> Body:
    core, sides = _core_and_sides(mean_hu, spacing_zyx_mm, 1.0)
    size_mm = _size_mm(mean_hu, core, sides, spacing_zyx_mm)
    if size_mm is None or size_mm >= limits.SMALL_BODY_MM:
        return Body(core, sides, size_mm)
    # A body whose wall was lost looks smaller than it is; then still thinner walls are kept.
    core, sides = _core_and_sides(mean_hu, spacing_zyx_mm, size_mm / limits.ADULT_BODY_MM)
    return Body(core, sides, _size_mm(mean_hu, core, sides, spacing_zyx_mm))


def _core_and_sides(mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx, scale: float) -> tuple[np.ndarray, np.ndarray]:
    coarse = make_working_grid(mean_hu, spacing_zyx_mm, scale * limits.BODY_BLOCK_MM)
    core = largest_component(eroded(coarse.mean_hu > limits.TISSUE_ABOVE_HU, scale * limits.BODY_EROSION_MM, coarse.spacing_zyx_mm))
    return coarse.enlarge(core), coarse.enlarge(_sides_with_core(core))


def body_size_mm(grid: WorkingGrid) -> float | None:
    """Measure how large a body is: the side of a square as large as its axial cross-section, lungs and all.

    Parameters
    ----------
    grid : WorkingGrid

    Returns
    -------
    float or None
        Median over the slices, in mm; None where there is no body, or the view cuts it so that its lungs reach the image's
        edge or what was not measured: then it is larger than the image. Lungs no higher than a child's show that it is not much larger.
    """
    body = body_of(grid)
    if body.size_mm is None or body.size_mm >= limits.SMALL_BODY_MM or not grid.padding.any():
        return body.size_mm
    # It may be as small as it looks, or a part of a larger one.
    air = (grid.mean_hu < limits.TISSUE_ABOVE_HU) & ~grid.padding
    inside = air_with_body_around(air, body.core, body.sides, grid.padding, grid.mean_hu, grid.spacing_zyx_mm)
    is_cut = _border_in_plane_mm(inside, grid.padding, grid.spacing_zyx_mm) > limits.CUT_LENGTH_SHARE * body.size_mm
    is_larger = np.mean(is_cut) > limits.CUT_SLICES_SHARE and not _are_childs_lungs(inside, grid.spacing_zyx_mm)
    return None if is_larger else body.size_mm


def small_body_scale(grid: WorkingGrid) -> float:
    """Give the size of a small body in sizes of an adult: less than 0.8 for a child's, 1 for an adult's and where it cannot be told."""
    size_mm = body_size_mm(grid)
    if size_mm is None or not limits.SMALLEST_BODY_MM <= size_mm < limits.SMALL_BODY_MM:
        return 1.0
    return size_mm / limits.ADULT_BODY_MM


def _size_mm(mean_hu: np.ndarray, core: np.ndarray, sides: np.ndarray, spacing_zyx_mm: SpacingZyx) -> float | None:
    _, row_mm, column_mm = spacing_zyx_mm
    inside = air_inside_body(mean_hu < limits.TISSUE_ABOVE_HU, sides)
    is_cut = inside[:, :, [0, -1]].any(axis=(1, 2)) | inside[:, 0].any(axis=1)
    is_part = np.mean(is_cut) > limits.CUT_SLICES_SHARE and not _are_childs_lungs(inside, spacing_zyx_mm)
    if not core.any() or is_part or view_lies_in_body(np.zeros(mean_hu.shape, bool), mean_hu, spacing_zyx_mm[0]):
        return None
    return float(np.sqrt(np.median(np.count_nonzero(sides == 4, axis=(1, 2))) * row_mm * column_mm))


def _are_childs_lungs(inside: np.ndarray, spacing_zyx_mm: SpacingZyx) -> bool:
    """Tell whether the air inside the body ends within the image at both ends, and is lower than an adult's lungs."""
    voxels = np.count_nonzero(inside, axis=(1, 2))
    is_wide = voxels > limits.LUNG_HEIGHT_SHARE * voxels.max()
    return not (is_wide[0] or is_wide[-1]) and int(np.count_nonzero(is_wide)) * spacing_zyx_mm[0] < limits.LOWEST_ADULT_LUNGS_MM


def _border_in_plane_mm(mask: np.ndarray, other: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Measure for each slice along how much of their border two masks lie side by side in rows or columns."""
    _, row_mm, column_mm = spacing_zyx_mm
    border_mm = np.zeros(len(mask))
    for one, two in ((mask, other), (other, mask)):
        border_mm += row_mm * np.count_nonzero(one[:, :, 1:] & two[:, :, :-1], axis=(1, 2))
        border_mm += column_mm * np.count_nonzero(one[:, 1:] & two[:, :-1], axis=(1, 2))
    return border_mm


def _sides_with_core(core: np.ndarray) -> np.ndarray:
    sides = np.zeros(core.shape, np.uint8)
    for axis in (1, 2):
        size = core.shape[axis]
        place = np.arange(size, dtype=np.int16).reshape((-1, 1) if axis == 1 else (1, -1))
        met = core.any(axis=axis)
        first = np.where(met, core.argmax(axis=axis), size).astype(np.int16)
        last = np.where(met, size - 1 - np.flip(core, axis).argmax(axis=axis), -1).astype(np.int16)
        sides += place >= np.expand_dims(first, axis)
        sides += place <= np.expand_dims(last, axis)
    return sides


def air_off_border(air: np.ndarray) -> np.ndarray:
    """Keep the air that in its axial slice does not reach the image's border.

    Parameters
    ----------
    air : numpy.ndarray
        bool (z, y, x).

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    labels, count = components(air, in_plane=True)
    enclosed = np.ones(count + 1, bool)
    for border in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        enclosed[border] = False
    return enclosed[labels] & air
