"""Real clicks on Segment Lungs, a real process in the background, and what comes in between."""

import sys
from pathlib import Path

import numpy as np
import pytest

from .panel_helpers import METHOD, MODULE_FILE, Panel, addPhantom, nodeNames, phantom, phantomResult

TABLES = ["volumes", "slices", "density", "airways", "airway branches", "quality"]


@pytest.fixture
def panel(loadedModule, runEventLoopUntil):
    return Panel(loadedModule(MODULE_FILE), runEventLoopUntil)


@pytest.fixture
def started(panel, scene):
    """Give the panel while the engine works on a phantom."""
    panel.choose(addPhantom(scene))
    panel.start()
    return panel


def assertNothingIsLeft(panel, scene):
    """No result and no job folder; the panel can start again."""
    import slicer

    assert nodeNames(scene) == []
    assert list(Path(slicer.app.temporaryPath).glob("LungSegmentation-*")) == []
    assert not panel.isRunning() and panel.ui.progressWidget.isHidden()


def test_a_click_makes_the_lungs_in_the_background_and_a_double_click_makes_them_once(panel, scene):
    volumeNode = addPhantom(scene)
    panel.choose(volumeNode)
    panel.ui.segmentButton.click()
    panel.ui.segmentButton.click()
    panel.widget.panel.segment()
    assert nodeNames(scene) == [] and panel.isRunning(), "the click came back before the result was there"
    assert not panel.ui.segmentButton.enabled and "running" in panel.ui.segmentButton.toolTip
    panel.wait()
    assert (panel.message, panel.ui.progressWidget.isHidden(), panel.ui.segmentButton.enabled) == ("", True, True)
    assert nodeNames(scene) == ["Phantom lungs", *(f"Phantom lungs {key}" for key in TABLES)]
    assert panel.parameters.outputSegmentation is panel.ui.outputSelector.currentNode() is not None
    truth = phantom().volumes_ml()
    for label, key in ((panel.ui.rightVolumeLabel, "right_lung"), (panel.ui.leftVolumeLabel, "left_lung")):
        assert float(label.text.removesuffix(" mL")) == pytest.approx(truth[f"label:{key}"], rel=0.01)
    assert "passed" in panel.ui.verdictLabel.text and "The lungs are cut at the bottom" in panel.ui.coverageLabel.text


def test_a_second_run_uses_the_nodes_again_and_can_be_undone(panel, scene):
    import slicer

    volumeNode = addPhantom(scene)
    made = panel.showResult(volumeNode, tables=True, plots=True)
    segmentation = made.segmentationNode.GetSegmentation()
    segmentId = segmentation.GetSegmentIDs()[0]
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(made.segmentationNode, segmentId, volumeNode).copy()
    mask[:20] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, made.segmentationNode, segmentId, volumeNode)
    panel.choose(volumeNode)
    panel.ui.plotsCheckBox.checked = True
    before = nodeNames(scene)
    assert not panel.ui.restoreButton.enabled
    panel.segment()
    assert nodeNames(scene) == before
    whole = panel.ui.rightVolumeLabel.text
    panel.ui.restoreButton.click()
    panel.wait()
    np.testing.assert_array_equal(slicer.util.arrayFromSegmentBinaryLabelmap(made.segmentationNode, segmentId, volumeNode), mask)
    restored_ml = float(panel.ui.rightVolumeLabel.text.removesuffix(" mL"))
    assert restored_ml == pytest.approx(np.count_nonzero(mask) * phantom().volume.voxel_volume_ml, abs=0.6)
    assert restored_ml < 0.9 * float(whole.removesuffix(" mL")) and not panel.ui.restoreButton.enabled


def test_cancel_leaves_nothing(started, scene):
    assert not started.ui.progressWidget.isHidden() and started.ui.stepLabel.text
    started.ui.cancelButton.click()
    assertNothingIsLeft(started, scene)
    assert started.ui.segmentButton.enabled and started.message == ""


def test_closing_the_scene_cancels(started, scene):
    scene.Clear(False)
    assertNothingIsLeft(started, scene)
    assert not started.ui.segmentButton.enabled and "Choose a chest CT" in started.ui.segmentButton.toolTip
    assert started.ui.rightVolumeLabel.text == "–"


@pytest.fixture
def helperPackagesKept():
    """Give other tests the classes back that they have imported."""
    kept = {name: module for name, module in sys.modules.items() if name.startswith("LungSegmentation")}
    yield
    for name in [name for name in sys.modules if name.startswith("LungSegmentation")]:
        del sys.modules[name]
    sys.modules.update(kept)


