"""A segmentation of each frame of a sequence (4D CT), browsed together with the scan, and their figures over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import slicer

from LungSegmentationLib.background.steps import Steps
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.tables.rows import Cell, Column

from ..Scene import ResultNodes, Segments, SubjectHierarchy, Tables
from ..Scene.ResultSummary import Figures, summarise, writeSummary
from ..Scene.Sequences import browserOf
from .Measurement import RUN_ATTRIBUTE, describeRun

if TYPE_CHECKING:
    from LungSegmentationLib.measures import Measures

OVER_TIME = "OverTime"
"""Role of the table with a row for each frame."""

_SIDES = (("right", "Right lung"), ("left", "Left lung"), ("both", "Both lungs"))


class FrameSeries:
    """The results of a sequence's frames on their way into the scene: nothing stays of them before :meth:`finish`.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode
        Shows the sequence, a frame at a time.

    Raises
    ------
    InputError
        If it shows no sequence.
    """

    def __init__(self, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
        found = browserOf(volumeNode)
        if found is None:
            raise InputError(f"{volumeNode.GetName()!r} shows no sequence; choose a volume of a 4D scan, or segment it as it is")
        self._volumeNode, self._scene = volumeNode, volumeNode.GetScene()
        self._browserNode, self._frames = found
        self._shownBefore = self._browserNode.GetSelectedItemNumber()
        self._segmentations = slicer.vtkMRMLSequenceNode()
        self._segmentations.SetIndexName(self._frames.GetIndexName())
        self._segmentations.SetIndexUnit(self._frames.GetIndexUnit())
        self._segmentations.SetIndexType(self._frames.GetIndexType())
        self._rows: list[dict[str, Cell]] = []

    @property
    def count(self) -> int:
        """How many frames there are."""
        return int(self._frames.GetNumberOfDataNodes())

    def show(self, number: int) -> None:
        """Let the volume node show a frame, counted from 0."""
        self._browserNode.SetSelectedItemNumber(number)

    def add(self, number: int, result: Segmentation, measures: Measures) -> Steps[None]:
        """Keep the result of a frame, in steps.

        Parameters
        ----------
        number : int
            Of the frame, counted from 0.
        result : Segmentation
        measures : Measures

        Raises
        ------
        InputError
            As :func:`LungSegmentationAdapter.Scene.Segments.updateSegments`.
        """
        self.show(number)  # the user may have browsed meanwhile
        node = self._scene.AddNewNodeByClass("vtkMRMLSegmentationNode", self._name(f"frame {number + 1} lungs"))
        try:
            node.SetHideFromEditors(True)
            voxels = yield from Segments.updateSegments(node, Segments.layersOfResult(result), self._volumeNode)
            node.SetAttribute(RUN_ATTRIBUTE, describeRun(result, voxels))
            summary = summarise(result, measures)
            writeSummary(node, summary)
            node.SetHideFromEditors(False)
            self._segmentations.SetDataNodeAtValue(node, self._frames.GetNthIndexValue(number))
        finally:
            if node.GetDisplayNode() is not None:
                self._scene.RemoveNode(node.GetDisplayNode())
            self._scene.RemoveNode(node)
        row: dict[str, Cell] = {"frame": number + 1, "index": self._frames.GetNthIndexValue(number)}
        for side, _title in _SIDES:
            figures: Figures = getattr(summary, side)
            row |= {f"{side}_ml": figures.volume_ml, f"{side}_hu": figures.mean_hu, f"{side}_laa950": figures.laa950_percent}
        self._rows.append({**row, "verdict": summary.verdict})

    def finish(self) -> slicer.vtkMRMLSegmentationNode:
        """Put the segmentations beside the scan, in the same browser, and the table of all frames; show the frame of before.

        Returns
        -------
        vtkMRMLSegmentationNode
            It shows the segmentation of the frame that is shown; edits go into the sequence.
        """
        name = self._scene.GenerateUniqueName(self._name("lungs"))
        sequenceNode = self._scene.AddNode(self._segmentations)
        sequenceNode.SetName(f"{name} sequence")
        self._browserNode.AddSynchronizedSequenceNode(sequenceNode)
        self._browserNode.SetSaveChanges(sequenceNode, True)
        # The browser makes the node that shows the frames when it comes to another one.
        self.show((self._shownBefore + 1) % self.count)
        self.show(self._shownBefore)
        shown = self._browserNode.GetProxyNode(sequenceNode)
        shown.SetName(name)
        shown.SetReferenceImageGeometryParameterFromVolumeNode(self._volumeNode)
        shown.SetAndObserveTransformNodeID(self._volumeNode.GetTransformNodeID())
        shown.CreateDefaultDisplayNodes()
        tableNode = ResultNodes.addNode(shown, OVER_TIME, "vtkMRMLTableNode", "over time")
        Tables.updateTableNode(tableNode, self._columns(), self._rows)
        SubjectHierarchy.placeNodes(shown, self._volumeNode)
        return shown

    def discard(self) -> None:
        """Keep nothing, and show the frame of before."""
        if self._browserNode.GetScene() is not None:
            self.show(self._shownBefore)

    def _name(self, what: str) -> str:
        return f"{self._volumeNode.GetName()} {what}"

    def _columns(self) -> list[Column]:
        index = Column("index", self._frames.GetIndexName().capitalize() or "Index", self._frames.GetIndexUnit() or "")
        columns = [Column("frame", "Frame"), index]
        for side, title in _SIDES:
            columns.append(Column(f"{side}_ml", f"{title}: volume", "mL", 2))
            columns.append(Column(f"{side}_hu", f"{title}: mean density", "HU", 2))
            columns.append(Column(f"{side}_laa950", f"{title}: LAA-950", "%", 2))
        return [*columns, Column("verdict", "Verdict")]
