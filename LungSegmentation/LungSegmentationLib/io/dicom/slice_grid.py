"""From slices at their places to one even, rectangular grid.

Slices are placed by ImagePositionPatient along the normal of their plane (DICOM PS3.3 C.7.6.2.1.1),
never by their number. Even stacks are left bit for bit; a tilted gantry, a missing slice or uneven
spacing is put right by linear interpolation and reported.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import InputError
from ...scan_field.limits import LOWEST_CT_HU
from ..limits import PADDING_HU
from . import limits
from .headers import Frame


def axes_of(frame: Frame) -> np.ndarray:
    """Give the frame's direction matrix.

    Returns
    -------
    numpy.ndarray
        float64 (3, 3): columns are the row cosines, the column cosines and their cross product.

    Raises
    ------
    InputError
        When the cosines are no perpendicular unit vectors.
    """
    row, column = np.array(frame.orientation[:3]), np.array(frame.orientation[3:])
    lengths, cosine = (np.linalg.norm(row), np.linalg.norm(column)), float(row @ column)
    if not np.allclose(lengths, 1, atol=limits.AXES_TOLERANCE_COSINE) or abs(cosine) > limits.AXES_TOLERANCE_COSINE:
        raise InputError(
            f"{frame.path.name}: ImageOrientationPatient is {tuple(round(value, 4) for value in frame.orientation)}; "
            "expected two perpendicular unit vectors"
        )
    row = row / lengths[0]
    column = column - (column @ row) * row
    column = column / np.linalg.norm(column)
    return np.stack([row, column, np.cross(row, column)], axis=1)


def places_along_normal_mm(frames: Sequence[Frame]) -> np.ndarray:
    """Give each frame's place (float64, mm) along the normal of the first frame's plane."""
    return np.array([frame.position_lps_mm for frame in frames]) @ axes_of(frames[0])[:, 2]


def in_plane_shifts_px(frames: Sequence[Frame]) -> np.ndarray:
    """Measure how far each frame lies beside the first one within the plane.

    Returns
    -------
    numpy.ndarray
        float64 (frames, 2): shift along rows and columns in pixels (row index, column index); all
        zero where it is no more than rounding.
    """
    axes = axes_of(frames[0])
    relative = np.array([frame.position_lps_mm for frame in frames]) - np.array(frames[0].position_lps_mm)
    shifts = np.stack([relative @ axes[:, 1], relative @ axes[:, 0]], axis=1) / np.array(frames[0].spacing_row_column_mm)
    shifts[:, np.abs(shifts).max(axis=0) <= limits.IN_PLANE_PIXELS] = 0.0
    return shifts


def tilt_degrees(frames: Sequence[Frame]) -> float:
    """Measure the angle between the stack's direction and the normal of its planes."""
    stack = np.array(frames[-1].position_lps_mm) - np.array(frames[0].position_lps_mm)
    cosine = abs(stack @ axes_of(frames[0])[:, 2]) / max(float(np.linalg.norm(stack)), 1e-9)
    return float(np.degrees(np.arccos(min(1.0, cosine))))


