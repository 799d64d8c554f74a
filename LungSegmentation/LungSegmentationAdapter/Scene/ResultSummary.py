"""A result in a few figures and words, kept with the segmentation: read by the panel, also after a scene was loaded."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import slicer

from LungSegmentationLib.segmentation import Segmentation

if TYPE_CHECKING:
    from LungSegmentationLib.measures import Measures

SUMMARY_ATTRIBUTE = "LungSegmentation.Summary"
"""Attribute of the segmentation node that keeps the summary, as JSON."""


@dataclass(frozen=True)
class ResultSummary:
    """What a user wants to know first.

    Parameters
    ----------
    right_ml, left_ml : float
        Volumes of the lungs.
    verdict : str
        ``pass``, ``review`` or ``fail``: of the segmentation, whatever the scan is like.
    findings : tuple of str
        One sentence for each fault of the segmentation that may be there, and where, the worst first.
    coverage : tuple of str
        What the image does not hold of the lungs.
    notes : tuple of str
        What the scan is like.
    warnings : tuple of str
        Of reading and segmenting.
    method : str
        What made the segmentation.
    edited : bool
        Whether the segments were changed since.
    """

    right_ml: float
    left_ml: float
    verdict: str
    findings: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    method: str = ""
    edited: bool = False

    @property
    def total_ml(self) -> float:
        """Volume of both lungs."""
        return self.right_ml + self.left_ml


def summarise(result: Segmentation, measures: Measures) -> ResultSummary:
    """Sum a result up.

    Parameters
    ----------
    result : Segmentation
    measures : Measures

    Returns
    -------
    ResultSummary
    """
    from LungSegmentationLib.quality.flag import KINDS, quality_verdict, standing_out

    volumes_ml = {volume.key: volume.volume_ml for volume in measures.volumes}
    right_ml, left_ml = volumes_ml["right_lung"], volumes_ml["left_lung"]
    findings, coverage, notes = (tuple(flag.in_words for flag in standing_out(measures.flags, kind)) for kind in KINDS)
    verdict = quality_verdict(measures.flags)
    return ResultSummary(right_ml, left_ml, verdict, findings, coverage, notes, tuple(result.warnings), result.method)


def writeSummary(segmentationNode: slicer.vtkMRMLSegmentationNode, summary: ResultSummary | None) -> None:
    """Keep a summary with a segmentation; None takes it away."""
    segmentationNode.SetAttribute(SUMMARY_ATTRIBUTE, json.dumps(asdict(summary)) if summary else None)


def readSummary(segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> ResultSummary | None:
    """Give a segmentation's summary; None where it was not measured."""
    text = segmentationNode.GetAttribute(SUMMARY_ATTRIBUTE) if segmentationNode else None
    if not text:
        return None
    stored = json.loads(text).items()
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in stored}
    return ResultSummary(**values)
