"""The files that hold a result's tables: one CSV each, one workbook and one JSON with all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ..errors import OutputError
from ..result import Result
from .all_tables import all_tables
from .csv_files import write_csv
from .json_file import write_json
from .rows import Table
from .workbook import write_workbook

TABLE_NAMES = ("volumes.csv", "slices.csv", "density.csv", "airways.csv", "vessels.csv", "quality.csv", "measures.json")
WORKBOOK_PATTERN = "*_measures.xlsx"
_LONGEST_NAME = 100


def workbook_name(input_name: str) -> str:
    """Name the workbook of an input; what file systems and shells take badly becomes an underscore."""
    plain = re.sub(r"[^\w.-]+", "_", input_name).strip("._")[:_LONGEST_NAME]
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
    earlier = {path.name for path in folder.glob(WORKBOOK_PATTERN)} if folder.is_dir() else set()
    return (*sorted(earlier | {workbook_name(input_name)}), *TABLE_NAMES)


def write_tables(result: Result, folder: Path) -> list[str]:
    """Write every table of a result into an existing folder.

    Parameters
    ----------
    result : Result
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
    return write_table_files(all_tables(result), result.volume.name, folder)


def write_table_files(tables: Mapping[str, Table], input_name: str, folder: Path) -> list[str]:
    """Write tables that were made before; see :func:`write_tables`."""
    writers: dict[str, Callable[[Path], None]] = {f"{key}.csv": partial(write_csv, table) for key, table in tables.items()}
    writers[workbook_name(input_name)] = lambda path: write_workbook(tables, path)
    writers["measures.json"] = lambda path: write_json(tables, input_name, path)
    for name, write in writers.items():
        try:
            write(folder / name)
        except OutputError:
            raise
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputError(f"{name} could not be written ({reason}); free some space or give another output folder") from error
    return list(writers)
