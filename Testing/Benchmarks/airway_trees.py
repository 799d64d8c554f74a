"""Branches of the airways of real scans: within the label, and beyond it as far as walls are seen.

``python airway_trees.py CASES.csv --output FOLDER`` writes ``airway_trees.csv``; the lungs are found by the default method.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from unittest import mock

from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.trees import limits
from LungSegmentationLib.trees.measure import airway_branches
from LungSegmentationLib.trees.summary import airway_tree_figures
from scans import Case, read_cases
from table_files import Row, markdown_table, write_csv

COLUMNS = ("scan", "spacing_zyx_mm", "branches_in_label", "branches", "generations", "tree_length_mm", "walls", "pi10_mm", "pi10_reason")


def tree_row(case: Case) -> Row:
    """Count a scan's branches with and without what was grown beyond the label."""
    volume = read_ct(case.ct)
    labels = segment(volume).labels
    with mock.patch.object(limits, "GROWN_TO_HU", limits.GROWN_FROM_HU + limits.GROWN_STEP_HU):
        in_label = airway_tree_figures(airway_branches(volume, labels)).branches
    found = airway_tree_figures(airway_branches(volume, labels))
    spacing = " x ".join(f"{mm:.3g}" for mm in volume.spacing_zyx_mm)
    pi10 = None if found.pi10_mm is None else round(found.pi10_mm, 2)
    figures = (in_label, found.branches, found.generations, round(found.tree_length_mm), found.walls, pi10, found.pi10_reason)
    return dict(zip(COLUMNS, (case.name, spacing, *figures), strict=True))


def main() -> None:
    """Count on the scans of a table, print, and write the CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path, help="table with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[], help="names of the scans; all by default")
    arguments = parser.parse_args()
    rows = [tree_row(case) for case in read_cases(arguments.cases, arguments.only)]
    print(markdown_table(COLUMNS, rows))
    write_csv(arguments.output / "airway_trees.csv", COLUMNS, rows)


if __name__ == "__main__":
    main()
