"""What every method needs to know of a chest first: body, air inside it, trachea, airways, midline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..progress import Progress
from ..volume import CtVolume
from .airways import grow_airways, search_box
from .body import air_inside_body, body_core_and_sides
from .morphology import SpacingZyx, bounding_box, dilated, eroded
from .sides import midline_column
from .trachea import find_trachea
from .working_grid import WorkingGrid, make_working_grid

_AIRWAY_BLOCK_MM = 1.5
_MARGIN_MM = 12.0
_WALL_MM = 2.0
_AIRWAY_BELOW_HU = -500


@dataclass(frozen=True)
class Chest:
    """The part of a canonical volume that holds air inside the body, on the working grid and in full.

    Parameters
    ----------
    box : tuple of slice
        Where the part lies in the canonical volume.
    voxels_hu : numpy.ndarray
        int16 (z, y, x), the part in full.
    grid : WorkingGrid
        The part on the working grid.
    air : numpy.ndarray
        bool, working grid: blocks of air density inside the body, airways and lungs alike.
    airway_blocks : numpy.ndarray
        bool, working grid: blocks with any airway lumen, and the wall around them.
    airways : numpy.ndarray
        bool, the part in full: lumen of trachea, main and lobar bronchi.
    trachea_hu : float or None
        Median density of the trachea's air; None when no trachea was found.
    midline_column : float
        Left-right centre of the body on the working grid.
    """

    box: tuple[slice, slice, slice]
    voxels_hu: np.ndarray
    grid: WorkingGrid
    air: np.ndarray
    airway_blocks: np.ndarray
    airways: np.ndarray
    trachea_hu: float | None
    midline_column: float


def examine_chest(volume: CtVolume, threshold_hu: float, working_voxel_mm: float, progress: Progress) -> Chest:
    """Find body, inner air and airways of a canonical volume.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    threshold_hu : float
        Air is below it.
    working_voxel_mm : float
        Wished block size of the working grid.
    progress : callable

    Returns
    -------
    Chest

    Raises
    ------
    InputError
        If there is no air inside a body.
    """
    progress(0.0, "Reducing the image")
    whole = make_working_grid(volume.voxels_hu, volume.spacing_zyx_mm, working_voxel_mm)
    progress(0.15, "Finding the body")
    core, sides = body_core_and_sides(whole.mean_hu, whole.spacing_zyx_mm)
    air = air_inside_body(whole.mean_hu < threshold_hu, whole.padding, sides)
    if not air.any():
        raise InputError(f"no air was found inside a body in {volume.name}; expected a CT that shows at least a part of the lungs")
    margin_z, margin_y, margin_x = (int(np.ceil(_MARGIN_MM / spacing)) for spacing in whole.spacing_zyx_mm)
    blocks = bounding_box(air, (margin_z, margin_y, margin_x))
    grid, air, core = whole.crop(blocks), np.ascontiguousarray(air[blocks]), core[blocks]
    box = whole.voxels_of(blocks)
    voxels_hu = volume.voxels_hu[box]
    progress(0.5, "Finding the airways")
    trachea = find_trachea(grid.mean_hu, air, core, grid.spacing_zyx_mm)
    airways = np.zeros(voxels_hu.shape, bool)
    trachea_hu = None
    airway_blocks = np.zeros(air.shape, bool)
    if trachea.any():
        inner = trachea & eroded(trachea, max(grid.spacing_zyx_mm[1:]), grid.spacing_zyx_mm)
        trachea_hu = float(np.median(grid.mean_hu[inner if inner.any() else trachea]))
        airways = _airways_in_full(voxels_hu, volume.spacing_zyx_mm, grid, air, trachea)
        airway_blocks = dilated(grid.shrink_any(airways), _WALL_MM, grid.spacing_zyx_mm)
    return Chest(box, voxels_hu, grid, air, airway_blocks, airways, trachea_hu, midline_column(core))


def _airways_in_full(
    voxels_hu: np.ndarray, spacing_zyx_mm: SpacingZyx, grid: WorkingGrid, air: np.ndarray, trachea: np.ndarray
) -> np.ndarray:
    """Grow the airways on a finer grid around the trachea."""
    blocks = search_box(trachea, grid.spacing_zyx_mm)
    part, box = grid.crop(blocks), grid.voxels_of(blocks)
    part_hu = voxels_hu[box]
    fine = make_working_grid(part_hu, spacing_zyx_mm, _AIRWAY_BLOCK_MM)
    seed, inside = (fine.sample(part.enlarge(mask[blocks])) for mask in (trachea, air))
    lumen = fine.enlarge(grow_airways(fine.mean_hu, inside, seed, fine.spacing_zyx_mm))
    airways = np.zeros(voxels_hu.shape, bool)
    airways[box] = lumen & (part_hu < _AIRWAY_BELOW_HU)
    return airways
