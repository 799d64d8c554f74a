"""All loaded volumes one after the other, by one click."""

import numpy as np
import pytest

from .panel_helpers import METHOD, MODULE_FILE, Panel, addPhantom, nodeNames, phantomResult


@pytest.fixture
def panel(loadedModule, runEventLoopUntil):
    return Panel(loadedModule(MODULE_FILE), runEventLoopUntil)


@pytest.fixture
def loaded(panel, scene):
    """Two scans, a photo that is no CT, and volumes that are none of the user's scans."""
    import slicer

    first = addPhantom(scene, "First")
    slicer.util.addVolumeFromArray(np.full((8, 16, 16), 100, np.uint8), name="Photo")
    slicer.util.addVolumeFromArray(np.zeros((8, 16, 16), np.uint8), name="Labels", nodeClassName="vtkMRMLLabelMapVolumeNode")
    second = addPhantom(scene, "Second")
    panel.choose(first)
    return first, second


def rightVolume_ml(segmentationNode):
    from LungSegmentationAdapter.Scene.ResultSummary import readSummary

    return readSummary(segmentationNode).right_ml


def test_the_button_is_there_for_two_volumes_or_more(panel, scene):
    import slicer

    button = panel.ui.segmentAllButton
    first = addPhantom(scene, "First")
    panel.choose(first)
    assert button.isHidden()
    second = addPhantom(scene, "Second")
    assert not button.isHidden() and button.enabled and button.text == "Segment All 2 Loaded Volumes"
    slicer.util.addVolumeFromArray(np.zeros((8, 16, 16), np.uint8), nodeClassName="vtkMRMLLabelMapVolumeNode")
    assert button.text == "Segment All 2 Loaded Volumes"
    scene.RemoveNode(second)
    assert button.isHidden()


def test_each_volume_gets_its_own_result_and_one_that_is_no_ct_is_named(panel, loaded, scene):
    from LungSegmentationAdapter.Run.SegmentationLogic import segmentationOfVolume

    panel.ui.tablesCheckBox.checked = False
    for _ in range(2):
        panel.ui.segmentAllButton.click()
        panel.ui.segmentAllButton.click()
        assert panel.isRunning() and not panel.ui.segmentAllButton.enabled and not panel.ui.segmentButton.enabled
        assert panel.ui.segmentAllButton.text == "Segmenting 1 of 3: First"
        panel.wait()
        assert panel.message.startswith("2 of 3 volumes were segmented. Photo has the same value 100") and "Hounsfield" in panel.message
        assert panel.ui.segmentButton.enabled and panel.ui.measureButton.enabled
        assert nodeNames(scene) == ["First lungs", "Second lungs"], "a second click uses them again"
    for volumeNode in loaded:
        assert rightVolume_ml(segmentationOfVolume(volumeNode)) == pytest.approx(phantomResult()[1].volumes[0].volume_ml)
    assert panel.parameters.outputSegmentation.GetName() == "First lungs", "the result of the chosen volume is shown"
    assert panel.ui.rightVolumeLabel.text.endswith("mL") and panel.ui.segmentAllButton.enabled
    assert panel.ui.logTextEdit.plainText.count("Segment Second: ") == 2


def test_cancel_keeps_what_is_done_and_begins_nothing_more(panel, loaded, scene):
    panel.ui.segmentAllButton.click()
    panel._runEventLoopUntil(lambda: "Second" in panel.ui.segmentAllButton.text, 60)
    panel._runEventLoopUntil(lambda: panel.ui.progressBar.value > 20, 60)
    panel.ui.cancelButton.click()
    assert not panel.isRunning() and panel.ui.segmentAllButton.text == "Segment All 3 Loaded Volumes"
    assert {name.split()[0] for name in nodeNames(scene)} == {"First"}
    assert panel.ui.segmentAllButton.enabled and panel.ui.segmentButton.enabled


def test_closing_the_scene_ends_it_and_a_volume_that_goes_is_named(panel, loaded, scene):
    panel.ui.segmentAllButton.click()
    scene.RemoveNode(loaded[1])
    panel.wait()
    assert "1 of 3" in panel.message and "Second: it was removed" in panel.message
    panel.ui.segmentAllButton.click()
    panel._runEventLoopUntil(lambda: panel.ui.progressBar.value > 20, 60)
    scene.Clear(False)
    assert not panel.isRunning() and panel.ui.segmentAllButton.isHidden() and nodeNames(scene) == []


def test_a_package_that_is_refused_is_asked_for_once(panel, loaded, monkeypatch):
    from LungSegmentationAdapter.Run import Dependencies
    from SlicerBench.dialogs import answered

    missing = Dependencies.Package("scikit-image", "skimage_that_is_not_there", "", "image processing")
    monkeypatch.setattr(Dependencies, "PACKAGES", (missing,))
    panel.choose(loaded[0], "threshold")
    with answered("Cancel") as answers:
        panel.ui.segmentAllButton.click()
    assert len(answers.texts) == 1 and "was not installed" in panel.message and not panel.isRunning()
    panel.choose(loaded[0], METHOD)
    assert panel.ui.segmentAllButton.enabled
