"""Volumes that show one frame of a sequence (4D CT): which one it is."""

from __future__ import annotations

import slicer
import slicer.util


def frameOf(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> str:
    """Name the frame that a volume shows now; empty where it belongs to no sequence.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode
        In a scene. Slicer's sequence browser shows a sequence through it, a frame at a time.

    Returns
    -------
    str
        ``"frame 3 of 10 (time 2.5 s)"``, counted from 1.
    """
    scene = volumeNode.GetScene()
    count = scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode") if scene is not None else 0
    for browserNode in (scene.GetNthNodeByClass(index, "vtkMRMLSequenceBrowserNode") for index in range(count)):
        sequenceNode = browserNode.GetSequenceNode(volumeNode)
        if sequenceNode is not None:
            number = browserNode.GetSelectedItemNumber()
            value = f"{sequenceNode.GetNthIndexValue(number)} {sequenceNode.GetIndexUnit()}".strip()
            return f"frame {number + 1} of {sequenceNode.GetNumberOfDataNodes()} ({sequenceNode.GetIndexName()} {value})"
    return ""
