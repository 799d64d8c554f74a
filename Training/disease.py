"""Made-up disease and anatomy in three dimensions: what a few scans do not show of what lungs can look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import ndimage

from .scans import TrainingScan

_LUNGS = (1, 2)
_RIM_BELOW_HU = -130
_Change = Callable[[TrainingScan, np.random.Generator], TrainingScan]


def changed_scan(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Apply a random choice of changes to a scan; each keeps the labels true.

    Parameters
    ----------
    scan : TrainingScan
    rng : numpy.random.Generator

    Returns
    -------
    TrainingScan
    """
    for chance, change in _CHANGES:
        if rng.random() < chance:
            scan = change(scan, rng)
    return scan


def smooth_field(
    shape: tuple[int, ...], spacing_zyx_mm: tuple[float, float, float], size_mm: float, rng: np.random.Generator
) -> np.ndarray:
    """Make a smooth random field (float32, about normal) whose bumps are ``size_mm`` wide."""
    coarse = [max(2, int(np.ceil(size * spacing / size_mm)) + 1) for size, spacing in zip(shape, spacing_zyx_mm, strict=True)]
    values = rng.standard_normal(coarse).astype(np.float32)
    zoom = [size / small for size, small in zip(shape, coarse, strict=True)]
    field = ndimage.zoom(values, zoom, order=1, grid_mode=True, mode="nearest")
    return field / max(1e-6, float(field.std()))


