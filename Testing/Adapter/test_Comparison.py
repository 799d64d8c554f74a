"""A segmentation node against a reference node: recognised segments, exact figures, exact differences."""

from dataclasses import replace

import numpy as np
import pytest

from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, REGIONS, RIGHT_LUNG

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Run import Comparison  # noqa: E402
from LungSegmentationAdapter.Scene import SegmentLabels, Segments, Tables  # noqa: E402

from .node_helpers import addTransform, rigid, segmentMasks  # noqa: E402
from .outcome_helpers import columnValues, makeResult, showResult, withoutVessels  # noqa: E402


def addReference(scene, volumeNode, result, labels, names=None):
    """Add a reference node; with names, its segments have them and no codes."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Reference")
    Segments.updateSegmentationNode(node, replace(withoutVessels(result), labels=labels), volumeNode)
    for region, name in zip(REGIONS, names or (), strict=False):
        segment = node.GetSegmentation().GetSegment(region.key)
        if segment:
            segment.SetName(name)
            segment.SetTerminology("")
    return node


def shifted(labels):
    reference = labels.copy()
    reference[1:3] = 0  # the result has added this
    reference[5:7, 13:15, 2:8] = RIGHT_LUNG  # and missed this
    reference[3:5, 4:6, 11:13] = RIGHT_LUNG  # and put this on the wrong side
    return reference


@pytest.mark.parametrize("names", [None, ("Lung_R", "lung left", "trachea")], ids=["codes", "names"])
def test_differences_and_figures_are_exact(mrmlScene, direction, names):
    volumeNode, segmentationNode, made = showResult(mrmlScene, makeResult(direction))
    labels = made.result.labels
    reference = shifted(labels)
    referenceNode = addReference(mrmlScene, volumeNode, made.result, reference, names)
    comparison = Comparison.compareWithReference(segmentationNode, referenceNode, volumeNode)

    masks = segmentMasks(comparison.differenceNode, volumeNode)
    differs = labels != reference
    np.testing.assert_array_equal(masks["missed"], differs & np.isin(reference, (RIGHT_LUNG, LEFT_LUNG)))
    np.testing.assert_array_equal(masks["wrongly_added"], differs & np.isin(labels, (RIGHT_LUNG, LEFT_LUNG)))
    segmentation = comparison.differenceNode.GetSegmentation()
    assert [segmentation.GetSegment(key).GetName() for key in ("missed", "wrongly_added")] == ["Missed", "Wrongly added"]
    assert segmentation.GetSegment("missed").GetColor() != segmentation.GetSegment("wrongly_added").GetColor()

    regions = columnValues(comparison.tableNode, "name")
    assert regions == ["Right lung", "Left lung", "Both lungs", "Airways"]
    for row, members in enumerate(((RIGHT_LUNG,), (LEFT_LUNG,), (RIGHT_LUNG, LEFT_LUNG), (AIRWAYS,))):
        a, b = np.isin(labels, members), np.isin(reference, members)
        assert columnValues(comparison.tableNode, "dice")[row] == pytest.approx(2 * (a & b).sum() / (a.sum() + b.sum()))
        assert columnValues(comparison.tableNode, "reference_voxels")[row] == b.sum()


def test_a_second_comparison_uses_the_same_nodes_and_results_stay_apart(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    referenceNode = addReference(mrmlScene, volumeNode, made.result, shifted(made.result.labels))
    first = Comparison.compareWithReference(segmentationNode, referenceNode, volumeNode)
    first.differenceNode.GetDisplayNode().SetSegmentOpacity2DFill("missed", 0.2)
    nodes = mrmlScene.GetNumberOfNodes()
    second = Comparison.compareWithReference(segmentationNode, referenceNode, volumeNode)
    assert (second.tableNode, second.differenceNode) == (first.tableNode, first.differenceNode)
    assert mrmlScene.GetNumberOfNodes() == nodes
    assert first.differenceNode.GetDisplayNode().GetSegmentOpacity2DFill("missed") == 0.2
    assert second.regions == first.regions
    assert set(Tables.tableNodes(segmentationNode)) == set(made.measures.tables)
    # The difference is not lung to anybody, and with a perfect reference nothing is left of it.
    with pytest.raises(InputError, match="none of the 2 segments"):
        SegmentLabels.labelsFromSegmentationNode(first.differenceNode, volumeNode)
    perfect = addReference(mrmlScene, volumeNode, made.result, made.result.labels)
    assert [region.dice for region in Comparison.compareWithReference(segmentationNode, perfect, volumeNode).regions] == [1.0] * 4
    assert first.differenceNode.GetSegmentation().GetNumberOfSegments() == 0


def test_a_reference_under_a_transform_is_compared_where_it_lies(mrmlScene):
    volumeNode, _, made = showResult(mrmlScene)
    transform = addTransform(mrmlScene, rigid(degrees=0, shift=(0, 0, 2.5)))  # one slice up
    referenceNode = addReference(mrmlScene, volumeNode, made.result, made.result.labels)
    referenceNode.SetAndObserveTransformNodeID(transform.GetID())
    np.testing.assert_array_equal(run_all(Comparison.referenceLabels(referenceNode, volumeNode))[1:], made.result.labels[:-1])


@pytest.mark.parametrize(
    ("name", "label"),
    [
        *[(name, RIGHT_LUNG) for name in ("Right lung", "RIGHT LUNG", "lung_right", "Lung-R", "RightLung", "R lung", "right lungs")],
        *[(name, LEFT_LUNG) for name in ("left lung", "LungL", "lung_upper_lobe_left", "Lower lobe of the left lung", "Left Lung 2")],
        *[(name, AIRWAYS) for name in ("Airways", "trachea", "lung_trachea_bronchi", "Trachea and main bronchi")],
        *[(name, None) for name in ("lung", "Both lungs", "right kidney", "Nodule right lung", "right and left lung", "", "Segment_1")],
        *[(name, None) for name in ("Vessels of right lung", "right main bronchus wall", "rl", "no airways")],
    ],
)
def test_names_that_say_right_and_left_lung(name, label):
    assert Comparison.labelOfName(name) == label


def test_codes_come_before_names(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    segmentation = segmentationNode.GetSegmentation()
    segmentation.GetSegment("right_lung").SetName("left lung")
    segmentation.GetSegment("left_lung").SetName("right lung")
    np.testing.assert_array_equal(run_all(Comparison.referenceLabels(segmentationNode, volumeNode)), made.result.labels)


def test_what_cannot_be_compared_is_refused_and_says_what_to_do(mrmlScene):
    volumeNode, segmentationNode, made = showResult(mrmlScene)
    unnamed = addReference(mrmlScene, volumeNode, made.result, made.result.labels, ("Segment_1", "Segment_2", "Segment_3"))
    far = addReference(mrmlScene, volumeNode, made.result, made.result.labels)
    far.SetAndObserveTransformNodeID(addTransform(mrmlScene, rigid(shift=(900, 0, 0))).GetID())
    nodes = mrmlScene.GetNumberOfNodes()
    for reference, reason in (
        (unnamed, r"Segment_1, Segment_2, Segment_3\); name them 'right lung' and 'left lung'"),
        (far, "no voxel within 'ct'"),
        (segmentationNode, "its own reference"),
    ):
        with pytest.raises(InputError, match=reason):
            Comparison.compareWithReference(segmentationNode, reference, volumeNode)
    assert mrmlScene.GetNumberOfNodes() == nodes
