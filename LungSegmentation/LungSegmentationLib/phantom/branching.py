"""Trees that fill a territory: airways, arteries and veins.

Each branch grows towards the middle of the territory that it supplies; the territory is then cut in
two across its longest axis, and each half gets a branch of its own (the idea of volume-filling
branching: Wang et al. 1992, Comput Biomed Res 25:466; Tawhai et al. 2000, Ann Biomed Eng 28:793).
Radii follow Murray's law: a branch's radius goes with the cube root of what it supplies, so that the
parent's cubed radius is the sum of its children's (Murray 1926, PNAS 12:207).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .grid import Tube

_GROWTH_FRACTION = 0.4


@dataclass(frozen=True)
class Tree:
    """A tree of straight branches.

    Parameters
    ----------
    nodes_xyz_mm : numpy.ndarray
        float64 (n, 3): node 0 is the root, node i > 0 the far end of a branch.
    parents : numpy.ndarray
        int (n,): the near end of each branch; 0 for the root itself.
    shares : numpy.ndarray
        float64 (n,): part of the territory that each branch supplies; 1 at the root.
    """

    nodes_xyz_mm: np.ndarray
    parents: np.ndarray
    shares: np.ndarray

    def tubes(
        self, root_radius_mm: float, minimum_radius_mm: float, offset_xyz: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ) -> list[Tube]:
        """Give the branches down to a radius, the thickest first.

        Parameters
        ----------
        root_radius_mm, minimum_radius_mm : float
        offset_xyz : tuple of float
            How far the tree lies beside its nodes, in multiples of each branch's radius.

        Returns
        -------
        list of Tube
        """
        radii = root_radius_mm * np.cbrt(self.shares)
        places = self.nodes_xyz_mm + radii[:, None] * np.asarray(offset_xyz)
        order = [i for i in np.argsort(-radii, kind="stable") if i > 0 and radii[i] >= minimum_radius_mm]
        starts, ends, thickness = places[self.parents].tolist(), places.tolist(), radii.tolist()
        return [Tube(tuple(starts[i]), tuple(ends[i]), min(thickness[self.parents[i]], 1.3 * thickness[i]), thickness[i]) for i in order]


def grow_tree(root_xyz_mm: tuple[float, float, float], territory_xyz_mm: np.ndarray, smallest_share: float) -> Tree:
    """Grow a tree from a root into a territory.

    Parameters
    ----------
    root_xyz_mm : tuple of float
    territory_xyz_mm : numpy.ndarray
        float64 (points, 3): points spread evenly over what the tree has to supply.
    smallest_share : float
        Branches that would supply a smaller part of the points are left out. The tree down to a
        share does not depend on this.

    Returns
    -------
    Tree
    """
    nodes, parents, shares = [np.asarray(root_xyz_mm, float)], [0], [1.0]
    waiting = [(0, territory_xyz_mm)]
    while waiting:
        parent, points = waiting.pop()
        share = len(points) / len(territory_xyz_mm)
        if len(points) == 0 or share < smallest_share:
            continue
        middle = points.mean(axis=0)
        is_leaf = len(points) < 3
        nodes.append(nodes[parent] + (1.0 if is_leaf else _GROWTH_FRACTION) * (middle - nodes[parent]))
        parents.append(parent)
        shares.append(share)
        if is_leaf:
            continue
        centred = points - middle
        longest_axis = np.linalg.eigh(centred.T @ centred)[1][:, -1]
        side = centred @ longest_axis > 0
        waiting += [(len(nodes) - 1, points[side]), (len(nodes) - 1, points[~side])]
    return Tree(np.array(nodes), np.array(parents), np.array(shares))
