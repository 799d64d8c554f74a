"""Label map -> segmentation node with segments named, coloured and coded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import slicer

from LungSegmentationLib.background.steps import Steps, run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import BACKGROUND, REGIONS, VESSEL_REGIONS, Region
from LungSegmentationLib.segmentation import Segmentation

from .Images import fillImage, ijkToRas, matrixFromArray, voxelsOfNode
from .SegmentLabels import LABELMAP
from .Terminology import segmentIdsOfRegion, terminologyEntry

Layers = Sequence[tuple[np.ndarray | None, tuple[Region, ...]]]


def layersOfResult(result: Segmentation) -> Layers:
    """Give a result's label maps with the regions that their labels mean; vessels, which overlap the lungs, lie in one of their own."""
    return ((result.labels, REGIONS), (result.vessels, VESSEL_REGIONS))


def updateSegmentationNode(
    segmentationNode: slicer.vtkMRMLSegmentationNode, result: Segmentation, volumeNode: slicer.vtkMRMLScalarVolumeNode
) -> None:
    """Write a result's regions into a segmentation node as segments named, coloured and coded.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        In the volume node's scene.
    result : Segmentation
        ``labels`` and ``vessels`` on the volume node's own grid.
    volumeNode : vtkMRMLScalarVolumeNode
        Becomes the reference geometry.

    Raises
    ------
    InputError
        As :func:`updateSegments`.
    """
    run_all(updateSegments(segmentationNode, layersOfResult(result), volumeNode))


def updateSegments(
    segmentationNode: slicer.vtkMRMLSegmentationNode, layers: Layers, volumeNode: slicer.vtkMRMLScalarVolumeNode
) -> Steps[dict[str, int]]:
    """Write label maps into a segmentation node, in steps; only the last one changes the node.

    The regions of a label map share one layer on the volume's grid, cropped to what is labelled. A segment
    that already carries a region's codes gets the new voxels and keeps its ID, name, colour and
    display properties; further segments with the same codes are removed; other segments stay. A
    region without voxels has no segment. A closed surface that was there is made anew.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        In the volume node's scene. One without segments is put under the volume's parent transform.
    layers : sequence of (numpy.ndarray or None, tuple of Region)
        uint8 label map on the volume node's own grid, and the regions that its labels mean; None is empty.
    volumeNode : vtkMRMLScalarVolumeNode
        Becomes the reference geometry.

    Returns
    -------
    dict of str to int
        Voxels of each region, by its key.

    Raises
    ------
    InputError
        If a label map does not have the volume's shape or holds unknown labels, if the segmentation's
        source is not a binary label map, or if the transform between the two nodes is not linear.
    """
    cropped = []
    for labels, regions in layers:
        cropped.append(((yield from _crop(labels, regions, volumeNode)), regions))
    segmentation = segmentationNode.GetSegmentation()
    empty = segmentation.GetNumberOfSegments() == 0
    if not empty and segmentation.GetSourceRepresentationName() != LABELMAP:
        raise InputError(
            f"the segmentation {segmentationNode.GetName()!r} is kept as {segmentation.GetSourceRepresentationName()!r}; "
            f"make {LABELMAP!r} its source representation (module Segmentations), or choose a new segmentation"
        )
    wasModifying = segmentationNode.StartModify()
    try:
        if empty:
            segmentationNode.SetAndObserveTransformNodeID(volumeNode.GetTransformNodeID())
            segmentation.SetSourceRepresentationName(LABELMAP)
        matrix = matrixFromArray(ijkToRas(volumeNode, segmentationNode.GetParentTransformNode()))
        derived = _derivedRepresentations(segmentation)
        for name in derived:
            segmentation.RemoveRepresentation(name)  # or each added segment would be converted by itself
        segmentationNode.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
        for layer, regions in cropped:
            layer.image.SetGeometryFromImageToWorldMatrix(matrix)
            _replaceSegments(segmentation, layer, regions)
        if segmentation.GetNumberOfSegments() > 0:
            for name in derived:
                segmentation.CreateRepresentation(name)
        segmentationNode.CreateDefaultDisplayNodes()
    finally:
        segmentationNode.EndModify(wasModifying)
    return {region.key: layer.voxels[region.key] for layer, regions in cropped for region in regions}


