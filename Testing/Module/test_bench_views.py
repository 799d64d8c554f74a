"""Slicer's own displayable managers draw a result where it lies, and the letters at the edges say where that is."""

import numpy as np

from .panel_helpers import addPhantom, addTruth, nodeNames


def centre(pixels, colour):
    """Give the middle (row, column) of what has about a hue, as shares of the picture."""
    hue = pixels.astype(float) - pixels.mean(axis=2, keepdims=True)
    wanted = np.array(colour, float) - np.mean(colour)
    found = (hue @ wanted) / (np.linalg.norm(hue, axis=2) * np.linalg.norm(wanted) + 1e-6) > 0.97
    found &= np.linalg.norm(hue, axis=2) > 15
    assert found.mean() > 0.02, "it is seen"
    return np.argwhere(found).mean(axis=0) / pixels.shape[:2]


def test_right_is_on_the_left_of_axial_coronal_and_front_views(scene, slicerApplication):
    from LungSegmentationAdapter.Scene import Display
    from LungSegmentationLib.labels import REGIONS
    from SlicerBench.rendered_views import RenderedSliceView, RenderedThreeDView

    volumeNode = addPhantom(scene)
    Display.applyPreset(volumeNode, "lung")
    segmentationNode = addTruth(scene, volumeNode, "Truth")
    Display.showSurfaces(segmentationNode)
    bounds = np.zeros(6)
    volumeNode.GetRASBounds(bounds)
    logic, drawn = slicerApplication.applicationLogic(), {}
    kinds = ("vtkMRMLAbstractViewNode", "vtkMRMLSliceCompositeNode", "vtkMRMLCameraNode")
    before = nodeNames(scene, *kinds), logic.GetSliceLogics().GetNumberOfItems()
    for orientation in ("Axial", "Coronal"):
        view = RenderedSliceView(logic, f"Test{orientation}", orientation, (160, 150))
        view.show(volumeNode, bounds.reshape(3, 2).mean(axis=1), 380.0)
        drawn[orientation] = view.draw(), view.letters()
        view.close()
    view = RenderedThreeDView(logic, "Test3D", (160, 150))
    view.showFromTheFront()
    drawn["3D"] = view.draw(), view.letters()
    view.close()
    assert (nodeNames(scene, *kinds), logic.GetSliceLogics().GetNumberOfItems()) == before, "nothing is left of the views"

    right, left = (region.colour_rgb for region in REGIONS[:2])
    for name, (pixels, letters) in drawn.items():
        assert centre(pixels, right)[1] < 0.5 < centre(pixels, left)[1], name
        assert (letters["left"], letters["right"]) == ("R", "L"), name
    assert drawn["Axial"][1]["top"] == "A" and drawn["Coronal"][1]["top"] == drawn["3D"][1]["top"] == "S"
    pixels = drawn["Axial"][0]
    inside = pixels[60:90, 40:60].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) > 20, "the scan is seen through the segment"
