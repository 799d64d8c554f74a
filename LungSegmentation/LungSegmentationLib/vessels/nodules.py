"""Consolidation and nodules: what is too thick for a vessel, or compact."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.morphology import SpacingZyx, components, dilated, distance_to_mm, grown_by_one
from . import limits


def no_vessel(bright: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Consolidation and nodules: what is too thick for a vessel, and what is thick, compact, and goes on nowhere."""
    depth_mm = distance_to_mm(~bright, spacing_zyx_mm)
    solid = _opened(depth_mm, limits.LARGEST_RADIUS_MM, spacing_zyx_mm)
    for radius_mm in limits.NODULE_RADII_MM:
        solid |= _compact_pieces(_opened(depth_mm, radius_mm, spacing_zyx_mm), bright, spacing_zyx_mm)
    return solid


def _compact_pieces(thick: np.ndarray, bright: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    labels, _ = components(thick)
    compact = np.zeros(thick.shape, bool)
    for label, place in enumerate(ndimage.find_objects(labels), start=1):
        sizes_mm = [(part.stop - part.start) * spacing for part, spacing in zip(place, spacing_zyx_mm, strict=True)]
        if max(sizes_mm) > limits.NODULE_LENGTH_RATIO * min(sizes_mm):
            continue
        around = tuple(slice(max(0, part.start - 1), part.stop + 1) for part in place)
        piece = labels[around] == label
        # A ball fills 0.52 of its box; a tree, or a tube across the axes, hardly any of it.
        box_voxels = np.prod([part.stop - part.start for part in place])
        if np.count_nonzero(labels[place] == label) < limits.NODULE_FILL_SHARE * box_voxels:
            continue
        exits = np.count_nonzero(grown_by_one(piece) & ~piece & bright[around])
        if exits <= limits.NODULE_EXITS_RATIO * np.count_nonzero(piece & bright[around]) ** (2 / 3):
            compact[around] |= piece
    return compact


def _opened(depth_mm: np.ndarray, radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """What a ball of the radius fits into, with a rim of one more voxel, from the distance to the outside."""
    return dilated(depth_mm > radius_mm, radius_mm + max(spacing_zyx_mm), spacing_zyx_mm)


