"""Score the command on real scans with reference masks.

    python score.py CASES.csv --output FOLDER [--method KEY ...]

CASES.csv has the columns name, ct, reference, doubt, group; paths are relative to its folder. For each
method a table ``FOLDER/KEY.csv`` is written. Voxels of a doubt mask are left out.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.registry import METHODS
from measured_run import run_measured

NOT_ENGINE = ("Reading", "Writing")
OVERLAPS = ("right", "left", "both")
COLUMNS = (
    "name",
    "group",
    *(f"dice_{region}" for region in OVERLAPS),
    *(f"jaccard_{region}" for region in OVERLAPS),
    "dice_airways",
    "airways_in_lungs_ml",
    "swapped_sides_ml",
    "engine_s",
    "command_s",
    "peak_memory_mb",
    "warnings",
)


def main() -> None:
    """Score every method on every case and write the tables."""
    parser = argparse.ArgumentParser(description="Score the command on scans with reference masks.")
    parser.add_argument("cases", type=Path, help="CSV with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True, help="folder for one table a method")
    parser.add_argument("--method", action="append", choices=[method.key for method in METHODS], help="only this method (may be repeated)")
    arguments = parser.parse_args()
    with arguments.cases.open(newline="") as file:
        cases = list(csv.DictReader(file))
    for method in arguments.method or [method.key for method in METHODS]:
        rows = []
        for case in cases:
            rows.append(score_case(case, arguments.cases.parent, method))
            print(method, *(f"{name}={rows[-1][name]}" for name in COLUMNS if rows[-1][name] != ""), flush=True)
        print_means(method, rows)
        arguments.output.mkdir(parents=True, exist_ok=True)
        with (arguments.output / f"{method}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def score_case(case: dict[str, str], folder: Path, method: str) -> dict[str, object]:
    """Run the command on one case and compare its labels with the reference."""
    with tempfile.TemporaryDirectory() as temporary:
        output = Path(temporary) / "result"
        command = [sys.executable, "-m", "LungSegmentationLib", "segment", str(folder / case["ct"])]
        run = run_measured([*command, "--output", str(output), "--method", method, "--quiet"])
        labels_image = sitk.ReadImage(str(output / "labels.nii.gz"))
        summary = json.loads((output / "summary.json").read_text())
    labels = sitk.GetArrayFromImage(labels_image)
    reference = read_mask(folder / case["reference"])
    certain = read_mask(folder / case["doubt"]) == 0 if case["doubt"] else np.ones(labels.shape, bool)
    voxel_ml = float(np.prod(labels_image.GetSpacing())) / 1000.0
    labels, reference = labels[certain], reference[certain]
    row: dict[str, object] = {"name": case["name"], "group": case["group"]}
    for region, numbers in zip(OVERLAPS, ((RIGHT_LUNG,), (LEFT_LUNG,), (RIGHT_LUNG, LEFT_LUNG)), strict=True):
        ours, theirs = np.isin(labels, numbers), np.isin(reference, numbers)
        common, either = np.count_nonzero(ours & theirs), np.count_nonzero(ours | theirs)
        row[f"dice_{region}"] = round(2 * common / max(1, common + either), 4)
        row[f"jaccard_{region}"] = round(common / max(1, either), 4)
    airways, lungs = reference == AIRWAYS, np.isin(labels, (RIGHT_LUNG, LEFT_LUNG))
    found = labels == AIRWAYS
    row["dice_airways"] = round(2 * np.count_nonzero(airways & found) / max(1, np.count_nonzero(airways) + np.count_nonzero(found)), 4)
    row["airways_in_lungs_ml"] = round(np.count_nonzero(airways & lungs) * voxel_ml, 1)
    swapped = ((labels == RIGHT_LUNG) & (reference == LEFT_LUNG)) | ((labels == LEFT_LUNG) & (reference == RIGHT_LUNG))
    row["swapped_sides_ml"] = round(np.count_nonzero(swapped) * voxel_ml, 1)
    row["engine_s"] = round(engine_seconds(summary), 2)
    row["command_s"] = round(run.seconds, 2)
    row["peak_memory_mb"] = round(run.peak_memory_mb)
    row["warnings"] = " | ".join(summary["warnings"])
    return row


def engine_seconds(summary: dict) -> float:
    """Seconds of the engine's own steps, reading and writing apart."""
    return sum(seconds for step, seconds in summary["timings_s"].items() if step not in NOT_ENGINE)


def read_mask(path: Path) -> np.ndarray:
    """Read a label map as an array (z, y, x)."""
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def print_means(method: str, rows: list[dict[str, object]]) -> None:
    """Print the mean Dice of both lungs for each group."""
    for group in sorted({str(row["group"]) for row in rows}):
        values = [float(str(row["dice_both"])) for row in rows if row["group"] == group]
        print(f"{method}: {group}: mean Dice of both lungs {np.mean(values):.4f}, lowest {min(values):.4f} ({len(values)} scans)")


if __name__ == "__main__":
    main()
