"""The airways' walls, along rays across each branch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..anatomy.morphology import SpacingZyx
from . import limits
from .forest import Forest
from .rays import profiles_hu, rays_across

_ITERATIONS = 6


@dataclass(frozen=True)
class Wall:
    """The wall of one branch.

    Parameters
    ----------
    lumen_mm2 : float
        Area within the wall.
    thickness_mm : float
    half_height_mm : float
        Full width of the wall's density at half its height: what a blurred wall looks like.
    """

    lumen_mm2: float
    thickness_mm: float
    half_height_mm: float

    @property
    def perimeter_mm(self) -> float:
        """Inner perimeter (Pi), that of a circle."""
        return float(2 * np.sqrt(np.pi * self.lumen_mm2))

    @property
    def wall_mm2(self) -> float:
        """Area of the wall (WA), that of a ring."""
        return float(np.pi * (np.sqrt(self.lumen_mm2 / np.pi) + self.thickness_mm) ** 2 - self.lumen_mm2)

    @property
    def wall_percent(self) -> float:
        """Wall area in % of wall and lumen (WA %)."""
        return 100 * self.wall_mm2 / (self.wall_mm2 + self.lumen_mm2)


@dataclass(frozen=True)
class _Sections:
    """Cross-sections, arrays (n, rays): edges at half height, the density beyond, and its integral; NaN for rays that see no free wall."""

    inner_mm: np.ndarray
    outer_mm: np.ndarray
    outside_hu: np.ndarray
    integral_hu_mm2: np.ndarray


def airway_walls(voxels_hu: np.ndarray, forest: Forest, spacing_zyx_mm: SpacingZyx) -> list[Wall | None]:
    """Measure the wall of each branch.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    forest : Forest
        Middle lines in mm from the centre of the first voxel; radii of the lumen.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    list of Wall or None
        None for a branch that is too short, or around which too little of the wall stands free in the lung.

    Notes
    -----
    A ray is used where the density rises from the lumen and falls again by half at least. Blur widens a wall but moves neither its
    middle nor what its density adds up to over the cross-section: with the density of a wall's tissue given, these two tell its
    thickness.

    References
    ----------
    Full width at half maximum, and its bias: Reinhardt et al., IEEE Trans Med Imaging 16 (1997) 820. The integral of the density:
    Weinheimer et al., IEEE Trans Med Imaging 27 (2008) 64.
    """
    walls: list[Wall | None] = [None] * len(forest)
    places, branches = _places(forest)
    if places.size == 0:
        return walls
    rays = rays_across(forest, places, limits.RAYS_COUNT)
    sections = _sections(voxels_hu, forest.points_zyx_mm[places], rays, forest.radii_mm[places], spacing_zyx_mm)
    seen = np.isfinite(sections.outer_mm).mean(axis=1) >= limits.FEWEST_RAYS_SHARE
    figures = np.full((len(places), 3), np.nan)
    if seen.any():
        figures[seen] = _figures(*(getattr(sections, name)[seen] for name in ("inner_mm", "outer_mm", "outside_hu", "integral_hu_mm2")))
    seen &= ~(figures[:, 1] > limits.THICKEST_WALL_MM)  # such is no wall, but what lies beside it
    for branch in np.unique(branches[seen]):
        own = figures[seen & (branches == branch)]
        if len(own) >= limits.FEWEST_SECTIONS_COUNT:
            radius_mm, thickness_mm, half_height_mm = np.median(own, axis=0).tolist()
            walls[branch] = Wall(float(np.pi * radius_mm**2), thickness_mm, half_height_mm)
    return walls


def _places(forest: Forest) -> tuple[np.ndarray, np.ndarray]:
    """Points of the lines that lie more than a radius from the ends of their branch, and their branches."""
    branches = np.repeat(np.arange(len(forest)), np.diff(forest.starts))
    first, last = forest.starts[branches], forest.starts[branches + 1] - 1
    away_mm = np.minimum(*(np.linalg.norm(forest.points_zyx_mm - forest.points_zyx_mm[end], axis=1) for end in (first, last)))
    places = np.flatnonzero(away_mm > limits.WALL_FROM_RADII_RATIO * forest.radii_mm)
    return places, branches[places]


def _figures(inner_mm: np.ndarray, outer_mm: np.ndarray, outside_hu: np.ndarray, integral_hu_mm2: np.ndarray) -> np.ndarray:
    """Radius of the lumen, thickness and width at half height of each cross-section: (n, 3)."""
    # Medians, because a vessel beside the wall adds to some rays.
    middle_mm = np.nanmedian(inner_mm + outer_mm, axis=1) / 2
    lung_hu, sums = np.nanmedian(outside_hu, axis=1), np.nanmedian(integral_hu_mm2, axis=1)
    radius_mm, half_height_mm = np.nanmedian(inner_mm, axis=1), np.nanmedian(outer_mm - inner_mm, axis=1)
    for _ in range(_ITERATIONS):
        lumen_mm2 = np.pi * radius_mm**2
        wall_mm2 = (sums - lumen_mm2 * (limits.AIR_IN_BRONCHI_HU - lung_hu)) / (limits.WALL_TISSUE_HU - lung_hu)
        thickness_mm = np.clip(wall_mm2 / (2 * np.pi * middle_mm), 0, half_height_mm)  # which blur only widens
        radius_mm = middle_mm - thickness_mm / 2
    return np.stack([radius_mm, thickness_mm, half_height_mm], axis=1)


def _sections(voxels_hu: np.ndarray, middles: np.ndarray, rays: np.ndarray, radii_mm: np.ndarray, spacing_zyx_mm: SpacingZyx) -> _Sections:
    step_mm = limits.RAY_STEP_MM
    steps_mm = np.arange(0, radii_mm.max() + limits.WALL_REACH_MM, step_mm)
    profiles = profiles_hu(voxels_hu, middles, rays, steps_mm, spacing_zyx_mm).reshape(-1, steps_mm.size)
    number = np.arange(steps_mm.size)
    # The lumen is darkest within its own radius; the wall's top is the first that nothing beside it exceeds.
    start = np.where(steps_mm <= np.repeat(radii_mm, rays.shape[1])[:, None], profiles, np.inf).argmin(axis=1)[:, None]
    lumen_hu = np.take_along_axis(profiles, start, axis=1)
    highest_near = ndimage.maximum_filter1d(profiles, 2 * round(limits.TOP_BESIDE_MM / step_mm) + 1, axis=1, mode="nearest")
    is_top = (profiles >= highest_near) & (profiles - lumen_hu >= limits.LEAST_WALL_HU) & (number > start)
    top = is_top.argmax(axis=1)[:, None]  # 0 where there is none
    top_hu = np.take_along_axis(profiles, top, axis=1)
    beyond = np.where((number > top) & (number <= top + round(limits.LUNG_WITHIN_MM / step_mm)), profiles, np.inf)
    end = beyond.argmin(axis=1)[:, None]
    outside_hu = np.take_along_axis(profiles, end, axis=1)
    is_free = (top > 0) & (end > top) & (top_hu - outside_hu >= limits.FREE_WALL_SHARE * (top_hu - lumen_hu))
    inner = _crossing(profiles, (lumen_hu + top_hu) / 2, top, -1)
    outer = _crossing(profiles, (outside_hu + top_hu) / 2, top, 1)
    around = 2 * np.pi * step_mm * steps_mm * np.where(number <= end, profiles - outside_hu, 0)
    columns = (inner * step_mm, outer * step_mm, outside_hu[:, 0], around.sum(axis=1))
    return _Sections(*(np.where(is_free[:, 0], column, np.nan).reshape(rays.shape[:2]) for column in columns))


def _crossing(profiles: np.ndarray, level_hu: np.ndarray, top: np.ndarray, sign: int) -> np.ndarray:
    """Where each profile first falls to its level on the way inwards (-1) or outwards (1) from its top, between the samples."""
    is_low = (profiles <= level_hu) & ((np.arange(profiles.shape[1]) - top) * sign > 0)
    last = profiles.shape[1] - 1
    low = is_low.argmax(axis=1) if sign > 0 else last - is_low[:, ::-1].argmax(axis=1)
    low = np.where(is_low.any(axis=1), low, top[:, 0])[:, None]
    before = np.clip(low - sign, 0, last)
    low_hu, before_hu = (np.take_along_axis(profiles, index, axis=1) for index in (low, before))
    part = (level_hu - low_hu) / np.where(before_hu > low_hu, before_hu - low_hu, 1)
    return (low - sign * np.clip(part, 0, 1))[:, 0]


def pi10_mm(walls: list[Wall | None]) -> tuple[float | None, str]:
    """Estimate the square root of the wall area of an airway with an inner perimeter of 10 mm.

    Parameters
    ----------
    walls : list of Wall or None
        Of the branches below the main bronchi.

    Returns
    -------
    pi10_mm : float or None
    reason : str
        Why there is none.

    References
    ----------
    Nakano et al., Am J Respir Crit Care Med 171 (2005) 142.
    """
    known = [wall for wall in walls if wall is not None]
    if len(known) < limits.FEWEST_WALLS_COUNT:
        return None, f"{len(known)} branches with a measured wall; at least {limits.FEWEST_WALLS_COUNT} are needed"
    perimeters = np.array([wall.perimeter_mm for wall in known])
    for side, is_beside in (("below", perimeters <= limits.PI10_PERIMETER_MM), ("above", perimeters >= limits.PI10_PERIMETER_MM)):
        if not is_beside.any():
            return None, f"no measured wall of a branch with an inner perimeter {side} {limits.PI10_PERIMETER_MM:g} mm"
    slope, intercept = np.polyfit(perimeters, np.sqrt([wall.wall_mm2 for wall in known]), 1)
    return float(intercept + slope * limits.PI10_PERIMETER_MM), ""
