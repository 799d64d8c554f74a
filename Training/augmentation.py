"""Training slices from scans: random place, pose, field of view, slice thickness, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional

from .scans import CLASSES, PIXEL_MM, TrainingScan

LOWEST_HU, HIGHEST_HU = -1024, 600


@dataclass(frozen=True)
class SliceFormat:
    """What a network sees, in training and in use.

    Parameters
    ----------
    pixel_mm : float
        In-plane size of a pixel.
    rows, columns : int
        Size of a training slice.
    neighbour_offsets_mm : tuple of float
        Where the slices shown together lie, relative to the labelled one.
    """

    pixel_mm: float
    rows: int
    columns: int
    neighbour_offsets_mm: tuple[float, ...]


def random_sample(
    scan: TrainingScan, form: SliceFormat, rng: np.random.Generator, augment: bool = True
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw one training slice.

    Parameters
    ----------
    scan : TrainingScan
    form : SliceFormat
    rng : numpy.random.Generator
    augment : bool
        Without it only the slice is random.

    Returns
    -------
    image : torch.Tensor
        float32 (channels, rows, columns), HU.
    target : torch.Tensor
        float32 (classes + 1, rows, columns): share of each class, and weight of the pixel (0: leave out).
    """
    place = _random_slice(scan, rng)
    steps, thickness_mm = _random_neighbours(scan, form, rng) if augment else (_steps(scan, form, 1.0), 0.0)
    first, last = _random_cover(scan, place, rng) if augment else (0, scan.hu.shape[0] - 1)
    places = np.clip(place + steps, first, last)
    channels = [_slice_at(scan.hu, at, thickness_mm / scan.spacing_zyx_mm[0]) for at in places]
    labels = torch.from_numpy(scan.labels[place].astype(np.int64))
    shares = functional.one_hot(labels, len(CLASSES)).permute(2, 0, 1).float()
    weight = torch.from_numpy(~scan.leave_out[place]).float()[None]
    matrix = _random_matrix(rng) if augment else np.eye(2)
    grid = _pose(scan.hu.shape[1:], form, matrix, rng.normal(0, 15, 2) if augment else np.zeros(2))
    if augment and rng.random() < 0.6:
        grid = grid + _random_bends_mm(grid, rng) * _per_mm(scan.hu.shape[1:])
    if matrix[0, 0] < 0:
        # Sides are what the image's geometry says, also when the picture in it is mirrored.
        shares = shares[[0, 2, 1, *range(3, len(CLASSES))]]
    stack = torch.cat([torch.from_numpy(np.stack(channels)) - LOWEST_HU, shares[1:]])
    moved = functional.grid_sample(stack[None], grid[None], mode="bilinear", padding_mode="zeros", align_corners=False)[0]
    count = len(channels)
    image, lungs = moved[:count] + LOWEST_HU, moved[count:]
    weight = functional.grid_sample(weight[None], grid[None], mode="nearest", padding_mode="border", align_corners=False)[0]
    target = torch.cat([1 - lungs.sum(dim=0, keepdim=True), lungs, weight])
    if augment:
        image = _random_table(image, target, rng)
        image, target = _random_field_of_view(image, target, rng)
        image = _random_intensities(image, rng)
    return image, target


def _random_slice(scan: TrainingScan, rng: np.random.Generator) -> int:
    """Draw a slice, mostly one with lung, more often near the ends of the lungs, where errors are."""
    filled = np.flatnonzero((scan.labels > 0).any(axis=(1, 2)))
    if filled.size == 0 or rng.random() < 0.12:
        return int(rng.integers(scan.hu.shape[0]))
    if rng.random() < 0.25:
        end = filled[0] if rng.random() < 0.6 else filled[-1]
        reach = max(1.0, 25 / scan.spacing_zyx_mm[0])
        return int(np.clip(end + rng.integers(-round(reach), round(reach) + 1), 0, scan.hu.shape[0] - 1))
    return int(rng.choice(filled))


def _steps(scan: TrainingScan, form: SliceFormat, stretch: float) -> np.ndarray:
    return np.asarray(form.neighbour_offsets_mm) * stretch / scan.spacing_zyx_mm[0]


