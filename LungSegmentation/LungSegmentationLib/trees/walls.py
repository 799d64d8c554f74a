"""The airways' walls by the full width at half their height, along rays across each branch; and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..anatomy.morphology import SpacingZyx
from . import limits
from .forest import Forest


@dataclass(frozen=True)
class Wall:
    """The wall of one branch.

    Parameters
    ----------
    lumen_mm2 : float
        Area within the wall's inner edge.
    thickness_mm : float
    """

    lumen_mm2: float
    thickness_mm: float

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
    A ray is used where the density rises from the lumen and falls again by half at least. Walls thinner than the scan's blur come out
    too thick.

    References
    ----------
    Full width at half maximum, and its bias: Reinhardt et al., IEEE Trans Med Imaging 16 (1997) 820.
    """
    places, branches = _places(forest)
    if places.size == 0:
        return [None] * len(forest)
    first, second = _across(forest, places)
    angles = np.arange(limits.RAYS_COUNT) * (2 * np.pi / limits.RAYS_COUNT)
    rays = np.cos(angles)[:, None] * first[:, None] + np.sin(angles)[:, None] * second[:, None]
    radii_mm = forest.radii_mm[places]
    inner_mm, outer_mm = _edges(voxels_hu, forest.points_zyx_mm[places], rays, radii_mm, spacing_zyx_mm)
    is_seen = np.isfinite(outer_mm)
    enough = is_seen.mean(axis=1) >= limits.FEWEST_RAYS_SHARE
    with np.errstate(invalid="ignore"):
        lumen_mm2 = np.pi * np.nansum(np.where(is_seen, inner_mm**2, 0), axis=1) / np.maximum(is_seen.sum(axis=1), 1)
    thickness_mm = np.full(len(places), np.nan)
    thickness_mm[enough] = np.nanmedian(np.where(is_seen, outer_mm - inner_mm, np.nan)[enough], axis=1)
    walls: list[Wall | None] = []
    for branch in range(len(forest)):
        own = enough & (branches == branch)
        is_known = np.count_nonzero(own) >= limits.FEWEST_SECTIONS_COUNT
        walls.append(Wall(float(np.median(lumen_mm2[own])), float(np.median(thickness_mm[own]))) if is_known else None)
    return walls


def _places(forest: Forest) -> tuple[np.ndarray, np.ndarray]:
    """Points of the lines that lie more than a radius from the ends of their branch, and their branches."""
    branches = np.repeat(np.arange(len(forest)), np.diff(forest.starts))
    first, last = forest.starts[branches], forest.starts[branches + 1] - 1
    away_mm = np.minimum(*(np.linalg.norm(forest.points_zyx_mm - forest.points_zyx_mm[end], axis=1) for end in (first, last)))
    places = np.flatnonzero(away_mm > limits.WALL_FROM_RADII_RATIO * forest.radii_mm)
    return places, branches[places]


def _across(forest: Forest, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two directions (n, 3) at right angles to each other and to the line at each place, which is no end of a branch."""
    along = forest.points_zyx_mm[places + 1] - forest.points_zyx_mm[places - 1]
    along /= np.linalg.norm(along, axis=1)[:, None]
    first = np.cross(along, np.eye(3)[np.abs(along).argmin(axis=1)])
    first /= np.linalg.norm(first, axis=1)[:, None]
    return first, np.cross(along, first)


def _edges(
    voxels_hu: np.ndarray, middles: np.ndarray, rays: np.ndarray, radii_mm: np.ndarray, spacing_zyx_mm: SpacingZyx
) -> tuple[np.ndarray, np.ndarray]:
    """Distance (n, rays) of the wall's inner and outer edge from the middle; NaN where a ray does not see both."""
    step_mm = limits.RAY_STEP_MM
    steps = np.arange(0, radii_mm.max() + limits.WALL_REACH_MM, step_mm)
    places = middles[:, None, None] + rays[:, :, None] * steps[:, None]
    indices = np.moveaxis(places / np.asarray(spacing_zyx_mm), -1, 0).reshape(3, -1)
    profiles = ndimage.map_coordinates(voxels_hu, indices, np.float32, order=1, mode="nearest").reshape(-1, steps.size)
    radius = np.repeat(radii_mm, rays.shape[1])[:, None]
    # The lumen is darkest within its own radius; the wall's top is the first that nothing nearby exceeds.
    in_lumen = steps <= radius
    start = np.where(in_lumen, profiles, np.inf).argmin(axis=1)
    lumen_hu = np.take_along_axis(profiles, start[:, None], axis=1)
    beside = round(limits.TOP_BESIDE_MM / step_mm)
    highest_near = ndimage.maximum_filter1d(profiles, 2 * beside + 1, axis=1, mode="nearest")
    is_top = (profiles >= highest_near) & (profiles - lumen_hu >= limits.LEAST_WALL_HU) & (np.arange(steps.size) > start[:, None])
    top = np.where(is_top.any(axis=1), is_top.argmax(axis=1), 0)[:, None]
    top_hu = np.take_along_axis(profiles, top, axis=1)
    number = np.arange(steps.size)
    inner = _crossing(profiles, (lumen_hu + top_hu) / 2, top, -1)
    reach = round(limits.THICKEST_WALL_MM / step_mm)
    beyond = (number > top) & (number <= top + reach)
    outside_hu = np.where(beyond, profiles, np.inf).min(axis=1)[:, None]
    outer = _crossing(profiles, (outside_hu + top_hu) / 2, top, 1)
    is_free = (top > 0) & (top_hu - outside_hu >= limits.FREE_WALL_SHARE * (top_hu - lumen_hu)) & (outer[:, None] <= top + reach)
    shape = rays.shape[:2]
    inner_mm = np.where(is_free[:, 0], inner * step_mm, np.nan).reshape(shape)
    return inner_mm, np.where(is_free[:, 0], outer * step_mm, np.nan).reshape(shape)


def _crossing(profiles: np.ndarray, level_hu: np.ndarray, top: np.ndarray, sign: int) -> np.ndarray:
    """Where each profile first falls to its level on the way inwards (-1) or outwards (1) from its top, between the samples."""
    number = np.arange(profiles.shape[1])
    is_low = (profiles <= level_hu) & ((number - top) * sign > 0)
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
        return None, f"{len(known)} branches with a measured wall; Pi10 needs at least {limits.FEWEST_WALLS_COUNT}"
    perimeters = np.array([wall.perimeter_mm for wall in known])
    if not perimeters.min() <= limits.PI10_PERIMETER_MM <= perimeters.max():
        return None, f"no inner perimeters on both sides of {limits.PI10_PERIMETER_MM:g} mm"
    slope, intercept = np.polyfit(perimeters, np.sqrt([wall.wall_mm2 for wall in known]), 1)
    return float(intercept + slope * limits.PI10_PERIMETER_MM), ""
