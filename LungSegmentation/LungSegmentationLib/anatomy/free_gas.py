"""Air without lung structure: where gas lies free, in bowel, oesophagus or pleura, in a bulla or a cavity, and what is around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .morphology import SpacingZyx, component_sizes, components, dilated, eroded

# No healthy or emphysematous lung has a ball of 8 mm without a vessel or septum that lifts one of its blocks above this: of 21 scans,
# emphysema among them, the largest such piece of lung was 2 mL. Around it noise and partial volume lift the same air by some more,
# lung that holds blood and septa by more than that (-1000 HU of air, -850 HU of lung: half way lies near 75 HU above air).
_MARGIN_HU, _RIM_MARGIN_HU = 40.0, 80.0
_CLEAR_MM = 4.0
_SMALLEST_ML = 2.0
# Where noise hides how dark the air is, an average over neighbours shows it; but that average hides the structure of lung as well. So it
# has to be darker than half way from air to emphysema (-950 HU; Gevenois et al., Am J Respir Crit Care Med 1996, 154:187), and what only
# the average shows has to be as large as a pneumothorax or bulla that matters.
_AVERAGE_MARGIN_HU, _SMALLEST_IN_NOISE_ML = 25.0, 100.0
# Of the box around a block at a flat wall air fills half; less of it is a fissure or a recess.
_AIR_SHARE = 0.4
_NONE = 1e-4  # a share in a box; rounding leaves less where there is none
# Gas without contrast or scatter; the margin covers both.
_AIR_HU = -1000.0
_AERATED_BELOW_HU = -600
# The wall of a bulla is thinner than 1 mm by definition (Hansell et al., Fleischner glossary, Radiology 2008, 246:697-722); diaphragm
# and stomach, or an oesophagus and the pleura over it, are two layers of 2 mm and more.
_THIN_WALL_MM = 1.5
_REACH_MM = 12.0
# Less may be the partial volume of the wall.
_LUNG_RUN_MM = 5.0
_DIRECTIONS_ZYX = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))


@dataclass(frozen=True)
class Surroundings:
    """What lies around a region, as shares of the rays that leave it along the axes.

    Parameters
    ----------
    bare : float
        Aerated lung behind less wall than 1.5 mm of soft tissue.
    walled : float
        Aerated lung behind a thicker wall, within 12 mm.
    solid : float
        No aerated lung within 12 mm.
    """

    bare: float
    walled: float
    solid: float


def free_gas(mean_hu: np.ndarray, air: np.ndarray, trachea_hu: float | None, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, int]:
    """Find regions of at least 2 mL, in noise of 100 mL, that are as dark as the trachea's air and hold nothing else.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), block means.
    air : numpy.ndarray
        bool (z, y, x): air inside the body.
    trachea_hu : float or None
        Median density of the trachea's air; -1000 HU is taken where it was not found.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    labels : numpy.ndarray
        int32 (z, y, x), 0 outside the regions; the blocks that hold gas and a part of its wall belong to them.
    count : int
    """
    air_hu = _AIR_HU if trachea_hu is None else trachea_hu
    # On coarse blocks the ball has to hold the neighbours at least.
    clear_mm = max(_CLEAR_MM, 1.01 * max(spacing_zyx_mm[1:]))
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    found = _around_cores(air, mean_hu < air_hu + _MARGIN_HU, mean_hu < air_hu + _RIM_MARGIN_HU, clear_mm, spacing_zyx_mm)
    more = found | _gas_in_noise(mean_hu, air, air_hu, clear_mm, spacing_zyx_mm)
    if not more.any():
        return np.zeros(air.shape, np.int32), 0
    labels, count = components(more)
    found |= (component_sizes(labels, count) * voxel_ml >= _SMALLEST_IN_NOISE_ML)[labels]
    labels, count = components(found)
    large = component_sizes(labels, count) * voxel_ml >= _SMALLEST_ML
    number = np.where(large, np.cumsum(large), 0).astype(np.int32)
    return number[labels], int(large.sum())


def _around_cores(air: np.ndarray, dark: np.ndarray, rim: np.ndarray, clear_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Mark what lies around the balls of air that are dark throughout, as far as it belongs to their rim."""
    cores = eroded(air & dark, clear_mm, spacing_zyx_mm)
    return dilated(cores, 2 * clear_mm, spacing_zyx_mm) & air & rim if cores.any() else cores


