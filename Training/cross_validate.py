"""Train with some patients left out, segment those, and list the pairs for ``lungsegmentation evaluate-cohort``.

``python -m Training.cross_validate --cases CASES.csv --architecture compact --output DIR --fold lidc0001 tb1_001 --fold ...``
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.network.model_card import read_card
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


def cross_validate(
    recipe: Recipe,
    cases_csv: Path,
    folds: Sequence[Sequence[str]],
    output: Path,
    samples: int,
    phantoms: int,
    seed: int = 0,
    start: Path | None = None,
) -> None:
    """Train one network a fold and write the table of pairs of all scans left out.

    Parameters
    ----------
    recipe : Recipe
    cases_csv : pathlib.Path
        Table with the columns name, ct, reference, doubt, group.
    folds : sequence of sequence of str
        Scans whose patients are left out together.
    output : pathlib.Path
        Folder; each fold's network is written to ``fold0``, ``fold1``, ...
    samples : int
        Slices to see in each fold.
    phantoms : int
        Phantoms to train on too.
    seed : int
        Of the first fold; each further one takes the next.
    start : pathlib.Path, optional
        Output of an earlier cross-validation, whose networks are trained on.

    Raises
    ------
    ValueError
        If a network to start from has seen a patient of its fold.
    """
    every = read_cases(cases_csv)
    made = [phantom_scan(seed) for seed in range(phantoms)]
    with cases_csv.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pairs: list[dict[str, str]] = []
    for number, names in enumerate(folds):
        patients = {patient_of(name) for name in names}
        first, seen = _earlier_network(start / f"fold{number}" / f"{recipe.key}.json", patients) if start else (None, 0)
        scans: list[TrainingScan] = [scan for scan in every if scan.patient not in patients]
        folder = output / f"fold{number}"
        network = train(recipe, scans + made, folder, samples, seed=seed + number, start=first)
        card = export(recipe, network, folder, {"left_out": sorted(patients), "slices_seen": seen + samples}, half_precision=True)
        left_out = (row for row in rows if patient_of(row["name"]) in patients)
        pairs += [segment_left_out(row, cases_csv.parent, card, output / "results") for row in left_out]
        with (output / PAIRS).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, _COLUMNS)
            writer.writeheader()
            writer.writerows(pairs)


def _earlier_network(card_path: Path, patients: set[str]) -> tuple[Path, int]:
    """Give a network's file and the slices that it has seen, if none of them is of these patients."""
    card = read_card(card_path)
    seen = sorted(patients - set(card.training["left_out"]))
    if seen:
        raise ValueError(f"{card_path} was trained on {', '.join(seen)}; start from networks with the same patients left out")
    return card_path.with_suffix(".onnx"), card.training["slices_seen"]


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
    parser.add_argument("--seed", type=int, default=0, help="of the first fold; each further one takes the next")
    parser.add_argument("--start", type=Path, metavar="DIR", help="output of an earlier cross-validation, whose networks are trained on")
    options = parser.parse_args(arguments)
    cross_validate(
        find_recipe(options.architecture),
        options.cases,
        options.fold,
        options.output,
        options.samples,
        options.phantoms,
        options.seed,
        options.start,
    )


if __name__ == "__main__":
    main()
