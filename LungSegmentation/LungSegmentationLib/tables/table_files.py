"""The files that hold a result's tables: one CSV each, one workbook and one JSON with all."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ..errors import output_errors
from .csv_files import write_csv
from .json_file import write_json
from .layouts import LAYOUT_NAMES
from .rows import Table
from .workbook import write_workbook

TABLE_NAMES = (
    *("volumes.csv", "slices.csv", "density.csv", "airways.csv", "airway_branches.csv", "vessels.csv", "vessel_branches.csv"),
    *("quality.csv", "measures.json"),
)
WORKBOOK_PATTERN = "*_measures.xlsx"
_LONGEST_NAME, _MOST_BYTES = 100, 200  # file systems take 255 bytes, which are 85 letters in some scripts


def workbook_name(input_name: str) -> str:
    """Name the workbook of an input; what file systems and shells take badly becomes an underscore."""
    plain = re.sub(r"[^\w.-]+", "_", input_name).strip("._")[:_LONGEST_NAME]
    plain = plain.encode("utf-8", "ignore")[:_MOST_BYTES].decode("utf-8", "ignore")
    return f"{plain or 'ct'}_measures.xlsx"


def table_names(folder: Path, input_name: str) -> tuple[str, ...]:
    """List the file names that a run may write or replace in a folder, workbooks of earlier inputs included.

    Parameters
    ----------
    folder : pathlib.Path
        May be missing.
    input_name : str
        Name of the scan, :attr:`LungSegmentationLib.volume.CtVolume.name`.

    Returns
    -------
    tuple of str
        For :func:`LungSegmentationLib.output.atomic_folder.atomic_folder`; ``measures.json`` is last.
    """
    earlier = {path.name for path in folder.glob(WORKBOOK_PATTERN)} if os.path.isdir(folder) else set()
    return (*sorted(earlier | {workbook_name(input_name)}), *LAYOUT_NAMES, *TABLE_NAMES)


def write_tables(tables: Mapping[str, Table], input_name: str, folder: Path) -> list[str]:
    """Write tables into an existing folder.

    Parameters
    ----------
    tables : mapping of str to Table
        Those of :class:`LungSegmentationLib.measures.Measures`.
    input_name : str
        Name of the scan.
    folder : pathlib.Path
        See :func:`LungSegmentationLib.output.atomic_folder.atomic_folder`.

    Returns
    -------
    list of str
        The names of the files written.

    Raises
    ------
    OutputError
        When a file could not be written whole.
    """
    writers: dict[str, Callable[[Path], None]] = {f"{key}.csv": partial(write_csv, table) for key, table in tables.items()}
    writers[workbook_name(input_name)] = lambda path: write_workbook(tables, path)
    writers["measures.json"] = lambda path: write_json(tables, input_name, path)
    for name, write in writers.items():
        with output_errors(f"{name} could not be written", "free some space or give another output folder"):
            write(folder / name)
    return list(writers)
