"""From aerated lung on the working grid to labelled lungs on the canonical volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..labels import AIRWAYS
from ..method import LungMask, parameter
from ..progress import Progress
from ..volume import CtVolume
from .border import lungs_at_full_resolution
from .chest import Chest
from .filling import fill_side
from .sides import SMALLEST_LUNG_ML, split_sides


@dataclass(frozen=True)
class LungParameters:
    """Parameters that every classical method shares."""

    threshold_hu: float = parameter(-400.0, "Threshold", "HU", -800.0, -150.0, "air is below it; half way between lung and soft tissue")
    closing_radius_mm: float = parameter(
        8.0, "Closing radius", "mm", 0.0, 20.0, "vessels and nodules up to twice as wide are filled in; 0: none"
    )


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
    sides = split_sides(grid.mean_hu, air, chest.midline_column, grid.spacing_zyx_mm)
    progress(0.4, "Filling vessels and nodules")
    right = fill_side(sides.right, parameters.closing_radius_mm, grid.spacing_zyx_mm)
    left = fill_side(sides.left, parameters.closing_radius_mm, grid.spacing_zyx_mm)
    # What both sides would fill lies between the lungs: it belongs to neither, unless it was one's own air.
    both = right & left
    right &= ~both | sides.right
    left &= ~both | sides.left
    progress(0.8, "Deciding the border")
    forbidden = chest.airway_blocks | (chest.air & ~air & ~right & ~left)
    part = lungs_at_full_resolution(chest.voxels_hu, grid, right, left, air, forbidden, parameters.threshold_hu)
    part[chest.airways] = AIRWAYS
    labels = np.zeros(volume.voxels_hu.shape, np.uint8)
    labels[chest.box] = part
    return LungMask(labels, tuple(_warnings(chest, right, left)))


def _warnings(chest: Chest, right: np.ndarray, left: np.ndarray) -> list[str]:
    warnings = []
    if chest.trachea_hu is None:
        warnings.append("no trachea was found: airways, if any are in the image, are counted as lung")
    for name, side in (("right", right), ("left", left)):
        if np.count_nonzero(side) * chest.grid.voxel_volume_ml < SMALLEST_LUNG_ML:
            warnings.append(f"no {name} lung was found: it may be absent, fully dense, or outside the image")
    return warnings