def _random_neighbours(scan: TrainingScan, form: SliceFormat, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    steps = _steps(scan, form, float(np.exp(rng.normal(0, 0.15))))
    if rng.random() < 0.08:
        steps = -steps
    return steps, float(rng.uniform(3, 9)) if rng.random() < 0.25 else 0.0


def _random_cover(scan: TrainingScan, place: int, rng: np.random.Generator) -> tuple[int, int]:
    """Draw where the scan ends, now and then just beside the slice."""
    first, last = 0, scan.hu.shape[0] - 1
    reach = max(1, round(15 / scan.spacing_zyx_mm[0]))
    if rng.random() < 0.08:
        first = max(first, place - int(rng.integers(reach + 1)))
    if rng.random() < 0.08:
        last = min(last, place + int(rng.integers(reach + 1)))
    return first, last


def _slice_at(hu: np.ndarray, place: float, thickness: float) -> np.ndarray:
    """Interpolate a slice (float32), averaged over a thickness in slices."""
    places = np.clip(place + (np.linspace(-0.5, 0.5, 5) * thickness if thickness > 1 else np.zeros(1)), 0, hu.shape[0] - 1)
    mean = np.zeros(hu.shape[1:], np.float32)
    for at in places:
        below = min(int(at), max(0, hu.shape[0] - 2))
        share = at - below
        mean += hu[below] if share < 1e-6 else (1 - share) * hu[below] + share * hu[below + 1]
    return mean / places.size


def _random_matrix(rng: np.random.Generator) -> np.ndarray:
    """Draw a turn, a scale, a shear, and now and then a mirror, as a matrix on (column, row)."""
    angle = np.deg2rad(rng.uniform(-60, 60) if rng.random() < 0.04 else rng.normal(0, 9))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = np.exp(rng.normal(0, 0.14)) * np.exp(rng.normal(0, 0.06, 2)) * rng.choice([-1, 1], 2, p=[0.08, 0.92])
    return turn @ np.array([[1, rng.normal(0, 0.05)], [0, 1]]) @ np.diag(scale)


def _random_bends_mm(grid: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    bends = torch.from_numpy(rng.normal(0, rng.uniform(2, 8), (1, 2, 5, 5)).astype(np.float32))
    return functional.interpolate(bends, size=grid.shape[:2], mode="bicubic", align_corners=True)[0].permute(1, 2, 0)


def _per_mm(shape_yx: tuple[int, ...]) -> torch.Tensor:
    """Length of 1 mm (column, row) in the units of ``grid_sample``."""
    return torch.tensor([2 / (shape_yx[1] * PIXEL_MM), 2 / (shape_yx[0] * PIXEL_MM)], dtype=torch.float32)


def _pose(shape_yx: tuple[int, ...], form: SliceFormat, matrix_xy: np.ndarray, shift_xy_mm: np.ndarray) -> torch.Tensor:
    """Give the places (rows, columns, 2) in a scan's slice that a training slice's pixels show, body in the middle."""
    columns_mm = (np.arange(form.columns) - (form.columns - 1) / 2) * form.pixel_mm
    rows_mm = (np.arange(form.rows) - (form.rows - 1) / 2) * form.pixel_mm
    places = np.stack(np.meshgrid(columns_mm, rows_mm), axis=-1) @ matrix_xy.T + shift_xy_mm
    return torch.from_numpy(places.astype(np.float32)) * _per_mm(shape_yx)


def _random_table(image: torch.Tensor, target: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Put a thin, bent plate into the air behind the body now and then."""
    if rng.random() > 0.12:
        return image
    rows, columns = image.shape[1:]
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    bend = rng.uniform(-0.1, 0.35) * rows * ((x - columns / 2) / (columns / 2)) ** 2
    plate = (y - (rng.uniform(0.75, 1.0) * rows - bend)).abs() < rng.uniform(0.5, 2.0)
    free = plate & (image < -800).all(dim=0) & (target[0] > 0.99)
    return torch.where(free, torch.tensor(float(rng.uniform(-600, 300))), image)


def _random_field_of_view(image: torch.Tensor, target: torch.Tensor, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut a disc or a rectangle out of the slice now and then; outside it there is nothing to label."""
    kind = rng.random()
    if kind > 0.16:
        return image, target
    rows, columns = image.shape[1:]
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    if kind < 0.10:
        centre = (rows / 2 + rng.normal(0, 8), columns / 2 + rng.normal(0, 8))
        outside = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 > (rng.uniform(0.36, 0.6) * columns) ** 2
    else:
        top, left = rng.uniform(0, 0.2, 2)
        bottom, right = rng.uniform(0.8, 1.0, 2)
        outside = (y < top * rows) | (y > bottom * rows) | (x < left * columns) | (x > right * columns)
    target = target.clone()
    target[0, outside] = 1.0
    target[1:-1, outside] = 0.0
    return torch.where(outside, torch.tensor(float(LOWEST_HU)), image), target


def _random_intensities(image: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    if rng.random() < 0.2:
        image = _smoothed(image)
    elif rng.random() < 0.2:
        # A sharp reconstruction kernel raises edges and fine noise.
        noisy = image + torch.from_numpy(rng.standard_normal(image.shape, dtype=np.float32)) * float(rng.exponential(15))
        image = noisy + float(rng.uniform(0.2, 1.2)) * (noisy - _smoothed(noisy))
    if rng.random() < 0.5:
        noise = torch.from_numpy(rng.standard_normal(image.shape, dtype=np.float32)) * float(rng.exponential(18))
        if rng.random() < 0.3:
            # Streaks: noise that is alike along the rows, as between the shoulders.
            noise = noise + torch.from_numpy(rng.standard_normal((image.shape[0], image.shape[1], 1), dtype=np.float32)) * float(
                rng.exponential(10)
            )
        image = image + noise
    if rng.random() < 0.5:
        image = image + float(rng.normal(0, 25))
    return image.clamp(LOWEST_HU, HIGHEST_HU)


def _smoothed(image: torch.Tensor) -> torch.Tensor:
    return functional.avg_pool2d(functional.pad(image[None], (1, 1, 1, 1), mode="replicate"), 3, stride=1)[0]
