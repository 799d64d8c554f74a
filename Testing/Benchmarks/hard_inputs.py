"""Score methods on scans made harder on purpose: one change at a time, the reference changed with it.

    python hard_inputs.py CASES.csv --output FOLDER [--method KEY ...] [--scan NAME ...] [--change NAME ...] [--networks FOLDER]
                          [--montages FOLDER]

Writes ``hard_inputs.csv`` (scan x change x method) and ``hard_inputs.md`` (change x method).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from comparison import largest_piece_ml, lung_overlaps
from hard_changes import CHANGES
from hard_scan import HardScan
from left_out_networks import LeftOutNetworks, parameters_for
from LungSegmentationLib.errors import LungSegmentationError
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.labels import AIRWAYS, BACKGROUND, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.volume import to_canonical
from montage import montage
from scans import Case, read_cases
from table_files import Row, markdown_table, write_csv

COLUMNS = (
    *("name", "change", "method", "dice_both", "dice_right", "dice_left", "swapped_ml", "largest_wrongly_in_ml"),
    *("largest_wrongly_out_ml", "airways_share", "warnings", "error"),
)
MEAN_COLUMNS = (
    *("change", "method", "scans", "dice_both", "lowest_dice_both", "worst_scan", "lowest_dice_of_a_lung", "swapped_ml"),
    *("largest_wrongly_in_ml", "largest_wrongly_out_ml", "failures"),
)
NOTES = """
Real scans, each changed in one way (`Testing/Benchmarks/hard_changes.py`), against their references changed alike;
made by `hard_inputs.py`. Lowest and largest are over the scans; a failure is a scan without a result or with a Dice
coefficient below 0.9.
"""
SEEN = "The network was trained on these scans, as they were before the changes."
LEFT_OUT = "Each scan was segmented by a network that never saw its patient."
FAILED_BELOW = 0.9


def main() -> None:
    """Change, segment and score each scan."""
    parser = argparse.ArgumentParser(description="Score methods on scans made harder on purpose.")
    parser.add_argument("cases", type=Path, help="CSV with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--method", action="append", choices=[method.key for method in METHODS], help="only this method (may be repeated)")
    parser.add_argument("--scan", action="append", default=[], help="only this scan (may be repeated)")
    parser.add_argument("--change", action="append", choices=list(CHANGES), help="only this change (may be repeated)")
    parser.add_argument("--networks", type=Path, help="folder of networks trained without some patients; each scan gets one")
    parser.add_argument("--montages", type=Path, help="folder for pictures of the worst results (patients: never commit them)")
    arguments = parser.parse_args()
    networks = LeftOutNetworks(arguments.networks) if arguments.networks else None
    methods = arguments.method or [method.key for method in METHODS]
    rows: list[Row] = []
    for case in read_cases(arguments.cases, arguments.scan):
        scan = _read(case)
        for name in arguments.change or CHANGES:
            hard = CHANGES[name](scan, np.random.default_rng(0))
            for key in methods:
                row, labels = _scored(case.name, name, key, hard, networks)
                rows.append(row)
                print(*(f"{column}={row[column]}" for column in COLUMNS if row[column] not in ("", None)), flush=True)
                if arguments.montages and float(str(row["dice_both"])) < _worth_a_look(scan, hard):
                    _draw(hard, labels, arguments.montages, f"{case.name}_{name}_{key}")
    means = [_mean_row(name, key, rows) for name in arguments.change or CHANGES for key in methods]
    table = markdown_table(MEAN_COLUMNS, means)
    print(f"\n{table}")
    write_csv(arguments.output / "hard_inputs.csv", COLUMNS, rows)
    names = ", ".join(dict.fromkeys(str(row["name"]) for row in rows))
    (arguments.output / "hard_inputs.md").write_text(
        f"# Hard inputs\n{NOTES}{LEFT_OUT if networks else SEEN}\n\nScans: {names}.\n\n{table}", encoding="utf-8"
    )


def _read(case: Case) -> HardScan:
    reference, certain = case.read_reference()
    canonical, order = to_canonical(read_ct(case.ct))
    return HardScan(canonical, order.apply(reference), order.apply(certain))


def _scored(name: str, change: str, key: str, hard: HardScan, networks: LeftOutNetworks | None) -> tuple[Row, np.ndarray]:
    labels, warnings, error = np.zeros(hard.reference.shape, np.uint8), 0, ""
    try:
        result = segment(hard.volume, key, parameters_for(name, key, networks))
        labels, warnings = result.labels, len(result.warnings)
    except LungSegmentationError as failure:
        error = str(failure)
    ours, theirs = (np.where(hard.certain, array, BACKGROUND) for array in (labels, hard.reference))
    overlaps = lung_overlaps(ours, theirs)
    voxel_ml = hard.volume.voxel_volume_ml
    lungs, expected = np.isin(ours, (RIGHT_LUNG, LEFT_LUNG)), np.isin(theirs, (RIGHT_LUNG, LEFT_LUNG))
    swapped = np.count_nonzero(lungs & expected & (ours != theirs)) * voxel_ml
    airways_share = np.count_nonzero(ours == AIRWAYS) / max(1, np.count_nonzero(theirs == AIRWAYS))
    pieces = (largest_piece_ml(wrong, voxel_ml) for wrong in (lungs & (theirs == BACKGROUND), expected & (ours == BACKGROUND)))
    figures = (round(swapped, 1), *(round(piece, 1) for piece in pieces), round(airways_share, 2), warnings, error)
    dices = (overlaps[f"dice_{lung}"] for lung in ("both", "right", "left"))
    return dict(zip(COLUMNS, (name, change, key, *dices, *figures), strict=True)), labels


def _worth_a_look(scan: HardScan, hard: HardScan) -> float:
    return 1.1 if scan is hard else 0.985


def _draw(hard: HardScan, labels: np.ndarray, folder: Path, title: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    every = max(1, hard.reference.shape[0] // 12)
    spacing = hard.volume.spacing_zyx_mm
    montage(hard.volume.voxels_hu, labels, hard.reference, spacing, every, title).save(folder / f"{title}.png")


def _mean_row(change: str, key: str, rows: Sequence[Row]) -> Row:
    chosen = [row for row in rows if row["change"] == change and row["method"] == key]
    dices = [float(str(row["dice_both"])) for row in chosen]
    lungs = [float(str(row[f"dice_{lung}"])) for row in chosen for lung in ("right", "left")]
    worst = {name: max(float(str(row[name])) for row in chosen) for name in MEAN_COLUMNS[7:10]}
    figures = (len(chosen), round(float(np.mean(dices)), 4), min(dices), chosen[int(np.argmin(dices))]["name"], min(lungs))
    failures = sum(dice < FAILED_BELOW for dice in dices)
    return dict(zip(MEAN_COLUMNS, (change, key, *figures, *worst.values(), failures), strict=True))


if __name__ == "__main__":
    main()
