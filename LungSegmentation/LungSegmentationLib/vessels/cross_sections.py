"""Area of the cross-section at each voxel of a vessel, below the voxel's own size too."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..anatomy.morphology import SpacingZyx
from . import limits
from .neighbourhood import largest_around, middles_among, nearest_around
from .rays import directions_over_sphere

_FAINTEST, _BRIGHTEST = np.float32(1e-3), 1 - 1e-4
_RING_POINTS = 32
_THREE_WEIGHTS_BELOW_VOXELS2 = 0.4


def cross_section_areas_mm2(
    contrast: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: SpacingZyx, blur_zyx_mm2: tuple[float, float, float]
) -> np.ndarray:
    """Estimate the area of the vessel's cross-section at each vessel voxel, below the voxel's own size too.

    Parameters
    ----------
    contrast : numpy.ndarray
        float32 (z, y, x), contiguous: 0 in the parenchyma, 1 in blood, see :func:`.tubular_vessels.blood_contrast`.
    vessels : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float
    blur_zyx_mm2 : tuple of float
        Variance of the scan's blur, that of the voxels' own extent in it: see :func:`.scan_blur.blur_variances_zyx_mm2`.

    Returns
    -------
    numpy.ndarray
        float32, for each voxel of ``vessels`` in the array's order, mm². Areas above about 20 mm² are
        only known to be large.

    Notes
    -----
    A round tube of radius r and contrast 1, seen through a Gaussian of standard deviation s, is
    1 - exp(-r² / 2s²) high in the middle, which gives the cross-section π r²: a vessel thinner than a voxel is fainter.
    Each voxel takes the area of the nearest middle, in the median of what is found 3 mm along the vessel to either side.
    What is there 3 mm off a thin vessel, the parenchyma and what neighbours and walls spread over it, is taken off its height first.
    """
    places = np.flatnonzero(vessels)
    areas_mm2 = _areas_at(contrast, places, spacing_zyx_mm, blur_zyx_mm2, limits.FINE_BLUR_MM2, limits.FINE_REACH_MM)
    thick = np.flatnonzero(areas_mm2 >= limits.THICK_FROM_MM2)
    coarse_mm2 = _areas_at(contrast, places[thick], spacing_zyx_mm, blur_zyx_mm2, limits.COARSE_BLUR_MM2, limits.COARSE_REACH_MM)
    areas_mm2[thick] = np.maximum(coarse_mm2, np.float32(limits.THICK_FROM_MM2))
    return areas_mm2


def _areas_at(
    contrast: np.ndarray,
    places: np.ndarray,
    spacing_zyx_mm: SpacingZyx,
    blur_zyx_mm2: tuple[float, float, float],
    target_mm2: float,
    reach_mm: float,
) -> np.ndarray:
    """Area of the nearest vessel's middle, of an image brought to a blur, at each place."""
    if places.size == 0:
        return np.empty(0, np.float32)
    added_mm2 = np.maximum(target_mm2 - np.asarray(blur_zyx_mm2), limits.LEAST_SMOOTHING_MM2)
    part, places = _around(places, contrast, spacing_zyx_mm)
    image = smoothed(part, added_mm2, spacing_zyx_mm)
    variances_mm2 = added_mm2 + blur_zyx_mm2
    middles = middles_among(places, image)
    # Only what is as narrow as the finest blur has parenchyma all around so near.
    around = _darker_around(image, middles, spacing_zyx_mm) if target_mm2 == limits.FINE_BLUR_MM2 else np.zeros(middles.size, np.float32)
    areas, along = _areas_and_directions(image, middles, around, spacing_zyx_mm, variances_mm2, target_mm2)
    numbers = np.zeros(image.shape, np.int32)
    numbers.reshape(-1)[middles] = np.arange(1, middles.size + 1)
    nearest = nearest_around(numbers, places, reach_mm, spacing_zyx_mm) - 1
    near, far = np.flatnonzero(nearest >= 0), np.flatnonzero(nearest < 0)
    field = np.zeros(image.shape, np.float32)
    field.reshape(-1)[places[near]] = areas[nearest[near]]
    areas_mm2 = np.empty(places.size, np.float32)
    areas_mm2[near] = _usual_along(field, areas, middles, along, spacing_zyx_mm)[nearest[near]]
    # Far inside a wide vessel, or in what is no tube.
    height = np.minimum(largest_around(image, places[far], reach_mm, spacing_zyx_mm), np.float32(_BRIGHTEST))
    areas_mm2[far] = np.float32(-2 * np.pi * np.prod(variances_mm2) ** (1 / 3)) * np.log1p(-height)
    return areas_mm2


