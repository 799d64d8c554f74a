"""Source A: a coarse mask from sagittal slices, then contours that are tracked from the centre slice to both ends.

The steps are those of Hartmann and Tanrıverdi, "Three-Dimensional Lung Segmentation from CT Scans" (2023).
Faults kept: the flood reaches the air behind the table only through slice 0, where the table must be thinner than
25 pixels and the chest wall thicker, else it runs into the lungs, so that it matters which end comes first; sagittal
slices are counted along the wrong axis; tissue is what equals the brightest value; every contour of the centre slice is
lung, so a trachea there stays; at most four contours a slice; a lung that is missed in one slice is missed in all that
follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

LOWEST_HU, HIGHEST_HU = -1000, -500
MEDIAN_PIXELS = 5
WIDEST_TABLE_PIXELS = 25
BOX_PIXELS = 30
MOST_CONTOURS = 4
LEAST_JACCARD = 0.1
SIZE_TOLERANCE = 0.3
CLOSING_PIXELS = 15


def segment(voxels_hu: np.ndarray, spacing_zyx_mm: tuple[float, float, float]) -> np.ndarray:
    """Carry out all steps.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x), a supine patient in axial slices.
    spacing_zyx_mm : tuple of float
        Not used: every size is in pixels.

    Returns
    -------
    numpy.ndarray
        uint8 (z, y, x): 1 in both lungs.

    Raises
    ------
    IndexError
        When a slice has more rows than columns.
    """
    coarse = coarse_mask(voxels_hu)
    contours = [find_contours(axial) for axial in clip(coarse * voxels_hu)]
    centre = len(contours) // 2
    upper = track(contours, range(centre, len(contours)), voxels_hu.shape)
    lower = track(contours, range(centre, -1, -1), voxels_hu.shape)
    tracked = upper + lower
    return np.stack([close_each_component(axial.astype(np.uint8)) for axial in tracked])


def clip(voxels_hu: np.ndarray) -> np.ndarray:
    """Limit the values to the range in which lung lies."""
    return np.clip(voxels_hu, LOWEST_HU, HIGHEST_HU)


def coarse_mask(voxels_hu: np.ndarray) -> np.ndarray:
    """Cover the lungs generously, sagittal slice by sagittal slice: int16, 0 or 1.

    The slices lie along the last axis, but the rows are counted, as published: of wide slices the right part stays empty.
    """
    clipped = clip(voxels_hu)
    mask = np.zeros(clipped.shape, np.int16)
    for index in range(clipped.shape[1]):
        mask[:, :, index] = sagittal_mask(np.ascontiguousarray(clipped[:, :, index]))
    return mask


def sagittal_mask(sagittal_hu: np.ndarray) -> np.ndarray:
    """Denoise, binarise, open the table, flood the outside, and widen what is left by a box filter."""
    solid = is_brightest(sagittal_hu)
    line = cv2.getStructuringElement(cv2.MORPH_RECT, (WIDEST_TABLE_PIXELS, 1))
    solid[:1] = cv2.morphologyEx(solid[:1], cv2.MORPH_OPEN, line)
    flooded, inside = flood_from_both_edges(solid)
    counts = cv2.boxFilter(1 - flooded, ddepth=-1, ksize=(BOX_PIXELS, BOX_PIXELS), normalize=False)
    return ((counts > 1) & inside).astype(np.uint8)


def is_brightest(slice_hu: np.ndarray) -> np.ndarray:
    """Give uint8 1 where the denoised slice has its greatest value; that is tissue only where there is tissue."""
    denoised = cv2.medianBlur(slice_hu, MEDIAN_PIXELS)
    return (denoised > int(denoised.max()) - 1).astype(np.uint8)


def flood_from_both_edges(solid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fill with 1 the air that is joined to the first or last column; also say where nothing was filled."""
    height, width = solid.shape
    filled = np.zeros((height + 2, width + 2), np.uint8)
    for column in (0, width - 1):
        cv2.line(solid, (column, 0), (column, height - 1), 0, thickness=1)
    for column in (0, width - 1):
        cv2.floodFill(solid, filled, (column, 0), 1, flags=4)
    return solid, filled[1:-1, 1:-1] == 0


def find_contours(axial_hu: np.ndarray) -> list[np.ndarray]:
    """Find the outer contours of what is darker than the brightest value; only the longest are kept."""
    dark = 1 - is_brightest(np.ascontiguousarray(axial_hu))
    contours, _ = cv2.findContours(dark, mode=cv2.RETR_EXTERNAL, method=cv2.CHAIN_APPROX_NONE)
    return sorted(contours, key=len, reverse=True)[:MOST_CONTOURS]


def track(contours: Sequence[list[np.ndarray]], order: Iterable[int], shape_zyx: tuple[int, ...]) -> np.ndarray:
    """Follow the contours from slice to slice: float64 (z, y, x), as published, 1 in the lungs of the slices of ``order``.

    Each slice is compared with the lungs of the one before it, the first one with itself: all its contours are lung.
    """
    tracked = np.zeros(shape_zyx)
    previous: list[np.ndarray] | None = None
    for index in order:
        candidates = [filled_contour(contour, shape_zyx[1:]) for contour in contours[index]]
        before = candidates if previous is None else previous
        previous = [mask for mask in candidates if any(is_same_lung(mask, other) for other in before)]
        for mask in previous:
            tracked[index][mask > 0] = 1
    return tracked


def filled_contour(contour: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Fill one contour, holes included."""
    mask = np.zeros(shape, np.uint8)
    cv2.drawContours(mask, [contour], contourIdx=-1, color=1, thickness=cv2.FILLED)
    return mask


def is_same_lung(mask: np.ndarray, previous: np.ndarray) -> bool:
    """Say whether two masks overlap, or overlap a little where one is about twice the other (split or merged)."""
    union = cv2.countNonZero(cv2.bitwise_or(mask, previous))
    jaccard = cv2.countNonZero(cv2.bitwise_and(mask, previous)) / union if union else 1.0
    size, previous_size = cv2.countNonZero(mask), cv2.countNonZero(previous)
    split = np.isclose(2 * size, previous_size, rtol=SIZE_TOLERANCE)
    merged = np.isclose(size, 2 * previous_size, rtol=SIZE_TOLERANCE)
    return bool(jaccard > LEAST_JACCARD or (jaccard > LEAST_JACCARD / 3 and (split or merged)))


def close_each_component(axial: np.ndarray) -> np.ndarray:
    """Close the components of one slice one by one, so that they do not grow together."""
    square = cv2.getStructuringElement(cv2.MORPH_RECT, (CLOSING_PIXELS, CLOSING_PIXELS))
    count, components = cv2.connectedComponents(axial)
    closed = np.zeros(axial.shape, np.uint8)
    for component in range(1, count):
        closed[cv2.morphologyEx((components == component).astype(np.uint8), cv2.MORPH_CLOSE, square) > 0] = 1
    return closed