def test_reload_cancels_and_gives_a_panel_that_works(helperPackagesKept, started, scene):
    before = sys.modules["LungSegmentationAdapter.Panel.Panel"]
    oldPanel = started.widget.panel
    started.widget.onReload()
    assert not oldPanel.isRunning() and sys.modules["LungSegmentationAdapter.Panel.Panel"] is not before
    assertNothingIsLeft(started, scene)
    started.segment()
    assert started.message == "" and "Phantom lungs" in nodeNames(scene)


def test_leaving_the_module_lets_it_finish(started, scene):
    started.module.leave()
    panel = started.module.panel.self().panel
    started._runEventLoopUntil(lambda: not panel.isRunning(), 120)
    assert "Phantom lungs" in nodeNames(scene)
    assert started.ui.outputSelector.currentNode().GetName() == "Phantom lungs"
    assert started.ui.rightVolumeLabel.text.endswith("mL")


def test_another_input_during_a_run_leaves_the_result_to_the_first(started, scene):
    other = addPhantom(scene, "Other")
    first = started.parameters.inputVolume
    started.ui.inputSelector.setCurrentNode(other)
    started.wait()
    made = scene.GetFirstNodeByName("Phantom lungs")
    assert made.GetNodeReference(made.GetReferenceImageGeometryReferenceRole()) is first
    assert started.parameters.outputSegmentation is None and started.ui.rightVolumeLabel.text == "–"
    assert "Phantom are in Phantom lungs" in started.message
    started.ui.inputSelector.setCurrentNode(first)
    assert started.parameters.outputSegmentation is None, "what the user chose stays"
    started.parameters.outputSegmentation = made
    assert started.ui.rightVolumeLabel.text.endswith("mL")
    started.ui.inputSelector.setCurrentNode(other)
    assert started.parameters.outputSegmentation is None, "the result of another scan is not overwritten by chance"
    started.parameters.outputSegmentation = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Empty")
    started.ui.inputSelector.setCurrentNode(first)
    assert started.parameters.outputSegmentation.GetName() == "Empty"


def test_a_volume_that_is_removed_during_a_run_leaves_no_result(started, scene):
    scene.RemoveNode(started.parameters.inputVolume)
    started.wait()
    assertNothingIsLeft(started, scene)
    assert "was removed while it was segmented" in started.message


@pytest.mark.parametrize(
    ("voxels", "words"),
    [(np.full((8, 16, 16), 100, np.uint8), "Hounsfield"), (np.full((8, 16, 16), np.nan, np.float32), "NaN or infinite")],
    ids=["no CT", "not finite"],
)
def test_a_volume_that_is_no_ct_is_refused_in_words(panel, scene, voxels, words):
    import slicer

    panel.choose(slicer.util.addVolumeFromArray(voxels, name="Photo"))
    panel.segment()
    assert words in panel.message and "Traceback" not in panel.message and panel.message[0].isupper()
    assertNothingIsLeft(panel, scene)
    panel.choose(addPhantom(scene), METHOD)
    panel.ui.segmentButton.click()
    assert panel.message == "", "the message goes with the next run"
    panel.ui.cancelButton.click()


@pytest.mark.parametrize(("kind", "words"), [(np.uint8, "Hounsfield"), (np.uint16, "rescale intercept"), (np.uint32, "rescale intercept")])
def test_unsigned_voxels_hold_no_air_in_hounsfield_units_and_are_refused_in_words(panel, scene, kind, words):
    """As scanners store them, 1024 higher; a converter that forgot the intercept leaves them so."""
    import slicer

    stored = np.clip(phantom().volume.voxels_hu.astype(np.int64) + 1024, 0, np.iinfo(kind).max).astype(kind)
    volumeNode = slicer.util.addVolumeFromArray(stored, name="Stored")
    volumeNode.SetSpacing(*phantom().volume.spacing_zyx_mm[::-1])
    panel.choose(volumeNode)
    panel.segment()
    assert words in panel.message
    assertNothingIsLeft(panel, scene)


@pytest.mark.parametrize("kind", [np.int32, np.float32, np.float64])
def test_wider_voxels_give_the_result_of_int16(panel, scene, kind):
    import slicer

    from LungSegmentationAdapter.Scene.SegmentLabels import labelsFromSegmentationNode

    volumeNode = addPhantom(scene)
    slicer.util.updateVolumeFromArray(volumeNode, phantom().volume.voxels_hu.astype(kind))
    panel.choose(volumeNode)
    panel.segment()
    np.testing.assert_array_equal(labelsFromSegmentationNode(panel.parameters.outputSegmentation, volumeNode), phantomResult()[0].labels)


