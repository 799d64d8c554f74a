"""The border to Slicer: volume node -> CtVolume, and back.

Slicer's nodes hold geometry in RAS; the engine works in LPS. Voxels keep their order: the arrays are
(k, j, i) = (slice, row, column) on both sides.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import slicer
import vtk

from LungSegmentationLib.background.steps import Steps, run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.volume import CtVolume

from .Bending import bendingWarnings, linearPartToWorld
from .DicomFiles import filesOfVolume
from .Images import checkAxes, fillImage, ijkToRas, isLinear, matrixFromArray, transformBetween, voxelsOfNode
from .Sequences import frameOf

_LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_INT16 = np.iinfo(np.int16)


def ctVolumeFromNode(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> CtVolume:
    """Copy a scalar volume node into the engine's volume, as it lies in the scene.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode
        Voxels of any scalar type in HU. A linear parent transform is applied to the geometry; one that bends space, as Slicer's
        DICOM reader makes for irregular slices, is left out, with a warning where that matters.

    Returns
    -------
    CtVolume
        int16 (slice, row, column), in the node's voxel order; decimals are rounded, values beyond
        int16 are clipped and named in ``warnings``. Left-handed and oblique axes stay as they are.

    Raises
    ------
    InputError
        If there is no single-channel image, if it holds values that are not finite, or if its axes are
        not perpendicular or its parent transform bends it grossly.
    """
    volume = run_all(readVolume(volumeNode))
    return replace(volume, voxels_hu=volume.voxels_hu.copy()) if volume.voxels_hu.base is not None else volume


def readVolume(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Steps[CtVolume]:
    """Give a scalar volume node as the engine's volume, as :func:`ctVolumeFromNode` does it, in steps and without copying int16.

    Returns
    -------
    CtVolume
        Voxels of a node of int16 are the node's own: they are to be read at once, and not to be changed.
    """
    voxels = voxelsOfNode(volumeNode)
    spacingZyx, direction, origin, leftOut = _geometryOfNode(volumeNode)
    voxelsHu, warnings = yield from _asInt16(voxels, volumeNode.GetName())
    storageNode = volumeNode.GetStorageNode()
    files = filesOfVolume(volumeNode)
    source = {"path": storageNode.GetFileName() if storageNode else None, "frame": frameOf(volumeNode), "dicom_files": files}
    source["format"] = "DICOM" if files else None
    return CtVolume(
        voxels_hu=voxelsHu,
        spacing_zyx_mm=spacingZyx,
        origin_lps_mm=origin,
        direction_lps=direction,
        name=volumeNode.GetName() or "ct",
        warnings=(*leftOut, *warnings),
        source={key: value for key, value in source.items() if value},
    )


def addVolumeNode(scene: slicer.vtkMRMLScene, ctVolume: CtVolume) -> slicer.vtkMRMLScalarVolumeNode:
    """Add a volume to a scene as a scalar volume node with a display node.

    Parameters
    ----------
    scene : vtkMRMLScene
    ctVolume : CtVolume
        Its voxels are copied.

    Returns
    -------
    vtkMRMLScalarVolumeNode
        int16, with the volume's name and the same voxels at the same physical places.
    """
    spacingXyz = ctVolume.spacing_zyx_mm[::-1]
    ijkToLps = np.eye(4)
    ijkToLps[:3, :3] = np.asarray(ctVolume.direction_lps, float) * spacingXyz
    ijkToLps[:3, 3] = ctVolume.origin_lps_mm
    imageData = vtk.vtkImageData()
    fillImage(imageData, ctVolume.voxels_hu)
    volumeNode = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", ctVolume.name)
    volumeNode.SetIJKToRASMatrix(matrixFromArray(_LPS_FROM_RAS @ ijkToLps))
    volumeNode.SetAndObserveImageData(imageData)
    volumeNode.CreateDefaultDisplayNodes()
    return volumeNode


def _asInt16(voxels: np.ndarray, name: str) -> Steps[tuple[np.ndarray, tuple[str, ...]]]:
    """Convert to int16, slice by slice, so that no second array of a wider type is made."""
    if voxels.dtype == np.int16:
        return voxels, ()
    out = np.empty(voxels.shape, np.int16)
    # Within the type's own range, as numpy 2.0 refuses limits that the type does not have.
    limits = np.iinfo(voxels.dtype) if np.issubdtype(voxels.dtype, np.integer) else _INT16
    lowest, highest = max(limits.min, _INT16.min), min(limits.max, _INT16.max)
    clipped = 0
    for target, plane in zip(out, voxels, strict=True):
        if not np.all(np.isfinite(plane)):
            raise InputError(f"the volume {name!r} holds values that are NaN or infinite; fill them with air (-1000 HU) first")
        rounded = np.rint(plane) if np.issubdtype(plane.dtype, np.floating) else plane
        within = np.clip(rounded, lowest, highest)
        clipped += int(np.count_nonzero(within != rounded))
        target[...] = within
        yield
    warnings = (f"{clipped} voxels lay outside {_INT16.min} to {_INT16.max} HU and were clipped",) if clipped else ()
    return out, warnings


def _geometryOfNode(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
) -> tuple[tuple[float, float, float], np.ndarray, tuple[float, float, float], tuple[str, ...]]:
    """Give spacing (z, y, x), direction (LPS) and origin (LPS) of the node in the scene's world, and what they leave out."""
    warnings: tuple[str, ...] = ()
    if isLinear(transformBetween(volumeNode, None)):
        matrix = ijkToRas(volumeNode, None)
    else:
        matrix, warnings = linearPartToWorld(volumeNode), bendingWarnings(volumeNode)
        checkAxes(matrix, volumeNode.GetName())
    ijkToLps = _LPS_FROM_RAS @ matrix
    x, y, z = (float(step) for step in np.linalg.norm(ijkToLps[:3, :3], axis=0))
    left, back, head = (float(place) for place in ijkToLps[:3, 3])
    return (z, y, x), ijkToLps[:3, :3] / (x, y, z), (left, back, head), warnings
