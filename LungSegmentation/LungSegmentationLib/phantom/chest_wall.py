"""Body wall and what lies around it: skin, muscles, ribs, spine, shoulders, table, clothes, arms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .grid import Box, Ellipsoid, Grid, Tube, is_empty, paint
from .outlines import CAVITY, MUSCLE, SKIN
from .parameters import PhantomParameters
from .structures import Structure, members

_RIB_PITCH_MM, _RIB_SLOPE, _FIRST_RIB_Z_MM = 23.0, 0.42, 84.0
_VERTEBRA_PITCH_MM = 23.0
_SPINE_Z_MM, _SPINE_Y_MM = (-220, -100, 0, 60, 100, 150), (60, 64, 62, 61, 54, 40)


def paint_surroundings(structures: np.ndarray, grid: Grid, parameters: PhantomParameters) -> None:
    """Paint clothes, table and arms around the body into a slab that is all air outside."""
    z, y, x = grid.open()
    if parameters.clothes:
        # A sheet that hangs 3 to 11 mm above the skin, in folds; it is left out at the neck and under the back.
        folds = 7 + 4 * np.sin(x / 17 + z / 40) * np.sin(z / 23 + 1)
        gap = (SKIN.level(grid) ** (1 / SKIN.exponent) - 1) * 130 - folds
        structures[(np.abs(gap) < 0.8) & (y < 70) & (z < 95)] = Structure.CLOTHES
    if parameters.table:
        # A cradle: its upper side follows a parabola, its lower side a flatter one; foam between two shells.
        upper, lower = 127 - x**2 / 1000, 152 - x**2 / 2000
        inside = (y > upper) & (y < lower) & (np.abs(x) < 205)
        foam = (y > upper + 2.5) & (y < lower - 2.5) & (np.abs(x) < 202)
        structures[np.broadcast_to(inside, grid.shape)] = Structure.TABLE
        structures[np.broadcast_to(foam, grid.shape)] = Structure.TABLE_FOAM


def paint_arms(structures: np.ndarray, grid: Grid) -> None:
    """Paint both upper arms beside the chest, over what is outside the body."""
    outside = members(Structure.AIR_OUTSIDE, Structure.CLOTHES, Structure.TABLE, Structure.TABLE_FOAM)
    for sign in (-1, 1):
        shoulder, elbow = (sign * 196.0, 30.0, 70.0), (sign * 212.0, 45.0, -240.0)
        arm = Tube(shoulder, elbow, 46, 36)
        paint(structures, grid, arm, Structure.ARM, outside)
        bone = members(Structure.ARM)
        paint(structures, grid, Tube(shoulder, elbow, 12, 11), Structure.BONE, bone)
        paint(structures, grid, Tube(shoulder, elbow, 7, 6), Structure.MARROW, members(Structure.BONE))


def paint_wall(structures: np.ndarray, grid: Grid) -> None:
    """Paint fat, muscle, ribs, sternum and shoulder blades into a slab; the cavity stays muscle."""
    structures[SKIN.level(grid) < 1] = Structure.FAT
    structures[MUSCLE.level(grid) < 1] = Structure.MUSCLE
    level = CAVITY.level(grid)
    _, centres, _ = CAVITY.profile(grid.z)
    shell = np.flatnonzero((level > 1) & (level < 2.1) & (structures == Structure.MUSCLE))
    k, j, i = np.unravel_index(shell, grid.shape)
    z, y, x, centre = grid.z[k], grid.y[j], grid.x[i], centres[k]
    outward = (1 - level.ravel()[shell] ** (-1 / CAVITY.exponent)) * np.hypot(x, y - centre)
    wall = np.full(shell.size, Structure.MUSCLE, np.uint8)
    # Fat planes: between pleura and ribs, between the muscle layers, and in the armpits.
    wall[outward < 1.2] = Structure.FAT
    wall[(np.abs(outward - 13 - 2 * np.sin(x / 21 + z / 33)) < 1.6) & (np.abs(x) > 40)] = Structure.FAT
    armpit = ((np.abs(x) - 134) / 22) ** 2 + ((y + 5) / 42) ** 2 + ((z - 30) / 60) ** 2 < 1
    wall[armpit] = Structure.FAT
    _blade(wall, x, y, z, outward)
    _ribs(wall, x, y, z, outward)
    _sternum(wall, x, y, z, outward)
    structures.reshape(-1)[shell] = wall


def _blade(wall: np.ndarray, x: np.ndarray, y: np.ndarray, z: np.ndarray, outward: np.ndarray) -> None:
    lateral = np.abs(x)
    offset = np.abs(outward - 21 + (lateral - 90) ** 2 / 260)
    place = (y > 25) & (lateral > 58) & (lateral < 128) & (z > -25 + 0.4 * (lateral - 58)) & (z < 84)
    wall[place & (offset < 3.2)] = Structure.BONE
    wall[place & (offset < 1.2)] = Structure.MARROW


def _ribs(wall: np.ndarray, x: np.ndarray, y: np.ndarray, z: np.ndarray, outward: np.ndarray) -> None:
    """Oblique rings that go down to the front; cartilage near the sternum; the last two end at the side."""
    number = (_FIRST_RIB_Z_MM - (z - _RIB_SLOPE * (y - 70))) / _RIB_PITCH_MM + 1
    nearest = np.round(number)
    section = ((number - nearest) * _RIB_PITCH_MM / 6.5) ** 2 + ((outward - 5.8) / 4.0) ** 2
    rib = (section < 1) & (nearest >= 1) & ((nearest <= 10) | ((nearest <= 12) & (y > 0)))
    cartilage = rib & (y < -30) & (np.abs(x) < 78)
    wall[rib] = Structure.BONE
    wall[rib & (section < 0.42)] = Structure.MARROW
    wall[cartilage] = Structure.CARTILAGE


def _sternum(wall: np.ndarray, x: np.ndarray, y: np.ndarray, z: np.ndarray, outward: np.ndarray) -> None:
    half_width = np.where(z > 15, 26, 17)
    section = np.square((x / half_width) ** 2) + np.square(((outward - 8) / 6.0) ** 2)
    sternum = (section < 1) & (y < -20) & (z < 46) & (z > -95)
    wall[sternum] = Structure.BONE
    wall[sternum & (section < 0.3)] = Structure.MARROW


def paint_shoulders(structures: np.ndarray, grid: Grid) -> None:
    """Paint collar bones and the heads of the arm bones inside the body."""
    body = members(Structure.FAT, Structure.MUSCLE)
    for sign in (-1, 1):
        collar = [(sign * 22.0, -62.0, 50.0), (sign * 62.0, -66.0, 66.0), (sign * 110.0, -26.0, 80.0), (sign * 140.0, -4.0, 84.0)]
        for start, end in pairwise(collar):
            paint(structures, grid, Tube(start, end, 6, 6), Structure.BONE, body)
            paint(structures, grid, Tube(start, end, 3.4, 3.4), Structure.MARROW, members(Structure.BONE))
        head = (sign * 160.0, 12.0, 84.0)
        paint(structures, grid, Ellipsoid(head, (24, 24, 24)), Structure.BONE, body)
        paint(structures, grid, Ellipsoid(head, (21, 21, 21)), Structure.MARROW, members(Structure.BONE))


def paint_spine(structures: np.ndarray, grid: Grid) -> None:
    """Paint vertebrae with discs, canal, arches and the muscles beside them, over everything there."""
    box: Box = grid.box((-48.0, 0.0, -1e4), (48.0, 122.0, 1e4))
    if is_empty(box):
        return
    part, inner = structures[box], grid.within(box)
    inside_body = part != Structure.AIR_OUTSIDE
    z, y, x = inner.open()
    depth = y - np.interp(inner.z, _SPINE_Z_MM, _SPINE_Y_MM).astype(np.float32)[:, None, None]
    height = np.mod(z, _VERTEBRA_PITCH_MM) - _VERTEBRA_PITCH_MM / 2
    body = (x / 17.5) ** 2 + (depth / 15) ** 2
    canal = (x / 9.5) ** 2 + ((depth - 23) / 8.5) ** 2
    arch = (x / 14.5) ** 2 + ((depth - 23) / 13) ** 2 < 1
    processes = (np.abs(height + 3) < 5.5) & (
        ((np.abs(depth - 27 - np.abs(x) * 0.22) < 4) & (np.abs(x) < 36)) | ((np.abs(x) < 3.2) & (depth > 30) & (depth < 50))
    )
    layers = (
        (((x / 27) ** 2 + ((depth - 24) / 43) ** 2 < 1) & (depth < 47), Structure.MUSCLE),
        (processes | arch, Structure.BONE),
        ((body < 1) & (np.abs(height) < 9.8), Structure.BONE),
        ((body < 0.83) & (np.abs(height) < 8.6), Structure.MARROW),
        ((body < 0.95) & (np.abs(height) >= 9.8), Structure.CARTILAGE),
        (canal < 1, Structure.SPINAL_CANAL),
    )
    for mask, structure in layers:
        part[mask & inside_body] = structure
