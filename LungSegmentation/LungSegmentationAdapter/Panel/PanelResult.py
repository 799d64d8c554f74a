"""The result in the panel: figures, findings with their places, and what shows segments, tables, charts and surfaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.util import VTKObservationMixin

from LungSegmentationLib.labels import LEFT_LUNG, REGIONS, RIGHT_LUNG

from ..Run.SegmentationLogic import volumeOfSegmentation
from ..Scene import Display, Plots, Tables
from ..Scene.ResultSummary import Figures, ResultSummary, Statement, readSummary, writeSummary
from ..Scene.Sequences import frameOf
from .PanelMessage import AMBER, GREEN, RED, colourLabel, inUsersLanguage
from .Templates import asSentence

_NOTHING = "–"


class PanelResult(VTKObservationMixin):  # type: ignore[misc]  # Slicer has no types
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
        # Slicer's button makes the surfaces itself, before this.
        ui.show3DButton.connect("toggled(bool)", self._onShown3D)
        self._placesShown: dict[str, int] = {}
        self._frame = ""
        for label in (ui.findingsLabel, ui.coverageLabel, ui.notesLabel):
            label.connect("linkActivated(QString)", self._onShowPlace)
        for region, label in zip(_lungs(), (ui.rightNameLabel, ui.leftNameLabel), strict=True):
            label.text = _nameWithColour(region.colour_rgb, translate("LungSegmentation.Labels", region.name))
        self.update()

    def setSegmentationNode(self, segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Show another result."""
        if segmentationNode is not self._segmentationNode:
            self.removeObservers()
            self._segmentationNode = segmentationNode
            self._placesShown.clear()
            self._frame = frameOf(segmentationNode) if segmentationNode is not None else ""
            self._ui.show3DButton.setSegmentationNode(segmentationNode)
            self._ui.segmentsTable.setSegmentationNode(segmentationNode)
            if segmentationNode is not None:
                events = slicer.vtkSegmentation
                for event in (events.SourceRepresentationModified, events.SegmentAdded, events.SegmentRemoved):
                    self.addObserver(segmentationNode, event, self._onSegmentsChanged)
                if self._frame:
                    self.addObserver(segmentationNode, vtk.vtkCommand.ModifiedEvent, self._isOtherFrame)
        self.update()

    def update(self) -> None:
        """Show the node as it is."""
        summary = readSummary(self._segmentationNode)
        self._showVolumes(summary)
        self._showQuality(summary)
        self._fillMenus()

    def _name(self) -> str:
        return self._segmentationNode.GetName() if self._segmentationNode is not None else ""

    def _showVolumes(self, summary: ResultSummary | None) -> None:
        self._ui.resultNameLabel.text = (
            _("{name}, by {method}").format(name=self._name(), method=_methodTitle(summary.method)) if summary else ""
        )
        self._ui.resultNameLabel.visible = summary is not None
        self._ui.segmentsTable.visible = self._segmentationNode is not None
        sides = {"right": summary.right, "left": summary.left, "total": summary.both} if summary else {}
        for name in ("right", "left", "total"):
            self._showFigures(name, sides.get(name))
        for name in ("right", "left"):
            share = 100 * sides[name].volume_ml / sides["total"].volume_ml if summary and summary.both.volume_ml else None
            getattr(self._ui, f"{name}ShareLabel").text = "" if share is None else _percent(share)

    def _showFigures(self, name: str, figures: Figures | None) -> None:
        volume, mean, laa = (getattr(self._ui, f"{name}{what}Label") for what in ("Volume", "Mean", "Laa"))
        if figures is None:
            volume.text, mean.text, laa.text = _NOTHING, "", ""
            return
        volume.text = _("{volume} mL").format(volume=f"{figures.volume_ml:.0f}")
        mean.text = _NOTHING if figures.mean_hu is None else _("{density} HU").format(density=f"{figures.mean_hu:.0f}")
        laa.text = _NOTHING if figures.laa950_percent is None else _percent(figures.laa950_percent)

    def _showQuality(self, summary: ResultSummary | None) -> None:
        texts = {
            "pass": (_("Segmentation: passed. No problems detected."), GREEN),
            "review": (_("Segmentation: review needed. Look at these findings before using the figures."), AMBER),
            "fail": (_("Segmentation: failed. Do not use the figures as they are."), RED),
        }
        self._ui.verdictLabel.visible = summary is not None
        warnings = tuple(Statement(text) for text in summary.warnings) if summary else ()
        self._showStatements("findings", "", summary.findings if summary else ())
        self._showStatements("coverage", _("Coverage: cut"), summary.coverage if summary else ())
        self._showStatements("notes", _("Notes on the scan"), (*summary.notes, *warnings) if summary else ())
        if summary is None:
            return
        text, colour = texts[summary.verdict]
        if summary.edited:
            text, colour = _("The segments were edited. Click Measure Again to update the figures."), AMBER
        self._ui.verdictLabel.text = text
        colourLabel(self._ui.verdictLabel, colour)

    def _showStatements(self, kind: str, title: str, statements: Sequence[Statement]) -> None:
        label = getattr(self._ui, f"{kind}Label")
        lines, show = [f"<b>{escape(title)}</b>"] * bool(title), _("Show")
        for number, statement in enumerate(statements):
            text = escape(asSentence(inUsersLanguage(statement.text)))
            link = f" <a href='{kind} {number}'>{escape(show)}</a>" if statement.places_ijk else ""
            lines.append(f"• {text}{link}")
        label.text = "".join(f"<p style='margin: 0 0 3px 0'>{line}</p>" for line in lines)
        label.visible = bool(statements)

    def _onShowPlace(self, link: str) -> None:
        """Bring the slice views to a finding's place; each further click brings them to its next one."""
        kind, _space, number = link.partition(" ")
        summary, volumeNode = readSummary(self._segmentationNode), volumeOfSegmentation(self._segmentationNode)
        if summary is None or volumeNode is None:
            return
        places = getattr(summary, kind)[int(number)].places_ijk
        place = self._placesShown.get(link, -1) + 1
        self._placesShown[link] = place
        Display.showPlace(volumeNode, places[place % len(places)])

    def _fillMenus(self) -> None:
        node = self._segmentationNode
        self._fill(self._ui.tablesButton, self._tablesMenu, Tables.tableNodes(node) if node else {}, Display.showTable)
        self._fill(self._ui.plotsButton, self._plotsMenu, Plots.chartNodes(node) if node else {}, Display.showChart)

    def _fill(self, button: Any, menu: Any, nodes: Mapping[str, Any], show: Any) -> None:
        menu.clear()
        for node in nodes.values():
            title = node.GetName().removeprefix(f"{self._name()} ")
            action = menu.addAction(translate("LungSegmentation.Tables", title[:1].upper() + title[1:]))
            action.connect("triggered()", lambda node=node: show(node))
        button.enabled = bool(nodes)
        button.toolTip = "" if nodes else _("Tick it under Outputs, and segment or measure again")

    def _onShown3D(self, shown: bool) -> None:
        if shown and self._segmentationNode is not None:
            Display.arrangeSurfaces(self._segmentationNode)

    def _onSegmentsChanged(self, caller: object = None, event: object = None) -> None:
        if slicer.mrmlScene.IsImporting():  # read from their file, not edited
            return
        summary = readSummary(self._segmentationNode)
        if self._isOtherFrame():
            return
        if summary is not None and not summary.edited:
            writeSummary(self._segmentationNode, replace(summary, edited=True))
            self.update()

    def _isOtherFrame(self, caller: object = None, event: object = None) -> bool:
        """Notice when a node of a sequence comes to show another frame, whose segments come one by one: they are not edited."""
        frame = frameOf(self._segmentationNode)
        if frame != self._frame:
            qt.QTimer.singleShot(0, lambda: self._onFrameShown(frame))
        return frame != self._frame

    def _onFrameShown(self, frame: str) -> None:
        self._frame = frame
        self._placesShown.clear()
        self.update()


def _percent(value: float) -> str:
    return f"{value:.1f} %"


def _lungs() -> list[Any]:
    return [region for label in (RIGHT_LUNG, LEFT_LUNG) for region in REGIONS if region.label == label]


def _nameWithColour(colour: tuple[int, int, int], name: str) -> str:
    return f"<span style='color: rgb{colour}'>■</span> {escape(name)}"


def _methodTitle(method: str) -> str:
    """Name a method as the picker does, with what :mod:`.Measurement` adds for edited segments."""
    from LungSegmentationLib.registry import METHODS

    key, comma, remark = method.partition(", ")
    titles = {known.key: translate("LungSegmentation.Methods", known.title) for known in METHODS}
    return titles.get(key, key) + comma + (_("edited") if remark == "edited" else remark)
