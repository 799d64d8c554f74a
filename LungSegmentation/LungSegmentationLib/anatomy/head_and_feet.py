"""Whether an array lies head down although its header says head up: at which end of it the trachea enters the lungs."""

from __future__ import annotations

import numpy as np

from . import limits
from .morphology import SpacingZyx, component_sizes, components
from .trachea import find_trachea


def head_is_last(mean_hu: np.ndarray, air: np.ndarray, core: np.ndarray, trachea: np.ndarray, spacing_zyx_mm: SpacingZyx) -> bool | None:
    """Say whether the trachea runs into the lungs from the last slice, or from the first.

    Wherever a trachea runs down beside growing lungs nothing else is asked, so that a scan that lies right is never turned. From below
    it must besides hang together with most of the chest's air, as no bowel gas does.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), canonical orientation by the header.
    air, core : numpy.ndarray
        bool (z, y, x): air inside the body, and the body's solid core.
    trachea : numpy.ndarray
        bool (z, y, x): what :func:`find_trachea` took for it; may be empty.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    bool or None
        None where it runs into them from neither end.
    """
    if _runs_into_lungs(trachea, air, spacing_zyx_mm[0]):
        return True
    from_below = find_trachea(mean_hu[::-1], air[::-1], core[::-1], spacing_zyx_mm)
    if _runs_into_lungs(from_below, air[::-1], spacing_zyx_mm[0]) and _is_in_largest_component(from_below, air[::-1]):
        return False
    return None


def _runs_into_lungs(trachea: np.ndarray, air: np.ndarray, slice_mm: float) -> bool:
    """Tell whether a trachea is long, and begins where the lungs are small and ends where they are large."""
    slices = np.flatnonzero(trachea.any(axis=(1, 2)))
    if slices.size * slice_mm < limits.SHORTEST_WINDPIPE_MM:
        return False
    areas = np.count_nonzero(air, axis=(1, 2))
    return bool(areas[slices[0]] - areas[slices[-1]] >= limits.LEAST_GROWTH_SHARE * areas.max())


def _is_in_largest_component(part: np.ndarray, air: np.ndarray) -> bool:
    labels, count = components(air)
    return bool(np.bincount(labels[part], minlength=count + 1).argmax() == component_sizes(labels, count).argmax())
