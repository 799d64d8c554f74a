"""Slicer's widgets that show nodes of the real scene, beside ``qMRMLNodeComboBox``."""

from __future__ import annotations

import slicer
from PySide6 import QtGui, QtWidgets
from PySide6.QtCore import Property, Signal

from . import pythonqt
from .ctk import ctkCollapsibleButton
from .ctk_numbers import ctkDoubleSpinBox, ctkRangeWidget, ctkSliderWidget
from .node_combo_box import qMRMLNodeComboBox
from .properties import row, stored
from .segment_widgets import qMRMLSegmentationShow3DButton, qMRMLSegmentsTableView


@pythonqt.standsForCpp
class qMRMLWidget(QtWidgets.QWidget):
    """Tells its children about the scene where the .ui file connects ``mrmlSceneChanged`` with them, and only there."""

    mrmlSceneChanged = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = None

    def mrmlScene(self) -> slicer.vtkMRMLScene | None:
        return self._scene

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)


@pythonqt.standsForCpp
class qSlicerWidget(qMRMLWidget):
    pass


@pythonqt.standsForCpp
class qMRMLSegmentSelectorWidget(qMRMLWidget):
    currentNodeChanged = Signal((object,), (bool,))
    currentSegmentChanged = Signal(str)
    segmentSelectionChanged = Signal("QStringList")

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._nodeBox, self._segmentBox, self._observed = qMRMLNodeComboBox(), QtWidgets.QComboBox(), []
        self._nodeBox.nodeTypes = ["vtkMRMLSegmentationNode"]
        self._nodeBox.addEnabled = self._nodeBox.removeEnabled = False
        row(self, self._nodeBox, self._segmentBox)
        self._nodeBox.connect("currentNodeChanged(vtkMRMLNode*)", self._nodeChanged)
        self._segmentBox.connect("currentIndexChanged(int)", lambda index: self.currentSegmentChanged.emit(self.currentSegmentID()))

    noneEnabled = stored(bool, "_noneEnabled", False)
    editEnabled = stored(bool, "_editEnabled", False)
    horizontalLayout = stored(bool, "_horizontalLayout", False)
    segmentationNodeSelectorVisible = Property(
        bool, lambda self: not self._nodeBox.isHidden(), lambda self, shown: setattr(self._nodeBox, "visible", shown)
    )

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        self._nodeBox.setMRMLScene(scene)
        super().setMRMLScene(scene)

    def _nodeChanged(self, node: slicer.vtkMRMLSegmentationNode | None) -> None:
        for observed, tag in self._observed:
            observed.RemoveObserver(tag)
        self._observed = []
        if node is not None:
            events = (slicer.vtkSegmentation.SegmentAdded, slicer.vtkSegmentation.SegmentRemoved, slicer.vtkSegmentation.SegmentModified)
            self._observed = [(node, pythonqt.observe(node, event, self._fill)) for event in events]
        self._fill()
        self.currentNodeChanged.emit(node)

    def _fill(self) -> None:
        wanted, ids = self.currentSegmentID(), self.segmentIDs()
        if tuple(self._segmentBox.itemData(index) for index in range(self._segmentBox.count)) == ids:
            return
        self._segmentBox.clear()
        for segmentID in ids:
            self._segmentBox.addItem(self.currentNode().GetSegmentation().GetSegment(segmentID).GetName(), segmentID)
        self.setCurrentSegmentID(wanted if wanted in ids else (ids[0] if ids else ""))

    def currentNode(self) -> slicer.vtkMRMLSegmentationNode | None:
        return self._nodeBox.currentNode()

    def currentNodeID(self) -> str:
        return self._nodeBox.currentNodeID

    def setCurrentNode(self, node: slicer.vtkMRMLNode | None) -> None:
        self._nodeBox.setCurrentNode(node)

    def setCurrentNodeID(self, nodeID: str) -> None:
        self._nodeBox.setCurrentNodeID(nodeID)

    def segmentIDs(self) -> tuple[str, ...]:
        node = self.currentNode()
        return () if node is None else tuple(node.GetSegmentation().GetSegmentIDs())

    def currentSegmentID(self) -> str:
        return self._segmentBox.itemData(self._segmentBox.currentIndex) or ""

    def setCurrentSegmentID(self, segmentID: str) -> None:
        self._segmentBox.currentIndex = self._segmentBox.findData(segmentID)


@pythonqt.standsForCpp
class qMRMLTableView(QtWidgets.QTableView):
    """Shows the text of each cell of a table node, under its titles where the node says so."""

    mrmlSceneChanged = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._node, self._tag = None, None, None
        self.setModel(QtGui.QStandardItemModel(self))

    def mrmlScene(self) -> slicer.vtkMRMLScene | None:
        return self._scene

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        self._scene = scene

    def mrmlTableNode(self) -> slicer.vtkMRMLTableNode | None:
        return self._node

    def setMRMLTableNode(self, node: slicer.vtkMRMLTableNode | None) -> None:
        if node is not None and not isinstance(node, slicer.vtkMRMLTableNode):
            raise ValueError(f"Could not find matching overload for given arguments:\n({node!r},)")
        if self._node is not None:
            self._node.RemoveObserver(self._tag)
        self._node = node
        self._tag = pythonqt.observe(node, "ModifiedEvent", self._fill) if node is not None else None
        self._fill()

    def _fill(self) -> None:
        model, node = self.model(), self._node
        model.clear()
        if node is None:
            return
        rows, names = range(node.GetNumberOfRows()), [node.GetColumnName(column) for column in range(node.GetNumberOfColumns())]
        titles = [node.GetColumnTitle(name) if node.GetUseColumnTitleAsColumnHeader() else name for name in names]
        model.setHorizontalHeaderLabels([title or name for title, name in zip(titles, names, strict=True)])
        for index in rows:
            model.appendRow([QtGui.QStandardItem(node.GetCellText(index, column)) for column in range(len(names))])


@pythonqt.standsForCpp
class qMRMLCollapsibleButton(ctkCollapsibleButton):
    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        self._scene = scene


@pythonqt.standsForCpp
class qMRMLSliderWidget(ctkSliderWidget):
    quantity = stored(str, "_quantity", "")
    unitAwareProperties = stored("QVariant", "_unitAware", 0)

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        self._scene = scene


@pythonqt.standsForCpp
class qMRMLSpinBox(ctkDoubleSpinBox):
    quantity = stored(str, "_quantity", "")

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        self._scene = scene


@pythonqt.standsForCpp
class qMRMLRangeWidget(ctkRangeWidget):
    quantity = stored(str, "_quantity", "")

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        self._scene = scene


__all__ = ["qMRMLSegmentationShow3DButton", "qMRMLSegmentsTableView"]
WIDGETS = [value for name, value in list(vars().items()) if name.startswith(("qMRML", "qSlicer"))]
