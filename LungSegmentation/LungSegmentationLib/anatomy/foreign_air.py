"""Air that is not lung, by its place and by what it is joined to: bowel, oesophagus, free pleural air.

Every method takes it out before it chooses its lungs. A region of gas (see :mod:`free_gas`) that aerated lung lies bare against is a
bulla or emphysema and stays. Any other is looked at by its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from . import limits
from .free_gas import free_gas, looked_around
from .gas_shape import roundness, sides_in_diameters
from .lung_regions import at_height_of_largest
from .morphology import SpacingZyx, component_sizes, components, dilated, grown_by_one
from .noise import noise_hu


@dataclass(frozen=True)
class ForeignAir:
    """Air inside the body that is not lung.

    Parameters
    ----------
    blocks : numpy.ndarray
        bool (z, y, x), with the partial-volume rim of its wall.
    cavities : numpy.ndarray
        bool (z, y, x): gas that is lung: bullae, emphysema, cavities.
    walls : numpy.ndarray
        bool (z, y, x): soft tissue around the gas of bowel and oesophagus, which is not lung either.
    pleural : numpy.ndarray
        bool (z, y, x): the part of ``blocks`` that is free pleural air, without its rim.
    right_pleural_ml, left_pleural_ml : float
        Its volume.
    lungs_are_dark : bool
        Whether the air of both halves of the chest is as dark as gas, by emphysema, noise or a shifted scale: then density tells
        neither free air nor bowel from lung.
    """

    blocks: np.ndarray
    cavities: np.ndarray
    walls: np.ndarray
    pleural: np.ndarray
    right_pleural_ml: float = 0.0
    left_pleural_ml: float = 0.0
    lungs_are_dark: bool = False

    @property
    def never_lung(self) -> np.ndarray:
        """The gas with its walls."""
        return self.blocks | self.walls


def foreign_air(
    mean_hu: np.ndarray,
    air: np.ndarray,
    trachea_hu: float | None,
    midline_column: float,
    spacing_zyx_mm: SpacingZyx,
    gas_labels: tuple[np.ndarray, int] | None = None,
) -> ForeignAir:
    """Find the gas inside the body that is not lung.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), block means, canonical orientation.
    air : numpy.ndarray
        bool (z, y, x): air inside the body without the airways.
    trachea_hu : float or None
        Median density of the trachea's air; None where it was not found.
    midline_column : float
        Left-right centre of the body.
    spacing_zyx_mm : tuple of float
    gas_labels : tuple, optional
        What :func:`free_gas` gives of the same air, where it is known.

    Returns
    -------
    ForeignAir
    """
    labels, count = gas_labels or free_gas(mean_hu, air, trachea_hu, spacing_zyx_mm)
    gas = labels > 0
    if count == 0:
        return ForeignAir(gas, gas, gas, gas)
    lung = _lungs_beside(air & ~gas, spacing_zyx_mm)
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    (is_foreign, is_cavity, is_pleural), pleural_ml = np.zeros((3, count + 1), bool), [0.0, 0.0]
    above, below = _lung_above_and_below(lung)
    lungs_are_dark = _gas_in_both_halves(gas, air, midline_column)
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        region = labels[box] == label
        around = looked_around(region, box, mean_hu, air, gas, spacing_zyx_mm)
        is_noisy = noise_hu(mean_hu[box][region]) > limits.LARGEST_NOISE_HU
        is_cavity[label] = not is_noisy and around.bare + around.walled >= limits.CAVITY_SEEN_SHARE
        if around.bare >= limits.LEAST_BARE_SHARE:
            continue
        all_off_mm = (box[2].start + np.nonzero(region)[2] - midline_column) * spacing_zyx_mm[2]
        off_mm, farthest_mm = float(all_off_mm.mean()), float(np.abs(all_off_mm).max())
        height_mm, volume_ml = region.shape[0] * spacing_zyx_mm[0], np.count_nonzero(region) * voxel_ml
        is_gullet = around.bare <= limits.GULLET_BARE_SHARE and _is_gullet(off_mm, farthest_mm, height_mm)
        if is_gullet or _is_under_dome(region, above[box], below[box]):
            is_foreign[label] = True
        elif not (is_noisy or lungs_are_dark) and _is_pleural(region, box, lung, around.solid, volume_ml, spacing_zyx_mm):
            is_foreign[label] = is_pleural[label] = True
            pleural_ml[int(off_mm > 0)] += volume_ml
    foreign, pleural = is_foreign[labels], is_pleural[labels]
    rim = grown_by_one(foreign) & air & ~lung
    if pleural.any():
        # No wall lies between free air and the lung: what is between them is lung.
        rim &= ~(grown_by_one(pleural) & grown_by_one(lung))
    walls = dilated(foreign & ~pleural, limits.FOREIGN_WALL_MM, spacing_zyx_mm) & ~air
    return ForeignAir(foreign | rim, (is_cavity & ~is_foreign)[labels], walls, pleural, pleural_ml[0], pleural_ml[1], lungs_are_dark)


def _gas_in_both_halves(gas: np.ndarray, air: np.ndarray, midline_column: float) -> bool:
    middle = round(midline_column)
    halves = ((gas[:, :, part], air[:, :, part]) for part in (slice(0, middle), slice(middle, None)))
    return all(np.count_nonzero(dark) > limits.DARK_LUNGS_SHARE * np.count_nonzero(all_air) for dark, all_air in halves)


def _lungs_beside(air: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Keep the large pieces of the air that is no gas, told on every other block: rims of bowel are smaller, and stool lies far below."""
    labels, count = components(np.ascontiguousarray(air[::2, ::2, ::2]))
    sizes = component_sizes(labels, count)
    large = sizes * 8 * float(np.prod(spacing_zyx_mm)) / 1000.0 >= limits.SMALLEST_LUNG_ML
    if large.any():
        heights = [box[0] for box in ndimage.find_objects(labels)]
        large[1:] = at_height_of_largest(heights, (sizes * large)[1:], 2 * spacing_zyx_mm[0])
    pieces = large[labels]
    for axis, size in enumerate(air.shape):
        pieces = np.repeat(pieces, 2, axis=axis).take(range(size), axis=axis)
    return pieces & air


