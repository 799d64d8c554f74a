"""Quality flags: what should be looked at before the figures of a result are used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from ..result import Result
from . import quality_limits as limits
from .quality_density import AirwayFindings, examine_airways, heart_hu, mean_lung_hu, outside_air_hu
from .quality_geometry import contact_of_sides_mm2, cut_faces_mm2, soft_tissue_instead_of_lung_ml
from .quality_grid import QualityGrid, make_quality_grid

Verdict = Literal["pass", "check", "fail"]
_WORSE: tuple[Verdict, ...] = ("pass", "check", "fail")


@dataclass(frozen=True)
class QualityFlag:
    """One thing that was checked.

    Parameters
    ----------
    key, title : str
        For programs and for readers.
    value : float or None
        What was measured; None where it could not be.
    unit, limit : str
        Unit of the value, and what passes, in words.
    verdict : str
        ``"pass"``; ``"check"``: look at the pictures first; ``"fail"``: the figures do not hold as they stand.
    reason : str
        One sentence.
    """

    key: str
    title: str
    value: float | None
    unit: str
    limit: str
    verdict: Verdict
    reason: str


def quality_verdict(flags: Iterable[QualityFlag]) -> Verdict:
    """Give the worst verdict of all flags; ``"pass"`` for none."""
    return max((flag.verdict for flag in flags), key=_WORSE.index, default="pass")


def quality_flags(result: Result) -> tuple[QualityFlag, ...]:
    """Check a result: coverage, sizes, sides, airways, calibration, slices, contrast medium, breathing, missing disease.

    Parameters
    ----------
    result : Result
        On any grid; nothing is changed and no full-size copy is made.

    Returns
    -------
    tuple of QualityFlag
        Always the same flags in the same order; what could not be judged passes and says so.

    Notes
    -----
    Limits and their sources: :mod:`LungSegmentationLib.measurement.quality_limits`.
    """
    grid = make_quality_grid(result)
    airways = examine_airways(grid)
    return (
        _field_of_view(grid),
        _volume(grid),
        _right_share(grid),
        _sides_joined(grid),
        _missing_tissue(grid),
        _doubt(result),
        _trachea(airways),
        _airway_volume(grid),
        _airway_leak(airways),
        _air("air_in_trachea", "Air in the trachea", airways.air_hu, "no airway is wide enough"),
        _air("air_outside", "Air around the patient", outside_air_hu(grid), "none lies at the edges of the image"),
        _slice_distance(grid),
        _contrast(grid, result),
        _expiration(grid, airways),
    )


def _above(value: float, check: float, fail: float = np.inf) -> Verdict:
    return "fail" if value > fail else "check" if value > check else "pass"


def _outside(value: float, check: tuple[float, float], fail: tuple[float, float]) -> Verdict:
    if not fail[0] <= value <= fail[1]:
        return "fail"
    return "pass" if check[0] <= value <= check[1] else "check"


def _field_of_view(grid: QualityGrid) -> QualityFlag:
    areas = cut_faces_mm2(grid)
    largest = max(areas.values())
    cut = [name for name, area_mm2 in areas.items() if area_mm2 > limits.CUT_CHECK_MM2]
    reason = f"The lungs are cut at {' and '.join(cut)} of the image: volumes are too small." if cut else "The lungs lie within the image."
    verdict = _above(largest, limits.CUT_CHECK_MM2, limits.CUT_FAIL_MM2)
    return QualityFlag("field_of_view", "Cut by the field of view", largest, "mm²", f"at most {limits.CUT_CHECK_MM2:g}", verdict, reason)


def _volume(grid: QualityGrid) -> QualityFlag:
    volume_ml = grid.volume_ml(RIGHT_LUNG) + grid.volume_ml(LEFT_LUNG)
    verdict = _outside(volume_ml, limits.VOLUME_CHECK_ML, limits.VOLUME_FAIL_ML)
    low, high = limits.VOLUME_CHECK_ML
    reason = "The volume is that of an adult's lungs."
    if verdict != "pass":
        reason = "The lungs are unusually large for an adult." if volume_ml > high else "The lungs are unusually small for an adult."
    return QualityFlag("volume", "Volume of both lungs", volume_ml, "mL", f"{low:g} to {high:g}", verdict, reason)


def _right_share(grid: QualityGrid) -> QualityFlag:
    right_ml, left_ml = grid.volume_ml(RIGHT_LUNG), grid.volume_ml(LEFT_LUNG)
    low, high = limits.RIGHT_SHARE_CHECK_PERCENT
    limit = f"{low:g} to {high:g}"
    missing = [name for name, volume_ml in (("right", right_ml), ("left", left_ml)) if volume_ml < limits.SMALLEST_SIDE_ML]
    share = 100 * right_ml / (right_ml + left_ml) if right_ml + left_ml > 0 else None
    if missing or share is None:
        reason = f"No {' and no '.join(missing)} lung was found: removed, without air, or missed."
        return QualityFlag("right_share", "Right lung's share of the volume", share, "%", limit, "fail", reason)
    verdict = _outside(share, limits.RIGHT_SHARE_CHECK_PERCENT, limits.RIGHT_SHARE_FAIL_PERCENT)
    smaller = "right" if share < low else "left"
    reason = (
        "The two sides are as large as usual for each other."
        if verdict == "pass"
        else f"The {smaller} lung is unusually small beside the other: collapse, resection, a raised diaphragm, or missed disease."
    )
    return QualityFlag("right_share", "Right lung's share of the volume", share, "%", limit, verdict, reason)


def _sides_joined(grid: QualityGrid) -> QualityFlag:
    contact_mm2 = contact_of_sides_mm2(grid)
    verdict = _above(contact_mm2, limits.CONTACT_CHECK_MM2, limits.CONTACT_FAIL_MM2)
    reason = "Right and left lung are apart, or touch at their junction lines only."
    if verdict != "pass":
        reason = "Right and left lung touch over a large area: the border between them may be misplaced."
    return QualityFlag(
        "sides_joined", "Contact of the two sides", contact_mm2, "mm²", f"at most {limits.CONTACT_CHECK_MM2:g}", verdict, reason
    )


def _missing_tissue(grid: QualityGrid) -> QualityFlag:
    pieces_ml = soft_tissue_instead_of_lung_ml(grid)
    side = RIGHT_LUNG if pieces_ml[RIGHT_LUNG] >= pieces_ml[LEFT_LUNG] else LEFT_LUNG
    verdict = _above(pieces_ml[side], limits.MISSING_CHECK_ML)
    reason = "No large soft tissue lies where the other side has lung."
    if verdict != "pass":
        here, there = ("right", "left") if side == RIGHT_LUNG else ("left", "right")
        reason = (
            f"Soft tissue lies outside the {here} lung where the {there} side has lung: consolidation or a mass may be missing, "
            "or there is an effusion or a deformed chest."
        )
    return QualityFlag(
        "missing_tissue", "Soft tissue in place of lung", pieces_ml[side], "mL", f"at most {limits.MISSING_CHECK_ML:g}", verdict, reason
    )


def _doubt(result: Result) -> QualityFlag:
    limit = f"at most {limits.DOUBT_CHECK_PERCENT:g}"
    if result.doubt is None:
        reason = "The method does not tell how sure it is."
        return QualityFlag("doubt", "Doubt of the network", None, "%", limit, "pass", reason)
    doubt_percent = 100 * result.doubt
    verdict = _above(doubt_percent, limits.DOUBT_CHECK_PERCENT)
    reason = "The network is sure of the lungs." if verdict == "pass" else "The network is unsure where dense tissue belongs to the lungs."
    return QualityFlag("doubt", "Doubt of the network", doubt_percent, "%", limit, verdict, reason)


def _trachea(airways: AirwayFindings) -> QualityFlag:
    verdict: Verdict = "pass" if airways.trachea_mm >= limits.SHORTEST_TRACHEA_MM else "check"
    reason = "The trachea was found."
    if verdict != "pass":
        reason = "The trachea was not found or only in part: its air may be counted as lung."
    limit = f"at least {limits.SHORTEST_TRACHEA_MM:g}"
    return QualityFlag("trachea", "Height of the central airways", airways.trachea_mm, "mm", limit, verdict, reason)


def _airway_volume(grid: QualityGrid) -> QualityFlag:
    volume_ml = grid.volume_ml(AIRWAYS)
    verdict = _above(volume_ml, limits.AIRWAYS_CHECK_ML, limits.AIRWAYS_FAIL_ML)
    reason = "The airways are as large as trachea and bronchi are."
    if verdict != "pass":
        reason = "The airways are too large: they may have leaked into the lung, or the trachea is wide."
    return QualityFlag("airway_volume", "Volume of the airways", volume_ml, "mL", f"at most {limits.AIRWAYS_CHECK_ML:g}", verdict, reason)


def _airway_leak(airways: AirwayFindings) -> QualityFlag:
    limit, share = f"at most {limits.LEAK_CHECK_PERCENT:g}", airways.lung_like_percent
    if share is None:
        reason = "It could not be judged: no airway is wide enough."
        return QualityFlag("airway_leak", "Lung-like part of the airways", None, "%", limit, "pass", reason)
    verdict = _above(share, limits.LEAK_CHECK_PERCENT, limits.LEAK_FAIL_PERCENT)
    reason = "The airways hold air only." if verdict == "pass" else "Part of the airways is as dense as lung: they may have leaked into it."
    return QualityFlag("airway_leak", "Lung-like part of the airways", share, "%", limit, verdict, reason)


def _air(key: str, title: str, air_hu: float | None, why_none: str) -> QualityFlag:
    limit = f"{-1000 - limits.AIR_CHECK_HU:g} to {-1000 + limits.AIR_CHECK_HU:g}"
    if air_hu is None:
        return QualityFlag(key, title, None, "HU", limit, "pass", f"It could not be judged: {why_none}.")
    verdict = _above(abs(air_hu + 1000), limits.AIR_CHECK_HU, limits.AIR_FAIL_HU)
    reason = "Air has its value of -1000 HU." if verdict == "pass" else "Air is not near -1000 HU: densities are shifted."
    return QualityFlag(key, title, air_hu, "HU", limit, verdict, reason)


def _slice_distance(grid: QualityGrid) -> QualityFlag:
    slice_mm = grid.spacing_zyx_mm[0]
    verdict = _above(round(slice_mm, 3), limits.SLICE_CHECK_MM, limits.SLICE_FAIL_MM)
    reason = "The slices are close enough to measure volumes and densities."
    if verdict != "pass":
        reason = "The slices are far apart: small structures and densities at borders are blurred."
    limit = f"at most {limits.SLICE_CHECK_MM:g}"
    return QualityFlag("slice_distance", "Distance between slices", slice_mm, "mm", limit, verdict, reason)


def _contrast(grid: QualityGrid, result: Result) -> QualityFlag:
    tissue_hu = heart_hu(grid)
    recorded = result.volume.source.get("contrast_agent") is True
    bright = tissue_hu is not None and tissue_hu > limits.BLOOD_CHECK_HU
    reason = "The heart has the density of blood without contrast medium."
    if bright or recorded:
        reason = f"{'The heart is bright' if bright else 'The header says so'}: contrast medium was given, which raises lung density."
    elif tissue_hu is None:
        reason = "It could not be judged: no heart lies between two lungs."
    verdict: Verdict = "check" if bright or recorded else "pass"
    return QualityFlag(
        "contrast", "Contrast medium: density of the heart", tissue_hu, "HU", f"at most {limits.BLOOD_CHECK_HU:g}", verdict, reason
    )


def _expiration(grid: QualityGrid, airways: AirwayFindings) -> QualityFlag:
    means = [mean for mean in mean_lung_hu(grid) if mean is not None]
    limit = f"at most {limits.EXPIRATION_CHECK_HU:g}, or {limits.EXPIRATION_WITH_BOWING_HU:g} where the trachea's back wall bows inwards"
    if not means:
        reason = "It could not be judged: no lung was found."
        return QualityFlag("expiration", "Breathing: density of the airier lung", None, "HU", limit, "pass", reason)
    airier_hu = min(means)  # disease makes one side dense, breathing out both
    bowed = airways.bowing_mm is not None and airways.bowing_mm > limits.BOWING_MM
    expired = airier_hu > (limits.EXPIRATION_WITH_BOWING_HU if bowed else limits.EXPIRATION_CHECK_HU)
    reason = "The lungs are as airy as in inspiration."
    if expired:
        reason = (
            f"The lungs are dense{' and the trachea bows inwards' if bowed else ''}: the scan may be in expiration, or both are diseased."
        )
    return QualityFlag(
        "expiration", "Breathing: density of the airier lung", airier_hu, "HU", limit, "check" if expired else "pass", reason
    )
