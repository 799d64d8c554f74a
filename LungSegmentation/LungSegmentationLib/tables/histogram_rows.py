"""The density of each lung as a table, to be drawn."""

from __future__ import annotations

from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..measurement.histograms import VoxelCounts, shares_by_density
from .rows import Column, Table

_SIDES = (("right_percent", "Right lung", RIGHT_LUNG), ("left_percent", "Left lung", LEFT_LUNG))


def histogram_table(voxel_counts: VoxelCounts) -> Table:
    """Make the table: a row a density, the share of each lung beside it; a lung without voxels has no column."""
    columns = [Column("density_hu", "Density", "HU", 1)]
    values = [shares_by_density(voxel_counts.histogram(RIGHT_LUNG))[0].tolist()]
    for key, title, label in _SIDES:
        counts = voxel_counts.histogram(label)
        if counts.any():
            columns.append(Column(key, title, "% per 10 HU", 3))
            values.append(shares_by_density(counts)[1].tolist())
    keys = [column.key for column in columns]
    return Table("Histogram", tuple(columns), tuple(dict(zip(keys, row, strict=True)) for row in zip(*values, strict=True)))