@dataclass(frozen=True)
class _Layer:
    """A label map cropped to what is labelled, and how many voxels each region has."""

    image: slicer.vtkOrientedImageData
    voxels: dict[str, int]


def _crop(labels: np.ndarray | None, regions: tuple[Region, ...], volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Steps[_Layer]:
    """Take what is labelled out of a label map."""
    image = slicer.vtkOrientedImageData()
    if labels is None:
        return _Layer(image, {region.key: 0 for region in regions})
    shape = voxelsOfNode(volumeNode).shape
    if labels.shape != shape or labels.dtype != np.uint8:
        raise InputError(
            f"the label map is {labels.dtype} with shape {labels.shape}; "
            f"expected uint8 with the shape {shape} of the volume {volumeNode.GetName()!r}"
        )
    box: list[slice] = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        # Later axes look only at what earlier ones left.
        filled = np.flatnonzero(labels[tuple(box)].any(axis=others))
        box.append(slice(int(filled[0]), int(filled[-1]) + 1) if filled.size else slice(0, 0))
        yield
    inside = labels[tuple(box)]
    highest = max(region.label for region in regions)
    if inside.max(initial=BACKGROUND) > highest:
        raise InputError(f"the label map holds the label {inside.max()}; expected labels from {BACKGROUND} to {highest}")
    voxels = {}
    for region in regions:
        voxels[region.key] = int(np.count_nonzero(inside == region.label))
        yield
    if inside.size:
        fillImage(image, inside, first=tuple(part.start for part in reversed(box)))
        yield
    return _Layer(image, voxels)


def _derivedRepresentations(segmentation: slicer.vtkSegmentation) -> list[str]:
    contained: list[str] = []
    segmentation.GetContainedRepresentationNames(contained)
    return [name for name in contained if name != LABELMAP]


def _replaceSegments(segmentation: slicer.vtkSegmentation, layer: _Layer, regions: tuple[Region, ...]) -> None:
    present = [region for region in regions if layer.voxels[region.key]]
    kept = {}
    for region in regions:
        for segmentId in segmentIdsOfRegion(segmentation, region):
            if region in present and region not in kept:
                kept[region] = segmentId
                _leaveLayer(segmentation, segmentId, regions)
            else:
                segmentation.RemoveSegment(segmentId)
    for region in present:
        segment = segmentation.GetSegment(kept[region]) if region in kept else slicer.vtkSegment()
        segment.SetLabelValue(region.label)
        segment.AddRepresentation(LABELMAP, layer.image)
        if region not in kept:
            segment.SetName(region.name)
            segment.SetNameAutoGenerated(False)
            segment.SetColor([channel / 255 for channel in region.colour_rgb])
            segment.SetColorAutoGenerated(False)
            segment.SetTerminology(terminologyEntry(region))
            segmentation.AddSegment(segment, segmentation.GenerateUniqueSegmentID(region.key))
    if present:
        layer.image.Modified()  # tells the views that kept segments have new voxels


def _leaveLayer(segmentation: slicer.vtkSegmentation, segmentId: str, regions: tuple[Region, ...]) -> None:
    """Erase a segment's voxels from its layer, where others than the regions' own segments share it and stay."""
    sharing: list[str] = []
    segmentation.GetSegmentIDsSharingBinaryLabelmapRepresentation(segmentId, sharing, False)
    own = {key for region in regions for key in segmentIdsOfRegion(segmentation, region)}
    if set(sharing) - own:
        segmentation.ClearSegment(segmentId)
