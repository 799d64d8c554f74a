"""Centrelines as model nodes, and branches of them as markups curves."""

from dataclasses import replace

import numpy as np
import pytest

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.trees.centrelines import Centrelines as Lines

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Scene import Centrelines  # noqa: E402

POINTS = np.array([[1, 2, 3], [1, 2, 13], [1, 2, 13], [4, 6, 13], [1, 2, 13], [1, -2, 20], [1, -4, 25]], np.float32)
LINES = Lines(
    POINTS,
    np.array([3, 3, 2, 2, 1, 1, 1], np.float32),
    *(np.array(values, np.int32) for values in ([0, 2, 4, 7], [-1, 0, 0], [0, 1, 1], [2, 1, 1], [0, 1, 2])),
)


@pytest.fixture
def segmentationNode(mrmlScene):
    return mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")


def arrays(attributes):
    return {attributes.GetArrayName(i): slicer.util.vtk_to_numpy(attributes.GetArray(i)) for i in range(attributes.GetNumberOfArrays())}


def test_a_model_holds_the_lines_in_ras_with_radius_generation_and_order(segmentationNode):
    node = Centrelines.updateCentrelines(segmentationNode, {"airways": LINES})["airways"]
    assert node.GetName() == "Lungs centrelines of airways"
    polyData = node.GetPolyData()
    np.testing.assert_array_equal(slicer.util.arrayFromModelPoints(node), POINTS * [-1, -1, 1])
    assert polyData.GetNumberOfLines() == 3
    lengths = [polyData.GetCell(i).GetNumberOfPoints() for i in range(3)]
    assert lengths == [2, 2, 3]
    np.testing.assert_array_equal(slicer.util.arrayFromModelPointData(node, "radius_mm"), LINES.radii_mm)
    np.testing.assert_array_equal(slicer.util.arrayFromModelCellData(node, "generation"), [0, 1, 1])
    np.testing.assert_array_equal(slicer.util.arrayFromModelCellData(node, "strahler_order"), [2, 1, 1])
    assert not node.GetDisplayNode().GetVisibility()
    assert node.GetDisplayNode().GetActiveScalarName() == "radius_mm"


def test_a_second_run_uses_the_same_node_and_what_is_gone_goes_whole(mrmlScene, segmentationNode):
    before = mrmlScene.GetNumberOfNodes()
    first = Centrelines.updateCentrelines(segmentationNode, {"airways": LINES, "vessels": LINES})
    first["airways"].GetDisplayNode().SetVisibility(True)
    Centrelines.addCurves(segmentationNode, "vessels", [2])
    moved = replace(LINES, points_lps_mm=POINTS + 1)
    second = Centrelines.updateCentrelines(segmentationNode, {"airways": moved})
    assert second == {"airways": first["airways"]} == Centrelines.centrelineNodes(segmentationNode)
    assert second["airways"].GetDisplayNode().GetVisibility()
    np.testing.assert_array_equal(slicer.util.arrayFromModelPoints(second["airways"]), (POINTS + 1) * [-1, -1, 1])
    assert mrmlScene.GetNumberOfNodes() == before + 2
    Centrelines.updateCentrelines(segmentationNode, {})
    assert mrmlScene.GetNumberOfNodes() == before


def test_curves_follow_the_branches_that_were_asked_for(segmentationNode):
    Centrelines.updateCentrelines(segmentationNode, {"airways": LINES})
    curves = Centrelines.addCurves(segmentationNode, "airways", [2, 3])
    assert list(curves) == [2, 3]
    for branch, (first, last) in {2: (2, 4), 3: (4, 7)}.items():
        np.testing.assert_allclose(slicer.util.arrayFromMarkupsControlPoints(curves[branch]), POINTS[first:last] * [-1, -1, 1])
    assert curves[2].GetCurveLengthWorld() == pytest.approx(5.0, rel=0.01)
    assert Centrelines.addCurves(segmentationNode, "airways", [2])[2] is curves[2]
    assert curves[2].GetNumberOfControlPoints() == 2


def test_what_is_not_there_is_named(segmentationNode):
    with pytest.raises(InputError, match="no centrelines of 'vessels'"):
        Centrelines.addCurves(segmentationNode, "vessels", [1])
    Centrelines.updateCentrelines(segmentationNode, {"airways": LINES})
    with pytest.raises(InputError, match=r"the branch is 4; .* has the branches 1 to 3"):
        Centrelines.addCurves(segmentationNode, "airways", [4])