def _darker_around(image: np.ndarray, middles: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Brightness 3 mm from each middle, in the brightest of the darker directions: the parenchyma's, and what neighbours spread over it.

    Inside a wide vessel, where that is bright, 0.
    """
    steps = np.rint(limits.RING_MM * directions_over_sphere(_RING_POINTS) / spacing_zyx_mm).astype(np.intp)
    place = np.stack(np.unravel_index(middles, image.shape), axis=1)
    z, y, x = np.moveaxis(np.clip(place[:, None] + steps, 0, np.asarray(image.shape) - 1), -1, 0)
    rank = int(limits.RING_DARKER_SHARE * _RING_POINTS)
    around = np.partition(image[z, y, x], rank, axis=1)[:, rank]
    return np.where(around < limits.BRIGHTEST_RING_SHARE, around, np.float32(0))


def _around(places: np.ndarray, image: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, np.ndarray]:
    """Cut an image to what the places' areas depend on; also the places as indices into that part."""
    coordinates = np.unravel_index(places, image.shape)
    margins = [int(np.ceil(limits.CALIBRE_MARGIN_MM / spacing)) for spacing in spacing_zyx_mm]
    starts = [max(0, int(index.min()) - margin) for index, margin in zip(coordinates, margins, strict=True)]
    stops = [int(index.max()) + 1 + margin for index, margin in zip(coordinates, margins, strict=True)]
    part = image[tuple(slice(start, stop) for start, stop in zip(starts, stops, strict=True))]
    return part, np.ravel_multi_index([index - start for index, start in zip(coordinates, starts, strict=True)], part.shape)


def _usual_along(field: np.ndarray, areas: np.ndarray, middles: np.ndarray, along: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Median of the areas along the vessel, up to 3 mm to either side."""
    place = np.stack(np.unravel_index(middles, field.shape), axis=1)
    last = np.asarray(field.shape) - 1
    found = [areas]
    for steps_mm in limits.STEPS_ALONG_MM:
        moved = np.clip(np.rint(place + steps_mm * along / spacing_zyx_mm).astype(np.intp), 0, last)
        there = field[tuple(moved.T)]
        found.append(np.where(there > 0, there, areas))
    return np.median(found, axis=0)


def smoothed(image: np.ndarray, variances_zyx_mm2: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Blur an image so that its point spread function's variances grow by exactly these, however few voxels that is.

    Samples of a Gaussian narrower than half a voxel have a smaller variance than it: three weights are used there.
    """
    for axis, (variance, spacing) in enumerate(zip(variances_zyx_mm2, spacing_zyx_mm, strict=True)):
        squared_voxels = variance / spacing**2
        if squared_voxels < _THREE_WEIGHTS_BELOW_VOXELS2:
            weights = np.array([squared_voxels / 2, 1 - squared_voxels, squared_voxels / 2])
            image = ndimage.correlate1d(image, weights, axis=axis, mode="nearest")
        else:
            image = ndimage.gaussian_filter1d(image, squared_voxels**0.5, axis=axis, mode="nearest", truncate=3.0)
    return image


def _areas_and_directions(
    image: np.ndarray,
    middles: np.ndarray,
    around: np.ndarray,
    spacing_zyx_mm: SpacingZyx,
    variances_mm2: np.ndarray,
    target_mm2: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Area of the cross-section at voxels next to a vessel's middle, (n,), and the vessel's direction there, unit vectors (n, 3).

    Notes
    -----
    Lengths are measured in standard deviations of the blur along each axis, which makes the blur 1 in every direction.
    The logarithm of a thin tube's image is quadratic: its derivatives at the voxel tell the tube's direction, and where
    between the voxels its middle is. Where the scan is more blurred than the target by the part s of its variance, half of s
    times the image's Laplacian is taken off, which undoes that in a first order, in the image and in the model alike.
    """
    gradient, hessian = _logarithmic_derivatives(image, middles)
    in_blurs = np.sqrt(variances_mm2) / spacing_zyx_mm
    gradient *= in_blurs
    hessian *= np.outer(in_blurs, in_blurs)
    curvatures, axes = np.linalg.eigh(hessian)
    slopes = np.einsum("nij,ni->nj", axes, gradient)
    across = np.minimum(curvatures[:, :2], -1e-6)
    steps = np.clip(-slopes[:, :2] / across, -1, 1)
    heights = np.maximum((image.reshape(-1)[middles] - around) / (1 - around), _FAINTEST)
    heights = _heights_between_voxels(heights, (steps**2).sum(axis=1))
    along = axes[:, :, 2] * np.sqrt(variances_mm2)
    along /= np.linalg.norm(along, axis=1)[:, None]
    cross_section_mm2 = np.sqrt(np.prod(variances_mm2) * (along**2 / variances_mm2).sum(axis=1))
    sharpening = float(np.clip(1 - target_mm2 / np.median(cross_section_mm2), 0, limits.MOST_SHARPENING_SHARE)) if middles.size else 0.0
    laplacian = np.clip(curvatures.sum(axis=1) + slopes[:, 2] ** 2, limits.LOWEST_LAPLACIAN_RATIO, 0)
    return np.pi * cross_section_mm2 * _squared_radii(heights, laplacian, sharpening), along


def _heights_between_voxels(heights: np.ndarray, squared_offsets: np.ndarray) -> np.ndarray:
    """Height in a tube's middle from that at a small offset from it: the wider the tube, the flatter its top."""
    higher = np.minimum(heights, _BRIGHTEST)
    for _ in range(3):
        half_squared_radii = np.maximum(-np.log1p(-higher), _FAINTEST)
        curvatures = half_squared_radii / np.expm1(half_squared_radii)
        higher = np.minimum(heights * np.exp(curvatures * squared_offsets / 2), _BRIGHTEST)
    return higher


def _logarithmic_derivatives(image: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient (n, 3) and second derivatives (n, 3, 3) of the image's logarithm, by differences over one voxel."""
    flat, strides = image.reshape(-1), (image.shape[1] * image.shape[2], image.shape[2], 1)

    def log_at(step: int) -> np.ndarray:
        return np.log(np.maximum(flat[places + step], _FAINTEST))

    here = log_at(0)
    gradient, hessian = np.empty((places.size, 3)), np.empty((places.size, 3, 3))
    for axis, stride in enumerate(strides):
        ahead, back = log_at(stride), log_at(-stride)
        gradient[:, axis] = (ahead - back) / 2
        hessian[:, axis, axis] = ahead + back - 2 * here
    for first, second in ((0, 1), (0, 2), (1, 2)):
        both, apart = strides[first] + strides[second], strides[first] - strides[second]
        mixed = (log_at(both) + log_at(-both) - log_at(apart) - log_at(-apart)) / 4
        hessian[:, first, second] = hessian[:, second, first] = mixed
    return gradient, hessian


def _squared_radii(heights: np.ndarray, laplacian: np.ndarray, sharpening: float) -> np.ndarray:
    """Squared radius, in units of the blur's variance, of a tube of this height in its middle.

    The sharpened height, 1 - (1 - s q / 2) exp(-q / 2) for the squared radius q, rises to q = 2 (1 + 1 / s) only: towards
    there the plain one takes over.
    """
    plain = -2 * np.log1p(-heights)
    if sharpening < limits.LEAST_SHARPENING_SHARE:
        return plain
    last = 2 * (1 + 1 / sharpening)
    nodes = np.linspace(0, last, 1024)
    curve = 1 - (1 - sharpening * nodes / 2) * np.exp(-nodes / 2)
    sharpened = np.interp(heights * (1 - sharpening / 2 * laplacian), curve, nodes)
    share = np.clip((plain / last - limits.PLAIN_FROM_SHARE) / limits.PLAIN_OVER_SHARE, 0, 1)
    return share * plain + (1 - share) * sharpened
