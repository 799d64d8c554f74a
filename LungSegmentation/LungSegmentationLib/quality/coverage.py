"""Coverage: whether the image holds the whole lungs, and how much of them it does not."""

from __future__ import annotations

import numpy as np

from ..anatomy.limits import SMALLEST_CUT_MM2
from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..region_of_interest import RegionOfInterest
from ..segmentation import Segmentation
from . import limits
from .cut_places import cut_places
from .flag import QualityFlag
from .geometry import cut_faces_mm2
from .grid import QualityGrid

_ENDS = {"the bottom": 0, "the top": -1}


def field_of_view(grid: QualityGrid) -> QualityFlag:
    """Look for lung in the faces of the image and along its round field of view.

    Parameters
    ----------
    grid : QualityGrid

    Returns
    -------
    QualityFlag
        Its value is the largest cut; its reason says where the lungs are cut, over which area, and how much is missing; its places
        are the cuts of each lung.
    """
    areas = cut_faces_mm2(grid)
    largest = max(areas.values())
    cut = {name: area_mm2 for name, area_mm2 in areas.items() if area_mm2 > SMALLEST_CUT_MM2}
    key, title, limit = "field_of_view", "Cut by the field of view", f"at most {SMALLEST_CUT_MM2:g}"
    if not cut:
        return QualityFlag(key, title, "coverage", largest, "mm²", limit, "pass", "The lungs lie within the image.")
    words = [f"{name} ({area_mm2 / 100:.0f} cm²{_missing(grid, name)})" for name, area_mm2 in cut.items()]
    reason = f"The lungs are cut at {' and '.join(words)} of the image: volumes are too small."
    return QualityFlag(key, title, "coverage", largest, "mm²", limit, "cut", reason, cut_places(grid, cut))


def region_flag(result: Segmentation, region: RegionOfInterest) -> QualityFlag:
    """Say that the figures are those of a region only, and which share of the lungs lies in it, as far as the whole is known.

    Parameters
    ----------
    result : Segmentation
        Limited to the region.
    region : RegionOfInterest

    Returns
    -------
    QualityFlag
    """
    inside, whole = (_lung_voxels(labels) for labels in (result.labels, result.whole_labels))
    share = 100.0 * inside / whole if inside is not None and whole else None
    known = "" if share is None else f", which holds {share:.0f} % of the lungs"
    reason = (
        f"Only what lies inside the region of interest {region.name!r} was kept{known}: volumes, densities and all other figures are of "
        "that part alone, and its cut faces count as surface."
    )
    return QualityFlag("region_of_interest", "Limited to a region of interest", "coverage", share, "%", "100", "cut", reason)


def _lung_voxels(labels: np.ndarray | None) -> int | None:
    return None if labels is None else sum(int(np.count_nonzero((plane == RIGHT_LUNG) | (plane == LEFT_LUNG))) for plane in labels)


def missing_beyond_ml(grid: QualityGrid, end: int) -> float | None:
    """Estimate how much lung lies beyond the first (0) or the last slice (-1).

    Each lung's area is taken to shrink on as it does over the last 20 mm, in a straight line.

    Parameters
    ----------
    grid : QualityGrid
    end : int

    Returns
    -------
    float or None
        mL; None where a lung does not shrink towards the cut: the image then ends in its middle.
    """
    labels = grid.labels if end == 0 else grid.labels[::-1]
    z_mm, y_mm, x_mm = grid.spacing_zyx_mm
    count = min(len(labels) - 1, max(1, round(limits.TAPER_MM / z_mm)))
    missing_ml = 0.0
    for label in (RIGHT_LUNG, LEFT_LUNG):
        at_cut, inside = (np.count_nonzero(labels[index] == label) * y_mm * x_mm for index in (0, count))
        if at_cut == 0:
            continue
        if inside <= at_cut:
            return None
        missing_ml += at_cut**2 / (2 * (inside - at_cut) / (count * z_mm)) / 1000.0
    return missing_ml


def _missing(grid: QualityGrid, name: str) -> str:
    if name not in _ENDS:
        return ""
    missing_ml = missing_beyond_ml(grid, _ENDS[name])
    return ", a large part is missing" if missing_ml is None else f", about {float(f'{missing_ml:.2g}'):.0f} mL are missing"
