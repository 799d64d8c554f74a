"""The carina: where the trachea forks into the two main bronchi, as no oesophagus and no bowel does."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from . import limits
from .airways import grow_lumen, search_box
from .morphology import SpacingZyx, components


def forks(mean_hu: np.ndarray, air: np.ndarray, tube: np.ndarray, spacing_zyx_mm: SpacingZyx) -> bool:
    """Tell whether two branches run side by side, right and left, below a tube.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), canonical orientation.
    air : numpy.ndarray
        bool (z, y, x): where the tube and its branches may be.
    tube : numpy.ndarray
        bool (z, y, x), not empty.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    bool
    """
    box = search_box(tube, spacing_zyx_mm)
    lumen = grow_lumen(mean_hu[box], air[box], tube[box], spacing_zyx_mm)
    slice_mm, row_mm, column_mm = spacing_zyx_mm
    labels, _ = components(lumen, in_plane=True)
    apart = np.zeros(len(lumen), bool)
    places_mm: dict[int, list[float]] = {}
    for label, part in enumerate(ndimage.find_objects(labels), start=1):
        piece = labels[part] == label
        if np.count_nonzero(piece) * row_mm * column_mm >= limits.SMALLEST_BRONCHUS_MM2:
            column = part[2].start + float(np.nonzero(piece)[2].mean())
            places_mm.setdefault(part[0].start, []).append(column * column_mm)
    for index, columns_mm in places_mm.items():
        apart[index] = max(columns_mm) - min(columns_mm) >= limits.BRONCHI_APART_MM
    runs, _ = ndimage.label(apart)
    longest = int(np.bincount(runs)[1:].max(initial=0))
    return longest >= 1 and longest * slice_mm >= limits.SHORTEST_FORK_MM
