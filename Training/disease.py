"""Made-up disease in three dimensions: what a few scans do not show of how lungs can be sick."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .change_parts import LUNGS, Box, blended, box_of, one_lung, smooth_field, uneven_ball
from .scans import CLASSES, TrainingScan


def add_consolidation(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Fill a part of one lung, up to the whole, with dense or ground-glass tissue; it stays lung."""
    box, lung = one_lung(scan, rng)
    if box is None:
        return scan
    is_lobar = rng.random() < 0.45
    unevenness, sharpness = (rng.uniform(0.02, 0.15), rng.uniform(20, 80)) if is_lobar else (rng.uniform(0.3, 1.6), rng.uniform(2, 12))
    score = unevenness * smooth_field(lung.shape, scan.spacing_zyx_mm, rng.uniform(25, 90), rng) + _slope(lung, rng)
    share = rng.choice([rng.uniform(0.05, 0.4), rng.uniform(0.3, 0.95), 1.0], p=[0.58, 0.38, 0.04])
    limit = np.quantile(score[lung], 1 - share) if share < 1 else -np.inf
    dense = lung / (1 + np.exp(-np.clip(sharpness * (score - limit), -30, 30))) if share < 1 else lung.astype(np.float32)
    opacity = rng.choice([rng.uniform(0.25, 0.75), rng.uniform(0.85, 1.0)], p=[0.3, 0.7])
    tissue = _density_hu(scan, (10, 110), rng) + rng.uniform(3, 25) * rng.standard_normal(lung.shape).astype(np.float32)
    if rng.random() < 0.5:
        # Air in bronchi and alveoli that are not filled.
        holes = smooth_field(lung.shape, scan.spacing_zyx_mm, rng.uniform(6, 14), rng) > rng.uniform(1.6, 2.6)
        tissue = np.where(holes, tissue - rng.uniform(200, 800), tissue)
    return blended(scan, box, dense * opacity, tissue, lung)


