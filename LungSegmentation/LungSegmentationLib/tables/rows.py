"""Results as plain tables: columns with units and rows of numbers, for any surface to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..labels import REGIONS
from ..measurement.limits import LOW_ATTENUATION_HU, PERCENTILES

if TYPE_CHECKING:
    from ..measurement.airways import AirwayMeasure
    from ..measurement.areas import SliceArea
    from ..measurement.density import DensityMeasure
    from ..measurement.volumes import DetailedMeasure, RegionMeasure
    from ..quality.flags import QualityFlag
    from ..trees.summary import AirwayTreeFigures, VesselTreeFigures
    from ..vessels.calibre import VesselVolumes

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


def detailed_volumes_table(measures: Iterable[DetailedMeasure]) -> Table:
    """Make the table of regions with surface area and shares."""
    columns = (
        Column("region", "Region"),
        Column("volume_ml", "Volume", "mL", 2),
        Column("share_percent", "Share of both lungs", "%", 2),
        Column("surface_cm2", "Surface area", "cm²", 1),
        Column("mean_hu", "Mean density", "HU", 2),
        Column("sd_hu", "SD of density", "HU", 2),
        Column("vessel_percent", "Vessels in lung", "%", 2),
        Column("voxels", "Voxels"),
        Column("unmeasured_voxels", "Voxels without density"),
    )
    return Table("Volumes", columns, tuple({"region": m.name, **_cells(m, columns[1:])} for m in measures))


def slices_table(areas: Iterable[SliceArea]) -> Table:
    """Make the table of axial slices: index, position in mm, lung areas in mm², and where they were measured vessels and trachea."""
    areas = tuple(areas)
    columns = [
        Column("slice", "Slice"),
        Column("position_mm", "Position", "mm", 3),
        Column("right_mm2", "Right lung area", "mm²", 2),
        Column("left_mm2", "Left lung area", "mm²", 2),
        Column("total_mm2", "Total lung area", "mm²", 2),
    ]
    if any(area.vessel_mm2 is not None for area in areas):
        columns += [Column("vessel_mm2", "Vessel area", "mm²", 2), Column("vessel_percent", "Vessels in lung", "%", 2)]
    if any(area.trachea_mm2 is not None for area in areas):
        columns.append(Column("trachea_mm2", "Tracheal area", "mm²", 2))
    return Table("Slices", tuple(columns), tuple({"slice": a.index, **_cells(a, columns[1:])} for a in areas))


def density_table(measures: Iterable[DensityMeasure]) -> Table:
    """Make the table of lung density: moments, percentiles, low and high attenuation, mass."""
    percentiles = [Column(f"p{p:02d}_hu", "Median" if p == 50 else f"Percentile {p}", "HU", 1) for p in PERCENTILES]
    low = [Column(f"laa{-hu}_percent", f"Below {hu} HU", "%", 2) for hu in LOW_ATTENUATION_HU]
    whole = (
        Column("volume_ml", "Volume", "mL", 2),
        Column("mean_hu", "Mean density", "HU", 2),
        Column("sd_hu", "SD of density", "HU", 2),
        Column("skewness", "Skewness", "", 3),
        Column("kurtosis", "Excess kurtosis", "", 3),
    )
    rest = (
        Column("high_percent", "From -600 to -250 HU", "%", 2),
        Column("mass_g", "Mass", "g", 1),
        Column("voxels", "Voxels"),
        Column("unmeasured_voxels", "Voxels without density"),
    )
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "region": m.name,
            **_cells(m, whole),
            **{column.key: m.percentiles_hu.get(percent) for column, percent in zip(percentiles, PERCENTILES, strict=True)},
            **{column.key: m.low_percent.get(hu) for column, hu in zip(low, LOW_ATTENUATION_HU, strict=True)},
            **_cells(m, rest),
        }
        for m in measures
    )
    return Table("Density", (Column("region", "Region"), *whole, *percentiles, *low, *rest), rows)


def airways_table(measure: AirwayMeasure, tree: AirwayTreeFigures) -> Table:
    """Make the table of the airways: one row with their volume, the trachea's cross-section, and their tree."""
    columns = (
        Column("volume_ml", "Airway volume", "mL", 2),
        Column("trachea_volume_ml", "Trachea volume", "mL", 2),
        Column("trachea_length_mm", "Trachea length", "mm", 1),
        Column("trachea_slices", "Trachea slices"),
        Column("smallest_mm2", "Smallest tracheal area", "mm²", 1),
        Column("largest_mm2", "Largest tracheal area", "mm²", 1),
        Column("mean_mm2", "Mean tracheal area", "mm²", 1),
    )
    of_tree = (
        Column("branches", "Branches"),
        Column("generations", "Highest generation"),
        Column("tree_length_mm", "Length of the tree", "mm", 1),
        Column("walls", "Branches with a measured wall"),
        Column("pi10_mm", "Pi10", "mm", 2),
        Column("pi10_reason", "Why no Pi10"),
    )
    return Table("Airways", (*columns, *of_tree), ({**_cells(measure, columns), **_cells(tree, of_tree)},))


def vessels_table(volumes: Mapping[str, VesselVolumes], trees: Mapping[str, VesselTreeFigures]) -> Table:
    """Make the table of the vessels: a row a lung, the volume by the area of the vessel's cross-section, and their trees."""
    columns = (
        Column("lung", "Lung"),
        Column("total_ml", "Total (TBV)", "mL", 2),
        Column("below_5_mm2_ml", "Below 5 mm² (BV5)", "mL", 2),
        Column("from_5_to_10_mm2_ml", "5 to 10 mm² (BV5-10)", "mL", 2),
        Column("above_10_mm2_ml", "Above 10 mm² (BV10)", "mL", 2),
        Column("small_percent", "BV5 / TBV", "%", 1),
    )
    of_trees = (
        Column("trees", "Trees"),
        Column("branches", "Branches"),
        Column("length_m", "Length", "m", 2),
        Column("below_1_mm", "Branches of radius below 1 mm"),
        Column("from_1_to_2_mm", "Branches of 1 to 2 mm"),
        Column("above_2_mm", "Branches above 2 mm"),
        Column("thin_length_percent", "Length of branches below 1 mm", "%", 1),
        Column("order", "Highest Strahler order"),
    )
    names = {region.key: region.name for region in REGIONS}
    rows: list[dict[str, Cell]] = []
    for key, volume in volumes.items():
        fraction = volume.small_fraction
        small: dict[str, Cell] = {"lung": names[key], "small_percent": None if fraction is None else 100 * fraction}
        rows.append({**small, **_cells(volume, columns[1:5]), **_cells(trees[key], of_trees)})
    return Table("Vessels", (*columns, *of_trees), tuple(rows))


def quality_table(flags: Iterable[QualityFlag]) -> Table:
    """Make the table of quality flags, of every kind; each row has its own unit."""
    columns = (
        Column("kind", "Kind"),
        Column("title", "Flag"),
        Column("verdict", "Verdict"),
        Column("value", "Value", "", 2),
        Column("unit", "Unit"),
        Column("limit", "Limit"),
        Column("reason", "Reason"),
        Column("where", "Where"),
    )
    return Table("Quality", columns, tuple(_cells(flag, columns) for flag in flags))


def _cells(measure: object, columns: Sequence[Column]) -> dict[str, Cell]:
    """Take the attributes that the columns are named after."""
    return {column.key: getattr(measure, column.key) for column in columns}
