"""Quality flags: what should be looked at before the figures of a result are used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..anatomy.limits import SMALLEST_LUNG_ML
from ..anatomy.view_edge import view_lies_in_body
from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from ..region_of_interest import RegionOfInterest
from ..segmentation import Segmentation
from . import limits
from .air import foreign_air_flag
from .coverage import field_of_view, region_flag
from .dense_tissue import dense_tissue_flag
from .density import AirwayFindings, examine_airways
from .flag import QualityFlag, Verdict, coverage_verdict, quality_verdict
from .free_air import examine_gas, structureless_air_flag
from .geometry import ends_in_lungs, ends_where_lungs_are_wide
from .grid import QualityGrid, make_quality_grid
from .header import header_flag
from .label_sides import sides_on_grid
from .missing_tissue import missed_lung_flag, missing_tissue_flag, surrounded_tissue_flag
from .network import unsure_tissue_flag
from .notes import scan_notes
from .second_opinion import SecondOpinion, second_opinion
from .sides import sides_flag

__all__ = ["QualityFlag", "coverage_verdict", "quality_flags", "quality_verdict"]


def quality_flags(result: Segmentation) -> tuple[QualityFlag, ...]:
    """Check a result: whether the segmentation is right, whether the image holds the lungs, and what to note about the scan.

    Parameters
    ----------
    result : Segmentation
        On any grid; nothing is changed and no full-size copy is made.

    Returns
    -------
    tuple of QualityFlag
        Always the same flags in the same order: on quality, on coverage, and notes; before the notes one more where the result is
        limited to a region. What could not be judged passes and says so. A limited result is judged by the labels of the whole scan.

    Notes
    -----
    Limits and their sources: :mod:`LungSegmentationLib.quality.limits`.
    """
    if result.region is not None:
        return _flags_of_limited(result, result.region)
    grid = make_quality_grid(result)
    airways = examine_airways(grid)
    second = second_opinion(grid, airways.air_hu)
    fine = examine_gas(grid, airways)
    label_sides = sides_on_grid(grid)
    return (
        header_flag(label_sides),
        dense_tissue_flag(grid, second),
        missed_lung_flag(grid, second, airways.air_hu),
        surrounded_tissue_flag(grid, second),
        missing_tissue_flag(grid, second.midline_column),
        foreign_air_flag(grid, second, airways, fine),
        structureless_air_flag(airways, fine),
        sides_flag(grid, second, label_sides),
        _right_share(grid),
        unsure_tissue_flag(grid, second, result.evidence, result.uncertainty),
        _trachea(grid, second, airways),
        _airway_volume(grid),
        _airway_leak(airways),
        field_of_view(grid),
        *scan_notes(grid, result, airways),
    )


def _flags_of_limited(result: Segmentation, region: RegionOfInterest) -> tuple[QualityFlag, ...]:
    whole = result if result.whole_labels is None else replace(result, labels=result.whole_labels)
    flags = quality_flags(replace(whole, region=None, whole_labels=None))
    if result.whole_labels is None:
        unknown = "It was not judged: the result is limited to a region, and the rest of the lungs is not known."
        flags = tuple(
            flag if flag.kind == "note" else replace(flag, value=None, verdict="pass", reason=unknown, places=()) for flag in flags
        )
    at = next((index for index, flag in enumerate(flags) if flag.kind == "note"), len(flags))
    return (*flags[:at], region_flag(result, region), *flags[at:])


def _above(value: float, review: float, fail: float = np.inf) -> Verdict:
    return "fail" if value > fail else "review" if value > review else "pass"


def _outside(value: float, review: tuple[float, float], fail: tuple[float, float]) -> Verdict:
    if not fail[0] <= value <= fail[1]:
        return "fail"
    return "pass" if review[0] <= value <= review[1] else "review"


def _right_share(grid: QualityGrid) -> QualityFlag:
    right_ml, left_ml = grid.volume_ml(RIGHT_LUNG), grid.volume_ml(LEFT_LUNG)
    low, high = limits.RIGHT_SHARE_REVIEW_PERCENT
    limit = f"{low:g} to {high:g}"
    missing = [name for name, volume_ml in (("right", right_ml), ("left", left_ml)) if volume_ml < SMALLEST_LUNG_ML]
    share = 100 * right_ml / (right_ml + left_ml) if right_ml + left_ml > 0 else None
    fail_below, fail_above = limits.RIGHT_SHARE_FAIL_PERCENT
    is_narrow = not missing and view_lies_in_body(~grid.sample_measured, grid.sample_hu, grid.sample_spacing_zyx_mm[0])
    if share is not None and (is_narrow or (fail_below < share < fail_above and ends_where_lungs_are_wide(grid))):
        reason = "It could not be judged: the image ends where the lungs are wide."
        return QualityFlag("right_share", "Right lung's share of the volume", "quality", share, "%", limit, "pass", reason)
    if missing or share is None:
        reason = f"No {' and no '.join(missing)} lung was found: removed, without air, or missed."
        return QualityFlag("right_share", "Right lung's share of the volume", "quality", share, "%", limit, "fail", reason)
    verdict = _outside(share, limits.RIGHT_SHARE_REVIEW_PERCENT, limits.RIGHT_SHARE_FAIL_PERCENT)
    smaller = "right" if share < low else "left"
    reason = (
        "The two sides are as large as usual for each other."
        if verdict == "pass"
        else f"The {smaller} lung is unusually small beside the other: collapse, resection, a raised diaphragm, or missed disease."
    )
    return QualityFlag("right_share", "Right lung's share of the volume", "quality", share, "%", limit, verdict, reason)


def _trachea(grid: QualityGrid, second: SecondOpinion, airways: AirwayFindings) -> QualityFlag:
    shortest_mm = limits.SHORTEST_TRACHEA_MM * airways.body_scale
    verdict: Verdict = "pass" if airways.trachea_mm >= shortest_mm else "review"
    reason = "The trachea was found."
    missed = np.count_nonzero(second.trachea & (grid.sample_labels != AIRWAYS))
    if verdict != "pass" and ends_in_lungs(grid) and missed <= limits.TRACHEA_MISSED_SHARE * np.count_nonzero(second.trachea):
        verdict, reason = "pass", "The image ends at the top within the lungs, below most of the trachea."
    elif verdict != "pass":
        reason = "The trachea was not found or only in part: its air may be counted as lung."
    limit = f"at least {shortest_mm:.3g}"
    return QualityFlag("trachea", "Height of the central airways", "quality", airways.trachea_mm, "mm", limit, verdict, reason)


def _airway_volume(grid: QualityGrid) -> QualityFlag:
    volume_ml = grid.volume_ml(AIRWAYS)
    verdict = _above(volume_ml, limits.AIRWAYS_REVIEW_ML, limits.AIRWAYS_FAIL_ML)
    reason = "The airways are as large as trachea and bronchi are."
    if verdict != "pass":
        reason = "The airways are too large: they may have leaked into the lung, or the trachea is wide."
    return QualityFlag(
        "airway_volume", "Volume of the airways", "quality", volume_ml, "mL", f"at most {limits.AIRWAYS_REVIEW_ML:g}", verdict, reason
    )


def _airway_leak(airways: AirwayFindings) -> QualityFlag:
    limit, share = f"at most {limits.LEAK_REVIEW_PERCENT:g}", airways.lung_like_percent
    if share is None:
        reason = "It could not be judged: no airway is wide enough."
        return QualityFlag("airway_leak", "Lung-like part of the airways", "quality", None, "%", limit, "pass", reason)
    verdict = _above(share, limits.LEAK_REVIEW_PERCENT, limits.LEAK_FAIL_PERCENT)
    reason = "The airways hold air only." if verdict == "pass" else "Part of the airways is as dense as lung: they may have leaked into it."
    return QualityFlag("airway_leak", "Lung-like part of the airways", "quality", share, "%", limit, verdict, reason)
