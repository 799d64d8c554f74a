"""A result in a few figures and words, kept with the segmentation: read by the panel, also after a scene was loaded."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import slicer

from LungSegmentationLib.jobs import Outcome
from LungSegmentationLib.labels import LEFT_LUNG, REGIONS, RIGHT_LUNG

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
        ``pass``, ``check`` or ``fail``: the worst of the quality flags.
    findings : tuple of str
        One sentence for each flag that did not pass, the worst first.
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
    warnings: tuple[str, ...] = ()
    method: str = ""
    edited: bool = False

    @property
    def total_ml(self) -> float:
        """Volume of both lungs."""
        return self.right_ml + self.left_ml


def summarise(outcome: Outcome) -> ResultSummary:
    """Sum an outcome up.

    Parameters
    ----------
    outcome : Outcome
        Measured: with tables and quality flags.
    """
    from LungSegmentationLib.measurement.quality import quality_verdict

    result = outcome.result
    volumes_ml = {row["region"]: row["volume_ml"] for row in outcome.tables["volumes"].rows}
    right_ml, left_ml = (
        float(volumes_ml.get(region.name) or 0.0) for label in (RIGHT_LUNG, LEFT_LUNG) for region in REGIONS if region.label == label
    )
    findings = [flag.reason for verdict in ("fail", "check") for flag in outcome.flags if flag.verdict == verdict]
    return ResultSummary(right_ml, left_ml, quality_verdict(outcome.flags), tuple(findings), tuple(result.warnings), result.method)


def writeSummary(segmentationNode: slicer.vtkMRMLSegmentationNode, summary: ResultSummary | None) -> None:
    """Keep a summary with a segmentation; None takes it away."""
    segmentationNode.SetAttribute(SUMMARY_ATTRIBUTE, json.dumps(asdict(summary)) if summary else None)


def readSummary(segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> ResultSummary | None:
    """Give a segmentation's summary; None where it was not measured."""
    text = segmentationNode.GetAttribute(SUMMARY_ATTRIBUTE) if segmentationNode else None
    if not text:
        return None
    values = json.loads(text)
    return ResultSummary(**{**values, "findings": tuple(values["findings"]), "warnings": tuple(values["warnings"])})
