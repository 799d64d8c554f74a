"""Trees as branches: where they run, how wide they are, and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .slabs import ROOT


@dataclass(frozen=True)
class Forest:
    """Branches of one tree or several; each branch's line begins where its parent's ends.

    Parameters
    ----------
    points_zyx_mm : numpy.ndarray
        float64 (n, 3): the points of all lines, one branch after the other.
    radii_mm : numpy.ndarray
        float64 (n,): radius at each point.
    starts : numpy.ndarray
        int (branches + 1,): where each branch's points begin, and at last their number.
    parents : numpy.ndarray
        int (branches,): parent of each branch, -1 at a root. Parents come before their children.
    """

    points_zyx_mm: np.ndarray
    radii_mm: np.ndarray
    starts: np.ndarray
    parents: np.ndarray

    def __len__(self) -> int:
        return len(self.parents)

    def points_of(self, branch: int) -> np.ndarray:
        """Give the points of a branch: (m, 3)."""
        return self.points_zyx_mm[self.starts[branch] : self.starts[branch + 1]]

    def moved(self, by_zyx_mm: np.ndarray) -> Forest:
        """Give the forest at another place."""
        return Forest(self.points_zyx_mm + by_zyx_mm, self.radii_mm, self.starts, self.parents)

    def longest_first(self) -> Forest:
        """Give the same trees in the order of their length, the longest first."""
        trees = self.trees()
        of_trees = np.bincount(trees, self.lengths_mm())
        order = np.lexsort((np.arange(len(self)), trees, -of_trees[trees]))
        number = np.empty(len(self), np.int64)
        number[order] = np.arange(len(self))
        points = np.concatenate([np.arange(self.starts[branch], self.starts[branch + 1]) for branch in order]) if len(self) else order
        starts = np.concatenate([[0], np.cumsum(np.diff(self.starts)[order])])
        parents = self.parents[order]
        return Forest(self.points_zyx_mm[points], self.radii_mm[points], starts, np.where(parents == ROOT, ROOT, number[parents]))

    def lengths_mm(self) -> np.ndarray:
        """Give the length of each branch's line."""
        steps = np.zeros(len(self.points_zyx_mm))
        steps[1:] = np.linalg.norm(np.diff(self.points_zyx_mm, axis=0), axis=1)
        steps[self.starts[:-1]] = 0.0
        return np.add.reduceat(steps, self.starts[:-1]) if len(self) else steps

    def branch_radii_mm(self) -> np.ndarray:
        """Give the median radius along each branch."""
        branch_of_point = np.repeat(np.arange(len(self)), np.diff(self.starts))
        ordered = self.radii_mm[np.lexsort((self.radii_mm, branch_of_point))]
        last = self.starts[:-1] + self.starts[1:] - 1
        return (ordered[last // 2] + ordered[(last + 1) // 2]) / 2

    def children(self) -> list[list[int]]:
        """List the children of each branch."""
        found: list[list[int]] = [[] for _ in range(len(self))]
        for branch, parent in enumerate(self.parents.tolist()):
            if parent != ROOT:
                found[parent].append(branch)
        return found

    def path_to(self, branch: int) -> list[int]:
        """List the branches from a branch up to its root, itself included."""
        path = [branch]
        while self.parents[path[-1]] != ROOT:
            path.append(int(self.parents[path[-1]]))
        return path

    def is_below(self, branch: int) -> np.ndarray:
        """Tell which branches hang on a branch, itself included."""
        below = np.zeros(len(self), bool)
        below[branch] = True
        for other in range(branch + 1, len(self)):
            below[other] = self.parents[other] != ROOT and below[self.parents[other]]
        return below

    def points_below(self, branch: int) -> np.ndarray:
        """Give the points of a branch and of all that hang on it: (m, 3)."""
        return self.points_zyx_mm[np.repeat(self.is_below(branch), np.diff(self.starts))]

    def sums_below(self, values: np.ndarray) -> np.ndarray:
        """Add up a value of each branch (n,) over it and all that hang on it."""
        sums = values.copy()
        for branch in range(len(self) - 1, -1, -1):
            if self.parents[branch] != ROOT:
                sums[self.parents[branch]] += sums[branch]
        return sums

    def generations(self) -> np.ndarray:
        """Count the forks from the root to each branch: 0 at a root."""
        generations = np.zeros(len(self), np.int64)
        for branch, parent in enumerate(self.parents.tolist()):
            if parent != ROOT:
                generations[branch] = generations[parent] + 1
        return generations

    def trees(self) -> np.ndarray:
        """Number the trees, from 0 on: that of each branch."""
        trees = np.cumsum(self.parents == ROOT) - 1
        for branch, parent in enumerate(self.parents.tolist()):
            if parent != ROOT:
                trees[branch] = trees[parent]
        return trees

    def strahler_orders(self) -> np.ndarray:
        """Give the order of each branch: 1 at a tip; one more than its children's highest where two of them have it.

        References
        ----------
        A. N. Strahler, Trans Am Geophys Union 38 (1957) 913.
        """
        orders = np.zeros(len(self), np.int64)
        for branch, children in reversed(list(enumerate(self.children()))):
            highest = max((orders[child] for child in children), default=0)
            shared = sum(orders[child] == highest for child in children) >= 2
            orders[branch] = highest + 1 if shared or not children else highest
        return orders
