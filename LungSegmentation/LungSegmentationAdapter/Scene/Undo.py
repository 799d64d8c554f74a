"""One step back: a segmentation as it was before a run."""

from __future__ import annotations

from dataclasses import dataclass

import slicer

from ..Run.Measurement import RUN_ATTRIBUTE


@dataclass(frozen=True)
class Snapshot:
    """A segmentation's segments with how they were shown, where they lay and how they were made.

    Tables and charts are not kept: measure again after :meth:`restore`.
    """

    segmentation: slicer.vtkSegmentation
    display: slicer.vtkMRMLSegmentationDisplayNode | None
    referenceVolumeId: str | None
    transformId: str | None
    run: str | None

    def restore(self, segmentationNode: slicer.vtkMRMLSegmentationNode) -> None:
        """Put everything back into the node; the snapshot stays as it is."""
        wasModifying = segmentationNode.StartModify()
        try:
            segmentationNode.GetSegmentation().DeepCopy(self.segmentation)
            segmentationNode.SetNodeReferenceID(segmentationNode.GetReferenceImageGeometryReferenceRole(), self.referenceVolumeId)
            segmentationNode.SetAndObserveTransformNodeID(self.transformId)
            segmentationNode.SetAttribute(RUN_ATTRIBUTE, self.run)
            displayNode = segmentationNode.GetDisplayNode()
            if self.display is not None and displayNode is not None:
                displayNode.CopyContent(self.display)
        finally:
            segmentationNode.EndModify(wasModifying)


def takeSnapshot(segmentationNode: slicer.vtkMRMLSegmentationNode) -> Snapshot:
    """Copy what a run may change of a segmentation node.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        Its voxels are copied, layer by layer: cropped label maps, small beside the scan.

    Returns
    -------
    Snapshot
        Does not change with the node.
    """
    segmentation = slicer.vtkSegmentation()
    segmentation.DeepCopy(segmentationNode.GetSegmentation())
    display = None
    if segmentationNode.GetDisplayNode() is not None:
        display = slicer.vtkMRMLSegmentationDisplayNode()
        display.CopyContent(segmentationNode.GetDisplayNode())
    return Snapshot(
        segmentation,
        display,
        segmentationNode.GetNodeReferenceID(segmentationNode.GetReferenceImageGeometryReferenceRole()),
        segmentationNode.GetTransformNodeID(),
        segmentationNode.GetAttribute(RUN_ATTRIBUTE),
    )
