"""From a network's shares on the working grid to labelled lungs at full resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..anatomy.chest import Chest, airways_in_full, inner_air, trachea_density_hu, with_walls
from ..anatomy.dense_disease import dense_disease
from ..anatomy.filling import fill_side
from ..anatomy.head_and_feet import check_head_and_feet
from ..anatomy.lungs import BorderParameters, lungs_in_full, with_dense
from ..anatomy.morphology import SpacingZyx, bounding_box, component_sizes, components, dilated, eroded, grown_by_one
from ..anatomy.sides import SMALLEST_LUNG_ML
from ..anatomy.trachea import find_trachea
from ..anatomy.working_grid import WorkingGrid
from ..errors import InputError
from ..method import LungMask
from ..progress import Progress
from ..volume import CtVolume

_SMALLEST_PIECE_ML, _SMALLEST_SHARE_OF_LARGEST = 2.0, 0.01
_MARGIN_MM = 8.0
_LUMEN_BELOW_HU = -700
_SMALLEST_TRACHEA_ML = 1.0
# The network's pixel: nearer than that it cannot tell on which side of the border air lies.
_NEAR_MM = 3.5
# Thinner than twice this, soft tissue that the network marks along the border is the network's blur.
_RIM_MM = 3.0
# Soft tissue that the network marked wrongly on scans left out of training (a raised liver, fluid, pericardial fat) touched less of its
# lung, or had the density of fat, or a mean share of 0.60 to 0.79 and little of its lung around it. The less sure the network is of a
# piece, the more of the piece's surface must lie against the rest of the lung.
_SMALLEST_CONTACT, _SURE_SHARE, _UNSURE_SHARE, _FAT_BELOW_HU = 0.15, 0.8, 0.7, -60
_MORE_CONTACT_PER_SHARE = 4.0
# A liver hangs together with the consolidation above it by necks narrower than twice this.
_NECK_MM = 8.0


@dataclass(frozen=True)
class LungShares:
    """What a network says of each block of the working grid, or of a box of it.

    Parameters
    ----------
    right, left, airways : numpy.ndarray
        float32 (z, y, x), 0 to 1.
    """

    right: np.ndarray
    left: np.ndarray
    airways: np.ndarray

    @property
    def background(self) -> np.ndarray:
        """What is left."""
        return 1 - self.right - self.left - self.airways


def lungs_from_shares(
    volume: CtVolume, whole: WorkingGrid, shares: LungShares, parameters: BorderParameters, progress: Progress
) -> LungMask:
    """Choose the lungs by the shares, and decide the border at full resolution.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    whole : WorkingGrid
        Of the volume.
    shares : LungShares
        On the whole working grid.
    parameters : BorderParameters
    progress : callable

    Returns
    -------
    LungMask

    Raises
    ------
    InputError
        If the network found no lung.
    HeadAndFeetExchanged
        If the trachea shows that the scan lies head down.
    """
    progress(0.0, "Choosing the lungs")
    threshold_hu, closing_radius_mm = parameters.threshold_hu, parameters.closing_radius_mm
    largest = np.maximum(np.maximum(shares.right, shares.left), np.maximum(shares.airways, shares.background))
    inner, core = inner_air(whole, threshold_hu, body_only=True)
    tube = find_trachea(whole.mean_hu, inner, core, whole.spacing_zyx_mm)
    check_head_and_feet(whole.mean_hu, inner, core, tube, whole.spacing_zyx_mm)
    outer = (whole.mean_hu < threshold_hu) & ~inner
    right, left = (_main_pieces((share == largest) & ~outer, whole.voxel_volume_ml) for share in (shares.right, shares.left))
    if np.count_nonzero(right | left) * whole.voxel_volume_ml < SMALLEST_LUNG_ML:
        raise InputError(
            f"no lung was found in {volume.name}: the network marked less than {SMALLEST_LUNG_ML:.0f} mL; "
            "expected a CT that shows at least a part of the lungs"
        )
    trachea = _trachea((shares.airways == largest) & (whole.mean_hu < _LUMEN_BELOW_HU), tube, inner, whole)
    box = bounding_box(right | left | trachea, _margin_blocks(whole.spacing_zyx_mm))
    grid = whole.crop(box)
    chest = _chest(volume, whole, box, trachea[box], np.ascontiguousarray(inner[box]))
    progress(0.3, "Filling vessels and nodules")
    marked = right[box], left[box]
    aerated_right, aerated_left = _aerated_sides(chest, marked, (shares.right >= shares.left)[box])
    spacing = grid.spacing_zyx_mm
    filled = tuple(fill_side(side, closing_radius_mm, spacing) for side in (aerated_right, aerated_left))
    # What both sides would fill lies between the lungs: it belongs to neither, unless the network gives it to one.
    both = filled[0] & filled[1]
    right, left = (part & ~(both & ~own) for part, own in zip(filled, marked, strict=True))
    progress(0.6, "Adding dense disease")
    lung_share = (shares.right + shares.left)[box]
    dense_right, dense_left = (_dense_tissue(part, own, lung_share, chest) for part, own in zip((right, left), marked, strict=True))
    dense_right |= dense_disease(grid.mean_hu, right, left, chest.airway_blocks, True, spacing)
    dense_left |= dense_disease(grid.mean_hu, left, right, chest.airway_blocks, False, spacing) & ~dense_right
    right, left = with_dense(right, dense_right, left, dense_left, closing_radius_mm, spacing)
    progress(0.8, "Deciding the border")
    air = aerated_right | aerated_left
    return lungs_in_full(volume, chest, right & ~chest.airway_blocks, left & ~chest.airway_blocks, air, threshold_hu, True)


def _main_pieces(mask: np.ndarray, voxel_ml: float) -> np.ndarray:
    labels, count = components(mask)
    sizes_ml = np.bincount(labels.ravel(), minlength=count + 1) * voxel_ml
    sizes_ml[0] = 0
    keep = sizes_ml >= max(_SMALLEST_PIECE_ML, _SMALLEST_SHARE_OF_LARGEST * sizes_ml.max())
    if sizes_ml[keep].sum() < SMALLEST_LUNG_ML:
        return np.zeros(mask.shape, bool)
    keep[0] = False
    return keep[labels]


def _margin_blocks(spacing_zyx_mm: SpacingZyx) -> tuple[int, int, int]:
    z, y, x = (int(np.ceil(_MARGIN_MM / spacing)) for spacing in spacing_zyx_mm)
    return z, y, x


def _trachea(marked: np.ndarray, tube: np.ndarray, air: np.ndarray, whole: WorkingGrid) -> np.ndarray:
    """Choose the largest piece of what the network marked as airways; where that is next to nothing, the tube found by its shape."""
    labels, count = components(marked)
    sizes = component_sizes(labels, count)
    if sizes.max() * whole.voxel_volume_ml >= _SMALLEST_TRACHEA_ML:
        return labels == sizes.argmax()
    is_trachea = trachea_density_hu(whole.mean_hu, tube, air, whole.spacing_zyx_mm) is not None
    return tube if is_trachea else np.zeros(tube.shape, bool)


def _chest(volume: CtVolume, whole: WorkingGrid, blocks: tuple[slice, slice, slice], trachea: np.ndarray, air: np.ndarray) -> Chest:
    grid, box = whole.crop(blocks), whole.voxels_of(blocks)
    voxels_hu = volume.voxels_hu[box]
    airways, airway_blocks, trachea_hu = np.zeros(voxels_hu.shape, bool), np.zeros(air.shape, bool), None
    if trachea.any():
        trachea_hu = float(np.median(grid.mean_hu[trachea]))
        airways = airways_in_full(voxels_hu, volume.spacing_zyx_mm, grid, air, trachea)
        airway_blocks = with_walls(airways, grid)
    return Chest(box, voxels_hu, grid, air, airway_blocks, airways, trachea_hu, (air.shape[2] - 1) / 2)


def _aerated_sides(chest: Chest, marked: tuple[np.ndarray, np.ndarray], is_right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each side the air that the network marks, and the air just beside it."""
    air = chest.air & ~chest.airway_blocks
    near_right, near_left = (air & dilated(side, _NEAR_MM, chest.grid.spacing_zyx_mm) for side in marked)
    sides = near_right & (is_right | ~near_left), near_left & ~(near_right & is_right)
    right, left = (side & (np.count_nonzero(side) * chest.grid.voxel_volume_ml >= SMALLEST_LUNG_ML) for side in sides)
    return right, left


