"""``qMRMLNodeComboBox``: choose a node of the real scene."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtWidgets
from PySide6.QtCore import Property, Signal

from . import pythonqt
from .properties import row, stored
from .signals import findSignal

_NONE, _CREATE = "", "+"


def _listed(kind: type | str, attribute: str, default: Any) -> Property:
    """Make a property that the list of nodes depends on."""

    def write(self: qMRMLNodeComboBox, value: Any) -> None:
        setattr(self, attribute, value)
        self._fill()

    return Property(kind, lambda self: getattr(self, attribute, default), write)


@pythonqt.standsForCpp
class qMRMLNodeComboBox(QtWidgets.QWidget):
    """A node is selected by the user, by code, or because it came into an empty list that offers neither None nor actions.

    When the current node leaves the scene, None is selected where it is offered, else the last node of the list.
    """

    currentNodeChanged = Signal((object,), (bool,))
    currentNodeIDChanged = Signal(str)
    nodeActivated = Signal(object)
    nodeAdded = Signal(object)
    nodeAddedByUser = Signal(object)
    nodeAboutToBeRemoved = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._currentID, self._requestedID, self._observed = None, "", "", []
        self._attributes: list[tuple[str, str, Any]] = []
        self._comboBox = QtWidgets.QComboBox()
        row(self, self._comboBox)
        self._comboBox.connect("activated(int)", self._activated)
        self.enabled = False

    nodeTypes = _listed("QStringList", "_nodeTypes", ())
    noneEnabled = _listed(bool, "_noneEnabled", False)
    addEnabled = _listed(bool, "_addEnabled", True)
    removeEnabled = _listed(bool, "_removeEnabled", True)
    editEnabled = _listed(bool, "_editEnabled", False)
    renameEnabled = _listed(bool, "_renameEnabled", False)
    showHidden = _listed(bool, "_showHidden", False)
    showChildNodeTypes = _listed(bool, "_showChildNodeTypes", True)
    hideChildNodeTypes = _listed("QStringList", "_hideChildNodeTypes", ())
    noneDisplay = _listed(str, "_noneDisplay", "None")
    baseName = stored(str, "_baseName", "")
    selectNodeUponCreation = stored(bool, "_selectNodeUponCreation", True)

    def mrmlScene(self) -> slicer.vtkMRMLScene | None:
        return self._scene

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        if scene is self._scene:
            return
        for tag in self._observed:
            self._scene.RemoveObserver(tag)
        self._scene = scene
        self.enabled = scene is not None
        events = () if scene is None else (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndBatchProcessEvent, scene.EndCloseEvent)
        self._observed = [pythonqt.observe(scene, event, self._fill) for event in events]
        self._fill()
        self.setCurrentNodeID(self._requestedID)

    def addAttribute(self, nodeType: str, name: str, value: Any = None) -> None:
        self._attributes.append((nodeType, name, value))
        self._fill()

    def _accepts(self, node: slicer.vtkMRMLNode) -> bool:
        if node.GetHideFromEditors() and not self.showHidden:
            return False
        if any(node.IsA(hidden) for hidden in self.hideChildNodeTypes):
            return False
        if not any(node.GetClassName() == kind or (self.showChildNodeTypes and node.IsA(kind)) for kind in self.nodeTypes):
            return False
        asked = [(name, value) for kind, name, value in self._attributes if node.IsA(kind)]
        return all(node.GetAttribute(name) is not None and value in (None, node.GetAttribute(name)) for name, value in asked)

    def _nodes(self) -> list[slicer.vtkMRMLNode]:
        if self._scene is None:
            return []
        nodes = [self._scene.GetNthNode(index) for index in range(self._scene.GetNumberOfNodes())]
        return [node for node in nodes if self._accepts(node)]

    def _fill(self) -> None:
        if self._scene is not None and (self._scene.IsBatchProcessing() or self._scene.IsClosing()):
            return
        nodes, before = self._nodes(), [self._comboBox.itemData(index) for index in range(self._comboBox.count)]
        items = [(_NONE, self.noneDisplay)] if self.noneEnabled and self._scene is not None else []
        items += [(node.GetID(), node.GetName()) for node in nodes]
        items += [(_CREATE, "Create new node")] if self.addEnabled and self._scene is not None else []
        self._comboBox.clear()
        for nodeID, name in items:
            self._comboBox.addItem(name, nodeID)
        self._announce([node for node in nodes if node.GetID() not in before])
        self._select(self._keptID(nodes, before))

    def _announce(self, nodes: list[slicer.vtkMRMLNode]) -> None:
        for node in nodes:
            self.nodeAdded.emit(node)

    def _keptID(self, nodes: list[slicer.vtkMRMLNode], before: list[str]) -> str:
        ids = [node.GetID() for node in nodes]
        if self._currentID in ids or not ids or self.noneEnabled:
            return self._currentID if self._currentID in ids else _NONE
        if self._currentID:
            return ids[-1]
        actions = self.addEnabled or self.removeEnabled or self.editEnabled or self.renameEnabled
        return ids[0] if not before and not actions else _NONE

    def _select(self, nodeID: str) -> None:
        self._comboBox.currentIndex = self._comboBox.findData(nodeID)
        if nodeID == self._currentID:
            return
        self._currentID = nodeID
        node = self.currentNode()
        self.currentNodeChanged.emit(node)
        findSignal(self, "currentNodeChanged(bool)").emit(node is not None)
        self.currentNodeIDChanged.emit(nodeID)

    def _activated(self, index: int) -> None:
        nodeID = self._comboBox.itemData(index)
        if nodeID == _CREATE:
            self.addNode()
        else:
            self._select(nodeID)
            self.nodeActivated.emit(self.currentNode())

    def currentNode(self) -> slicer.vtkMRMLNode | None:
        return self._scene.GetNodeByID(self._currentID) if self._scene is not None and self._currentID else None

    def setCurrentNode(self, node: slicer.vtkMRMLNode | None) -> None:
        if node is not None and not isinstance(node, slicer.vtkMRMLNode):
            raise ValueError(f"Could not find matching overload for given arguments:\n({node!r},)")
        self.setCurrentNodeID("" if node is None else node.GetID())

    def setCurrentNodeID(self, nodeID: str | None) -> None:
        if self._scene is None:
            self._requestedID = nodeID or ""
            return
        known = [node.GetID() for node in self._nodes()]
        self._select(nodeID if nodeID in known else _NONE)

    currentNodeID = Property(str, lambda self: self._currentID, setCurrentNodeID)

    def setCurrentNodeIndex(self, index: int) -> None:
        nodes = self._nodes()
        self._select(nodes[index].GetID() if 0 <= index < len(nodes) else _NONE)

    def nodeFromIndex(self, index: int) -> slicer.vtkMRMLNode | None:
        nodes = self._nodes()
        return nodes[index] if 0 <= index < len(nodes) else None

    def nodeCount(self) -> int:
        return len(self._nodes())

    def addNode(self, nodeType: str = "") -> slicer.vtkMRMLNode | None:
        kind = nodeType or (self.nodeTypes[0] if self.nodeTypes else "")
        if kind not in self.nodeTypes:
            return None
        tag = kind.removeprefix("vtkMRML").removesuffix("Node")
        node = self._scene.AddNewNodeByClass(kind, self._scene.GenerateUniqueName(self.baseName or tag))
        if self.selectNodeUponCreation:
            self.setCurrentNode(node)
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        node = self.currentNode()
        if node is not None:
            self.nodeAboutToBeRemoved.emit(node)
            self._scene.RemoveNode(node)
