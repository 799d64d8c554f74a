"""Nodes that belong to a segmentation: tables, charts, differences. A second run finds and updates them.

Each is known by a node reference of the segmentation node, and names the segmentation node as its owner by a reference of
its own; both survive saving and loading. The owner tells a copied segmentation node, whose references lead to the nodes
of its original.
"""

from __future__ import annotations

import slicer

_PREFIX = "LungSegmentation."
_OWNER = _PREFIX + "Owner"


def findNode(segmentationNode: slicer.vtkMRMLSegmentationNode, role: str) -> slicer.vtkMRMLNode | None:
    """Give the node that has a role for a segmentation; None where there is none any more."""
    node = segmentationNode.GetNodeReference(_PREFIX + role)
    return node if node is not None and node.GetNodeReference(_OWNER) in (None, segmentationNode) else None


def isResult(node: slicer.vtkMRMLNode) -> bool:
    """Tell whether a node belongs to a segmentation."""
    return node.GetNodeReferenceID(_OWNER) is not None


def addNode(segmentationNode: slicer.vtkMRMLSegmentationNode, role: str, className: str, title: str) -> slicer.vtkMRMLNode:
    """Add a node to the segmentation's scene, named after the segmentation, and give it a role."""
    node = segmentationNode.GetScene().AddNewNodeByClass(className, f"{segmentationNode.GetName()} {title}")
    segmentationNode.SetNodeReferenceID(_PREFIX + role, node.GetID())
    node.SetNodeReferenceID(_OWNER, segmentationNode.GetID())
    return node


def findOrAddNode(segmentationNode: slicer.vtkMRMLSegmentationNode, role: str, className: str, title: str) -> slicer.vtkMRMLNode:
    """Give the node that has a role, added where it is missing."""
    return findNode(segmentationNode, role) or addNode(segmentationNode, role, className, title)


def removeNode(segmentationNode: slicer.vtkMRMLSegmentationNode, role: str) -> None:
    """Remove the node that has a role, if there is one."""
    node = findNode(segmentationNode, role)
    if node is not None:
        segmentationNode.GetScene().RemoveNode(node)
    segmentationNode.RemoveNodeReferenceIDs(_PREFIX + role)


def roles(segmentationNode: slicer.vtkMRMLSegmentationNode, kind: str = "") -> list[str]:
    """List the roles that begin with a kind and whose nodes are there, in the order in which they were added."""
    references: list[str] = []
    segmentationNode.GetNodeReferenceRoles(references)
    found = [role.removeprefix(_PREFIX) for role in references if role.startswith(_PREFIX + kind)]
    return [role for role in found if findNode(segmentationNode, role) is not None]
