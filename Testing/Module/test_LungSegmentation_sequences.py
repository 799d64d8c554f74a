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
