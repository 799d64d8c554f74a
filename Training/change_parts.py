"""Parts of made-up changes: smooth fields, balls, boxes, and mixing a tissue into a lung."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from .scans import TrainingScan

LUNGS = (1, 2)
_RIM_BELOW_HU = -130

Box = tuple[slice, slice, slice]


def smooth_field(
    shape: tuple[int, ...], spacing_zyx_mm: tuple[float, float, float], size_mm: float, rng: np.random.Generator
) -> np.ndarray:
    """Make a smooth random field (float32, about normal) whose bumps are ``size_mm`` wide."""
    coarse = [max(2, int(np.ceil(size * spacing / size_mm)) + 1) for size, spacing in zip(shape, spacing_zyx_mm, strict=True)]
    values = rng.standard_normal(coarse).astype(np.float32)
    zoom = [size / small for size, small in zip(shape, coarse, strict=True)]
    field = ndimage.zoom(values, zoom, order=1, grid_mode=True, mode="nearest")
    return field / max(1e-6, float(field.std()))


def uneven_ball(
    shape: tuple[int, ...], centre: np.ndarray, radius_mm: float, spacing_zyx_mm: tuple[float, float, float], rng: np.random.Generator
) -> np.ndarray:
    """Mark an uneven ball."""
    radii = radius_mm * rng.uniform(0.6, 1.4, 3) / np.asarray(spacing_zyx_mm)
    axes = [((np.arange(size) - at) / radius) ** 2 for size, at, radius in zip(shape, centre, radii, strict=True)]
    squared = (axes[0][:, None, None] + axes[1][None, :, None] + axes[2]).astype(np.float32)
    ball = squared < 1.6
    found = box_of(ball)
    if found is not None:
        bumps = smooth_field(ball[found].shape, spacing_zyx_mm, max(8.0, radius_mm * 0.7), rng)
        ball[found] = squared[found] < 1 + 0.25 * np.clip(bumps, -2, 2)
    return ball


def box_of(mask: np.ndarray) -> Box | None:
    """Box of a mask with one voxel around it; None where it is empty."""
    found = ndimage.find_objects(mask.astype(np.uint8))
    if not found:
        return None
    z, y, x = (slice(max(0, part.start - 1), part.stop + 1) for part in found[0])
    return z, y, x


def one_lung(scan: TrainingScan, rng: np.random.Generator) -> tuple[Box | None, np.ndarray]:
    """Draw one lung: its box (None where the scan has none of it), and the lung within the box."""
    lung = scan.labels == rng.choice(LUNGS)
    box = box_of(lung)
    return box, lung[box] if box else lung


def blended(scan: TrainingScan, box: Box, share: np.ndarray, value_hu: np.ndarray | np.float32, lung: np.ndarray) -> TrainingScan:
    """Mix a value into the box by shares (0 to 1) within the lung; tissue that is dense already stays."""
    hu = scan.hu.copy()
    here = hu[box].astype(np.float32)
    share = np.where(lung, share, 0.0)
    mixed = here + share * (value_hu - here)
    mixed = np.where((here > 0) & (mixed < here), here, mixed)
    # Half-dark voxels on the pleura would betray where the lung was.
    rim = ~lung & (scan.labels[box] == 0) & (here < _RIM_BELOW_HU)
    beside = np.where(rim, ndimage.maximum_filter(share, size=3), 0.0)
    hu[box] = as_hu(mixed + beside * np.maximum(0.0, value_hu - mixed))
    return replace(scan, hu=hu, labels=scan.labels.copy())


def as_hu(values: np.ndarray) -> np.ndarray:
    """Round to int16 within the range that the networks see."""
    return np.clip(np.rint(values), -1024, 600).astype(np.int16)
