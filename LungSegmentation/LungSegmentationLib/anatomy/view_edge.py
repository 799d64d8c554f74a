"""Air in the body and outside it, also where the edge of the view cuts the body: by the tissue around it, and by its density."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from . import limits
from .morphology import SpacingZyx, component_sizes, components, dilated
from .sides import midline_column


def air_in_body(
    air: np.ndarray, core: np.ndarray, sides: np.ndarray, padding: np.ndarray, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Find the air that lies in the body.

    Parameters
    ----------
    air : numpy.ndarray
        bool (z, y, x): voxels of air density inside the field of view.
    core, sides : numpy.ndarray
        From :func:`~LungSegmentationLib.anatomy.body.body_core_and_sides`.
    padding : numpy.ndarray
        bool (z, y, x): not measured.
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    inside = air_with_body_around(air, core, sides, padding, mean_hu, spacing_zyx_mm)
    return _without_open_air(inside, core, sides, padding, mean_hu, spacing_zyx_mm)


def air_inside_body(air: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Keep the air that has the body around it.

    In each axial slice a region of air is inside when most of it has the body on at least three sides: one side may be missing where the
    view cuts the lung. Outside air, table foam and the air under the back have the body on fewer sides.

    Parameters
    ----------
    air, sides
        As for :func:`air_in_body`.

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    labels, count = components(air, in_plane=True)
    return _is_enclosed(labels, component_sizes(labels, count), sides)[labels]


def air_with_body_around(
    air: np.ndarray, core: np.ndarray, sides: np.ndarray, padding: np.ndarray, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Find the air that has the body around it, or would have it if the view went on.

    To what :func:`air_inside_body` finds come regions near the edge of the view that are denser than room air: those of which half lies
    above or below such air, and, where the view lies in the body and a side shows no lung yet, those that have the body to their right
    or left.

    Parameters
    ----------
    air, core, sides, padding, mean_hu, spacing_zyx_mm
        As for :func:`air_in_body`.

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    labels, count = components(air, in_plane=True)
    sizes = component_sizes(labels, count)
    is_inside = _is_enclosed(labels, sizes, sides)
    is_cut = np.zeros(count + 1, bool)
    is_cut[labels[_near_edge(padding, spacing_zyx_mm)]] = True
    is_cut[is_inside] = False
    is_cut[0] = False
    if not is_cut.any():
        return is_inside[labels]
    is_cut &= _is_denser(labels, mean_hu, count, limits.ROOM_AIR_BELOW_HU)
    if not view_lies_in_body(padding, mean_hu, spacing_zyx_mm[0]):
        return _with_neighbours(is_inside, is_cut, labels, sizes)[labels]
    # A mattress and a blanket have the body in front or behind only.
    beside = np.logical_or.accumulate(core, axis=2) | np.flip(np.logical_or.accumulate(np.flip(core, 2), axis=2), 2)
    is_cut &= 2 * component_sizes(labels * beside, count) >= sizes
    # Beside the skin room air is as dense as lung: farther from it hardly any is.
    inner = labels * ndimage.binary_erosion(air, np.ones((1, 3, 3), bool), border_value=1)
    has_inner = component_sizes(inner, count) > 0
    is_dense = _is_denser(inner, mean_hu, count, limits.ROOM_AIR_MEAN_BELOW_HU)
    is_cut &= ~has_inner | is_dense
    is_inside = _with_neighbours(is_inside, is_cut, labels, sizes)
    # A side without a lung that is closed in shows it at the edge only.
    for half in _halves(core):
        in_half = component_sizes(labels[:, :, half], count)
        if in_half[is_inside & has_inner & is_dense].sum() * float(np.prod(spacing_zyx_mm)) / 1000 < limits.CLOSED_IN_LUNG_ML:
            is_inside = is_inside | (is_cut & has_inner & (2 * in_half >= sizes))
    return _with_neighbours(is_inside, is_cut, labels, sizes)[labels]


def view_lies_in_body(padding: np.ndarray, mean_hu: np.ndarray, slice_mm: float) -> bool:
    """Tell whether the view lies in the body, as that of a scan of the heart does: little room air is at its edge.

    Parameters
    ----------
    padding : numpy.ndarray
        bool (z, y, x): not measured.
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    slice_mm : float

    Returns
    -------
    bool
    """
    edge = np.zeros(padding.shape, bool)
    if padding.any():
        edge[:, 1:] |= padding[:, :-1]
        edge[:, :-1] |= padding[:, 1:]
        edge[:, :, 1:] |= padding[:, :, :-1]
        edge[:, :, :-1] |= padding[:, :, 1:]
    edge[:, [0, -1]] = edge[:, :, [0, -1]] = True
    edge &= ~padding
    rows, columns = np.nonzero(edge.any(axis=0))
    # A mean over some slices is free of noise.
    edge_hu = ndimage.uniform_filter1d(
        mean_hu[:, rows, columns].astype(np.float32), max(1, round(limits.EDGE_WINDOW_MM / slice_mm)), axis=0
    )
    is_edge = edge[:, rows, columns]
    all_of_it = np.count_nonzero(is_edge, axis=1)
    room = np.count_nonzero(is_edge & (edge_hu < limits.ROOM_AIR_MEAN_BELOW_HU), axis=1)[all_of_it > 0]
    return bool(room.size and np.median(room / all_of_it[all_of_it > 0]) < limits.ROOM_AROUND_SHARE)


def _is_enclosed(labels: np.ndarray, sizes: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Tell for each region whether most of it has the body on at least three sides."""
    is_enclosed = 2 * component_sizes(labels * (sides >= 3), len(sizes) - 1) >= np.maximum(sizes, 1)
    is_enclosed[0] = False
    return np.asarray(is_enclosed)


