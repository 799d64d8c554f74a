"""From a network's probabilities on the working grid to labelled lungs at full resolution."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.chest import Chest, airways_and_walls, inner_air, lumen_density_hu, trachea_density_hu
from ..anatomy.dense_disease import dense_disease
from ..anatomy.filling import fill_side
from ..anatomy.foreign_air import foreign_air
from ..anatomy.head_and_feet import head_is_last
from ..anatomy.limits import BESIDE_LUNGS_MM, LUMEN_BELOW_HU, SMALLEST_SIDE_ML
from ..anatomy.lung_regions import at_height_of_largest
from ..anatomy.lungs import aorta_blocks, lungs_in_full, with_dense
from ..anatomy.morphology import SpacingZyx, bounding_box, component_sizes, components, dilated
from ..anatomy.trachea import find_trachea, lowest_upper_end
from ..anatomy.working_grid import WorkingGrid
from ..errors import InputError
from ..method import ScanIsHeadDown
from ..progress import Progress
from ..segmentation import LungMask
from ..volume import CtVolume
from . import limits
from .dense_regions import accept_dense_regions
from .missed_air import with_missed_air
from .probabilities import LungProbabilities
from .uncertainty import lung_uncertainty


def lungs_from_probabilities(
    volume: CtVolume,
    whole: WorkingGrid,
    probabilities: LungProbabilities,
    threshold_hu: float,
    closing_radius_mm: float,
    progress: Progress,
    scale: float = 1.0,
) -> LungMask:
    """Choose the lungs by the probabilities, and decide the border at full resolution.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    whole : WorkingGrid
        Of the volume.
    probabilities : LungProbabilities
        On the whole working grid.
    threshold_hu : float
        Air is below it.
    closing_radius_mm : float
        Vessels and nodules up to twice as wide are filled in.
    progress : callable
    scale : float
        Size of a small body in sizes of an adult, by which the working grid's lengths are divided (see :mod:`..anatomy.chest`).

    Returns
    -------
    LungMask

    Raises
    ------
    InputError
        If the network found no lung.
    ScanIsHeadDown
        If the trachea shows that the scan lies head down.
    """
    progress(0.0, "Choosing the lungs")
    largest = _largest(probabilities)
    inner, core = inner_air(whole, threshold_hu, body_only=True)
    tube = find_trachea(whole.mean_hu, inner, core, whole.spacing_zyx_mm)
    if head_is_last(whole.mean_hu, inner, core, tube, whole.spacing_zyx_mm) is False:
        raise ScanIsHeadDown
    outer = (whole.mean_hu < threshold_hu) & ~inner
    right, left = (_main_pieces((share == largest) & ~outer, whole) for share in (probabilities.right, probabilities.left))
    _check_lungs(right | left, whole, volume.name)
    trachea = _trachea(probabilities.airways == largest, tube, inner, whole)
    box = bounding_box(right | left | trachea, _margin_blocks(whole.spacing_zyx_mm))
    chest = _chest(volume, whole, box, trachea[box], np.ascontiguousarray(inner[box]), scale)
    progress(0.3, "Filling vessels and nodules")
    marked = right[box], left[box]
    aerated_right, aerated_left = _aerated_sides(chest, marked, (probabilities.right >= probabilities.left)[box])
    spacing = chest.grid.spacing_zyx_mm
    right, left = _filled_sides((aerated_right, aerated_left), marked, closing_radius_mm, spacing)
    progress(0.6, "Adding dense disease")
    air = aerated_right | aerated_left
    aorta, medial = aorta_blocks(chest.grid, right | left, air)
    dense_right, dense_left = _dense_sides(chest, (right, left), (marked[0] & ~aorta, marked[1] & ~aorta & ~medial))
    right, left = with_dense(right, dense_right, left, dense_left, closing_radius_mm, spacing)
    progress(0.8, "Deciding the border")
    never_lung = chest.airway_blocks | chest.foreign.never_lung | aorta
    labels, warnings = lungs_in_full(volume, chest, right & ~never_lung, left & ~never_lung & ~medial, air, threshold_hu, True)
    return LungMask(labels, warnings, uncertainty=_unsettled_uncertainty(probabilities, whole, box, aorta, medial))


def _unsettled_uncertainty(
    probabilities: LungProbabilities, whole: WorkingGrid, box: tuple[slice, slice, slice], aorta: np.ndarray, medial: np.ndarray
) -> float:
    """Estimate the uncertainty without what is no lung by its place.

    That is, in the lungs' box of the grid, the aorta, and left lung medial of it; and all that lies far above or below the box.
    """
    more = round(BESIDE_LUNGS_MM / whole.spacing_zyx_mm[0])
    settled = np.ones(whole.mean_hu.shape, bool)
    settled[max(0, box[0].start - more) : box[0].stop + more] = False
    settled[box] = aorta | (medial & (probabilities.left >= probabilities.right)[box])
    return lung_uncertainty(probabilities, whole, settled)


def _largest(probabilities: LungProbabilities) -> np.ndarray:
    return np.maximum(np.maximum(probabilities.right, probabilities.left), np.maximum(probabilities.airways, probabilities.background))


def _check_lungs(lungs: np.ndarray, whole: WorkingGrid, name: str) -> None:
    if np.count_nonzero(lungs) * whole.voxel_volume_ml < SMALLEST_SIDE_ML:
        raise InputError(
            f"no lung was found in {name}: the network marked less than {SMALLEST_SIDE_ML:.0f} mL; "
            "expected a CT that shows at least a part of the lungs"
        )


def _main_pieces(mask: np.ndarray, whole: WorkingGrid) -> np.ndarray:
    labels, count = components(mask)
    sizes_ml = component_sizes(labels, count) * whole.voxel_volume_ml
    keep = sizes_ml >= max(limits.SMALLEST_PIECE_ML, limits.SMALLEST_SHARE_OF_LARGEST * sizes_ml.max())
    keep[0] = False
    if np.count_nonzero(keep) > 1:
        heights = [box[0] for box in ndimage.find_objects(labels)]
        keep[1:] &= at_height_of_largest(heights, sizes_ml[1:] * keep[1:], whole.spacing_zyx_mm[0])
    if sizes_ml[keep].sum() < SMALLEST_SIDE_ML:
        return np.zeros(mask.shape, bool)
    return keep[labels]


def _margin_blocks(spacing_zyx_mm: SpacingZyx) -> tuple[int, int, int]:
    z, y, x = (int(np.ceil(limits.MARGIN_MM / spacing)) for spacing in spacing_zyx_mm)
    return z, y, x


def _trachea(marked: np.ndarray, tube: np.ndarray, air: np.ndarray, whole: WorkingGrid) -> np.ndarray:
    """Choose the piece of what the network marked as airways that holds most of the tube found by its shape, or else the largest.

    Pieces that do not come from above are bowel; where the scan ends in the lungs there may be two, the main bronchi. Where all the
    pieces are next to nothing, the tube is taken.
    """
    labels, count = components(marked & (whole.mean_hu < LUMEN_BELOW_HU))
    sizes = component_sizes(labels, count)
    lowest_end = lowest_upper_end(air, whole.spacing_zyx_mm[0])
    sizes[1:] *= np.array([box[0].stop > lowest_end for box in ndimage.find_objects(labels)], bool)
    in_tube = component_sizes(labels * tube, count)
    chosen = np.zeros(count + 1, bool)
    chosen[in_tube.argmax() if in_tube.any() else sizes.argmax()] = True
    chosen &= sizes * whole.voxel_volume_ml >= limits.SMALLEST_TRACHEA_ML
    if lowest_end > 0:
        chosen |= (in_tube > 0) | (sizes * whole.voxel_volume_ml >= limits.SMALLEST_TRACHEA_ML)
    if chosen[1:].any():
        return chosen[labels] & (labels > 0)
    is_trachea = trachea_density_hu(whole.mean_hu, tube, air, whole.spacing_zyx_mm) is not None
    return tube if is_trachea else np.zeros(tube.shape, bool)


def _chest(
    volume: CtVolume, whole: WorkingGrid, blocks: tuple[slice, slice, slice], trachea: np.ndarray, air: np.ndarray, scale: float
) -> Chest:
    grid, box = whole.crop(blocks), whole.voxels_of(blocks)
    voxels_hu = volume.voxels_hu[box]
    trachea_hu = lumen_density_hu(grid.mean_hu, trachea, grid.spacing_zyx_mm) if trachea.any() else None
    airways, airway_blocks = airways_and_walls(voxels_hu, grid, air, trachea)
    middle = (air.shape[2] - 1) / 2
    foreign = foreign_air(grid.mean_hu, air & ~airway_blocks, trachea_hu, middle, grid.spacing_zyx_mm)
    return Chest(box, voxels_hu, grid, air, airway_blocks, airways, trachea_hu, middle, foreign, scale)


def _aerated_sides(chest: Chest, marked: tuple[np.ndarray, np.ndarray], is_right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each side the air that the network marks, the air just beside it, and what goes on from there without a wall."""
    air = chest.air & ~chest.airway_blocks & ~chest.foreign.blocks
    near_right, near_left = (air & dilated(side, limits.NEAR_MM, chest.grid.spacing_zyx_mm) for side in marked)
    sides = near_right & (is_right | ~near_left), near_left & ~(near_right & is_right)
    right, left = (side & (np.count_nonzero(side) * chest.grid.voxel_volume_ml >= SMALLEST_SIDE_ML) for side in sides)
    return with_missed_air(air, right, left, chest.grid.mean_hu, chest.trachea_hu, chest.grid.voxel_volume_ml)


