"""A small measured result with vessels, and its nodes."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from LungSegmentationAdapter.Run import Measurement
from LungSegmentationAdapter.Scene import Nodes
from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.measures import Measures, measure
from LungSegmentationLib.segmentation import Segmentation

from .node_helpers import makeVolume

MIRRORED = np.diag([1.0, -1.0, 1.0])[[1, 2, 0]]  # a left-handed grid with permuted axes


def makeResult(direction=None, name="ct"):
    """Two lungs with airways between them and a vessel in each, on a scan with air, tissue and noise."""
    labels = np.zeros((12, 16, 20), np.uint8)
    labels[1:11, 3:13, 2:8] = 1
    labels[2:11, 3:14, 11:18] = 2
    labels[4:12, 6:9, 8:11] = 3
    vessels = np.zeros_like(labels)
    vessels[3:9, 5:8, 4:6], vessels[3:9, 5:8, 13:16] = 1, 2
    volume = makeVolume(labels.shape, direction, name)
    mean = np.where(labels == 3, -990, np.where(vessels > 0, 30, np.where(labels > 0, -850, 40)))
    volume = replace(volume, voxels_hu=(mean + volume.voxels_hu // 50).astype(np.int16))
    return Segmentation(
        volume, labels, "threshold", {"closing_mm": 6.0}, {"Thinking": 1.5}, ("a warning; with 'signs' & ümlauts",), vessels, "tubularity"
    )


class Made(NamedTuple):
    result: Segmentation
    measures: Measures


def measured(result):
    return Made(result, measure(result))


def showResult(scene, result=None):
    """Give volume node, segmentation node, and the result with its measures."""
    made = measured(result or makeResult())
    volumeNode = Nodes.addVolumeNode(scene, made.result.volume)
    segmentationNode = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
    run_all(Measurement.showResult(segmentationNode, volumeNode, *made))
    return volumeNode, segmentationNode, made


def columnValues(tableNode, key):
    column = tableNode.GetTable().GetColumnByName(key)
    return [column.GetValue(row) for row in range(column.GetNumberOfValues())]


def withoutVessels(result):
    return replace(result, vessels=None, vessel_rule=None)
