"""Slicer's widgets for the segments of a segmentation node: as much of them as a panel uses, on the real node.

Not here: the menu of the 3D button, which sets smoothing; and of the table its context menu, filters, and editors of names and colours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Property

from . import pythonqt
from .properties import row, stored

_LABELMAP, _SURFACE = "Binary labelmap", "Closed surface"


class _Observed:
    """A segmentation node, and the tags of its observers."""

    def __init__(self, node: slicer.vtkMRMLSegmentationNode | None, events: tuple[Any, ...], changed: Callable[[], None]) -> None:
        self.node = node
        self._tags = [pythonqt.observe(node, event, changed) for event in events] if node is not None else []

    def end(self) -> None:
        for tag in self._tags:
            self.node.RemoveObserver(tag)


def _checked(node: Any) -> Any:
    if node is not None and not isinstance(node, slicer.vtkMRMLNode):
        raise ValueError(f"Could not find matching overload for given arguments:\n({node!r},)")
    return node


@pythonqt.standsForCpp
class qMRMLSegmentationShow3DButton(QtWidgets.QPushButton):
    """Makes and removes the closed surface, and shows whether there is one."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._observed = _Observed(None, (), self._update)
        self.text, self.checkable, self.enabled = "Show 3D", True, False
        self.toggled.connect(self._onToggled)

    locked = stored(bool, "_locked", False)

    def segmentationNode(self) -> slicer.vtkMRMLSegmentationNode | None:
        return self._observed.node

    def setSegmentationNode(self, node: slicer.vtkMRMLSegmentationNode | None) -> None:
        self._observed.end()
        kinds = slicer.vtkSegmentation
        events = ("ModifiedEvent", kinds.SegmentAdded, kinds.SegmentRemoved, kinds.ContainedRepresentationNamesModified)
        self._observed = _Observed(_checked(node), events, self._update)
        self._update()

    def _update(self) -> None:
        node = self._observed.node
        segmentation = node.GetSegmentation() if node is not None else None
        self.enabled = bool(
            segmentation and segmentation.GetNumberOfSegments() > 0 and segmentation.GetSourceRepresentationName() != _SURFACE
        )
        if segmentation:
            wasBlocked = self.blockSignals(True)
            self.checked = segmentation.ContainsRepresentation(_SURFACE)
            self.blockSignals(wasBlocked)

    def _onToggled(self, on: bool) -> None:
        node = self._observed.node
        if node is None:
            return
        segmentation, displayNode = node.GetSegmentation(), node.GetDisplayNode()
        wasModifying = node.StartModify()
        if not on:
            segmentation.RemoveRepresentation(_SURFACE)
        elif segmentation.CreateRepresentation(_SURFACE) and displayNode is not None:
            displayNode.SetPreferredDisplayRepresentationName3D(_SURFACE)
            if segmentation.ContainsRepresentation(_LABELMAP):
                displayNode.SetPreferredDisplayRepresentationName2D(_LABELMAP)
        node.EndModify(wasModifying)


@pythonqt.standsForCpp
class qMRMLSegmentsTableView(QtWidgets.QWidget):
    """Lists the segments: shown or not, colour, opacity, name."""

    mrmlSceneChanged = QtCore.Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._observed = None, _Observed(None, (), self._fill)
        self._table = QtWidgets.QTableWidget(0, 4)
        self._table.setHorizontalHeaderLabels(["Shown", "Colour", "Opacity", "Name"])
        self._table.verticalHeader().setVisible(False)
        self._table.horizontalHeader().setStretchLastSection(True)
        for column in range(3):
            self._table.setColumnWidth(column, 56)
        self._table.itemChanged.connect(self._onChanged)
        row(self, self._table)

    selectionMode = stored(int, "_selectionMode", 3)
    headerVisible = stored(bool, "_headerVisible", True)
    visibilityColumnVisible = stored(bool, "_visibilityColumn", True)
    colorColumnVisible = stored(bool, "_colorColumn", True)
    opacityColumnVisible = stored(bool, "_opacityColumn", True)
    statusColumnVisible = stored(bool, "_statusColumn", False)
    layerColumnVisible = stored(bool, "_layerColumn", False)
    filterBarVisible = stored(bool, "_filterBar", False)
    readOnly = stored(bool, "_readOnly", False)
    jumpToSelectedSegmentEnabled = stored(bool, "_jump", False)
    segmentCount = Property(int, lambda self: self._table.rowCount)

    def mrmlScene(self) -> slicer.vtkMRMLScene | None:
        return self._scene

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        self._scene = scene

    def tableWidget(self) -> QtWidgets.QTableView:
        return self._table

    def segmentationNode(self) -> slicer.vtkMRMLNode | None:
        return self._observed.node

    def setSegmentationNode(self, node: slicer.vtkMRMLNode | None) -> None:
        self._observed.end()
        kinds = slicer.vtkSegmentation
        self._observed = _Observed(_checked(node), (kinds.SegmentAdded, kinds.SegmentRemoved, kinds.SegmentModified), self._fill)
        self._fill()

    def _fill(self) -> None:
        node = self._observed.node
        ids = node.GetSegmentation().GetSegmentIDs() if node is not None else ()
        wasBlocked = self._table.blockSignals(True)
        self._table.setRowCount(len(ids))
        for index, segmentID in enumerate(ids):
            self._fillRow(index, segmentID, node)
        self._table.blockSignals(wasBlocked)

    def _fillRow(self, index: int, segmentID: str, node: slicer.vtkMRMLSegmentationNode) -> None:
        segment, displayNode = node.GetSegmentation().GetSegment(segmentID), node.GetDisplayNode()
        shown, colour, opacity, name = (QtWidgets.QTableWidgetItem() for _ in range(4))
        visible = displayNode is None or displayNode.GetSegmentVisibility(segmentID)
        shown.setCheckState(QtCore.Qt.CheckState.Checked if visible else QtCore.Qt.CheckState.Unchecked)
        shown.setData(QtCore.Qt.ItemDataRole.UserRole, segmentID)
        colour.setBackground(QtGui.QColor.fromRgbF(*segment.GetColor()))
        opacity.setText(f"{displayNode.GetSegmentOpacity3D(segmentID) if displayNode is not None else 1.0:.2f}")
        name.setText(segment.GetName())
        for column, cell in enumerate((shown, colour, opacity, name)):
            self._table.setItem(index, column, cell)

    def _onChanged(self, cell: QtWidgets.QTableWidgetItem) -> None:
        segmentID, node = cell.data(QtCore.Qt.ItemDataRole.UserRole), self._observed.node
        if segmentID and node is not None and node.GetDisplayNode() is not None:
            node.GetDisplayNode().SetSegmentVisibility(segmentID, cell.checkState() == QtCore.Qt.CheckState.Checked)
