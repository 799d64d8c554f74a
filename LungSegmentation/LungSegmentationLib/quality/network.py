"""What the network itself says of the lungs: pieces of which it is not sure, and sure ones that were left out."""

from __future__ import annotations

import numpy as np

from ..segmentation import Evidence
from . import limits
from .flag import Place, QualityFlag, Verdict
from .grid import QualityGrid
from .pieces import Piece, largest_ml, place_of, thick_pieces
from .second_opinion import SecondOpinion


def unsure_tissue_flag(grid: QualityGrid, second: SecondOpinion, evidence: Evidence | None, uncertainty: float | None) -> QualityFlag:
    """Look for dense pieces, lung or not, whose probability hovers, and for sure ones that were left out.

    What was left out as the aorta, by its shape, or as fat, by its density, is settled, whatever the network says of it.

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
    dense = grid.smooth_hu > limits.DENSE_ABOVE_HU
    low, high = limits.UNSURE_PROBABILITY_SHARES
    opening_mm, smallest_ml = limits.DENSE_OPENING_MM, limits.SMALLEST_FINDING_ML
    outside = grid.sample_labels == 0

    def unsettled(mask: np.ndarray, at_least_ml: float) -> list[Piece]:
        pieces = thick_pieces(mask, grid, opening_mm, at_least_ml)
        return thick_pieces(mask & ~(outside & (grid.aorta | grid.even_fat)), grid, opening_mm, at_least_ml) if pieces else []

    unsure = [] if evidence.is_second_opinion else unsettled(dense & (probability > low) & (probability < high), smallest_ml)
    left_out = unsettled(dense & (probability >= high) & outside, limits.GROSS_ML)

    def places(pieces: list[Piece], what: str) -> list[Place]:
        return [place_of(piece, grid, what, second.midline_column) for piece in pieces]

    found = [*places(unsure, "tissue of which the network is unsure"), *places(left_out, "tissue that the network takes for lung")]
    reasons: list[str] = []
    unsure_percent = 100 * (uncertainty or 0.0)
    if unsure:
        reasons += ["The network is unsure whether dense tissue belongs to the lungs."]
    elif unsure_percent > limits.UNCERTAINTY_REVIEW_PERCENT:
        reasons += [f"The network is unsure of {unsure_percent:.1f} % of the lungs' dense tissue, in small pieces."]
    reasons += ["Dense tissue was left out that the network takes for lung."] * bool(left_out)
    verdict: Verdict = "review" if reasons else "pass"
    sure = "The network is sure of the lungs."
    if evidence.is_second_opinion:
        sure = "The network takes no large dense tissue for lung that was left out."
    reason = " ".join(reasons) or sure
    return QualityFlag(key, title, "quality", largest_ml(found), "mL", limit, verdict, reason, tuple(found))
