"""Made-up anatomy in three dimensions: what a few scans do not show of how chests differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from .change_parts import LUNGS, as_hu, box_of, smooth_field, uneven_ball
from .scans import CLASSES, TrainingScan


def shift_lung_density(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Make the lungs denser, as after breathing out, or darker, as after breathing in deeply."""
    lungs = np.isin(scan.labels, LUNGS)
    hu = scan.hu.astype(np.float32)
    stretched = 60 + (hu - 60) * rng.uniform(0.65, 1.08)
    return replace(scan, hu=as_hu(np.where(lungs & (hu < 0), stretched, hu)))


def scale_soft_tissue(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Stretch the contrast of soft tissue, as contrast agent, tube voltage and fat do."""
    hu = scan.hu.astype(np.float32)
    bright = hu > -150
    return replace(scan, hu=as_hu(np.where(bright, hu * rng.uniform(0.6, 2.2) + rng.uniform(-40, 60), hu)))


def press_contrast(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Bring blood, muscle and organs to one grey, as in a scan without contrast medium; bone and fat stay."""
    grey = rng.uniform(25, 60)
    share = rng.uniform(0.0, 0.15)
    hu = scan.hu.astype(np.float32)
    # Above it lies bone; in between the two meet without a step.
    soft = np.clip((450 - hu) / 100, 0, 1) * (hu > grey)
    pressed = hu + soft * (share - 1) * (hu - grey)
    return replace(scan, hu=as_hu(pressed))


def add_gas(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Put gas into soft tissue below and beside the lungs, as in stomach and bowel; it is not lung."""
    lungs = np.isin(scan.labels, LUNGS)
    box = box_of(lungs)
    if box is None:
        return scan
    middle = (box[0].start + box[0].stop) // 2
    near = ndimage.binary_dilation(scan.labels > 0, iterations=int(rng.integers(1, 3)))
    free = (scan.hu > -200) & ~near
    hu, labels = scan.hu.copy(), scan.labels
    places = np.argwhere(free[:middle])
    for _ in range(int(rng.integers(1, 5)) if len(places) else 0):
        bubble = uneven_ball(hu.shape, places[rng.integers(len(places))], rng.uniform(6, 45), scan.spacing_zyx_mm, rng) & ~near
        hu[bubble] = np.clip(rng.uniform(-1010, -880) + 15 * rng.standard_normal(int(bubble.sum())), -1024, 600).astype(np.int16)
    return replace(scan, hu=hu, labels=labels)


def bend_chest(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Push the chest around a place in or beside one lung: a raised or lowered diaphragm, a mediastinum drawn to one side."""
    box = box_of(scan.labels == rng.choice(LUNGS))
    if box is None:
        return scan
    at_diaphragm = rng.random() < 0.6
    shares = np.array([rng.uniform(0.0, 0.3) if at_diaphragm else rng.uniform(0, 1), *rng.uniform(0.2, 0.8, 2)])
    centre = np.array([part.start + share * (part.stop - part.start) for part, share in zip(box, shares, strict=True)])
    direction = np.array([rng.choice([-1.0, 1.0], p=[0.25, 0.75]), *rng.normal(0, 0.25, 2)]) if at_diaphragm else rng.standard_normal(3)
    width_mm = rng.uniform(35, 75)
    # A push of less than 1.6 times the width folds nothing over.
    push_mm = direction / np.linalg.norm(direction) * rng.uniform(0.2, 1.0) * min(60.0, 1.1 * width_mm)
    spacing = np.asarray(scan.spacing_zyx_mm)
    bells = [
        np.exp(-0.5 * (((np.arange(size) - at) * mm) / width_mm) ** 2) for size, at, mm in zip(scan.hu.shape, centre, spacing, strict=True)
    ]
    bell = (bells[0][:, None, None] * bells[1][None, :, None] * bells[2]).astype(np.float32)
    places = [
        axis - bell * np.float32(push) for axis, push in zip(np.indices(bell.shape, dtype=np.float32), push_mm / spacing, strict=True)
    ]
    hu = ndimage.map_coordinates(scan.hu.astype(np.float32), places, order=1, mode="nearest")
    labels, leave_out = (
        ndimage.map_coordinates(mask.astype(np.uint8), places, order=0, mode="nearest") for mask in (scan.labels, scan.leave_out)
    )
    return replace(scan, hu=as_hu(hu), labels=labels, leave_out=leave_out.astype(bool))


def paint_tissues(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Paint every tissue anew with a random density: only the shapes stay.

    References
    ----------
    B. Billot et al., SynthSeg, Medical Image Analysis 2023, for training on images made from labels.
    """
    hu = scan.hu.astype(np.float32)
    lungs = np.isin(scan.labels, LUNGS)
    tissues = np.digitize(hu, (-700, -150, -15, 80, 200))
    densities = (rng.uniform(-1024, -950), rng.uniform(-700, -150), rng.uniform(-160, 0), *np.sort(rng.uniform(-20, 400, 3)))
    painted = np.asarray(densities, np.float32)[tissues]
    for label in LUNGS:
        aerated, vessel = rng.uniform(-950, -500), rng.uniform(-300, 150)
        side = scan.labels == label
        painted[side] = np.where(hu[side] < -500, aerated, vessel)
    painted[scan.labels == CLASSES.index("airways")] = rng.uniform(-1024, -900)
    painted += rng.uniform(0, 60) * smooth_field(hu.shape, scan.spacing_zyx_mm, rng.uniform(10, 80), rng) * (lungs | (hu > -150))
    return replace(scan, hu=as_hu(ndimage.gaussian_filter(painted, rng.uniform(0.3, 0.8))))
