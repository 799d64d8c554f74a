"""Trachea, main and lobar bronchi, and the roots of all trees in the lungs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .grid import Grid, Point, Tube, paint
from .structures import Structure, members

_TRACHEA = (Tube((1, 2, 190), (0, 8, 90), 9.0, 9.0), Tube((0, 8, 90), (0, 21, 2), 9.0, 9.2))
_MAIN = {
    "right": (Tube((-2, 21, 1), (-24, 24, -17), 8.0, 6.8), Tube((-24, 24, -17), (-33, 23, -39), 5.8, 5.2)),
    "left": (Tube((2, 21, 1), (40, 27, -25), 7.2, 6.0),),
}


@dataclass(frozen=True)
class Lobe:
    """A lobe's bronchus, and where its artery and vein enter.

    Parameters
    ----------
    bronchus : Tube
        Lobar bronchus: part of the airway label.
    vein_root : tuple of float
        x, y, z in body mm.
    artery_radius_mm : float
        At the root; the vein is as thick.
    artery_offset_xyz : tuple of float
        Where arteries lie beside their bronchi, in multiples of the artery's radius.
    """

    bronchus: Tube
    vein_root: Point
    artery_radius_mm: float
    artery_offset_xyz: tuple[float, float, float]


LOBES = {
    "right": {
        "upper": Lobe(Tube((-24, 24, -17), (-44, 26, -10), 4.8, 4.2), (-40, -6, -30), 5.6, (-0.3, -1.6, 0.3)),
        "middle": Lobe(Tube((-33, 23, -39), (-44, 6, -48), 3.6, 3.1), (-40, -8, -36), 4.2, (-1.5, 0.3, 0.5)),
        "lower": Lobe(Tube((-33, 23, -39), (-40, 32, -56), 4.9, 4.3), (-36, 18, -58), 6.0, (-1.6, -0.3, 0.2)),
    },
    "left": {
        "upper": Lobe(Tube((40, 27, -25), (55, 16, -20), 5.0, 4.2), (42, -4, -30), 6.0, (0.3, -0.6, 1.6)),
        "lower": Lobe(Tube((40, 27, -25), (48, 35, -46), 4.9, 4.2), (40, 20, -54), 6.0, (1.6, -0.3, 0.2)),
    },
}


def lobe_of(side: str, z: np.ndarray, y: np.ndarray, lobe: str) -> np.ndarray:
    """Tell which points lie in a lobe: an oblique fissure on both sides, a horizontal one on the right."""
    below_oblique = z < -42 + 0.92 * y
    if lobe == "lower":
        return below_oblique
    if side == "left":
        return ~below_oblique
    return ~below_oblique & ((z < -26) if lobe == "middle" else (z >= -26))


def paint_central_airways(structures: np.ndarray, grid: Grid, lungs: str) -> None:
    """Paint walls, then lumens, of trachea, main and lobar bronchi; of a lost lung only the stump."""
    tubes = [(tube, 1.5) for tube in _TRACHEA]
    for side, main in _MAIN.items():
        if lungs in ("both", side):
            tubes += [(tube, 1.4) for tube in main]
            tubes += [(lobe.bronchus, 1.2) for lobe in LOBES[side].values()]
        else:
            first = main[0]
            middle = tuple((a + b) / 2 for a, b in zip(first.start, first.end, strict=True))
            tubes.append((Tube(first.start, middle, first.start_radius, first.start_radius), 1.5))  # type: ignore[arg-type]
    body = ~members(Structure.AIR_OUTSIDE, Structure.CLOTHES, Structure.BONE, Structure.MARROW)
    for tube, wall_mm in tubes:
        paint(structures, grid, tube.grown(wall_mm), Structure.AIRWAY_WALL, body)
    for tube, _ in tubes:
        paint(structures, grid, tube, Structure.AIRWAY_LUMEN, members(Structure.AIRWAY_WALL))
