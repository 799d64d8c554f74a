"""Trees of straight tubes drawn on a grid, with their exact truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

SIZE_MM = np.array([80.0, 96.0, 88.0])


@dataclass(frozen=True)
class DrawnTree:
    """Nodes (z, y, x) in mm from the first voxel's centre; branches from node to node with their radius, parents first."""

    nodes_zyx_mm: np.ndarray
    branches: tuple[tuple[int, int, float], ...]

    def turned(self, seed: int) -> DrawnTree:
        """Turn the tree around the grid's middle in a random direction, little enough that it stays on the grid."""
        turn = Rotation.from_rotvec(np.random.default_rng(seed).uniform(-0.25, 0.25, 3)).as_matrix()
        return DrawnTree((self.nodes_zyx_mm - SIZE_MM / 2) @ turn.T + SIZE_MM / 2, self.branches)

    def moved(self, by_zyx_mm: tuple[float, float, float]) -> DrawnTree:
        return DrawnTree(self.nodes_zyx_mm + by_zyx_mm, self.branches)

    def ends(self, branch: int) -> tuple[np.ndarray, np.ndarray]:
        first, last, _ = self.branches[branch]
        return self.nodes_zyx_mm[first], self.nodes_zyx_mm[last]

    def length_mm(self, branch: int) -> float:
        first, last = self.ends(branch)
        return float(np.linalg.norm(last - first))

    def mask(self, spacing_zyx_mm: tuple[float, float, float], size_mm: np.ndarray = SIZE_MM, grown_mm: float = 0.0) -> np.ndarray:
        """Draw all branches: round at forks, cut straight at tips and at the root."""
        inner = {first for first, _, _ in self.branches} & {last for _, last, _ in self.branches}
        shape = np.ceil(size_mm / spacing_zyx_mm).astype(int)
        axes = [np.arange(count) * mm for count, mm in zip(shape, spacing_zyx_mm, strict=True)]
        drawn = np.zeros(shape, bool)
        for first, last, radius in self.branches:
            start, end = self.nodes_zyx_mm[first], self.nodes_zyx_mm[last]
            along = (end - start) / np.linalg.norm(end - start)
            reach = radius + grown_mm
            near = [(axis >= min(a, b) - reach) & (axis <= max(a, b) + reach) for axis, a, b in zip(axes, start, end, strict=True)]
            box = tuple(slice(int(inside.argmax()), len(inside) - int(inside[::-1].argmax())) for inside in near)
            parts = np.ix_(*(axis[part] for axis, part in zip(axes, box, strict=True)))
            place = [axis - begin for axis, begin in zip(parts, start, strict=True)]
            position = sum(part * direction for part, direction in zip(place, along, strict=True))
            lowest, highest = (0.0, np.linalg.norm(end - start))
            nearest = np.clip(position, lowest, highest)
            across = sum((part - nearest * direction) ** 2 for part, direction in zip(place, along, strict=True))
            is_cut = (position < lowest) & (first not in inner) | (position > highest) & (last not in inner)
            drawn[box] |= (across <= reach**2) & ~is_cut
        return drawn


# Branch 0 is the root; 1 and 2 hang on it, 3 and 4 on 1, 5 and 6 on 2, 7 and 8 on 6.
TREE = DrawnTree(
    np.array(
        [
            *([14, 48, 44], [36, 48, 44], [50, 34, 50], [48, 64, 38], [64, 22, 62]),
            *([60, 24, 32], [66, 70, 58], [50, 76, 24], [68, 82, 20], [36, 80, 14]),
        ],
        float,
    ),
    ((0, 1, 3.4), (1, 2, 2.6), (1, 3, 2.6), (2, 4, 1.9), (2, 5, 1.9), (3, 6, 1.9), (3, 7, 2.0), (7, 8, 1.6), (7, 9, 1.6)),
)
PARENTS = (-1, 0, 0, 1, 1, 2, 2, 6, 6)
GENERATIONS = (0, 1, 1, 2, 2, 2, 2, 3, 3)
ORDERS = (3, 2, 2, 1, 1, 1, 2, 1, 1)
