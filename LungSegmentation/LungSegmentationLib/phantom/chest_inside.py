"""What fills the chest: lungs, diaphragm and upper abdomen, mediastinum with heart and great vessels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage

from .grid import Ellipsoid, Grid, Shape, Tube, is_empty, paint
from .outlines import CAVITY, apex_level, diaphragm_height
from .parameters import PhantomParameters
from .structures import SIDES, Structure, members

_DIAPHRAGM_MM, _STOMACH_WALL_MM, _MAXIMUM_EFFUSION_MM = 3.0, 5.0, 45.0
JUNCTION_SLOPE_Z = 0.12


@dataclass(frozen=True)
class Proportions:
    """What differs from body to body: heights of the domes, size of the heart."""

    right_dome_z_mm: float
    left_dome_z_mm: float
    heart_factor: float

    @staticmethod
    def drawn(generator: np.random.Generator) -> Proportions:
        """Draw the proportions of one body."""
        right = float(generator.uniform(-92, -82))
        return Proportions(right, right - float(generator.uniform(6, 11)), float(generator.uniform(0.93, 1.05)))


def paint_cavity(structures: np.ndarray, grid: Grid, proportions: Proportions, parameters: PhantomParameters, junction_mm: float) -> None:
    """Paint lungs, diaphragm and abdomen into a slab whose cavity is still muscle.

    Parameters
    ----------
    structures : numpy.ndarray
        uint8 on the grid; changed.
    grid : Grid
    proportions : Proportions
    parameters : PhantomParameters
    junction_mm : float
        Thickness in body mm of the sheet that keeps the lungs apart.
    """
    z, _, x = grid.open()
    level = CAVITY.level(grid)
    floor = diaphragm_height(grid, proportions.right_dome_z_mm, proportions.left_dome_z_mm)[None]
    inside = level < 1
    above = z > floor
    belly_wall = (level < 1.12) & (z < np.minimum(floor - _DIAPHRAGM_MM, -60.0)) & (structures == Structure.MUSCLE)
    structures[(inside & ~above & (z < floor - _DIAPHRAGM_MM)) | (belly_wall & inside)] = Structure.FAT
    structures[inside & above & (z < 60)] = Structure.MEDIASTINUM
    middle = np.clip(2 - JUNCTION_SLOPE_Z * z, -4, 8)
    for side, sign in (("right", -1), ("left", 1)):
        beside = sign * (x - middle) > junction_mm / 2
        lung = inside & above & beside & (apex_level(grid, side) < 1)
        value = SIDES[side] if parameters.lungs in ("both", side) else Structure.PNEUMONECTOMY
        structures[lung] = value
        if parameters.effusion and side == parameters.sick_side:
            # The lung floats on a layer that is thickest at the base: its outline is moved to the front.
            thickness = parameters.effusion * _MAXIMUM_EFFUSION_MM * np.clip((60 - grid.z) / 170, 0, 1)
            structures[lung & (CAVITY.level(grid, forward_mm=thickness) >= 1) & (grid.open()[1] > 0)] = Structure.EFFUSION


def paint_abdomen(structures: np.ndarray, grid: Grid, proportions: Proportions, stomach_gas: bool) -> None:
    """Paint liver, stomach and spleen under the diaphragm, into the fat of a slab."""
    bottom = proportions.right_dome_z_mm
    if grid.z[0] > bottom:
        return
    z, y, x = grid.open()
    floor = diaphragm_height(grid, proportions.right_dome_z_mm, proportions.left_dome_z_mm)[None]
    room = (CAVITY.level(grid) < 1) & (structures == Structure.FAT) & (z < floor - _DIAPHRAGM_MM)
    liver = (x < 8 - 0.5 * y) & (x < 34) & (y < 78)
    left_liver = ((x - 15) / 52) ** 2 + ((y + 48) / 30) ** 2 + ((z - bottom + 40) / 42) ** 2 < 1
    spleen = ((x - 92) / 28) ** 2 + ((y - 42) / 44) ** 2 + ((z - bottom + 70) / 52) ** 2 < 1
    stomach = ((x - 66) / 42) ** 2 + ((y + 8) / 46) ** 2 + ((z - bottom + 62) / 52) ** 2
    stomach_inside = (stomach < 0.86) & (z < floor - _STOMACH_WALL_MM)
    structures[room & (liver | left_liver)] = Structure.LIVER
    structures[room & spleen] = Structure.SPLEEN
    structures[room & (stomach < 1)] = Structure.MUSCLE
    structures[room & stomach_inside] = Structure.STOMACH
    if stomach_gas:
        # The patient lies on the back: gas gathers at the front, above a fluid level.
        structures[room & stomach_inside & (y < -2)] = Structure.STOMACH_GAS


def paint_mediastinum(structures: np.ndarray, grid: Grid, heart_factor: float) -> None:
    """Paint fat, heart, great vessels and oesophagus over lung and mediastinum."""
    contents = (Structure.MEDIASTINUM, *SIDES.values(), Structure.PNEUMONECTOMY, Structure.EFFUSION)
    in_chest, in_neck = members(*contents), members(*contents, Structure.MUSCLE)
    everywhere = members(*contents, Structure.MUSCLE, Structure.FAT, Structure.LIVER)
    heart = _heart(heart_factor)
    for shape in _UPPER_FAT:
        paint(structures, grid, shape, Structure.MEDIASTINUM, in_neck)
    for shape in (*_FAT, *(part.grown(5.0) for part in heart)):
        paint(structures, grid, shape, Structure.MEDIASTINUM, in_chest)
    for part in heart:
        paint(structures, grid, part, Structure.HEART, in_chest)
    for shape in _GREAT_VESSELS:
        paint(structures, grid, shape, Structure.GREAT_VESSEL, everywhere)
    for below, above in pairwise(_OESOPHAGUS):
        paint(structures, grid, Tube(below, above, 7, 7), Structure.OESOPHAGUS, everywhere)
    air = Tube((5, 29, 46), (5, 29, 62), 2.4, 2.4)
    paint(structures, grid, air, Structure.OESOPHAGUS_AIR, members(Structure.OESOPHAGUS))


def fill_crevices(structures: np.ndarray, grid: Grid) -> None:
    """Fill pockets of lung that vessels and bronchi cut off at the hilum, so that each lung is one piece."""
    box = grid.box((-60.0, -30.0, -75.0), (65.0, 65.0, 45.0))
    if is_empty(box):
        return
    part = structures[box]
    for parenchyma in SIDES.values():
        pieces, count = ndimage.label(part == parenchyma, np.ones((3, 3, 3)))
        reaches_out = np.zeros(count + 1, bool)
        for axis in range(3):
            for face in (0, -1):
                reaches_out[np.take(pieces, face, axis=axis)] = True
        reaches_out[0] = True
        part[~reaches_out[pieces]] = Structure.MEDIASTINUM


def _heart(factor: float) -> tuple[Tube, ...]:
    chambers = (
        Tube((-2, -24, -52), (42, -38, -78), 34, 37),
        Tube((42, -38, -78), (74, -42, -88), 37, 25),
        Tube((-30, -20, -45), (-30, -18, -80), 24, 27),
        Tube((0, -44, -55), (20, -56, -80), 24, 22),
        Tube((-14, 6, -42), (20, 6, -44), 19, 19),
    )
    return tuple(Tube(c.start, c.end, c.start_radius * factor, c.end_radius * factor) for c in chambers)


def _chain(radius: float, *points: tuple[float, float, float]) -> tuple[Tube, ...]:
    return tuple(Tube(start, end, radius, radius) for start, end in pairwise(points))


_OESOPHAGUS = ((14, 24, -135), (8, 32, -95), (3, 34, -40), (5, 36, 0), (5, 29, 45), (4, 28, 80), (3, 26, 130), (2, 20, 170))
_UPPER_FAT: tuple[Shape, ...] = (Ellipsoid((-2, -1, 45), (35, 31, 62)), Ellipsoid((0, -30, 80), (33, 17, 40)))
_FAT: tuple[Shape, ...] = (
    Ellipsoid((-3, -12, 0), (36, 38, 42)),
    Ellipsoid((-2, -40, 72), (32, 50, 36)),
    Tube((4, -72, -52), (10, -68, -110), 14, 26),
    Tube((10, 36, -135), (9, 36, 5), 19, 15),
    Ellipsoid((0, 0, -40), (38, 26, 40)),
    Tube((-2, 2, -60), (2, 4, -125), 25, 25),
    Ellipsoid((12, -45, -104), (50, 34, 24)),
    Ellipsoid((4, 30, -118), (30, 26, 34)),
    Ellipsoid((-36, 16, -26), (15, 18, 28)),
    Ellipsoid((26, 14, -14), (20, 18, 22)),
    Tube((-2, 40, 8), (-2, 40, -30), 10, 10),
    Ellipsoid((38, 18, -20), (15, 18, 26)),
)
_GREAT_VESSELS: tuple[Shape, ...] = (
    *_chain(14.5, (-8, -26, -45), (-16, -26, -20), (-17, -24, 8), (-12, -18, 24), (2, -4, 32)),
    *_chain(12.0, (2, -4, 32), (16, 14, 31), (22, 30, 18), (23, 38, 0), (21, 40, -60), (14, 36, -130), (8, 32, -230)),
    *_chain(9.0, (-30, -14, -45), (-29, -14, 20), (-26, -18, 44)),
    *_chain(6.0, (-26, -18, 44), (2, -34, 46), (22, -32, 58), (25, -30, 84), (34, -30, 110)),
    *_chain(6.5, (-26, -18, 44), (-24, -28, 84), (-34, -30, 110)),
    *_chain(6.0, (-8, -16, 30), (-14, -8, 62), (-26, 2, 90), (-26, 6, 160)),
    *_chain(4.5, (4, -4, 32), (16, 0, 62), (24, 6, 160)),
    *_chain(5.0, (14, 10, 32), (22, 14, 62), (20, 8, 90), (34, 4, 112)),
    Tube((16, -48, -48), (14, -38, -16), 14, 14),
    Tube((14, -38, -16), (32, 2, -4), 12.5, 11),
    Tube((32, 2, -4), (46, 20, -14), 10, 7.5),
    Tube((12, -32, -16), (-8, -8, -19), 12, 11),
    Tube((-8, -8, -19), (-40, 4, -20), 11, 8.5),
    Tube((-40, 4, -20), (-42, 22, -36), 8.5, 7),
    Tube((-22, 2, -70), (-24, 6, -230), 12, 13),
    Tube((-8, 40, 0), (-6, 36, -140), 3.5, 3.5),
    Tube((-8, 40, 0), (-26, -6, 12), 4, 4),
    Tube((-14, 4, -38), (-38, -4, -32), 8, 6),
    Tube((-14, 8, -46), (-36, 18, -58), 8, 6),
    Tube((18, 4, -38), (40, -2, -30), 8, 6),
    Tube((18, 8, -46), (38, 20, -54), 8, 6),
)