def _lung_above_and_below(lung: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    above = np.logical_or.accumulate(lung[::-1], axis=0)[::-1]
    return above, np.logical_or.accumulate(lung, axis=0)


def _is_under_dome(region: np.ndarray, above: np.ndarray, below: np.ndarray) -> bool:
    columns = region.any(axis=0)
    share_above, share_below = (float((region & part).any(axis=0)[columns].mean()) for part in (above, below))
    return share_above >= limits.UNDER_DOME_SHARE and share_below <= limits.LUNG_BELOW_GAS_SHARE


def _is_gullet(off_mm: float, farthest_mm: float, height_mm: float) -> bool:
    if height_mm < limits.CONDUIT_HEIGHT_MM:
        return abs(off_mm) <= limits.OESOPHAGUS_WITHIN_MM
    return abs(off_mm) <= limits.CONDUIT_WITHIN_MM and farthest_mm <= limits.CONDUIT_REACH_MM


def _is_pleural(
    region: np.ndarray, box: tuple[slice, slice, slice], lung: np.ndarray, solid: float, volume_ml: float, spacing_zyx_mm: SpacingZyx
) -> bool:
    if volume_ml < limits.SMALLEST_PLEURAL_ML:
        return False
    at_lungs_height = region[lung[box[0]].any(axis=(1, 2))]
    is_beside = np.count_nonzero(at_lungs_height) >= limits.BESIDE_LUNG_SHARE * np.count_nonzero(region)
    if not is_beside:
        return False
    if volume_ml >= limits.EMPTY_SIDE_ML and solid >= limits.EMPTY_SIDE_SOLID_SHARE:
        return True
    share = gas_share_at_border(region, box, lung, spacing_zyx_mm)
    if share is None:
        return False
    longest, middle = sides_in_diameters(region, spacing_zyx_mm)
    is_around_lung = share > limits.STRAIGHT_SHARE or (longest >= limits.LAYER_LENGTH_RATIO and middle >= limits.LAYER_WIDTH_RATIO)
    return is_around_lung and roundness(region, spacing_zyx_mm) <= limits.LAYER_BALL_RATIO


def gas_share_at_border(region: np.ndarray, box: tuple[slice, slice, slice], lung: np.ndarray, spacing_zyx_mm: SpacingZyx) -> float | None:
    """Mean share of gas in what gas and lung lie around their common border.

    Parameters
    ----------
    region : numpy.ndarray
        bool, the gas within its box.
    box : tuple of slice
    lung : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    float or None
        None where lung comes nowhere near.
    """
    margins = [int(np.ceil(limits.BULGE_REACH_MM / mm)) for mm in spacing_zyx_mm]
    wide = tuple(slice(max(0, part.start - more), part.stop + more) for part, more in zip(box, margins, strict=True))
    beside = lung[wide]
    gas = np.zeros(beside.shape, bool)
    gas[tuple(slice(part.start - outer.start, part.stop - outer.start) for part, outer in zip(box, wide, strict=True))] = region
    near_mm = max(limits.BORDER_MM, limits.BORDER_VOXELS * max(spacing_zyx_mm[1:]))
    border = dilated(gas, near_mm, spacing_zyx_mm) & dilated(beside, near_mm, spacing_zyx_mm)
    if not border.any():
        return None
    sizes = [2 * more + 1 for more in margins]
    gas_near, lung_near = (ndimage.uniform_filter(part.astype(np.float32), sizes, mode="nearest")[border] for part in (gas, beside))
    return float(np.mean(gas_near / np.maximum(gas_near + lung_near, 1e-6)))
