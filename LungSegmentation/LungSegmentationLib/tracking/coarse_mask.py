"""Where the lungs may be: each sagittal slice is flooded with background from front and back."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.body import body_core_and_sides
from ..anatomy.morphology import SpacingZyx
from ..anatomy.working_grid import WorkingGrid, make_working_grid
from ..scan_field.limits import AIR_BELOW_HU
from ..scan_field.measured_field import MeasuredField
from . import limits


def coarse_mask(
    voxels_hu: np.ndarray,
    spacing_zyx_mm: SpacingZyx,
    table_width_mm: float,
    filling_box_mm: float,
    measured: MeasuredField | None = None,
) -> tuple[np.ndarray, WorkingGrid]:
    """Mark generously where the lungs are.

    Each sagittal slice is made binary, the table is opened in its first and last row, background floods in
    from the front and the back, and a box filter fills what is left. Unlike the published steps, the
    threshold is a density instead of the slice's own maximum, both end rows are opened, and the flood keeps out
    of air that the body encloses on three sides: a lung that the field of view cuts, or with a chest wall
    thinner than the table.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x), canonical orientation, with the air around the patient.
    spacing_zyx_mm : tuple of float
    table_width_mm : float
        Thinner tissue is opened in the end rows.
    filling_box_mm : float
        Side of the box filter.
    measured : MeasuredField, optional
        What was measured; all for None.

    Returns
    -------
    mask : numpy.ndarray
        bool (z, y, x) on blocks of about 3.5 mm.
    grid : WorkingGrid
        The blocks; ``grid.enlarge(mask)`` is the mask on the image's own voxels.

    References
    ----------
    F. Hartmann and Y. B. Tanriverdi, Lung segmentation in 3D CT scans (2023): preprocessing.
    """
    grid = make_working_grid(voxels_hu, spacing_zyx_mm, limits.MASK_BLOCK_MM, measured)
    air = (grid.mean_hu < AIR_BELOW_HU) | grid.padding
    _, sides = body_core_and_sides(grid.mean_hu, grid.spacing_zyx_mm)
    enclosed = _enclosed_air(air & ~grid.padding, sides)
    tissue = ~air
    open_table(tissue, table_width_mm, grid.spacing_zyx_mm[1])
    background = flooded_from_front_and_back(~tissue & ~enclosed)
    mask = filled_by_box(~tissue & ~background, filling_box_mm, grid.spacing_zyx_mm)
    return mask & ~background, grid


def _enclosed_air(air: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Keep the regions of air in sagittal slices that for the most part have the body on at least three of four sides in plane."""
    labels, count = ndimage.label(air, _in_sagittal_slice())
    share = np.bincount(labels[sides >= 3], minlength=count + 1) / np.maximum(1, np.bincount(labels.ravel(), minlength=count + 1))
    return (share >= limits.ENCLOSED_SHARE)[labels] & air


def open_table(tissue: np.ndarray, table_width_mm: float, row_mm: float) -> None:
    """Remove, in place, tissue thinner than the table from front to back in the first and last axial slice.

    Parameters
    ----------
    tissue : numpy.ndarray
        bool (z, y, x).
    table_width_mm : float
    row_mm : float
        Size of a voxel from front to back.
    """
    line = np.ones((max(1, round(table_width_mm / row_mm)), 1), bool)
    for end in {0, tissue.shape[0] - 1}:
        # Beyond the image everything counts as tissue of unknown thickness.
        padded = np.pad(tissue[end], ((line.size, line.size), (0, 0)), mode="edge")
        tissue[end] = ndimage.binary_opening(padded, line)[line.size : -line.size]


def flooded_from_front_and_back(free: np.ndarray) -> np.ndarray:
    """Mark what hangs together with the front or back edge, each sagittal slice for itself.

    Parameters
    ----------
    free : numpy.ndarray
        bool (z, y, x): where the flood may go.

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    labels, count = ndimage.label(free, _in_sagittal_slice())
    flooded = np.zeros(count + 1, bool)
    flooded[labels[:, 0]] = True
    flooded[labels[:, -1]] = True
    flooded[0] = False
    return flooded[labels]


def _in_sagittal_slice() -> np.ndarray:
    structure = ndimage.generate_binary_structure(3, 1)
    structure[:, :, [0, 2]] = False
    return structure


def filled_by_box(holes: np.ndarray, box_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Grow by a box in the sagittal plane, and by one voxel to the sides for what the blocks' means hide there."""
    grown = holes.view(np.uint8)
    for axis in (0, 1):
        reach = round(box_mm / 2 / spacing_zyx_mm[axis])
        if reach:
            grown = ndimage.maximum_filter1d(grown, 2 * reach + 1, axis=axis)
    return ndimage.maximum_filter1d(grown, 3, axis=2).view(bool)


def on_blocks(mask: np.ndarray, mask_grid: WorkingGrid, grid: WorkingGrid, box: tuple[slice, slice, slice]) -> np.ndarray:
    """Bring a mask of the whole image to another grid, which covers a part of it.

    Parameters
    ----------
    mask : numpy.ndarray
        bool, on ``mask_grid``.
    mask_grid, grid : WorkingGrid
    box : tuple of slice
        Voxels of the whole image that ``grid`` covers.

    Returns
    -------
    numpy.ndarray
        bool, in the shape of ``grid``: the mask at the middle of each block.
    """
    nearest = []
    for axis in range(3):
        factor = grid.factors_zyx[axis]
        voxels = box[axis].start + factor // 2 + factor * np.arange(grid.mean_hu.shape[axis])
        nearest.append(np.minimum(voxels // mask_grid.factors_zyx[axis], mask.shape[axis] - 1))
    return mask[np.ix_(*nearest)]
