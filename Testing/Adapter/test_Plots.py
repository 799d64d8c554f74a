"""Charts against the scan's own voxels."""

from dataclasses import replace

import numpy as np
import pytest

from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.labels import LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.measurement.histograms import count_voxels
from LungSegmentationLib.tables.histogram_rows import histogram_table

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Run import Measurement  # noqa: E402
from LungSegmentationAdapter.Scene import Plots, Tables  # noqa: E402

from .outcome_helpers import columnValues, makeResult, measured, showResult, withoutVessels  # noqa: E402


def seriesOf(chartNode):
    """Give each series node of a chart by its name."""
    nodes = [chartNode.GetNthPlotSeriesNode(index) for index in range(chartNode.GetNumberOfPlotSeriesNodes())]
    assert all(nodes)
    return {node.GetName(): node for node in nodes}


def points(series):
    table = series.GetTableNode()
    return np.array(columnValues(table, series.GetXColumnName())), np.array(columnValues(table, series.GetYColumnName()))


def test_area_along_the_body(mrmlScene):
    _, segmentationNode, made = showResult(mrmlScene)
    chart = Plots.chartNodes(segmentationNode)["area"]
    assert chart.GetXAxisTitle() == "Position along the body (mm), towards the head"
    assert chart.GetYAxisTitle() == "Area (mm²)"
    labels, vessels = made.result.labels, made.result.vessels
    masks = {
        "Right lung": labels == RIGHT_LUNG,
        "Left lung": labels == LEFT_LUNG,
        "Both lungs": (labels > 0) & (labels < 3),
        "Vessels": vessels > 0,
    }
    series = seriesOf(chart)
    assert set(series) == set(masks)
    for name, mask in masks.items():
        position, area = points(series[name])
        np.testing.assert_allclose(position, 200.25 + 2.5 * np.arange(12))
        np.testing.assert_allclose(area, mask.sum(axis=(1, 2)) * 0.8 * 0.7)
        assert series[name].GetPlotType() == series[name].PlotTypeScatter


def test_density_of_each_lung_with_the_limits(mrmlScene):
    _, segmentationNode, made = showResult(mrmlScene)
    series = seriesOf(Plots.chartNodes(segmentationNode)["density"])
    assert list(series) == ["Right lung", "Left lung", "-950 HU", "-910 HU", "-856 HU"]
    voxels, labels = made.result.volume.voxels_hu, made.result.labels
    for name, label in (("Right lung", RIGHT_LUNG), ("Left lung", LEFT_LUNG)):
        density, share = points(series[name])
        counts, edges = np.histogram(voxels[labels == label], bins=np.arange(-1030, 111, 5) - 0.5)
        np.testing.assert_allclose(density, (edges[:-1] + edges[1:]) / 2 + 0.5)
        np.testing.assert_allclose(share, 100 * counts / (labels == label).sum() / 5 * 10)
        assert share.sum() * 5 / 10 == pytest.approx(100)
    highest = max(points(series[name])[1].max() for name in ("Right lung", "Left lung"))
    for hu in (-950, -910, -856):
        limit, height = points(series[f"{hu} HU"])
        assert limit.tolist() == [hu, hu]
        assert height.tolist() == [0, highest]
        assert series[f"{hu} HU"].GetLineStyle() == series[f"{hu} HU"].LineStyleDash


def test_a_second_run_changes_the_curves_and_keeps_nodes_and_looks(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    nodes = mrmlScene.GetNumberOfNodes()
    charts = Plots.chartNodes(segmentationNode)
    charts["area"].SetTitle("my title")
    own = mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", "own")
    charts["area"].AddAndObservePlotSeriesNodeID(own.GetID())
    seriesOf(charts["density"])["Left lung"].SetColor(0, 1, 0)
    labels = np.where(made.result.labels == RIGHT_LUNG, 0, made.result.labels).astype(np.uint8)
    run_all(Measurement.showResult(segmentationNode, volumeNode, *measured(withoutVessels(replace(made.result, labels=labels)))))
    assert Plots.chartNodes(segmentationNode) == charts
    assert charts["area"].GetTitle() == "my title"
    area, density = seriesOf(charts["area"]), seriesOf(charts["density"])
    assert set(area) == {"Both lungs", "Right lung", "Left lung", "own"}
    assert not points(area["Right lung"])[1].any()
    assert list(density) == ["Left lung", "-950 HU", "-910 HU", "-856 HU"]
    assert density["Left lung"].GetColor() == (0, 1, 0)
    # Two series, the vessels' two tables, and their centrelines with how they are shown went.
    assert mrmlScene.GetNumberOfNodes() == nodes + 1 - 6
    run_all(Measurement.showResult(segmentationNode, volumeNode, *made))
    assert mrmlScene.GetNumberOfNodes() == nodes + 1
    assert len(seriesOf(charts["area"])) == 5


def test_an_empty_result_has_empty_charts(mrmlScene):
    _, segmentationNode, made = showResult(mrmlScene)
    empty = histogram_table(count_voxels(made.result.volume, np.zeros_like(made.result.labels)))
    charts = Plots.updatePlots(segmentationNode, Tables.tableNodes(segmentationNode)["slices"], empty)
    assert list(seriesOf(charts["density"])) == ["-950 HU", "-910 HU", "-856 HU"]


def test_every_orientation_has_the_same_curves(mrmlScene, direction):
    result = makeResult(direction)
    _, segmentationNode, _ = showResult(mrmlScene, result)
    position, area = points(seriesOf(Plots.chartNodes(segmentationNode)["area"])["Both lungs"])
    assert len(set(np.round(np.diff(position), 6))) == 1
    step = abs(position[1] - position[0])
    lungs = (result.labels == RIGHT_LUNG) | (result.labels == LEFT_LUNG)
    assert area.sum() * step == pytest.approx(lungs.sum() * 2.5 * 0.8 * 0.7 * step / spacingAcross(result, len(area)))


def spacingAcross(result, slices):
    """Give the distance between slices along the axis that has so many of them."""
    return result.volume.spacing_zyx_mm[result.labels.shape.index(slices)]
