"""``slicer.app.layoutManager()``: the views of the real layout node, without their windows."""

from __future__ import annotations

import slicer
import vtk
from PySide6 import QtCore
from PySide6.QtCore import Property, Signal

from . import pythonqt
from .mrml_widgets import qMRMLTableView, qMRMLWidget
from .views import Views


@pythonqt.standsForCpp
class qMRMLSliceWidget(qMRMLWidget):
    def __init__(self, logic: slicer.vtkMRMLSliceLogic) -> None:
        super().__init__()
        self._logic = logic

    def sliceLogic(self) -> slicer.vtkMRMLSliceLogic:
        return self._logic

    def mrmlSliceNode(self) -> slicer.vtkMRMLSliceNode:
        return self._logic.GetSliceNode()

    def mrmlSliceCompositeNode(self) -> slicer.vtkMRMLSliceCompositeNode:
        return self._logic.GetSliceCompositeNode()

    def fitSliceToBackground(self) -> None:
        self._logic.FitSliceToBackground()


@pythonqt.standsForCpp
class qMRMLThreeDView(qMRMLWidget):
    """Counts the wishes to be centred, in ``_resets``; it has no window and no camera."""

    def __init__(self, node: slicer.vtkMRMLViewNode) -> None:
        super().__init__()
        self._node, self._resets = node, 0

    def mrmlViewNode(self) -> slicer.vtkMRMLViewNode:
        return self._node

    def resetFocalPoint(self) -> None:
        self._resets += 1

    def resetCamera(self) -> None:
        """There is no camera to move."""

    def forceRender(self) -> None:
        """There is no window to draw."""


@pythonqt.standsForCpp
class qMRMLThreeDWidget(qMRMLWidget):
    def __init__(self, node: slicer.vtkMRMLViewNode) -> None:
        super().__init__()
        self._view = qMRMLThreeDView(node)

    def threeDView(self) -> qMRMLThreeDView:
        return self._view

    def mrmlViewNode(self) -> slicer.vtkMRMLViewNode:
        return self._view.mrmlViewNode()


@pythonqt.standsForCpp
class qMRMLTableWidget(qMRMLWidget):
    def __init__(self, node: slicer.vtkMRMLTableViewNode) -> None:
        super().__init__()
        self._view, self._node = qMRMLTableView(), node

    def tableView(self) -> qMRMLTableView:
        self._view.setMRMLTableNode(self._node.GetTableNode())
        return self._view

    def mrmlTableViewNode(self) -> slicer.vtkMRMLTableViewNode:
        return self._node


@pythonqt.standsForCpp
class qMRMLPlotView(qMRMLWidget):
    def __init__(self, node: slicer.vtkMRMLPlotViewNode) -> None:
        super().__init__()
        self._node = node

    def mrmlPlotViewNode(self) -> slicer.vtkMRMLPlotViewNode:
        return self._node

    def fitToContent(self) -> None:
        """There is no window to draw."""


@pythonqt.standsForCpp
class qMRMLPlotWidget(qMRMLWidget):
    def __init__(self, node: slicer.vtkMRMLPlotViewNode) -> None:
        super().__init__()
        self._view = qMRMLPlotView(node)

    def plotView(self) -> qMRMLPlotView:
        return self._view

    def mrmlPlotViewNode(self) -> slicer.vtkMRMLPlotViewNode:
        return self._view.mrmlPlotViewNode()


@pythonqt.standsForCpp
class qSlicerLayoutManager(QtCore.QObject):
    """Shows what the layout node says; a layout set here is set there."""

    layoutChanged = Signal(int)

    def __init__(self, views: Views) -> None:
        super().__init__()
        self._views, self._widgets, self._pauses = views, {}, 0
        self._layout = views.layoutNode().GetViewArrangement()
        views.layoutNode().AddObserver("ModifiedEvent", lambda *arguments: self._layoutNodeModified())

    def _layoutNodeModified(self) -> None:
        if self._layout != self._views.layoutNode().GetViewArrangement():
            self._layout = self._views.layoutNode().GetViewArrangement()
            self.layoutChanged.emit(self._layout)

    def setLayout(self, layout: int) -> None:
        self._views.layoutNode().SetViewArrangement(layout)

    layout = Property(int, lambda self: self._views.layoutNode().GetViewArrangement(), setLayout)
    threeDViewCount = Property(int, lambda self: len(self._views.shownNodes("vtkMRMLViewNode")))
    tableViewCount = Property(int, lambda self: len(self._views.shownNodes("vtkMRMLTableViewNode")))
    plotViewCount = Property(int, lambda self: len(self._views.shownNodes("vtkMRMLPlotViewNode")))

    def layoutLogic(self) -> slicer.vtkMRMLLayoutLogic:
        return self._views.layoutLogic

    def mrmlScene(self) -> slicer.vtkMRMLScene:
        return self._views.layoutLogic.GetMRMLScene()

    def sliceViewNames(self) -> tuple[str, ...]:
        return tuple(node.GetLayoutName() for node in self._views.shownNodes("vtkMRMLSliceNode"))

    def _widget(self, cls: type, shown: object) -> qMRMLWidget:
        return self._widgets.setdefault((cls, shown), cls(shown))

    def _nthWidget(self, cls: type, className: str, index: int) -> qMRMLWidget | None:
        nodes = self._views.shownNodes(className)
        return self._widget(cls, nodes[index]) if 0 <= index < len(nodes) else None

    def sliceWidget(self, layoutName: str) -> qMRMLSliceWidget | None:
        logic = self._views.sliceLogic(layoutName)
        return self._widget(qMRMLSliceWidget, logic) if logic else None

    def threeDWidget(self, index: int) -> qMRMLThreeDWidget | None:
        return self._nthWidget(qMRMLThreeDWidget, "vtkMRMLViewNode", index)

    def tableWidget(self, index: int) -> qMRMLTableWidget | None:
        return self._nthWidget(qMRMLTableWidget, "vtkMRMLTableViewNode", index)

    def plotWidget(self, index: int) -> qMRMLPlotWidget | None:
        return self._nthWidget(qMRMLPlotWidget, "vtkMRMLPlotViewNode", index)

    def mrmlSliceLogics(self) -> vtk.vtkCollection:
        return self._views.sliceLogics

    def resetSliceViews(self) -> None:
        for index in range(self._views.sliceLogics.GetNumberOfItems()):
            self._views.sliceLogics.GetItemAsObject(index).FitSliceToBackground()

    def resetThreeDViews(self) -> None:
        for index in range(self.threeDViewCount):
            self.threeDWidget(index).threeDView().resetFocalPoint()
            self.threeDWidget(index).threeDView().resetCamera()

    def setRenderPaused(self, pause: bool) -> None:
        self._pauses += 1 if pause else -1
        if self._pauses < 0:
            raise RuntimeError("rendering was resumed more often than it was paused")

    def pauseRender(self) -> None:
        self.setRenderPaused(True)

    def resumeRender(self) -> None:
        self.setRenderPaused(False)

    def allViewsPauseRenderCount(self) -> int:
        return self._pauses
