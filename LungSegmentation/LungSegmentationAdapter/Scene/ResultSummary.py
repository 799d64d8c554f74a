"""A result in a few figures and words, kept with the segmentation: read by the panel, also after a scene was loaded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import slicer

from LungSegmentationLib.segmentation import Segmentation

if TYPE_CHECKING:
    from LungSegmentationLib.measures import Measures
    from LungSegmentationLib.quality.findings import Finding
    from LungSegmentationLib.quality.flag import Place

SUMMARY_ATTRIBUTE = "LungSegmentation.Summary"
"""Attribute of the segmentation node that keeps the summary, as JSON."""


@dataclass(frozen=True)
class Figures:
    """What is measured of one lung, or of both.

    Parameters
    ----------
    volume_ml : float
    mean_hu : float or None
        Mean density; None where nothing was measured.
    laa950_percent : float or None
        Share of the volume below -950 HU.
    """

    volume_ml: float
    mean_hu: float | None = None
    laa950_percent: float | None = None


@dataclass(frozen=True)
class Statement:
    """One finding in words, and where it lies.

    Parameters
    ----------
    text : str
    places_ijk : tuple of tuple of float
        Middle of each place, in voxels of the scan's node (i, j, k), the largest place first.
    """

    text: str
    places_ijk: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True)
class ResultSummary:
    """What a user wants to know first.

    Parameters
    ----------
    right, left, both : Figures
    verdict : str
        ``pass``, ``review`` or ``fail``: of the segmentation, whatever the scan is like.
    findings : tuple of Statement
        Each fault of the segmentation that may be there, and where, the worst first.
    coverage : tuple of Statement
        What the image does not hold of the lungs.
    notes : tuple of Statement
        What the scan is like.
    warnings : tuple of str
        Of reading and segmenting, as far as none of the above says the same.
    method : str
        What made the segmentation.
    edited : bool
        Whether the segments were changed since.
    """

    right: Figures
    left: Figures
    both: Figures
    verdict: str
    findings: tuple[Statement, ...] = ()
    coverage: tuple[Statement, ...] = ()
    notes: tuple[Statement, ...] = ()
    warnings: tuple[str, ...] = ()
    method: str = ""
    edited: bool = False

    @property
    def right_ml(self) -> float:
        """Volume of the right lung."""
        return self.right.volume_ml

    @property
    def left_ml(self) -> float:
        """Volume of the left lung."""
        return self.left.volume_ml


def summarise(result: Segmentation, measures: Measures) -> ResultSummary:
    """Sum a result up; what flags and warnings say twice is said once.

    Parameters
    ----------
    result : Segmentation
    measures : Measures

    Returns
    -------
    ResultSummary
    """
    from LungSegmentationLib.quality.findings import merged_findings
    from LungSegmentationLib.quality.flag import KINDS, quality_verdict

    right, left, both = (_figures(measures, name) for name in ("Right lung", "Left lung", "Both lungs"))
    merged = merged_findings(measures.flags, result.warnings)
    findings, coverage, notes = (_statements(merged.of_kind[kind]) for kind in KINDS)
    verdict = quality_verdict(measures.flags)
    return ResultSummary(right, left, both, verdict, findings, coverage, notes, merged.warnings, result.method)


def _figures(measures: Measures, region: str) -> Figures:
    row = next(row for row in measures.tables["density"].rows if row["region"] == region)
    volume_ml, mean_hu, laa950_percent = (
        None if value is None else float(value) for value in (row[key] for key in ("volume_ml", "mean_hu", "laa950_percent"))
    )
    return Figures(volume_ml or 0.0, mean_hu, laa950_percent)


def _statements(findings: Iterable[Finding]) -> tuple[Statement, ...]:
    return tuple(Statement(finding.text, tuple(_middleIjk(place) for place in finding.places)) for finding in findings)


def _middleIjk(place: Place) -> tuple[float, float, float]:
    k, j, i = ((start + stop - 1) / 2 for start, stop in place.box_zyx)
    return i, j, k


def writeSummary(segmentationNode: slicer.vtkMRMLSegmentationNode, summary: ResultSummary | None) -> None:
    """Keep a summary with a segmentation; None takes it away."""
    segmentationNode.SetAttribute(SUMMARY_ATTRIBUTE, json.dumps(asdict(summary)) if summary else None)


def readSummary(segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> ResultSummary | None:
    """Give a segmentation's summary; None where it was not measured, or by a version that kept other figures: measure again then."""
    text = segmentationNode.GetAttribute(SUMMARY_ATTRIBUTE) if segmentationNode else None
    if not text:
        return None
    values: dict[str, Any] = json.loads(text)
    try:
        right, left, both = (Figures(**values[key]) for key in ("right", "left", "both"))
        findings, coverage, notes = (tuple(map(_statementFrom, values[key])) for key in ("findings", "coverage", "notes"))
        warnings = tuple(values["warnings"])
        return ResultSummary(right, left, both, values["verdict"], findings, coverage, notes, warnings, values["method"], values["edited"])
    except (KeyError, TypeError):
        return None


def _statementFrom(facts: dict[str, Any]) -> Statement:
    return Statement(facts["text"], tuple((i, j, k) for i, j, k in facts["places_ijk"]))
