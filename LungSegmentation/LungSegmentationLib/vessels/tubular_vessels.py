"""Vessels of one lung as bright tubes: where there is a tube, then which voxels belong to it."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import SpacingZyx, dilated
from ..anatomy.pieces import pieces_of
from . import limits
from .contrast import blood_contrast
from .linking import linked
from .neighbourhood import largest_around, middles_among
from .nodules import nodules, too_thick
from .noise import noise_at
from .scars import scars_among
from .sheets import sheets_among
from .small_airways import walls_of_small_airways
from .tubularity import between_voxels, blurred, surface_level, tubularity


def tubular_vessels(
    voxels_hu: np.ndarray,
    lung: np.ndarray,
    allowed: np.ndarray,
    doubtful: np.ndarray,
    at_wall: np.ndarray,
    spacing_zyx_mm: SpacingZyx,
) -> np.ndarray:
    """Find the tubes in one lung.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x), the lung's box.
    lung, allowed : numpy.ndarray
        bool (z, y, x): the lung, and those of its voxels that may be vessel.
    doubtful : numpy.ndarray
        bool (z, y, x): voxels near to the pleura or to an airway's wall, that must be as bright as
        the half of a vessel to be one.
    at_wall : numpy.ndarray
        bool (z, y, x): voxels next to the chest wall.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).
    """
    contrast = blood_contrast(voxels_hu, lung, spacing_zyx_mm)
    np.clip(contrast, 0, 1, out=contrast)
    coarse, coarse_spacing, factors = _coarse_grid(contrast, spacing_zyx_mm)
    sigmas_mm = scales_mm(spacing_zyx_mm)
    fine = blurred(contrast, sigmas_mm[0], spacing_zyx_mm)
    del contrast
    allowed = allowed & ~nodules(fine, coarse, lung, spacing_zyx_mm, coarse_spacing)
    candidates, blocks = _outside_of(too_thick(coarse > 0.5, coarse_spacing), allowed & (fine > limits.FAINTEST_SHARE), factors)
    level = _level_at_surface(fine, candidates, doubtful, sigmas_mm[0], spacing_zyx_mm)
    all_bright = np.flatnonzero(fine.reshape(-1)[candidates] > level)
    count_fine = sum(sigma < coarse_spacing[2] for sigma in sigmas_mm)
    fine_answers, fine_seen = _answers(fine, candidates, sigmas_mm[:count_fine], sigmas_mm[0], spacing_zyx_mm)
    coarse_answers, coarse_seen = _coarse_answers(coarse, blocks, sigmas_mm[count_fine:], coarse_spacing)
    seen = fine_seen + coarse_seen
    resolved = [2**0.5 * sigma_mm >= limits.RESOLVED_VOXELS * max(spacing_zyx_mm) for sigma_mm in sigmas_mm]
    scale, answer = _strongest(fine_answers + coarse_answers, resolved)
    noise = noise_at(fine, lung, candidates, sigmas_mm[0], spacing_zyx_mm)
    tubes = _connected_to_strong(fine.shape, candidates, answer / noise)

    vessels = np.zeros(fine.shape, bool)
    for index, sigma_mm in enumerate(sigmas_mm):
        reach_mm = limits.REACH_RATIO * 2**0.5 * sigma_mm
        core = tubes & (scale == index)
        bright = all_bright if index == 0 or not resolved[index] else all_bright[seen[index][all_bright] > limits.RIM_SHARE]
        if index < count_fine:
            is_near = _near(fine.shape, candidates[core], candidates[bright], reach_mm, spacing_zyx_mm)
        else:
            is_near = _blocks_near(coarse.shape, blocks[core], reach_mm, coarse_spacing)[blocks[bright]]
        vessels.reshape(-1)[candidates[bright[is_near]]] = True
    is_thin = tubes & (scale < count_fine)
    # The level at a thin vessel's surface follows the brightest place nearby, and may lie above its own middle.
    vessels.reshape(-1)[middles_among(candidates[is_thin & ~doubtful.reshape(-1)[candidates]], fine)] = True
    faintest = np.zeros(fine.shape, np.float32)
    faintest.reshape(-1)[candidates] = limits.FAINTEST_RATIO * noise
    vessels = _whole(vessels, fine, candidates[is_thin], faintest, at_wall, spacing_zyx_mm)
    return vessels & ~walls_of_small_airways(fine, vessels, lung, spacing_zyx_mm)


def _whole(
    vessels: np.ndarray, fine: np.ndarray, tubes: np.ndarray, faintest: np.ndarray, at_wall: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Leave out sheets and scars, then join what is left."""
    tube_mask = np.zeros(fine.shape, bool)
    tube_mask.reshape(-1)[tubes] = True
    sheets = sheets_among(fine, vessels, spacing_zyx_mm)
    vessels.reshape(-1)[sheets] = False
    tube_mask.reshape(-1)[sheets] = False
    scars = scars_among(fine, vessels, at_wall, spacing_zyx_mm)
    return linked(vessels & ~scars, fine, tube_mask & ~scars, faintest, spacing_zyx_mm)


def scales_mm(spacing_zyx_mm: SpacingZyx) -> list[float]:
    """Blurs at which tubes are looked for: for radii (√2 times as large) from about 1 mm, or what the voxels can show, to 6 mm."""
    smallest = min(max(limits.SMALLEST_SIGMA_MM, limits.SMALLEST_SIGMA_VOXELS * max(spacing_zyx_mm)), limits.LARGEST_SMALLEST_SIGMA_MM)
    steps = int(np.ceil(np.log(limits.LARGEST_SIGMA_MM / smallest) / np.log(limits.SCALE_RATIO)))
    return np.geomspace(smallest, limits.LARGEST_SIGMA_MM, steps + 1).tolist()


