"""4D CT: the frame that is shown is the one that is segmented, and its result is not measured on another."""

from dataclasses import replace

import numpy as np
import pytest

from .panel_helpers import MODULE_FILE, Panel, addTruth, nodeNames, phantom, phantomResult


@pytest.fixture
def panel(loadedModule, runEventLoopUntil):
    return Panel(loadedModule(MODULE_FILE), runEventLoopUntil)


@pytest.fixture
def browsed(scene):
    """Three frames: the phantom, and twice moved by four slices."""
    from LungSegmentationAdapter.Scene.Nodes import addVolumeNode
    from SlicerBench.sequences import BrowsedSequence

    volumes = [replace(phantom().volume, voxels_hu=np.roll(phantom().volume.voxels_hu, 4 * number, axis=0)) for number in range(3)]
    return BrowsedSequence(scene, [addVolumeNode(scene, volume) for volume in volumes], "Breathing")


def test_each_frame_has_a_result_of_its_own_which_is_measured_on_it_alone(panel, scene, browsed, tmp_path):
    from LungSegmentationAdapter.Scene.SegmentLabels import labelsFromSegmentationNode

    volumeNode = browsed.volumeNode
    panel.ui.tablesCheckBox.checked = False
    panel.choose(volumeNode)
    panel.segment()
    first = panel.parameters.outputSegmentation
    assert first.GetName() == "Breathing frame 1 lungs" and panel.message == ""
    labels = labelsFromSegmentationNode(first, volumeNode)
    np.testing.assert_array_equal(labels, phantomResult()[0].labels)
    browsed.show(1)
    panel.ui.measureButton.click()
    panel.wait()
    words = "'Breathing frame 1 lungs' was made of frame 1 of 3 (time 0 s) of 'Breathing', which now shows frame 2 of 3 (time 0.5 s)"
    assert words in panel.message
    panel.ui.referenceSelector.setCurrentNode(addTruth(scene, volumeNode, "Truth"))
    panel.ui.compareButton.click()
    panel.wait()
    assert words in panel.message
    panel.segment()
    second = panel.parameters.outputSegmentation
    assert second.GetName() == "Breathing frame 2 lungs" and panel.message == ""
    np.testing.assert_array_equal(labelsFromSegmentationNode(first, volumeNode), labels)
    assert np.count_nonzero(labelsFromSegmentationNode(second, volumeNode) != labels) > 1000
    browsed.show(0)
    panel.segment()
    assert panel.parameters.outputSegmentation is first and "Breathing frame 1" in panel.ui.logTextEdit.plainText
    panel.ui.measureButton.click()
    panel.wait()
    assert panel.message == "" and sorted(nodeNames(scene)) == ["Breathing frame 1 lungs", "Breathing frame 2 lungs", "Truth"]


def test_a_volume_of_no_sequence_has_no_frame(scene):
    from LungSegmentationAdapter.Scene.Nodes import addVolumeNode, ctVolumeFromNode
    from LungSegmentationAdapter.Scene.Sequences import frameOf

    volumeNode = addVolumeNode(scene, phantom().volume)
    assert frameOf(volumeNode) == "" and "frame" not in ctVolumeFromNode(volumeNode).source


def test_all_frames_give_a_sequence_of_segmentations_and_a_table_over_time(panel, scene, browsed, runEventLoopUntil):
    import slicer

    from LungSegmentationAdapter.Run.FrameSeries import OVER_TIME
    from LungSegmentationAdapter.Scene.ResultNodes import findNode
    from LungSegmentationAdapter.Scene.SegmentLabels import labelsFromSegmentationNode

    volumeNode = browsed.volumeNode
    browsed.show(1)
    panel.choose(volumeNode)
    assert not panel.ui.allFramesCheckBox.isHidden()
    panel.ui.allFramesCheckBox.click()
    panel.segment()
    assert "3 frames were segmented" in panel.message
    shown = panel.parameters.outputSegmentation
    assert shown.GetName() == "Breathing lungs" and shown.GetNodeReference(shown.GetReferenceImageGeometryReferenceRole()) is volumeNode
    truth = phantomResult()[0].labels
    right_ml = {}
    for number in (1, 2, 0, 1):  # the frame of before is shown again
        browsed.show(number)
        runEventLoopUntil(lambda number=number: f"frame {number + 1} of 3" in panel.widget.panel._result._frame)
        labels = labelsFromSegmentationNode(shown, volumeNode)
        if number == 0:
            np.testing.assert_array_equal(labels, truth)
        right_ml[number] = np.count_nonzero(labels == 1) * phantom().volume.voxel_volume_ml
        assert panel.ui.rightVolumeLabel.text == f"{right_ml[number]:.0f} mL"
        assert "edited" not in panel.ui.verdictLabel.text
    assert len(set(right_ml.values())) > 1
    table = findNode(shown, OVER_TIME)
    assert [table.GetTable().GetValueByName(row, "frame").ToInt() for row in range(3)] == [1, 2, 3]
    assert [table.GetTable().GetValueByName(row, "index").ToString() for row in range(3)] == ["0", "0.5", "1"]
    assert [table.GetTable().GetValueByName(row, "right_ml").ToDouble() for row in range(3)] == pytest.approx(
        [right_ml[number] for number in range(3)]
    )
    panel.ui.measureButton.click()
    panel.wait()
    assert panel.ui.rightVolumeLabel.text == f"{right_ml[1]:.0f} mL"
    slicer.util.updateSegmentBinaryLabelmapFromArray(np.zeros(truth.shape, np.uint8), shown, "left_lung", volumeNode)
    assert "edited" in panel.ui.verdictLabel.text
    assert len(nodeNames(scene, "vtkMRMLSequenceNode")) == 2


def test_cancelled_frames_leave_nothing(panel, scene, browsed, runEventLoopUntil):
    from LungSegmentationAdapter.Scene.Sequences import frameOf

    volumeNode = browsed.volumeNode
    browsed.show(2)
    panel.choose(volumeNode)
    panel.ui.allFramesCheckBox.click()
    before = sorted(nodeNames(scene, "vtkMRMLNode"))
    panel.start()
    runEventLoopUntil(lambda: "Breathing frame 2" in panel.ui.logTextEdit.plainText, 60)
    panel.ui.cancelButton.click()
    panel.wait()
    assert sorted(nodeNames(scene, "vtkMRMLNode")) == before and panel.parameters.outputSegmentation is None
    assert frameOf(volumeNode).startswith("frame 3 of 3")
    assert panel.ui.segmentButton.enabled and panel.ui.allFramesCheckBox.enabled
