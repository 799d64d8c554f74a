"""Airway walls of phantoms against the truth: thickness, wall area and Pi10 by voxel size and blur.

``python airway_walls.py --output FOLDER`` writes ``airway_walls.csv``: straight bronchi in even lung, each with an artery as wide beside
its wall, in four directions; the wall's tissue measures 0 to 50 HU.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import ndimage

from LungSegmentationLib.phantom.grid import Grid, Tube
from LungSegmentationLib.trees.lines import finished, rough_forest
from LungSegmentationLib.trees.slabs import cut_into_slabs, without_spurs
from LungSegmentationLib.trees.voxel_graph import VoxelGraph
from LungSegmentationLib.trees.walls import Wall, airway_walls, pi10_mm
from table_files import Row, markdown_table, write_csv
from vessel_block import correlated_noise

LUNG_HU, BLOOD_HU, AIR_HU, WALL_HU = -860.0, 40.0, -1000.0, (0.0, 50.0)
LENGTH_MM, SUBSAMPLES, DIRECTIONS = 16.0, 3, 4
# Inner radius and wall of a segmental bronchus and its branches (Weibel's generations 3 to 7).
BRONCHI_MM = ((1.2, 0.7), (1.6, 0.8), (2.0, 0.9), (2.5, 1.0), (3.0, 1.2), (4.0, 1.5))
SETTINGS = (
    ((0.6, 0.6, 0.6), 0.4),
    ((0.7, 0.7, 0.7), 0.5),
    ((1.0, 0.7, 0.7), 0.5),
    ((1.0, 0.7, 0.7), 0.8),
    ((1.25, 0.8, 0.8), 0.5),
    ((2.0, 0.8, 0.8), 0.5),
    ((2.5, 0.8, 0.8), 0.5),
)
NOISE_HU = 20.0
COLUMNS = (
    *("spacing_zyx_mm", "blur_mm", "radius_mm", "wall_mm", "measured", "radius_error_mm", "wall_error_mm", "half_height_error_mm"),
    *("wall_area_over_truth", "pi10_mm", "pi10_true_mm"),
)


def measured_wall(
    random: np.random.Generator, radius_mm: float, wall_mm: float, spacing: tuple[float, float, float], blur_mm: float
) -> Wall | None:
    """Draw one bronchus in a random direction, and measure its wall."""
    direction = random.standard_normal(3)
    direction /= np.linalg.norm(direction)
    half = np.abs(direction) * LENGTH_MM / 2 + 3 * radius_mm + wall_mm + 6.0
    shape = [2 * int(np.ceil(mm / step)) for mm, step in zip(half[::-1], spacing, strict=True)]
    middle = random.uniform(-0.5, 0.5, 3) * spacing[::-1]
    ends = [tuple(middle + sign * direction * LENGTH_MM) for sign in (-1, 1)]
    axes = [
        ((np.arange(count * SUBSAMPLES) + 0.5) / SUBSAMPLES * mm - count * mm / 2).astype(np.float32)
        for count, mm in zip(shape, spacing, strict=True)
    ]
    _, distance, _ = Tube(ends[0], ends[1], 0.0, 0.0).around_axis(Grid(*axes), 1e3)
    beside = np.cross(direction, random.standard_normal(3))
    beside *= (2 * radius_mm + wall_mm) / np.linalg.norm(beside)
    _, from_artery, _ = Tube(*(tuple(end + beside) for end in ends), 0.0, 0.0).around_axis(Grid(*axes), 1e3)
    fine_mm, wall_hu = max(spacing) / SUBSAMPLES, random.uniform(*WALL_HU)
    lumen, outer = (np.clip(0.5 - (distance - mm) / fine_mm, 0, 1) for mm in (radius_mm, radius_mm + wall_mm))
    artery = np.clip(0.5 - (from_artery - radius_mm) / fine_mm, 0, 1) * (1 - outer)
    hu = LUNG_HU + (wall_hu - LUNG_HU) * outer + (AIR_HU - wall_hu) * lumen + (BLOOD_HU - LUNG_HU) * artery
    for axis, (count, mm) in enumerate(zip(shape, spacing, strict=True)):
        hu = ndimage.gaussian_filter1d(hu, blur_mm * SUBSAMPLES / mm, axis, mode="nearest", truncate=3)
        hu = hu.reshape(*hu.shape[:axis], count, SUBSAMPLES, *hu.shape[axis + 1 :]).mean(axis + 1)
    hu += correlated_noise(random, shape, NOISE_HU)
    inside = distance.reshape(shape[0], SUBSAMPLES, shape[1], SUBSAMPLES, shape[2], SUBSAMPLES).mean((1, 3, 5)) < radius_mm
    graph = VoxelGraph(inside, spacing)
    along = graph.indices_zyx * np.asarray(spacing) @ direction[::-1]
    slabs = cut_into_slabs(graph, np.flatnonzero(along < along.min() + max(spacing)), spacing)
    radii = np.sqrt(slabs.counted_areas_mm2(spacing) / np.pi)
    rough, _ = rough_forest(slabs, without_spurs(slabs, radii), radii)
    walls = airway_walls(np.rint(hu).astype(np.int16), finished(rough, slabs.thickness_mm), spacing)
    return walls[0] if walls else None


def setting_rows(spacing: tuple[float, float, float], blur_mm: float, seed: int) -> list[Row]:
    """Compare the walls of all sizes at one voxel size and blur with the truth."""
    random = np.random.default_rng(seed)
    rows, all_walls = [], []
    for radius_mm, wall_mm in BRONCHI_MM:
        walls = [measured_wall(random, radius_mm, wall_mm, spacing, blur_mm) for _ in range(DIRECTIONS)]
        known = [wall for wall in walls if wall is not None]
        all_walls += known
        true = Wall(np.pi * radius_mm**2, wall_mm, wall_mm)
        errors: tuple[float | None, ...] = (None,) * 4
        if known:
            errors = (
                round(float(np.mean([np.sqrt(wall.lumen_mm2 / np.pi) for wall in known])) - radius_mm, 2),
                round(float(np.mean([wall.thickness_mm for wall in known])) - wall_mm, 2),
                round(float(np.mean([wall.half_height_mm for wall in known])) - wall_mm, 2),
                round(float(np.mean([wall.wall_mm2 for wall in known])) / true.wall_mm2, 2),
            )
        setting = (" x ".join(f"{mm:g}" for mm in spacing), blur_mm, radius_mm, wall_mm)
        rows.append(dict(zip(COLUMNS, (*setting, len(known), *errors, None, None), strict=True)))
    pi10, _ = pi10_mm(all_walls)
    true_pi10, _ = pi10_mm([Wall(np.pi * radius**2, wall, wall) for radius, wall in BRONCHI_MM])
    rows[-1] |= {"pi10_mm": None if pi10 is None else round(pi10, 2), "pi10_true_mm": None if true_pi10 is None else round(true_pi10, 2)}
    return rows


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for the table")
    arguments = parser.parse_args()
    rows = [row for spacing, blur_mm in SETTINGS for row in setting_rows(spacing, blur_mm, seed=1)]
    write_csv(arguments.output / "airway_walls.csv", COLUMNS, rows)
    print(markdown_table(COLUMNS, rows))


if __name__ == "__main__":
    main()
