"""A segmentation against a reference: a table of agreement, and where the two differ."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import slicer

from LungSegmentationLib.background.jobs.compare import Compared, CompareJob
from LungSegmentationLib.background.steps import Steps, run_all
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.evaluation.comparison import RegionComparison
from LungSegmentationLib.evaluation.comparison_tables import comparison_table
from LungSegmentationLib.evaluation.limits import SURFACE_TOLERANCE_MM
from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, REGIONS, RIGHT_LUNG, Code, Region
from LungSegmentationLib.progress import no_progress
from LungSegmentationLib.volume import CtVolume

from ..Scene import Nodes, ResultNodes, SegmentLabels, Segments, SubjectHierarchy, Tables
from ..Scene.Terminology import segmentIdsOfRegion
from .Measurement import checkFrame

TABLES, _DIFFERENCE = "Comparison.", "Difference"
_LUNG = REGIONS[0].type_code
_SCHEME = "99LUNGSEGMENTATION"  # DICOM PS3.16, 8.2: schemes of one's own begin with 99
_TERMINOLOGY = "Lung segmentation against a reference"
MISSED = Region(1, "missed", "Missed", (255, 190, 0), _TERMINOLOGY, _LUNG, Code("missed", "Missed", _SCHEME))
WRONGLY_ADDED = Region(1, "wrongly_added", "Wrongly added", (200, 0, 200), _TERMINOLOGY, _LUNG, Code("added", "Wrongly added", _SCHEME))

_SIDES = {"right": RIGHT_LUNG, "r": RIGHT_LUNG, "left": LEFT_LUNG, "l": LEFT_LUNG}
_LUNG_WORDS = {"lung", "lungs"}
_BESIDE_LUNG = {"upper", "middle", "lower", "superior", "inferior", "lobe", "of", "the"}
_AIRWAY_WORDS = {"airway", "airways", "trachea", "bronchus", "bronchi"}
_BESIDE_AIRWAYS = {"and", "main", "tree", "the", "lung", "lungs"}


@dataclass(frozen=True)
class Comparison:
    """What a comparison gave, and the nodes that show it."""

    regions: tuple[RegionComparison, ...]
    tableNode: slicer.vtkMRMLTableNode
    differenceNode: slicer.vtkMRMLSegmentationNode


def compareWithReference(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    referenceNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    toleranceMm: float = SURFACE_TOLERANCE_MM,
) -> Comparison:
    """Compare a segmentation with a reference on a scan's grid, and show the agreement and the differences.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        Its segments are recognised by their terminology. Nodes of an earlier comparison are used again.
    referenceNode : vtkMRMLSegmentationNode
        Its segments are recognised by their terminology, else by their names, see :func:`referenceLabels`.
    volumeNode : vtkMRMLScalarVolumeNode
        The scan.
    toleranceMm : float
        Of the surface Dice.

    Returns
    -------
    Comparison
        The difference node has the segments 'Missed' and 'Wrongly added'; one without voxels is left out. What lies on the
        wrong side is in both.

    Raises
    ------
    InputError
        If both are the same segmentation, a lung cannot be recognised, or the volume is not a CT.
    """
    volume = Nodes.ctVolumeFromNode(volumeNode)
    job = run_all(readComparison(segmentationNode, referenceNode, volumeNode, volume, toleranceMm))
    return run_all(showComparison(segmentationNode, volumeNode, job.compare(no_progress)))


def readComparison(
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    referenceNode: slicer.vtkMRMLSegmentationNode,
    volumeNode: slicer.vtkMRMLScalarVolumeNode,
    volume: CtVolume,
    toleranceMm: float = SURFACE_TOLERANCE_MM,
) -> Steps[CompareJob]:
    """Read what :func:`compareWithReference` compares, in steps, on a volume that was read from the node."""
    if segmentationNode is referenceNode:
        raise InputError(f"the segmentation {segmentationNode.GetName()!r} was chosen as its own reference; choose another reference")
    checkFrame(segmentationNode, volumeNode)
    labels = yield from SegmentLabels.readLabels(segmentationNode, volumeNode)
    reference = yield from referenceLabels(referenceNode, volumeNode)
    return CompareJob(volume, labels, reference, toleranceMm)


def showComparison(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode, compared: Compared
) -> Steps[Comparison]:
    """Show what a comparison gave, in steps."""
    missed = compared.missed
    yield
    layers = ((missed, (MISSED,)), (compared.added, (WRONGLY_ADDED,)))
    yield
    tables = {"reference": comparison_table(compared.regions)}
    tableNode = Tables.updateTables(segmentationNode, tables, TABLES)["reference"]
    differenceNode = ResultNodes.findOrAddNode(segmentationNode, _DIFFERENCE, "vtkMRMLSegmentationNode", "differences")
    yield from Segments.updateSegments(differenceNode, layers, volumeNode)
    SubjectHierarchy.placeNodes(segmentationNode, volumeNode)
    return Comparison(compared.regions, tableNode, differenceNode)


def referenceLabels(referenceNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Steps[np.ndarray]:
    """Read a reference as a label map, in steps.

    Parameters
    ----------
    referenceNode : vtkMRMLSegmentationNode
        A region's segments are those with its terminology; where there are none, those whose names say so: right or left with
        lung, or a lobe of it, such as ``Lung_R``, ``right lung`` or ``lung_upper_lobe_left``; airways or trachea.
    volumeNode : vtkMRMLScalarVolumeNode
        Gives the grid.

    Returns
    -------
    numpy.ndarray
        uint8, shape (slices, rows, columns) of the volume: 1 right lung, 2 left lung, 3 airways.

    Raises
    ------
    InputError
        If no segment is known as a lung, or none of the lungs has a voxel within the volume.
    """
    segmentation = referenceNode.GetSegmentation()
    names = {segmentId: segmentation.GetSegment(segmentId).GetName() for segmentId in segmentation.GetSegmentIDs()}
    segments: list[tuple[str, int]] = []
    for region in REGIONS:
        found = segmentIdsOfRegion(segmentation, region) or [key for key, name in names.items() if labelOfName(name) == region.label]
        segments += [(segmentId, region.label) for segmentId in found]
    if not any(label in (RIGHT_LUNG, LEFT_LUNG) for _, label in segments):
        raise InputError(
            f"none of the segments of {referenceNode.GetName()!r} is known as right or left lung (segments: "
            f"{', '.join(names.values()) or 'none'}); name them 'right lung' and 'left lung', or set their terminology"
        )
    labels = yield from SegmentLabels.labelMapOfSegments(referenceNode, volumeNode, segments)
    if not any(((plane == RIGHT_LUNG) | (plane == LEFT_LUNG)).any() for plane in labels):
        raise InputError(
            f"the lungs of {referenceNode.GetName()!r} hold no voxel within {volumeNode.GetName()!r}; "
            "choose the reference that belongs to this volume"
        )
    return labels


def labelOfName(name: str) -> int | None:
    """Tell which region a segment's name means; None where it says anything else than a side and lung, or airways."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    sides = {_SIDES[word] for word in words if word in _SIDES}
    others = {word for word in words if word not in _SIDES}
    if len(sides) == 1 and others & _LUNG_WORDS and others <= _LUNG_WORDS | _BESIDE_LUNG:
        return sides.pop()
    if others & _AIRWAY_WORDS and others <= _AIRWAY_WORDS | _BESIDE_AIRWAYS:
        return AIRWAYS
    return None
