"""How many vessel voxels of each rule lie at the lung's border and around the airways of real scans.

``python vessel_border.py CASES.csv --output FOLDER`` writes ``vessel_border.csv``: voxels and mL of each rule, those
within 2 mm of the lung's outside, and those within 3 mm of the airways' air, inside the reference's lungs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from LungSegmentationLib.anatomy.morphology import distance_to_mm
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.vessels.calibre import vessel_volumes_ml
from LungSegmentationLib.vessels.detection import VESSEL_RULES, find_vessels
from LungSegmentationLib.volume import to_canonical
from scans import Case, read_cases
from table_files import markdown_table, write_csv

BORDER_MM, AIRWAY_MM = 2.0, 3.0
COLUMNS = ("scan", "rule", "voxels", "volume_ml", "percent_of_lung", "border_voxels", "border_percent", "airway_voxels", "bv5_percent")


def vessel_counts(case: Case) -> list[dict[str, object]]:
    """Count the vessel voxels of each rule: all, near the lung's outside, near the airways."""
    volume, order = to_canonical(read_ct(case.ct))
    labels = order.apply(case.read_reference()[0].astype(np.uint8))
    spacing = volume.spacing_zyx_mm
    is_lung = (labels == RIGHT_LUNG) | (labels == LEFT_LUNG)
    near_border = distance_to_mm(labels == 0, spacing) <= BORDER_MM
    near_airway = distance_to_mm(labels == AIRWAYS, spacing) <= AIRWAY_MM
    rows: list[dict[str, object]] = []
    for rule in VESSEL_RULES:
        found = find_vessels(volume.voxels_hu, labels, None, spacing, rule.key)
        mask = found > 0
        voxels, at_border = np.count_nonzero(mask), np.count_nonzero(mask & near_border)
        sides = vessel_volumes_ml(volume.voxels_hu, labels, found, spacing).values()
        total_ml = sum(side.total_ml for side in sides)
        rows.append(
            {
                "scan": case.name,
                "rule": rule.key,
                "voxels": voxels,
                "volume_ml": round(total_ml, 1),
                "percent_of_lung": round(100 * voxels / np.count_nonzero(is_lung), 2),
                "border_voxels": at_border,
                "border_percent": round(100 * at_border / max(1, voxels), 2),
                "airway_voxels": np.count_nonzero(mask & near_airway),
                "bv5_percent": round(100 * sum(side.below_5_mm2_ml for side in sides) / max(total_ml, 1e-9), 1),
            }
        )
    return rows


def main() -> None:
    """Count on the scans of a table, print, and write the CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path, help="table with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[], help="names of the scans; all by default")
    arguments = parser.parse_args()
    rows = [row for case in read_cases(arguments.cases, arguments.only) for row in vessel_counts(case)]
    print(markdown_table(COLUMNS, rows))
    write_csv(arguments.output / "vessel_border.csv", COLUMNS, rows)


if __name__ == "__main__":
    main()
