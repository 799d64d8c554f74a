"""Branches of vessels and airways as tables."""

from __future__ import annotations

import numpy as np

from ..labels import REGIONS
from ..trees.centrelines import Centrelines
from ..trees.measure import AirwayBranches
from .rows import Cell, Column, Table

_ENDS = tuple(
    Column(f"{key}_{axis}_mm", f"{title} {axis}", "mm", 1) for key, title in (("start", "Start"), ("end", "End")) for axis in "xyz"
)
_SIDE_NAMES = {region.label: region.name for region in REGIONS}


def vessel_branches_table(lines: Centrelines | None) -> Table:
    """Make the table of the vessels' branches: a row each, numbered from 1 on; places in LPS."""
    columns = (
        Column("branch", "Branch"),
        Column("lung", "Lung"),
        Column("tree", "Tree"),
        Column("parent", "Parent"),
        Column("generation", "Generation"),
        Column("order", "Strahler order"),
        Column("length_mm", "Length", "mm", 2),
        Column("radius_mm", "Radius", "mm", 2),
        *_ENDS,
    )
    rows: tuple[dict[str, Cell], ...] = ()
    if lines is not None:
        trees, radii = (lines.forest.trees() + 1).tolist(), lines.forest.branch_radii_mm().tolist()
        names = [_SIDE_NAMES[side] for side in lines.sides.tolist()]
        own = zip(_common_rows(lines), trees, radii, names, strict=True)
        rows = tuple(_in_order({**row, "tree": tree, "radius_mm": radius, "lung": name}, columns) for row, tree, radius, name in own)
    return Table("Vessel branches", columns, rows)


def airway_branches_table(branches: AirwayBranches | None) -> Table:
    """Make the table of the airways' branches: a row each, numbered from 1 on; places in LPS, walls where they were seen."""
    columns = (
        Column("branch", "Branch"),
        Column("name", "Name"),
        Column("lung", "Side"),
        Column("parent", "Parent"),
        Column("generation", "Generation"),
        Column("length_mm", "Length", "mm", 2),
        Column("label_area_mm2", "Lumen by voxels", "mm²", 2),
        Column("diameter_mm", "Diameter by voxels", "mm", 2),
        Column("lumen_mm2", "Lumen within the wall", "mm²", 2),
        Column("perimeter_mm", "Inner perimeter (Pi)", "mm", 2),
        Column("wall_mm", "Wall thickness", "mm", 2),
        Column("half_height_mm", "Wall, full width at half height", "mm", 2),
        Column("wall_mm2", "Wall area (WA)", "mm²", 2),
        Column("wall_percent", "Wall area share (WA %)", "%", 1),
        *_ENDS,
    )
    rows: list[dict[str, Cell]] = []
    if branches is not None:
        radii = branches.lines.forest.branch_radii_mm().tolist()
        sides = [_SIDE_NAMES[side].split()[0].lower() if side else "" for side in branches.lines.sides.tolist()]
        for row, radius, side, name, wall in zip(_common_rows(branches.lines), radii, sides, branches.names, branches.walls, strict=True):
            lumen: dict[str, Cell] = {"name": name, "lung": side, "label_area_mm2": np.pi * radius**2, "diameter_mm": 2 * radius}
            walls: dict[str, Cell] = dict.fromkeys(("lumen_mm2", "perimeter_mm", "wall_mm", "half_height_mm", "wall_mm2", "wall_percent"))
            if wall is not None:
                walls = {key: getattr(wall, "thickness_mm" if key == "wall_mm" else key) for key in walls}
            rows.append(_in_order({**row, **lumen, **walls}, columns))
    return Table("Airway branches", columns, tuple(rows))


def _in_order(row: dict[str, Cell], columns: tuple[Column, ...]) -> dict[str, Cell]:
    return {column.key: row[column.key] for column in columns}


def _common_rows(lines: Centrelines) -> list[dict[str, Cell]]:
    first, last = lines.points_lps_mm[lines.starts[:-1]].tolist(), lines.points_lps_mm[lines.starts[1:] - 1].tolist()
    parents = [None if parent < 0 else parent + 1 for parent in lines.parents.tolist()]
    whole = zip(parents, lines.generations.tolist(), lines.orders.tolist(), lines.forest.lengths_mm().tolist(), first, last, strict=True)
    keys = [column.key for column in _ENDS]
    return [
        {"branch": number, "parent": parent, "generation": generation, "order": order, "length_mm": length}
        | dict(zip(keys, (*start, *end), strict=True))
        for number, (parent, generation, order, length, start, end) in enumerate(whole, start=1)
    ]
