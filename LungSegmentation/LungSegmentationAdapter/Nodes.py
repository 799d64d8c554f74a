"""The border to Slicer: volume node -> CtVolume, label map -> segmentation node with coded segments, and back.

Slicer's nodes hold geometry in RAS; the engine works in LPS. Voxels keep their order: the arrays are
(k, j, i) = (slice, row, column) on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import get_vtk_array_type, vtk_to_numpy

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import BACKGROUND, REGIONS, VESSEL_REGIONS, Region
from LungSegmentationLib.result import Result
from LungSegmentationLib.volume import CtVolume

from .Terminology import segmentIdsOfRegion, terminologyEntry

_LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_PERPENDICULAR_TOLERANCE = 1e-3  # as in CtVolume
_INT16 = np.iinfo(np.int16)
_LABELMAP = "Binary labelmap"  # the name under which vtkSegmentationConverter keeps it


def ctVolumeFromNode(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> CtVolume:
    """Copy a scalar volume node into the engine's volume, as it lies in the scene.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode
        Voxels of any scalar type in HU. A linear parent transform is applied to the geometry.

    Returns
    -------
    CtVolume
        int16 (slice, row, column), in the node's voxel order; decimals are rounded, values beyond
        int16 are clipped and named in ``warnings``. Left-handed and oblique axes stay as they are.

    Raises
    ------
    InputError
        If there is no single-channel image, if it holds values that are not finite, or if its axes are
        not perpendicular or its parent transform is not linear.
    """
    voxels = _voxelsOfNode(volumeNode)
    spacingZyx, direction, origin = _geometryOfNode(volumeNode)
    voxelsHu, warnings = _asInt16(voxels, volumeNode.GetName())
    storageNode = volumeNode.GetStorageNode()
    path = storageNode.GetFileName() if storageNode else None
    return CtVolume(
        voxels_hu=voxelsHu,
        spacing_zyx_mm=spacingZyx,
        origin_lps_mm=origin,
        direction_lps=direction,
        name=volumeNode.GetName() or "ct",
        warnings=warnings,
        source={"path": path} if path else {},
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
    _fillImage(imageData, ctVolume.voxels_hu)
    volumeNode = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", ctVolume.name)
    volumeNode.SetIJKToRASMatrix(_matrixFromArray(_LPS_FROM_RAS @ ijkToLps))
    volumeNode.SetAndObserveImageData(imageData)
    volumeNode.CreateDefaultDisplayNodes()
    return volumeNode


def updateSegmentationNode(
    segmentationNode: slicer.vtkMRMLSegmentationNode, result: Result, volumeNode: slicer.vtkMRMLScalarVolumeNode
) -> None:
    """Write a result's regions into a segmentation node as segments named, coloured and coded.

    All regions share one label map layer on the volume's grid, cropped to what is labelled. A segment
    that already carries a region's codes gets the new voxels and keeps its ID, name, colour and
    display properties; further segments with the same codes are removed; other segments stay. A
    region without voxels has no segment. Vessels, which overlap the lungs, have a layer of their own. A
    closed surface that was there is made anew.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        In the volume node's scene. One without segments is put under the volume's parent transform.
    result : Result
        ``labels`` and ``vessels`` on the volume node's own grid.
    volumeNode : vtkMRMLScalarVolumeNode
        Becomes the reference geometry.

    Raises
    ------
    InputError
        If the label map does not have the volume's shape or holds unknown labels, if the segmentation's
        source is not a binary label map, or if the transform between the two nodes is not linear.
    """
    vessels = np.zeros_like(result.labels) if result.vessels is None else result.vessels
    updateSegments(segmentationNode, ((result.labels, REGIONS), (vessels, VESSEL_REGIONS)), volumeNode)


def updateSegments(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    layers: Sequence[tuple[np.ndarray, tuple[Region, ...]]],
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
) -> None:
    """Write label maps into a segmentation node, as :func:`updateSegmentationNode` does it.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
    layers : sequence of (numpy.ndarray, tuple of Region)
        uint8 label map on the volume node's own grid, and the regions that its labels mean.
    volumeNode : vtkMRMLScalarVolumeNode
        Becomes the reference geometry.

    Raises
    ------
    InputError
        As :func:`updateSegmentationNode`.
    """
    for labels, regions in layers:
        _checkLabels(labels, regions, volumeNode)
    segmentation = segmentationNode.GetSegmentation()
    wasModifying = segmentationNode.StartModify()
    try:
        if segmentation.GetNumberOfSegments() == 0:
            segmentationNode.SetAndObserveTransformNodeID(volumeNode.GetTransformNodeID())
            segmentation.SetSourceRepresentationName(_LABELMAP)
        elif segmentation.GetSourceRepresentationName() != _LABELMAP:
            raise InputError(
                f"the segmentation {segmentationNode.GetName()!r} is kept as {segmentation.GetSourceRepresentationName()!r}; "
                f"make {_LABELMAP!r} its source representation (module Segmentations), or choose a new segmentation"
            )
        ijkToSegmentation = _ijkToRas(volumeNode, segmentationNode.GetParentTransformNode())
        derived: list[str] = []
        segmentation.GetContainedRepresentationNames(derived)
        derived = [name for name in derived if name != _LABELMAP]
        for name in derived:
            segmentation.RemoveRepresentation(name)  # or each added segment would be converted by itself
        segmentationNode.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
        for labels, regions in layers:
            _replaceSegments(segmentation, labels, regions, ijkToSegmentation)
        if segmentation.GetNumberOfSegments() > 0:
            for name in derived:
                segmentation.CreateRepresentation(name)
        segmentationNode.CreateDefaultDisplayNodes()
    finally:
        segmentationNode.EndModify(wasModifying)


def labelsFromSegmentationNode(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray:
    """Read the lungs and airways of a segmentation node back as a label map on a volume's grid.

    Segments are recognised by their terminology codes, whatever their names and order; several with
    the same codes are united; where regions overlap, the one with the higher label number wins. A
    segmentation on another grid is sampled at the nearest voxel.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
    volumeNode : vtkMRMLScalarVolumeNode

    Returns
    -------
    numpy.ndarray
        uint8, shape (slices, rows, columns) of the volume; a region without a segment is absent.

    Raises
    ------
    InputError
        If no segment carries a known code, if such a segment has no binary label map, or if the
        transform between the two nodes is not linear.
    """
    segmentation = segmentationNode.GetSegmentation()
    segments = [(segmentId, region.label) for region in REGIONS for segmentId in segmentIdsOfRegion(segmentation, region)]
    if not segments:
        raise InputError(
            f"none of the {segmentation.GetNumberOfSegments()} segments of {segmentationNode.GetName()!r} has the terminology of "
            f"{', '.join(region.name for region in REGIONS)}; set it by double-clicking the segment's colour"
        )
    return labelMapOfSegments(segmentationNode, volumeNode, segments)


def labelMapOfSegments(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode, segments: Sequence[tuple[str, int]]
) -> np.ndarray:
    """Read some segments as a label map on a volume's grid, sampled at the nearest voxel.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
    volumeNode : vtkMRMLScalarVolumeNode
    segments : sequence of (str, int)
        Segment ID and the label that its voxels get; where segments overlap, the last one wins.

    Returns
    -------
    numpy.ndarray
        uint8, shape (slices, rows, columns) of the volume.

    Raises
    ------
    InputError
        If a segment has no binary label map, or if the transform between the two nodes is not linear.
    """
    shape = _voxelsOfNode(volumeNode).shape
    ijkToSegmentation = _ijkToRas(volumeNode, segmentationNode.GetParentTransformNode())
    reference = slicer.vtkOrientedImageData()
    reference.SetDimensions(shape[::-1])
    reference.SetGeometryFromImageToWorldMatrix(_matrixFromArray(ijkToSegmentation))
    labels = np.full(shape, BACKGROUND, np.uint8)
    for segmentId, label in segments:
        segment = segmentationNode.GetSegmentation().GetSegment(segmentId)
        if segment.GetRepresentation(_LABELMAP) is None:
            raise InputError(f"the segment {segment.GetName()!r} has no binary label map; create one in the module Segmentations")
        segmentImage, onGrid = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
        segmentationNode.GetBinaryLabelmapRepresentation(segmentId, segmentImage)
        if not segmentImage.IsEmpty():
            slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(segmentImage, reference, onGrid)
            np.copyto(labels, np.uint8(label), where=_arrayFromImage(onGrid) != 0)
    return labels


def _replaceSegments(
    segmentation: slicer.vtkSegmentation, labels: np.ndarray, regions: tuple[Region, ...], ijkToSegmentation: np.ndarray
) -> None:
    present = [region for region in regions if (labels == region.label).any()]
    kept = {}
    for region in regions:
        for segmentId in segmentIdsOfRegion(segmentation, region):
            if region in present and region not in kept:
                kept[region] = segmentId
                # Only its own voxels leave a layer that it shares with other segments.
                segmentation.ClearSegment(segmentId)
            else:
                segmentation.RemoveSegment(segmentId)
    if not present:
        return
    layer = _layerFromLabels(labels, ijkToSegmentation)
    for region in present:
        segment = segmentation.GetSegment(kept[region]) if region in kept else slicer.vtkSegment()
        segment.SetLabelValue(region.label)
        segment.AddRepresentation(_LABELMAP, layer)
        if region not in kept:
            segment.SetName(region.name)
            segment.SetNameAutoGenerated(False)
            segment.SetColor([channel / 255 for channel in region.colour_rgb])
            segment.SetColorAutoGenerated(False)
            segment.SetTerminology(terminologyEntry(region))
            segmentation.AddSegment(segment, segmentation.GenerateUniqueSegmentID(region.key))
    layer.Modified()  # tells the views that kept segments have new voxels


def _layerFromLabels(labels: np.ndarray, ijkToSegmentation: np.ndarray) -> slicer.vtkOrientedImageData:
    """Make one oriented image with the label values, cropped to what is labelled."""
    box = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        filled = np.flatnonzero(labels.any(axis=others))
        box.append(slice(int(filled[0]), int(filled[-1]) + 1))
    layer = slicer.vtkOrientedImageData()
    _fillImage(layer, labels[tuple(box)], first=tuple(part.start for part in reversed(box)))
    layer.SetGeometryFromImageToWorldMatrix(_matrixFromArray(ijkToSegmentation))
    return layer


def _checkLabels(labels: np.ndarray, regions: tuple[Region, ...], volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
    shape = _voxelsOfNode(volumeNode).shape
    if labels.shape != shape or labels.dtype != np.uint8:
        raise InputError(
            f"the label map is {labels.dtype} with shape {labels.shape}; "
            f"expected uint8 with the shape {shape} of the volume {volumeNode.GetName()!r}"
        )
    highest = max(region.label for region in regions)
    if labels.max(initial=0) > highest:
        raise InputError(f"the label map holds the label {labels.max()}; expected labels from {BACKGROUND} to {highest}")


def _voxelsOfNode(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray:
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
    return _arrayFromImage(image)


def _asInt16(voxels: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Copy to int16, slice by slice, so that no second array of a wider type is made."""
    if voxels.dtype == np.int16:
        return voxels.copy(), ()
    out = np.empty(voxels.shape, np.int16)
    clipped = 0
    for target, plane in zip(out, voxels, strict=True):
        if not np.all(np.isfinite(plane)):
            raise InputError(f"the volume {name!r} holds values that are NaN or infinite; fill them with air (-1000 HU) first")
        rounded = np.rint(plane) if np.issubdtype(plane.dtype, np.floating) else plane
        clipped += int(np.count_nonzero((rounded < _INT16.min) | (rounded > _INT16.max)))
        target[...] = np.clip(rounded, _INT16.min, _INT16.max)
    warnings = (f"{clipped} voxels lay outside {_INT16.min} to {_INT16.max} HU and were clipped",) if clipped else ()
    return out, warnings


