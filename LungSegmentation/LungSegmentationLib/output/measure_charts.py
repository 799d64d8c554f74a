"""The measures as charts: lung area along the body, and lung density."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..measurement.limits import LOW_ATTENUATION_HU
from ..tables.rows import Table
from .charts import LEFT_COLOUR, RIGHT_COLOUR, TOTAL_COLOUR, VESSEL_COLOUR, Chart, stacked

if TYPE_CHECKING:
    from PIL import Image

_WIDTH, _HEIGHT, _LOW_HEIGHT = 960, 360, 230


def draw_area_profile(slices: Table) -> Image.Image:
    """Draw the area of the lungs, and where it is known that of their vessels, against the position along the body.

    Parameters
    ----------
    slices : Table
        With the columns ``position_mm``, ``right_mm2``, ``left_mm2``, ``total_mm2``, and with vessels
        ``vessel_mm2`` and ``vessel_percent``.

    Returns
    -------
    PIL.Image.Image
        RGB; the feet on the left, the head on the right.
    """
    rows = sorted(slices.rows, key=lambda row: _number(row["position_mm"]))
    column = {c.key: np.array([_number(row[c.key]) for row in rows]) for c in slices.columns}
    position = column["position_mm"]
    x_range = _padded(float(position[0]), float(position[-1])) if len(rows) else (0.0, 1.0)
    axis = "Position along the body (mm), towards the head"

    area = Chart((_WIDTH, _HEIGHT), x_range, _from_zero(column["total_mm2"] / 100), ("Lung area in each axial slice", axis, "Area (cm²)"))
    for key, colour, name in (
        ("total_mm2", TOTAL_COLOUR, "Both lungs"),
        ("right_mm2", RIGHT_COLOUR, "Right lung"),
        ("left_mm2", LEFT_COLOUR, "Left lung"),
        ("vessel_mm2", VESSEL_COLOUR, "Vessels"),
    ):
        if key in column:
            area.line(position, column[key] / 100, colour, name)
    if "vessel_percent" not in column:
        return area.finished()
    share = Chart(
        (_WIDTH, _LOW_HEIGHT), x_range, _from_zero(column["vessel_percent"]), ("Vessels in the lungs", axis, "Share of the area (%)")
    )
    share.line(position, column["vessel_percent"], VESSEL_COLOUR, "Vessels to lungs")
    return stacked([area.finished(), share.finished()])


def draw_histogram(histogram: Table) -> Image.Image:
    """Draw how each lung's volume spreads over density, with the limits of low attenuation.

    Parameters
    ----------
    histogram : Table
        As :func:`LungSegmentationLib.tables.histogram_rows.histogram_table` makes it.

    Returns
    -------
    PIL.Image.Image
        RGB.
    """
    column = {c.key: np.array([_number(row[c.key]) for row in histogram.rows]) for c in histogram.columns}
    density_hu = column["density_hu"]
    right, left = (column.get(f"{side}_percent", np.zeros_like(density_hu)) for side in ("right", "left"))
    step_hu = density_hu[1] - density_hu[0]
    titles = ("Density of the lungs", "Density (HU)", "Share of the lung (% per 10 HU)")
    chart = Chart(
        (_WIDTH, _HEIGHT), (density_hu[0] - step_hu / 2, density_hu[-1] + step_hu / 2), _from_zero(np.concatenate([right, left])), titles
    )
    for limit_hu in LOW_ATTENUATION_HU:
        chart.mark_x(limit_hu, f"{limit_hu}")
    for share, colour, side in ((right, RIGHT_COLOUR, "Right lung"), (left, LEFT_COLOUR, "Left lung")):
        chart.line(density_hu, share, colour, side)
    return chart.finished()


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _padded(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 1, high + 1)


def _from_zero(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    highest = float(finite.max()) if finite.size else 0.0
    return 0.0, 1.12 * highest if highest > 0 else 1.0
