"""Outlines that change with height: skin, muscle, pleural cavity, apices and diaphragm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from .grid import Grid


@dataclass(frozen=True)
class Outline:
    """Superellipses stacked along z.

    Parameters
    ----------
    heights, half_widths, fronts, backs : tuple of float
        Half-width, and y of the front and back walls, at given heights in body mm; smooth between.
    exponent, back_exponent : float
        2 is an ellipse, more is squarer; the back half has its own.
    """

    heights: tuple[float, ...]
    half_widths: tuple[float, ...]
    fronts: tuple[float, ...]
    backs: tuple[float, ...]
    exponent: float
    back_exponent: float

    def profile(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give half-width, centre y and half-depth at heights (constant beyond the last ones)."""
        inside = np.clip(z, self.heights[0], self.heights[-1])
        width, front, back = (PchipInterpolator(self.heights, values)(inside) for values in (self.half_widths, self.fronts, self.backs))
        return width.astype(np.float32), ((front + back) / 2).astype(np.float32), ((back - front) / 2).astype(np.float32)

    def level(self, grid: Grid, forward_mm: np.ndarray | float = 0.0) -> np.ndarray:
        """Give float32 values on the grid that are below 1 inside and 1 on the outline.

        Parameters
        ----------
        grid : Grid
        forward_mm : numpy.ndarray or float
            How far the outline is moved to the front: one number, or one for each slice.

        Returns
        -------
        numpy.ndarray
        """
        width, centre, depth = (values[:, None] for values in self.profile(grid.z))
        shift = np.broadcast_to(np.asarray(forward_mm, np.float32), grid.z.shape)[:, None]
        across = np.abs(grid.x[None, :] / width) ** self.exponent
        backward = (grid.y[None, :] - centre + shift) / depth
        deep = np.where(backward > 0, np.abs(backward) ** self.back_exponent, np.abs(backward) ** self.exponent)
        return (deep[:, :, None] + across[:, None, :]).astype(np.float32, copy=False)

    def inset(self, lateral_mm: float, front_mm: float, back_mm: float) -> Outline:
        """Give the outline drawn in by a thickness at each wall."""
        return Outline(
            self.heights,
            tuple(value - lateral_mm for value in self.half_widths),
            tuple(value + front_mm for value in self.fronts),
            tuple(value - back_mm for value in self.backs),
            self.exponent,
            self.back_exponent,
        )


SKIN = Outline(
    heights=(-220, -150, -80, 0, 50, 80, 100, 116, 135, 165),
    half_widths=(150, 156, 162, 168, 174, 176, 150, 92, 64, 60),
    fronts=(-104, -112, -118, -116, -106, -90, -74, -62, -56, -54),
    backs=(112, 116, 120, 120, 117, 108, 98, 90, 82, 78),
    exponent=2.4,
    back_exponent=2.6,
)
MUSCLE = SKIN.inset(13, 9, 9)
CAVITY = Outline(
    heights=(-220, -150, -100, -40, 20, 50, 70, 85, 97, 110),
    half_widths=(126, 131, 132, 130, 122, 110, 95, 76, 56, 40),
    fronts=(-78, -86, -90, -90, -84, -73, -58, -42, -24, -10),
    backs=(86, 91, 94, 94, 92, 87, 81, 74, 66, 58),
    exponent=2.2,
    back_exponent=2.9,
)


def apex_level(grid: Grid, side: str) -> np.ndarray:
    """Give float32 values that are below 1 under the dome that the apex of one lung fills."""
    sign = 1 if side == "left" else -1
    z, y, x = grid.open()
    # Lower down the cavity's own walls decide.
    roundness = np.clip(z / 60, 0, 1)
    return (np.maximum(z, 0) / 96) ** 2 + roundness * (((y - 10) / 98) ** 2 + ((sign * x - 56) / 70) ** 2)


def diaphragm_height(grid: Grid, right_top: float, left_top: float) -> np.ndarray:
    """Give the height of the diaphragm under each column of voxels.

    Two flat domes that fall off steeply to the chest wall, most at the back: the lung's base is
    hollow and goes down into the costophrenic recess.

    Parameters
    ----------
    grid : Grid
    right_top, left_top : float
        Height of the domes, z in body mm.

    Returns
    -------
    numpy.ndarray
        float32 (rows, columns), z in body mm.
    """
    width, centre, depth = (float(values[0]) for values in CAVITY.profile(np.array([-130.0])))
    x, y = grid.x[None, :], grid.y[:, None]
    wall = np.clip(np.abs(x / width) ** CAVITY.exponent + np.abs((y - centre) / depth) ** CAVITY.exponent, 0, 2)
    left_share = (1 + np.tanh(x / 18)) / 2
    top = right_top + (left_top - right_top) * left_share - 7 * np.exp(-((x / 22) ** 2))
    fall = 62 + 24 * np.clip((y - centre) / depth, -1, 1)
    dome = 9 * ((np.abs(x) - 62) / 62) ** 2 + 10 * ((y + 12) / 80) ** 2
    return (top - dome - fall * wall**2.4).astype(np.float32)
