"""From a volume node to the nodes of its result: what the panel does in the background, and scripts at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import slicer
import slicer.util

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.background.steps import Steps, run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.method import Method
from LungSegmentationLib.region_of_interest import RegionOfInterest
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume

from ..Scene import Display, Nodes, Plots, Regions, ResultNodes, Tables
from ..Scene.NodeSteps import whileThere
from ..Scene.ResultSummary import ResultSummary, summarise
from . import Dependencies, Measurement, NetworkRuntime

if TYPE_CHECKING:
    from LungSegmentationLib.measures import Measures

PROBABILITY = "Probability"


@dataclass(frozen=True)
class Outputs:
    """What is wanted beside the lungs."""

    airways: bool = True
    vessels: bool = False
    tables: bool = True
    plots: bool = False
    surfaces3D: bool = False
    probabilityMap: bool = False


@dataclass(frozen=True)
class SegmentedLungs:
    """What a run left in the scene, and the engine's own result.

    Parameters
    ----------
    result : Segmentation
        The engine's result, with arrays.
    measures : Measures
    segmentationNode : vtkMRMLSegmentationNode
    tableNodes : mapping of str to vtkMRMLTableNode
    chartNodes : mapping of str to vtkMRMLPlotChartNode
    probabilityNode : vtkMRMLScalarVolumeNode or None
        Lung probability, in percent.
    """

    result: Segmentation
    measures: Measures
    segmentationNode: slicer.vtkMRMLSegmentationNode
    tableNodes: Mapping[str, slicer.vtkMRMLTableNode] = field(default_factory=dict)
    chartNodes: Mapping[str, slicer.vtkMRMLPlotChartNode] = field(default_factory=dict)
    probabilityNode: slicer.vtkMRMLScalarVolumeNode | None = None

    @property
    def summary(self) -> ResultSummary:
        """Volumes, verdict, findings and warnings."""
        return summarise(self.result, self.measures)


def resolveMethod(key: str) -> Method:
    """Tell which method a key means now, and get what it needs, asking the user.

    Parameters
    ----------
    key : str
        Of a method, or ``auto``.

    Returns
    -------
    Method

    Raises
    ------
    InputError
        If there is no such method, or the user refuses to install what it needs.
    """
    from LungSegmentationLib.registry import find_method

    method = find_method(key)
    Dependencies.ensureMethod(method)
    return method


def makeJob(
    volume: CtVolume,
    method: str = "auto",
    parameters: Mapping[str, object] | None = None,
    outputs: Outputs | None = None,
    region: RegionOfInterest | None = None,
) -> Job:
    """Describe the work on a volume."""
    outputs = outputs or Outputs()
    return Job(
        volume=volume,
        method=method,
        parameters=dict(parameters or {}),
        airways=outputs.airways,
        vessels=outputs.vessels,
        probability=outputs.probabilityMap,
        region=region,
    )


def process(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode | None = None,
    method: str = "auto",
    parameters: Mapping[str, object] | None = None,
    outputs: Outputs | None = None,
    roi: slicer.vtkMRMLMarkupsROINode | None = None,
) -> SegmentedLungs:
    """Segment a volume node here and now; returns when all is done.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode
        A chest CT in Hounsfield units.
    segmentationNode : vtkMRMLSegmentationNode, optional
        Where the result goes; a new one by default.
    method, parameters
        As in :func:`LungSegmentationLib.pipeline.segment`.
    outputs : Outputs, optional
    roi : vtkMRMLMarkupsROINode, optional
        A box; only what lies inside it is kept.

    Returns
    -------
    SegmentedLungs

    Raises
    ------
    InputError
        If the volume is not a chest CT, no lung lies inside the box, or a parameter is out of range; the scene is unchanged then.
    """
    NetworkRuntime.rememberTrials()
    volume = Nodes.ctVolumeFromNode(volumeNode)
    result, measures = makeJob(volume, method, parameters, outputs, Regions.regionOfNode(roi, volumeNode)).run()
    return run_all(showResult(volumeNode, segmentationNode, result, measures, outputs))


def showResult(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode | None,
    result: Segmentation,
    measures: Measures,
    outputs: Outputs | None = None,
) -> Steps[SegmentedLungs]:
    """Put a finished run into the volume's scene, in steps; a segmentation node made here goes again if that fails.

    Parameters
    ----------
    volumeNode : slicer.vtkMRMLScalarVolumeNode
    segmentationNode : slicer.vtkMRMLSegmentationNode or None
    result : Segmentation
    measures : Measures
    outputs : Outputs, optional

    Returns
    -------
    Steps of SegmentedLungs

    Raises
    ------
    InputError
        If the volume, or the node for the result, is removed meanwhile.
    """
    outputs = outputs or Outputs()
    scene = volumeNode.GetScene()
    if scene is None:
        raise InputError(f"the volume {volumeNode.GetName()!r} was removed while it was segmented; the result was discarded")
    madeNode = None
    if segmentationNode is None or segmentationNode.GetScene() is None:
        frame = str(result.volume.source.get("frame", "")).partition(" of ")[0]
        name = scene.GenerateUniqueName(" ".join(filter(None, (volumeNode.GetName(), frame, "lungs"))))
        segmentationNode = madeNode = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    try:
        return (yield from whileThere(_fillNodes(volumeNode, segmentationNode, result, measures, outputs), volumeNode, segmentationNode))
    except BaseException:
        if madeNode is not None and madeNode.GetScene() is scene:
            for role in ResultNodes.roles(madeNode):
                ResultNodes.removeNode(madeNode, role)
            scene.RemoveNode(madeNode)
        raise


def volumeOfSegmentation(segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
    """Give the scan that a segmentation was made from."""
    if segmentationNode is None:
        return None
    return segmentationNode.GetNodeReference(segmentationNode.GetReferenceImageGeometryReferenceRole())


def segmentationOfVolume(volumeNode: slicer.vtkMRMLScalarVolumeNode | None) -> slicer.vtkMRMLSegmentationNode | None:
    """Give the last segmentation that this module made from a scan; of a sequence, from the frame that is shown now."""
    if volumeNode is None:
        return None
    made = [
        node
        for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        if node.GetAttribute(Measurement.RUN_ATTRIBUTE)
        and volumeOfSegmentation(node) is volumeNode
        and Measurement.isOfFrameShown(node, volumeNode)
    ]
    return made[-1] if made else None


def _fillNodes(
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    result: Segmentation,
    measures: Measures,
    outputs: Outputs,
) -> Steps[SegmentedLungs]:
    probabilityNode = yield from _updateProbability(volumeNode, segmentationNode, result.probability)
    yield from Measurement.showResult(segmentationNode, volumeNode, result, measures, outputs.tables, outputs.plots)
    yield
    if outputs.surfaces3D:
        Display.showSurfaces(segmentationNode)
    return SegmentedLungs(
        result,
        measures,
        segmentationNode,
        Tables.tableNodes(segmentationNode) if outputs.tables else {},
        Plots.chartNodes(segmentationNode),
        probabilityNode,
    )


def _updateProbability(
    volumeNode: slicer.vtkMRMLScalarVolumeNode, segmentationNode: slicer.vtkMRMLSegmentationNode, probability: np.ndarray | None
) -> Steps[slicer.vtkMRMLScalarVolumeNode | None]:
    """Show the map in percent beside the scan; the one of an earlier run goes where there is none now."""
    if probability is None:
        ResultNodes.removeNode(segmentationNode, PROBABILITY)
        return None
    percent, percentOfByte = np.empty_like(probability), np.rint(np.arange(256) * (100 / 255)).astype(np.uint8)
    for target, plane in zip(percent, probability, strict=True):
        target[...] = percentOfByte[plane]
        yield
    node = ResultNodes.findOrAddNode(segmentationNode, PROBABILITY, "vtkMRMLScalarVolumeNode", "probability in percent")
    slicer.util.updateVolumeFromArray(node, percent)
    node.CopyOrientation(volumeNode)
    node.SetAndObserveTransformNodeID(volumeNode.GetTransformNodeID())
    node.CreateDefaultDisplayNodes()
    yield
    return node
