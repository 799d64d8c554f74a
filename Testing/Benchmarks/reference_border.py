"""How far a method can agree with the references that puts the border of aerated lung at -400 HU.

    python reference_border.py CASES.csv --output FILE.csv

Each reference is compared with itself after its border was moved: voxels on its surface that lie beside aerated lung and are no air are
taken away. Most of the scans were halved in plane, where a voxel of the reference is lung if two of its four are; its mean density is then
above -400 HU as often as not. So such a method can hardly have a higher Dice here, however well it finds the lungs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import ndimage

from comparison import overlap
from LungSegmentationLib.anatomy.limits import LUNG_BELOW_HU
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.labels import LEFT_LUNG, RIGHT_LUNG
from scans import Case, read_cases
from table_files import Row, write_csv

COLUMNS = ("name", "group", "dice_both")
_FACES = ndimage.generate_binary_structure(3, 1)


def main() -> None:
    """Compare every reference with itself and write the table."""
    parser = argparse.ArgumentParser(description="Compare each reference with itself, its border moved to -400 HU.")
    parser.add_argument("cases", type=Path, help="CSV with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True, help="the table, a CSV file")
    arguments = parser.parse_args()
    rows = [_row(case) for case in read_cases(arguments.cases)]
    for group in dict.fromkeys(str(row["group"]) for row in rows):
        dices = [float(str(row["dice_both"])) for row in rows if row["group"] == group]
        print(f"{group}: mean Dice of both lungs {np.mean(dices):.4f}, lowest {min(dices):.4f} ({len(dices)} scans)")
    write_csv(arguments.output, COLUMNS, rows)


def with_border_at_air(lungs: np.ndarray, voxels_hu: np.ndarray) -> np.ndarray:
    """Take away the surface of the lungs (bool, (z, y, x)) that is no air but has aerated lung beside it; dense disease stays."""
    air = lungs & (voxels_hu < LUNG_BELOW_HU)
    surface = lungs & ~ndimage.binary_erosion(lungs, _FACES, border_value=1)
    return lungs & ~(surface & ~air & ndimage.binary_dilation(air, _FACES))


def _row(case: Case) -> Row:
    reference, certain = case.read_reference()
    lungs = np.isin(reference, (RIGHT_LUNG, LEFT_LUNG))
    moved = with_border_at_air(lungs, read_ct(case.ct).voxels_hu)
    return {"name": case.name, "group": case.group, "dice_both": round(overlap(moved[certain], lungs[certain])[0], 4)}


if __name__ == "__main__":
    main()
