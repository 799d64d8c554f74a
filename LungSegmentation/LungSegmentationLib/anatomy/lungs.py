"""From aerated lung on the working grid to labelled lungs on the canonical volume."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..labels import AIRWAYS
from ..method import LungMask, parameter
from ..progress import Progress
from ..volume import CtVolume
from .border import draw_lungs
from .chest import Chest, examine_chest
from .dense_disease import dense_disease
from .field_of_view import cuts_through_lungs
from .filling import fill_side
from .lung_regions import lung_regions
from .morphology import SpacingZyx, bounding_box
from .sides import SMALLEST_LUNG_ML, Sides, split_sides

# The right lung usually holds a little more than half of the volume; far from it a side is truncated or destroyed.
_SMALLEST_RIGHT_SHARE, _LARGEST_RIGHT_SHARE = 0.40, 0.67


@dataclass(frozen=True)
class BorderParameters:
    """Parameters that every method shares: what air is, and what is filled in."""

    threshold_hu: float = parameter(-400.0, "Threshold", "HU", -800.0, -150.0, "air is below it; half way between lung and soft tissue")
    closing_radius_mm: float = parameter(
        8.0, "Closing radius", "mm", 0.0, 20.0, "vessels and nodules up to twice as wide are filled in; 0: none"
    )


@dataclass(frozen=True)
class LungParameters(BorderParameters):
    """Parameters that every classical method shares: besides, a switch for each step of the anatomy."""

    body_only: bool = parameter(True, "Body only", "", 0, 1, "air that the body does not surround (table, clothes) is no lung")
    find_airways: bool = parameter(True, "Find airways", "", 0, 1, "trachea, main and lobar bronchi are found and taken out of the lungs")
    leave_out_gas: bool = parameter(
        True, "Leave out gas", "", 0, 1, "gas in stomach and bowel, as dark as the air in the trachea, is no lung"
    )
    cut_junctions: bool = parameter(True, "Cut junctions", "", 0, 1, "lungs that hang together at a junction line are cut apart")
    recover_dense: bool = parameter(True, "Recover dense disease", "", 0, 1, "masses and consolidation with lung around them become lung")


def examine_for(volume: CtVolume, parameters: LungParameters, working_voxel_mm: float, progress: Progress) -> Chest:
    """Examine a chest as a method's parameters ask."""
    return examine_chest(volume, parameters.threshold_hu, working_voxel_mm, progress, parameters.body_only, parameters.find_airways)


def lung_air(chest: Chest, air: np.ndarray, parameters: LungParameters) -> np.ndarray:
    """Choose what of some air (bool, working grid) is aerated lung; see :func:`lung_regions`."""
    grid = chest.grid
    return lung_regions(grid.mean_hu, air, chest.trachea_hu, chest.midline_column, grid.spacing_zyx_mm, parameters.leave_out_gas)


def lungs_from_air(volume: CtVolume, chest: Chest, air: np.ndarray, parameters: LungParameters, progress: Progress) -> LungMask:
    """Separate the sides, fill vessels and nodules, and decide the border at full resolution.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    chest : Chest
    air : numpy.ndarray
        bool, working grid: aerated lung.
    parameters : LungParameters
    progress : callable

    Returns
    -------
    LungMask

    Raises
    ------
    InputError
        If there is no lung in the image.
    """
    grid = chest.grid
    if np.count_nonzero(air) * grid.voxel_volume_ml < SMALLEST_LUNG_ML:
        raise InputError(
            f"no lung was found in {volume.name}: less than {SMALLEST_LUNG_ML:.0f} mL of air of lung density inside the body; "
            "expected a CT that shows at least a part of the lungs"
        )
    progress(0.0, "Separating the sides")
    sides = split_sides(grid.mean_hu, air, chest.midline_column, grid.spacing_zyx_mm, parameters.cut_junctions)
    progress(0.4, "Filling vessels and nodules")
    right, left = _filled_sides(sides, parameters.closing_radius_mm, grid.spacing_zyx_mm)
    if parameters.recover_dense:
        progress(0.7, "Recovering dense disease")

        def dense(side: np.ndarray, other: np.ndarray, is_right: bool) -> np.ndarray:
            return dense_disease(grid.mean_hu, side, other, chest.airway_blocks, is_right, grid.spacing_zyx_mm)

        with ThreadPoolExecutor(2) as pool:
            dense_right, dense_left = pool.map(dense, (right, left), (left, right), (True, False))
        dense_left &= ~dense_right
        right, left = with_dense(right, dense_right, left, dense_left, parameters.closing_radius_mm, grid.spacing_zyx_mm)
    progress(0.8, "Deciding the border")
    return lungs_in_full(volume, chest, right, left, air, parameters.threshold_hu, parameters.find_airways)