def _gas_in_noise(mean_hu: np.ndarray, air: np.ndarray, air_hu: float, clear_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Mark the air whose average over a ball is as dark as gas, with none that is brighter near it.

    Solid tissue near it does not matter: free air lies against the chest wall, in a layer that holds no ball.
    """
    # Of gas so dark on average, half of the blocks are so dark themselves.
    enough = 0.5 * _SMALLEST_IN_NOISE_ML * 1000 / np.prod(spacing_zyx_mm)
    if np.count_nonzero(air & (mean_hu < air_hu + _AVERAGE_MARGIN_HU)) < enough:
        return np.zeros(air.shape, bool)
    inner = air & eroded(air, max(spacing_zyx_mm[1:]), spacing_zyx_mm)  # without the partial volume of walls
    average_hu = without_noise_hu(mean_hu, inner, 2 * clear_mm, spacing_zyx_mm)
    bright = inner & (average_hu >= air_hu + _AVERAGE_MARGIN_HU)
    around = [2 * int(clear_mm / mm) + 1 for mm in spacing_zyx_mm]
    cores = inner & (ndimage.uniform_filter(air.astype(np.float32), around, mode="nearest") >= _AIR_SHARE)
    if not cores.any():
        return cores
    cores &= ~dilated(bright, clear_mm, spacing_zyx_mm)
    rim = (average_hu < air_hu + 2 * _AVERAGE_MARGIN_HU) | (mean_hu < air_hu + _RIM_MARGIN_HU)
    return dilated(cores, 2 * clear_mm, spacing_zyx_mm) & air & rim


def without_noise_hu(mean_hu: np.ndarray, inner: np.ndarray, ball_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Average the blocks of some air (bool) in a box as wide as a ball of so many mm (float32); 0 HU where there are none.

    Blocks of single voxels carry noise of 10 to 45 HU in the tracheas of real scans: the air of a ball is then never dark throughout.
    """
    size = [2 * int((ball_mm / mm - 1) / 2) + 1 if ball_mm > mm else 1 for mm in spacing_zyx_mm]
    share = ndimage.uniform_filter(inner.astype(np.float32), size, mode="nearest")
    total_hu = ndimage.uniform_filter(np.where(inner, mean_hu, 0).astype(np.float32), size, mode="nearest")
    return np.where(share > _NONE, total_hu / np.maximum(share, _NONE), np.float32(0))


def looked_around(
    region: np.ndarray, box: tuple[slice, slice, slice], mean_hu: np.ndarray, air: np.ndarray, gas: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> Surroundings:
    """Look outward from a region along the six directions of the axes.

    Parameters
    ----------
    region : numpy.ndarray
        bool, the region within its box.
    box : tuple of slice
    mean_hu, air, gas : numpy.ndarray
        int16 and bool (z, y, x): densities, air inside the body, and blocks of any region of gas.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    Surroundings
    """
    lung = air & ~gas & (mean_hu < _AERATED_BELOW_HU)
    counts = np.sum([_looked(region, box, mean_hu, lung, gas, step, spacing_zyx_mm) for step in _DIRECTIONS_ZYX], axis=0)
    bare, walled, solid = (float(count) for count in counts / max(1, counts.sum()))
    return Surroundings(bare, walled, solid)


def _looked(
    region: np.ndarray,
    box: tuple[slice, slice, slice],
    mean_hu: np.ndarray,
    lung: np.ndarray,
    gas: np.ndarray,
    step_zyx: tuple[int, int, int],
    spacing_zyx_mm: SpacingZyx,
) -> tuple[int, int, int]:
    """Count rays in one direction that meet bare, walled and no lung."""
    padded = np.pad(region, 1)
    inner = tuple(slice(1 + step, size - 1 + step) for step, size in zip(step_zyx, padded.shape, strict=True))
    places = np.stack(np.nonzero(region & ~padded[inner])) + np.array([[part.start] for part in box])
    step_mm = float(np.dot(np.abs(step_zyx), spacing_zyx_mm))
    step, sizes = np.array(step_zyx)[:, None], np.array(mean_hu.shape)[:, None]
    wall_mm = np.zeros(places.shape[1])
    bare = walled = 0
    run = max(2, int(np.ceil(_LUNG_RUN_MM / step_mm)))
    for _ in range(max(2, int(_REACH_MM / step_mm))):
        places = places + step
        inside = np.all((places >= 0) & (places < sizes), axis=0)
        places, wall_mm = places[:, inside], wall_mm[inside]
        here = tuple(places)
        met = lung[here]
        for ahead in range(1, run):
            met &= lung[tuple(np.clip(places + ahead * step, 0, sizes - 1))]
        bare += int(np.count_nonzero(met & (wall_mm < _THIN_WALL_MM)))
        walled += int(np.count_nonzero(met & (wall_mm >= _THIN_WALL_MM)))
        wall_mm = wall_mm + np.clip((mean_hu[here] - _AIR_HU) / -_AIR_HU, 0, 1) * step_mm
        # What meets gas again looks along the surface.
        left = ~met & ~gas[here]
        places, wall_mm = places[:, left], wall_mm[left]
    return bare, walled, places.shape[1]
