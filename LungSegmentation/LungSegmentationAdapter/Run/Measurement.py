"""A result in the scene, and measured again after its segments were edited."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import slicer

from LungSegmentationLib.background.steps import Steps, run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import BACKGROUND, LEFT_LUNG, REGIONS, RIGHT_LUNG, VESSEL_REGIONS, Region
from LungSegmentationLib.region_of_interest import RegionOfInterest
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume

from ..Scene import Centrelines, Nodes, Plots, ResultSummary, SegmentLabels, Segments, SubjectHierarchy, Tables
from ..Scene.Sequences import frameOf
from ..Scene.Terminology import segmentIdsOfRegion

if TYPE_CHECKING:
    from LungSegmentationLib.measures import Measures

RUN_ATTRIBUTE = "LungSegmentation.Run"
"""Attribute of the segmentation node that keeps how it was made, as JSON."""

_EDITED = ", edited"


def showResult(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    result: Segmentation,
    measures: Measures,
    tables: bool = True,
    plots: bool = True,
) -> Steps[None]:
    """Put a finished run into the scene, in steps: segments, tables, charts, and all of them beside the scan.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        Nodes of an earlier run into it are used again.
    volumeNode : vtkMRMLScalarVolumeNode
        The scan that was segmented.
    result : Segmentation
        Its labels lie on the volume node's own grid.
    measures : Measures
    tables, plots : bool
        As in :func:`showMeasures`.

    Raises
    ------
    InputError
        As :func:`LungSegmentationAdapter.Scene.Segments.updateSegments`.
    """
    voxels = yield from Segments.updateSegments(segmentationNode, Segments.layersOfResult(result), volumeNode)
    segmentationNode.SetAttribute(RUN_ATTRIBUTE, describeRun(result, voxels))
    yield
    yield from showMeasures(segmentationNode, volumeNode, result, measures, tables, plots)


def measureAgain(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode
) -> tuple[Segmentation, Measures]:
    """Measure the segments as they are now, and update tables and charts.

    Parameters
    ----------
    segmentationNode : slicer.vtkMRMLSegmentationNode
    volumeNode : slicer.vtkMRMLScalarVolumeNode

    Returns
    -------
    Segmentation, Measures

    Raises
    ------
    InputError
        As :func:`resultFromNodes`.
    """
    from LungSegmentationLib.measures import measure

    result = resultFromNodes(segmentationNode, volumeNode)
    measures = measure(result)
    run_all(showMeasures(segmentationNode, volumeNode, result, measures))
    return result, measures


def showMeasures(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    result: Segmentation,
    measures: Measures,
    tables: bool = True,
    plots: bool = True,
) -> Steps[None]:
    """Write the measures into the segmentation's tables, charts, centrelines and summary, in steps; the segments stay as they are.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
    volumeNode : vtkMRMLScalarVolumeNode
    result : Segmentation
        What was measured.
    measures : Measures
    tables, plots : bool
        Whether there are to be tables and charts; those of an earlier run go otherwise, because they no longer hold. Charts
        bring the table of slices, from which they are drawn.
    """
    wanted = [key for key in measures.tables if tables or (plots and key == "slices")]
    tableNodes = Tables.updateTables(segmentationNode, {key: measures.tables[key] for key in wanted})
    yield
    if plots:
        Plots.updatePlots(segmentationNode, tableNodes["slices"], measures.histogram)
    else:
        Plots.removePlots(segmentationNode)
    yield
    Centrelines.updateCentrelines(segmentationNode, measures.centrelines)
    yield
    ResultSummary.writeSummary(segmentationNode, ResultSummary.summarise(result, measures))
    SubjectHierarchy.placeNodes(segmentationNode, volumeNode)


def resultFromNodes(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Segmentation:
    """Take the segments of a segmentation node as a result, however they came about.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        Lungs, airways and vessels are recognised by their terminology codes.
    volumeNode : vtkMRMLScalarVolumeNode
        The scan; its grid is that of the result.

    Returns
    -------
    Segmentation
        Method and parameters are those of the run that made the segmentation, as far as the scene knows them; the method
        says when the segments were edited since. Vessels lie in the lung in which they lie now, and nowhere else.

    Raises
    ------
    InputError
        If the volume is not a CT, or no segment is known or none of the lungs has voxels.
    """
    return run_all(readResult(segmentationNode, volumeNode, Nodes.ctVolumeFromNode(volumeNode)))


def isOfFrameShown(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> bool:
    """Tell whether a segmentation was made of what its volume shows now: of a sequence it may have been another frame."""
    run = json.loads(segmentationNode.GetAttribute(RUN_ATTRIBUTE) or "{}")
    return run.get("frame", "") in ("", frameOf(volumeNode))


def checkFrame(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Refuse a segmentation of another frame than the volume shows now.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
    volumeNode : vtkMRMLScalarVolumeNode

    Raises
    ------
    InputError
        With both frames.
    """
    if not isOfFrameShown(segmentationNode, volumeNode):
        frame = json.loads(segmentationNode.GetAttribute(RUN_ATTRIBUTE))["frame"]
        raise InputError(
            f"{segmentationNode.GetName()!r} was made of {frame} of {volumeNode.GetName()!r}, which now shows "
            f"{frameOf(volumeNode) or 'no sequence'}; choose that frame (module Sequences), or segment this one"
        )


