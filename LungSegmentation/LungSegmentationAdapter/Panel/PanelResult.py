"""The result in the panel: volumes, quality, and the buttons that show tables, charts and surfaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.util import VTKObservationMixin

from LungSegmentationLib.labels import LEFT_LUNG, REGIONS, RIGHT_LUNG

from ..Scene import Display, Plots, Tables
from ..Scene.ResultSummary import ResultSummary, readSummary, writeSummary
from .PanelMessage import AMBER, GREEN, RED, asSentence, colourLabel

_NOTHING = "–"


class PanelResult(VTKObservationMixin):
    """Shows what is known about one segmentation node, from the node itself.

    Parameters
    ----------
    ui : namespace of widgets
        Those of the section "Result".
    """

    def __init__(self, ui: Any) -> None:
        VTKObservationMixin.__init__(self)
        self._ui = ui
        self._segmentationNode: slicer.vtkMRMLSegmentationNode | None = None
        self._tablesMenu, self._plotsMenu = qt.QMenu(ui.tablesButton), qt.QMenu(ui.plotsButton)
        ui.tablesButton.setMenu(self._tablesMenu)
        ui.plotsButton.setMenu(self._plotsMenu)
        ui.surfacesButton.connect("clicked(bool)", self._onShowSurfaces)
        for region, label in zip(_lungs(), (ui.rightNameLabel, ui.leftNameLabel), strict=True):
            label.text = _nameWithColour(region.colour_rgb, translate("LungSegmentation.Labels", region.name))
        self.update()

    def setSegmentationNode(self, segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Show another result."""
        if segmentationNode is not self._segmentationNode:
            self.removeObservers()
            self._segmentationNode = segmentationNode
            if segmentationNode is not None:
                events = slicer.vtkSegmentation
                for event in (events.SourceRepresentationModified, events.SegmentAdded, events.SegmentRemoved):
                    self.addObserver(segmentationNode, event, self._onSegmentsChanged)
        self.update()

    def update(self) -> None:
        """Show the node as it is."""
        summary = readSummary(self._segmentationNode)
        self._showVolumes(summary)
        self._showQuality(summary)
        self._fillMenus()
        segmented = summary is not None
        self._ui.surfacesButton.enabled = segmented
        self._ui.surfacesButton.checked = segmented and Display.surfacesShown(self._segmentationNode)

    def _showVolumes(self, summary: ResultSummary | None) -> None:
        self._ui.resultNameLabel.text = (
            _("{name}, by {method}").format(name=self._segmentationNode.GetName(), method=_methodTitle(summary.method)) if summary else ""
        )
        self._ui.resultNameLabel.visible = summary is not None
        values = (summary.right_ml, summary.left_ml, summary.total_ml) if summary else (None, None, None)
        labels = (self._ui.rightVolumeLabel, self._ui.leftVolumeLabel, self._ui.totalVolumeLabel)
        shares = (self._ui.rightShareLabel, self._ui.leftShareLabel)
        for label, value in zip(labels, values, strict=True):
            label.text = _NOTHING if value is None else _("{volume} mL").format(volume=f"{value:.0f}")
        for label, value in zip(shares, values[:2], strict=True):
            label.text = "" if not summary or not summary.total_ml else f"{100 * value / summary.total_ml:.1f} %"

    def _showQuality(self, summary: ResultSummary | None) -> None:
        texts = {
            "pass": (_("Segmentation: passed. No fault was found."), GREEN),
            "review": (_("Segmentation: to be reviewed. Look at these findings before using the figures."), AMBER),
            "fail": (_("Segmentation: failed. The figures do not hold as they stand."), RED),
        }
        self._ui.verdictLabel.visible = summary is not None
        self._showSentences(self._ui.findingsLabel, "", summary.findings if summary else ())
        self._showSentences(self._ui.coverageLabel, _("Coverage: cut"), summary.coverage if summary else ())
        self._showSentences(self._ui.notesLabel, _("Notes on the scan"), (*summary.notes, *summary.warnings) if summary else ())
        if summary is None:
            return
        text, colour = texts[summary.verdict]
        if summary.edited:
            text, colour = _("The segments were edited: measure again for figures that hold."), AMBER
        self._ui.verdictLabel.text = text
        colourLabel(self._ui.verdictLabel, colour)

    def _showSentences(self, label: Any, title: str, sentences: Sequence[str]) -> None:
        texts = [translate("LungSegmentation.Quality", sentence) for sentence in sentences]
        lines = [f"<b>{escape(title)}</b>"] * bool(title) + [f"• {escape(asSentence(text))}" for text in texts]
        label.text = "".join(f"<p style='margin: 0 0 3px 0'>{line}</p>" for line in lines)
        label.visible = bool(sentences)

    def _fillMenus(self) -> None:
        node = self._segmentationNode
        self._fill(self._ui.tablesButton, self._tablesMenu, Tables.tableNodes(node) if node else {}, Display.showTable)
        self._fill(self._ui.plotsButton, self._plotsMenu, Plots.chartNodes(node) if node else {}, Display.showChart)

    def _fill(self, button: Any, menu: Any, nodes: Mapping[str, Any], show: Any) -> None:
        menu.clear()
        for node in nodes.values():
            title = node.GetName().removeprefix(f"{self._segmentationNode.GetName()} ")
            action = menu.addAction(title[:1].upper() + title[1:])
            action.connect("triggered()", lambda node=node: show(node))
        button.enabled = bool(nodes)
        button.toolTip = "" if nodes else _("Tick it under Outputs, and segment or measure again")

    def _onShowSurfaces(self, shown: bool) -> None:
        slicer.app.setOverrideCursor(qt.Qt.WaitCursor)
        try:
            Display.setSurfacesShown(self._segmentationNode, shown)
        finally:
            slicer.app.restoreOverrideCursor()

    def _onSegmentsChanged(self, caller: object = None, event: object = None) -> None:
        if slicer.mrmlScene.IsImporting():  # read from their file, not edited
            return
        summary = readSummary(self._segmentationNode)
        if summary is not None and not summary.edited:
            writeSummary(self._segmentationNode, replace(summary, edited=True))
            self.update()


def _lungs() -> list[Any]:
    return [region for label in (RIGHT_LUNG, LEFT_LUNG) for region in REGIONS if region.label == label]


def _nameWithColour(colour: tuple[int, int, int], name: str) -> str:
    return f"<span style='color: rgb{colour}'>■</span> {escape(name)}"


def _methodTitle(method: str) -> str:
    """Name a method as the picker does; what :mod:`.Measurement` adds for edited segments stays."""
    from LungSegmentationLib.registry import METHODS

    key, comma, remark = method.partition(", ")
    titles = {known.key: translate("LungSegmentation.Methods", known.title) for known in METHODS}
    return titles.get(key, key) + comma + remark
