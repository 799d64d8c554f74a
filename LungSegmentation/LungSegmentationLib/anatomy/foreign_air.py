"""Air that is not lung, by its place and by what it is joined to: bowel, oesophagus, free pleural air.

Every method takes it out before it chooses its lungs. A region of gas (see :mod:`free_gas`) that aerated lung lies bare against is a
bulla or emphysema and stays. Any other is looked at by its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .free_gas import free_gas, looked_around
from .gas_shape import roundness, sides_in_diameters
from .lung_regions import LARGEST_GAP_MM
from .morphology import SpacingZyx, component_sizes, components, dilated, grown_by_one
from .noise import noise_hu

_SMALLEST_LUNG_ML = 50.0
# What lies inside the lung has lung on all sides but where it meets chest wall or diaphragm; what lies outside has, through a wall that
# the blocks blur, some lung at most. Painted bullae measured 0.6 and more, gas under a thin dome in slices of 5 mm 0.25 at most. The
# oesophagus has a wall of its own on all sides.
_LEAST_BARE, _MOST_BARE_GULLET = 0.4, 0.15
# A cavity at the chest wall has lung on one half of its sides, if through a wall; gas in the abdomen mostly has none in sight.
_LEAST_SEEN = 0.3
# A dome lies above what is under it, and no lung below; some columns leave through the recess beside the dome.
_LEAST_ABOVE, _MOST_BELOW = 0.3, 0.1
# The oesophagus lies within 25 mm of the midline; a gastric conduit, colon interposition or megaoesophagus beside the spine as far as
# it is wide, and over most of the chest's height.
_OESOPHAGUS_WITHIN_MM, _CONDUIT_WITHIN_MM, _CONDUIT_HEIGHT_MM = 25.0, 60.0, 60.0
# Its far side lies half of its width beyond, and a megaoesophagus is 60 mm wide; free air reaches the side of the chest.
_CONDUIT_REACH_MM = 90.0
# A bulla is round, or half a ball at the chest wall: its box is at most 1.26 times as long as a ball of its volume, and it holds a ball
# of 0.63 times that radius. Free air is a layer that reaches down the side of a lung, or around a collapsed one. A conduit that passes
# for neither is a tube: long, but not as wide as a ball of its volume.
_LONG, _WIDE, _FLAT = 1.6, 1.0, 0.5
# Along a straight border half of what lies around is gas. A bulla or a cavity bulges into the lung and has less, free air lies
# around the lung and has more; a layer along the chest wall may be too thin for it.
_BULGE_REACH_MM, _STRAIGHT_SHARE = 12.0, 0.5
_SMALLEST_PLEURAL_ML = 30.0
# A pleural space whose lung is not in sight: removed, or collapsed without air; through the mediastinum the other lung may show. A cavity
# with so thick a wall is smaller.
_EMPTY_SIDE_ML, _EMPTY_SIDE_SOLID = 200.0, 0.9
# The air in the tracheas of real scans has noise of 10 to 45 HU. In more than this an average over a ball cannot tell emphysema, and
# thin walls around gas cannot be seen.
_LARGEST_NOISE_HU = 50.0
# The oesophagus has a wall of 2 mm where it is wide and 5 mm where it is not (F. Xia et al., Eur J Radiol 2009, 72:406-411); a stomach
# that was pulled up, or a dome with bowel under it, is no thinner.
_WALL_MM = 5.0
# Pleural air lies at the height of a lung, not below both as bowel does.
_BESIDE_LUNG = 0.5


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
    """

    blocks: np.ndarray
    cavities: np.ndarray
    walls: np.ndarray
    pleural: np.ndarray
    right_pleural_ml: float = 0.0
    left_pleural_ml: float = 0.0

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
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        region = labels[box] == label
        around = looked_around(region, box, mean_hu, air, gas, spacing_zyx_mm)
        is_noisy = noise_hu(mean_hu[box][region]) > _LARGEST_NOISE_HU
        is_cavity[label] = not is_noisy and around.bare + around.walled >= _LEAST_SEEN
        if around.bare >= _LEAST_BARE:
            continue
        all_off_mm = (box[2].start + np.nonzero(region)[2] - midline_column) * spacing_zyx_mm[2]
        off_mm, farthest_mm = float(all_off_mm.mean()), float(np.abs(all_off_mm).max())
        height_mm, volume_ml = region.shape[0] * spacing_zyx_mm[0], np.count_nonzero(region) * voxel_ml
        is_gullet = around.bare <= _MOST_BARE_GULLET and _is_gullet(off_mm, farthest_mm, height_mm)
        if is_gullet or _is_under_dome(region, above[box], below[box]):
            is_foreign[label] = True
        elif volume_ml >= _SMALLEST_PLEURAL_ML and not is_noisy and _is_pleural(region, box, lung, around.solid, volume_ml, spacing_zyx_mm):
            is_foreign[label] = is_pleural[label] = True
            pleural_ml[int(off_mm > 0)] += volume_ml
    foreign, pleural = is_foreign[labels], is_pleural[labels]
    rim = grown_by_one(foreign) & air & ~lung
    if pleural.any():
        # No wall lies between free air and the lung: what is between them is lung.
        rim &= ~(grown_by_one(pleural) & grown_by_one(lung))
    walls = dilated(foreign & ~pleural, _WALL_MM, spacing_zyx_mm) & ~air
    return ForeignAir(foreign | rim, (is_cavity & ~is_foreign)[labels], walls, pleural, *pleural_ml)


