"""Nodes that show one frame of a sequence (4D CT): which one it is, and of which sequence."""

from __future__ import annotations

import slicer
import slicer.util


def frameOf(node: slicer.vtkMRMLNode) -> str:
    """Name the frame that a volume or a segmentation shows now; empty where it belongs to no sequence.

    Parameters
    ----------
    node : vtkMRMLNode
        In a scene. Slicer's sequence browser shows a sequence through it, a frame at a time.

    Returns
    -------
    str
        ``"frame 3 of 10 (time 2.5 s)"``, counted from 1.
    """
    found = browserOf(node)
    if found is None:
        return ""
    browserNode, sequenceNode = found
    number = browserNode.GetSelectedItemNumber()
    value = f"{sequenceNode.GetNthIndexValue(number)} {sequenceNode.GetIndexUnit()}".strip()
    return f"frame {number + 1} of {sequenceNode.GetNumberOfDataNodes()} ({sequenceNode.GetIndexName()} {value})"


def browserOf(node: slicer.vtkMRMLNode) -> tuple[slicer.vtkMRMLSequenceBrowserNode, slicer.vtkMRMLSequenceNode] | None:
    """Give the browser that shows a sequence through a node, and that sequence; None where there is none."""
    scene = node.GetScene()
    count = scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode") if scene is not None else 0
    for browserNode in (scene.GetNthNodeByClass(index, "vtkMRMLSequenceBrowserNode") for index in range(count)):
        sequenceNode = browserNode.GetSequenceNode(node)
        if sequenceNode is not None:
            return browserNode, sequenceNode
    return None
