"""Nodules and consolidation: what is too thick for a vessel, and balls, which rays from their middle leave at about the same distance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, dilated, distance_to_mm
from . import limits
from .lattice_lines import LINES_ZYX
from .neighbourhood import middles_among
from .rays import directions_over_sphere, ray_exits_mm
from .tubularity import blurred

_RAYS, _FEW_RAYS = 192, 24


@dataclass(frozen=True)
class Balls:
    """Balls of an image: middles (n, 3) in mm from the first voxel's centre, radii (n,), and how far each ray goes (n, rays), in mm."""

    middles_mm: np.ndarray
    radii_mm: np.ndarray
    exits_mm: np.ndarray


def too_thick(bright: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Consolidation and masses: what a ball fits into that is wider than any vessel, with a rim of one more voxel."""
    depth_mm = distance_to_mm(~bright, spacing_zyx_mm)
    return dilated(depth_mm > limits.LARGEST_RADIUS_MM, limits.LARGEST_RADIUS_MM + max(spacing_zyx_mm) / 2, spacing_zyx_mm)


def nodules(fine: np.ndarray, coarse: np.ndarray, lung: np.ndarray, spacing_zyx_mm: SpacingZyx, coarse_spacing: SpacingZyx) -> np.ndarray:
    """Find nodules, solid and of ground glass, with a vessel that runs into them or without.

    Parameters
    ----------
    fine, coarse : numpy.ndarray
        float32 (z, y, x), contiguous: brightness as a part of blood's contrast, slightly blurred, and on a coarse grid.
    lung : numpy.ndarray
        bool (z, y, x), on the grid of ``fine``.
    spacing_zyx_mm, coarse_spacing : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x).

    Notes
    -----
    Seen from the middle of a ball of radius R, a tube of radius r that leaves it covers (r / 1.7 R)² / 4 of all directions at
    1.7 R: 2 % where it is half as wide. A tube covers 13 % of them at 1.7 times the median of its rays, a fork more.
    """
    found = np.zeros(fine.shape, bool)
    near = _Scene(fine, lung, limits.LARGEST_SMALL_NODULE_MM, spacing_zyx_mm)
    for peaks, level in _peaks_of_levels(fine):
        _fill(found, near.balls(peaks, level), spacing_zyx_mm)
    steps = tuple(round(wide / spacing) for wide, spacing in zip(coarse_spacing, spacing_zyx_mm, strict=True))
    far = _Scene(coarse, _sampled(lung, steps, coarse.shape), limits.LARGEST_NODULE_MM, coarse_spacing)
    offset_mm = (np.asarray(coarse_spacing) - spacing_zyx_mm) / 2
    image, already_mm = coarse, None
    for sigma_mm in limits.NODULE_SIGMAS_MM:
        image = blurred(image, sigma_mm, coarse_spacing, already_mm)
        already_mm = sigma_mm
        for peaks, level in _peaks_of_levels(image):
            balls = far.balls(peaks, level)
            _fill(found, Balls(balls.middles_mm + offset_mm, balls.radii_mm, balls.exits_mm), spacing_zyx_mm)
    return found & lung


def _sampled(mask: np.ndarray, steps: tuple[int, ...], shape: tuple[int, ...]) -> np.ndarray:
    part = mask[tuple(slice(step // 2, None, step) for step in steps)]
    return np.pad(part, [(0, size - length) for size, length in zip(shape, part.shape, strict=True)])


def _peaks_of_levels(image: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """For each level the peaks that are bright enough for it: flat indices."""
    faintest = {level: limits.FAINTEST_NODULE_SHARE / level for level in (limits.SOLID_LEVEL_RATIO, *limits.GLASS_LEVEL_RATIOS)}
    faintest[limits.CORE_LEVEL_RATIO] = limits.FAINTEST_CORE_SHARE
    # What the scan cuts goes on beyond it as it is at its border.
    padded = np.pad(image, 1, mode="edge")
    peaks = middles_among(np.flatnonzero(padded > np.float32(min(faintest.values()))), padded, len(LINES_ZYX))
    peaks = np.ravel_multi_index([index - 1 for index in np.unravel_index(peaks, padded.shape)], image.shape)
    for level, share in faintest.items():
        yield peaks[image.reshape(-1)[peaks] > np.float32(share)], level


@dataclass(frozen=True)
class _Scene:
    """What rays run through: an image, the lung, the largest radius that is looked for, and the spacing."""

    image: np.ndarray
    lung: np.ndarray
    largest_mm: float
    spacing_zyx_mm: SpacingZyx

    def balls(self, peaks: np.ndarray, level: float) -> Balls:
        """Which peaks lie in a ball: all but few of the rays that stay in the lung end at about the same distance."""
        spacing = np.asarray(self.spacing_zyx_mm)
        middles_mm = np.stack(np.unravel_index(peaks, self.image.shape), axis=1) * spacing
        levels = self.image.reshape(-1)[peaks] * np.float32(level)
        smallest_mm = max(
            limits.SMALLEST_NODULE_MM,
            limits.SMALLEST_NODULE_VOXELS * float(np.prod(spacing)) ** (1 / 3),
            limits.SMALLEST_NODULE_SIDE_RATIO * float(spacing.max()),
        )
        if level == limits.CORE_LEVEL_RATIO:
            smallest_mm *= limits.CORE_RADIUS_RATIO
        # Few rays first, which most vessels do not pass.
        for rays, most_open in ((_FEW_RAYS, limits.ROUGHLY_OPEN_RAYS_SHARE), (_RAYS, 1), (_RAYS, 1)):
            exits_mm, radii_mm, counted = self._rays(middles_mm, levels, rays)
            is_open = exits_mm > limits.OPEN_RATIO * radii_mm[:, None]
            keep = (counted.mean(axis=1) > limits.LEAST_RAYS_IN_LUNG_SHARE) & (is_open.mean(axis=1) <= most_open)
            keep &= (radii_mm > smallest_mm) & (radii_mm < self.largest_mm)
            levels, exits_mm, radii_mm, counted, before_mm = (a[keep] for a in (levels, exits_mm, radii_mm, counted, middles_mm))
            shift_mm = np.minimum(exits_mm, limits.OPEN_RATIO * radii_mm[:, None]) @ directions_over_sphere(rays) / rays
            middles_mm = np.clip(before_mm + shift_mm, 0, (np.array(self.image.shape) - 1) * spacing)
        ratios = exits_mm / radii_mm[:, None]
        # In the core's level a wide fork is as round as a wide nodule: there all balls are judged as small ones.
        is_ball = _is_ball(ratios, counted, radii_mm if level != limits.CORE_LEVEL_RATIO else np.zeros(len(radii_mm)))
        # Vessels that leave are darker than the ball; where three do, it is a fork.
        far_mm, _, counted = self._rays(before_mm[is_ball], levels[is_ball] * np.float32(limits.EXIT_LEVEL_RATIO), _RAYS)
        leaves = far_mm > limits.OPEN_RATIO * radii_mm[is_ball, None] + limits.NODULE_RIM_MM
        is_ball[is_ball] = _share(leaves, counted) <= limits.MOST_EXITS_SHARE
        if level in limits.GLASS_LEVEL_RATIOS:
            # Only where ground glass surrounds the brighter part: the blur alone widens little.
            _, core_mm, _ = self._rays(before_mm[is_ball], levels[is_ball] * np.float32(limits.SOLID_LEVEL_RATIO / level), _RAYS)
            is_ball[is_ball] = radii_mm[is_ball] > limits.GLASS_RATIO * core_mm
        roundest = np.flatnonzero(is_ball)[np.argsort(ratios[is_ball].std(axis=1))]
        return Balls(before_mm[roundest], radii_mm[roundest], exits_mm[roundest])

    def _rays(self, middles_mm: np.ndarray, levels: np.ndarray, rays: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How far rays go (n, rays), their median (n,), and which count: not those that leave the lung near the middle."""
        longest_mm = limits.OPEN_RATIO * self.largest_mm
        directions = directions_over_sphere(rays)
        rise = limits.VESSEL_BESIDE_SHARE
        exits_mm, is_inside = ray_exits_mm(self.image, middles_mm, levels, self.lung, directions, longest_mm, self.spacing_zyx_mm, rise)
        radii_mm = _median_of(exits_mm, is_inside)
        return exits_mm, radii_mm, is_inside | (exits_mm > limits.OPEN_RATIO * radii_mm[:, None])


