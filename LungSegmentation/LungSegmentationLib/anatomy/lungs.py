"""From filled lungs on the working grid to labels on the canonical volume, with warnings of what is odd about them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..labels import AIRWAYS
from ..volume import CtVolume
from . import limits
from .aorta import find_aorta
from .border import draw_lungs
from .chest import Chest
from .field_of_view import cuts_through_lungs, wide_ends
from .filling import fill_side
from .morphology import SpacingZyx, bounding_box
from .sides import Sides
from .working_grid import WorkingGrid


def lungs_in_full(
    volume: CtVolume, chest: Chest, right: np.ndarray, left: np.ndarray, air: np.ndarray, threshold_hu: float, found_airways: bool
) -> tuple[np.ndarray, tuple[str, ...]]:
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
    labels : numpy.ndarray
        uint8, the volume's shape: 0 background, 1 right lung, 2 left lung, 3 airways.
    warnings : tuple of str
    """
    forbidden = chest.airway_blocks | (chest.air & ~air & ~right & ~left)
    labels = np.zeros(volume.voxels_hu.shape, np.uint8)
    part = labels[chest.box]
    draw_lungs(part, chest.voxels_hu, chest.grid, right, left, air, forbidden, threshold_hu)
    if chest.airways.any():
        around = bounding_box(chest.airways)
        part[around][chest.airways[around]] = AIRWAYS
    cuts = cuts_through_lungs(right | left, chest.grid, chest.box, volume.voxels_hu.shape)
    # Of parts of lungs the sides need not be alike.
    is_part = {"right", "left"}.issubset(cuts) or any(wide_ends(np.count_nonzero(right | left, axis=(1, 2))))
    return labels, (*_side_warnings(chest, right, left, found_airways, is_part), *_cut_warnings(cuts))


def aorta_blocks(grid: WorkingGrid, lungs: np.ndarray, air: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mark the descending aorta and its arch with their wall, which are never lung, and what lies beside them.

    Parameters
    ----------
    grid : WorkingGrid
    lungs, air : numpy.ndarray
        bool, working grid: the lungs with what is filled in them, and aerated lung, which stays what it is.

    Returns
    -------
    aorta, medial : numpy.ndarray
        bool, working grid: what is no lung, and what is not the left one.
    """
    aorta = find_aorta(grid.mean_hu, lungs, grid.spacing_zyx_mm)
    blocks = aorta.mask_with_arch(grid.mean_hu, grid.spacing_zyx_mm, limits.AORTA_WALL_MM)
    beside, before = (
        aorta.medial_mask(lungs.shape, grid.spacing_zyx_mm, before_mm)
        for before_mm in (limits.BEFORE_AORTA_MM, limits.HEART_BEFORE_AORTA_MM)
    )
    return blocks & ~air, (beside & ~air) | (before & ~lungs)


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


def filled_sides(sides: Sides, closing_radius_mm: float, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray]:
    """Fill vessels and nodules up to twice as wide as the radius in each side; gives right and left, disjoint."""
    with ThreadPoolExecutor(2) as pool:
        right, left = pool.map(lambda side: fill_side(side, closing_radius_mm, spacing_zyx_mm), (sides.right, sides.left))
    # What both sides would fill lies between the lungs: it belongs to neither, unless it was one's own air.
    both = right & left
    return right & (~both | sides.right), left & (~both | sides.left)


def _side_warnings(chest: Chest, right: np.ndarray, left: np.ndarray, found_airways: bool, is_part: bool) -> list[str]:
    warnings = []
    if chest.trachea_hu is None and found_airways:
        warnings.append("no trachea was found: airways, if any are in the image, are counted as lung")
    litres = chest.scale**3 / 1000
    warnings += [
        f"{pleural_ml * litres:.2f} L of air without lung structure on the {name} was left out of the lung: pneumothorax or giant bulla"
        for name, pleural_ml in (("right", chest.foreign.right_pleural_ml), ("left", chest.foreign.left_pleural_ml))
        if pleural_ml
    ]
    right_ml, left_ml = (np.count_nonzero(side) * chest.true_block_ml for side in (right, left))
    smallest_ml = limits.SMALLEST_SIDE_ML * chest.scale**3
    for name, volume_ml in (("right", right_ml), ("left", left_ml)):
        if volume_ml < smallest_ml:
            warnings.append(f"no {name} lung was found: it may be absent, fully dense, or outside the image")
    if min(right_ml, left_ml) >= smallest_ml and not is_part:
        share = right_ml / (right_ml + left_ml)
        if not limits.RIGHT_SHARES[0] <= share <= limits.RIGHT_SHARES[1]:
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