def _dense_tissue(side: np.ndarray, marked: np.ndarray, lung_share: np.ndarray, chest: Chest) -> np.ndarray:
    """Find what the network marks and the density does not show, where it is thicker than a rim and believable."""
    spacing = chest.grid.spacing_zyx_mm
    more = marked & ~side & ~chest.airway_blocks
    pieces = dilated(eroded(more, _RIM_MM, spacing), 1.5 * _RIM_MM, spacing) & more
    return believable(pieces, side, lung_share, chest.grid.mean_hu, spacing)


def believable(dense: np.ndarray, side: np.ndarray, lung_share: np.ndarray, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Keep the parts that touch the rest of their lung, the more the less sure the network is of them, and that are no fat.

    A side without any air keeps none: a lung that is dense all through looks like the space that a removed one left.

    Parameters
    ----------
    dense, side : numpy.ndarray
        bool (z, y, x): soft tissue that the network marks, and the rest of its lung.
    lung_share : numpy.ndarray
        float32, the network's share of lung.
    mean_hu : numpy.ndarray
        int16.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool: those parts of ``dense`` that belong to the lung.
    """
    labels, count = _parts_between_necks(dense, spacing_zyx_mm)
    rim = dense & grown_by_one(~dense)
    surface, contact = (np.bincount(labels[part], minlength=count + 1) for part in (rim, rim & grown_by_one(side)))
    in_pieces = labels[dense]
    sizes = np.maximum(np.bincount(in_pieces, minlength=count + 1), 1)
    mean_share, piece_hu = (np.bincount(in_pieces, weights=values[dense], minlength=count + 1) / sizes for values in (lung_share, mean_hu))
    needed = _SMALLEST_CONTACT + _MORE_CONTACT_PER_SHARE * np.maximum(_SURE_SHARE - mean_share, 0)
    keep = (contact >= needed * np.maximum(surface, 1)) & (mean_share >= _UNSURE_SHARE) & (piece_hu > _FAT_BELOW_HU)
    keep[0] = False
    return keep[labels]


def _parts_between_necks(dense: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, int]:
    """Label the pieces; one with several thick cores falls into as many parts, each voxel with the core nearest to it."""
    labels, count = components(dense)
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        around = tuple(slice(max(0, part.start - 1), part.stop + 1) for part in box)
        piece = labels[around] == label
        cores, cores_count = components(eroded(piece, _NECK_MM, spacing_zyx_mm))
        if cores_count > 1:
            nearest = ndimage.distance_transform_edt(cores == 0, spacing_zyx_mm, return_distances=False, return_indices=True)
            number = cores[tuple(nearest)][piece]
            labels[around][piece] = np.where(number == 1, label, count - 1 + number)
            count += cores_count - 1
    return labels, count
