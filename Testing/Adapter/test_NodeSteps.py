"""Jobs handed over from nodes, and results shown on nodes, while the user goes on."""

import numpy as np
import pytest

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.background.protocol import read_job
from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import REGIONS

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Scene import Nodes, SegmentLabels, Segments  # noqa: E402
from LungSegmentationAdapter.Scene.NodeSteps import handOver, whileThere  # noqa: E402

from .node_helpers import addNodes, assertSameVolume, makeVolume  # noqa: E402


@pytest.mark.parametrize("scalarType", [np.int16, np.float32, np.uint16])
def test_what_arrives_is_what_a_script_reads(mrmlScene, direction, scalarType, tmp_path):
    volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume((40, 300, 200), direction))
    voxels = np.abs(slicer.util.arrayFromVolume(volumeNode)).astype(scalarType) * scalarType(1.5)
    slicer.util.updateVolumeFromArray(volumeNode, voxels)
    job = run_all(handOver(volumeNode, Job, tmp_path))
    assertSameVolume(read_job(tmp_path).volume, Nodes.ctVolumeFromNode(volumeNode))
    assert np.shares_memory(job.volume.voxels_hu, slicer.util.arrayFromVolume(volumeNode)) == (scalarType is np.int16)
    assert not np.shares_memory(Nodes.ctVolumeFromNode(volumeNode).voxels_hu, slicer.util.arrayFromVolume(volumeNode))


def test_a_step_is_short_and_voxels_that_change_between_two_are_refused(mrmlScene, tmp_path):
    volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume((40, 300, 200)))
    steps = handOver(volumeNode, Job, tmp_path)
    next(steps)
    assert (tmp_path / "job.voxels.npy.part").stat().st_size < 2.2e6, "a piece, not the whole of 4.8 MB"
    slicer.util.arrayFromVolume(volumeNode)[...] = 0
    slicer.util.arrayFromVolumeModified(volumeNode)
    with pytest.raises(InputError, match="the voxels of 'ct' changed while they were handed over; try again"):
        run_all(steps)


def test_a_volume_that_gets_another_image_meanwhile_is_handed_over_as_it_was(mrmlScene, tmp_path):
    volume = makeVolume((40, 300, 200))
    volumeNode = Nodes.addVolumeNode(mrmlScene, volume)
    steps = handOver(volumeNode, Job, tmp_path)
    next(steps)
    slicer.util.updateVolumeFromArray(volumeNode, np.zeros((3, 4, 5), np.int16))
    mrmlScene.RemoveNode(volumeNode)
    run_all(steps)
    assertSameVolume(read_job(tmp_path).volume, volume)


def test_steps_end_when_a_node_is_removed_and_leave_nothing(mrmlScene, labels):
    volumeNode, segmentationNode, _ = addNodes(mrmlScene, labels)
    done, closed = [], []

    def work():
        try:
            for number in range(3):
                done.append(number)
                yield
            return "made"
        finally:
            closed.append(True)

    assert run_all(whileThere(work(), volumeNode, segmentationNode)) == "made"
    steps = whileThere(work(), volumeNode, segmentationNode)
    next(steps)
    mrmlScene.RemoveNode(segmentationNode)
    with pytest.raises(InputError, match="'Lungs' was removed meanwhile"):
        next(steps)
    assert done == [0, 1, 2, 0] and closed == [True, True]


def test_segments_whose_axes_are_exchanged_are_not_taken_for_the_same_grid(mrmlScene):
    """Two opposite corners of a cube stay where they are when its axes are exchanged."""
    labels = np.zeros((6, 6, 6), np.uint8)
    labels[1:3, 0:4, :] = 1
    labels[:, :, 5] = 2
    cube = Nodes.addVolumeNode(mrmlScene, makeVolume(labels.shape))
    cube.SetSpacing(1, 1, 1)
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
    run_all(Segments.updateSegments(segmentationNode, ((labels, REGIONS),), cube))
    exchanged = Nodes.addVolumeNode(mrmlScene, makeVolume(labels.shape))
    exchanged.SetSpacing(1, 1, 1)
    matrix = slicer.util.arrayFromVTKMatrix(_ijkToRas(cube))
    matrix[:, :3] = matrix[:, [1, 2, 0]]
    exchanged.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(matrix))
    # (i, j, k) of the second volume are (j, k, i) of the first: its array (k, j, i) has the axes (i, k, j) of the first.
    np.testing.assert_array_equal(SegmentLabels.labelsFromSegmentationNode(segmentationNode, exchanged), labels.transpose(2, 0, 1))


def _ijkToRas(volumeNode):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(matrix)
    return matrix
