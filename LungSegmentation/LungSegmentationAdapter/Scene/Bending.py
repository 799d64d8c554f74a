"""Volumes under a transform that bends space: where they lie without it, and how much it would change their figures.

Slicer's DICOM reader puts a grid transform over each series whose slices lie more than 0.001 mm off a regular grid. Such a volume
is segmented in its own voxels, and the result is put under the same transform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from LungSegmentationLib.errors import InputError

from .Images import arrayFromMatrix, transformBetween

# Half a pixel of a chest CT moves borders and calibres; volumes of the lungs are repeatable to about 1 % within one examination.
_WARN_MM, _WARN_PERCENT = 0.5, 1.0
# A tenth of the lungs' height: beyond, what is up, in front and on which side is no longer sure in the voxels. And no figure that is
# off by more than 5 % is worth showing.
_MOST_MM, _MOST_PERCENT = 25.0, 5.0
_ACROSS, _MOST_SLICES = 9, 1000
# Volumes are compared in parts of a lobe's size: slices that lie off by turns make thin parts larger and smaller, and no organ.
_PART_MM = 100.0


@dataclass(frozen=True)
class Bending:
    """How far a transform is from one that keeps shapes and volumes.

    Parameters
    ----------
    distance_mm : float
        The farthest that it moves a place of the volume, apart from moving it as a whole.
    volume_percent : float
        Mean change, larger or smaller, over the parts of the volume that are as large as a lobe.
    """

    distance_mm: float
    volume_percent: float


def linearPartToWorld(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray:
    """Give the 4x4 matrix from voxel indices to the world (RAS), the transforms left out that bend space."""
    ijkToParent = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(ijkToParent)
    matrix, transformNode = arrayFromMatrix(ijkToParent), volumeNode.GetParentTransformNode()
    while transformNode is not None:
        if transformNode.IsLinear():
            toParent = vtk.vtkMatrix4x4()
            transformNode.GetMatrixTransformToParent(toParent)
            matrix = arrayFromMatrix(toParent) @ matrix
        transformNode = transformNode.GetParentTransformNode()
    return matrix


def bendingOf(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Bending:
    """Measure how the transforms of a volume bend it, at places all over it and in each slice."""
    sizes = volumeNode.GetImageData().GetDimensions()
    counts = (min(sizes[0], _ACROSS), min(sizes[1], _ACROSS), min(sizes[2], _MOST_SLICES))
    axes = [np.unique(np.linspace(0, size - 1, count)) for size, count in zip(sizes, counts, strict=True)]
    ijk = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    straight = _mapped(linearPartToWorld(volumeNode), ijk)
    bent = _throughTransforms(volumeNode, ijk)
    shift = bent - straight
    distance_mm = float(np.linalg.norm(shift - shift.mean(axis=(0, 1, 2)), axis=-1).max())
    parts = np.ix_(*(_endsOfParts(straight, axis) for axis in range(3)))
    change = _cellVolumes(bent[parts]) / _cellVolumes(straight[parts]) - 1.0
    return Bending(distance_mm, 100.0 * float(np.abs(change).mean()) if change.size else 0.0)


def bendingWarnings(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> tuple[str, ...]:
    """Say what leaving out the transforms that bend a volume means for its figures.

    Returns
    -------
    tuple of str
        One sentence, or none where it does not matter.

    Raises
    ------
    InputError
        If they bend it so much that its own voxels say little.
    """
    name, bending = volumeNode.GetName(), bendingOf(volumeNode)
    much = f"by up to {bending.distance_mm:.1f} mm, and changes volumes by {bending.volume_percent:.1f} %"
    if not (bending.distance_mm <= _MOST_MM and bending.volume_percent <= _MOST_PERCENT):
        raise InputError(
            f"a transform bends the volume {name!r} {much}; up to {_MOST_MM:g} mm and {_MOST_PERCENT:g} % are left out of account: "
            "harden it (module Transforms), which resamples the volume, or remove it first"
        )
    if bending.distance_mm > _WARN_MM or bending.volume_percent > _WARN_PERCENT:
        return (f"a transform bends the image {much}: it was segmented and measured in its own voxels, without that",)
    return ()


def _throughTransforms(volumeNode: slicer.vtkMRMLScalarVolumeNode, ijk: np.ndarray) -> np.ndarray:
    ijkToParent = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(ijkToParent)
    given, found = vtk.vtkPoints(), vtk.vtkPoints()
    for points in (given, found):
        points.SetDataTypeToDouble()
    given.SetData(numpy_to_vtk(_mapped(arrayFromMatrix(ijkToParent), ijk).reshape(-1, 3), deep=True))
    transformBetween(volumeNode, None).TransformPoints(given, found)
    return vtk_to_numpy(found.GetData()).reshape(ijk.shape)


def _mapped(matrix: np.ndarray, places: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(places @ matrix[:3, :3].T + matrix[:3, 3])


def _endsOfParts(places: np.ndarray, axis: int) -> np.ndarray:
    """Number the places along an axis at which parts of a lobe's size begin and end."""
    last = places.shape[axis] - 1
    length_mm = float(np.linalg.norm(np.take(places, last, axis) - np.take(places, 0, axis), axis=-1).max())
    return np.unique(np.linspace(0, last, 1 + max(1, round(length_mm / _PART_MM))).round().astype(int))


def _cellVolumes(places: np.ndarray) -> np.ndarray:
    """Give the volumes of the cells between neighbouring places, from the edges at their first corners."""
    edges = [np.diff(places, axis=axis)[tuple(slice(0, size - 1) for size in places.shape[:3])] for axis in range(3)]
    return np.abs(np.linalg.det(np.stack(edges, axis=-1)))
