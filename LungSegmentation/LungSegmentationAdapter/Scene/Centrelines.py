"""Middle lines of airways and vessels -> model nodes, and branches of them as markups curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.trees.centrelines import Centrelines

from . import ResultNodes

CENTRELINES = "Centreline."
_CURVES = "Curve."  # followed by the key of the centrelines, a dot, and the branch's number
RADIUS, GENERATION, ORDER = "radius_mm", "generation", "strahler_order"
_LINE_WIDTH = 3
_COLOURS = "vtkMRMLColorTableNodeFileViridis.txt"


def updateCentrelines(
    segmentationNode: slicer.vtkMRMLSegmentationNode, centrelines: Mapping[str, Centrelines]
) -> dict[str, slicer.vtkMRMLModelNode]:
    """Write a result's centrelines into model nodes; those of an earlier run are used again, or go where there are none now.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        In a scene.
    centrelines : mapping of str to Centrelines
        Those of :class:`LungSegmentationLib.measures.Measures`.

    Returns
    -------
    dict of str to vtkMRMLModelNode
        By ``airways`` and ``vessels``. A line a branch, with the radius as point data, generation and Strahler's order as cell
        data; hidden until the user shows them. What a user changed about their look stays. Curves of an earlier run go.
    """
    for role in ResultNodes.roles(segmentationNode, _CURVES):
        _remove(segmentationNode, role)
    for key in set(centrelineNodes(segmentationNode)) - set(centrelines):
        _remove(segmentationNode, CENTRELINES + key)
    nodes = {}
    for key, lines in centrelines.items():
        node = ResultNodes.findNode(segmentationNode, CENTRELINES + key)
        if node is None:
            node = ResultNodes.addNode(segmentationNode, CENTRELINES + key, "vtkMRMLModelNode", f"centrelines of {key}")
            node.SetAndObservePolyData(_polyData(lines))
            _setLook(node)
        else:
            node.SetAndObservePolyData(_polyData(lines))
        nodes[key] = node
    return nodes


def centrelineNodes(segmentationNode: slicer.vtkMRMLSegmentationNode) -> dict[str, slicer.vtkMRMLModelNode]:
    """Give the centrelines' model nodes of a segmentation by their keys."""
    roles = ResultNodes.roles(segmentationNode, CENTRELINES)
    return {role.removeprefix(CENTRELINES): ResultNodes.findNode(segmentationNode, role) for role in roles}


def addCurves(
    segmentationNode: slicer.vtkMRMLSegmentationNode, key: str, branches: Iterable[int]
) -> dict[int, slicer.vtkMRMLMarkupsCurveNode]:
    """Make markups curves of branches, to be measured, edited or followed in Slicer.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        With centrelines.
    key : str
        ``airways`` or ``vessels``.
    branches : iterable of int
        Numbers of the branches, from 1 on, as in the tables of branches.

    Returns
    -------
    dict of int to vtkMRMLMarkupsCurveNode
        By the branches' numbers; a curve that is there already is made anew.

    Raises
    ------
    InputError
        If there are no such centrelines or no such branch.
    """
    modelNode = centrelineNodes(segmentationNode).get(key)
    if modelNode is None:
        raise InputError(f"{segmentationNode.GetName()!r} has no centrelines of {key!r}; segment or measure it first")
    polyData = modelNode.GetPolyData()
    points = vtk_to_numpy(polyData.GetPoints().GetData())
    offsets = vtk_to_numpy(polyData.GetLines().GetOffsetsArray())
    nodes = {}
    for branch in branches:
        if not 1 <= branch < len(offsets):
            raise InputError(f"the branch is {branch}; {modelNode.GetName()!r} has the branches 1 to {len(offsets) - 1}")
        node = ResultNodes.findOrAddNode(segmentationNode, f"{_CURVES}{key}.{branch}", "vtkMRMLMarkupsCurveNode", f"{key} branch {branch}")
        curve = vtk.vtkPoints()
        curve.SetData(numpy_to_vtk(np.ascontiguousarray(points[offsets[branch - 1] : offsets[branch]]), deep=True))
        node.SetControlPointPositionsWorld(curve)
        nodes[branch] = node
    return nodes


def _remove(segmentationNode: slicer.vtkMRMLSegmentationNode, role: str) -> None:
    """Remove a node with its display node, which the scene would keep."""
    node = ResultNodes.findNode(segmentationNode, role)
    displayNode = node.GetDisplayNode() if node is not None else None
    ResultNodes.removeNode(segmentationNode, role)
    if displayNode is not None:
        segmentationNode.GetScene().RemoveNode(displayNode)


def _polyData(lines: Centrelines) -> vtk.vtkPolyData:
    points, cells, polyData = vtk.vtkPoints(), vtk.vtkCellArray(), vtk.vtkPolyData()
    points.SetData(numpy_to_vtk(lines.points_lps_mm * np.array([-1, -1, 1], np.float32), deep=True))
    connectivity = numpy_to_vtkIdTypeArray(np.arange(len(lines.points_lps_mm), dtype=np.int64), deep=True)
    cells.SetData(numpy_to_vtkIdTypeArray(lines.starts.astype(np.int64), deep=True), connectivity)
    polyData.SetPoints(points)
    polyData.SetLines(cells)
    radii = numpy_to_vtk(lines.radii_mm, deep=True)
    radii.SetName(RADIUS)
    polyData.GetPointData().SetScalars(radii)
    for name, values in ((GENERATION, lines.generations), (ORDER, lines.orders)):
        array = numpy_to_vtk(values, deep=True)
        array.SetName(name)
        polyData.GetCellData().AddArray(array)
    return polyData


def _setLook(node: slicer.vtkMRMLModelNode) -> None:
    node.CreateDefaultDisplayNodes()
    displayNode = node.GetDisplayNode()
    displayNode.SetVisibility(False)
    displayNode.SetLineWidth(_LINE_WIDTH)
    displayNode.SetActiveScalarName(RADIUS)
    displayNode.SetScalarVisibility(True)
    if node.GetScene().GetNodeByID(_COLOURS) is not None:
        displayNode.SetAndObserveColorNodeID(_COLOURS)
