"""What the classical methods share: their parameters, and the way from aerated lung on the working grid to labelled lungs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..anatomy.chest import Chest, examine_chest
from ..anatomy.dense_disease import dense_disease
from ..anatomy.limits import SMALLEST_SIDE_ML
from ..anatomy.lung_regions import lung_regions
from ..anatomy.lungs import aorta_blocks, filled_sides, lungs_in_full, with_dense
from ..anatomy.sides import split_sides
from ..errors import InputError
from ..method import ScanIsHeadDown, parameter
from ..progress import Progress
from ..segmentation import LungMask
from ..volume import CtVolume
from . import limits


@dataclass(frozen=True)
class BorderParameters:
    """Parameters that every method shares: what air is, and what is filled in."""

    threshold_hu: float = parameter(
        limits.THRESHOLD_HU, "Threshold", "HU", -800.0, -150.0, "air is below it; half way between lung and soft tissue"
    )
    closing_radius_mm: float = parameter(
        limits.CLOSING_RADIUS_MM, "Closing radius", "mm", 0.0, 20.0, "vessels and nodules up to twice as wide are filled in; 0: none"
    )


@dataclass(frozen=True)
class LungParameters(BorderParameters):
    """Parameters that every classical method shares: besides, a switch for each step of the anatomy."""

    body_only: bool = parameter(True, "Body only", "", 0, 1, "air that the body does not surround (table, clothes) is not lung")
    find_airways: bool = parameter(True, "Find airways", "", 0, 1, "trachea, main and lobar bronchi are found and taken out of the lungs")
    leave_out_gas: bool = parameter(
        True, "Leave out gas", "", 0, 1, "gas in stomach and bowel, as dark as the air in the trachea, is not lung"
    )
    cut_junctions: bool = parameter(True, "Cut junctions", "", 0, 1, "lungs that hang together at a junction line are cut apart")
    recover_dense: bool = parameter(True, "Recover dense disease", "", 0, 1, "masses and consolidation with lung around them become lung")
    ask_network: bool = parameter(
        True, "Ask network", "", 0, 1, "the checks name large pieces that only the network or only the method takes for lung"
    )


def examine_for(volume: CtVolume, parameters: LungParameters, working_voxel_mm: float, progress: Progress) -> Chest:
    """Examine a chest as a method's parameters ask.

    Parameters
    ----------
    volume : CtVolume
    parameters : LungParameters
    working_voxel_mm : float
    progress : callable

    Returns
    -------
    Chest

    Raises
    ------
    InputError
        If there is no air inside a body.
    ScanIsHeadDown
        If the trachea shows that the scan lies head down.
    """
    chest = examine_chest(volume, parameters.threshold_hu, working_voxel_mm, progress, parameters.body_only, parameters.find_airways)
    if chest.lies_head_down:
        raise ScanIsHeadDown
    return chest


def lung_air(chest: Chest, air: np.ndarray, parameters: LungParameters) -> np.ndarray:
    """Choose what of some air (bool, working grid) is aerated lung; see :func:`lung_regions`."""
    grid = chest.grid
    if not parameters.leave_out_gas:
        return lung_regions(grid.mean_hu, air, chest.trachea_hu, chest.midline_column, grid.spacing_zyx_mm)
    own, cavities = air & ~chest.foreign.blocks, None if chest.foreign.lungs_are_dark else chest.foreign.cavities
    return lung_regions(grid.mean_hu, own, chest.trachea_hu, chest.midline_column, grid.spacing_zyx_mm, cavities)


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
    smallest_ml = SMALLEST_SIDE_ML * chest.scale**3
    if np.count_nonzero(air) * chest.true_block_ml < smallest_ml:
        raise InputError(
            f"no lung was found in {volume.name}: less than {smallest_ml:.0f} mL of air of lung density inside the body; "
            "expected a CT that shows at least a part of the lungs"
        )
    progress(0.0, "Separating the sides")
    sides = split_sides(grid.mean_hu, air, chest.midline_column, grid.spacing_zyx_mm, parameters.cut_junctions)
    progress(0.4, "Filling vessels and nodules")
    right, left = filled_sides(sides, parameters.closing_radius_mm, grid.spacing_zyx_mm)
    if parameters.recover_dense:
        progress(0.7, "Recovering dense disease")

        def dense(side: np.ndarray, other: np.ndarray, is_right: bool) -> np.ndarray:
            return dense_disease(grid.mean_hu, side, other, chest.airway_blocks, is_right, grid.spacing_zyx_mm)

        with ThreadPoolExecutor(2) as pool:
            dense_right, dense_left = pool.map(dense, (right, left), (left, right), (True, False))
        dense_left &= ~dense_right
        right, left = with_dense(right, dense_right, left, dense_left, parameters.closing_radius_mm, grid.spacing_zyx_mm)
    never_lung, medial = aorta_blocks(grid, right | left, air)
    if parameters.leave_out_gas:
        never_lung |= chest.foreign.never_lung
    right, left = right & ~never_lung, left & ~never_lung & ~medial
    progress(0.8, "Deciding the border")
    return LungMask(*lungs_in_full(volume, chest, right, left, air, parameters.threshold_hu, parameters.find_airways))
