"""Real scans with reference masks, as a table of cases lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from table_files import read_csv


@dataclass(frozen=True)
class Case:
    """One scan: its files (a DICOM folder or a file), and the group in whose mean it counts."""

    name: str
    ct: Path
    reference: Path
    doubt: Path | None
    group: str

    def read_reference(self) -> tuple[np.ndarray, np.ndarray]:
        """Read the reference labels (uint8) and where they are certain (bool), both (z, y, x)."""
        reference = read_mask(self.reference)
        certain = read_mask(self.doubt) == 0 if self.doubt else np.ones(reference.shape, bool)
        return reference, certain


def read_cases(path: Path, names: Sequence[str] = ()) -> list[Case]:
    """Read a table with the columns name, ct, reference, doubt, group; paths are relative to its folder.

    Parameters
    ----------
    path : pathlib.Path
        The CSV file.
    names : sequence of str
        Only these scans; all of them where it is empty.

    Returns
    -------
    list of Case
    """
    rows = read_csv(path)
    unknown = set(names) - {row["name"] for row in rows}
    if unknown:
        raise SystemExit(f"{path} has no scan {min(unknown)!r}; it has: {', '.join(row['name'] for row in rows)}")
    folder = path.parent
    return [
        Case(row["name"], folder / row["ct"], folder / row["reference"], folder / row["doubt"] if row["doubt"] else None, row["group"])
        for row in rows
        if not names or row["name"] in names
    ]


def read_mask(path: Path) -> np.ndarray:
    """Read a label map as an array (z, y, x)."""
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
