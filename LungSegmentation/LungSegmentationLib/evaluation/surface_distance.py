"""How far the surfaces of two regions lie apart, in mm whatever the voxel's shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ..anatomy.morphology import SpacingZyx, bounding_box, distance_to_mm

# A tree is quick for near points; for many points far from a surface, above all where it is flat, a distance map is.
_NEAR_VOXELS = 4.0
_MOST_FAR_POINTS = 20_000
_ROUNDING = 1e-6


@dataclass(frozen=True)
class SurfaceDistances:
    """Distances between the surface voxels of two regions.

    Parameters
    ----------
    result_to_reference_mm, reference_to_result_mm : numpy.ndarray
        float64, an entry for each surface voxel of the first: how far its centre is from the centre of the nearest
        surface voxel of the second; infinite where the second region is empty.

    Notes
    -----
    A surface voxel is one with a face that does not touch its own region; the image's border counts as outside. So a
    lung that the field of view cuts has a surface there, and a result that ends a slice early is a slice off, instead of
    as far off as the nearest side wall. Each surface voxel counts once; Nikolov et al. count surface elements on the
    voxels' corners by their area, which gives slightly different figures.

    References
    ----------
    Maier-Hein, Reinke et al., Metrics reloaded, Nat Methods 21 (2024) 195-212; Heimann et al., IEEE TMI 28 (2009)
    1251-1265 (average distance); Nikolov et al., J Med Internet Res 23 (2021) e26151 (surface Dice).
    """

    result_to_reference_mm: np.ndarray
    reference_to_result_mm: np.ndarray

    @property
    def hausdorff_mm(self) -> float | None:
        """Largest distance of all surface voxels of both regions; None where a region is empty."""
        return max((float(side.max()) for side in self._measured()), default=None)

    @property
    def hausdorff_95_mm(self) -> float | None:
        """The larger of the 95th percentiles of both directions, interpolated linearly; None where a region is empty."""
        return max((float(np.percentile(side, 95.0)) for side in self._measured()), default=None)

    @property
    def average_mm(self) -> float | None:
        """Mean distance of all surface voxels of both regions together (ASSD); None where a region is empty."""
        sides = self._measured()
        return float(sum(side.sum() for side in sides)) / sum(side.size for side in sides) if sides else None

    def surface_dice(self, tolerance_mm: float) -> float | None:
        """Share of both regions' surface voxels that lie within a tolerance of the other surface; None where both are empty."""
        sides = (self.result_to_reference_mm, self.reference_to_result_mm)
        # Rounding must not decide about a distance that equals the tolerance.
        within = sum(int(np.count_nonzero(side <= tolerance_mm * (1 + _ROUNDING))) for side in sides)
        voxels = sum(side.size for side in sides)
        return within / voxels if voxels else None

    def _measured(self) -> list[np.ndarray]:
        """Give both directions' distances; nothing where a region is empty, and so the other's distances infinite."""
        sides = [side for side in (self.result_to_reference_mm, self.reference_to_result_mm) if side.size]
        return [] if any(np.isinf(side[0]) for side in sides) else sides


def surface_distances(
    result: np.ndarray, reference: np.ndarray, spacing_zyx_mm: SpacingZyx, leave_out: np.ndarray | None = None
) -> SurfaceDistances:
    """Measure the distances between the surfaces of two regions, exactly.

    Parameters
    ----------
    result, reference : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float
    leave_out : numpy.ndarray, optional
        bool, the same shape: voxels nobody can be sure of. There the result is taken to be what the reference is, and
        surface voxels there are not counted.

    Returns
    -------
    SurfaceDistances
    """
    if leave_out is not None:
        result = np.where(leave_out, reference, result)
    either = result | reference
    if not either.any():
        return SurfaceDistances(np.zeros(0), np.zeros(0))
    box = bounding_box(either)
    surfaces = surface_voxels(result[box]), surface_voxels(reference[box])
    counted = surfaces if leave_out is None else tuple(surface & ~leave_out[box] for surface in surfaces)
    return SurfaceDistances(
        _distances_mm(counted[0], surfaces[1], spacing_zyx_mm),
        _distances_mm(counted[1], surfaces[0], spacing_zyx_mm),
    )


def surface_voxels(mask: np.ndarray) -> np.ndarray:
    """Mark the voxels (bool) with at least one of six neighbours outside the mask or outside the image."""
    inner = mask.copy()
    for axis in range(mask.ndim):
        voxels, neighbours = np.moveaxis(inner, axis, 0), np.moveaxis(mask, axis, 0)
        voxels[1:] &= neighbours[:-1]
        voxels[:-1] &= neighbours[1:]
        voxels[[0, -1]] = False
    return mask & ~inner


def _distances_mm(origin: np.ndarray, target: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Distance (float64, mm) of each voxel of one mask to the nearest of another, in the order of the first one's voxels."""
    distances = np.zeros(np.count_nonzero(origin))
    # Voxels of both masks are at 0: most of them, where two good outlines are compared.
    apart = ~target[origin]
    points = np.argwhere(origin & ~target) * spacing_zyx_mm
    if not target.any():
        distances[:] = np.inf
    elif len(points):
        tree = cKDTree(np.argwhere(target) * spacing_zyx_mm, balanced_tree=False, compact_nodes=False)
        found = tree.query(points, distance_upper_bound=_NEAR_VOXELS * max(spacing_zyx_mm))[0]
        far = np.isinf(found)
        if np.count_nonzero(far) > _MOST_FAR_POINTS:
            found[far] = distance_to_mm(target, spacing_zyx_mm)[origin & ~target][far]
        elif far.any():
            found[far] = tree.query(points[far])[0]
        distances[apart] = found
    return distances
