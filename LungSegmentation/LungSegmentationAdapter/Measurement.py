"""A result in the scene, and measured again after its segments were edited."""

from __future__ import annotations

import json

import numpy as np
import slicer

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import BACKGROUND, LEFT_LUNG, REGIONS, RIGHT_LUNG, VESSEL_REGIONS
from LungSegmentationLib.measurement.histograms import take_census
from LungSegmentationLib.measurement.quality import quality_flags
from LungSegmentationLib.result import Result
from LungSegmentationLib.tables.all_tables import all_tables
from LungSegmentationLib.worker_job import Outcome

from . import Nodes, Plots, ResultSummary, SubjectHierarchy, Tables
from .Terminology import segmentIdsOfRegion

RUN_ATTRIBUTE = "LungSegmentation.Run"
"""Attribute of the segmentation node that keeps how it was made, as JSON."""

_EDITED = ", edited"


def showOutcome(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    outcome: Outcome,
    tables: bool = True,
    plots: bool = True,
) -> None:
    """Put a finished run into the scene: segments, tables, charts, and all of them beside the scan.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        Nodes of an earlier run into it are used again.
    volumeNode : vtkMRMLScalarVolumeNode
        The scan that was segmented.
    outcome : Outcome
        Measured. Its labels lie on the volume node's own grid.
    tables, plots : bool
        As in :func:`showMeasures`.

    Raises
    ------
    InputError
        As :func:`.Nodes.updateSegmentationNode`.
    """
    Nodes.updateSegmentationNode(segmentationNode, outcome.result, volumeNode)
    segmentationNode.SetAttribute(RUN_ATTRIBUTE, _describeRun(outcome.result))
    showMeasures(segmentationNode, volumeNode, outcome, tables, plots)


def measureAgain(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Outcome:
    """Measure the segments as they are now, and update tables and charts.

    Returns
    -------
    Outcome
        With tables and quality flags.

    Raises
    ------
    InputError
        As :func:`resultFromNodes`.
    """
    outcome = measured(resultFromNodes(segmentationNode, volumeNode))
    showMeasures(segmentationNode, volumeNode, outcome)
    return outcome


def measured(result: Result) -> Outcome:
    """Make the tables and quality flags of a result."""
    flags = quality_flags(result)
    return Outcome(result, all_tables(result, flags), flags)


def showMeasures(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    outcome: Outcome,
    tables: bool = True,
    plots: bool = True,
) -> None:
    """Write an outcome's measures into the segmentation's tables, charts and summary; the segments stay as they are.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
    volumeNode : vtkMRMLScalarVolumeNode
    outcome : Outcome
        Measured.
    tables, plots : bool
        Whether there are to be tables and charts; those of an earlier run go otherwise, because they no longer hold. Charts
        bring the table of slices, from which they are drawn.
    """
    result = outcome.result
    wanted = [key for key in outcome.tables if tables or (plots and key == "slices")]
    tableNodes = Tables.updateTables(segmentationNode, {key: outcome.tables[key] for key in wanted})
    if plots:
        Plots.updatePlots(segmentationNode, tableNodes["slices"], take_census(result.volume, result.labels))
    else:
        Plots.removePlots(segmentationNode)
    ResultSummary.writeSummary(segmentationNode, ResultSummary.summarise(outcome))
    SubjectHierarchy.placeNodes(segmentationNode, volumeNode)


def resultFromNodes(segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Result:
    """Take the segments of a segmentation node as a result, however they came about.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        Lungs, airways and vessels are recognised by their terminology codes.
    volumeNode : vtkMRMLScalarVolumeNode
        The scan; its grid is that of the result.

    Returns
    -------
    Result
        Method and parameters are those of the run that made the segmentation, as far as the scene knows them; the method
        says when the segments were edited since. Vessels lie in the lung in which they lie now, and nowhere else.

    Raises
    ------
    InputError
        If the volume is not a CT, or no segment is known or none of the lungs has voxels.
    """
    volume = Nodes.ctVolumeFromNode(volumeNode)
    labels = Nodes.labelsFromSegmentationNode(segmentationNode, volumeNode)
    inLung = (labels == RIGHT_LUNG) | (labels == LEFT_LUNG)
    if not inLung.any():
        raise InputError(
            f"no segment of {segmentationNode.GetName()!r} holds a voxel of the right or left lung within {volumeNode.GetName()!r}; "
            "choose the segmentation that belongs to this volume, or segment the lungs first"
        )
    run = json.loads(segmentationNode.GetAttribute(RUN_ATTRIBUTE) or "{}")
    vessels = _vesselsFromNodes(segmentationNode, volumeNode, np.where(inLung, labels, np.uint8(BACKGROUND)), run)
    method = run.get("method", f"segments of {segmentationNode.GetName()}")
    if run and run["voxels"] != _countVoxels(labels, vessels) and not method.endswith(_EDITED):
        method += _EDITED
    return Result(
        volume=volume,
        labels=labels,
        method=method,
        parameters=run.get("parameters", {}),
        warnings=tuple(run.get("warnings", volume.warnings)),
        vessels=vessels,
        vessel_rule=run.get("vessel_rule") if vessels is not None else None,
    )


def _vesselsFromNodes(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode, lungs: np.ndarray, run: dict
) -> np.ndarray | None:
    """Read the vessels, None where nobody looked for them: a lung without vessels has no segment of them."""
    segmentation = segmentationNode.GetSegmentation()
    segments = [(segmentId, region.label) for region in VESSEL_REGIONS for segmentId in segmentIdsOfRegion(segmentation, region)]
    if not segments:
        return np.zeros_like(lungs) if run.get("vessel_rule") else None
    lungs[Nodes.labelMapOfSegments(segmentationNode, volumeNode, segments) == BACKGROUND] = BACKGROUND
    return lungs


def _describeRun(result: Result) -> str:
    return json.dumps(
        {
            "method": result.method,
            "parameters": dict(result.parameters),
            "vessel_rule": result.vessel_rule,
            "warnings": list(result.warnings),
            "voxels": _countVoxels(result.labels, result.vessels),
        }
    )


def _countVoxels(labels: np.ndarray, vessels: np.ndarray | None) -> list[int]:
    """Count the voxels of each segment: an edit that keeps all these numbers is unlikely."""
    counts = [int(np.count_nonzero(labels == region.label)) for region in REGIONS]
    if vessels is not None:
        counts += [int(np.count_nonzero(vessels == region.label)) for region in VESSEL_REGIONS]
    return counts
