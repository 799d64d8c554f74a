"""Air that was taken for lung and is none: the trachea, and air that does not hang together with the lungs."""

from __future__ import annotations

import numpy as np

from ..anatomy.lung_regions import darkest_lung_hu
from ..anatomy.morphology import dilated
from . import limits
from .density import AirwayFindings
from .flag import QualityFlag, Verdict
from .free_air import FineGas, lies_bare_in_lung
from .grid import QualityGrid
from .pieces import Piece, inner_hu, largest_ml, place_of, thick_pieces
from .second_opinion import SecondOpinion


def foreign_air_flag(grid: QualityGrid, second: SecondOpinion, airways: AirwayFindings, fine: FineGas | None) -> QualityFlag:
    """Look for the trachea, and for stomach and bowel gas, in the lungs.

    Parameters
    ----------
    grid : QualityGrid
    second : SecondOpinion
    airways : AirwayFindings
        Their air is as dark as gas, where it is known.
    fine : FineGas or None
        None where there are no lungs.

    Returns
    -------
    QualityFlag
    """
    lungs = grid.sample_lungs
    trachea = second.trachea & lungs
    trachea_ml = float(np.count_nonzero(trachea)) * grid.sample_ml
    gas_below_hu = darkest_lung_hu(airways.air_hu)
    dark = thick_pieces(lungs & (grid.smooth_hu < gas_below_hu), grid, limits.AIR_OPENING_MM, limits.SMALLEST_FINDING_ML)
    below = [piece for piece in dark if _lies_below_lungs(piece, grid, gas_below_hu)]
    foreign = lungs & second.air & ~dilated(second.lung | trachea, limits.AIR_OPENING_MM, grid.sample_spacing_zyx_mm)
    for piece in below:
        foreign &= ~piece.mask
    apart = [
        piece
        for piece in thick_pieces(foreign, grid, limits.AIR_OPENING_MM, limits.SMALLEST_FINDING_ML)
        if inner_hu(piece, grid) < gas_below_hu or _lies_low(piece, grid)
    ]
    gas = [piece for piece in apart if inner_hu(piece, grid) < gas_below_hu]
    gas += [piece for piece in below if not (fine and lies_bare_in_lung(piece, grid, fine))]
    places = [place_of(piece, grid, "gas below the lungs", second.midline_column) for piece in below]
    places += [place_of(piece, grid, "air apart from the lungs", second.midline_column) for piece in apart]
    if trachea_ml > limits.TRACHEA_IN_LUNG_ML:
        places.append(place_of(Piece(trachea, trachea_ml), grid, "the trachea", second.midline_column))
    verdict: Verdict = "fail" if largest_ml(gas) > limits.GROSS_ML else "review" if places else "pass"
    reason = "All air in the lungs hangs together like lung, and the trachea is not among it."
    if places:
        words = {
            "gas under them": below,
            "air that does not hang together with them": apart,
            "the trachea": trachea_ml > limits.TRACHEA_IN_LUNG_ML,
        }
        found = [text for text, there in words.items() if there]
        reason = f"The lungs hold {' and '.join(found)}: stomach, bowel or airways may have been taken for lung."
    places.sort(key=lambda place: -(place.volume_ml or 0.0))
    return QualityFlag(
        "foreign_air",
        "Other air as lung",
        "quality",
        largest_ml(places),
        "mL",
        f"at most {limits.SMALLEST_FINDING_ML:g}; of the trachea {limits.TRACHEA_IN_LUNG_ML:g}",
        verdict,
        reason,
        tuple(places),
    )


def _lies_low(piece: Piece, grid: QualityGrid) -> bool:
    """Tell whether the middle of a piece lies in the lower part of the lungs' height, where stomach and bowel are."""
    slices = np.flatnonzero(grid.sample_lungs.any(axis=(1, 2)))
    return float(np.nonzero(piece.mask)[0].mean()) <= slices[0] + limits.GAS_LOWER_PART_SHARE * (slices[-1] - slices[0])


def _lies_below_lungs(piece: Piece, grid: QualityGrid, gas_below_hu: float) -> bool:
    """Tell whether gas lies at the base, with next to no aerated lung under it."""
    near = dilated(piece.mask, limits.GAS_RIM_MM, grid.sample_spacing_zyx_mm)  # the gas's own blurred border is not lung
    aerated = grid.sample_lungs & (grid.smooth_hu > gas_below_hu) & (grid.smooth_hu < limits.AERATED_BELOW_HU) & ~near
    if not _lies_low(piece, grid):
        return False
    footprint = piece.mask.any(axis=0)
    lung_below = (np.logical_or.accumulate(aerated, axis=0) & piece.mask).any(axis=0)
    return int(np.count_nonzero(lung_below)) < limits.LUNG_BELOW_GAS_SHARE * int(np.count_nonzero(footprint))
