"""From structures to Hounsfield units: densities, partial volume, blur and noise."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .grid import Grid
from .lung_contents import Plan
from .parameters import PhantomParameters
from .structures import SIDES, SMALL_AIRWAY_WALL, SOFT_IN_LUNG_HU, VESSEL, density_table, members

_GRAVITY_HU_PER_MM, _LUNG_MIDDLE_Y_MM = 60 / 180, 14.0
_TEXTURE_SD_HU, _EMPHYSEMA_HU = 12.0, -960.0
_BOX_SD_VOXELS = 12**-0.5
_SLICE_WEIGHT = 0.08
_NOISE_SD_VOXELS = 0.55


def render(structures: np.ndarray, soft: np.ndarray, grid: Grid, plan: Plan, parameters: PhantomParameters, seed: list[int]) -> np.ndarray:
    """Give the CT image of the structures.

    Parameters
    ----------
    structures : numpy.ndarray
        uint8 on the grid.
    soft : numpy.ndarray
        uint8 on the grid: see :func:`paint_contents`.
    grid : Grid
    plan : Plan
    parameters : PhantomParameters
    seed : list of int
        Of the noise.

    Returns
    -------
    numpy.ndarray
        int16 Hounsfield units on the grid.
    """
    generator = np.random.default_rng(seed)
    image = np.empty(grid.shape, np.int16)
    for slab in grid.slabs():
        # One slice more at both ends, for the blur along z.
        low, high = max(slab.start - 1, 0), min(slab.stop + 1, grid.shape[0])
        around = slice(low, high)
        densities = _densities(structures[around], soft[around], Grid(grid.z[around], grid.y, grid.x), plan, parameters)
        if parameters.blur_mm > 0:
            densities = _blurred(densities, parameters)
        densities = densities[slab.start - low : densities.shape[0] - (high - slab.stop)]
        if parameters.noise_sd_hu > 0:
            densities += _noise(generator, densities.shape, parameters.noise_sd_hu)
        np.clip(densities, -1024, 3071, out=densities)
        image[slab] = np.rint(densities, out=densities)
    return image


def _densities(structures: np.ndarray, soft: np.ndarray, grid: Grid, plan: Plan, parameters: PhantomParameters) -> np.ndarray:
    """Give float32 densities: the structure's own, and in the lungs gravity, texture and emphysema."""
    has_partial_volume = parameters.blur_mm > 0
    table = density_table(parameters.contrast_hu)
    parenchyma = members(*SIDES.values())
    mixed = parenchyma.copy()
    if has_partial_volume:
        for first in SIDES.values():
            mixed[[first + VESSEL, first + SMALL_AIRWAY_WALL]] = True
            table[[first + VESSEL, first + SMALL_AIRWAY_WALL]] = table[first]
    densities = table[structures]
    lung = np.flatnonzero(mixed[structures] | (soft > 0))
    if lung.size == 0:
        return densities
    values, kinds = densities.reshape(-1)[lung], structures.reshape(-1)[lung]
    aerated = mixed[kinds]
    rows = (lung // grid.shape[2]) % grid.shape[1]
    variation = _TEXTURE_SD_HU * plan.texture.on(grid).reshape(-1)[lung] + _GRAVITY_HU_PER_MM * (grid.y[rows] - _LUNG_MIDDLE_Y_MM)
    values += np.where(aerated, variation, 0)
    if parameters.emphysema > 0:
        depth = np.clip((plan.emphysema.field.on(grid).reshape(-1)[lung] - plan.emphysema.threshold) / 0.2 + 0.5, 0, 1)
        values += np.where(aerated, depth * (_EMPHYSEMA_HU - values), 0)
    if has_partial_volume:
        dense_tissue = table[kinds] > -500
        share = np.where(dense_tissue, 0, soft.reshape(-1)[lung].astype(np.float32) / 255)
        values += share * (SOFT_IN_LUNG_HU + parameters.contrast_hu - values)
    densities.reshape(-1)[lung] = values
    return densities


def _blurred(densities: np.ndarray, parameters: PhantomParameters) -> np.ndarray:
    """Blur with the kernel and the voxel's own extent in-plane, and a little along z."""
    _, dy, dx = parameters.grid_spacing_zyx_mm
    for axis, spacing in ((1, dy), (2, dx)):
        sigma = float(np.hypot(parameters.blur_mm / spacing, _BOX_SD_VOXELS))
        densities = ndimage.gaussian_filter1d(densities, sigma, axis=axis, mode="nearest", truncate=3.0)
    mixed = densities.copy()
    mixed[1:] += _SLICE_WEIGHT * (densities[:-1] - densities[1:])
    mixed[:-1] += _SLICE_WEIGHT * (densities[1:] - densities[:-1])
    return mixed


def _noise(generator: np.random.Generator, shape: tuple[int, ...], sd_hu: float) -> np.ndarray:
    """Give noise that is a little correlated in-plane, as after a reconstruction kernel."""
    noise = generator.standard_normal(shape, np.float32)
    kernel = np.exp(-0.5 * (np.arange(-2, 3) / _NOISE_SD_VOXELS) ** 2)
    # Scaled so that each pass keeps the variance.
    kernel = kernel / np.sqrt(np.sum(kernel**2))
    for axis in (1, 2):
        noise = ndimage.correlate1d(noise, kernel, axis=axis, mode="wrap")
    noise *= sd_hu
    return noise


def outside_field_of_view(parameters: PhantomParameters) -> np.ndarray:
    """Tell which columns of voxels lie outside the circle that touches the nearer borders: bool (rows, columns)."""
    (_, rows, columns), (_, dy, dx) = parameters.shape_zyx, parameters.grid_spacing_zyx_mm
    y, x = (np.arange(rows) - (rows - 1) / 2) * dy, (np.arange(columns) - (columns - 1) / 2) * dx
    return np.hypot(y[:, None], x[None, :]) > min(rows * dy, columns * dx) / 2