def readResult(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode, volume: CtVolume
) -> Steps[Segmentation]:
    """Do what :func:`resultFromNodes` does, in steps, on a volume that was read from the node."""
    checkFrame(segmentationNode, volumeNode)
    labels = yield from SegmentLabels.readLabels(segmentationNode, volumeNode)
    voxels = yield from _countVoxels(labels, REGIONS)
    if not voxels["right_lung"] + voxels["left_lung"]:
        raise InputError(
            f"no segment of {segmentationNode.GetName()!r} holds a voxel of the right or left lung within {volumeNode.GetName()!r}; "
            "choose the segmentation that belongs to this volume, or segment the lungs first"
        )
    run = json.loads(segmentationNode.GetAttribute(RUN_ATTRIBUTE) or "{}")
    vessels = yield from _readVessels(segmentationNode, volumeNode, labels, run)
    if vessels is not None:
        voxels |= yield from _countVoxels(vessels, VESSEL_REGIONS)
    method = run.get("method", f"segments of {segmentationNode.GetName()}")
    if run and run["voxels"] != list(voxels.values()) and not method.endswith(_EDITED):
        method += _EDITED
    return Segmentation(
        volume=volume,
        labels=labels,
        method=method,
        parameters=run.get("parameters", {}),
        warnings=tuple(run.get("warnings", volume.warnings)),
        vessels=vessels,
        vessel_rule=run.get("vessel_rule") if vessels is not None else None,
        region=RegionOfInterest.from_facts(run.get("region")),
    )


def _readVessels(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode, labels: np.ndarray, run: dict[str, Any]
) -> Steps[np.ndarray | None]:
    """Read the vessels, None where nobody looked for them: a lung without vessels has no segment of them."""
    segmentation = segmentationNode.GetSegmentation()
    segments = [(segmentId, region.label) for region in VESSEL_REGIONS for segmentId in segmentIdsOfRegion(segmentation, region)]
    if not segments:
        return np.zeros_like(labels) if run.get("vessel_rule") else None
    vessels = yield from SegmentLabels.labelMapOfSegments(segmentationNode, volumeNode, segments)
    for plane, lungs in zip(vessels, labels, strict=True):
        # The lung in which they lie now, whatever their segment says.
        plane[...] = np.where((plane != BACKGROUND) & ((lungs == RIGHT_LUNG) | (lungs == LEFT_LUNG)), lungs, BACKGROUND)
        yield
    return vessels


def describeRun(result: Segmentation, voxels: Mapping[str, int]) -> str:
    """Say how a result was made, for :data:`RUN_ATTRIBUTE`; ``voxels`` are those of each region's segment."""
    regions = REGIONS if result.vessels is None else (*REGIONS, *VESSEL_REGIONS)
    return json.dumps(
        {
            "method": result.method,
            "parameters": dict(result.parameters),
            "vessel_rule": result.vessel_rule,
            "warnings": list(result.warnings),
            "frame": result.volume.source.get("frame", ""),
            "region": result.region and asdict(result.region),
            # An edit that keeps all these numbers is unlikely.
            "voxels": [voxels[region.key] for region in regions],
        }
    )


def _countVoxels(labels: np.ndarray, regions: Sequence[Region]) -> Steps[dict[str, int]]:
    voxels = {region.key: 0 for region in regions}
    for plane in labels:
        if plane.any():
            for region in regions:
                voxels[region.key] += int(np.count_nonzero(plane == region.label))
        yield
    return voxels
