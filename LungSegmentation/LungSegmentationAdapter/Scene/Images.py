"""VTK's images and matrices as arrays, and where a volume node's voxels lie."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import get_vtk_array_type, vtk_to_numpy

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.volume import PERPENDICULAR_TOLERANCE


def voxelsOfNode(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray:
    """Give the node's voxels (k, j, i) without copying, or say why it is not a CT."""
    if volumeNode is None or not volumeNode.IsA("vtkMRMLScalarVolumeNode"):
        raise InputError(f"{volumeNode.GetName() if volumeNode else 'nothing'!r} was chosen as CT; choose a scalar volume")
    name = volumeNode.GetName()
    if volumeNode.IsA("vtkMRMLLabelMapVolumeNode"):
        raise InputError(f"the volume {name!r} is a label map; choose a CT in Hounsfield units")
    image = volumeNode.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None or image.GetNumberOfPoints() == 0:
        raise InputError(f"the volume {name!r} has no voxels; load or choose a CT")
    components = image.GetNumberOfScalarComponents()
    if components != 1:
        raise InputError(f"the volume {name!r} has {components} values per voxel; choose a volume with one value per voxel")
    return arrayFromImage(image)


def ijkToRas(volumeNode: slicer.vtkMRMLScalarVolumeNode, target: slicer.vtkMRMLTransformNode | None) -> np.ndarray:
    """Give the 4x4 matrix from voxel indices to RAS under another parent transform; None is the world."""
    parentToTarget, linearPart, ijkToParent = transformBetween(volumeNode, target), vtk.vtkTransform(), vtk.vtkMatrix4x4()
    if not slicer.vtkMRMLTransformNode.IsGeneralTransformLinear(parentToTarget, linearPart):
        raise InputError(
            f"a transform of the volume {volumeNode.GetName()!r} or of its segmentation is not linear; "
            "put both under the same transform, or harden it (module Transforms), which resamples the volume"
        )
    volumeNode.GetIJKToRASMatrix(ijkToParent)
    matrix = arrayFromMatrix(linearPart.GetMatrix()) @ arrayFromMatrix(ijkToParent)
    checkAxes(matrix, volumeNode.GetName())
    return matrix


def transformBetween(
    node: slicer.vtkMRMLTransformableNode, target: slicer.vtkMRMLTransformNode | None, isForward: bool = True
) -> vtk.vtkGeneralTransform:
    """Give the transform from a node's parent transform to another one, None being the world; or the way back."""
    transform, source = vtk.vtkGeneralTransform(), node.GetParentTransformNode()
    ends = (source, target) if isForward else (target, source)
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(*ends, transform)
    return transform


def isLinear(transform: vtk.vtkGeneralTransform) -> bool:
    """Tell whether a transform is linear."""
    return bool(slicer.vtkMRMLTransformNode.IsGeneralTransformLinear(transform, vtk.vtkTransform()))


def checkAxes(matrix: np.ndarray, name: str) -> None:
    """Refuse a 4x4 matrix of a volume whose voxels have no size, or whose axes are not perpendicular."""
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    if not np.all(np.isfinite(matrix)) or not np.all(spacing > 0):
        raise InputError(f"the volume {name!r} has the voxel spacing {tuple(spacing)} mm; each must be larger than 0")
    cosines = (matrix[:3, :3] / spacing).T @ (matrix[:3, :3] / spacing)
    if not np.allclose(cosines, np.eye(3), atol=PERPENDICULAR_TOLERANCE):
        raise InputError(
            f"the axes of the volume {name!r} are not perpendicular (sheared, as with a tilted gantry or a shearing transform); "
            "resample it to a rectangular grid first (module Resample Scalar/Vector/DWI Volume)"
        )


def arrayFromMatrix(matrix: vtk.vtkMatrix4x4) -> np.ndarray:
    """Copy a matrix into a float64 array (4, 4)."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def matrixFromArray(array: np.ndarray) -> vtk.vtkMatrix4x4:
    """Copy an array (4, 4) into a matrix."""
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy([float(value) for value in array.ravel()])
    return matrix


def arrayFromImage(image: vtk.vtkImageData) -> np.ndarray:
    """View an image's voxels as (k, j, i)."""
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])


def fillImage(image: vtk.vtkImageData, voxels: np.ndarray, first: tuple[int, int, int] = (0, 0, 0)) -> None:
    """Give an image one copy of the voxels (k, j, i); ``first`` is the index (i, j, k) where they begin."""
    sizes = voxels.shape[::-1]
    image.SetExtent([bound for start, size in zip(first, sizes, strict=True) for bound in (start, start + size - 1)])
    image.AllocateScalars(get_vtk_array_type(voxels.dtype), 1)
    arrayFromImage(image)[...] = voxels
