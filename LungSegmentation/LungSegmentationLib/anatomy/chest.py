"""What every method needs to know of a chest first: body, air inside it, trachea, airways, midline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..progress import Progress
from ..scan_field.limits import AIR_BELOW_HU
from ..volume import CtVolume
from . import limits
from .airways import grow_airways, search_box
from .body import air_off_border, body_of, small_body_scale
from .foreign_air import ForeignAir, foreign_air
from .head_and_feet import head_is_last
from .morphology import SpacingZyx, bounding_box, dilated, eroded
from .sides import midline_column
from .trachea import find_trachea
from .view_edge import air_in_body
from .working_grid import WorkingGrid, make_working_grid


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
    foreign : ForeignAir
        Air inside the body that is not lung: bowel, oesophagus, free pleural air.
    scale : float
        Size of a small body in sizes of an adult, else 1: the grid's lengths are divided by it, so that every length that was chosen
        for adults fits a child as well.
    lies_head_down : bool
        Whether the trachea runs into the lungs from the last slices.
    """

    box: tuple[slice, slice, slice]
    voxels_hu: np.ndarray
    grid: WorkingGrid
    air: np.ndarray
    airway_blocks: np.ndarray
    airways: np.ndarray
    trachea_hu: float | None
    midline_column: float
    foreign: ForeignAir
    scale: float = 1.0
    lies_head_down: bool = False

    @property
    def true_block_ml(self) -> float:
        """Volume of one block of the patient as he is, in mL."""
        return self.grid.voxel_volume_ml * self.scale**3


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
        Target block size of the working grid.
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
    """
    progress(0.0, "Reducing the image")
    whole, scale = adult_grid(volume, working_voxel_mm, body_only)
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
    trachea, lies_head_down = np.zeros(air.shape, bool), False
    if find_airways:
        trachea = find_trachea(grid.mean_hu, air, core, grid.spacing_zyx_mm)
        lies_head_down = head_is_last(grid.mean_hu, air, core, trachea, grid.spacing_zyx_mm) is False
    trachea_hu = trachea_density_hu(grid.mean_hu, trachea, air, grid.spacing_zyx_mm)
    airways, airway_blocks = airways_and_walls(voxels_hu, grid, air, trachea & (trachea_hu is not None))
    # Where airways are not looked for, a windpipe cannot be told from a gullet full of gas: both stay.
    may_be_foreign = air & ~airway_blocks if find_airways else np.zeros(air.shape, bool)
    foreign = foreign_air(grid.mean_hu, may_be_foreign, trachea_hu, middle, grid.spacing_zyx_mm)
    return Chest(box, voxels_hu, grid, air, airway_blocks, airways, trachea_hu, middle, foreign, scale, lies_head_down)


def adult_grid(volume: CtVolume, working_voxel_mm: float, may_be_small: bool = True) -> tuple[WorkingGrid, float]:
    """Make the working grid of a volume; a small body is enlarged to an adult's first, so that every length in mm fits it as well.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    working_voxel_mm : float
        Target block size of the working grid.
    may_be_small : bool
        Without it every body is taken for an adult's.

    Returns
    -------
    grid : WorkingGrid
    scale : float
        Size of the body in sizes of an adult; 1 where it is not small.
    """
    whole = make_working_grid(volume.voxels_hu, volume.spacing_zyx_mm, working_voxel_mm, volume.measured)
    scale = small_body_scale(whole) if may_be_small else 1.0
    if scale == 1:
        return whole, scale
    z_mm, y_mm, x_mm = volume.spacing_zyx_mm
    enlarged_mm = z_mm / scale, y_mm / scale, x_mm / scale
    return make_working_grid(volume.voxels_hu, enlarged_mm, working_voxel_mm, volume.measured), scale


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
        Median HU away from the wall; None where the tube is empty, or neither holds air alone nor is darker than the chest's: no trachea.
    """
    if not trachea.any():
        return None
    density_hu = lumen_density_hu(mean_hu, trachea, spacing_zyx_mm)
    darker_than_lung_hu = float(np.median(mean_hu[air])) - limits.DARKER_THAN_LUNG_HU
    return density_hu if density_hu <= max(limits.TRACHEA_AIR_BELOW_HU, darker_than_lung_hu) else None


def lumen_density_hu(mean_hu: np.ndarray, lumen: np.ndarray, spacing_zyx_mm: SpacingZyx) -> float:
    """Measure the density of the air in a tube away from its wall, whose partial volume would make that of a narrow one too high.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    lumen : numpy.ndarray
        bool (z, y, x), not empty.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    float
        Median HU; of all of the lumen where there is no block away from the wall.
    """
    inner = lumen & eroded(lumen, max(spacing_zyx_mm[1:]), spacing_zyx_mm)
    return float(np.median(mean_hu[inner if inner.any() else lumen]))


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
    core, sides = body_of(whole).core, body_of(whole).sides
    air = (whole.mean_hu < threshold_hu) & ~whole.padding
    if not body_only or not core.any():
        return air_off_border(air), core
    return air_in_body(air, core, sides, whole.padding, whole.mean_hu, whole.spacing_zyx_mm), core


def _margin_blocks(grid: WorkingGrid) -> tuple[int, int, int]:
    z, y, x = (int(np.ceil(limits.CHEST_MARGIN_MM / spacing)) for spacing in grid.spacing_zyx_mm)
    return z, y, x


def airways_and_walls(voxels_hu: np.ndarray, grid: WorkingGrid, air: np.ndarray, trachea: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Grow the airways on a finer grid around the trachea.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    grid : WorkingGrid
        Of these voxels.
    air, trachea : numpy.ndarray
        bool, working grid: air inside the body, and the trachea in it, perhaps empty.

    Returns
    -------
    airways : numpy.ndarray
        bool, the shape of ``voxels_hu``: the lumen.
    blocks : numpy.ndarray
        bool, working grid: the blocks with any lumen, and the wall around them.
    """
    airways = np.zeros(voxels_hu.shape, bool)
    if not trachea.any():
        return airways, np.zeros(trachea.shape, bool)
    blocks = search_box(trachea, grid.spacing_zyx_mm)
    part, box = grid.crop(blocks), grid.voxels_of(blocks)
    part_hu = voxels_hu[box]
    fine = make_working_grid(part_hu, part.full_spacing_zyx_mm, limits.AIRWAY_BLOCK_MM, part.measured)
    seed, inside = (part.onto(mask[blocks], fine) for mask in (trachea, air))
    lumen = fine.enlarge(grow_airways(fine.mean_hu, inside, seed, fine.spacing_zyx_mm))
    airways[box] = lumen & (part_hu < AIR_BELOW_HU)
    return airways, dilated(grid.shrink_any(airways), limits.AIRWAY_WALL_MM, grid.spacing_zyx_mm)