def _geometryOfNode(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
) -> tuple[tuple[float, float, float], np.ndarray, tuple[float, float, float]]:
    """Give spacing (z, y, x), direction (LPS) and origin (LPS) of the node in the scene's world."""
    ijkToLps = _LPS_FROM_RAS @ _ijkToRas(volumeNode, None)
    x, y, z = (float(step) for step in np.linalg.norm(ijkToLps[:3, :3], axis=0))
    left, back, head = (float(place) for place in ijkToLps[:3, 3])
    return (z, y, x), ijkToLps[:3, :3] / (x, y, z), (left, back, head)


def _ijkToRas(volumeNode: slicer.vtkMRMLScalarVolumeNode, target: slicer.vtkMRMLTransformNode | None) -> np.ndarray:
    """Give the 4x4 matrix from voxel indices to RAS under another parent transform; None is the world."""
    name, source = volumeNode.GetName(), volumeNode.GetParentTransformNode()
    parentToTarget, linearPart, ijkToParent = vtk.vtkGeneralTransform(), vtk.vtkTransform(), vtk.vtkMatrix4x4()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(source, target, parentToTarget)
    if not slicer.vtkMRMLTransformNode.IsGeneralTransformLinear(parentToTarget, linearPart):
        raise InputError(
            f"a transform of the volume {name!r} or of its segmentation is not linear; "
            "harden it (module Transforms), which resamples the volume, or remove it first"
        )
    volumeNode.GetIJKToRASMatrix(ijkToParent)
    matrix = _arrayFromMatrix(linearPart.GetMatrix()) @ _arrayFromMatrix(ijkToParent)
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    if not np.all(np.isfinite(matrix)) or not np.all(spacing > 0):
        raise InputError(f"the volume {name!r} has the voxel spacing {tuple(spacing)} mm; each must be larger than 0")
    cosines = (matrix[:3, :3] / spacing).T @ (matrix[:3, :3] / spacing)
    if not np.allclose(cosines, np.eye(3), atol=_PERPENDICULAR_TOLERANCE):
        raise InputError(
            f"the axes of the volume {name!r} are not perpendicular (sheared, as with a tilted gantry or a shearing transform); "
            "resample it to a rectangular grid first (module Resample Scalar/Vector/DWI Volume)"
        )
    return matrix


def _arrayFromMatrix(matrix: vtk.vtkMatrix4x4) -> np.ndarray:
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def _matrixFromArray(array: np.ndarray) -> vtk.vtkMatrix4x4:
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy([float(value) for value in array.ravel()])
    return matrix


def _arrayFromImage(image: vtk.vtkImageData) -> np.ndarray:
    """View an image's voxels as (k, j, i)."""
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])


def _fillImage(image: vtk.vtkImageData, voxels: np.ndarray, first: tuple[int, int, int] = (0, 0, 0)) -> None:
    """Give an image one copy of the voxels (k, j, i); ``first`` is the index (i, j, k) where they begin."""
    sizes = voxels.shape[::-1]
    image.SetExtent([bound for start, size in zip(first, sizes, strict=True) for bound in (start, start + size - 1)])
    image.AllocateScalars(get_vtk_array_type(voxels.dtype), 1)
    _arrayFromImage(image)[...] = voxels
