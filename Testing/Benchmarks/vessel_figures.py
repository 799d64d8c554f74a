"""Vessels of phantoms: which are found, at what precision, what else is taken for one, and volume and calibre against the truth.

``python vessel_figures.py --output FOLDER`` writes ``vessel_trees.csv`` (blocks of lung with vessels down to a radius of 0.3 mm, in
correlated noise), ``vessel_lookalikes.csv`` (blocks with nodules, and with scars, septa and a fissure) and ``vessel_volumes.csv``
(whole chests; true labels of the lungs are given). Where a table has none of a kind, its place is empty.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import ndimage

from LungSegmentationLib.phantom import Structure, make_phantom, vessel_radii_mm
from LungSegmentationLib.vessels.calibre import vessel_volumes_ml
from LungSegmentationLib.vessels.detection import find_vessels
from LungSegmentationLib.vessels.limits import MEDIUM_VESSEL_MM2, SMALL_VESSEL_MM2
from table_files import Row, markdown_table, write_csv
from vessel_block import make_vessel_block
from vessel_lookalikes import KINDS, make_lookalike_block

BLOCK_MM = 56.0
CLASSES_MM = {"from_1_mm": (1.0, 9.0), "0.7_to_1_mm": (0.7, 1.0), "0.4_to_0.7_mm": (0.4, 0.7), "0.3_to_0.4_mm": (0.3, 0.4)}
BLOCKS = [
    (spacing, blur_mm, noise_hu)
    for spacing, blur_mm in (((0.7, 0.7, 0.7), 0.5), ((1.0, 0.7, 0.7), 0.5), ((1.0, 0.7, 0.7), 0.8), ((2.0, 0.8, 0.8), 0.5))
    for noise_hu in (20.0, 40.0)
]
NODULES, OTHERS = KINDS[:2], KINDS[2:]
LOOKALIKES = [
    (spacing, blur_mm, noise_hu, kinds)
    for spacing, blur_mm, noise_hu in (
        ((0.7, 0.7, 0.7), 0.5, 20.0),
        ((1.0, 0.7, 0.7), 0.5, 40.0),
        ((1.0, 0.7, 0.7), 0.8, 20.0),
        ((2.0, 0.8, 0.8), 0.5, 20.0),
    )
    for kinds in (NODULES, OTHERS)
]
DIAMETERS_MM = {"all": (0.0, 99.0), "4_to_6_mm": (4.0, 6.0), "6_to_10_mm": (6.0, 10.0), "from_10_mm": (10.0, 99.0)}
AT_VESSEL_MM = 1.1
NODULE_SHELL_MM = 1.5
THORAX_MM = (300.0, 358.4, 358.4)
COVERAGE = (0.4, 0.6)
CHESTS = [
    ((1.0, 0.7, 0.7), 0.5, 20.0),
    ((1.0, 1.0, 1.0), 0.3, 40.0),
    ((1.0, 1.0, 1.0), 0.8, 20.0),
    ((1.25, 0.8, 0.8), 0.5, 20.0),
    ((2.0, 1.0, 1.0), 0.5, 20.0),
    ((2.0, 1.0, 1.0), 0.8, 20.0),
    ((2.0, 1.4, 1.4), 0.8, 20.0),
    ((3.0, 0.8, 0.8), 0.8, 20.0),
]
SETTING = ("spacing_zyx_mm", "blur_mm", "noise_hu", "seed")
TREE_COLUMNS = (*SETTING, *(f"found_{name}" for name in CLASSES_MM), "precision", "pieces", "largest_piece")
LOOKALIKE_COLUMNS = (
    *SETTING,
    *(f"{kind}_{name}" for kind in NODULES for name in DIAMETERS_MM),
    *OTHERS,
    *(f"found_{name}" for name in list(CLASSES_MM)[:3]),
)
VOLUME_COLUMNS = (
    *SETTING,
    *("total_over_truth", "bv5_percent", "bv5_true_percent", "bv10_percent", "bv10_true_percent"),
    *("airway_wall_percent", "wall_off_vessels_percent", "nodule_percent"),
)


def tree_row(spacing: tuple[float, float, float], blur_mm: float, noise_hu: float, seed: int) -> Row:
    """Score the middle lines of one block."""
    block = make_vessel_block(seed, BLOCK_MM, spacing, blur_mm, noise_hu)
    vessels = find_vessels(block.voxels_hu, np.ones(block.voxels_hu.shape, np.uint8), None, spacing)
    shares = [round(block.found(vessels, limits), 3) for limits in CLASSES_MM.values()]
    sizes = np.bincount(ndimage.label(vessels, np.ones((3, 3, 3)))[0].reshape(-1))[1:]
    shares += [round(block.precision(vessels), 3), sizes.size, round(float(sizes.max() / sizes.sum()), 3)]
    return dict(zip(TREE_COLUMNS, (_written(spacing), blur_mm, noise_hu, seed, *shares), strict=True))


def lookalike_row(spacing: tuple[float, float, float], blur_mm: float, noise_hu: float, kinds: tuple[str, ...], seed: int) -> Row:
    """Say which share of the voxels of nodules, scars and sheets is called vessel, and which share of the vessels is found."""
    block = make_lookalike_block(seed, BLOCK_MM, spacing, blur_mm, noise_hu, kinds)
    vessels = find_vessels(block.vessels.voxels_hu, block.labels, None, spacing)
    shares = [block.called_vessel(vessels, kind, limits) for kind in NODULES for limits in DIAMETERS_MM.values()]
    shares += [block.called_vessel(vessels, kind) for kind in OTHERS]
    shares += [block.vessels.found(vessels, limits) for limits in list(CLASSES_MM.values())[:3]]
    figures = ["" if np.isnan(share) else round(share, 3) for share in shares]
    return dict(zip(LOOKALIKE_COLUMNS, (_written(spacing), blur_mm, noise_hu, seed, *figures), strict=True))


def volume_row(spacing: tuple[float, float, float], blur_mm: float, noise_hu: float, seed: int) -> Row:
    """Compare volume and calibre of a phantom's vessels with the truth."""
    shape = tuple(round(extent / mm) for extent, mm in zip(THORAX_MM, spacing, strict=True))
    body = {"seed": seed, "shape_zyx": shape, "spacing_zyx_mm": spacing, "coverage": COVERAGE}
    phantom = make_phantom(**body, blur_mm=blur_mm, noise_sd_hu=noise_hu)
    hu, labels = phantom.volume.voxels_hu, phantom.labels
    vessels = find_vessels(hu, labels, None, spacing)
    sides = vessel_volumes_ml(hu, labels, vessels, spacing).values()
    total_ml = sum(side.total_ml for side in sides)
    truth = np.isin(phantom.structures, (Structure.VESSEL_RIGHT, Structure.VESSEL_LEFT))
    walls = np.isin(phantom.structures, (Structure.SMALL_AIRWAY_WALL_RIGHT, Structure.SMALL_AIRWAY_WALL_LEFT))
    nodules = _nodules_beside_vessels(np.isin(phantom.structures, (Structure.NODULE_RIGHT, Structure.NODULE_LEFT)), truth, spacing)
    off_vessels = walls & (ndimage.distance_transform_edt(~truth, spacing) > AT_VESSEL_MM)
    areas_mm2 = np.pi * vessel_radii_mm(**body)[truth] ** 2
    figures = (
        round(total_ml / (areas_mm2.size * phantom.volume.voxel_volume_ml), 3),
        *_percents(sum(side.below_5_mm2_ml for side in sides) / total_ml, (areas_mm2 < SMALL_VESSEL_MM2).mean()),
        *_percents(sum(side.above_10_mm2_ml for side in sides) / total_ml, (areas_mm2 > MEDIUM_VESSEL_MM2).mean()),
        *_percents(*((vessels[part] > 0).mean() for part in (walls, off_vessels, nodules))),
    )
    return dict(zip(VOLUME_COLUMNS, (_written(spacing), blur_mm, noise_hu, seed, *figures), strict=True))


