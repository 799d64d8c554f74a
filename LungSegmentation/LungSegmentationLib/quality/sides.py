"""Right and left: whether each side's lung lies on its side, in one piece, and borders on the other at the midline only."""

from __future__ import annotations

import numpy as np

from ..anatomy.morphology import component_sizes, components
from ..anatomy.stance import AS_THE_HEADER_SAYS
from ..labels import LEFT_LUNG, RIGHT_LUNG
from . import limits
from .flag import Place, QualityFlag, Verdict
from .grid import QualityGrid
from .label_sides import LabelSides
from .pieces import Piece, place_of
from .second_opinion import SecondOpinion


def sides_flag(grid: QualityGrid, second: SecondOpinion, sides: LabelSides) -> QualityFlag:
    """Look for exchanged sides, for pieces on the wrong side, and for a border between the sides where no junction line can be.

    Parameters
    ----------
    grid : QualityGrid
    second : SecondOpinion
    sides : LabelSides
        How the labels lie in the patient.

    Returns
    -------
    QualityFlag
    """
    key, title, unit, limit = "sides", "Contact of the two sides off the midline", "mm²", f"at most {limits.CONTACT_REVIEW_MM2:g}"
    strayed = [piece for label in (RIGHT_LUNG, LEFT_LUNG) for piece in _strayed_pieces(grid, second, sides, label)]
    contact_mm2, contact = _contact_off_midline(grid, second)
    if sides.strayed:
        reason = f"What is called the {sides.strayed} lung lies on the patient's {sides.half}: "
        reason += "the sides are exchanged, or the image is mirrored."
        return QualityFlag(key, title, "quality", contact_mm2, unit, limit, "fail", reason)
    places: list[Place] = [place_of(piece, grid, "a piece on the other side", second.midline_column) for piece in strayed]
    if contact_mm2 > limits.CONTACT_REVIEW_MM2:
        size_ml = float(np.count_nonzero(contact)) * grid.sample_ml
        places.append(place_of(Piece(contact, size_ml), grid, "border between the sides", second.midline_column))
    large = any(piece.volume_ml > limits.GROSS_ML for piece in strayed)
    verdict: Verdict = "fail" if large else "review" if places else "pass"
    reason = "Each lung lies on its side, and they touch at their junction lines only."
    if strayed:
        reason = "A part of one lung lies on the other side, apart from its own: it may belong to the other lung."
    elif places:
        reason = "Right and left lung touch far from the midline: the border between them may be misplaced."
    return QualityFlag(key, title, "quality", contact_mm2, unit, limit, verdict, reason, tuple(places))


def _strayed_pieces(grid: QualityGrid, second: SecondOpinion, sides: LabelSides, label: int) -> list[Piece]:
    """Find pieces of a lung that hang together with none of its bulk and lie beyond the midline."""
    order = sides.stance.order
    left_is_last = not (order.axes == AS_THE_HEADER_SAYS.axes and order.flipped[2])
    pieces, count = components(grid.sample_labels == label)
    sizes_ml = component_sizes(pieces, count) * grid.sample_ml
    found = []
    for number in np.flatnonzero(sizes_ml >= limits.SMALLEST_FINDING_ML):
        if number != sizes_ml.argmax():
            mask = pieces == number
            beyond = second.midline_column - float(np.nonzero(mask)[2].mean())
            if (beyond > 0) == ((label == LEFT_LUNG) == left_is_last):
                found.append(Piece(mask, float(sizes_ml[number])))
    return found


def _contact_off_midline(grid: QualityGrid, second: SecondOpinion) -> tuple[float, np.ndarray]:
    """Measure the border of the two sides farther from the midline than junction lines lie: its area, and the voxels (bool) beside it."""
    spacing = grid.sample_spacing_zyx_mm
    right, left = (grid.sample_labels == label for label in (RIGHT_LUNG, LEFT_LUNG))
    far = np.abs(np.arange(right.shape[2]) - second.midline_column) * spacing[2] > limits.JUNCTION_HALF_WIDTH_MM
    beside = np.zeros(right.shape, bool)
    faces_mm2 = np.zeros(3)
    for axis in range(3):
        ahead, behind = [slice(None)] * 3, [slice(None)] * 3
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        here, there = tuple(ahead), tuple(behind)
        touching = (right[here] & left[there]) | (left[here] & right[there])
        touching &= far[1:] if axis == 2 else far
        beside[here] |= touching
        faces_mm2[axis] = np.count_nonzero(touching) * float(np.prod(spacing)) / spacing[axis]
    # The root of the projections' summed squares is the area of a plane border in any position, without its staircase.
    return float(np.linalg.norm(faces_mm2)), beside
