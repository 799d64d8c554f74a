"""The comparison of a result with a reference as a table."""

from __future__ import annotations

from collections.abc import Iterable

from ..tables.rows import Column, Table
from .comparison import RegionComparison

_COLUMNS = (
    Column("name", "Region"),
    Column("dice", "Dice coefficient", "", 4),
    Column("jaccard", "Jaccard index", "", 4),
    Column("sensitivity", "Sensitivity", "", 4),
    Column("specificity", "Specificity", "", 5),
    Column("precision", "Precision", "", 4),
    Column("false_positive_rate", "False-positive rate", "", 5),
    Column("false_negative_rate", "False-negative rate", "", 4),
    Column("result_ml", "Volume of the result", "mL", 2),
    Column("reference_ml", "Volume of the reference", "mL", 2),
    Column("volume_difference_ml", "Volume difference", "mL", 2),
    Column("relative_volume_difference_percent", "Relative volume difference", "%", 2),
    Column("absolute_volume_difference_percent", "Absolute relative volume difference", "%", 2),
    Column("mean_error_hu", "Mean error", "HU", 2),
    Column("mean_absolute_error_hu", "Mean absolute error", "HU", 2),
    Column("relative_mean_hu_difference_percent", "Relative mean HU difference", "%", 2),
    Column("hausdorff_mm", "Hausdorff distance", "mm", 2),
    Column("hausdorff_95_mm", "95th percentile Hausdorff distance", "mm", 2),
    Column("average_surface_distance_mm", "Average symmetric surface distance", "mm", 3),
    Column("surface_dice", "Surface Dice", "", 4),
    Column("tolerance_mm", "Tolerance of the surface Dice", "mm", 2),
    Column("result_voxels", "Voxels of the result"),
    Column("reference_voxels", "Voxels of the reference"),
)


def comparison_table(comparisons: Iterable[RegionComparison]) -> Table:
    """Make the table of a comparison: a row a region."""
    rows = tuple({column.key: getattr(comparison, column.key) for column in _COLUMNS} for comparison in comparisons)
    return Table("Comparison", _COLUMNS, rows)