def test_the_shortcut_is_a_click_and_does_nothing_while_there_is_nothing_to_segment(panel, scene):
    import qt
    from PySide6.QtTest import QTest

    def press():
        QTest.keyClick(parent, qt.Qt.Key_L, qt.Qt.ControlModifier | qt.Qt.ShiftModifier)

    parent = panel.widget.parent
    parent.show()
    parent.activateWindow()
    panel._runEventLoopUntil(lambda: parent.isActiveWindow)
    press()
    timer = qt.QElapsedTimer()
    timer.start()
    panel._runEventLoopUntil(lambda: timer.elapsed() > 300)  # a button that is pressed by a key clicks after 100 ms
    assert not panel.isRunning()
    panel.choose(addPhantom(scene))
    assert "Ctrl+Shift+L" in panel.ui.segmentButton.toolTip
    press()
    panel._runEventLoopUntil(panel.isRunning)
    panel.ui.cancelButton.click()
    parent.hide()


@pytest.fixture
def mainWindow(panel, monkeypatch):
    """Slicer shows errors in a dialog where it has a main window, which the bench does not."""
    import slicer.util

    monkeypatch.setattr(slicer.util, "mainWindow", lambda: panel.widget.parent)


def test_a_breakdown_has_one_dialog_with_details_and_the_rest_is_in_the_log(started, mainWindow):
    import os
    import signal

    import qt

    from SlicerBench.dialogs import answered

    with answered("OK") as answers:
        os.kill(started.widget.panel._run._run.workerPid, signal.SIGKILL)
        started.wait()
    (text,) = answers.texts
    assert text.startswith("Failed to segment the lungs.\n\nThe segmentation process ended unexpectedly")
    assert "ended unexpectedly" in started.message and "\n" not in started.message
    qt.QApplication.clipboard().clear()
    started.ui.copyLogButton.click()
    copied = qt.QApplication.clipboard().text()
    assert copied.startswith("LungSegmentation ") and "Slicer 5.12" in copied and "numpy" in copied
    assert "Segment Phantom: 96 × 96 × 60 voxels of 3.7 × 3.7 × 5 mm, method connected-components" in copied
    assert "Starting" in copied and "failed: the segmentation process ended unexpectedly" in copied


def test_an_error_of_ours_has_the_same_heading(panel, scene, mainWindow, monkeypatch, uncaughtErrors):
    from LungSegmentationAdapter.Run import SegmentationLogic
    from SlicerBench.dialogs import answered

    def broken(key):
        raise KeyError("ours")

    panel.choose(addPhantom(scene))
    monkeypatch.setattr(SegmentationLogic, "resolveMethod", broken)
    with answered("OK") as answers:
        panel.ui.segmentButton.click()
    assert answers.texts == ["Failed to segment the lungs.\n\n'ours'"] and not panel.isRunning()
    assert [type(error) for error in uncaughtErrors.take()] == [KeyError], "Slicer's console shows where it comes from"


@pytest.mark.parametrize("most_mm", [0.004, 1.0])
def test_a_scan_as_the_dicom_reader_loads_it_gives_the_result_of_its_voxels(panel, scene, most_mm):
    """Under a grid transform, because its slices lie off a regular grid."""
    import slicer

    from LungSegmentationAdapter.Scene.SegmentLabels import labelsFromSegmentationNode
    from SlicerBench.dicom_geometry import addAcquisitionTransform

    volumeNode = addPhantom(scene)
    transformNode = addAcquisitionTransform(scene, volumeNode, lambda k, row, column: (0.0, 0.0, most_mm * (-1) ** k))
    panel.choose(volumeNode)
    panel.segment()
    made = panel.parameters.outputSegmentation
    assert panel.message == "" and made.GetParentTransformNode() is transformNode
    np.testing.assert_array_equal(labelsFromSegmentationNode(made, volumeNode), phantomResult()[0].labels)
    figures = [panel.ui.rightVolumeLabel.text, panel.ui.leftVolumeLabel.text]
    assert figures == [f"{volume.volume_ml:.0f} mL" for volume in phantomResult()[1].volumes[:2]]
    assert ("A transform bends the image by up to 1.0 mm" in panel.ui.notesLabel.text) == (most_mm > 0.5)
    panel.ui.measureButton.click()
    panel.wait()
    assert [panel.ui.rightVolumeLabel.text, panel.ui.leftVolumeLabel.text] == figures and panel.message == ""
    panel.ui.show3DButton.click()
    bounds = np.zeros(6)
    made.GetRASBounds(bounds)
    assert np.all(np.isfinite(bounds)) and slicer.app.overrideCursor() is None
