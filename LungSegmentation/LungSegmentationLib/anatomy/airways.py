"""The air of trachea, main and lobar bronchi: region growing from the trachea with a leak guard."""

from __future__ import annotations

import numpy as np

from ..scan_field.limits import AIR_BELOW_HU
from . import limits
from .flooding import NEVER, flood_by_steps
from .morphology import SpacingZyx, bounding_box, components, dilated, eroded


def search_box(trachea: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[slice, slice, slice]:
    """Box around a trachea that holds the main and lobar bronchi.

    Parameters
    ----------
    trachea : numpy.ndarray
        bool (z, y, x), not empty.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    tuple of slice
    """
    rows_columns = tuple(int(np.ceil(limits.BRONCHI_BESIDE_MM / spacing)) for spacing in spacing_zyx_mm[1:])
    box = bounding_box(trachea, (0, rows_columns[0], rows_columns[1]))
    below = int(np.ceil(limits.BRONCHI_BELOW_MM / spacing_zyx_mm[0]))
    above = int(np.ceil(limits.BRONCHI_ABOVE_MM / spacing_zyx_mm[0]))
    return slice(max(0, box[0].start - below), min(trachea.shape[0], box[0].stop + above)), box[1], box[2]


def grow_airways(mean_hu: np.ndarray, air: np.ndarray, trachea: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Grow the trachea into the main and lobar bronchi.

    The threshold rises as long as the region does not spill into the lung (the volume jumps when it
    does); then the partial-volume rim of the lumen is added and branches thinner than lobar ones are cut.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    air : numpy.ndarray
        bool (z, y, x): air inside the body; nothing grows outside it.
    trachea : numpy.ndarray
        bool (z, y, x): the seed, not empty.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x): the lumen.

    References
    ----------
    Explosion-controlled region growing: K. Mori et al., Automated extraction and visualization of bronchus from
    3-D CT images of lung, CVRMed (1995).
    """
    lumen = grow_lumen(mean_hu, air, trachea, spacing_zyx_mm)
    part = bounding_box(lumen, (3, 3, 3))
    return _pasted(_lobar_tree(mean_hu[part], air[part], lumen[part], trachea[part], spacing_zyx_mm), part, lumen.shape)


def grow_lumen(mean_hu: np.ndarray, air: np.ndarray, trachea: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Grow a tube into the darkest air that hangs on it, as far as the region does not spill into the lung.

    Parameters
    ----------
    mean_hu, air, trachea, spacing_zyx_mm
        As for :func:`grow_airways`.

    Returns
    -------
    numpy.ndarray
        bool (z, y, x), with the tube.
    """
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    lowest_hu = limits.LUMEN_FROM_HU - limits.LUMEN_STEP_HU
    from_lowest = (np.clip(mean_hu, lowest_hu, limits.LUMEN_TO_HU) - lowest_hu) // limits.LUMEN_STEP_HU
    step_of = np.where(air & (mean_hu < limits.LUMEN_TO_HU), from_lowest, NEVER).astype(np.uint8)
    steps = (limits.LUMEN_TO_HU - limits.LUMEN_FROM_HU) // limits.LUMEN_STEP_HU + 1
    reached_at, sizes = flood_by_steps(step_of, trachea, steps, int(limits.LARGEST_BRONCHI_ML / voxel_ml))
    return (reached_at <= _last_step_without_leak(sizes, voxel_ml)) | trachea


def _lobar_tree(mean_hu: np.ndarray, air: np.ndarray, lumen: np.ndarray, trachea: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Add the lumen's partial-volume rim, and cut the branches thinner than lobar ones."""
    rim = dilated(lumen, max(*spacing_zyx_mm[1:], limits.LUMEN_RIM_MM), spacing_zyx_mm)
    lumen = lumen | (rim & air & (mean_hu < AIR_BELOW_HU))
    # On a coarse grid a branch two voxels wide has no inside: nothing is left of it to be believed.
    smallest_radius_mm = max(limits.LOBAR_RADIUS_MM, limits.LOBAR_RADIUS_VOXELS * max(spacing_zyx_mm[1:]))
    wide = eroded(lumen, smallest_radius_mm, spacing_zyx_mm)
    trunk = _components_with(wide | trachea, trachea)
    return dilated(trunk, 2 * smallest_radius_mm, spacing_zyx_mm) & lumen


def _pasted(part: np.ndarray, box: tuple[slice, slice, slice], shape: tuple[int, ...]) -> np.ndarray:
    whole = np.zeros(shape, bool)
    whole[box] = part
    return whole


def _last_step_without_leak(sizes: list[int], voxel_ml: float) -> int:
    """Find the last step at which the bronchi are not too large, and are not much larger than at the step before."""
    bronchi_ml = [size * voxel_ml for size in sizes]
    last = len(sizes) - 1
    while last > 0 and (bronchi_ml[last] > limits.LARGEST_BRONCHI_ML or bronchi_ml[last] - bronchi_ml[last - 1] > limits.LARGEST_STEP_ML):
        last -= 1
    return last


def _components_with(mask: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Take the components of a mask that hold a part of the seed: two where the scan ends below the carina."""
    labels, count = components(mask)
    wanted = np.zeros(count + 1, bool)
    wanted[labels[seed]] = True
    wanted[0] = False
    return wanted[labels]
