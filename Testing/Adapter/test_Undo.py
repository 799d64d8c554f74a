"""One step back, on real segmentation nodes."""

from dataclasses import replace

import numpy as np
import pytest

from LungSegmentationLib.background.steps import run_all

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Run import Measurement  # noqa: E402
from LungSegmentationAdapter.Scene import Nodes, SegmentLabels, Segments  # noqa: E402
from LungSegmentationAdapter.Scene.Undo import takeSnapshot  # noqa: E402

from .node_helpers import addTransform, rigid, segmentMasks  # noqa: E402
from .outcome_helpers import makeResult, measured, showResult, withoutVessels  # noqa: E402


def state(segmentationNode, volumeNode):
    """Write down all that a user sees of a segmentation."""
    segmentation, display = segmentationNode.GetSegmentation(), segmentationNode.GetDisplayNode()
    segments = []
    for segmentId in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(segmentId)
        looks = (
            display.GetSegmentVisibility(segmentId),
            display.GetSegmentOpacity2DFill(segmentId),
            display.GetSegmentOpacity3D(segmentId),
        )
        segments.append((segmentId, segment.GetName(), segment.GetColor(), segment.GetTerminology(), looks))
    masks = {key: mask.tobytes() for key, mask in segmentMasks(segmentationNode, volumeNode).items()}
    return segments, masks, segmentation.GetNumberOfLayers(), segmentationNode.GetAttribute(Measurement.RUN_ATTRIBUTE)


def otherResult(result):
    labels = np.roll(result.labels, 2, axis=1)
    labels[labels == 3] = 0
    return replace(withoutVessels(result), labels=labels, method="connected-components")


def test_a_run_is_undone_with_names_looks_and_foreign_segments(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    segmentation, display = segmentationNode.GetSegmentation(), segmentationNode.GetDisplayNode()
    segmentation.GetSegment("right_lung").SetName("mine")
    display.SetSegmentVisibility("airways", False)
    display.SetSegmentOpacity3D("left_lung", 0.3)
    segmentation.AddEmptySegment("tumour", "Tumour")
    slicer.util.updateSegmentBinaryLabelmapFromArray((made.result.vessels == 2).astype(np.uint8), segmentationNode, "tumour", volumeNode)
    before = state(segmentationNode, volumeNode)
    snapshot = takeSnapshot(segmentationNode)
    for _ in range(2):
        run_all(Measurement.showResult(segmentationNode, volumeNode, *measured(otherResult(made.result))))
        segmentation.RemoveSegment("tumour")
        assert state(segmentationNode, volumeNode) != before
        snapshot.restore(segmentationNode)
        assert state(segmentationNode, volumeNode) == before
    _, again = Measurement.measureAgain(segmentationNode, volumeNode)
    assert again.tables["volumes"] == made.measures.tables["volumes"]


def test_a_later_edit_does_not_reach_the_snapshot(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    before = state(segmentationNode, volumeNode)
    snapshot = takeSnapshot(segmentationNode)
    slicer.util.arrayFromSegmentInternalBinaryLabelmap(segmentationNode, "right_lung")[...] = 0  # in place
    snapshot.restore(segmentationNode)
    slicer.util.arrayFromSegmentInternalBinaryLabelmap(segmentationNode, "right_lung")[...] = 0
    snapshot.restore(segmentationNode)
    assert state(segmentationNode, volumeNode) == before
    np.testing.assert_array_equal(SegmentLabels.labelsFromSegmentationNode(segmentationNode, volumeNode), made.result.labels)


def test_the_first_run_is_undone_to_nothing(mrmlScene):
    result = makeResult()
    volumeNode = Nodes.addVolumeNode(mrmlScene, result.volume)
    volumeNode.SetAndObserveTransformNodeID(addTransform(mrmlScene, rigid()).GetID())
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
    snapshot = takeSnapshot(segmentationNode)
    Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
    assert segmentationNode.GetTransformNodeID()
    snapshot.restore(segmentationNode)
    assert segmentationNode.GetSegmentation().GetNumberOfSegments() == 0
    assert segmentationNode.GetTransformNodeID() is None
    assert segmentationNode.GetNodeReference("referenceImageGeometryRef") is None


def test_surfaces_come_back_as_they_were(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    segmentationNode.CreateClosedSurfaceRepresentation()
    bounds = segmentationNode.GetClosedSurfaceInternalRepresentation("left_lung").GetBounds()
    snapshot = takeSnapshot(segmentationNode)
    Segments.updateSegmentationNode(segmentationNode, otherResult(made.result), volumeNode)
    assert segmentationNode.GetClosedSurfaceInternalRepresentation("left_lung").GetBounds() != bounds
    snapshot.restore(segmentationNode)
    assert segmentationNode.GetClosedSurfaceInternalRepresentation("left_lung").GetBounds() == bounds
