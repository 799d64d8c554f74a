"""Vessels inside the lungs, by a threshold or by their tubular shape."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box, dilated, long_enough
from ..errors import InputError
from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from ..progress import Progress, no_progress
from . import limits
from .scars import near_chest_wall
from .tubular_vessels import tubular_vessels


@dataclass(frozen=True)
class VesselRule:
    """One way to find the vessels: key for the command line, title for a picker, one sentence, and its origin."""

    key: str
    title: str
    summary: str
    reference: str


VESSEL_RULES = (
    VesselRule(
        "tubularity",
        "Tubular shape",
        "Bright tubes of 0.4 to 6 mm radius above the scan's own noise; leaves out nodules, scars, septa, consolidation and airway walls.",
        "Sato et al., Medical Image Analysis 2 (1998) 143; scale by scale as in Frangi et al., MICCAI 1998, LNCS 1496:130",
    ),
    VesselRule(
        "threshold",
        "Threshold",
        "All lung brighter than a threshold, without the lung's border.",
        "Adaloglou, Introduction to medical image processing with Python: CT lung and vessel segmentation without labels (2021)",
    ),
)


def find_vessels(
    voxels_hu: np.ndarray,
    lung_labels: np.ndarray,
    airways: np.ndarray | None,
    spacing_zyx_mm: SpacingZyx,
    rule: str = "tubularity",
    progress: Progress = no_progress,
) -> np.ndarray:
    """Find the vessels inside each lung.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    lung_labels : numpy.ndarray
        uint8 (z, y, x): 1 right lung, 2 left lung, 3 airways (see :mod:`LungSegmentationLib.labels`).
    airways : numpy.ndarray or None
        bool (z, y, x): air of the airways; for None, what ``lung_labels`` names so.
    spacing_zyx_mm : tuple of float
    rule : str
        Key of a rule of :data:`VESSEL_RULES`.
    progress : callable

    Returns
    -------
    numpy.ndarray
        uint8 (z, y, x): 1 vessel in the right lung, 2 in the left, 0 elsewhere.

    Raises
    ------
    InputError
        If the rule is unknown or the arrays do not match.
    """
    known = [entry.key for entry in VESSEL_RULES]
    if rule not in known:
        raise InputError(f"the vessel rule is {rule!r}; expected one of: {', '.join(known)}")
    if voxels_hu.shape != lung_labels.shape:
        raise InputError(f"the label map has shape {lung_labels.shape}; expected that of the scan, {voxels_hu.shape}")
    lumen = lung_labels == AIRWAYS if airways is None else airways.astype(bool, copy=False)
    vessels = np.zeros(lung_labels.shape, np.uint8)
    near_wall = near_chest_wall((lung_labels == RIGHT_LUNG) | (lung_labels == LEFT_LUNG), spacing_zyx_mm)
    find = partial(_tubes_of_side, near_wall=near_wall) if rule == "tubularity" else _bright_of_side
    progress(0.0, "Finding the vessels")
    with ThreadPoolExecutor(2) as pool:
        sides = [pool.submit(find, voxels_hu, lung_labels, lumen, spacing_zyx_mm, label) for label in (RIGHT_LUNG, LEFT_LUNG)]
        for done, (label, side) in enumerate(zip((RIGHT_LUNG, LEFT_LUNG), sides, strict=True), start=1):
            found = side.result()
            if found is not None:
                box, mask = found
                vessels[box][mask] = label
            progress(done / 2, "Finding the vessels")
    return vessels


_Found = tuple[tuple[slice, slice, slice], np.ndarray]


def _bright_of_side(
    voxels_hu: np.ndarray, lung_labels: np.ndarray, lumen: np.ndarray, spacing_zyx_mm: SpacingZyx, label: int
) -> _Found | None:
    box, side = _side_box(lung_labels, label)
    if box is None:
        return None
    return box, side & (voxels_hu[box] > limits.THRESHOLD_HU) & ~dilated(~(side | lumen[box]), limits.BORDER_MM, spacing_zyx_mm)


def _tubes_of_side(
    voxels_hu: np.ndarray, lung_labels: np.ndarray, lumen: np.ndarray, spacing_zyx_mm: SpacingZyx, label: int, near_wall: np.ndarray
) -> _Found | None:
    box, side = _side_box(lung_labels, label)
    if box is None:
        return None
    outside, air = ~(side | lumen[box]), lumen[box]
    allowed = side & ~dilated(outside, limits.BORDER_MM, spacing_zyx_mm) & ~dilated(air, limits.AIRWAY_WALL_MM, spacing_zyx_mm)
    at_border = dilated(outside, limits.BORDER_MM + limits.DOUBTFUL_MM, spacing_zyx_mm)
    doubtful = at_border | dilated(air, limits.AIRWAY_WALL_MM + limits.DOUBTFUL_MM, spacing_zyx_mm)
    mask = tubular_vessels(voxels_hu[box], side, allowed, doubtful, near_wall[box] & at_border, spacing_zyx_mm)
    return box, long_enough(mask, limits.SHORTEST_VESSEL_MM, spacing_zyx_mm)


def _side_box(lung_labels: np.ndarray, label: int) -> tuple[tuple[slice, slice, slice] | None, np.ndarray]:
    side = lung_labels == label
    if not side.any():
        return None, side
    # One voxel around it, so that the distance to the outside is known inside the box.
    box = bounding_box(side, (1, 1, 1))
    return box, np.ascontiguousarray(side[box])
