"""A block of lung at the chest wall with what looks like vessels: nodules, scars, thick septa and a fissure, with exact truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import spatial

from LungSegmentationLib.phantom.grid import Grid, Tube
from vessel_block import BLOOD_HU, LUNG_HU, SUBSAMPLES, VesselBlock, correlated_noise, draw_tubes, grow_trees, middle_lines, scanned

WALL_MM = 8.0
"""Depth of the chest wall, at the block's upper end."""
NODULE_HU, GLASS_HU = 30.0, -550.0
KINDS = ("solid_nodule", "part_solid_nodule", "scar", "septum", "fissure")
# One large, one middle and some small ones a block: diameters.
_DIAMETERS_MM = ((15.0, 30.0), (8.0, 14.0), (6.0, 8.0), (4.0, 6.0), (4.0, 6.0))
_SPIKES = 12


@dataclass(frozen=True)
class LookalikeBlock:
    """A block of lung, its labels (uint8: 0 chest wall, 1 lung), and the truth (uint8: 0, or 1 + the index of one of ``KINDS``)."""

    vessels: VesselBlock
    labels: np.ndarray
    kinds: np.ndarray
    nodule_diameters_mm: np.ndarray
    """float32 (z, y, x): diameter of the nodule in which a voxel's centre lies, 0 elsewhere."""

    def called_vessel(self, vessels: np.ndarray, kind: str, diameters_mm: tuple[float, float] = (0.0, np.inf)) -> float:
        """Give the share of the voxels of one kind that are called vessel; not a number where there is none."""
        asked = self.kinds == 1 + KINDS.index(kind)
        if "nodule" in kind:
            asked &= (self.nodule_diameters_mm >= diameters_mm[0]) & (self.nodule_diameters_mm < diameters_mm[1])
        return float(np.mean(vessels[asked] > 0)) if asked.any() else float("nan")


