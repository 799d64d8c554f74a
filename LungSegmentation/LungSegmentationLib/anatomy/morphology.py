"""Morphology by distance, in mm whatever the voxel's shape."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from .pieces import pieces_of

SpacingZyx = tuple[float, float, float]

# With more rows in the ball a distance map is faster.
_MOST_ROWS = 400
_COUNTED_TOGETHER = 1 << 18


def distance_to_mm(mask: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Distance of every voxel's centre to the nearest voxel of a mask, 0 inside it.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        float32 (z, y, x), mm; infinite where the mask is empty.

    References
    ----------
    Maurer et al., IEEE TPAMI 25 (2003), as in SimpleITK's SignedMaurerDistanceMap.
    """
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    image = sitk.GetImageFromArray(np.ascontiguousarray(mask).view(np.uint8))
    image.SetSpacing(spacing_zyx_mm[::-1])
    # The filter measures to the object's border voxels, so a border voxel itself is at 0.
    distance = sitk.SignedMaurerDistanceMap(image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True)
    return np.maximum(sitk.GetArrayViewFromImage(distance), 0)


def dilated(mask: np.ndarray, radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Voxels no farther than ``radius_mm`` from the mask."""
    result = np.zeros(mask.shape, bool)
    if mask.any():
        z, y, x = (int(radius_mm / spacing) + 1 for spacing in spacing_zyx_mm)
        box = bounding_box(mask, (z, y, x))
        result[box] = _within(mask[box], radius_mm, spacing_zyx_mm)
    return result


def eroded(mask: np.ndarray, radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Voxels of the mask farther than ``radius_mm`` from everything outside it; the image's border erodes nothing."""
    result = np.zeros(mask.shape, bool)
    if mask.any():
        box = bounding_box(mask, (1, 1, 1))
        result[box] = ~_within(~mask[box], radius_mm, spacing_zyx_mm)
    return result


def _within(mask: np.ndarray, radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Mark what is no farther than a radius: row by row of the ball where it has few, else by distance."""
    rows = _rows_of_ball(radius_mm, spacing_zyx_mm)
    if sum(map(len, rows.values())) > _MOST_ROWS:
        return distance_to_mm(mask, spacing_zyx_mm) <= radius_mm
    widened, width = mask.copy(), 0
    near: np.ndarray = np.packbits(mask, axis=2)
    # Eight columns to a byte: a shift along slices and rows, of which a ball needs many, then costs next to nothing.
    for half_width in sorted(rows):
        while width < half_width:
            width += 1
            widened[:, :, width:] |= mask[:, :, :-width]
            widened[:, :, :-width] |= mask[:, :, width:]
        packed = np.packbits(widened, axis=2)
        for step in rows[half_width]:
            if all(abs(far) < size for far, size in zip(step, mask.shape, strict=False)):
                here = tuple(slice(max(0, far), size + min(0, far)) for far, size in zip(step, mask.shape, strict=False))
                there = tuple(slice(max(0, -far), size + min(0, -far)) for far, size in zip(step, mask.shape, strict=False))
                near[here] |= packed[there]
    return np.unpackbits(near, axis=2, count=mask.shape[2]).view(bool)


def _rows_of_ball(radius_mm: float, spacing_zyx_mm: SpacingZyx) -> dict[int, list[tuple[int, int]]]:
    """Give a ball as rows of voxels: for each half width of a row the steps (slices, rows) to those so wide."""
    rows: dict[int, list[tuple[int, int]]] = {}
    slice_mm, row_mm, column_mm = spacing_zyx_mm
    far_z, far_y = int(radius_mm / slice_mm), int(radius_mm / row_mm)
    for dz in range(-far_z, far_z + 1):
        for dy in range(-far_y, far_y + 1):
            left_mm2 = radius_mm**2 - (dz * slice_mm) ** 2 - (dy * row_mm) ** 2
            if left_mm2 >= 0:
                rows.setdefault(int(left_mm2**0.5 / column_mm), []).append((dz, dy))
    return rows


def closed(mask: np.ndarray, radius_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Close gaps narrower than twice ``radius_mm``; nothing grows at the image's border."""
    margin = [int(np.ceil(radius_mm / spacing)) + 1 for spacing in spacing_zyx_mm]
    padded = np.pad(mask, [(width, width) for width in margin], mode="edge")
    shrunk = ~_within(~_within(padded, radius_mm, spacing_zyx_mm), radius_mm, spacing_zyx_mm)
    inner = tuple(slice(width, -width) for width in margin)
    return shrunk[inner] | mask


def grown_by_one(mask: np.ndarray) -> np.ndarray:
    """Dilate by one voxel in all 26 directions."""
    for axis in range(3):
        ahead = [slice(None)] * 3
        behind = [slice(None)] * 3
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        grown = mask.copy()
        grown[tuple(ahead)] |= mask[tuple(behind)]
        grown[tuple(behind)] |= mask[tuple(ahead)]
        mask = grown
    return mask


def without_holes(mask: np.ndarray) -> np.ndarray:
    """Fill what the mask encloses in 3D."""
    padded = np.pad(~mask, 1, constant_values=True)
    labels, _ = components(padded)
    return (labels != labels[0, 0, 0])[1:-1, 1:-1, 1:-1]


def components(mask: np.ndarray, *, in_plane: bool = False) -> tuple[np.ndarray, int]:
    """Label face-connected components; with ``in_plane`` every slice for itself.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x).
    in_plane : bool

    Returns
    -------
    labels : numpy.ndarray
        int32 (z, y, x), 0 outside the mask.
    count : int
    """
    structure = ndimage.generate_binary_structure(3, 1)
    if in_plane:
        structure[[0, 2]] = False
    labels, count = ndimage.label(mask, structure)
    return labels, int(count)


def component_sizes(labels: np.ndarray, count: int) -> np.ndarray:
    """Count the voxels (int, count + 1) of each label from :func:`components`; what lies in none counts as 0."""
    sizes = np.zeros(count + 1, np.intp)
    flat = labels.reshape(-1)
    # In parts, because counting makes a copy of twice the size.
    for start in range(0, flat.size, _COUNTED_TOGETHER):
        found = np.bincount(flat[start : start + _COUNTED_TOGETHER])
        sizes[: found.size] += found
    sizes[0] = 0
    return sizes


def largest_component(mask: np.ndarray) -> np.ndarray:
    """Keep the largest face-connected component (the first of equals); empty stays empty."""
    labels, count = components(mask)
    if count == 0:
        return np.zeros(mask.shape, bool)
    return labels == component_sizes(labels, count).argmax()


def long_enough(mask: np.ndarray, shortest_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Keep the pieces (26-connected) whose bounding box has at least a given diagonal."""
    if shortest_mm <= 0 or not mask.any():
        return mask
    places = np.flatnonzero(mask)
    pieces = pieces_of(places, mask.shape)
    kept = np.zeros(mask.shape, bool)
    kept.reshape(-1)[places[(pieces.diagonals_mm(spacing_zyx_mm) >= shortest_mm)[pieces.numbers]]] = True
    return kept


def bounding_box(mask: np.ndarray, margin_voxels: tuple[int, int, int] = (0, 0, 0)) -> tuple[slice, slice, slice]:
    """Smallest box that holds the mask, widened by a margin and cut at the image's border.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x).
    margin_voxels : tuple of int
        Along each axis (z, y, x).

    Returns
    -------
    tuple of slice

    Raises
    ------
    ValueError
        If the mask is empty.
    """
    box = []
    for axis, (margin, size) in enumerate(zip(margin_voxels, mask.shape, strict=True)):
        used = np.flatnonzero(mask.any(axis=tuple(other for other in range(3) if other != axis)))
        if used.size == 0:
            raise ValueError("an empty mask has no bounding box")
        box.append(slice(max(0, int(used[0]) - margin), min(size, int(used[-1]) + 1 + margin)))
    return box[0], box[1], box[2]


def widened(box: tuple[slice, ...], margin_mm: float, spacing_zyx_mm: SpacingZyx) -> tuple[slice, slice, slice]:
    """Widen a box within an image by a margin, cut at the first voxel of each axis.

    Parameters
    ----------
    box : tuple of slice
        As ``scipy.ndimage.find_objects`` gives it.
    margin_mm : float
    spacing_zyx_mm : tuple of float

    Returns
    -------
    tuple of slice
    """
    margins = (int(np.ceil(margin_mm / spacing)) for spacing in spacing_zyx_mm)
    z, y, x = (slice(max(0, part.start - margin), part.stop + margin) for part, margin in zip(box, margins, strict=True))
    return z, y, x
