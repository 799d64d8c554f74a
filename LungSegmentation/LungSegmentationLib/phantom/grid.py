"""The grid on which the phantom is drawn, and shapes on it.

Everything is drawn in body coordinates: mm in a body of scale 1, x to the left, y to the back, z to
the head, zero in the midline at the height of the carina. A grid is three vectors of such
coordinates, so that size, proportions and position of the body are matters of the grid alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

Point = tuple[float, float, float]
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Grid:
    """Body coordinates of the voxel centres along each axis: three growing float32 vectors."""

    z: np.ndarray
    y: np.ndarray
    x: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of slices, rows and columns."""
        return len(self.z), len(self.y), len(self.x)

    @cached_property
    def spacing_zyx_mm(self) -> tuple[float, float, float]:
        """Distance between neighbours in body coordinates."""
        z, y, x = (float(axis[-1] - axis[0]) / (len(axis) - 1) for axis in (self.z, self.y, self.x))
        return z, y, x

    @cached_property
    def voxel_mm(self) -> float:
        """Edge of the cube that has the voxel's volume."""
        return math.prod(self.spacing_zyx_mm) ** (1 / 3)

    @cached_property
    def _steps_zyx(self) -> tuple[tuple[float, float, int], ...]:
        axes = (self.z, self.y, self.x)
        return tuple((float(axis[0]), step, len(axis)) for axis, step in zip(axes, self.spacing_zyx_mm, strict=True))

    def open(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give z, y and x in shapes that broadcast to the grid."""
        return self.z[:, None, None], self.y[None, :, None], self.x[None, None, :]

    def box(self, lower_xyz: Point, upper_xyz: Point) -> Box:
        """Find the index range of the voxel centres between two corners (it may be empty)."""
        ranges = []
        for (first, step, count), low, high in zip(self._steps_zyx, lower_xyz[::-1], upper_xyz[::-1], strict=True):
            start, stop = math.ceil((low - first) / step), math.floor((high - first) / step) + 1
            ranges.append(slice(min(max(start, 0), count), min(max(stop, 0), count)))
        return ranges[0], ranges[1], ranges[2]

    def within(self, box: Box) -> Grid:
        """Cut the grid to an index range."""
        return Grid(self.z[box[0]], self.y[box[1]], self.x[box[2]])

    def slabs(self, voxels: int = 600_000) -> Iterator[slice]:
        """Cut the slices into ranges of about so many voxels, to work in the processor's cache."""
        step = max(1, voxels // (len(self.y) * len(self.x)))
        for start in range(0, len(self.z), step):
            yield slice(start, min(start + step, len(self.z)))


def is_empty(box: Box) -> bool:
    """Tell whether an index range holds no voxel."""
    return any(axis.stop <= axis.start for axis in box)


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid along the axes."""

    centre: Point
    radii: Point

    def draw(self, grid: Grid) -> tuple[Box, np.ndarray]:
        """Find the voxels inside: index range and bool mask in it."""
        corners = [(c - r, c + r) for c, r in zip(self.centre, self.radii, strict=True)]
        box = grid.box(tuple(low for low, _ in corners), tuple(high for _, high in corners))  # type: ignore[arg-type]
        z, y, x = grid.within(box).open()
        (cx, cy, cz), (rx, ry, rz) = self.centre, self.radii
        return box, ((z - cz) / rz) ** 2 + ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1


@dataclass(frozen=True)
class Tube:
    """A round tube between two points whose radius changes evenly, with round ends."""

    start: Point
    end: Point
    start_radius: float
    end_radius: float

    def distance(self, grid: Grid, margin: float = 0.0) -> tuple[Box, np.ndarray]:
        """Find how far voxel centres lie outside the surface (negative: inside).

        Parameters
        ----------
        grid : Grid
        margin : float

        Returns
        -------
        Box
            Index range of the tube with the margin around it.
        numpy.ndarray
            float32 distances in mm within that range.
        """
        box, distance, radius = self.around_axis(grid, margin)
        distance -= radius
        return box, distance

    def around_axis(self, grid: Grid, margin: float = 0.0) -> tuple[Box, np.ndarray, np.ndarray]:
        """Find how far voxel centres lie from the axis, and how thick the tube is there.

        Parameters
        ----------
        grid : Grid
        margin : float

        Returns
        -------
        Box
            Index range of the tube with the margin around it.
        numpy.ndarray, numpy.ndarray
            float32 distances from the axis, and radii at its nearest point, in mm within that range.
        """
        reach = max(self.start_radius, self.end_radius) + margin
        lower = tuple(min(a, b) - reach for a, b in zip(self.start, self.end, strict=True))
        upper = tuple(max(a, b) + reach for a, b in zip(self.start, self.end, strict=True))
        box = grid.box(lower, upper)  # type: ignore[arg-type]
        if is_empty(box):
            return box, np.empty((0, 0, 0), np.float32), np.empty((0, 0, 0), np.float32)
        (x0, y0, z0), (dx, dy, dz) = self.start, (b - a for a, b in zip(self.start, self.end, strict=True))
        z, y, x = grid.z[box[0]] - z0, grid.y[box[1]] - y0, grid.x[box[2]] - x0
        length_squared = max(dx * dx + dy * dy + dz * dz, 1e-9)
        along = ((z * dz)[:, None] + (y * dy)[None, :])[:, :, None] + x * dx
        position = np.clip(along / length_squared, 0, 1)
        squared = ((z * z)[:, None] + (y * y)[None, :])[:, :, None] + x * x
        squared -= position * (2 * along - position * length_squared)
        distance = np.sqrt(np.maximum(squared, 0, out=squared), out=squared)
        return box, distance, self.start_radius + (self.end_radius - self.start_radius) * position

    def draw(self, grid: Grid) -> tuple[Box, np.ndarray]:
        """Find the voxels inside: index range and bool mask in it."""
        box, distance = self.distance(grid)
        return box, distance < 0

    def grown(self, by_mm: float) -> Tube:
        """Give the tube with a larger radius."""
        return Tube(self.start, self.end, self.start_radius + by_mm, self.end_radius + by_mm)


Shape = Ellipsoid | Tube


def paint(structures: np.ndarray, grid: Grid, shape: Shape, value: int, over: np.ndarray | None = None) -> None:
    """Write a structure where the shape is.

    Parameters
    ----------
    structures : numpy.ndarray
        uint8 on the grid; changed.
    grid : Grid
    shape : Shape
    value : int
    over : numpy.ndarray, optional
        bool (256,): structures that may be overwritten; all by default.
    """
    box, mask = shape.draw(grid)
    if is_empty(box):
        return
    part = structures[box]
    if over is not None:
        mask &= over[part]
    part[mask] = value


class SmoothField:
    """A smooth random field of mean 0 and standard deviation 1, the same on every grid.

    Cubic B-splines on a lattice that is fixed to the body, with normal random coefficients.
    """

    _LOWER_ZYX, _UPPER_ZYX = np.array([-260.0, -130.0, -150.0]), np.array([160.0, 140.0, 150.0])

    def __init__(self, generator: np.random.Generator, knot_mm: float) -> None:
        self._knot_mm = knot_mm
        counts = np.ceil((self._UPPER_ZYX - self._LOWER_ZYX) / knot_mm).astype(int)
        self._coefficients = generator.standard_normal(counts, np.float32)

    def on(self, grid: Grid) -> np.ndarray:
        """Give the field on a grid: float32."""
        field = self._coefficients
        for axis, low in zip((grid.z, grid.y, grid.x), self._LOWER_ZYX, strict=True):
            # Each turn consumes the first lattice axis and appends a grid axis: (z, y, x) again after three.
            field = np.tensordot(field, self._weights(axis, float(low), field.shape[0]), axes=(0, 1))
        return field

    def _weights(self, coordinates: np.ndarray, low: float, count: int) -> np.ndarray:
        distance = np.abs((coordinates[:, None] - low) / self._knot_mm - np.arange(count))
        weights = np.where(distance < 1, 2 / 3 - distance**2 + distance**3 / 2, np.clip(2 - distance, 0, None) ** 3 / 6)
        # The mean of the squared weights' sum over all positions is 151/315 per axis.
        return (weights / np.sqrt(151 / 315)).astype(np.float32)
