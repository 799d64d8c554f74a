"""What Slicer's DICOM reader does with slices that lie off a regular grid: ``DICOMScalarVolumePlugin.AcquisitionModeling``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import slicer
import slicer.util
import vtk


def addAcquisitionTransform(
    scene: slicer.vtkMRMLScene, volumeNode: slicer.vtkMRMLScalarVolumeNode, move: Callable[[int, int, int], Sequence[float]]
) -> slicer.vtkMRMLGridTransformNode:
    """Put a volume under a grid transform.

    Parameters
    ----------
    scene : vtkMRMLScene
    volumeNode : vtkMRMLScalarVolumeNode
    move : callable
        ``move(k, row, column)`` tells how far a corner of slice k lies off the regular grid, in mm (RAS); row and column are 0 or 1.
    """
    columns, rows, slices = volumeNode.GetImageData().GetDimensions()
    node = scene.AddNewNodeByClass("vtkMRMLGridTransformNode", f"{volumeNode.GetName()} acquisition transform")
    image = vtk.vtkImageData()
    image.SetOrigin(*volumeNode.GetOrigin())
    image.SetDimensions(2, 2, slices)
    x, y, z = volumeNode.GetSpacing()
    image.SetSpacing(x * columns, y * rows, z)
    image.AllocateScalars(vtk.VTK_DOUBLE, 3)
    transform, direction = slicer.vtkOrientedGridTransform(), vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASDirectionMatrix(direction)
    transform.SetGridDirectionMatrix(direction)
    transform.SetDisplacementGridData(image)
    node.SetAndObserveTransformToParent(transform)
    volumeNode.SetAndObserveTransformNodeID(node.GetID())
    displacements = slicer.util.arrayFromGridTransform(node)
    for k in range(slices):
        for row in range(2):
            for column in range(2):
                displacements[k, row, column] = move(k, row, column)
    slicer.util.arrayFromGridTransformModified(node)
    return node
