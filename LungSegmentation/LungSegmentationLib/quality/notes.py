"""Notes on a scan: what limits its figures however good the segmentation is. They never lower the verdict."""

from __future__ import annotations

from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..scan_field.limits import AIR_HU, AIR_WITHIN_HU
from ..segmentation import Segmentation
from . import limits
from .density import AirwayFindings, heart_hu, mean_lung_hu, outside_air_hu
from .flag import QualityFlag, Verdict
from .grid import QualityGrid


def scan_notes(grid: QualityGrid, result: Segmentation, airways: AirwayFindings) -> tuple[QualityFlag, ...]:
    """Note the lungs' size, the density of air, noise, the slices, contrast medium, breathing and the vessels' share.

    Parameters
    ----------
    grid : QualityGrid
        Of the result.
    result : Segmentation
    airways : AirwayFindings

    Returns
    -------
    tuple of QualityFlag
        Always the same notes in the same order; what could not be judged passes and says so.
    """
    return (
        _volume(grid),
        _air("air_in_trachea", "Air in the trachea", airways.air_hu, "no airway is wide enough"),
        _air("air_outside", "Air around the patient", outside_air_hu(grid), "none lies at the edges of the image"),
        _noise(airways.noise_hu),
        _slice_distance(grid),
        _contrast(grid, result),
        _expiration(grid, airways),
        _vessel_share(grid, result),
    )


def _noted(stands_out: bool) -> Verdict:
    return "note" if stands_out else "pass"


def _volume(grid: QualityGrid) -> QualityFlag:
    volume_ml = grid.volume_ml(RIGHT_LUNG) + grid.volume_ml(LEFT_LUNG)
    low, high = limits.VOLUME_NOTE_ML
    verdict = _noted(not low <= volume_ml <= high)
    reason = "The volume is that of an adult's lungs."
    if verdict != "pass":
        reason = "The lungs are unusually large for an adult." if volume_ml > high else "The lungs are unusually small for an adult."
    return QualityFlag("volume", "Volume of both lungs", "note", volume_ml, "mL", f"{low:g} to {high:g}", verdict, reason)


def _air(key: str, title: str, air_hu: float | None, why_none: str) -> QualityFlag:
    limit = f"from {AIR_HU - AIR_WITHIN_HU:g} to {AIR_HU + AIR_WITHIN_HU:g}"
    if air_hu is None:
        return QualityFlag(key, title, "note", None, "HU", limit, "pass", f"It could not be judged: {why_none}.")
    verdict = _noted(abs(air_hu - AIR_HU) > AIR_WITHIN_HU)
    reason = "Air has its value of -1000 HU." if verdict == "pass" else "Air is not near -1000 HU: densities are shifted."
    return QualityFlag(key, title, "note", air_hu, "HU", limit, verdict, reason)


def _noise(noise_hu: float | None) -> QualityFlag:
    verdict = _noted(noise_hu is not None and noise_hu > limits.NOISE_NOTE_HU)
    reason = "The noise is that of ordinary scans."
    if noise_hu is None:
        reason = "It could not be judged: no airway is wide enough."
    elif verdict != "pass":
        reason = "The scan is very noisy: the lungs' border is ragged, and emphysema indices are too high."
    limit = f"at most {limits.NOISE_NOTE_HU:g}"
    return QualityFlag("noise", "Noise of the air in the trachea", "note", noise_hu, "HU", limit, verdict, reason)


def _slice_distance(grid: QualityGrid) -> QualityFlag:
    slice_mm = grid.spacing_zyx_mm[0]
    verdict = _noted(round(slice_mm, 3) > limits.SLICE_NOTE_MM)
    reason = "The slices are close enough to measure volumes and densities."
    if verdict != "pass":
        reason = "The slices are far apart: small structures and densities at borders are blurred."
    limit = f"at most {limits.SLICE_NOTE_MM:g}"
    return QualityFlag("slice_distance", "Distance between slices", "note", slice_mm, "mm", limit, verdict, reason)


def _contrast(grid: QualityGrid, result: Segmentation) -> QualityFlag:
    tissue_hu = heart_hu(grid)
    recorded = result.volume.source.get("contrast_agent") is True
    bright = tissue_hu is not None and tissue_hu > limits.BLOOD_NOTE_HU
    reason = "The heart has the density of blood without contrast medium."
    if bright or recorded:
        reason = f"{'The heart is bright' if bright else 'The header says so'}: contrast medium was given, which raises lung density."
    elif tissue_hu is None:
        reason = "It could not be judged: no heart lies between two lungs."
    verdict = _noted(bright or recorded)
    return QualityFlag(
        "contrast", "Contrast medium: density of the heart", "note", tissue_hu, "HU", f"at most {limits.BLOOD_NOTE_HU:g}", verdict, reason
    )


def _expiration(grid: QualityGrid, airways: AirwayFindings) -> QualityFlag:
    means = [mean for mean in mean_lung_hu(grid) if mean is not None]
    limit = f"at most {limits.EXPIRATION_NOTE_HU:g}, or {limits.EXPIRATION_WITH_BOWING_HU:g} where the trachea's back wall bows inwards"
    if not means:
        reason = "It could not be judged: no lung was found."
        return QualityFlag("expiration", "Breathing: density of the airier lung", "note", None, "HU", limit, "pass", reason)
    airier_hu = min(means)  # disease makes one side dense, breathing out both
    bowed = airways.bowing_mm is not None and airways.bowing_mm > limits.BOWING_MM
    expired = airier_hu > (limits.EXPIRATION_WITH_BOWING_HU if bowed else limits.EXPIRATION_NOTE_HU)
    reason = "The lungs are as airy as in inspiration."
    if expired:
        reason = (
            f"The lungs are dense{' and the trachea bows inwards' if bowed else ''}: the scan may be in expiration, or both are diseased."
        )
    return QualityFlag("expiration", "Breathing: density of the airier lung", "note", airier_hu, "HU", limit, _noted(expired), reason)


def _vessel_share(grid: QualityGrid, result: Segmentation) -> QualityFlag:
    key, title, limit = "vessel_share", "Vessels' share of a lung, the larger one", f"at most {limits.VESSELS_NOTE_PERCENT:g}"
    shares = {}
    if result.vessels is not None:
        vessels = grid.sampled(result.vessels) != 0
        lungs = {side: grid.sample_labels == label for side, label in (("right", RIGHT_LUNG), ("left", LEFT_LUNG))}
        shares = {side: 100 * float(vessels[lung].mean()) for side, lung in lungs.items() if lung.any()}
    if not shares:
        reason = f"It was not judged: {'no lung was found' if result.vessels is not None else 'the vessels were not looked for'}."
        return QualityFlag(key, title, "note", None, "%", limit, "pass", reason)
    side = max(shares, key=shares.__getitem__)
    verdict = _noted(shares[side] > limits.VESSELS_NOTE_PERCENT)
    reason = "The vessels fill as much of the lungs as they usually do."
    if verdict != "pass":
        reason = (
            f"A large part of the {side} lung was taken for vessels: consolidation or scars may be among them, and all figures of vessels "
            "are too large there."
        )
    return QualityFlag(key, title, "note", shares[side], "%", limit, verdict, reason)
