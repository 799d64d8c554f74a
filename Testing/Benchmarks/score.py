"""Score the command on real scans with reference masks.

    python score.py CASES.csv --output FOLDER [--method KEY ...]

CASES.csv has the columns name, ct, reference, doubt, group; paths are relative to its folder. For each
method a table ``FOLDER/KEY.csv`` is written. Voxels of a doubt mask are left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from comparison import LUNGS, lung_overlaps, overlap
from LungSegmentationLib.evaluation.gross_errors import gross_errors
from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.registry import METHODS
from measured_run import run_measured
from scans import Case, read_cases
from table_files import write_csv

NOT_ENGINE = ("Reading", "Writing")
COLUMNS = (
    "name",
    "group",
    *(f"dice_{lung}" for lung in LUNGS),
    *(f"jaccard_{lung}" for lung in LUNGS),
    "dice_airways",
    "airways_in_lungs_ml",
    "swapped_sides_ml",
    "gross_added_ml",
    "gross_missed_ml",
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
    cases = read_cases(arguments.cases)
    for method in arguments.method or [method.key for method in METHODS]:
        rows = []
        for case in cases:
            rows.append(score_case(case, method))
            print(method, *(f"{name}={rows[-1][name]}" for name in COLUMNS if rows[-1][name] != ""), flush=True)
        print_means(method, rows)
        write_csv(arguments.output / f"{method}.csv", COLUMNS, rows)


def score_case(case: Case, method: str) -> dict[str, object]:
    """Run the command on one case and compare its labels with the reference."""
    with tempfile.TemporaryDirectory() as temporary:
        output = Path(temporary) / "result"
        command = [sys.executable, "-m", "LungSegmentationLib", "segment", str(case.ct)]
        run = run_measured([*command, "--output", str(output), "--method", method, "--no-vessels", "--no-report", "--quiet"])
        labels_image = sitk.ReadImage(str(output / "labels.nii.gz"))
        summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    labels = sitk.GetArrayFromImage(labels_image)
    reference, certain = case.read_reference()
    voxel_ml = float(np.prod(labels_image.GetSpacing())) / 1000.0
    gross = gross_errors(labels, reference, labels_image.GetSpacing()[::-1], ~certain)
    labels, reference = labels[certain], reference[certain]
    row: dict[str, object] = {"name": case.name, "group": case.group, **lung_overlaps(labels, reference)}
    airways, lungs = reference == AIRWAYS, np.isin(labels, LUNGS["both"])
    row["dice_airways"] = round(overlap(labels == AIRWAYS, airways)[0], 4)
    row["airways_in_lungs_ml"] = round(np.count_nonzero(airways & lungs) * voxel_ml, 1)
    swapped = ((labels == RIGHT_LUNG) & (reference == LEFT_LUNG)) | ((labels == LEFT_LUNG) & (reference == RIGHT_LUNG))
    row["swapped_sides_ml"] = round(np.count_nonzero(swapped) * voxel_ml, 1)
    row["gross_added_ml"], row["gross_missed_ml"] = round(gross.added_ml, 1), round(gross.missed_ml, 1)
    row["engine_s"] = round(engine_seconds(summary), 2)
    row["command_s"] = round(run.seconds, 2)
    row["peak_memory_mb"] = round(run.peak_memory_mb)
    row["warnings"] = " | ".join(summary["warnings"])
    return row


def engine_seconds(summary: dict) -> float:
    """Seconds of the engine's own steps, reading and writing apart."""
    return sum(seconds for step, seconds in summary["timings_s"].items() if step not in NOT_ENGINE)


def print_means(method: str, rows: list[dict[str, object]]) -> None:
    """Print the mean Dice of both lungs for each group."""
    for group in sorted({str(row["group"]) for row in rows}):
        values = [float(str(row["dice_both"])) for row in rows if row["group"] == group]
        print(f"{method}: {group}: mean Dice of both lungs {np.mean(values):.4f}, lowest {min(values):.4f} ({len(values)} scans)")


if __name__ == "__main__":
    main()
