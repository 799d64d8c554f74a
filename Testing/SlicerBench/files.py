"""Loading and saving nodes by file type, as ``slicer.util`` asks it of the application's IO manager."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import slicer
import vtk

_TYPE_OF_ENDING = (
    ((".seg.nrrd", ".seg.nhdr"), "SegmentationFile"),
    ((".mrml", ".mrb"), "SceneFile"),
    ((".csv", ".tsv"), "TableFile"),
    ((".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd"), "VolumeFile"),
)
_TYPE_OF_CLASS = (
    ("vtkMRMLSegmentationNode", "SegmentationFile"),
    ("vtkMRMLTableNode", "TableFile"),
    ("vtkMRMLVolumeNode", "VolumeFile"),
)


class CoreIOManager:
    """``slicer.app.coreIOManager()`` for volumes, segmentations, tables and scenes."""

    def __init__(self, scene: slicer.vtkMRMLScene, modules: Mapping[str, Any], closeScene: Callable[[], None]) -> None:
        self._scene, self._modules, self._closeScene = scene, modules, closeScene

    def fileType(self, fileName: str) -> str:
        """Tell the type of a file by its ending."""
        for endings, fileType in _TYPE_OF_ENDING:
            if str(fileName).lower().endswith(endings):
                return fileType
        raise ValueError(f"the bench reads no files like {fileName}")

    def loadNodes(
        self,
        fileType: str,
        properties: Mapping[str, Any],
        loadedNodes: vtk.vtkCollection | None = None,
        userMessages: slicer.vtkMRMLMessageCollection | None = None,
    ) -> bool:
        """Load a file with the reader that Slicer's module for its type uses."""
        path = Path(str(properties["fileName"])).resolve()
        if not path.is_file():
            return False
        name = str(properties.get("name") or path.name.split(".")[0])
        if fileType == "SceneFile":
            return self._loadScene(path, bool(properties.get("clear", True)))
        if fileType == "VolumeFile":
            options = (1 if properties.get("labelmap") else 0) | (4 if properties.get("singleFile") else 0) | 8
            node = self._modules["Volumes"].logic().AddArchetypeVolume(str(path), name, options)
        elif fileType == "SegmentationFile":
            node = self._modules["Segmentations"].logic().LoadSegmentationFromFile(str(path), True, name, None, userMessages)
        elif fileType == "TableFile":
            node = self._modules["Tables"].logic().AddTable(str(path), name)
        else:
            raise ValueError(f"the bench loads no {fileType}")
        if node and loadedNodes is not None:
            loadedNodes.AddItem(node)
        return node is not None

    def _loadScene(self, path: Path, clear: bool) -> bool:
        if clear:
            self._closeScene()
        if path.suffix == ".mrb":
            return bool(self._scene.ReadFromMRB(str(path), False))
        self._scene.SetURL(str(path))
        return bool(self._scene.Import())

    def _saveScene(self, path: Path) -> bool:
        if path.suffix == ".mrb":
            return bool(self._scene.WriteToMRB(str(path), None))
        self._scene.SetRootDirectory(str(path.parent))
        return bool(self._scene.Commit(str(path)))

    def fileWriterFileType(self, node: slicer.vtkMRMLStorableNode, fileName: str = "") -> str:
        """Tell the type of file that a node is saved as."""
        for className, fileType in _TYPE_OF_CLASS:
            if node.IsA(className):
                return fileType
        raise ValueError(f"the bench saves no {node.GetClassName()}")

    def saveNodes(self, fileType: str, properties: Mapping[str, Any], userMessages: slicer.vtkMRMLMessageCollection | None = None) -> bool:
        """Save one node through its own storage node, or the whole scene."""
        if fileType == "SceneFile":
            return self._saveScene(Path(str(properties["fileName"])).resolve())
        node = self._scene.GetNodeByID(properties["nodeID"])
        fileName = str(properties["fileName"])
        if node.GetStorageNode() is None:
            node.AddDefaultStorageNode(fileName)
        storageNode = node.GetStorageNode()
        storageNode.SetFileName(fileName)
        if "useCompression" in properties:
            storageNode.SetUseCompression(bool(properties["useCompression"]))
        return bool(storageNode.WriteData(node))
