"""Middle lines in the patient's space, as they are drawn and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .forest import Forest


@dataclass(frozen=True, eq=False)
class Centrelines:
    """Branches of trees in physical space.

    Parameters
    ----------
    points_lps_mm : numpy.ndarray
        float32 (n, 3): points (x, y, z) of all lines, one branch after the other; each begins where its parent ends.
    radii_mm : numpy.ndarray
        float32 (n,): radius at each point.
    starts : numpy.ndarray
        int32 (branches + 1,): where each branch's points begin, and at last their number.
    parents : numpy.ndarray
        int32 (branches,): parent of each branch, -1 at a root.
    generations, orders : numpy.ndarray
        int32 (branches,): forks from the root on, and Strahler's order.
    sides : numpy.ndarray
        int32 (branches,): 1 right lung, 2 left lung, 0 neither.
    """

    points_lps_mm: np.ndarray
    radii_mm: np.ndarray
    starts: np.ndarray
    parents: np.ndarray
    generations: np.ndarray
    orders: np.ndarray
    sides: np.ndarray

    def __len__(self) -> int:
        return len(self.parents)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Centrelines) and all(np.array_equal(array, vars(other)[key]) for key, array in vars(self).items())

    __hash__ = None  # type: ignore[assignment]  # as arrays have none

    @property
    def forest(self) -> Forest:
        """The branches with what follows from them; its points have the axes (x, y, z)."""
        return Forest(self.points_lps_mm.astype(float), self.radii_mm.astype(float), self.starts, self.parents)

    def arrays(self) -> dict[str, np.ndarray]:
        """Take the lines apart; :meth:`from_arrays` puts them together again."""
        return dict(vars(self))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Centrelines:
        """Put lines together again."""
        return cls(**arrays)

    @classmethod
    def of(cls, forest: Forest, points_lps_mm: np.ndarray, generations: np.ndarray, sides: np.ndarray) -> Centrelines:
        """Make the lines of a forest whose points were brought into space."""
        whole = (forest.starts, forest.parents, generations, forest.strahler_orders(), sides)
        return cls(points_lps_mm.astype(np.float32), forest.radii_mm.astype(np.float32), *(array.astype(np.int32) for array in whole))


def joined(parts: list[Forest]) -> Forest:
    """Put forests side by side."""
    points = np.concatenate([part.points_zyx_mm for part in parts])
    radii = np.concatenate([part.radii_mm for part in parts])
    starts, parents = [np.zeros(1, np.int64)], [np.empty(0, np.int64)]
    for part in parts:
        before = sum(map(len, parents))
        parents.append(np.where(part.parents < 0, part.parents, part.parents + before))
        starts.append(part.starts[1:] + starts[-1][-1])
    return Forest(points, radii, np.concatenate(starts), np.concatenate(parents))
