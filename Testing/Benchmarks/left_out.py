"""Score the network on patients left out of its training.

    python left_out.py CASES.csv --networks FOLDER --output FILE.csv [--scan NAME ...]

FOLDER is what ``Training.cross_validate`` made. Each scan is segmented by the network that never saw its patient. Voxels of a doubt mask
are left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from comparison import LUNGS, lung_overlaps
from left_out_networks import LeftOutNetworks, parameters_for
from LungSegmentationLib.evaluation.gross_errors import gross_errors
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.quality.flags import quality_flags, quality_verdict
from scans import Case, read_cases
from table_files import Row, write_csv

COLUMNS = ("name", "group", *(f"dice_{lung}" for lung in LUNGS), "gross_added_ml", "gross_missed_ml", "verdict")


def main() -> None:
    """Score every scan and write the table."""
    parser = argparse.ArgumentParser(description="Score the network on patients left out of its training.")
    parser.add_argument("cases", type=Path, help="CSV with the columns name, ct, reference, doubt, group")
    parser.add_argument("--networks", type=Path, required=True, help="folder of the networks trained without some patients")
    parser.add_argument("--output", type=Path, required=True, help="the table, a CSV file")
    parser.add_argument("--scan", action="append", default=[], help="only this scan (may be repeated)")
    arguments = parser.parse_args()
    networks = LeftOutNetworks(arguments.networks)
    rows = []
    for case in read_cases(arguments.cases, arguments.scan):
        rows.append(score_left_out(case, networks))
        print(*(f"{name}={rows[-1][name]}" for name in COLUMNS), flush=True)
    for group in dict.fromkeys(str(row["group"]) for row in rows):
        dices = [float(str(row["dice_both"])) for row in rows if row["group"] == group]
        print(f"{group}: mean Dice of both lungs {np.mean(dices):.4f}, lowest {min(dices):.4f} ({len(dices)} scans)")
    write_csv(arguments.output, COLUMNS, rows)


def score_left_out(case: Case, networks: LeftOutNetworks) -> Row:
    """Segment one scan by the network that never saw its patient, and compare it with the reference."""
    result = segment(read_ct(case.ct), "network", parameters_for(case.name, "network", networks))
    reference, certain = case.read_reference()
    gross = gross_errors(result.labels, reference, result.volume.spacing_zyx_mm, ~certain)
    overlaps = lung_overlaps(result.labels[certain], reference[certain])
    return {
        "name": case.name,
        "group": case.group,
        **{name: value for name, value in overlaps.items() if name in COLUMNS},
        "gross_added_ml": round(gross.added_ml, 1),
        "gross_missed_ml": round(gross.missed_ml, 1),
        "verdict": quality_verdict(quality_flags(result)),
    }


if __name__ == "__main__":
    main()
