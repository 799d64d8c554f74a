"""Results as plain tables: columns with units and rows of numbers, for any surface to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..measurement.areas import SliceArea
from ..measurement.volumes import RegionMeasure

Cell = str | int | float | None


@dataclass(frozen=True)
class Column:
    """One column: the key that its rows use, its title, its unit, and the decimals worth showing."""

    key: str
    title: str
    unit: str = ""
    decimals: int = 0

    @property
    def header(self) -> str:
        """Title with the unit in brackets."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def text(self, value: Cell) -> str:
        """Write a cell: numbers with this column's decimals, None as an empty text."""
        if value is None:
            return ""
        return f"{value:.{self.decimals}f}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Table:
    """Columns and rows; each row has a value, or None where there is none, for each column's key."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Cell], ...]


def volumes_table(measures: Iterable[RegionMeasure]) -> Table:
    """Make the table of regions: name, volume in mL, mean and SD in HU, voxel count."""
    columns = (
        Column("region", "Region"),
        Column("volume_ml", "Volume", "mL", 2),
        Column("mean_hu", "Mean density", "HU", 2),
        Column("sd_hu", "SD of density", "HU", 2),
        Column("voxels", "Voxels"),
    )
    rows: tuple[dict[str, Cell], ...] = tuple(
        {"region": m.name, "volume_ml": m.volume_ml, "mean_hu": m.mean_hu, "sd_hu": m.sd_hu, "voxels": m.voxels} for m in measures
    )
    return Table("Volumes", columns, rows)


def slices_table(areas: Iterable[SliceArea]) -> Table:
    """Make the table of axial slices: index, position in mm, right, left and total lung area in mm²."""
    columns = (
        Column("slice", "Slice"),
        Column("position_mm", "Position", "mm", 3),
        Column("right_mm2", "Right lung area", "mm²", 2),
        Column("left_mm2", "Left lung area", "mm²", 2),
        Column("total_mm2", "Total lung area", "mm²", 2),
    )
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "slice": a.index,
            "position_mm": a.position_mm,
            "right_mm2": a.right_mm2,
            "left_mm2": a.left_mm2,
            "total_mm2": a.total_mm2,
        }
        for a in areas
    )
    return Table("Slices", columns, rows)
