"""Vessel trees of phantoms: repeatability of their figures under noise, blur and slice thickness, and against the truth.

``python vessel_graph.py --output FOLDER`` writes ``vessel_graph.csv``: blocks of lung with vessels down to a radius of 0.3 mm. A setting's
figures are those of every seed; repeats have another noise only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from LungSegmentationLib.labels import RIGHT_LUNG
from LungSegmentationLib.trees.measure import vessel_trees
from LungSegmentationLib.trees.summary import vessel_tree_figures
from LungSegmentationLib.vessels.calibre import measure_vessels
from LungSegmentationLib.vessels.detection import find_vessels
from LungSegmentationLib.volume import CtVolume
from table_files import Row, markdown_table, write_csv
from vessel_block import VesselBlock, correlated_noise, make_vessel_block

BLOCK_MM = 56.0
# The first is what the others are compared with.
SETTINGS = (
    ((0.7, 0.7, 0.7), 0.5, 20.0),
    ((0.7, 0.7, 0.7), 0.5, 40.0),
    ((0.7, 0.7, 0.7), 0.8, 20.0),
    ((1.0, 0.7, 0.7), 0.5, 20.0),
    ((2.0, 0.7, 0.7), 0.5, 20.0),
    ((3.0, 0.7, 0.7), 0.5, 20.0),
)
REPEATS = 3
FIGURES = ("branches", "length_m", "below_1_mm", "from_1_to_2_mm", "above_2_mm", "thin_length_percent", "order")
COLUMNS = (
    *("spacing_zyx_mm", "blur_mm", "noise_hu", "seed"),
    *(column for figure in FIGURES for column in (figure, f"{figure}_sd")),
    *("length_over_truth_from_0.5_mm", "radius_error_mm", "radius_error_sd_mm", "off_middle_mm"),
)


def block_row(spacing: tuple[float, float, float], blur_mm: float, noise_hu: float, seed: int) -> Row:
    """Measure one block's trees, several times with other noise."""
    clean = make_vessel_block(seed, BLOCK_MM, spacing, blur_mm, 0.0)
    figures, errors = [], []
    for repeat in range(REPEATS):
        random = np.random.default_rng(1000 * seed + repeat)
        noise = correlated_noise(random, list(clean.voxels_hu.shape), noise_hu)
        volume = CtVolume(np.rint(clean.voxels_hu + noise).astype(np.int16), spacing)
        labels = np.full(volume.voxels_hu.shape, RIGHT_LUNG, np.uint8)
        vessels = find_vessels(volume.voxels_hu, labels, None, spacing)
        lines = vessel_trees(volume, measure_vessels(volume.voxels_hu, labels, vessels, spacing))
        own = vessel_tree_figures(lines, RIGHT_LUNG)
        figures.append([float(getattr(own, figure) or 0) for figure in FIGURES])
        errors.append(_errors(clean, lines.points_lps_mm[:, ::-1], lines.radii_mm, own.length_m))
    means, spreads = np.mean(figures, axis=0), np.std(figures, axis=0, ddof=1)
    numbers = [round(float(number), 3) for pair in zip(means, spreads, strict=True) for number in pair]
    setting = (" x ".join(f"{mm:g}" for mm in spacing), blur_mm, noise_hu, seed)
    return dict(zip(COLUMNS, (*setting, *numbers, *(round(float(error), 3) for error in np.mean(errors, axis=0))), strict=True))


def _errors(block: VesselBlock, points_zyx_mm: np.ndarray, radii_mm: np.ndarray, length_m: float) -> tuple[float, float, float, float]:
    """Length over that of the vessels from 0.5 mm on; error of the radius where it is 0.5 to 2.5 mm, and distance from the middle."""
    from scipy import spatial

    # Voxels' centres lie half a voxel inside the block.
    away_mm, nearest = spatial.cKDTree(block.points_zyx_mm).query(points_zyx_mm + np.asarray(block.spacing_zyx_mm) / 2)
    true_mm = block.radii_mm[nearest]
    judged = (away_mm < 1.5) & (true_mm >= 0.5) & (true_mm <= 2.5)
    error_mm = radii_mm[judged] - true_mm[judged]
    true_m = np.count_nonzero(block.radii_mm >= 0.5) * 0.35 / 1000
    return length_m / true_m, error_mm.mean(), error_mm.std(), float(np.median(away_mm[judged]))


def main() -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for the table")
    parser.add_argument("--seeds", type=int, default=2, help="blocks of each setting, default 2")
    arguments = parser.parse_args()
    rows = [block_row(*setting, seed) for setting in SETTINGS for seed in range(1, arguments.seeds + 1)]
    write_csv(arguments.output / "vessel_graph.csv", COLUMNS, rows)
    print(markdown_table(COLUMNS, rows))


if __name__ == "__main__":
    main()
