"""Aerated lung that a network leaves out: air that goes on from the lung without a wall, as where the view cuts the lungs."""

from __future__ import annotations

import numpy as np

from ..anatomy.field_of_view import shared_faces
from ..anatomy.limits import AERATED_BELOW_HU
from ..anatomy.lung_regions import darkest_lung_hu
from ..anatomy.morphology import component_sizes, components
from . import limits


def with_missed_air(
    air: np.ndarray, right: np.ndarray, left: np.ndarray, mean_hu: np.ndarray, trachea_hu: float | None, block_ml: float
) -> tuple[np.ndarray, np.ndarray]:
    """Add pieces of air of the density of lung that have no wall towards a lung.

    Parameters
    ----------
    air : numpy.ndarray
        bool (z, y, x): air inside the body, without airways and other gas.
    right, left : numpy.ndarray
        bool (z, y, x): what of it is lung.
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    trachea_hu : float or None
        Density of the trachea's air, where it is known.
    block_ml : float
        Volume of one block.

    Returns
    -------
    right, left : numpy.ndarray
        bool (z, y, x). A piece goes to the side with which it has more of its surface in common.
    """
    labels, count = components(air & ~right & ~left)
    large = np.flatnonzero(component_sizes(labels, count)[1:] * block_ml >= limits.SMALLEST_PIECE_ML) + 1
    right, left = right.copy(), left.copy()
    for label in large:
        piece = labels == label
        if not darkest_lung_hu(trachea_hu) < np.median(mean_hu[piece]) < AERATED_BELOW_HU:
            continue
        of_right, of_left, outside = (shared_faces(piece, other) for other in (right, left, ~piece))
        if of_right + of_left > limits.MISSED_OPEN_SHARE * outside:
            side = right if of_right >= of_left else left
            side |= piece
    return right, left
