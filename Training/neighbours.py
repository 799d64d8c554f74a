"""Made-up neighbours that reach into the lungs' space and are no lung: hernia, fat, bowel, raised organs, a wide aorta."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from .change_parts import LUNGS, as_hu, box_of, smooth_field, uneven_ball
from .scans import CLASSES, TrainingScan

_AORTA = CLASSES.index("aorta")
_AIRWAYS = CLASSES.index("airways")
_BONE_ABOVE_HU = 250


def add_neighbour(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Let something push a lung aside from below or from the mediastinum: its place and its contents are those of no lung."""
    is_below = rng.random() < 0.5
    place = _place_at_base(scan, rng) if is_below else _place_at_mediastinum(scan, rng)
    if place is None:
        return scan
    radius_mm = rng.uniform(12, 45)
    ball = uneven_ball(scan.hu.shape, place, radius_mm, scan.spacing_zyx_mm, rng)
    box = box_of(ball)
    if box is None:
        return scan
    ball, hu, labels = ball[box], scan.hu[box].astype(np.float32), scan.labels[box]
    ball &= (labels != _AIRWAYS) & (hu < _BONE_ABOVE_HU)
    # Solid organs lie below the diaphragm alone: beside the mediastinum a solid ball may as well be a tumour of the lung.
    contents = rng.choice([_fat, _fluid, _food, _gas_above_fluid, *([_bowel, _organ, _organ] if is_below else [])])
    inside = contents(ball.shape, scan.spacing_zyx_mm, rng)
    if contents is not _fat:
        wall = ball & ~ndimage.binary_erosion(ball)
        inside[wall] = rng.uniform(20, 60)
    share = ndimage.gaussian_filter(ball.astype(np.float32), 0.5)
    share[labels == _AIRWAYS] = 0
    changed = replace(scan, hu=scan.hu.copy(), labels=scan.labels.copy())
    changed.hu[box] = as_hu(hu + share * (inside - hu))
    changed.labels[box][ball] = 0
    return changed


def widen_aorta(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Make a part of the aorta wide, as in an aneurysm, or wind, as with age; it pushes the lung aside."""
    aorta = scan.labels == _AORTA
    slices = np.flatnonzero(aorta.any(axis=(1, 2)))
    if slices.size < 4:
        return scan
    blood_hu = float(np.median(scan.hu[aorta]))
    middle, reach = rng.choice(slices), rng.uniform(15, 80) / scan.spacing_zyx_mm[0]
    widest_mm = rng.uniform(3, 14)
    shift = np.append(0.0, rng.normal(0, 7, 2))
    hu, labels = scan.hu.copy(), scan.labels.copy()
    for at in slices:
        grown_mm = widest_mm * np.exp(-(((at - middle) / reach) ** 2))
        apart_mm = ndimage.distance_transform_edt(~aorta[at], sampling=scan.spacing_zyx_mm[1:])
        apart_mm = ndimage.shift(apart_mm, shift[1:] * grown_mm / widest_mm / scan.spacing_zyx_mm[1], order=1, mode="nearest")
        wide = (apart_mm <= grown_mm) & (hu[at] < _BONE_ABOVE_HU) & (labels[at] != _AIRWAYS)
        new = wide & ~aorta[at]
        hu[at][new] = as_hu(blood_hu + 8 * rng.standard_normal(int(new.sum())))
        labels[at][wide] = _AORTA
    return replace(scan, hu=hu, labels=labels)


def _place_at_base(scan: TrainingScan, rng: np.random.Generator) -> np.ndarray | None:
    """Draw a place on the diaphragm below one lung: soft tissue right below lung."""
    lung = scan.labels == rng.choice(LUNGS)
    return _one_of((scan.labels == 0) & np.roll(lung, -1, axis=0) & (scan.hu > -300), rng)


def _place_at_mediastinum(scan: TrainingScan, rng: np.random.Generator) -> np.ndarray | None:
    """Draw a place on one lung's inner border in the lower half."""
    lung, lungs = scan.labels == rng.choice(LUNGS), np.isin(scan.labels, LUNGS)
    box = box_of(lung)
    if box is None:
        return None
    columns = np.flatnonzero(lungs.any(axis=(0, 1)))
    middle = (columns[0] + columns[-1]) / 2
    border = lung & ndimage.binary_dilation(~lungs, iterations=1)
    border &= (np.abs(np.arange(lung.shape[2]) - middle) * scan.spacing_zyx_mm[2] < 60)[None, None]
    border[box[0].start + (box[0].stop - box[0].start) // 2 :] = False
    return _one_of(border, rng)


def _one_of(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    places = np.argwhere(mask)
    return places[rng.integers(len(places))] if len(places) else None


def _noisy(shape: tuple[int, ...], mean_hu: float, rng: np.random.Generator) -> np.ndarray:
    return mean_hu + 10 * rng.standard_normal(shape).astype(np.float32)


def _fat(shape: tuple[int, ...], _: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    return _noisy(shape, rng.uniform(-120, -80), rng)


def _fluid(shape: tuple[int, ...], _: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    return _noisy(shape, rng.uniform(-5, 35), rng)


def _organ(shape: tuple[int, ...], spacing_zyx_mm: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    return _noisy(shape, rng.uniform(30, 130), rng) + 6 * smooth_field(shape, spacing_zyx_mm, 30, rng)


def _food(shape: tuple[int, ...], spacing_zyx_mm: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    """Food and stool: lumps with gas between them."""
    lumps = smooth_field(shape, spacing_zyx_mm, rng.uniform(5, 15), rng)
    return _noisy(shape, rng.uniform(-60, 60), rng) - np.where(lumps > rng.uniform(0.8, 1.8), rng.uniform(150, 800), 0).astype(np.float32)


def _gas_above_fluid(shape: tuple[int, ...], _: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    inside = _noisy(shape, rng.uniform(0, 40), rng)
    inside[:, : int(rng.uniform(0.1, 1.0) * shape[1])] = rng.uniform(-1010, -900)
    return inside


def _bowel(shape: tuple[int, ...], spacing_zyx_mm: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    """Loops of gas with thin walls, in fat."""
    inside = _fat(shape, spacing_zyx_mm, rng)
    for _ in range(int(rng.integers(1, 5))):
        loop = uneven_ball(shape, rng.uniform(0, 1, 3) * np.asarray(shape), rng.uniform(8, 25), spacing_zyx_mm, rng)
        inside[loop] = rng.uniform(10, 60)
        inside[ndimage.binary_erosion(loop)] = rng.uniform(-1010, -850)
    return inside