def _is_denser(labels: np.ndarray, mean_hu: np.ndarray, count: int, limit_hu: float) -> np.ndarray:
    """Tell for each region whether its mean density, by every other row, is above a limit."""
    some = labels[:, ::2].reshape(-1)
    sums_hu = np.bincount(some, weights=mean_hu[:, ::2].reshape(-1), minlength=count + 1)
    return np.asarray(sums_hu > limit_hu * np.bincount(some, minlength=count + 1))


def _near_edge(padding: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    near = dilated(padding, limits.THIN_WALL_MM, spacing_zyx_mm) if padding.any() else np.zeros(padding.shape, bool)
    rows, columns = (int(np.ceil(limits.THIN_WALL_MM / spacing)) for spacing in spacing_zyx_mm[1:])
    near[:, :rows] = near[:, -rows:] = near[:, :, :columns] = near[:, :, -columns:] = True
    return near


def _with_neighbours(is_inside: np.ndarray, is_cut: np.ndarray, labels: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Add the cut regions of which half lies above or below air inside, from slice to slice upward and then downward."""
    is_inside = is_inside.copy()
    for here, before in _slices_both_ways(is_cut[labels].any(axis=(1, 2))):
        common = np.bincount(labels[here][is_inside[labels[here + before]]], minlength=len(sizes))
        is_inside |= is_cut & (common > 0) & (2 * common >= sizes)
    return is_inside


def _halves(core: np.ndarray) -> tuple[slice, slice]:
    middle = round(midline_column(core))
    return slice(None, middle), slice(middle, None)


def _slices_both_ways(wanted: np.ndarray) -> list[tuple[int, int]]:
    """List the slices with the step to the one before it: from the first to the last, then back."""
    slices = [int(index) for index in np.flatnonzero(wanted)]
    both = [(here, -1) for here in slices] + [(here, 1) for here in reversed(slices)]
    return [(here, before) for here, before in both if 0 <= here + before < len(wanted)]


def _without_open_air(
    inside: np.ndarray, core: np.ndarray, sides: np.ndarray, padding: np.ndarray, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Leave out air outside the body that the view cuts off: before the neck it has the body on three sides, as a cut lung has.

    Of a lung that the view cuts, in some slice most is closed in by the body, or else most of it has the body on three sides, the
    front among them. Where the view lies in the body, a side without such a lung keeps what it has. Where nothing would be left, all stays.
    """
    at_edge = ndimage.binary_dilation(padding) if padding.any() else np.zeros(inside.shape, bool)
    at_edge[:, [0, -1]] = at_edge[:, :, [0, -1]] = True
    if not (inside & at_edge).any():
        return inside
    labels, count = components(inside)
    slices = np.arange(len(labels))[:, None, None]

    def in_slices(mask: np.ndarray) -> np.ndarray:
        numbers = (labels + slices * (count + 1))[mask]
        return np.bincount(numbers, minlength=len(labels) * (count + 1)).reshape(len(labels), count + 1)

    sizes, closed_in = in_slices(inside), in_slices(inside & (sides == 4))
    is_open = np.zeros(count + 1, bool)
    is_open[labels[inside & at_edge]] = True
    is_open &= ~(2 * closed_in > sizes).any(axis=0)
    behind_body = np.logical_or.accumulate(core, axis=1)
    is_open &= 2 * in_slices(inside & (sides >= 3) & behind_body).sum(axis=0) < sizes.sum(axis=0)
    if view_lies_in_body(padding, mean_hu, spacing_zyx_mm[0]):
        is_dense = _is_denser(labels, mean_hu, count, limits.ROOM_AIR_BELOW_HU)
        for half in _halves(core):
            in_half = component_sizes(labels[:, :, half], count)
            if in_half[~is_open & is_dense].sum() * float(np.prod(spacing_zyx_mm)) / 1000 < limits.CLOSED_IN_LUNG_ML:
                is_open &= 2 * in_half < sizes.sum(axis=0)
    kept = inside & ~is_open[labels]
    return kept if kept.any() else inside