def _filled_sides(
    aerated: tuple[np.ndarray, np.ndarray], marked: tuple[np.ndarray, np.ndarray], closing_radius_mm: float, spacing_zyx_mm: SpacingZyx
) -> tuple[np.ndarray, np.ndarray]:
    """Fill vessels and nodules; what both sides would fill lies between the lungs, and is only whose the network says."""
    right, left = (fill_side(side, closing_radius_mm, spacing_zyx_mm) for side in aerated)
    both = right & left
    return right & ~(both & ~marked[0]), left & ~(both & ~marked[1])


def _dense_sides(
    chest: Chest, sides: tuple[np.ndarray, np.ndarray], marked: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Find the dense tissue of each side, by what the network marks and by the lung around it."""
    (right, left), spacing = sides, chest.grid.spacing_zyx_mm
    dense_right, dense_left = (_dense_tissue(part, own, chest) for part, own in zip(sides, marked, strict=True))
    dense_right |= dense_disease(chest.grid.mean_hu, right, left, chest.airway_blocks, True, spacing)
    dense_left |= dense_disease(chest.grid.mean_hu, left, right, chest.airway_blocks, False, spacing) & ~dense_right
    return dense_right, dense_left


def _dense_tissue(side: np.ndarray, marked: np.ndarray, chest: Chest) -> np.ndarray:
    """Find what the network marks and the density does not show, where it is accepted."""
    return accept_dense_regions(marked & ~side & ~chest.airway_blocks, side, chest.grid.mean_hu, chest.grid.spacing_zyx_mm)
