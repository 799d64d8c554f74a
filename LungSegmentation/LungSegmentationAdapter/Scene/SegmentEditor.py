"""Slicer's Segment Editor, opened on a segmentation and its scan."""

from __future__ import annotations

import slicer
import slicer.util

_MODULE = "SegmentEditor"  # also the tag of the node that holds its choices


def openSegmentEditor(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Choose a segmentation and its scan in the Segment Editor, and switch to it."""
    scene = segmentationNode.GetScene()
    editorNode = scene.GetSingletonNode(_MODULE, "vtkMRMLSegmentEditorNode")
    if editorNode is None:
        editorNode = scene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
        editorNode.UnRegister(None)
        editorNode.SetSingletonTag(_MODULE)
        editorNode = scene.AddNode(editorNode)
    editorNode.SetAndObserveSegmentationNode(segmentationNode)
    editorNode.SetAndObserveSourceVolumeNode(volumeNode)
    slicer.util.selectModule(_MODULE)
