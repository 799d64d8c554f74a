"""A block of lung with two vessel trees down to a radius of 0.3 mm, as a scanner shows it, and how much of them was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, spatial

from LungSegmentationLib.phantom.branching import grow_tree
from LungSegmentationLib.phantom.grid import Grid, Tube, is_empty

LUNG_HU, BLOOD_HU = -860.0, 40.0
THINNEST_MM, ROOT_MM = 0.3, 3.0
SUBSAMPLES = 3
# Where the vessels of the block's rim would continue, nothing is judged.
_RIM_MM = 4.0


@dataclass(frozen=True)
class VesselBlock:
    """A block of lung: int16 HU (z, y, x), and points on the middle lines of its vessels (mm, zyx) with the radius there."""

    voxels_hu: np.ndarray
    spacing_zyx_mm: tuple[float, float, float]
    points_zyx_mm: np.ndarray
    radii_mm: np.ndarray

    def found(self, vessels: np.ndarray, radii_mm: tuple[float, float]) -> float:
        """Give the share of the middle lines, between two radii, that have a vessel's voxel within a voxel's length."""
        longest_mm = max(self.spacing_zyx_mm)
        nearest_mm = ndimage.distance_transform_edt(vessels == 0, self.spacing_zyx_mm)
        places = (self.points_zyx_mm / self.spacing_zyx_mm).astype(int)
        asked = self._is_inside(self.points_zyx_mm) & (self.radii_mm >= radii_mm[0]) & (self.radii_mm < radii_mm[1])
        return float(np.mean(nearest_mm[tuple(places[asked].T)] <= 1.01 * longest_mm))

    def precision(self, vessels: np.ndarray) -> float:
        """Give the share of the vessels' voxels that lie in a vessel or within a voxel's length of it."""
        places_mm = (np.argwhere(vessels) + 0.5) * self.spacing_zyx_mm
        places_mm = places_mm[self._is_inside(places_mm)]
        far_mm, numbers = spatial.cKDTree(self.points_zyx_mm).query(places_mm, k=8)
        return float(np.mean((far_mm <= self.radii_mm[numbers] + max(self.spacing_zyx_mm)).any(axis=1)))

    def _is_inside(self, places_zyx_mm: np.ndarray) -> np.ndarray:
        size_mm = np.array(self.voxels_hu.shape) * self.spacing_zyx_mm
        return ((places_zyx_mm > _RIM_MM) & (places_zyx_mm < size_mm - _RIM_MM)).all(axis=1)


def make_vessel_block(
    seed: int, size_mm: float, spacing_zyx_mm: tuple[float, float, float], blur_mm: float, noise_sd_hu: float
) -> VesselBlock:
    """Make a cube of lung that an artery and a vein fill."""
    random = np.random.default_rng(seed)
    shape = [round(size_mm / mm) for mm in spacing_zyx_mm]
    fine_mm = [mm / SUBSAMPLES for mm in spacing_zyx_mm]
    axes = [((np.arange(count * SUBSAMPLES) + 0.5) * mm).astype(np.float32) for count, mm in zip(shape, fine_mm, strict=True)]
    tubes = grow_trees(random, size_mm, size_mm)
    share = scanned(draw_tubes(tubes, Grid(*axes), max(fine_mm)), shape, spacing_zyx_mm, blur_mm)
    hu = LUNG_HU + share * (BLOOD_HU - LUNG_HU) + correlated_noise(random, shape, noise_sd_hu)
    points, radii = middle_lines(tubes)
    return VesselBlock(np.rint(hu).astype(np.int16), spacing_zyx_mm, points, radii)


def scanned(fine: np.ndarray, shape: list[int], spacing_zyx_mm: tuple[float, float, float], blur_mm: float) -> np.ndarray:
    """Blur what is drawn in parts of voxels, and average each voxel."""
    for axis, (count, mm) in enumerate(zip(shape, spacing_zyx_mm, strict=True)):
        fine = ndimage.gaussian_filter1d(fine, blur_mm * SUBSAMPLES / mm, axis, mode="nearest", truncate=3)
        fine = fine.reshape(*fine.shape[:axis], count, SUBSAMPLES, *fine.shape[axis + 1 :]).mean(axis + 1)
    return fine


def correlated_noise(random: np.random.Generator, shape: list[int], sd_hu: float, lag_1: float = 0.77) -> np.ndarray:
    """Make noise as reconstruction kernels leave it: neighbours in the slice are alike, those across slices less."""
    sigma = (-1 / (4 * np.log(lag_1))) ** 0.5
    noise = ndimage.gaussian_filter(random.standard_normal(shape), (0.6 * sigma, sigma, sigma), mode="wrap")
    return noise * (sd_hu / noise.std())


def grow_trees(random: np.random.Generator, size_mm: float, height_mm: float) -> list[Tube]:
    """Grow an artery and a vein that fill a block."""
    territory = random.uniform(3, (size_mm - 3, size_mm - 3, height_mm - 3), (20000, 3))
    is_arterial = random.random(len(territory)) < 0.5
    roots = (size_mm / 2 - 8, size_mm / 2, 2.0), (size_mm / 2 + 8, size_mm / 2 - 6, 2.0)
    smallest_share = (THINNEST_MM / ROOT_MM) ** 3
    trees = [grow_tree(root, territory[part], smallest_share) for root, part in zip(roots, (is_arterial, ~is_arterial), strict=True)]
    return [tube for tree in trees for tube in tree.tubes(ROOT_MM, THINNEST_MM)]


def draw_tubes(tubes: list[Tube], grid: Grid, voxel_mm: float) -> np.ndarray:
    """Give the share of each voxel that lies in a tube."""
    share = np.zeros(grid.shape, np.float32)
    for tube in tubes:
        box, distance = tube.distance(grid, voxel_mm)
        if not is_empty(box):
            np.maximum(share[box], np.clip(0.5 - distance / voxel_mm, 0, 1), out=share[box])
    return share


def middle_lines(tubes: list[Tube]) -> tuple[np.ndarray, np.ndarray]:
    """Give points on the tubes' middle lines (mm, zyx), and the radius at each."""
    points, radii = [], []
    for tube in tubes:
        start, end = np.array(tube.start), np.array(tube.end)
        along = np.linspace(0, 1, max(2, int(np.linalg.norm(end - start) / 0.35)))
        points.append((start + along[:, None] * (end - start))[:, ::-1])
        radii.append(tube.start_radius + along * (tube.end_radius - tube.start_radius))
    return np.concatenate(points), np.concatenate(radii)
