"""Charts of a result: lung area along the body, and density of each lung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import slicer

from LungSegmentationLib.measurement.limits import LOW_ATTENUATION_HU
from LungSegmentationLib.output.charts import LEFT_COLOUR, RIGHT_COLOUR, TOTAL_COLOUR, VESSEL_COLOUR
from LungSegmentationLib.tables.rows import Column, Table

from . import ResultNodes, Tables

CHARTS = "Chart."
_CHART_TABLES, _SERIES = "ChartTable.", "Series."  # each followed by the chart's key
_LIMIT_COLOUR = (128, 128, 128)


@dataclass(frozen=True)
class _Series:
    key: str
    name: str
    table: str
    xColumn: str
    yColumn: str
    colour: tuple[int, int, int]
    dashed: bool = False


@dataclass(frozen=True)
class _Chart:
    key: str
    title: str
    xTitle: str
    yTitle: str


_AREA = _Chart("area", "Lung area in each axial slice", "Position along the body (mm), towards the head", "Area (mm²)")
_DENSITY = _Chart("density", "Density of the lungs", "Density (HU)", "Share of the lung (% per 10 HU)")


def updatePlots(
    segmentationNode: slicer.vtkMRMLSegmentationNode, slicesNode: slicer.vtkMRMLTableNode, histogram: Table
) -> dict[str, slicer.vtkMRMLPlotChartNode]:
    """Draw a result's measures in chart nodes; those of an earlier run are used again.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        In a scene.
    slicesNode : vtkMRMLTableNode
        The table of slices, from :func:`.Tables.updateTables`.
    histogram : Table
        As :func:`LungSegmentationLib.tables.histogram_rows.histogram_table` makes it.

    Returns
    -------
    dict of str to vtkMRMLPlotChartNode
        ``area``: area of right, left and both lungs, and of the vessels, along the body. ``density``: share of each lung's
        volume by density, with the limits of low attenuation. What a user changed about a chart's look stays.
    """
    kind = f"{_CHART_TABLES}{_DENSITY.key}."
    nodes = Tables.updateTables(segmentationNode, {"histogram": histogram, "limits": _limitsTable(histogram)}, kind)
    nodes["slices"] = slicesNode
    return {
        _AREA.key: _updateChart(segmentationNode, _AREA, _areaSeries(slicesNode), nodes),
        _DENSITY.key: _updateChart(segmentationNode, _DENSITY, _densitySeries(histogram), nodes),
    }


def chartNodes(segmentationNode: slicer.vtkMRMLSegmentationNode) -> dict[str, slicer.vtkMRMLPlotChartNode]:
    """Give the chart nodes of a segmentation by their keys, in the order in which they were added."""
    return {role.removeprefix(CHARTS): ResultNodes.findNode(segmentationNode, role) for role in ResultNodes.roles(segmentationNode, CHARTS)}


def removePlots(segmentationNode: slicer.vtkMRMLSegmentationNode) -> None:
    """Remove the charts of a segmentation, and what they were drawn from."""
    for role in ResultNodes.roles(segmentationNode):
        if role.startswith(CHARTS) or chartOfRole(role):
            ResultNodes.removeNode(segmentationNode, role)


def chartOfRole(role: str) -> str | None:
    """Tell for which chart a table or series of a segmentation is there; None for other nodes."""
    return role.split(".")[1] if role.startswith((_CHART_TABLES, _SERIES)) else None


def _areaSeries(slicesNode: slicer.vtkMRMLTableNode) -> list[_Series]:
    lines = (
        ("total_mm2", "Both lungs", TOTAL_COLOUR),
        ("right_mm2", "Right lung", RIGHT_COLOUR),
        ("left_mm2", "Left lung", LEFT_COLOUR),
        ("vessel_mm2", "Vessels", VESSEL_COLOUR),
    )
    table = slicesNode.GetTable()
    return [_Series(key, name, "slices", "position_mm", key, colour) for key, name, colour in lines if table.GetColumnByName(key)]


def _densitySeries(histogram: Table) -> list[_Series]:
    columns = {column.key for column in histogram.columns}
    lines = (("right_percent", "Right lung", RIGHT_COLOUR), ("left_percent", "Left lung", LEFT_COLOUR))
    sides = [_Series(key, name, "histogram", "density_hu", key, colour) for key, name, colour in lines if key in columns]
    limits = [
        _Series(f"limit{-hu}", f"{hu} HU", "limits", f"limit{-hu}_hu", "share_percent", _LIMIT_COLOUR, True) for hu in LOW_ATTENUATION_HU
    ]
    return sides + limits


def _limitsTable(histogram: Table) -> Table:
    """Two points for each limit of low attenuation: a vertical line as high as the histogram."""
    highest = max((float(row[column.key] or 0) for row in histogram.rows for column in histogram.columns[1:]), default=0.0)
    limits = {f"limit{-hu}_hu": float(hu) for hu in LOW_ATTENUATION_HU}
    columns = [Column("share_percent", "Share", "% per 10 HU", 3)]
    columns += [Column(key, f"Limit {hu:g} HU", "HU") for key, hu in limits.items()]
    return Table("Limits of low attenuation", tuple(columns), tuple({"share_percent": share, **limits} for share in (0.0, highest)))


def _updateChart(
    segmentationNode: slicer.vtkMRMLSegmentationNode, chart: _Chart, series: Sequence[_Series], tables: dict[str, slicer.vtkMRMLTableNode]
) -> slicer.vtkMRMLPlotChartNode:
    chartNode = ResultNodes.findNode(segmentationNode, CHARTS + chart.key)
    if chartNode is None:
        chartNode = ResultNodes.addNode(segmentationNode, CHARTS + chart.key, "vtkMRMLPlotChartNode", f"chart of {chart.key}")
        chartNode.SetTitle(chart.title)
        chartNode.SetXAxisTitle(chart.xTitle)
        chartNode.SetYAxisTitle(chart.yTitle)
    kind = f"{_SERIES}{chart.key}."
    for role in set(ResultNodes.roles(segmentationNode, kind)) - {kind + line.key for line in series}:
        formerNode = ResultNodes.findNode(segmentationNode, role)
        if formerNode is not None:
            chartNode.RemovePlotSeriesNodeID(formerNode.GetID())
        ResultNodes.removeNode(segmentationNode, role)
    for line in series:
        seriesNode = ResultNodes.findNode(segmentationNode, kind + line.key) or _addSeries(segmentationNode, kind, line)
        seriesNode.SetAndObserveTableNodeID(tables[line.table].GetID())
        if not chartNode.HasPlotSeriesNodeID(seriesNode.GetID()):
            chartNode.AddAndObservePlotSeriesNodeID(seriesNode.GetID())
    return chartNode


def _addSeries(segmentationNode: slicer.vtkMRMLSegmentationNode, kind: str, line: _Series) -> slicer.vtkMRMLPlotSeriesNode:
    node = ResultNodes.addNode(segmentationNode, kind + line.key, "vtkMRMLPlotSeriesNode", line.name)
    node.SetName(line.name)  # the legend shows it
    node.SetPlotType(node.PlotTypeScatter)
    node.SetMarkerStyle(node.MarkerStyleNone)
    node.SetLineStyle(node.LineStyleDash if line.dashed else node.LineStyleSolid)
    node.SetLineWidth(1 if line.dashed else 2)
    node.SetXColumnName(line.xColumn)
    node.SetYColumnName(line.yColumn)
    node.SetColor([channel / 255 for channel in line.colour])
    return node
