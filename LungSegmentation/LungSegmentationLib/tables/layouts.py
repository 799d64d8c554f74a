"""Measures as tables of other tools, by name: their columns, their definitions, in files of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import InputError, output_errors
from ..measurement.histograms import VoxelCounts, count_voxels
from .cip_layout import cip_table
from .csv_files import write_csv
from .pyradiomics_layout import pyradiomics_table
from .rows import Table

if TYPE_CHECKING:
    from ..segmentation import Segmentation


class MakeTable(Protocol):
    """What makes a table of one layout."""

    def __call__(self, voxel_counts: VoxelCounts, voxel_volume_ml: float, scan_name: str) -> Table:
        """Make it of one scan."""


@dataclass(frozen=True)
class TableLayout:
    """The table of one tool.

    Parameters
    ----------
    name : str
        As a user gives it.
    file_name : str
    make : callable
        ``make(voxel_counts, voxel_volume_ml, scan_name)`` gives the table.
    """

    name: str
    file_name: str
    make: MakeTable


TABLE_LAYOUTS: Mapping[str, TableLayout] = {
    layout.name: layout
    for layout in (
        TableLayout("cip", "cip_phenotypes.csv", cip_table),
        TableLayout("pyradiomics", "pyradiomics.csv", pyradiomics_table),
    )
}
LAYOUT_NAMES = tuple(layout.file_name for layout in TABLE_LAYOUTS.values())


def check_layouts(names: Iterable[str]) -> tuple[str, ...]:
    """Give the names of layouts as they are written here, each once, in order.

    Parameters
    ----------
    names : iterable of str
        In capitals or not.

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        When there is none of a name.
    """
    found = {name.strip().lower() for name in names}
    unknown = sorted(found - set(TABLE_LAYOUTS))
    if unknown:
        raise InputError(f"the table layout {unknown[0][:60]!r} is unknown; choose from: {', '.join(TABLE_LAYOUTS)}")
    return tuple(name for name in TABLE_LAYOUTS if name in found)


def write_layouts(names: Collection[str], result: Segmentation, folder: Path) -> list[str]:
    """Write tables of other tools into an existing folder.

    Parameters
    ----------
    names : collection of str
        Keys of :data:`TABLE_LAYOUTS`.
    result : Segmentation
    folder : pathlib.Path

    Returns
    -------
    list of str
        The names of the files written.

    Raises
    ------
    OutputError
        When a file could not be written whole.
    """
    if not names:
        return []
    voxel_counts = count_voxels(result.volume, result.labels)
    layouts = [TABLE_LAYOUTS[name] for name in names]
    for layout in layouts:
        table = layout.make(voxel_counts, result.volume.voxel_volume_ml, result.volume.name)
        with output_errors(f"{layout.file_name} could not be written", "free some space or give another output folder"):
            write_csv(table, folder / layout.file_name)
    return [layout.file_name for layout in layouts]
