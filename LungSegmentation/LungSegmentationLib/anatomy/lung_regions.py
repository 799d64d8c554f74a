"""Which air inside the body is lung: not bowel gas, not the oesophagus, not a pocket in the chest wall."""

from __future__ import annotations

from itertools import compress

import numpy as np
from scipy import ndimage

from ..scan_field.limits import AIR_HU
from . import limits
from .morphology import SpacingZyx, component_sizes, components, distance_to_mm, eroded, widened


def lung_regions(
    mean_hu: np.ndarray,
    air: np.ndarray,
    trachea_hu: float | None,
    midline_column: float,
    spacing_zyx_mm: SpacingZyx,
    cavities: np.ndarray | None = None,
) -> np.ndarray:
    """Choose the components of air that are aerated lung.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    air : numpy.ndarray
        bool (z, y, x): air inside the body without the airways.
    trachea_hu : float or None
        Median density of the trachea's air; None when it was not found.
    midline_column : float
        Left-right centre of the body.
    spacing_zyx_mm : tuple of float
    cavities : numpy.ndarray, optional
        bool (z, y, x): gas that is lung, as :class:`ForeignAir` tells it. Without it every large component is lung, however dark.

    Returns
    -------
    numpy.ndarray
        bool (z, y, x): large lung components, and islands of aerated lung near them.
    """
    labels, count = components(air)
    if count == 0:
        return np.zeros(air.shape, bool)
    volumes_ml = component_sizes(labels, count) * float(np.prod(spacing_zyx_mm)) / 1000.0
    candidates = np.flatnonzero(volumes_ml >= limits.SMALLEST_ISLAND_ML)
    if candidates.size == 0:
        return np.zeros(air.shape, bool)
    gas_below_hu = (AIR_HU if trachea_hu is None else trachea_hu) + limits.GAS_MARGIN_HU if cavities is not None else -np.inf
    boxes = ndimage.find_objects(labels)
    pieces = [(boxes[label - 1], labels[boxes[label - 1]] == label) for label in candidates]
    medians_hu, darkest_hu = np.array([np.percentile(mean_hu[box][piece], (50, limits.ISLAND_DARKEST_PERCENT)) for box, piece in pieces]).T
    in_cavity = np.array([cavities[box][piece].mean() >= limits.CAVITY_SHARE for box, piece in pieces]) if cavities is not None else False
    is_gas = medians_hu <= gas_below_hu
    if cavities is not None and trachea_hu is None and not is_gas.all():
        is_gas |= _darker_than_lungs(mean_hu, pieces, volumes_ml[candidates] * ~is_gas, spacing_zyx_mm)
    largest_ml = volumes_ml[candidates[~is_gas]].max(initial=0.0)
    smallest_ml = max(limits.SMALLEST_LUNG_ML, limits.SMALLEST_SHARE_OF_LARGEST * largest_ml)
    is_lung = ~is_gas & (volumes_ml[candidates] >= smallest_ml)
    is_lung |= in_cavity
    is_lung &= at_height_of_largest([box[0] for box, _ in pieces], volumes_ml[candidates] * is_lung, spacing_zyx_mm[0])
    chosen = np.zeros(count + 1, bool)
    chosen[candidates[is_lung]] = True
    lungs = chosen[labels]
    may_be_island = ~is_lung & ~is_gas & (darkest_hu > gas_below_hu + limits.GAS_MARGIN_HU)
    for label, (box, piece) in zip(candidates[may_be_island], compress(pieces, may_be_island), strict=True):
        if _off_midline_mm(box, piece, midline_column, spacing_zyx_mm[2]) > limits.OESOPHAGUS_WITHIN_MM:
            chosen[label] = _is_near(labels, label, box, lungs, spacing_zyx_mm)
    return chosen[labels]


def _darker_than_lungs(
    mean_hu: np.ndarray, pieces: list[tuple[tuple[slice, slice, slice], np.ndarray]], volumes_ml: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Tell which pieces are darker within than emphysema where the largest, a lung, is not: without a trachea its air is no measure."""

    def inner_hu(box: tuple[slice, slice, slice], piece: np.ndarray) -> float:
        inner = eroded(np.pad(piece, 1), max(spacing_zyx_mm), spacing_zyx_mm)[1:-1, 1:-1, 1:-1]
        return float(np.median(mean_hu[box][inner if inner.any() else piece]))

    within_hu = np.array([inner_hu(box, piece) for box, piece in pieces])
    if within_hu[volumes_ml.argmax()] < limits.EMPHYSEMA_BELOW_HU:
        return np.zeros(len(pieces), bool)
    return within_hu < limits.EMPHYSEMA_BELOW_HU


def darkest_lung_hu(trachea_hu: float | None) -> float:
    """Give the density below which air is gas, by the trachea's air where it is known; scatter lifts that in large bodies, gas less."""
    return min((AIR_HU if trachea_hu is None else trachea_hu) + limits.GAS_MARGIN_HU, limits.EMPHYSEMA_BELOW_HU)


def at_height_of_largest(slices: list[slice], volumes_ml: np.ndarray, slice_mm: float) -> np.ndarray:
    """Tell which pieces lie at the height of the largest one, or only a gap above or below it.

    Parameters
    ----------
    slices : list of slice
        Of each piece, from its lowest to its highest.
    volumes_ml : numpy.ndarray
        float (n,): 0 for what is not asked about.
    slice_mm : float

    Returns
    -------
    numpy.ndarray
        bool (n,): those with most of their height there.
    """
    if not volumes_ml.any():
        return np.zeros(len(slices), bool)
    starts, stops = np.array([(part.start, part.stop) for part in slices]).T
    largest, margin = int(volumes_ml.argmax()), limits.LARGEST_GAP_MM / slice_mm
    common = np.minimum(stops, stops[largest] + margin) - np.maximum(starts, starts[largest] - margin)
    at_height: np.ndarray = (volumes_ml > 0) & (common >= limits.AT_HEIGHT_SHARE * (stops - starts))
    return at_height


def _off_midline_mm(box: tuple[slice, slice, slice], piece: np.ndarray, midline_column: float, column_mm: float) -> float:
    centre = box[2].start + float(np.mean(np.nonzero(piece)[2]))
    return abs(centre - midline_column) * column_mm


def _is_near(labels: np.ndarray, label: int, box: tuple[slice, slice, slice], lungs: np.ndarray, spacing_zyx_mm: SpacingZyx) -> bool:
    """Tell whether every voxel of an island is near a lung."""
    around = widened(box, limits.ISLAND_WITHIN_MM, spacing_zyx_mm)
    distance_mm = distance_to_mm(lungs[around], spacing_zyx_mm)
    return bool(distance_mm[labels[around] == label].max() <= limits.ISLAND_WITHIN_MM)