def add_consolidation(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Fill a part of one lung, up to the whole, with dense or ground-glass tissue; it stays lung."""
    box, lung = _one_lung(scan, rng)
    if box is None:
        return scan
    is_lobar = rng.random() < 0.45
    unevenness, sharpness = (rng.uniform(0.02, 0.15), rng.uniform(20, 80)) if is_lobar else (rng.uniform(0.3, 1.6), rng.uniform(2, 12))
    score = unevenness * smooth_field(lung.shape, scan.spacing_zyx_mm, rng.uniform(25, 90), rng) + _slope(lung, rng)
    share = rng.choice([rng.uniform(0.05, 0.4), rng.uniform(0.3, 0.95), 1.0], p=[0.45, 0.47, 0.08])
    limit = np.quantile(score[lung], 1 - share) if share < 1 else -np.inf
    dense = lung / (1 + np.exp(-np.clip(sharpness * (score - limit), -30, 30))) if share < 1 else lung.astype(np.float32)
    opacity = rng.choice([rng.uniform(0.25, 0.75), rng.uniform(0.85, 1.0)], p=[0.3, 0.7])
    tissue = rng.uniform(10, 110) + rng.uniform(3, 25) * rng.standard_normal(lung.shape).astype(np.float32)
    if rng.random() < 0.5:
        # Air in bronchi and alveoli that are not filled.
        holes = smooth_field(lung.shape, scan.spacing_zyx_mm, rng.uniform(6, 14), rng) > rng.uniform(1.6, 2.6)
        tissue = np.where(holes, tissue - rng.uniform(200, 800), tissue)
    return _blended(scan, box, dense * opacity, tissue, lung)


def add_mass(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Put a ball of soft tissue into a lung, more often than not against its border; it stays lung."""
    box, lung = _one_lung(scan, rng)
    if box is None:
        return scan
    rim = lung & ~ndimage.binary_erosion(lung, iterations=2) if rng.random() < 0.7 else lung
    places = np.argwhere(rim)
    inside = _ball(lung.shape, places[rng.integers(len(places))], rng.uniform(4, 45), scan.spacing_zyx_mm, rng) & lung
    tissue = rng.uniform(0, 90) + 12 * rng.standard_normal(lung.shape).astype(np.float32)
    return _blended(scan, box, inside.astype(np.float32), tissue, lung)


def add_effusion(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Replace the back or the base of one lung by fluid, which is not lung."""
    box, lung = _one_lung(scan, rng)
    if box is None:
        return scan
    z, y, _ = np.indices(lung.shape, dtype=np.float32) * np.asarray(scan.spacing_zyx_mm, np.float32)[:, None, None, None]
    depth = y - rng.uniform(0.0, 0.6) * z + rng.uniform(2, 10) * smooth_field(lung.shape, scan.spacing_zyx_mm, 60, rng)
    fluid = lung & (depth > np.quantile(depth[lung], 1 - rng.uniform(0.03, 0.35)))
    value = rng.uniform(-5, 22) + 8 * rng.standard_normal(lung.shape).astype(np.float32)
    changed = _blended(scan, box, fluid.astype(np.float32), value, lung)
    changed.labels[box][fluid] = 0
    return changed


def add_emphysema(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Make parts of both lungs almost as dark as air."""
    lungs = np.isin(scan.labels, _LUNGS)
    box = _box(lungs)
    if box is None:
        return scan
    field = smooth_field(lungs[box].shape, scan.spacing_zyx_mm, rng.uniform(10, 60), rng)
    share = lungs[box] / (1 + np.exp(-3 * (field - rng.uniform(-0.8, 1.2))))
    return _blended(scan, box, share * rng.uniform(0.4, 1.0) * (scan.hu[box] < -300), np.float32(rng.uniform(-1000, -940)), lungs[box])


def shift_lung_density(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Make the lungs denser, as after breathing out, or darker, as after breathing in deeply."""
    lungs = np.isin(scan.labels, _LUNGS)
    hu = scan.hu.astype(np.float32)
    stretched = 60 + (hu - 60) * rng.uniform(0.65, 1.08)
    return replace(scan, hu=_as_hu(np.where(lungs & (hu < 0), stretched, hu)))


def scale_soft_tissue(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Stretch the contrast of soft tissue, as contrast agent, tube voltage and fat do."""
    hu = scan.hu.astype(np.float32)
    bright = hu > -150
    return replace(scan, hu=_as_hu(np.where(bright, hu * rng.uniform(0.6, 2.2) + rng.uniform(-40, 60), hu)))


def add_gas(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Put gas into soft tissue below and beside the lungs, as in stomach and bowel; it is not lung."""
    lungs = np.isin(scan.labels, _LUNGS)
    box = _box(lungs)
    if box is None:
        return scan
    middle = (box[0].start + box[0].stop) // 2
    near = ndimage.binary_dilation(scan.labels > 0, iterations=int(rng.integers(1, 3)))
    free = (scan.hu > -200) & ~near
    hu, labels = scan.hu.copy(), scan.labels
    places = np.argwhere(free[:middle])
    for _ in range(int(rng.integers(1, 5)) if len(places) else 0):
        bubble = _ball(hu.shape, places[rng.integers(len(places))], rng.uniform(6, 45), scan.spacing_zyx_mm, rng) & ~near
        hu[bubble] = np.clip(rng.uniform(-1010, -880) + 15 * rng.standard_normal(int(bubble.sum())), -1024, 600).astype(np.int16)
    return replace(scan, hu=hu, labels=labels)


_CHANGES: tuple[tuple[float, _Change], ...] = (
    (0.35, shift_lung_density),
    (0.15, add_emphysema),
    (0.55, add_consolidation),
    (0.20, add_consolidation),
    (0.30, add_mass),
    (0.12, add_effusion),
    (0.35, scale_soft_tissue),
    (0.30, add_gas),
)


def _one_lung(scan: TrainingScan, rng: np.random.Generator) -> tuple[tuple[slice, slice, slice] | None, np.ndarray]:
    lung = scan.labels == rng.choice(_LUNGS)
    box = _box(lung)
    return box, lung[box] if box else lung


def _box(mask: np.ndarray) -> tuple[slice, slice, slice] | None:
    """Box of a mask with one voxel around it; None where it is empty."""
    found = ndimage.find_objects(mask.astype(np.uint8))
    if not found:
        return None
    z, y, x = (slice(max(0, part.start - 1), part.stop + 1) for part in found[0])
    return z, y, x


def _slope(lung: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rise from -1 to 1 along a random direction, more often down or back, where disease settles."""
    direction = rng.standard_normal(3) + np.array([rng.choice([-1.0, 1.0], p=[0.65, 0.35]), 0.5, 0.0])
    direction /= np.linalg.norm(direction)
    axes = [np.linspace(-1, 1, size, dtype=np.float32) * step for size, step in zip(lung.shape, direction, strict=True)]
    return axes[0][:, None, None] + axes[1][None, :, None] + axes[2]


def _ball(
    shape: tuple[int, ...], centre: np.ndarray, radius_mm: float, spacing_zyx_mm: tuple[float, float, float], rng: np.random.Generator
) -> np.ndarray:
    """Mark an uneven ball."""
    radii = radius_mm * rng.uniform(0.6, 1.4, 3) / np.asarray(spacing_zyx_mm)
    axes = [((np.arange(size) - at) / radius) ** 2 for size, at, radius in zip(shape, centre, radii, strict=True)]
    squared = (axes[0][:, None, None] + axes[1][None, :, None] + axes[2]).astype(np.float32)
    ball = squared < 1.6
    found = _box(ball)
    if found is not None:
        bumps = smooth_field(ball[found].shape, spacing_zyx_mm, max(8.0, radius_mm * 0.7), rng)
        ball[found] = squared[found] < 1 + 0.25 * np.clip(bumps, -2, 2)
    return ball


def _blended(
    scan: TrainingScan, box: tuple[slice, slice, slice], share: np.ndarray, value_hu: np.ndarray | np.float32, lung: np.ndarray
) -> TrainingScan:
    """Mix a value into the box by shares (0 to 1) within the lung; tissue that is dense already stays."""
    hu = scan.hu.copy()
    here = hu[box].astype(np.float32)
    share = np.where(lung, share, 0.0)
    mixed = here + share * (value_hu - here)
    mixed = np.where((here > 0) & (mixed < here), here, mixed)
    # Half-dark voxels on the pleura would betray where the lung was.
    rim = ~lung & (scan.labels[box] == 0) & (here < _RIM_BELOW_HU)
    beside = np.where(rim, ndimage.maximum_filter(share, size=3), 0.0)
    hu[box] = _as_hu(mixed + beside * np.maximum(0.0, value_hu - mixed))
    return replace(scan, hu=hu, labels=scan.labels.copy())


def _as_hu(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), -1024, 600).astype(np.int16)