def add_patches(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Scatter ground glass and consolidation over both lungs, mostly along the pleura and at the back; all stays lung."""
    lungs = np.isin(scan.labels, LUNGS)
    box = box_of(lungs)
    if box is None:
        return scan
    lung = lungs[box]
    depth_mm = ndimage.distance_transform_edt(lung, sampling=scan.spacing_zyx_mm).astype(np.float32)
    back = np.linspace(-1, 1, lung.shape[1], dtype=np.float32)[:, None]
    field = smooth_field(lung.shape, scan.spacing_zyx_mm, rng.uniform(12, 45), rng)
    score = field - rng.uniform(0.0, 0.12) * depth_mm + rng.uniform(0.0, 1.2) * back
    limit = np.quantile(score[lung], 1 - rng.uniform(0.05, 0.6))
    share = 1 / (1 + np.exp(-np.clip(rng.uniform(2, 10) * (score - limit), -30, 30)))
    # The middle of a patch is denser than its rim.
    opacity = np.clip(rng.uniform(0.3, 0.9) + rng.uniform(0.0, 0.6) * (score - limit), 0, 1)
    tissue = rng.uniform(0, 80) + rng.uniform(3, 25) * rng.standard_normal(lung.shape).astype(np.float32)
    return blended(scan, box, share * opacity, tissue, lung)


def add_mass(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Put a ball of soft tissue into a lung, more often than not against its border; it stays lung."""
    box, lung = one_lung(scan, rng)
    if box is None:
        return scan
    rim = lung & ~ndimage.binary_erosion(lung, iterations=2) if rng.random() < 0.7 else lung
    places = np.argwhere(rim)
    inside = uneven_ball(lung.shape, places[rng.integers(len(places))], rng.uniform(4, 60), scan.spacing_zyx_mm, rng) & lung
    tissue = _density_hu(scan, (0, 90), rng) + 12 * rng.standard_normal(lung.shape).astype(np.float32)
    return blended(scan, box, inside.astype(np.float32), tissue, lung)


def add_effusion(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Replace the back, the base or a shell of one lung by fluid, which is not lung; lung beside it may be collapsed, and stays lung."""
    box, lung = one_lung(scan, rng)
    if box is None:
        return scan
    z, y, _ = np.indices(lung.shape, dtype=np.float32) * np.asarray(scan.spacing_zyx_mm, np.float32)[:, None, None, None]
    depth = y - rng.uniform(0.0, 0.6) * z + rng.uniform(2, 10) * smooth_field(lung.shape, scan.spacing_zyx_mm, 60, rng)
    if rng.random() < 0.5:
        # It climbs along the chest wall, highest where the lung ends.
        depth -= rng.uniform(0.5, 2.5) * ndimage.distance_transform_edt(lung, sampling=scan.spacing_zyx_mm).astype(np.float32)
    limit = np.quantile(depth[lung], 1 - rng.uniform(0.03, 0.35))
    if rng.random() < 0.5:
        collapsed = 1 / (1 + np.exp(-np.clip((depth - limit + rng.uniform(4, 25)) / rng.uniform(1, 5), -30, 30)))
        tissue = _density_hu(scan, (30, 120), rng) + 12 * rng.standard_normal(lung.shape).astype(np.float32)
        scan = blended(scan, box, collapsed * rng.uniform(0.8, 1.0), tissue, lung)
    return _replaced(scan, box, lung, lung & (depth > limit), rng.uniform(-5, 22), rng)


def add_pleural_rind(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Replace an uneven shell of one lung by thickened pleura or trapped fluid, which is not lung."""
    box, lung = one_lung(scan, rng)
    if box is None:
        return scan
    depth_mm = ndimage.distance_transform_edt(lung, sampling=scan.spacing_zyx_mm)
    thickness_mm = rng.uniform(3, 14) * (smooth_field(lung.shape, scan.spacing_zyx_mm, rng.uniform(40, 120), rng) + rng.uniform(-0.8, 0.8))
    return _replaced(scan, box, lung, lung & (depth_mm < thickness_mm), rng.uniform(-5, 60), rng)


def add_emphysema(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Make parts of both lungs almost as dark as air."""
    lungs = np.isin(scan.labels, LUNGS)
    box = box_of(lungs)
    if box is None:
        return scan
    field = smooth_field(lungs[box].shape, scan.spacing_zyx_mm, rng.uniform(10, 60), rng)
    share = lungs[box] / (1 + np.exp(-3 * (field - rng.uniform(-0.8, 1.2))))
    return blended(scan, box, share * rng.uniform(0.4, 1.0) * (scan.hu[box] < -300), np.float32(rng.uniform(-1000, -940)), lungs[box])


def _density_hu(scan: TrainingScan, range_hu: tuple[float, float], rng: np.random.Generator) -> float:
    """Draw the density of dense lung; half of the time that of the aorta beside it, so that density cannot tell the two apart."""
    aorta = scan.hu[scan.labels == CLASSES.index("aorta")]
    alike = aorta.size > 0 and rng.random() < 0.5
    return float(min(np.median(aorta), range_hu[1])) if alike else rng.uniform(*range_hu)


def _replaced(scan: TrainingScan, box: Box, lung: np.ndarray, lost: np.ndarray, mean_hu: float, rng: np.random.Generator) -> TrainingScan:
    """Put soft tissue or fluid where lung is lost, and label it as background."""
    value = mean_hu + 8 * rng.standard_normal(lung.shape).astype(np.float32)
    changed = blended(scan, box, lost.astype(np.float32), value, lung)
    changed.labels[box][lost] = 0
    return changed


def _slope(lung: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rise from -1 to 1 along a random direction: to the base or to the apex as often, more often to the back than to the front.

    Pneumonia and collapse settle at the base; tuberculosis, tumours and what they obstruct lie at the apex.
    """
    direction = rng.standard_normal(3) + np.array([rng.choice([-1.0, 1.0]), 0.4, 0.0])
    direction /= np.linalg.norm(direction)
    axes = [np.linspace(-1, 1, size, dtype=np.float32) * step for size, step in zip(lung.shape, direction, strict=True)]
    return axes[0][:, None, None] + axes[1][None, :, None] + axes[2]
