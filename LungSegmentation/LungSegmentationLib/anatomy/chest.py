"""What every method needs to know of a chest first: body, air inside it, trachea, airways, midline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..progress import Progress
from ..volume import CtVolume
from .airways import grow_airways, search_box
from .body import air_cut_by_view, air_inside_body, air_off_border, body_core_and_sides, unmeasured_air
from .head_and_feet import check_head_and_feet
from .morphology import SpacingZyx, bounding_box, dilated, eroded, grown_by_one
from .sides import midline_column
from .trachea import find_trachea
from .working_grid import WorkingGrid, make_working_grid

_AIRWAY_BLOCK_MM = 1.5
_MARGIN_MM = 12.0
_WALL_MM = 2.0
_AIRWAY_BELOW_HU = -500
# A tube that is hardly darker than the chest's air as a whole is not the trachea.
_DARKER_THAN_LUNG_HU = 30


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


def examine_chest(
    volume: CtVolume,
    threshold_hu: float,
    working_voxel_mm: float,
    progress: Progress,
    body_only: bool = True,
    find_airways: bool = True,
) -> Chest:
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
    body_only : bool
        Without it every air that does not reach the image's in-plane border counts as inside.
    find_airways : bool
        Without it the airways stay part of the air.

    Returns
    -------
    Chest

    Raises
    ------
    InputError
        If there is no air inside a body.
    HeadAndFeetExchanged
        If the trachea shows that the scan lies head down.
    """
    progress(0.0, "Reducing the image")
    whole = make_working_grid(volume.voxels_hu, volume.spacing_zyx_mm, working_voxel_mm)
    progress(0.15, "Finding the body")
    air, core = inner_air(whole, threshold_hu, body_only)
    if not air.any():
        raise InputError(f"no air was found inside a body in {volume.name}; expected a CT that shows at least a part of the lungs")
    blocks = bounding_box(air, _margin_blocks(whole))
    middle = _middle_of_body(core, blocks)
    grid, air, core = whole.crop(blocks), np.ascontiguousarray(air[blocks]), core[blocks]
    box = whole.voxels_of(blocks)
    voxels_hu = volume.voxels_hu[box]
    progress(0.5, "Finding the airways")
    trachea = np.zeros(air.shape, bool)
    if find_airways:
        trachea = find_trachea(grid.mean_hu, air, core, grid.spacing_zyx_mm)
        check_head_and_feet(grid.mean_hu, air, core, trachea, grid.spacing_zyx_mm)
    airways = np.zeros(voxels_hu.shape, bool)
    airway_blocks = np.zeros(air.shape, bool)
    trachea_hu = trachea_density_hu(grid.mean_hu, trachea, air, grid.spacing_zyx_mm)
    if trachea_hu is not None:
        airways = airways_in_full(voxels_hu, volume.spacing_zyx_mm, grid, air, trachea)
        airway_blocks = with_walls(airways, grid)
    return Chest(box, voxels_hu, grid, air, airway_blocks, airways, trachea_hu, middle)


def _middle_of_body(core: np.ndarray, blocks: tuple[slice, slice, slice]) -> float:
    """Give the body's left-right middle, in columns of a box around its air.

    With one lung it lies beside the air, so the whole width counts; of a body that the view cuts, the air's part is the more even one.
    """
    wide = core[blocks[0], blocks[1]]
    if wide[:, :, [0, -1]].any():
        return midline_column(wide[:, :, blocks[2]])
    return midline_column(wide) - blocks[2].start


def trachea_density_hu(mean_hu: np.ndarray, trachea: np.ndarray, air: np.ndarray, spacing_zyx_mm: SpacingZyx) -> float | None:
    """Measure the density of the air in a tube that may be the trachea.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    trachea, air : numpy.ndarray
        bool (z, y, x): the tube, perhaps empty, and all air inside the body.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    float or None
        Median HU away from the wall; None where the tube is empty or hardly darker than the chest's air, thus not the trachea.
    """
    if not trachea.any():
        return None
    inner = trachea & eroded(trachea, max(spacing_zyx_mm[1:]), spacing_zyx_mm)
    density_hu = float(np.median(mean_hu[inner if inner.any() else trachea]))
    return None if density_hu > float(np.median(mean_hu[air])) - _DARKER_THAN_LUNG_HU else density_hu


def inner_air(whole: WorkingGrid, threshold_hu: float, body_only: bool) -> tuple[np.ndarray, np.ndarray]:
    """Find the air inside the body, and the body's core.

    Parameters
    ----------
    whole : WorkingGrid
    threshold_hu : float
        Air is below it.
    body_only : bool
        Without it every air that does not reach the image's in-plane border counts as inside.

    Returns
    -------
    air, core : numpy.ndarray
        bool, working grid.
    """
    core, sides = body_core_and_sides(whole.mean_hu, whole.spacing_zyx_mm)
    unmeasured = np.zeros(whole.padding.shape, bool) if whole.padding.any() else unmeasured_air(whole.mean_hu)
    air = (whole.mean_hu < threshold_hu) & ~whole.padding & ~unmeasured
    if not body_only or not core.any():
        return air_off_border(air), core
    # Blocks that are filled in part only look like air all around the body: they follow what lies beside them.
    rim = air & grown_by_one(unmeasured) if unmeasured.any() else unmeasured
    air &= ~rim
    body = bounding_box(core, _margin_blocks(whole))
    inside = np.zeros(air.shape, bool)
    inside[body] = air_inside_body(air[body], sides[body])
    padding = whole.padding | unmeasured
    if padding.any():
        inside = air_cut_by_view(air, inside, padding, whole.mean_hu, whole.spacing_zyx_mm)
        inside |= rim & grown_by_one(inside)
    return inside, core


def _margin_blocks(grid: WorkingGrid) -> tuple[int, int, int]:
    z, y, x = (int(np.ceil(_MARGIN_MM / spacing)) for spacing in grid.spacing_zyx_mm)
    return z, y, x


def with_walls(airways: np.ndarray, grid: WorkingGrid) -> np.ndarray:
    """Mark the blocks (bool) with any airway lumen (bool, in full), and the wall around them."""
    return dilated(grid.shrink_any(airways), _WALL_MM, grid.spacing_zyx_mm)


def airways_in_full(
    voxels_hu: np.ndarray, spacing_zyx_mm: SpacingZyx, grid: WorkingGrid, air: np.ndarray, trachea: np.ndarray
) -> np.ndarray:
    """Grow the airways on a finer grid around the trachea.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float
    grid : WorkingGrid
        Of these voxels.
    air, trachea : numpy.ndarray
        bool, working grid: air inside the body, and the trachea in it (not empty).

    Returns
    -------
    numpy.ndarray
        bool, the shape of ``voxels_hu``.
    """
    blocks = search_box(trachea, grid.spacing_zyx_mm)
    part, box = grid.crop(blocks), grid.voxels_of(blocks)
    part_hu = voxels_hu[box]
    fine = make_working_grid(part_hu, spacing_zyx_mm, _AIRWAY_BLOCK_MM)
    seed, inside = (part.onto(mask[blocks], fine) for mask in (trachea, air))
    lumen = fine.enlarge(grow_airways(fine.mean_hu, inside, seed, fine.spacing_zyx_mm))
    airways = np.zeros(voxels_hu.shape, bool)
    airways[box] = lumen & (part_hu < _AIRWAY_BELOW_HU)
    return airways