def _level_at_surface(
    image: np.ndarray, places: np.ndarray, doubtful: np.ndarray, sigma_mm: float, spacing_zyx_mm: SpacingZyx
) -> np.ndarray:
    """Level above which each place belongs to a vessel, from how bright the vessel gets nearby."""
    height = largest_around(image, places, limits.HEIGHT_REACH_MM, spacing_zyx_mm)
    height = np.maximum(height - np.float32(limits.NOISE_ON_TOP_SHARE) * (1 - height), 0)
    # The highest of the voxels along a vessel is nearer to its middle than their average.
    missed = (between_voxels(sigma_mm, spacing_zyx_mm) - 1) / 2
    level = surface_level(height * (1 + missed * (1 - height))) + limits.RIM_SEEN_SHARE * height**limits.RIM_EXPONENT
    return np.where(doubtful.reshape(-1)[places], np.maximum(level, np.float32(limits.LEVEL_IN_DOUBT_SHARE)), level)


def _coarse_grid(contrast: np.ndarray, spacing_zyx_mm: SpacingZyx) -> tuple[np.ndarray, SpacingZyx, tuple[int, ...]]:
    """Average blocks of voxels; also the blocks' spacing, and how many voxels a block has along each axis."""
    voxels = [round(limits.COARSE_VOXEL_MM / spacing) for spacing in spacing_zyx_mm]
    factors = tuple(max(1, min(wanted, size)) for wanted, size in zip(voxels, contrast.shape, strict=True))
    z_mm, y_mm, x_mm = (spacing * factor for spacing, factor in zip(spacing_zyx_mm, factors, strict=True))
    return _block_means(contrast, factors), (z_mm, y_mm, x_mm), factors


def _block_means(values: np.ndarray, factors: tuple[int, ...]) -> np.ndarray:
    """Average blocks of voxels; a last, broken block is made whole by repeating the border."""
    missing = [-size % factor for size, factor in zip(values.shape, factors, strict=True)]
    if any(missing):
        values = np.pad(values, [(0, width) for width in missing], mode="edge")
    for axis, factor in enumerate(factors):
        index = [slice(None)] * 3
        parts = []
        for start in range(factor):
            index[axis] = slice(start, None, factor)
            parts.append(values[tuple(index)])
        if factor > 1:
            values = parts[0] + parts[1]
            for part in parts[2:]:
                values += part
    return np.ascontiguousarray(values) / np.float32(np.prod(factors))


def _outside_of(solid: np.ndarray, mask: np.ndarray, factors: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Flat indices of the mask's voxels that lie in no solid block, and of the blocks in which they lie."""
    places = np.flatnonzero(mask)
    coordinates = np.unravel_index(places, mask.shape)
    blocks = np.ravel_multi_index([coordinate // factor for coordinate, factor in zip(coordinates, factors, strict=True)], solid.shape)
    is_free = ~solid.reshape(-1)[blocks]
    return places[is_free], blocks[is_free]


def _answers(
    image: np.ndarray, places: np.ndarray, sigmas_mm: list[float], already_mm: float | None, spacing_zyx_mm: SpacingZyx
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Answer of the tube filter, and brightness, at each scale."""
    answers, seen = [], []
    for sigma_mm in sigmas_mm:
        image = blurred(image, sigma_mm, spacing_zyx_mm, already_mm)
        already_mm = sigma_mm
        answers.append(tubularity(image, places, sigma_mm, spacing_zyx_mm))
        seen.append(image.reshape(-1)[places])
    return answers, seen


def _coarse_answers(
    coarse: np.ndarray, blocks: np.ndarray, sigmas_mm: list[float], spacing_zyx_mm: SpacingZyx
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Answer and brightness of the block in which each voxel lies, at each scale."""
    places, place_of_voxel = np.unique(blocks, return_inverse=True)
    answers, seen = _answers(coarse, places, sigmas_mm, None, spacing_zyx_mm)
    return [answer[place_of_voxel] for answer in answers], [brightness[place_of_voxel] for brightness in seen]


def _strongest(answers: list[np.ndarray], resolved: list[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Which scale answers most at each place, and what."""
    best = answers[0].copy()
    scale = np.zeros(best.shape, np.uint8)
    for index, answer in enumerate(answers[1:], start=1):
        is_more = (answer > best) & (answer > limits.WIDE_TUBE_SHARE * resolved[index])
        best[is_more] = answer[is_more]
        scale[is_more] = index
    return scale, best


def _connected_to_strong(shape_zyx: tuple[int, ...], places: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Tell which places answer at least weakly and hang together (26-connected) with one that answers strongly."""
    weak = np.flatnonzero(answer >= limits.WEAKEST_TUBE_RATIO)
    pieces = pieces_of(places[weak], shape_zyx)
    is_strong = np.zeros(pieces.count, bool)
    is_strong[pieces.numbers[answer[weak] >= limits.STRONG_TUBE_RATIO]] = True
    is_kept = np.zeros(places.size, bool)
    is_kept[weak[is_strong[pieces.numbers]]] = True
    return is_kept


def _near(shape_zyx: tuple[int, ...], cores: np.ndarray, places: np.ndarray, reach_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    mask = np.zeros(shape_zyx, bool)
    mask.reshape(-1)[cores] = True
    return largest_around(mask, places, reach_mm, spacing_zyx_mm)


def _blocks_near(shape_zyx: tuple[int, ...], cores: np.ndarray, reach_mm: float, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    mask = np.zeros(shape_zyx, bool)
    mask.reshape(-1)[cores] = True
    return dilated(mask, reach_mm, spacing_zyx_mm).reshape(-1)
