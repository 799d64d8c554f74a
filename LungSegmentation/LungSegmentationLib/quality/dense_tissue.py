"""Dense tissue that was taken for lung, and whether anything but the method's own word speaks for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.dense_disease import dense_disease
from ..anatomy.morphology import eroded, grown_by_one
from ..labels import LEFT_LUNG, RIGHT_LUNG
from . import limits
from .flag import QualityFlag, Verdict
from .geometry import mirrored_lung
from .grid import QualityGrid
from .pieces import Piece, largest_ml, place_of, thick_pieces
from .second_opinion import SecondOpinion


@dataclass(frozen=True)
class DensePiece:
    """A dense piece of the lungs and what speaks for and against it.

    Parameters
    ----------
    piece : Piece
    vouched : float
        Share of it that lung surrounds as it surrounds disease, or that lies where the other side has lung.
    contact : float
        Share of its surface that touches aerated lung.
    fat : float
        Share of its depth that has the density of fat.
    aorta : float
        Share of it that lies in the descending aorta or its arch, as its shape shows them.
    """

    piece: Piece
    vouched: float
    contact: float
    fat: float
    aorta: float

    @property
    def wrong(self) -> str:
        """What it surely is instead of lung, in words; empty where nothing shows that."""
        if self.aorta >= limits.AORTA_SHARE:
            return "the aorta"
        return "fat" if self.fat >= limits.FAT_SHARE else ""

    @property
    def stands_out(self) -> bool:
        """Whether nothing independent speaks for it."""
        return bool(self.wrong) or not (self.vouched >= limits.VOUCHED_SHARE or self.contact >= limits.CONTACT_SHARE)


def dense_pieces(grid: QualityGrid, second: SecondOpinion) -> list[DensePiece]:
    """Find dense pieces of the lungs, of 20 mL and more, and what speaks for them.

    Parameters
    ----------
    grid : QualityGrid
    second : SecondOpinion

    Returns
    -------
    list of DensePiece
        The largest first.
    """
    found: list[DensePiece] = []
    hu, labels, spacing = grid.smooth_hu, grid.sample_labels, grid.sample_spacing_zyx_mm
    aerated = {side: (labels == side) & (hu < limits.AERATED_BELOW_HU) for side in (RIGHT_LUNG, LEFT_LUNG)}
    vouched: dict[int, np.ndarray] | None = None
    for side, other in ((RIGHT_LUNG, LEFT_LUNG), (LEFT_LUNG, RIGHT_LUNG)):
        dense = (labels == side) & (hu > limits.DENSE_ABOVE_HU)
        for piece in thick_pieces(dense, grid, limits.DENSE_OPENING_MM, limits.SMALLEST_FINDING_ML):
            vouched = vouched or mirrored_lung(grid)
            mask = piece.mask
            surrounded = dense_disease(hu, aerated[side], aerated[other], second.trachea, side == RIGHT_LUNG, spacing)
            rim = mask & grown_by_one(~mask)
            touching = rim & grown_by_one(aerated[side])
            depth = eroded(mask, limits.FAT_DEPTH_MM, spacing)
            depth = depth if depth.any() else mask
            found.append(
                DensePiece(
                    piece,
                    _share(surrounded | vouched[side], mask),
                    _share(touching, rim),
                    _share(grid.even_fat, depth),
                    _share(grid.aorta, mask),
                )
            )
    return sorted(found, key=lambda dense: -dense.piece.volume_ml)


def dense_tissue_flag(grid: QualityGrid, second: SecondOpinion) -> QualityFlag:
    """Look for dense tissue that is lung on the method's word alone, or surely is none; parameters as :func:`dense_pieces`."""
    pieces = [dense for dense in dense_pieces(grid, second) if dense.stands_out]
    wrong = [dense for dense in pieces if dense.wrong]
    alone = [dense for dense in pieces if not dense.wrong and dense.piece.volume_ml > limits.ALONE_ML]
    found = [(dense.piece, dense.wrong or "dense tissue") for dense in (*wrong, *alone)]
    found += [(piece, "dense tissue") for piece in _medial_of_aorta(grid) if not any((piece.mask & other.mask).any() for other, _ in found)]
    places = tuple(
        place_of(piece, grid, what, second.midline_column) for piece, what in sorted(found, key=lambda known: -known[0].volume_ml)
    )
    verdict: Verdict = "fail" if largest_ml(dense.piece for dense in wrong) > limits.ALONE_ML else "review" if places else "pass"
    reason = "Where dense tissue was taken for lung, aerated lung around it or on the other side speaks for it."
    if wrong:
        reason = f"{_capital(' and '.join(dict.fromkeys(dense.wrong for dense in wrong)))} may have been taken for lung."
    elif places:
        reason = (
            "Dense tissue was taken for lung and nothing else speaks for it: consolidation, a tumour, or tissue beside the lung such as "
            "the aorta, the heart, a hernia, the diaphragm or the chest wall."
        )
    limit = f"at most {limits.ALONE_ML:g}; of the left lung right of the aorta {limits.MEDIAL_OF_AORTA_ML:g}"
    return QualityFlag("dense_tissue", "Dense tissue as lung", "quality", largest_ml(places), "mL", limit, verdict, reason, places)


def _medial_of_aorta(grid: QualityGrid) -> list[Piece]:
    """Find dense tissue of the left lung to the right of the aorta: a hernia, a part of the heart or of a hilum."""
    dense = (grid.sample_labels == LEFT_LUNG) & (grid.smooth_hu > limits.DENSE_ABOVE_HU)
    if np.count_nonzero(dense) * grid.sample_ml < limits.MEDIAL_OF_AORTA_ML:
        return []
    return thick_pieces(dense & grid.medial_of_aorta, grid, 0.0, limits.MEDIAL_OF_AORTA_ML)


def _share(part: np.ndarray, whole: np.ndarray) -> float:
    return int(np.count_nonzero(part & whole)) / max(1, int(np.count_nonzero(whole)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