def _nodules_beside_vessels(nodules: np.ndarray, vessels: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Leave out nodules that the phantom draws inside a vessel, where nothing shows them: those whose shell is mostly vessel."""
    labels, count = ndimage.label(nodules)
    distances_mm, nearest = ndimage.distance_transform_edt(~nodules, spacing, return_indices=True)
    shell = (distances_mm > 0) & (distances_mm <= NODULE_SHELL_MM)
    owners = labels[tuple(index[shell] for index in nearest)]
    vessel_shares = np.bincount(owners, vessels[shell], count + 1) / np.maximum(np.bincount(owners, minlength=count + 1), 1)
    return nodules & (vessel_shares < 0.5)[labels]


def _percents(*shares: float) -> tuple[float, ...]:
    return tuple(round(100 * float(share), 1) for share in shares)


def _written(spacing: tuple[float, float, float]) -> str:
    return " x ".join(f"{mm:g}" for mm in spacing)


def main() -> None:
    """Score, print, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--seeds", type=int, default=2, help="blocks and phantoms of each setting, default 2")
    arguments = parser.parse_args()
    for name, columns, make_row, settings in (
        ("vessel_trees", TREE_COLUMNS, tree_row, BLOCKS),
        ("vessel_lookalikes", LOOKALIKE_COLUMNS, lookalike_row, LOOKALIKES),
        ("vessel_volumes", VOLUME_COLUMNS, volume_row, CHESTS),
    ):
        rows = [make_row(*setting, seed) for setting in settings for seed in range(arguments.seeds)]
        print(markdown_table(columns, rows))
        write_csv(arguments.output / f"{name}.csv", columns, rows)


if __name__ == "__main__":
    main()
