"""Soft tissue where a scan has lung. Some of it is lung still, some is not; the reference says which."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from hard_scan import HardScan, lungs_of, middle_slice
from LungSegmentationLib.labels import BACKGROUND, LEFT_LUNG, RIGHT_LUNG

_MUSCLE_HU, _FAT_HU, _FOOD_HU, _STOOL_GAS_HU, _GAS_HU, _NOISE_HU = 40.0, -100.0, 20.0, -600.0, -990.0, 12.0
_WALL_MM = 3.0


def filled_apex(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Fill the right lung's upper third as a tumour and the collapse behind it do; it is lung still."""
    lung, height, depth = _side(scan, RIGHT_LUNG)
    return _painted(scan, lung & (height > 0.6 + 0.15 * depth), _MUSCLE_HU, random)


def filled_base(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Fill the left lower lobe behind a slanting fissure, beside aorta and spine, but for air in its bronchi; it is lung still.

    Without that air, and with a level surface, it would be an effusion.
    """
    lung, height, depth = _side(scan, LEFT_LUNG)
    bronchi = _lumps(scan, 4.0, 0.06, random)
    return _painted(scan, lung & (depth > 0.45 + 0.6 * height) & ~bronchi, _MUSCLE_HU, random)


def hernia(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Put a stomach of 60 mm with food and gas between the spine and the left lung, above the diaphragm; it is not lung."""
    lung, height, depth = _side(scan, LEFT_LUNG)
    z, y, x = np.nonzero(lung & (np.abs(height - 0.3) < 0.05) & (depth > 0.5))
    innermost = np.argmin(x)
    stomach = _ball(scan, (z[innermost], y[innermost], x[innermost]), (35.0, 30.0, 30.0))
    hu = np.full(lung.shape, _FOOD_HU)
    rows = np.flatnonzero(stomach.any(axis=(0, 2)))
    hu[:, : rows[0] + len(rows) // 5] = _GAS_HU
    hu[_shell(scan, stomach)] = _MUSCLE_HU
    return _not_lung(scan, stomach, hu, random)


def raised_colon(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Let fat and a loop of colon with stool raise the left diaphragm by 50 mm; they are not lung."""
    lung, *_ = _side(scan, LEFT_LUNG)
    lowest = np.where(lung.any(axis=0), lung.argmax(axis=0), -1)
    inner = ndimage.binary_erosion(lowest >= 0, iterations=max(1, round(25 / scan.volume.spacing_zyx_mm[1]))) & (
        lowest < middle_slice(scan)
    )
    row, column = np.unravel_index(np.argmax(np.where(inner, lowest, -1)), lowest.shape)
    dome = (int(lowest[row, column]), int(row), int(column))
    bulge, loop = _ball(scan, dome, (50.0, 55.0, 50.0)), _ball(scan, dome, (35.0, 40.0, 25.0))
    hu = np.where(loop, np.where(_lumps(scan, 6.0, 0.2, random), _STOOL_GAS_HU, _FOOD_HU), _FAT_HU)
    hu[_shell(scan, loop) | _shell(scan, bulge)] = _MUSCLE_HU
    return _not_lung(scan, bulge & lung, hu, random)


def _side(scan: HardScan, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give one lung, and how high (0 base, 1 apex) and how far back (0 front, 1 back) each voxel lies in it."""
    lung = scan.reference == side
    places = []
    for axis in (0, 1):
        used = np.flatnonzero(lung.any(axis=tuple({0, 1, 2} - {axis})))
        shape = [1, 1, 1]
        shape[axis] = -1
        places.append(((np.arange(lung.shape[axis]) - used[0]) / max(1, np.ptp(used))).reshape(shape))
    return lung, places[0], places[1]


def _ball(scan: HardScan, centre_zyx: tuple[int, int, int], radii_zyx_mm: tuple[float, float, float]) -> np.ndarray:
    axes = np.ogrid[tuple(slice(size) for size in scan.reference.shape)]
    steps = zip(axes, centre_zyx, scan.volume.spacing_zyx_mm, radii_zyx_mm, strict=True)
    return sum(((axis - centre) * mm / radius) ** 2 for axis, centre, mm, radius in steps) < 1


def _shell(scan: HardScan, mask: np.ndarray) -> np.ndarray:
    return mask & (ndimage.distance_transform_edt(mask, scan.volume.spacing_zyx_mm) <= _WALL_MM)


def _painted(scan: HardScan, where: np.ndarray, hu: np.ndarray | float, random: np.random.Generator) -> HardScan:
    noisy = hu + random.normal(0, _NOISE_HU, where.shape)
    return scan.with_voxels(np.where(where, noisy, scan.volume.voxels_hu))


def _lumps(scan: HardScan, size_mm: float, share: float, random: np.random.Generator) -> np.ndarray:
    field = ndimage.gaussian_filter(random.normal(size=scan.reference.shape), [size_mm / mm for mm in scan.volume.spacing_zyx_mm])
    return field > np.quantile(field, 1 - share)


def _not_lung(scan: HardScan, where: np.ndarray, hu: np.ndarray, random: np.random.Generator) -> HardScan:
    lungs = lungs_of(scan)
    changed = _painted(scan, where & (lungs | (scan.volume.voxels_hu > -300)), hu, random)
    return replace(changed, reference=np.where(where & lungs, np.uint8(BACKGROUND), scan.reference))
