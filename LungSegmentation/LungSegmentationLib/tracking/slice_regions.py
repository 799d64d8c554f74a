"""The regions of each axial slice, as their outer contours enclose them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, components


@dataclass(frozen=True)
class SliceRegions:
    """The largest filled regions of every axial slice.

    Parameters
    ----------
    ranks : numpy.ndarray
        uint8 (z, y, x): 0 outside; in each slice 1 for its largest region, 2 for the next, ...
    areas_mm2 : numpy.ndarray
        float (z, rank): area of each region, 0 where a slice has fewer; column 0 (outside) is 0.
    pixel_area_mm2 : float
    slice_mm : float
        Distance of neighbouring slices.
    """

    ranks: np.ndarray
    areas_mm2: np.ndarray
    pixel_area_mm2: float
    slice_mm: float

    @property
    def most(self) -> int:
        """How many regions a slice can have."""
        return self.areas_mm2.shape[1] - 1

    def pixels_of(self, chosen: np.ndarray) -> np.ndarray:
        """Mark (bool, z, y, x) the pixels of chosen regions (bool, z, rank)."""
        return np.take_along_axis(chosen, self.ranks.reshape(len(chosen), -1), axis=1).reshape(self.ranks.shape)


def find_slice_regions(air: np.ndarray, most: int, spacing_zyx_mm: SpacingZyx) -> SliceRegions:
    """Find the regions of each axial slice, filled to their outer contour.

    Parameters
    ----------
    air : numpy.ndarray
        bool (z, y, x).
    most : int
        How many regions of a slice are kept, the largest first; at most 255.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    SliceRegions
    """
    labels, count = components(filled_contours(air), in_plane=True)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    slice_of = np.zeros(count + 1, np.intp)
    for number, plane in enumerate(labels):
        slice_of[plane] = number
    largest_first = np.lexsort((-areas[1:], slice_of[1:])) + 1
    per_slice = np.bincount(slice_of[1:], minlength=len(air))
    rank_in_slice = np.arange(count) - np.repeat(np.cumsum(per_slice) - per_slice, per_slice) + 1
    kept = rank_in_slice <= most
    rank_of = np.zeros(count + 1, np.uint8)
    rank_of[largest_first[kept]] = rank_in_slice[kept]
    pixel_area_mm2 = spacing_zyx_mm[1] * spacing_zyx_mm[2]
    areas_mm2 = np.zeros((len(air), most + 1))
    areas_mm2[slice_of[1:], rank_of[1:]] = areas[1:] * pixel_area_mm2
    areas_mm2[:, 0] = 0
    return SliceRegions(rank_of[labels], areas_mm2, pixel_area_mm2, spacing_zyx_mm[0])


def filled_contours(air: np.ndarray) -> np.ndarray:
    """Fill, in each axial slice, what does not hang together with the slice's edge."""
    around, count = components(~air, in_plane=True)
    open_to_edge = np.zeros(count + 1, bool)
    for edge in (around[:, 0], around[:, -1], around[:, :, 0], around[:, :, -1]):
        open_to_edge[edge] = True
    open_to_edge[0] = False
    return ~open_to_edge[around]


def count_pixels(ranks: np.ndarray, most: int) -> np.ndarray:
    """Count the pixels (int, z, rank) of each region; column 0 is outside."""
    return np.array([np.bincount(plane.ravel(), minlength=most + 1) for plane in ranks])
