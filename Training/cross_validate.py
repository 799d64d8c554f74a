"""Train with some patients left out, segment those, and list the pairs for ``lungsegmentation evaluate-cohort``.

``python -m Training.cross_validate --cases CASES.csv --architecture compact --output DIR --fold lidc0001 tb1_001 --fold ...``
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.pipeline import segment

from .export_onnx import export
from .recipes import RECIPES, Recipe, find_recipe
from .scans import TrainingScan, patient_of, phantom_scan, read_cases
from .train import train

PAIRS = "pairs.csv"
_COLUMNS = ("name", "result", "reference", "ct", "doubt", "probability", "group")


def segment_left_out(row: dict[str, str], folder: Path, card: Path, output: Path) -> dict[str, str]:
    """Segment one scan by a network that never saw it; give its row for the table of pairs (absolute paths)."""
    volume = read_ct(folder / row["ct"])
    result = segment(volume, "network", {"model": str(card)}, probability=True)
    target = output / row["name"]
    target.mkdir(parents=True, exist_ok=True)
    write_nifti(result.labels, volume, target / "labels.nii.gz")
    assert result.probability is not None
    write_nifti(result.probability, volume, target / "probability.nii.gz")
    (target / "uncertainty.txt").write_text(f"{result.uncertainty}\n", encoding="utf-8")
    return {
        "name": row["name"],
        "result": str((target / "labels.nii.gz").resolve()),
        "reference": str((folder / row["reference"]).resolve()),
        "ct": str((folder / row["ct"]).resolve()),
        "doubt": str((folder / row["doubt"]).resolve()) if row.get("doubt") else "",
        "probability": str((target / "probability.nii.gz").resolve()),
        "group": row["group"],
    }


def cross_validate(recipe: Recipe, cases_csv: Path, folds: Sequence[Sequence[str]], output: Path, samples: int, phantoms: int) -> None:
    """Train one network a fold and write the table of pairs of all scans left out."""
    every = read_cases(cases_csv)
    made = [phantom_scan(seed) for seed in range(phantoms)]
    with cases_csv.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pairs: list[dict[str, str]] = []
    for number, names in enumerate(folds):
        patients = {patient_of(name) for name in names}
        scans: list[TrainingScan] = [scan for scan in every if scan.patient not in patients]
        folder = output / f"fold{number}"
        network = train(recipe, scans + made, folder, samples, seed=number)
        card = export(recipe, network, folder, {"left_out": sorted(patients), "slices_seen": samples}, half_precision=True)
        left_out = (row for row in rows if patient_of(row["name"]) in patients)
        pairs += [segment_left_out(row, cases_csv.parent, card, output / "results") for row in left_out]
        with (output / PAIRS).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, _COLUMNS)
            writer.writeheader()
            writer.writerows(pairs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and run all folds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="table with the columns name, ct, reference, doubt, group")
    parser.add_argument("--architecture", choices=[recipe.key for recipe in RECIPES], default="compact")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--fold", nargs="+", action="append", required=True, metavar="NAME", help="scans whose patients are left out together"
    )
    parser.add_argument("--samples", type=int, default=15000, help="slices to see in each fold")
    parser.add_argument("--phantoms", type=int, default=1)
    options = parser.parse_args(arguments)
    cross_validate(find_recipe(options.architecture), options.cases, options.fold, options.output, options.samples, options.phantoms)


if __name__ == "__main__":
    main()
