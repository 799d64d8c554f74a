"""Air without lung structure: where gas lies free, in bowel, oesophagus or pleura, in a bulla or a cavity, and what is around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..scan_field.limits import AIR_HU
from . import limits
from .morphology import SpacingZyx, component_sizes, components, dilated, eroded

_NONE = 1e-4  # a share in a box; rounding leaves less where there is none
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
    # A narrow bronchus, which may be all of the airways that the scan holds, is denser for its wall's partial volume; air is not.
    air_hu = AIR_HU if trachea_hu is None else min(trachea_hu, limits.TRACHEA_AIR_BELOW_HU)
    # On coarse blocks the ball has to hold the neighbours at least.
    clear_mm = max(limits.GAS_CLEAR_MM, 1.01 * max(spacing_zyx_mm[1:]))
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    core, rim = (mean_hu < air_hu + margin_hu for margin_hu in (limits.GAS_CORE_MARGIN_HU, limits.GAS_RIM_MARGIN_HU))
    found = _around_cores(air, core, rim, clear_mm, spacing_zyx_mm)
    more = found | _gas_in_noise(mean_hu, air, air_hu, clear_mm, spacing_zyx_mm)
    if not more.any():
        return np.zeros(air.shape, np.int32), 0
    labels, count = components(more)
    found |= (component_sizes(labels, count) * voxel_ml >= limits.SMALLEST_GAS_IN_NOISE_ML)[labels]
    labels, count = components(found)
    large = component_sizes(labels, count) * voxel_ml >= limits.SMALLEST_GAS_ML
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
    enough = 0.5 * limits.SMALLEST_GAS_IN_NOISE_ML * 1000 / np.prod(spacing_zyx_mm)
    if np.count_nonzero(air & (mean_hu < air_hu + limits.GAS_AVERAGE_MARGIN_HU)) < enough:
        return np.zeros(air.shape, bool)
    inner = air & eroded(air, max(spacing_zyx_mm[1:]), spacing_zyx_mm)  # without the partial volume of walls
    average_hu = without_noise_hu(mean_hu, inner, 2 * clear_mm, spacing_zyx_mm)
    bright = inner & (average_hu >= air_hu + limits.GAS_AVERAGE_MARGIN_HU)
    around = [2 * int(clear_mm / mm) + 1 for mm in spacing_zyx_mm]
    cores = inner & (ndimage.uniform_filter(air.astype(np.float32), around, mode="nearest") >= limits.GAS_AIR_SHARE)
    if not cores.any():
        return cores
    cores &= ~dilated(bright, clear_mm, spacing_zyx_mm)
    rim = (average_hu < air_hu + 2 * limits.GAS_AVERAGE_MARGIN_HU) | (mean_hu < air_hu + limits.GAS_RIM_MARGIN_HU)
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
    lung = air & ~gas & (mean_hu < limits.AERATED_BELOW_HU)
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
    run = max(2, int(np.ceil(limits.LUNG_RUN_MM / step_mm)))
    for _ in range(max(2, int(limits.LOOKED_AROUND_MM / step_mm))):
        places = places + step
        inside = np.all((places >= 0) & (places < sizes), axis=0)
        places, wall_mm = places[:, inside], wall_mm[inside]
        here = tuple(places)
        met = lung[here]
        for ahead in range(1, run):
            met &= lung[tuple(np.clip(places + ahead * step, 0, sizes - 1))]
        bare += int(np.count_nonzero(met & (wall_mm < limits.THIN_GAS_WALL_MM)))
        walled += int(np.count_nonzero(met & (wall_mm >= limits.THIN_GAS_WALL_MM)))
        wall_mm = wall_mm + np.clip((mean_hu[here] - AIR_HU) / -AIR_HU, 0, 1) * step_mm
        # What meets gas again looks along the surface.
        left = ~met & ~gas[here]
        places, wall_mm = places[:, left], wall_mm[left]
    return bare, walled, places.shape[1]
