"""Boxes of the scene as regions, against what MRML's own planes say is inside."""

import numpy as np
import pytest

from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.measures import measure
from LungSegmentationLib.region_of_interest import limited
from LungSegmentationLib.segmentation import Segmentation

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
import vtk  # noqa: E402

from LungSegmentationAdapter.Run import Measurement  # noqa: E402
from LungSegmentationAdapter.Scene import Nodes  # noqa: E402
from LungSegmentationAdapter.Scene.Regions import drawAround, regionOfNode  # noqa: E402
from LungSegmentationAdapter.Scene.SegmentLabels import labelsFromSegmentationNode  # noqa: E402
from SlicerBench.dicom_geometry import addAcquisitionTransform  # noqa: E402

from .node_helpers import addTransform, makeVolume, rigid  # noqa: E402

SHAPE = (9, 20, 22)
SHEARED = np.array([[1.2, 0.3, 0, 4], [0, 0.9, 0.2, -6], [0.1, 0, 1, 3], [0, 0, 0, 1]])


def addBox(scene, volumeNode, size=(9.0, 7.0, 12.0), transform=None):
    """Draw a box off the middle of a volume as it lies in the scene; it is turned in its own axes too."""
    bounds = [0.0] * 6
    volumeNode.GetRASBounds(bounds)
    place = vtk.vtkTransform()
    place.Translate(*(np.array(bounds[::2]) * 0.55 + np.array(bounds[1::2]) * 0.45))
    place.RotateWXYZ(35, 0.3, -0.5, 0.8)
    if transform is not None:
        node = addTransform(scene, transform)
        toNode = vtk.vtkMatrix4x4()
        node.GetMatrixTransformToParent(toNode)
        toNode.Invert()
        place.PostMultiply()
        place.Concatenate(toNode)
    roiNode = scene.AddNewNodeByClass("vtkMRMLMarkupsROINode", "Box")
    roiNode.SetSize(*size)
    if transform is not None:
        roiNode.SetAndObserveTransformNodeID(node.GetID())
        rotation = vtk.vtkTransform()
        rotation.RotateWXYZ(20, 1, 1, 0)
        rotation.PostMultiply()
        rotation.Translate(*place.GetPosition())
        place = rotation
    roiNode.SetAndObserveObjectToNodeMatrix(place.GetMatrix())
    return roiNode


def insideByMrml(roiNode, volumeNode):
    """Ask MRML for each voxel whether the box holds it."""
    planes, toWorld, ijkToRas = vtk.vtkPlanes(), vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    roiNode.GetPlanesWorld(planes)
    volumeNode.GetIJKToRASMatrix(ijkToRas)
    if volumeNode.GetParentTransformNode():
        volumeNode.GetParentTransformNode().GetMatrixTransformToWorld(toWorld)
    vtk.vtkMatrix4x4.Multiply4x4(toWorld, ijkToRas, ijkToRas)
    matrix = slicer.util.arrayFromVTKMatrix(ijkToRas)
    inside = np.zeros(SHAPE, bool)
    for k, j, i in np.ndindex(SHAPE):
        inside[k, j, i] = planes.EvaluateFunction((matrix @ (i, j, k, 1))[:3]) <= 0
    return inside


@pytest.mark.parametrize("boxTransform", [None, rigid(50, (3, 1, -2))], ids=["free", "turned"])
@pytest.mark.parametrize("volumeTransform", [None, rigid(-25, (20, -30, 5))], ids=["scan free", "scan turned"])
def test_what_the_box_holds_in_the_scene_is_kept(mrmlScene, direction, boxTransform, volumeTransform):
    volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume(SHAPE, direction))
    if volumeTransform is not None:
        volumeNode.SetAndObserveTransformNodeID(addTransform(mrmlScene, volumeTransform).GetID())
    roiNode = addBox(mrmlScene, volumeNode, transform=boxTransform)
    expected = insideByMrml(roiNode, volumeNode)
    assert 20 < np.count_nonzero(expected) < expected.size / 2
    result = Segmentation(Nodes.ctVolumeFromNode(volumeNode), np.ones(SHAPE, np.uint8), "test")
    np.testing.assert_array_equal(limited(result, regionOfNode(roiNode, volumeNode)).labels, expected)


def test_no_box_is_no_region_and_boxes_that_say_nothing_are_refused(mrmlScene):
    volumeNode = Nodes.addVolumeNode(mrmlScene, makeVolume((24, 20, 22)))
    assert regionOfNode(None, volumeNode) is None
    roiNode = mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsROINode", "Empty")
    with pytest.raises(InputError, match=r"'Empty' has no size; draw a box"):
        regionOfNode(roiNode, volumeNode)
    drawAround(roiNode, volumeNode)
    result = Segmentation(Nodes.ctVolumeFromNode(volumeNode), np.ones((24, 20, 22), np.uint8), "test")
    assert limited(result, regionOfNode(roiNode, volumeNode)).labels.all()
    transformNode = addAcquisitionTransform(mrmlScene, volumeNode, lambda k, row, column: (0.0, 0.0, 1.0 * (-1) ** k))
    with pytest.raises(InputError, match=r"bends the volume 'ct', so that .* 'Empty' lies elsewhere"):
        regionOfNode(roiNode, volumeNode)
    roiNode.SetAndObserveTransformNodeID(transformNode.GetID())
    with pytest.raises(InputError, match=r"bends the region of interest 'Empty'; take it off"):
        regionOfNode(roiNode, volumeNode)
    roiNode.SetAndObserveTransformNodeID(addTransform(mrmlScene, SHEARED).GetID())
    volumeNode.SetAndObserveTransformNodeID(None)
    with pytest.raises(InputError, match=r"stretches the region of interest 'Empty'; take it off"):
        regionOfNode(roiNode, volumeNode)


def test_a_limited_result_says_so_after_an_edit_too(mrmlScene):
    volume = makeVolume(SHAPE)
    volumeNode = Nodes.addVolumeNode(mrmlScene, volume)
    labels = np.ones(SHAPE, np.uint8)
    labels[:, :, 11:] = 2
    region = regionOfNode(addBox(mrmlScene, volumeNode), volumeNode)
    result = limited(Segmentation(Nodes.ctVolumeFromNode(volumeNode), labels, "test"), region)
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
    run_all(Measurement.showResult(segmentationNode, volumeNode, result, measure(result), plots=False))
    np.testing.assert_array_equal(labelsFromSegmentationNode(segmentationNode, volumeNode), result.labels)
    again, measures = Measurement.measureAgain(segmentationNode, volumeNode)
    assert again.region == region
    (flag,) = [flag for flag in measures.flags if flag.key == "region_of_interest"]
    assert flag.verdict == "cut" and "'Box'" in flag.reason
