"""Segments -> label map on a volume's grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import slicer
import vtk

from LungSegmentationLib.background.steps import Steps, run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import BACKGROUND, REGIONS

from .Images import arrayFromImage, arrayFromMatrix, ijkToRas, isLinear, matrixFromArray, transformBetween, voxelsOfNode
from .Terminology import segmentIdsOfRegion

LABELMAP = "Binary labelmap"  # the name under which vtkSegmentationConverter keeps it
_SAME_GRID_VOXELS = 1e-3
_SLICES_AT_ONCE = 32


def labelsFromSegmentationNode(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> np.ndarray:
    """Read the lungs and airways of a segmentation node back as a label map on a volume's grid.

    Segments are recognised by their terminology codes, whatever their names and order; several with
    the same codes are united; where regions overlap, the one with the higher label number wins. A
    segmentation on another grid, or under a transform that bends it, is sampled at the nearest voxel.

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
        If no segment carries a known code, or such a segment has no binary label map.
    """
    return run_all(readLabels(segmentationNode, volumeNode))


def readLabels(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Steps[np.ndarray]:
    """Do what :func:`labelsFromSegmentationNode` does, in steps."""
    segmentation = segmentationNode.GetSegmentation()
    segments = [(segmentId, region.label) for region in REGIONS for segmentId in segmentIdsOfRegion(segmentation, region)]
    if not segments:
        raise InputError(
            f"none of the {segmentation.GetNumberOfSegments()} segments of {segmentationNode.GetName()!r} has the terminology of "
            f"{', '.join(region.name for region in REGIONS)}; set it by double-clicking the segment's colour"
        )
    return (yield from labelMapOfSegments(segmentationNode, volumeNode, segments))


def labelMapOfSegments(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode, segments: Sequence[tuple[str, int]]
) -> Steps[np.ndarray]:
    """Read some segments as a label map on a volume's grid, in steps.

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
        If a segment has no binary label map.
    """
    shape = voxelsOfNode(volumeNode).shape
    toVolume = transformBetween(volumeNode, segmentationNode.GetParentTransformNode(), isForward=False)
    straight = isLinear(toVolume)
    # In the segmentation's space; where a transform between the two bends it, in the volume's own.
    grid = ijkToRas(volumeNode, segmentationNode.GetParentTransformNode() if straight else volumeNode.GetParentTransformNode())
    labels = np.full(shape, BACKGROUND, np.uint8)
    for segmentId, label in segments:
        segment = segmentationNode.GetSegmentation().GetSegment(segmentId)
        image = segment.GetRepresentation(LABELMAP)
        if image is None:
            raise InputError(f"the segment {segment.GetName()!r} has no binary label map; create one in the module Segmentations")
        if image.IsEmpty():
            continue
        first = _firstVoxel(image, grid) if straight else None
        if first is None:
            voxels, value = _sampled(segmentationNode, segmentId, grid, shape, None if straight else toVolume), None
            first = (0, 0, 0)
        else:
            voxels, value = arrayFromImage(image), segment.GetLabelValue()
        yield
        for target, source in _overlap(labels, voxels, first):
            np.copyto(target, np.uint8(label), where=(source != 0) if value is None else (source == value))
            yield
    return labels


def _firstVoxel(image: slicer.vtkOrientedImageData, ijkToSegmentation: np.ndarray) -> tuple[int, int, int] | None:
    """Tell at which index (k, j, i) of a grid an image begins; None where its voxels are not the grid's."""
    imageToSegmentation = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(imageToSegmentation)
    imageToIjk = np.linalg.inv(ijkToSegmentation) @ arrayFromMatrix(imageToSegmentation)
    shift = np.rint(imageToIjk[:3, 3])
    expected = np.eye(4)
    expected[:3, 3] = shift
    extent = image.GetExtent()
    # Over the whole image, so that a small difference of spacing or direction does not add up to another voxel.
    lowest, highest = np.array([*extent[::2], 1.0]), np.array([*extent[1::2], 1.0])
    corners = np.stack([lowest, *(np.where(np.arange(4) == axis, highest, lowest) for axis in range(3))], axis=1)
    if not np.allclose(imageToIjk @ corners, expected @ corners, rtol=0, atol=_SAME_GRID_VOXELS):
        return None
    i, j, k = (int(offset) + low for offset, low in zip(shift, extent[::2], strict=True))
    return k, j, i


def _sampled(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    segmentId: str,
    ijkToGrid: np.ndarray,
    shape: tuple[int, ...],
    transform: vtk.vtkAbstractTransform | None = None,
) -> np.ndarray:
    """Sample one segment at the nearest voxels, brought to the grid's space by a transform; an indivisible call."""
    reference = slicer.vtkOrientedImageData()
    reference.SetDimensions(shape[::-1])
    reference.SetGeometryFromImageToWorldMatrix(matrixFromArray(ijkToGrid))
    segmentImage, onGrid = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
    segmentationNode.GetBinaryLabelmapRepresentation(segmentId, segmentImage)
    resample = slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage
    resample(segmentImage, reference, onGrid, False, False, transform)
    return arrayFromImage(onGrid)


def _overlap(labels: np.ndarray, voxels: np.ndarray, first: tuple[int, int, int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give views of both arrays where they lie on each other, some slices at a time."""
    starts = [max(0, begin) for begin in first]
    stops = [min(size, begin + count) for size, begin, count in zip(labels.shape, first, voxels.shape, strict=True)]
    if any(start >= stop for start, stop in zip(starts, stops, strict=True)):
        return
    for start in range(starts[0], stops[0], _SLICES_AT_ONCE):
        box = (slice(start, min(start + _SLICES_AT_ONCE, stops[0])), slice(starts[1], stops[1]), slice(starts[2], stops[2]))
        inside = tuple(slice(part.start - begin, part.stop - begin) for part, begin in zip(box, first, strict=True))
        yield labels[box], voxels[inside]
