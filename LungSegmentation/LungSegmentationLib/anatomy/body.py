"""Inside the body or outside it: for air, decided by the solid tissue around it."""

from __future__ import annotations

import numpy as np

from .morphology import SpacingZyx, component_sizes, components, dilated, eroded, largest_component
from .working_grid import LOWEST_HU, make_working_grid

_TISSUE_ABOVE_HU = -250
# Thinner than twice this is table, clothing, a tube or a blanket, not body.
_CORE_EROSION_MM = 4.0
_BLOCK_MM = 3.5
_ROOM_AIR_BELOW_HU = -960
# Of a chest wall no thicker than that before the edge of the view the core holds nothing.
_THIN_WALL_MM = 12.0


def body_core_and_sides(mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray]:
    """Find the solid core of the patient's body, and on how many sides of each voxel it lies.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    core : numpy.ndarray
        bool (z, y, x): thick tissue, without table, clothes and skin folds; empty where there is none.
    sides : numpy.ndarray
        uint8 (z, y, x), 0 to 4: in how many of the four in-plane directions from the voxel the core lies.
    """
    coarse = make_working_grid(mean_hu, spacing_zyx_mm, _BLOCK_MM)
    core = largest_component(eroded(coarse.mean_hu > _TISSUE_ABOVE_HU, _CORE_EROSION_MM, coarse.spacing_zyx_mm))
    return coarse.enlarge(core), coarse.enlarge(_sides_with_core(core))


def _sides_with_core(core: np.ndarray) -> np.ndarray:
    sides = np.zeros(core.shape, np.uint8)
    for axis in (1, 2):
        size = core.shape[axis]
        place = np.arange(size, dtype=np.int16).reshape((-1, 1) if axis == 1 else (1, -1))
        met = core.any(axis=axis)
        first = np.where(met, core.argmax(axis=axis), size).astype(np.int16)
        last = np.where(met, size - 1 - np.flip(core, axis).argmax(axis=axis), -1).astype(np.int16)
        sides += place >= np.expand_dims(first, axis)
        sides += place <= np.expand_dims(last, axis)
    return sides


def air_off_border(air: np.ndarray) -> np.ndarray:
    """Keep the air that in its axial slice does not reach the image's border.

    Parameters
    ----------
    air : numpy.ndarray
        bool (z, y, x).

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    labels, count = components(air, in_plane=True)
    enclosed = np.ones(count + 1, bool)
    for border in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        enclosed[border] = False
    return enclosed[labels] & air


def unmeasured_air(mean_hu: np.ndarray) -> np.ndarray:
    """Mark what a scanner filled with the lowest density around a round field of view.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x), block means.

    Returns
    -------
    numpy.ndarray
        bool (z, y, x): blocks of nothing but -1024 HU that hang together with the border, where the image's corners are such.
    """
    if np.any(mean_hu[:: max(1, len(mean_hu) - 1), :: mean_hu.shape[1] - 1 or 1, :: mean_hu.shape[2] - 1 or 1] != LOWEST_HU):
        return np.zeros(mean_hu.shape, bool)
    lowest = mean_hu == LOWEST_HU
    return lowest & ~air_off_border(lowest)


def air_inside_body(air: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Keep the air that lies in the body.

    In each axial slice a region of air is inside when most of it has the body on at least three sides: one
    side may be missing where the field of view cuts the lung. Outside air, table foam and the air under
    the back have the body on fewer sides.

    Parameters
    ----------
    air : numpy.ndarray
        bool (z, y, x): voxels of air density inside the field of view.
    sides : numpy.ndarray
        From :func:`body_core_and_sides`.

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    labels, count = components(air, in_plane=True)
    total, enclosed = component_sizes(labels, count), component_sizes(labels * (sides >= 3), count)
    return (2 * enclosed >= np.maximum(total, 1))[labels]


def air_cut_by_view(
    air: np.ndarray, inside: np.ndarray, padding: np.ndarray, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Add the air in the body that a round field of view cuts on so many sides that :func:`air_inside_body` leaves it out.

    In each axial slice a region of air that comes near padding and is too dense for room air is inside when half of it lies
    above or below air that is, from slice to slice upward and then downward.

    Parameters
    ----------
    air, inside : numpy.ndarray
        bool (z, y, x): voxels of air density inside the field of view, and those of them that are known to lie in the body.
    padding : numpy.ndarray
        bool (z, y, x): outside the field of view.
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x), at least ``inside``.
    """
    labels, count = components(air & ~inside, in_plane=True)
    sizes = component_sizes(labels, count)
    cut = np.zeros(count + 1, bool)
    cut[labels[dilated(padding, _THIN_WALL_MM, spacing_zyx_mm)]] = True
    sums_hu = np.bincount(labels.reshape(-1), weights=mean_hu.reshape(-1), minlength=count + 1)
    cut &= sums_hu > _ROOM_AIR_BELOW_HU * sizes
    cut[0] = False
    inside = inside.copy()
    slices = np.flatnonzero(cut[labels].any(axis=(1, 2)))
    for order, before in ((slices, -1), (slices[::-1], 1)):
        for here in order[(order + before >= 0) & (order + before < len(air))]:
            common = np.bincount(labels[here][inside[here + before]], minlength=count + 1)
            inside[here] |= (cut & (2 * common >= sizes))[labels[here]]
    return inside