def _is_ball(ratios: np.ndarray, counted: np.ndarray, radii_mm: np.ndarray) -> np.ndarray:
    """Tell where few rays are long or short, and fewer yet are open; in a wide ball more may be."""
    most_open = np.interp(radii_mm, limits.NODULE_GRADES_MM, limits.MOST_OPEN_RAYS_SHARES)
    most_long = np.interp(radii_mm, limits.NODULE_GRADES_MM, limits.MOST_LONG_RAYS_SHARES)
    is_ball: np.ndarray = _share(ratios > limits.OPEN_RATIO, counted) <= most_open
    is_ball &= _share(ratios > limits.LONG_RATIO, counted) <= most_long
    return is_ball & (_share(ratios < limits.SHORT_RATIO, counted) <= limits.MOST_SHORT_RAYS_SHARE)


def _share(rays: np.ndarray, counted: np.ndarray) -> np.ndarray:
    share: np.ndarray = (rays & counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    return share


def _median_of(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Median of each row's values that count; 0 where none does."""
    ordered = np.sort(np.where(counted, values, np.inf), axis=1)
    medians = ordered[np.arange(len(values)), np.maximum((counted.sum(axis=1) - 1) // 2, 0)]
    return np.where(np.isfinite(medians), medians, 0)


def _fill(found: np.ndarray, balls: Balls, spacing_zyx_mm: SpacingZyx) -> None:
    """Mark the voxels of balls, as far as the nearest ray goes, and a rim of half a voxel."""
    spacing, directions = np.asarray(spacing_zyx_mm), directions_over_sphere(_RAYS)
    rim_mm = limits.NODULE_RIM_MM
    filled: list[tuple[np.ndarray, float]] = []
    for middle_mm, radius_mm, exits_mm in zip(balls.middles_mm, balls.radii_mm, balls.exits_mm, strict=True):
        if any(np.linalg.norm(middle_mm - other_mm) < wide_mm / 2 for other_mm, wide_mm in filled):
            continue
        filled.append((middle_mm, radius_mm))
        reach_mm = limits.OPEN_RATIO * radius_mm + rim_mm
        starts = np.maximum(np.floor((middle_mm - reach_mm) / spacing).astype(int), 0)
        stops = np.minimum(np.ceil((middle_mm + reach_mm) / spacing).astype(int) + 1, found.shape)
        box = tuple(slice(start, stop) for start, stop in zip(starts, stops, strict=True))
        offsets = (
            np.stack(np.meshgrid(*(np.arange(*pair) for pair in zip(starts, stops, strict=True)), indexing="ij"), -1) * spacing - middle_mm
        )
        distance_mm = np.linalg.norm(offsets, axis=-1)
        ray = (offsets @ directions.T).argmax(axis=-1)
        # A ray that leaves along a vessel ends at the ball.
        limit_mm = np.where(exits_mm < limits.FILL_RATIO * radius_mm, exits_mm, radius_mm)
        found[box] |= distance_mm <= limit_mm[ray] + rim_mm