def _lungs_beside(air: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Keep the large pieces of the air that is no gas, told on every other block: rims of bowel are smaller, and stool lies far below."""
    labels, count = components(np.ascontiguousarray(air[::2, ::2, ::2]))
    sizes = component_sizes(labels, count)
    large = sizes * 8 * float(np.prod(spacing_zyx_mm)) / 1000.0 >= _SMALLEST_LUNG_ML
    if large.any():
        heights, margin = [box[0] for box in ndimage.find_objects(labels)], LARGEST_GAP_MM / (2 * spacing_zyx_mm[0])
        lungs = heights[int(sizes.argmax()) - 1]
        for label in np.flatnonzero(large):
            slices = heights[label - 1]
            large[label] = slices.start <= lungs.stop + margin and slices.stop >= lungs.start - margin
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
    return share_above >= _LEAST_ABOVE and share_below <= _MOST_BELOW


def _is_gullet(off_mm: float, farthest_mm: float, height_mm: float) -> bool:
    if height_mm < _CONDUIT_HEIGHT_MM:
        return abs(off_mm) <= _OESOPHAGUS_WITHIN_MM
    return abs(off_mm) <= _CONDUIT_WITHIN_MM and farthest_mm <= _CONDUIT_REACH_MM


def _is_pleural(
    region: np.ndarray, box: tuple[slice, slice, slice], lung: np.ndarray, solid: float, volume_ml: float, spacing_zyx_mm: SpacingZyx
) -> bool:
    at_lungs_height = region[lung[box[0]].any(axis=(1, 2))]
    is_beside = np.count_nonzero(at_lungs_height) >= _BESIDE_LUNG * np.count_nonzero(region)
    if not is_beside:
        return False
    if volume_ml >= _EMPTY_SIDE_ML and solid >= _EMPTY_SIDE_SOLID:
        return True
    share = gas_share_at_border(region, box, lung, spacing_zyx_mm)
    if share is None:
        return False
    longest, middle = sides_in_diameters(region, spacing_zyx_mm)
    is_around_lung = share > _STRAIGHT_SHARE or (longest >= _LONG and middle >= _WIDE)
    return is_around_lung and roundness(region, spacing_zyx_mm) <= _FLAT


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
    margins = [int(np.ceil(_BULGE_REACH_MM / mm)) for mm in spacing_zyx_mm]
    wide = tuple(slice(max(0, part.start - more), part.stop + more) for part, more in zip(box, margins, strict=True))
    beside = lung[wide]
    gas = np.zeros(beside.shape, bool)
    gas[tuple(slice(part.start - outer.start, part.stop - outer.start) for part, outer in zip(box, wide, strict=True))] = region
    near_mm = max(4.0, 1.5 * max(spacing_zyx_mm[1:]))
    border = dilated(gas, near_mm, spacing_zyx_mm) & dilated(beside, near_mm, spacing_zyx_mm)
    if not border.any():
        return None
    sizes = [2 * more + 1 for more in margins]
    gas_near, lung_near = (ndimage.uniform_filter(part.astype(np.float32), sizes, mode="nearest")[border] for part in (gas, beside))
    return float(np.mean(gas_near / np.maximum(gas_near + lung_near, 1e-6)))