def make_lookalike_block(
    seed: int,
    size_mm: float,
    spacing_zyx_mm: tuple[float, float, float],
    blur_mm: float,
    noise_sd_hu: float,
    kinds: tuple[str, ...] = KINDS,
) -> LookalikeBlock:
    """Make a cube of lung with vessels, below a chest wall, and in it what is named.

    Half of the nodules lie on a vessel, which ends there. The solid part of a part-solid nodule is half as wide as the nodule.
    Scars are rods from the pleura inwards. Septa are the faces of polygons 14 mm wide, in the outer 20 mm, the fissure is a
    curved sheet through all of the block.
    """
    random = np.random.default_rng([seed, 1])
    shape = [round(size_mm / mm) for mm in spacing_zyx_mm]
    fine_mm = [mm / SUBSAMPLES for mm in spacing_zyx_mm]
    axes = [((np.arange(count * SUBSAMPLES) + 0.5) * mm).astype(np.float32) for count, mm in zip(shape, fine_mm, strict=True)]
    grid, pleura_mm = Grid(*axes), size_mm - WALL_MM
    tubes = grow_trees(random, size_mm, pleura_mm)
    points, radii = middle_lines(tubes)
    hu = LUNG_HU + (BLOOD_HU - LUNG_HU) * draw_tubes(tubes, grid, max(fine_mm))
    kind = np.zeros(grid.shape, np.uint8)
    diameter = np.zeros(grid.shape, np.float32)
    if "septum" in kinds:
        _add_sheet(hu, kind, "septum", _septa_mm(random, grid, size_mm, pleura_mm), 0.5)
    if "fissure" in kinds:
        _add_sheet(hu, kind, "fissure", _fissure_mm(random, grid, size_mm), 0.35)
    if "scar" in kinds:
        for tube in _scars(random, size_mm, pleura_mm):
            inside = draw_tubes([tube], grid, max(fine_mm))
            np.maximum(hu, LUNG_HU + (NODULE_HU - LUNG_HU) * inside, out=hu)
            kind[inside >= 0.5] = 1 + KINDS.index("scar")
    _add_nodules(random, hu, kind, diameter, grid, (points, radii), pleura_mm, kinds)
    hu[grid.z > pleura_mm] = BLOOD_HU
    kind[grid.z > pleura_mm] = 0
    voxels_hu = scanned(hu, shape, spacing_zyx_mm, blur_mm) + correlated_noise(random, shape, noise_sd_hu)
    middle = (slice(SUBSAMPLES // 2, None, SUBSAMPLES),) * 3
    labels = np.ones(shape, np.uint8)
    labels[grid.z[middle[0]] > pleura_mm] = 0
    # Where a vessel runs into something else, it ends.
    places = tuple(np.minimum((points / fine_mm).astype(int), np.array(grid.shape) - 1).T)
    is_free = (kind[places] == 0) & (points[:, 0] < pleura_mm - 3)
    block = VesselBlock(np.rint(voxels_hu).astype(np.int16), spacing_zyx_mm, points[is_free], radii[is_free])
    return LookalikeBlock(block, labels, kind[middle], diameter[middle])


def _add_sheet(hu: np.ndarray, kind: np.ndarray, name: str, distance_mm: np.ndarray, half_mm: float) -> None:
    is_sheet = np.abs(distance_mm) < half_mm
    kind[is_sheet & (hu < LUNG_HU + 1)] = 1 + KINDS.index(name)
    hu[is_sheet] = np.maximum(hu[is_sheet], NODULE_HU)


def _septa_mm(random: np.random.Generator, grid: Grid, size_mm: float, pleura_mm: float) -> np.ndarray:
    """Distance from the faces between the cells of points about 14 mm apart, in the outer 20 mm; far away elsewhere."""
    count = round((size_mm / 14) ** 2 * 2)
    points = np.stack([random.uniform(pleura_mm - 24, pleura_mm + 4, count), *random.uniform(0, size_mm, (2, count))], axis=1)
    distance = np.full(grid.shape, np.inf, np.float32)
    outer = grid.z > pleura_mm - 20
    places = np.stack(np.meshgrid(grid.z[outer], grid.y, grid.x, indexing="ij"), axis=-1).reshape(-1, 3)
    near, numbers = spatial.cKDTree(points).query(places, k=2, workers=2)
    apart = np.linalg.norm(points[numbers[:, 1]] - points[numbers[:, 0]], axis=1)
    distance[outer] = ((near[:, 1] ** 2 - near[:, 0] ** 2) / (2 * apart)).reshape(distance[outer].shape)
    return distance


def _fissure_mm(random: np.random.Generator, grid: Grid, size_mm: float) -> np.ndarray:
    normal = random.normal(size=3) * (0.4, 1, 1)
    normal /= np.linalg.norm(normal)
    centre = size_mm / 2 + random.uniform(-6, 6, 3)
    z, y, x = (axis - middle for axis, middle in zip(grid.open(), centre, strict=True))
    flat = z * normal[0] + y * normal[1] + x * normal[2]
    return flat + (z * z + y * y + x * x - flat * flat) / np.float32(160)


def _scars(random: np.random.Generator, size_mm: float, pleura_mm: float) -> list[Tube]:
    scars = []
    for _ in range(2):
        y, x = random.uniform(12, size_mm - 12, 2)
        inwards = np.array([-1, *random.uniform(-0.6, 0.6, 2)])
        z, dy, dx = inwards / np.linalg.norm(inwards) * random.uniform(12, 25)
        start, end = (float(x), float(y), pleura_mm), (float(x + dx), float(y + dy), float(pleura_mm + z))
        scars.append(Tube(start, end, float(random.uniform(1.5, 3.0)), float(random.uniform(0.7, 1.0))))
    return scars


def _add_nodules(
    random: np.random.Generator,
    hu: np.ndarray,
    kind: np.ndarray,
    diameter: np.ndarray,
    grid: Grid,
    vessels: tuple[np.ndarray, np.ndarray],
    pleura_mm: float,
    kinds: tuple[str, ...],
) -> None:
    points, radii = vessels
    names = [name for name in ("solid_nodule", "part_solid_nodule") if name in kinds]
    taken: list[tuple[np.ndarray, float]] = []
    for number, (low, high) in enumerate(_DIAMETERS_MM if names else ()):
        radius, name = random.uniform(low, high) / 2, names[(number + random.integers(2)) % len(names)]
        far = (points > radius + 1).all(axis=1) & (points < np.array([pleura_mm, *[grid.y[-1]] * 2]) - radius - 1).all(axis=1)
        on_vessel = points[far & (radii > 0.5) & (radii < min(1.5, radius / 2))]
        for _ in range(200):
            free = random.uniform(radius + 1, np.array([pleura_mm, grid.y[-1], grid.x[-1]]) - radius - 1)
            centre = on_vessel[random.integers(len(on_vessel))] if number % 2 and len(on_vessel) else free
            # Off the thick vessels and other nodules, which no radiologist could part from it.
            near = np.linalg.norm(points - centre, axis=1) < radius + radii
            if not (near & (radii > 0.6 * radius)).any() and all(np.linalg.norm(centre - c) > radius + r + 2 for c, r in taken):
                break
        else:
            continue
        taken.append((centre, radius))
        _add_nodule(random, hu, kind, diameter, grid, centre, radius, name)


def _add_nodule(random, hu, kind, diameter, grid, centre, radius, name) -> None:  # type: ignore[no-untyped-def]
    reach = 1.3 * radius + 1
    box = grid.box(tuple((centre - reach)[::-1]), tuple((centre + reach)[::-1]))
    z, y, x = (axis - middle for axis, middle in zip(grid.within(box).open(), centre, strict=True))
    distance = np.sqrt(z * z + y * y + x * x)
    # Lobes: a few smooth bumps on the sphere.
    bumps = np.zeros(distance.shape, np.float32)
    for direction in random.normal(size=(_SPIKES, 3)):
        direction /= np.linalg.norm(direction)
        cosine = (z * direction[0] + y * direction[1] + x * direction[2]) / np.maximum(distance, 1e-3)
        bumps += np.exp(6 * (cosine - 1)) * random.uniform(-0.12, 0.12)
    distance = distance / (1 + bumps)
    inside, part = distance < radius, hu[box]
    part[inside] = np.where(distance[inside] < radius / 2, NODULE_HU, GLASS_HU) if name == "part_solid_nodule" else NODULE_HU
    kind[box][inside] = 1 + KINDS.index(name)
    diameter[box][inside] = 2 * radius
