"""Right and left lung, also where a junction line joins them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from . import limits
from .morphology import SpacingZyx, bounding_box, component_sizes, components, distance_to_mm, eroded

_OUTSIDE_RELIEF = 100  # higher than any step of the relief


@dataclass(frozen=True)
class Sides:
    """The two lungs on one grid.

    Parameters
    ----------
    right, left : numpy.ndarray
        bool (z, y, x), disjoint; one may be empty.
    were_joined : bool
        Whether a junction had to be cut.
    """

    right: np.ndarray
    left: np.ndarray
    were_joined: bool


def split_sides(
    mean_hu: np.ndarray, lungs: np.ndarray, midline_column: float, spacing_zyx_mm: SpacingZyx, cut_junctions: bool = True
) -> Sides:
    """Separate right and left lung.

    The lungs are thinned by distance until the thickest pieces left and right of the midline no longer
    hang together: these are the cores. Voxels much nearer to one core belong to it; near the junction a
    watershed on density floods from both sides and meets on the junction line, which is denser than lung.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    lungs : numpy.ndarray
        bool (z, y, x), canonical orientation: columns grow to the patient's left.
    midline_column : float
        Column of the body's midline.
    spacing_zyx_mm : tuple of float
    cut_junctions : bool
        Without it lungs that hang together stay one region, on the side of its bulk.

    Returns
    -------
    Sides
    """
    empty = np.zeros(lungs.shape, bool)
    if not lungs.any():
        return Sides(empty, empty, False)
    # Most lungs hang together only below some depth, if at all: without a cut first.
    right, left, spans_both = _assign(lungs, midline_column)
    if not spans_both:
        return _without_remnant(Sides(right, left, False), spacing_zyx_mm)
    if cut_junctions:
        for cut_mm in limits.CORE_DEPTHS_MM:
            right_core, left_core, spans_both = _assign(eroded(lungs, cut_mm, spacing_zyx_mm), midline_column)
            if not right_core.any() and not left_core.any():
                break
            if not spans_both and right_core.any() and left_core.any():
                is_right = _cut_at_junction(mean_hu, lungs, right_core, left_core, spacing_zyx_mm)
                cut = _without_remnant(Sides(lungs & is_right, lungs & ~is_right, True), spacing_zyx_mm)
                if cut_mm < limits.DEEP_CUT_MM or _smaller_share(cut) > limits.BEHIND_DEEP_CUT_SHARE:
                    return cut
                break
    # One lung that reaches over the midline (pneumonectomy, agenesis): the side of its bulk.
    on_right = np.count_nonzero(lungs[:, :, : round(midline_column)]) * 2 > np.count_nonzero(lungs)
    return Sides(lungs, empty, False) if on_right else Sides(empty, lungs, False)


def _smaller_share(sides: Sides) -> float:
    right, left = int(np.count_nonzero(sides.right)), int(np.count_nonzero(sides.left))
    return min(right, left) / max(1, right + left)


def _without_remnant(sides: Sides, spacing_zyx_mm: SpacingZyx) -> Sides:
    """Give what is too small to be a lung to the other side: a part of it that reaches over the midline."""
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    right_ml, left_ml = (np.count_nonzero(side) * voxel_ml for side in (sides.right, sides.left))
    empty = np.zeros(sides.right.shape, bool)
    if right_ml < limits.SMALLEST_SIDE_ML <= left_ml:
        return Sides(empty, sides.right | sides.left, sides.were_joined)
    if left_ml < limits.SMALLEST_SIDE_ML <= right_ml:
        return Sides(sides.right | sides.left, empty, sides.were_joined)
    return sides


def _cut_at_junction(
    mean_hu: np.ndarray, lungs: np.ndarray, right_core: np.ndarray, left_core: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Mark the right lung's voxels of two joined lungs."""
    # Beyond the columns in which both cores or the gap between them lie, the core's side is the voxel's.
    right_columns, left_columns = (np.flatnonzero(core.any(axis=(0, 1))) for core in (right_core, left_core))
    margin = int(limits.TONGUE_MM / spacing_zyx_mm[2]) + 1
    first, last = max(0, min(left_columns[0], right_columns[-1]) - margin), max(left_columns[0], right_columns[-1]) + margin + 1
    farther_left_mm = np.full(lungs.shape, np.inf, np.float32)
    farther_left_mm[:, :, last:] = -np.inf
    farther_left_mm[:, :, first:last] = distance_to_mm(left_core[:, :, first:last], spacing_zyx_mm)
    farther_left_mm[:, :, first:last] -= distance_to_mm(right_core[:, :, first:last], spacing_zyx_mm)
    is_right = farther_left_mm > 0
    unsure = lungs & ~right_core & ~left_core & (np.abs(farther_left_mm) < limits.JUNCTION_WITHIN_MM)
    if not unsure.any():
        return is_right
    box = bounding_box(unsure, (2, 2, 2))
    steps = np.clip(mean_hu[box], limits.RELIEF_FROM_HU, limits.RELIEF_TO_HU) // limits.RELIEF_STEP_HU
    relief = np.where(lungs[box], steps, _OUTSIDE_RELIEF).astype(np.int16)
    markers = np.where(is_right[box], np.uint8(1), np.uint8(2)) * (lungs & ~unsure)[box]
    flooded = sitk.MorphologicalWatershedFromMarkers(
        sitk.GetImageFromArray(relief), sitk.GetImageFromArray(markers), markWatershedLine=False, fullyConnected=False
    )
    is_right[box] = np.where(unsure[box], sitk.GetArrayViewFromImage(flooded) == 1, is_right[box])
    return is_right


def _assign(lungs: np.ndarray, midline_column: float) -> tuple[np.ndarray, np.ndarray, bool]:
    """Give each component to a side; tell whether one of them is a large part of both lungs."""
    labels, count = components(lungs)
    middle = int(np.clip(round(midline_column), 0, labels.shape[2]))
    on_right, on_left = (component_sizes(part, count) for part in (labels[:, :, :middle], labels[:, :, middle:]))
    across = np.minimum(on_right, on_left)
    spans_both = bool(across.max() > limits.BULGE_SHARE * (on_right.sum() + on_left.sum()))
    is_right = on_right > on_left
    is_right[0] = False
    right = is_right[labels]
    return right, lungs & ~right, spans_both


def midline_column(core: np.ndarray) -> float:
    """Left-right centre of the body's core, in columns."""
    columns = core.sum(axis=(0, 1))
    if not columns.any():
        return core.shape[2] / 2
    return float(ndimage.center_of_mass(columns.astype(float))[0])
