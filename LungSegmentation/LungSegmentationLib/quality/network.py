"""What the network itself says of the lungs: pieces of which it is not sure, sure ones that were left out, and what it does not take."""

from __future__ import annotations

import numpy as np

from ..anatomy.limits import BESIDE_LUNGS_MM
from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..segmentation import Evidence
from . import limits
from .flag import QualityFlag, Verdict
from .grid import QualityGrid
from .pieces import Piece, largest_ml, place_of, thick_pieces
from .second_opinion import SecondOpinion


def unsure_tissue_flag(grid: QualityGrid, second: SecondOpinion, evidence: Evidence | None, uncertainty: float | None) -> QualityFlag:
    """Look for dense pieces, lung or not, whose probability hovers, and for sure ones that were left out.

    Of another method's result it asks too for what was taken that the network is sure is no lung, as bowel with gas is.

    What was left out as the aorta, by its shape, or as fat, by its density, is settled, whatever the network says of it. So is what lies
    far above or below the lungs, as the brain and the pelvis do.

    Parameters
    ----------
    grid : QualityGrid
    second : SecondOpinion
    evidence : Evidence or None
        With the network's probability of lung.
    uncertainty : float or None
        Share of the lungs' soft tissue that the network does not vouch for, in pieces however small.

    Returns
    -------
    QualityFlag
        Passes and says so where the method has no probabilities.
    """
    key, title, limit = (
        "unsure_tissue",
        "Dense tissue of which the network is unsure",
        f"at most {limits.SMALLEST_FINDING_ML:g} in one piece",
    )
    if evidence is None or evidence.lung_probability is None:
        return QualityFlag(key, title, "quality", None, "mL", limit, "pass", "The method does not tell how sure it is.")
    probability = evidence.at(evidence.lung_probability, grid.places_zyx()) / np.float32(255)
    dense = (grid.smooth_hu > limits.DENSE_ABOVE_HU) & _at_height_of_lungs(grid)
    low, high = limits.UNSURE_PROBABILITY_SHARES
    unsure: list[Piece] = []
    taken: list[Piece] = []
    if evidence.is_second_opinion:
        not_lung = grid.sample_lungs & (probability < limits.SURELY_NO_LUNG_SHARE)
        taken = thick_pieces(not_lung, grid, limits.DENSE_OPENING_MM, limits.GROSS_ML)
        sure = "The network takes no large dense tissue for lung that was left out, and all of the lungs."
    else:
        unsure = _unsettled(dense & (probability > low) & (probability < high), grid, limits.SMALLEST_FINDING_ML)
        sure = "The network is sure of the lungs."
    left_out = _unsettled(dense & (probability >= high) & (grid.sample_labels == 0), grid, limits.GROSS_ML)
    found = [
        place_of(piece, grid, what, second.midline_column)
        for pieces, what in (
            (unsure, "tissue of which the network is unsure"),
            (left_out, "tissue that the network takes for lung"),
            (taken, "a part that the network does not take for lung"),
        )
        for piece in pieces
    ]
    reasons = ["The network is unsure whether dense tissue belongs to the lungs." if unsure else _small_doubts(grid, uncertainty or 0.0)]
    reasons += ["Dense tissue was left out that the network takes for lung."] * bool(left_out)
    reasons += ["The network does not take a part of the lungs for lung."] * bool(taken)
    reason = " ".join(filter(None, reasons))
    verdict: Verdict = "review" if reason else "pass"
    return QualityFlag(key, title, "quality", largest_ml(found), "mL", limit, verdict, reason or sure, tuple(found))


def _unsettled(mask: np.ndarray, grid: QualityGrid, at_least_ml: float) -> list[Piece]:
    """Find thick pieces without what was left out as the aorta or as fat."""
    pieces = thick_pieces(mask, grid, limits.DENSE_OPENING_MM, at_least_ml)
    if not pieces:
        return []
    settled = (grid.sample_labels == 0) & (grid.aorta | grid.even_fat)
    return thick_pieces(mask & ~settled, grid, limits.DENSE_OPENING_MM, at_least_ml)


def _small_doubts(grid: QualityGrid, uncertainty: float) -> str:
    """Say how unsure the network is in small pieces; nothing where that is little, or no gross error of a small part of lungs."""
    unsure_percent = 100 * uncertainty
    # The share is of what the network and its probabilities make of the lungs together.
    unsure_ml = 2 * uncertainty * (grid.volume_ml(RIGHT_LUNG) + grid.volume_ml(LEFT_LUNG))
    if unsure_percent <= limits.UNCERTAINTY_REVIEW_PERCENT or unsure_ml <= limits.GROSS_ML:
        return ""
    return f"The network is unsure of {unsure_percent:.1f} % of the lungs' dense tissue, in small pieces."


def _at_height_of_lungs(grid: QualityGrid) -> np.ndarray:
    """Mark the slices of the lungs and those beside them, bool (z, 1, 1)."""
    near = np.zeros((len(grid.sample_labels), 1, 1), bool)
    slices = np.flatnonzero(grid.sample_lungs.any(axis=(1, 2)))
    if slices.size:
        more = round(BESIDE_LUNGS_MM / grid.sample_spacing_zyx_mm[0])
        near[max(0, int(slices[0]) - more) : int(slices[-1]) + more + 1] = True
    return near