def lungs_in_full(
    volume: CtVolume, chest: Chest, right: np.ndarray, left: np.ndarray, air: np.ndarray, threshold_hu: float, found_airways: bool
) -> LungMask:
    """Draw two lungs and the airways at full resolution, and warn of what is odd about them.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    chest : Chest
    right, left : numpy.ndarray
        bool, working grid: the filled lungs, disjoint.
    air : numpy.ndarray
        bool, working grid: aerated lung.
    threshold_hu : float
        Along the aerated border a voxel is lung below it.
    found_airways : bool
        Whether airways were looked for.

    Returns
    -------
    LungMask
    """
    forbidden = chest.airway_blocks | (chest.air & ~air & ~right & ~left)
    labels = np.zeros(volume.voxels_hu.shape, np.uint8)
    part = labels[chest.box]
    draw_lungs(part, chest.voxels_hu, chest.grid, right, left, air, forbidden, threshold_hu)
    if chest.airways.any():
        around = bounding_box(chest.airways)
        part[around][chest.airways[around]] = AIRWAYS
    cuts = cuts_through_lungs(right | left, chest.grid, chest.box, volume.voxels_hu.shape)
    return LungMask(labels, (*_side_warnings(chest, right, left, found_airways), *_cut_warnings(cuts)))


def with_dense(
    right: np.ndarray,
    dense_right: np.ndarray,
    left: np.ndarray,
    dense_left: np.ndarray,
    closing_radius_mm: float,
    spacing_zyx_mm: SpacingZyx,
) -> tuple[np.ndarray, np.ndarray]:
    """Add dense disease to each side and close over it; a side without any stays as it is."""

    def closed_over(side: np.ndarray, dense: np.ndarray) -> np.ndarray:
        return fill_side(side | dense, closing_radius_mm, spacing_zyx_mm) if dense.any() else side

    with ThreadPoolExecutor(2) as pool:
        filled_right, filled_left = pool.map(closed_over, (right, left), (dense_right, dense_left))
    right = right | dense_right | (filled_right & ~left)
    left = left | dense_left | (filled_left & ~right)
    return right & ~left, left


def _filled_sides(sides: Sides, closing_radius_mm: float, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray]:
    with ThreadPoolExecutor(2) as pool:
        right, left = pool.map(lambda side: fill_side(side, closing_radius_mm, spacing_zyx_mm), (sides.right, sides.left))
    # What both sides would fill lies between the lungs: it belongs to neither, unless it was one's own air.
    both = right & left
    return right & (~both | sides.right), left & (~both | sides.left)


def _side_warnings(chest: Chest, right: np.ndarray, left: np.ndarray, found_airways: bool) -> list[str]:
    warnings = []
    if chest.trachea_hu is None and found_airways:
        warnings.append("no trachea was found: airways, if any are in the image, are counted as lung")
    right_ml, left_ml = (np.count_nonzero(side) * chest.grid.voxel_volume_ml for side in (right, left))
    for name, volume_ml in (("right", right_ml), ("left", left_ml)):
        if volume_ml < SMALLEST_LUNG_ML:
            warnings.append(f"no {name} lung was found: it may be absent, fully dense, or outside the image")
    if min(right_ml, left_ml) >= SMALLEST_LUNG_ML:
        share = right_ml / (right_ml + left_ml)
        if not _SMALLEST_RIGHT_SHARE <= share <= _LARGEST_RIGHT_SHARE:
            smaller, larger = ("right", "left") if share < 0.5 else ("left", "right")
            warnings.append(
                f"the {smaller} lung ({min(right_ml, left_ml):.0f} mL) is much smaller than the {larger} one "
                f"({max(right_ml, left_ml):.0f} mL): dense disease, effusion or collapse may be missing from it"
            )
    return warnings


def _cut_warnings(cuts: list[str]) -> list[str]:
    if not cuts:
        return []
    return [f"the image does not hold the whole lungs: they are cut at the {', '.join(cuts)}; volumes are those of the part shown"]
