"""A box in space that a result is limited to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError
from .labels import LEFT_LUNG, RIGHT_LUNG
from .volume import CtVolume

if TYPE_CHECKING:
    from .segmentation import Segmentation

_ROUNDING = 1e-9  # a voxel whose centre lies on a face is inside, whichever face it is


@dataclass(frozen=True)
class RegionOfInterest:
    """A box, turned in any way.

    Parameters
    ----------
    name : str
        What the user calls it.
    box_from_lps : tuple of tuple of float
        Four rows of four: the affine matrix that maps a place (x, y, z, 1) in LPS, mm, to the box's own axes, along each of which
        the box reaches from -1 to 1.

    Raises
    ------
    InputError
        If the matrix is not finite or flattens space: the box has no size then.
    """

    name: str
    box_from_lps: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        matrix = np.asarray(self.box_from_lps, float)
        if matrix.shape != (4, 4) or not np.all(np.isfinite(matrix)) or np.linalg.det(matrix[:3, :3]) == 0:
            raise InputError(f"the region of interest {self.name!r} has no size; draw a box around what is meant")

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any] | None) -> RegionOfInterest | None:
        """Put a region together again from what :func:`dataclasses.asdict` made of it, also after JSON."""
        return None if facts is None else cls(facts["name"], tuple(tuple(row) for row in facts["box_from_lps"]))


def limited(result: Segmentation, region: RegionOfInterest) -> Segmentation:
    """Keep of a result what lies inside a region: voxels whose centres do.

    Parameters
    ----------
    result : Segmentation
    region : RegionOfInterest

    Returns
    -------
    Segmentation
        Its ``whole_labels`` are the labels that were there before, by which the result is judged.

    Raises
    ------
    InputError
        If there is no lung inside.
    """
    labels = _kept(result.labels, region, result.volume)
    if not ((labels == RIGHT_LUNG) | (labels == LEFT_LUNG)).any():
        raise InputError(f"no lung lies inside the region of interest {region.name!r}; draw it around lung, or choose none")
    return replace(
        result,
        labels=labels,
        vessels=None if result.vessels is None else _kept(result.vessels, region, result.volume),
        probability=None if result.probability is None else _kept(result.probability, region, result.volume),
        region=region,
        whole_labels=result.labels,
    )


def _kept(array: np.ndarray, region: RegionOfInterest, volume: CtVolume) -> np.ndarray:
    kept = np.zeros_like(array)
    for place, inside in _inside(region, volume):
        kept[place][inside] = array[place][inside]
    return kept


def _inside(region: RegionOfInterest, volume: CtVolume) -> Iterator[tuple[tuple[int, slice, slice], np.ndarray]]:
    """Give the part of each slice in which the region lies, and which of its voxels have their centre inside."""
    lps_from_index = np.eye(4)
    lps_from_index[:3, :3] = np.asarray(volume.direction_lps, float) * volume.spacing_zyx_mm[::-1]
    lps_from_index[:3, 3] = volume.origin_lps_mm
    box_from_index = np.asarray(region.box_from_lps, float) @ lps_from_index
    corners = np.linalg.inv(box_from_index) @ np.array([(*corner, 1) for corner in product((-1, 1), repeat=3)], float).T
    sizes = np.array(volume.voxels_hu.shape[::-1])
    low = np.clip(np.floor(corners[:3].min(axis=1)), 0, sizes).astype(int)
    high = np.clip(np.ceil(corners[:3].max(axis=1)) + 1, 0, sizes).astype(int)
    (i0, j0, k0), (i1, j1, k1) = low, high
    columns, rows = np.arange(i0, i1), np.arange(j0, j1)[:, None]
    for k in range(k0, k1):
        inside = np.ones((j1 - j0, i1 - i0), bool)
        for along_i, along_j, along_k, start in box_from_index[:3]:
            inside &= np.abs(along_i * columns + along_j * rows + (along_k * k + start)) <= 1 + _ROUNDING
        yield (k, slice(j0, j1), slice(i0, i1)), inside