def straighten(planes_hu: np.ndarray, shifts_px: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Put slices that are shifted within their plane onto one rectangular grid.

    The grid keeps the pixel spacing, and is enlarged by whole pixels until every slice fits. Each
    slice is moved by linear interpolation; what no slice covers becomes -2048 HU.

    Parameters
    ----------
    planes_hu : numpy.ndarray
        int16 (slices, rows, columns).
    shifts_px : numpy.ndarray
        float64 (slices, 2), as from :func:`in_plane_shifts_px`.

    Returns
    -------
    numpy.ndarray
        int16, the enlarged grid.
    tuple of int
        Index (row, column) of the grid's first pixel, counted from the first slice's first pixel.

    Raises
    ------
    InputError
        When slices are shifted by more than their own size.
    """
    first, last = np.floor(shifts_px.min(axis=0)).astype(int), np.ceil(shifts_px.max(axis=0)).astype(int)
    shape = np.array(planes_hu.shape[1:])
    enlarged = shape + last - first
    if np.any(enlarged > 2 * shape):
        raise InputError(
            f"the slices are shifted against each other by up to {int((last - first).max())} pixels, more than their own size; "
            "the series mixes different scans: export them separately"
        )
    grid = np.full((len(planes_hu), *enlarged), PADDING_HU, np.int16)
    for target, plane, shift in zip(grid, planes_hu, shifts_px - first, strict=True):
        whole = np.floor(shift).astype(int)
        for axis in (0, 1):
            plane = _shifted(plane, float(shift[axis] - whole[axis]), axis)
        corner = tuple(slice(start, start + size) for start, size in zip(whole, plane.shape, strict=True))
        target[corner] = plane
    return grid, (int(first[0]), int(first[1]))


def _shifted(plane_hu: np.ndarray, fraction: float, axis: int) -> np.ndarray:
    """Move a slice by a part of a pixel along an axis; it grows by one pixel there."""
    if fraction <= limits.EXACT_WEIGHT:
        return plane_hu
    border = [(0, 0), (0, 0)]
    border[axis] = (1, 1)
    padded = np.pad(plane_hu, border, constant_values=PADDING_HU)
    before, after = (np.take(padded, range(start, padded.shape[axis] - 1 + start), axis) for start in (0, 1))
    return before if fraction >= 1 - limits.EXACT_WEIGHT else mix(after, before, fraction)


def mix(first_hu: np.ndarray, second_hu: np.ndarray, weight_of_second: float) -> np.ndarray:
    """Interpolate linearly between two int16 arrays; beside padding, which has no value, the nearer one is taken."""
    mixed = np.rint((1 - weight_of_second) * first_hu.astype(np.float32) + weight_of_second * second_hu.astype(np.float32)).astype(np.int16)
    nearer = second_hu if weight_of_second > 0.5 else first_hu
    return np.where((first_hu < LOWEST_CT_HU) | (second_hu < LOWEST_CT_HU), nearer, mixed)


def even_spacing_mm(places_mm: np.ndarray) -> tuple[float, bool]:
    """Find the slice spacing of a sorted stack, and whether the slices lie on an even grid.

    Parameters
    ----------
    places_mm : numpy.ndarray
        float64, two or more, rising.

    Returns
    -------
    float
        The even spacing, or else the median distance between neighbours.
    bool
        False when slices must be interpolated to lie evenly.

    Raises
    ------
    InputError
        When too much is missing to interpolate: a gap of more than 15 mm or three times the usual
        spacing, or more than half of the distances off the median by a tenth.
    """
    count = len(places_mm)
    mean = float(places_mm[-1] - places_mm[0]) / (count - 1)
    if np.abs(places_mm - places_mm[0] - mean * np.arange(count)).max() <= limits.EVEN_SHARE * mean:
        return round(mean, 6), True
    gaps = np.diff(places_mm)
    usual = float(np.median(gaps))
    widest = int(np.argmax(gaps))
    start, end = places_mm[widest], places_mm[widest + 1]
    if gaps[widest] > min(usual * (limits.LARGEST_GAP_SLICES + limits.EVEN_SHARE), limits.LARGEST_GAP_MM):
        raise InputError(
            f"slices are missing: there is a gap of {gaps[widest]:.2f} mm between {start:.2f} and {end:.2f} mm "
            f"in a series with a spacing of {usual:.2f} mm; export the series again with all of its slices"
        )
    uneven = float(np.mean(np.abs(gaps - usual) > limits.EVEN_SHARE * usual))
    if uneven > limits.LARGEST_UNEVEN_SHARE:
        raise InputError(
            f"the slices lie unevenly: {uneven:.0%} of their distances ({gaps.min():.2f} to {gaps.max():.2f} mm) differ from the median "
            f"of {usual:.2f} mm; expected a series with even spacing"
        )
    return round(usual, 6), False


def describe_uneven(places_mm: np.ndarray, spacing_mm: float) -> str:
    """Say in words where the distances between slices are off the usual one."""
    odd = [index for index, gap in enumerate(np.diff(places_mm)) if abs(gap - spacing_mm) > limits.EVEN_SHARE * spacing_mm]
    named = ", ".join(f"{places_mm[index]:.2f} to {places_mm[index + 1]:.2f} mm" for index in odd[:3])
    more = f" and {len(odd) - 3} more places" if len(odd) > 3 else ""
    return f"slices are missing or unevenly spaced at {named}{more}: interpolated linearly to an even spacing of {spacing_mm:g} mm"


def interpolate_evenly(planes_hu: np.ndarray, places_mm: np.ndarray, spacing_mm: float) -> np.ndarray:
    """Resample a stack linearly along its normal onto an even grid that starts at its first slice.

    Slices that lie on the grid are kept bit for bit.

    Parameters
    ----------
    planes_hu : numpy.ndarray
        int16 (slices, rows, columns).
    places_mm : numpy.ndarray
        float64, rising.
    spacing_mm : float
        Of the new slices.

    Returns
    -------
    numpy.ndarray
        int16 (new slices, rows, columns).
    """
    count = int(np.floor((places_mm[-1] - places_mm[0]) / spacing_mm + limits.EVEN_SHARE)) + 1
    grid = np.empty((count, *planes_hu.shape[1:]), np.int16)
    for index, target in enumerate(grid):
        place = min(places_mm[0] + index * spacing_mm, places_mm[-1])
        after = int(np.clip(np.searchsorted(places_mm, place), 1, len(places_mm) - 1))
        weight = float((place - places_mm[after - 1]) / (places_mm[after] - places_mm[after - 1]))
        if weight <= limits.EXACT_WEIGHT or weight >= 1 - limits.EXACT_WEIGHT:
            target[...] = planes_hu[after - (weight < 0.5)]
        else:
            target[...] = mix(planes_hu[after - 1], planes_hu[after], weight)
    return grid
