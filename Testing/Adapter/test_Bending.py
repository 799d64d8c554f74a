"""Volumes as Slicer's DICOM reader gives them: under a grid transform that puts each slice where its header says."""

import numpy as np
import pytest

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.segmentation import Segmentation

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Run import Measurement  # noqa: E402
from LungSegmentationAdapter.Scene import Nodes, Segments  # noqa: E402
from LungSegmentationAdapter.Scene.Bending import bendingOf  # noqa: E402
from LungSegmentationAdapter.Scene.SegmentLabels import labelsFromSegmentationNode  # noqa: E402
from SlicerBench.dicom_geometry import addAcquisitionTransform  # noqa: E402

from .node_helpers import addTransform, assertSameVolume, makeVolume, rigid  # noqa: E402

SHAPE = (24, 20, 22)


def wobbling(most_mm):
    """Slices that lie off along the body, by turns."""
    return lambda k, row, column: (0.0, 0.0, most_mm * (-1) ** k)


def tilted(mm_per_slice):
    """A tilted gantry: each slice lies farther in front."""
    return lambda k, row, column: (0.0, mm_per_slice * k, 0.0)


@pytest.fixture
def nodes(mrmlScene, direction):
    """Give a scan, its volume node, and a label map."""
    volume = makeVolume(SHAPE, direction)
    labels = np.zeros(SHAPE, np.uint8)
    labels[4:20, 4:16, 2:9], labels[5:21, 5:17, 12:19] = 1, 2
    return volume, Nodes.addVolumeNode(mrmlScene, volume), labels


@pytest.mark.parametrize("most_mm", [0.004, 1.0])
def test_a_scan_with_irregular_slices_is_read_and_its_result_lies_on_it(mrmlScene, nodes, most_mm):
    volume, volumeNode, labels = nodes
    transformNode = addAcquisitionTransform(mrmlScene, volumeNode, wobbling(most_mm))
    read = Nodes.ctVolumeFromNode(volumeNode)
    assertSameVolume(read, volume)
    if most_mm < 0.5:
        assert read.warnings == ()
    else:
        (warning,) = read.warnings
        assert "by up to 1.0 mm" in warning and "in its own voxels" in warning and "volumes by" in warning
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
    Segments.updateSegmentationNode(segmentationNode, Segmentation(read, labels, "test"), volumeNode)
    assert segmentationNode.GetParentTransformNode() is transformNode
    np.testing.assert_array_equal(labelsFromSegmentationNode(segmentationNode, volumeNode), labels)
    result, measures = Measurement.measureAgain(segmentationNode, volumeNode)
    np.testing.assert_array_equal(result.labels, labels)
    assert measures.volumes[0].volume_ml == pytest.approx(np.count_nonzero(labels == 1) * volume.voxel_volume_ml)
    Segments.updateSegmentationNode(segmentationNode, Segmentation(read, labels[::-1].copy(), "again"), volumeNode)
    np.testing.assert_array_equal(labelsFromSegmentationNode(segmentationNode, volumeNode), labels[::-1])


def test_slices_off_by_turns_change_no_lobe_and_a_gap_does(mrmlScene):
    volume = makeVolume((120, 20, 22))
    volumeNode = Nodes.addVolumeNode(mrmlScene, volume)
    addAcquisitionTransform(mrmlScene, volumeNode, wobbling(0.4))
    assert bendingOf(volumeNode).volume_percent < 1.0 and Nodes.ctVolumeFromNode(volumeNode).warnings == ()
    z_mm = volume.spacing_zyx_mm[0]
    addAcquisitionTransform(mrmlScene, volumeNode, lambda k, row, column: (0.0, 0.0, 4 * z_mm * (k > 60)))
    assert bendingOf(volumeNode).volume_percent == pytest.approx(100 * 4 / 119, rel=0.05), "four slices are missing"


def test_a_linear_transform_above_it_still_counts(mrmlScene, nodes):
    _, volumeNode, _ = nodes
    grid, linear = addAcquisitionTransform(mrmlScene, volumeNode, wobbling(0.004)), addTransform(mrmlScene, rigid(scale=1.5))
    grid.SetAndObserveTransformNodeID(linear.GetID())
    found = Nodes.ctVolumeFromNode(volumeNode)
    volumeNode.SetAndObserveTransformNodeID(linear.GetID())
    assertSameVolume(found, Nodes.ctVolumeFromNode(volumeNode))


def test_what_is_moved_as_a_whole_is_not_bent(mrmlScene, nodes):
    _, volumeNode, _ = nodes
    addAcquisitionTransform(mrmlScene, volumeNode, lambda k, row, column: (80.0, -20.0, 5.0))
    bending = bendingOf(volumeNode)
    assert bending.distance_mm < 1e-6 and bending.volume_percent < 1e-6 and Nodes.ctVolumeFromNode(volumeNode).warnings == ()


def test_distance_and_volume_are_those_of_the_grid(mrmlScene):
    volume = makeVolume(SHAPE)
    volumeNode = Nodes.addVolumeNode(mrmlScene, volume)
    z_mm = volume.spacing_zyx_mm[0]
    addAcquisitionTransform(mrmlScene, volumeNode, lambda k, row, column: (0.0, 0.0, 0.02 * z_mm * k))
    bending = bendingOf(volumeNode)
    assert bending.volume_percent == pytest.approx(2.0, abs=0.01)
    assert bending.distance_mm == pytest.approx(0.02 * z_mm * (SHAPE[0] - 1) / 2, rel=1e-3)
    (warning,) = Nodes.ctVolumeFromNode(volumeNode).warnings
    assert "changes volumes by 2.0 %" in warning
    addAcquisitionTransform(mrmlScene, volumeNode, tilted(0.2))
    assert bendingOf(volumeNode).volume_percent == pytest.approx(0.0, abs=1e-6)
    (warning,) = Nodes.ctVolumeFromNode(volumeNode).warnings
    assert "by up to 2.3 mm" in warning


@pytest.mark.parametrize(
    ("move", "words"),
    [(tilted(3.0), "by up to 34.5 mm"), (lambda k, row, column: (0.0, 0.0, 0.15 * k), "changes volumes by 6.0 %")],
    ids=["far", "volume"],
)
def test_what_is_grossly_bent_is_refused(mrmlScene, move, words):
    volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume(SHAPE))
    addAcquisitionTransform(mrmlScene, volumeNode, move)
    with pytest.raises(InputError, match=f"{words}.*harden it"):
        Nodes.ctVolumeFromNode(volumeNode)


def test_a_segmentation_elsewhere_is_read_through_the_transform_and_not_written_across_it(mrmlScene, nodes):
    """A reference that was drawn in the world, on a scan under a grid transform that moves it by one slice."""
    volume, volumeNode, labels = nodes
    reference = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Reference")
    Segments.updateSegmentationNode(reference, Segmentation(volume, labels, "test"), volumeNode)
    step = np.array(volume.direction_lps)[:, 2] * volume.spacing_zyx_mm[0] * (-1, -1, 1)
    addAcquisitionTransform(mrmlScene, volumeNode, lambda k, row, column: step * (1 + 1e-6 * (k % 2)))
    moved = labelsFromSegmentationNode(reference, volumeNode)
    np.testing.assert_array_equal(moved[:-1], labels[1:])
    with pytest.raises(InputError, match=r"not linear.*same transform"):
        Segments.updateSegmentationNode(reference, Segmentation(volume, labels, "test"), volumeNode)
    np.testing.assert_array_equal(labelsFromSegmentationNode(reference, volumeNode), moved)
