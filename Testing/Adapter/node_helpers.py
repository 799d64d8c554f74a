"""Nodes to test with, and how to read them back by Slicer's own helpers."""

import numpy as np
import slicer
import slicer.util

from LungSegmentationAdapter.Scene import Nodes, Segments
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume

KEYS = ("right_lung", "left_lung", "airways")


def makeVolume(shape=(6, 8, 10), direction=None, name="ct"):
    voxels = np.random.default_rng(0).integers(-1024, 3000, shape).astype(np.int16)
    return CtVolume(voxels, (2.5, 0.8, 0.7), (12.5, -31.0, 200.25), np.eye(3) if direction is None else direction, name)


def addTransform(scene, matrix):
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    node.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(np.asarray(matrix, float)))
    return node


def rigid(degrees=30.0, shift=(5.0, -7.0, 11.0), scale=1.0):
    matrix = np.eye(4)
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix[:3, :3] = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]]) * scale
    matrix[:3, 3] = shift
    return matrix


def addNodes(scene, labels, direction=None):
    volume = makeVolume(labels.shape, direction)
    volumeNode = Nodes.addVolumeNode(scene, volume)
    segmentationNode = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
    result = Segmentation(volume, labels, "test")
    Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
    return volumeNode, segmentationNode, result


def segmentMasks(segmentationNode, volumeNode):
    """Read every segment by Slicer's own helper, by ID."""
    ids = segmentationNode.GetSegmentation().GetSegmentIDs()
    return {i: slicer.util.arrayFromSegmentBinaryLabelmap(segmentationNode, i, volumeNode).copy() > 0 for i in ids}


def assertSegments(segmentationNode, volumeNode, labels, ids=KEYS):
    masks = segmentMasks(segmentationNode, volumeNode)
    assert set(masks) == set(ids)
    for region in REGIONS:
        if region.key in ids:
            np.testing.assert_array_equal(masks[region.key], labels == region.label, err_msg=region.name)


def assertSameVolume(actual, expected):
    np.testing.assert_array_equal(actual.voxels_hu, expected.voxels_hu)
    np.testing.assert_allclose(actual.spacing_zyx_mm, expected.spacing_zyx_mm, rtol=1e-6)
    np.testing.assert_allclose(actual.origin_lps_mm, expected.origin_lps_mm, atol=1e-4)
    np.testing.assert_allclose(actual.direction_lps, expected.direction_lps, atol=1e-6)
