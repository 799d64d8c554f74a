"""Gross errors: the largest piece that a segmentation wrongly adds, misses, or gives to the other side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box, component_sizes, components, dilated, eroded
from ..labels import LEFT_LUNG, RIGHT_LUNG
from . import limits


@dataclass(frozen=True)
class GrossErrors:
    """Volumes of the largest wrong pieces in mL, 0 where there is none.

    Parameters
    ----------
    added_ml : float
        Taken for lung and none; airways that were taken for lung count too.
    missed_ml : float
        Lung that was left out; what was taken for airways counts too.
    swapped_ml : float
        Lung that was given to the other side.
    """

    added_ml: float
    missed_ml: float
    swapped_ml: float

    @property
    def largest_ml(self) -> float:
        """The worst of the three."""
        return max(self.added_ml, self.missed_ml, self.swapped_ml)


def gross_errors(
    labels: np.ndarray,
    reference: np.ndarray,
    spacing_zyx_mm: SpacingZyx,
    doubt: np.ndarray | None = None,
    opening_radius_mm: float = limits.OPENING_RADIUS_MM,
) -> GrossErrors:
    """Measure the largest wrong pieces.

    Parameters
    ----------
    labels, reference : numpy.ndarray
        uint8 label maps of one shape (z, y, x), see :mod:`LungSegmentationLib.labels`.
    spacing_zyx_mm : tuple of float
        Distance between voxel centres.
    doubt : numpy.ndarray, optional
        bool, the same shape: voxels that nobody can be sure of; they are never wrong.
    opening_radius_mm : float
        Wrong voxels are opened by a ball of this radius first, so that what two outlines of one border differ by is no
        piece and pieces that a film of it joins are two; 0 for no opening.

    Returns
    -------
    GrossErrors

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    Pieces hang together over faces. The image's border erodes nothing.
    """
    if labels.shape != reference.shape or (doubt is not None and doubt.shape != labels.shape):
        shapes = [array.shape for array in (labels, reference, doubt) if array is not None]
        raise ValueError(f"the shapes differ: {', '.join(map(str, shapes))}")
    ours, theirs = ((array == RIGHT_LUNG) | (array == LEFT_LUNG) for array in (labels, reference))
    wrong = (ours & ~theirs, theirs & ~ours, ours & theirs & (labels != reference))
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    sizes = [
        np.count_nonzero(largest_opened_piece(mask if doubt is None else mask & ~doubt, spacing_zyx_mm, opening_radius_mm))
        for mask in wrong
    ]
    return GrossErrors(*(float(size) * voxel_ml for size in sizes))


def largest_opened_piece(mask: np.ndarray, spacing_zyx_mm: SpacingZyx, opening_radius_mm: float = limits.OPENING_RADIUS_MM) -> np.ndarray:
    """Open a mask by a ball and keep its largest piece.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float
    opening_radius_mm : float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x), within ``mask``; empty where nothing is thick enough.
    """
    found = np.zeros(mask.shape, bool)
    if not mask.any():
        return found
    box = bounding_box(mask, (1, 1, 1))
    part = mask[box]
    if opening_radius_mm > 0:
        part = dilated(eroded(part, opening_radius_mm, spacing_zyx_mm), opening_radius_mm, spacing_zyx_mm) & part
    pieces, count = components(part)
    if count:
        found[box] = pieces == component_sizes(pieces, count).argmax()
    return found
