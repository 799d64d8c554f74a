"""A result that is limited to a box, by the panel and by a script."""

import numpy as np
import pytest

from .panel_helpers import METHOD, MODULE_FILE, Panel, addPhantom, phantomResult


@pytest.fixture
def panel(loadedModule, runEventLoopUntil):
    return Panel(loadedModule(MODULE_FILE), runEventLoopUntil)


def lowerHalf(scene, volumeNode):
    roiNode = scene.AddNewNodeByClass("vtkMRMLMarkupsROINode", "Lower half")
    bounds = [0.0] * 6
    volumeNode.GetRASBounds(bounds)
    left, right, back, front, low, high = bounds
    roiNode.SetCenter((left + right) / 2, (back + front) / 2, low + (high - low) / 4)
    roiNode.SetSize(right - left, front - back, (high - low) / 2)
    return roiNode


def test_only_what_lies_inside_is_kept_and_the_panel_says_so(panel, scene):
    from LungSegmentationAdapter.Scene.SegmentLabels import labelsFromSegmentationNode

    volumeNode = addPhantom(scene)
    panel.choose(volumeNode)
    panel.ui.regionSelector.setCurrentNode(lowerHalf(scene, volumeNode))
    panel.segment()
    assert panel.message == ""
    expected = phantomResult()[0].labels.copy()
    expected[30:] = 0
    output = panel.parameters.outputSegmentation
    np.testing.assert_array_equal(labelsFromSegmentationNode(output, volumeNode), expected)
    assert "Lower half" in panel.ui.coverageLabel.text and not panel.ui.coverageLabel.isHidden()
    made = panel.widget.logic.process(volumeNode, method=METHOD, roi=panel.parameters.regionOfInterest)
    np.testing.assert_array_equal(made.result.labels, expected)
    (statement,) = [statement for statement in made.summary.coverage if "'Lower half'" in statement.text]
    assert "volumes, densities and all other figures are of that part alone" in statement.text


def test_a_box_without_lung_is_an_error_and_leaves_nothing(panel, scene):
    volumeNode = addPhantom(scene)
    panel.choose(volumeNode)
    roiNode = lowerHalf(scene, volumeNode)
    roiNode.SetSize(5, 5, 5)
    roiNode.SetCenter(500, 0, 0)
    panel.ui.regionSelector.setCurrentNode(roiNode)
    panel.segment()
    assert "No lung lies inside the region of interest 'Lower half'" in panel.message
    assert panel.parameters.outputSegmentation is None


def test_a_new_box_lies_around_the_scan(panel, scene):
    volumeNode = addPhantom(scene)
    panel.choose(volumeNode)
    roiNode = panel.ui.regionSelector.addNode()
    bounds, ofScan = [0.0] * 6, [0.0] * 6
    roiNode.GetRASBounds(bounds)
    volumeNode.GetRASBounds(ofScan)
    np.testing.assert_allclose(bounds, ofScan, atol=1e-6)
