"""Source B: threshold, iso-contours and the size of their convex hulls, slice by slice.

The steps are those of Adaloglou, "Introduction to medical image processing with Python: CT lung and vessel
segmentation without labels" (2021), which shows single slices; here they are repeated for each axial slice.
Faults kept: exactly two large contours are taken as lungs whatever they are; of more than two the largest is dropped
as the body, whatever it is; one lung alone gives nothing; nothing says that a contour left over is lung: table and
abdominal gas are kept; the least size is in pixels.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy.spatial import ConvexHull, QhullError
from skimage.measure import find_contours

LOWEST_HU, HIGHEST_HU = -1000, -300
CONTOUR_LEVEL = 0.95
LEAST_HULL_PIXELS = 2000
LARGEST_GAP_PIXELS = 1.0


def segment(voxels_hu: np.ndarray, spacing_zyx_mm: tuple[float, float, float]) -> np.ndarray:
    """Carry out all steps.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float
        Not used: sizes are in pixels.

    Returns
    -------
    numpy.ndarray
        uint8 (z, y, x): 1 in both lungs.
    """
    # The source's arrays are (x, y): each slice is transposed on the way in and again on the way out.
    return np.stack([polygons_mask(axial.T.shape, lung_contours(axial.T)).T for axial in voxels_hu])


def lung_contours(slice_hu: np.ndarray) -> list[np.ndarray]:
    """Choose among the iso-contours of the binary slice: closed, with a hull of more than 2000 pixels, not the body."""
    dark = np.where(np.clip(slice_hu, LOWEST_HU, HIGHEST_HU) == HIGHEST_HU, 0.0, 1.0)
    sized = [(hull_pixels(contour), contour) for contour in find_contours(dark, CONTOUR_LEVEL)]
    large = [(pixels, contour) for pixels, contour in sized if pixels > LEAST_HULL_PIXELS and is_closed(contour)]
    if len(large) < 2:
        return []
    if len(large) > 2:
        large = sorted(large, key=lambda pair: pair[0])[:-1]
    return [contour for _, contour in large]


def hull_pixels(contour: np.ndarray) -> float:
    """Measure the area of a contour's convex hull; a straight line has none."""
    try:
        return float(ConvexHull(contour).volume)
    except QhullError:
        return 0.0


def is_closed(contour: np.ndarray) -> bool:
    """Say whether a contour ends where it starts."""
    return bool(np.linalg.norm(contour[0] - contour[-1]) < LARGEST_GAP_PIXELS)


def polygons_mask(shape: tuple[int, ...], contours: list[np.ndarray]) -> np.ndarray:
    """Fill the contours as polygons and merge them: uint8 in the given shape."""
    image = Image.new("L", (shape[0], shape[1]), 0)
    for contour in contours:
        ImageDraw.Draw(image).polygon([(x, y) for x, y in contour], outline=0, fill=1)
    return np.asarray(image).T
