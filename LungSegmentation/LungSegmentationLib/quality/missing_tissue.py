"""Lung that was left out: aerated lung by the second opinion, dense tissue with lung around it or where the other side has lung."""

from __future__ import annotations

import numpy as np

from ..anatomy.dense_disease import dense_disease
from ..anatomy.field_of_view import shared_faces
from ..anatomy.limits import EMPHYSEMA_BELOW_HU
from ..anatomy.lung_regions import darkest_lung_hu
from ..labels import LEFT_LUNG, RIGHT_LUNG
from . import limits
from .flag import QualityFlag, Verdict
from .geometry import soft_tissue_instead_of_lung
from .grid import QualityGrid
from .pieces import Piece, inner_hu, largest_ml, place_of, thick_pieces
from .second_opinion import SecondOpinion


def missed_lung_flag(grid: QualityGrid, second: SecondOpinion, trachea_hu: float | None) -> QualityFlag:
    """Look for aerated lung that no label holds.

    Parameters
    ----------
    grid : QualityGrid
    second : SecondOpinion
    trachea_hu : float or None
        Density of gas, where it is known.

    Returns
    -------
    QualityFlag
    """
    # Beside what was not measured, a thin chest wall is smoothed away.
    is_aerated = np.maximum(grid.smooth_hu, grid.sample_hu) < limits.AERATED_BELOW_HU
    # Where the view cuts the body, air that was held to be outside it may be lung, too: it borders on lung.
    outside = grid.sample_measured & ~second.air
    left_out = (second.lung | outside) & (grid.sample_labels == 0) & is_aerated
    # Left out without a trachea to compare with: what is darker than emphysema is taken for gas.
    gas_below_hu = EMPHYSEMA_BELOW_HU if trachea_hu is None else darkest_lung_hu(trachea_hu)
    pieces = [
        piece for piece in thick_pieces(left_out, grid, limits.AIR_OPENING_MM, limits.GROSS_ML) if inner_hu(piece, grid) > gas_below_hu
    ]
    sure = [piece for piece in pieces if _borders_on_lung(piece, grid)]
    found = sure or [piece for piece in pieces if 2 * np.count_nonzero(piece.mask & outside) < np.count_nonzero(piece.mask)]
    verdict: Verdict = "fail" if sure else "review" if found else "pass"
    places = tuple(place_of(piece, grid, "aerated tissue outside the lungs", second.midline_column) for piece in found)
    reason = "All air of the density of lung that hangs together like lung was taken for lung."
    if found:
        reason = "Aerated lung was left out." if sure else "Aerated tissue was left out: lung, or bowel."
    limit = f"at most {limits.GROSS_ML:g}"
    return QualityFlag("missed_lung", "Aerated lung left out", "quality", largest_ml(found), "mL", limit, verdict, reason, places)


def surrounded_tissue_flag(grid: QualityGrid, second: SecondOpinion) -> QualityFlag:
    """Look for soft tissue outside the labels that lung surrounds as it surrounds consolidation and tumours."""
    labels, hu, spacing = grid.sample_labels, grid.smooth_hu, grid.sample_spacing_zyx_mm
    outside = np.zeros(labels.shape, bool)
    for side, other in ((RIGHT_LUNG, LEFT_LUNG), (LEFT_LUNG, RIGHT_LUNG)):
        outside |= dense_disease(hu, labels == side, labels == other, second.trachea, side == RIGHT_LUNG, spacing)
    pieces = thick_pieces(outside & (labels == 0), grid, limits.DENSE_OPENING_MM, limits.SMALLEST_FINDING_ML)
    places = tuple(place_of(piece, grid, "soft tissue with lung around it", second.midline_column) for piece in pieces)
    reason = "No large soft tissue outside the lungs has lung around it as disease has."
    if pieces:
        reason = "Soft tissue with lung around it was left out: consolidation or a mass may be missing."
    return QualityFlag(
        "surrounded_tissue",
        "Soft tissue with lung around it, left out",
        "quality",
        largest_ml(pieces),
        "mL",
        f"at most {limits.SMALLEST_FINDING_ML:g}",
        "review" if pieces else "pass",
        reason,
        places,
    )


def missing_tissue_flag(grid: QualityGrid, midline_column: float) -> QualityFlag:
    """Look for soft tissue outside the labels whose mirror image on the other side is lung.

    Parameters
    ----------
    grid : QualityGrid
    midline_column : float
        Left-right centre of the body, on the sample.

    Returns
    -------
    QualityFlag
    """
    found = {side: piece for side, piece in soft_tissue_instead_of_lung(grid).items() if piece.volume_ml > 0}
    largest = sorted(found, key=lambda side: -found[side].volume_ml)
    sides = [side for side in largest if found[side].volume_ml > limits.MISSING_REVIEW_ML]
    reason = "No large soft tissue lies where the other side has lung."
    if sides:
        here, there = ("right", "left") if sides[0] == RIGHT_LUNG else ("left", "right")
        reason = (
            f"Soft tissue lies outside the {here} lung where the {there} side has lung: consolidation or a mass may be missing, "
            "or there is an effusion or a deformed chest."
        )
    return QualityFlag(
        "missing_tissue",
        "Soft tissue in place of lung",
        "quality",
        largest_ml(found.values()),
        "mL",
        f"at most {limits.MISSING_REVIEW_ML:g}",
        "review" if sides else "pass",
        reason,
        tuple(place_of(found[side], grid, "soft tissue where the other side has lung", midline_column) for side in sides),
    )


def _borders_on_lung(piece: Piece, grid: QualityGrid) -> bool:
    """Tell whether aerated lung touches a piece face to face over a part of its surface."""
    aerated = grid.sample_lungs & (grid.smooth_hu < limits.AERATED_BELOW_HU)
    return shared_faces(piece.mask, aerated) > limits.OPEN_SHARE * shared_faces(piece.mask, ~piece.mask)
