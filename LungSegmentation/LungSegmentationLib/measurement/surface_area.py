"""Area of a region's surface, counted along lines instead of measured on a mesh."""

from __future__ import annotations

import numpy as np

from ..anatomy.lattice_lines import LINES_ZYX, line_shares
from ..anatomy.morphology import SpacingZyx, bounding_box

_BITS_SET = np.array([bin(byte).count("1") for byte in range(256)], np.int64)


def surface_area_cm2(mask: np.ndarray, spacing_zyx_mm: SpacingZyx) -> float:
    """Estimate the surface area of a region.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x). Where the region reaches the image's border, the cut face counts as surface.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    float
        cm². Within 1 % on spheres at least eight voxels across, and on average over all directions of a flat
        face. A face along a cubic grid comes out 7 % too small, across slices 3.5 times as thick as pixels 18 %,
        and an oblique one up to 10 % too large: no other weights of these 13 directions are better in both.

    Notes
    -----
    Cauchy and Crofton: the area is twice the mean, over all directions, of the number of times that
    parallel lines cross the surface, times the area that belongs to one line. The lines are those
    through neighbouring voxel centres in 13 directions; each direction weighs as much as its Voronoi
    cell on the sphere, for the grid's own voxel shape.

    References
    ----------
    G. Lang, J. Ohser, Image Anal Stereol 20, Suppl. 1 (2001); D. Legland, K. Kiêu and M.-F. Devaux, Computation of
    Minkowski measures on 2D and 3D binary images, Image Anal Stereol 26 (2007) 83-92.
    """
    if not mask.any():
        return 0.0
    padded = np.pad(mask[bounding_box(mask)], 1)
    # Eight voxels of a row in each byte: an exclusive or then compares eight neighbours at once.
    here = np.packbits(padded[:, :, :-1], axis=2)
    next_column = np.packbits(padded[:, :, 1:], axis=2)
    area_mm2 = 0.0
    weights = _weights_mm2((float(spacing_zyx_mm[0]), float(spacing_zyx_mm[1]), float(spacing_zyx_mm[2])))
    for step, weight_mm2 in zip(LINES_ZYX, weights, strict=True):
        dz, dy, dx = step
        # Only the sense of dx = -1 differs from its opposite direction, which crosses the same surfaces.
        dz, dy, dx = (-dz, -dy, -dx) if dx < 0 else (dz, dy, dx)
        z_here, z_there = _overlap(dz)
        y_here, y_there = _overlap(dy)
        there = next_column if dx else here
        changes = np.bincount((here[z_here, y_here] ^ there[z_there, y_there]).ravel(), minlength=256)
        area_mm2 += weight_mm2 * float(changes @ _BITS_SET)
    return area_mm2 / 100.0


def _overlap(step: int) -> tuple[slice, slice]:
    if step == 0:
        return slice(None), slice(None)
    return (slice(None, -1), slice(1, None)) if step > 0 else (slice(1, None), slice(None, -1))


def _weights_mm2(spacing_zyx_mm: SpacingZyx) -> list[float]:
    """Give the area that each crossing of the surface stands for, by direction."""
    lengths_mm = np.linalg.norm(np.multiply(LINES_ZYX, spacing_zyx_mm), axis=1)
    weights: list[float] = (2 * np.asarray(line_shares(spacing_zyx_mm)) * float(np.prod(spacing_zyx_mm)) / lengths_mm).tolist()
    return weights
