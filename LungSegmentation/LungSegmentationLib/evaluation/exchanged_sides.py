"""Whether right and left are exchanged in one of two label maps that are compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..quality.label_sides import sides_by_header, sides_of_labels
from ..volume import CtVolume
from . import limits
from .comparison import RegionComparison


def exchanged_sides(
    comparisons: Sequence[RegionComparison],
    result: np.ndarray,
    reference: np.ndarray,
    volume: CtVolume,
    result_name: str,
    reference_name: str,
    has_ct: bool,
) -> tuple[str, ...]:
    """Say where a lung lies in the other one's half of the patient, and where right and left are exchanged between two label maps.

    Parameters
    ----------
    comparisons : sequence of RegionComparison
        Of both lungs and of each.
    result, reference : numpy.ndarray
        uint8, the volume's shape: 1 right lung, 2 left lung, 3 airways.
    volume : CtVolume
        The scan, or its geometry alone.
    result_name, reference_name : str
    has_ct : bool
        Whether the volume holds the scan, which shows how the patient lies in it; else the header alone is asked.

    Returns
    -------
    tuple of str
        Warnings.
    """
    examine = sides_of_labels if has_ct else sides_by_header
    found = {name: examine(volume, labels) for name, labels in ((result_name, result), (reference_name, reference))}
    wrong = [name for name, sides in found.items() if sides.strayed]
    warnings = [
        f'"{found[name].strayed} lung" of {name} lies in the patient\'s {found[name].half} half{found[name].basis}: '
        "right and left look exchanged"
        for name in wrong
    ]
    dice = {comparison.key: comparison.dice for comparison in comparisons}
    sides = [dice.get(key) for key in ("right_lung", "left_lung")]
    both = dice.get("both_lungs")
    neither = all(side is not None and side <= limits.SIDES_DISAGREE_DICE for side in sides)
    if both is not None and both >= limits.LUNGS_AGREE_DICE and neither:
        whose = f"in {wrong[0]}" if len(wrong) == 1 else "in one of the two"
        warnings.append(
            f"both lungs agree (Dice {both:.2f}) but neither side does ({sides[0]:.2f} and {sides[1]:.2f}): right and left are exchanged "
            f"{whose}; exchange them there, or name its numbers with a labels map"
        )
    return tuple(warnings)
