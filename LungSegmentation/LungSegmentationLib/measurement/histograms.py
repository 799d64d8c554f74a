"""Counts of voxels by region, slice and density: everything that the tables need of the voxels, in whole numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from ..volume import CtVolume, canonical_order
from . import limits

LOWEST_HU = -(1 << 15)  # of int16: no scanner measures it, so it stands for what was not measured
HU_LEVELS = 1 << 16
THIRDS = ("apical", "middle", "basal")
# Neighbouring slices share one histogram call: enough voxels to be quick, few enough to stay small in memory.
_VOXELS_AT_ONCE = 1 << 21
_LUNGS = (RIGHT_LUNG, LEFT_LUNG)
_REGIONS = (RIGHT_LUNG, LEFT_LUNG, AIRWAYS)


@dataclass(frozen=True)
class VoxelCounts:
    """Voxel counts of one result.

    Parameters
    ----------
    slice_axis : int
        Axis of the input's array nearest to the patient's long axis.
    towards_head : bool
        Whether the slice index grows towards the head.
    voxels_by_slice : numpy.ndarray
        int64 (4, slices): entry [label, slice]; label 0 is not counted.
    vessels_by_slice : numpy.ndarray or None
        int64 (4, slices): vessel voxels inside each lung, by that lung's label; None without vessels.
    third_of_slice : numpy.ndarray
        uint8 (slices,): 0 apical, 1 middle, 2 basal, such that each third holds a third of both lungs' volume, to whole slices.
    counts : numpy.ndarray
        int64 (3, 2, 4, 65536): voxels by [third, vessel or not, label, HU + 32768]; in entry 0 those that were not measured.
    """

    slice_axis: int
    towards_head: bool
    voxels_by_slice: np.ndarray
    vessels_by_slice: np.ndarray | None
    third_of_slice: np.ndarray
    counts: np.ndarray

    def histogram(self, *labels: int, third: int | None = None, vessels_only: bool = False) -> np.ndarray:
        """Count the voxels of each HU value (int64, shape (65536,); entry i belongs to i - 32768 HU, entry 0 to none) over some labels."""
        part = self.counts if third is None else self.counts[third : third + 1]
        part = part[:, 1:] if vessels_only else part
        histogram: np.ndarray = part[:, :, list(labels)].sum(axis=(0, 1, 2))
        return histogram


def count_voxels(volume: CtVolume, labels: np.ndarray, vessels: np.ndarray | None = None) -> VoxelCounts:
    """Count voxels by region, slice and density.

    Parameters
    ----------
    volume : CtVolume
        The scan, in any axis order.
    labels : numpy.ndarray
        uint8 label map with the scan's shape; other labels than those of
        :data:`LungSegmentationLib.labels.REGIONS` are background.
    vessels : numpy.ndarray, optional
        uint8 or bool, the scan's shape: vessels are not 0. Only those inside a lung count.

    Returns
    -------
    VoxelCounts
    """
    order = canonical_order(volume.direction_lps)
    axes, towards_head = order.axes, not order.flipped[0]
    hu_by_slice, labels_by_slice = (np.transpose(array, axes) for array in (volume.voxels_hu, labels))
    vessels_by_slice = None if vessels is None else np.transpose(vessels, axes)
    measured = volume.measured.flipped(order.flipped)  # in the order of the array's own slices
    is_whole = measured.is_whole
    voxels = _count_by_slice(labels_by_slice)
    third_of_slice = _thirds(voxels[list(_LUNGS)].sum(axis=0), towards_head)
    counts = np.zeros((len(THIRDS), 2, AIRWAYS + 1, HU_LEVELS), np.int64)
    vessel_counts = None if vessels is None else np.zeros_like(voxels)
    inhabited = voxels.sum(axis=0) > 0
    for part in _slabs(inhabited, third_of_slice, labels_by_slice[:1].size):
        slab_labels = labels_by_slice[part]
        inside = (slab_labels > 0) & (slab_labels <= AIRWAYS)
        code = slab_labels[inside].astype(np.int32)
        if vessels_by_slice is not None and vessel_counts is not None:
            slab_vessels = (vessels_by_slice[part] != 0) & (slab_labels != AIRWAYS) & inside
            vessel_counts[:, part] = _count_by_slice(np.where(slab_vessels, slab_labels, np.uint8(0)))
            code += (AIRWAYS + 1) * slab_vessels[inside].astype(np.int32)
        hu = hu_by_slice[part][inside]
        if not is_whole:
            hu[~measured.mask((part, slice(None), slice(None)))[inside]] = LOWEST_HU
        code *= HU_LEVELS
        code += hu
        code -= LOWEST_HU
        third = counts[third_of_slice[part.start]]
        third += np.bincount(code, minlength=third.size).reshape(third.shape)
    return VoxelCounts(axes[0], towards_head, voxels, vessel_counts, third_of_slice, counts)


def unmeasured(histogram: np.ndarray) -> int:
    """Count the voxels that the scanner did not measure."""
    return int(histogram[0])


def measured_part(histogram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the HU values (float64, ascending) that measured voxels have, and their counts (int64)."""
    used = np.flatnonzero(histogram[1:]) + 1
    return (used + LOWEST_HU).astype(np.float64), histogram[used]


def shares_by_density(histogram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the density (float64, HU) and the share of a lung (float64, percent per 10 HU) of each point of a histogram to be drawn."""
    edges = np.arange(limits.HISTOGRAM_HU[0], limits.HISTOGRAM_HU[1] + limits.HISTOGRAM_BIN_HU, limits.HISTOGRAM_BIN_HU)
    inside = histogram[edges[0] - LOWEST_HU : edges[-1] - LOWEST_HU].reshape(-1, limits.HISTOGRAM_BIN_HU).sum(axis=1)
    return (edges[:-1] + edges[1:]) / 2, 100.0 * inside / max(1, histogram.sum()) * (10 / limits.HISTOGRAM_BIN_HU)


def _count_by_slice(labels_by_slice: np.ndarray) -> np.ndarray:
    counts = np.zeros((AIRWAYS + 1, len(labels_by_slice)), np.int64)
    contiguous = labels_by_slice.flags.c_contiguous
    planes = 1 if contiguous else max(1, _VOXELS_AT_ONCE // max(1, labels_by_slice[:1].size))
    for start in range(0, len(labels_by_slice), planes):
        # Copying a slab at once reads memory in order where the slices do not lie one after the other.
        for index, plane in enumerate(np.ascontiguousarray(labels_by_slice[start : start + planes]), start):
            if plane.any():
                for label in _REGIONS:
                    counts[label, index] = np.count_nonzero(plane == label)
    return counts


def _thirds(lung_voxels: np.ndarray, towards_head: bool) -> np.ndarray:
    """Say for each slice in which third of the lungs' volume its middle lies, counted from the head."""
    from_head = lung_voxels[::-1] if towards_head else lung_voxels
    # In whole numbers, so that both directions decide alike: 2 * (volume above the slice's middle) against thirds of twice the total.
    twice_above_middle = 2 * np.cumsum(from_head) - from_head
    total = max(1, int(from_head.sum()))
    third = np.minimum(3 * twice_above_middle // (2 * total), len(THIRDS) - 1).astype(np.uint8)
    return third[::-1] if towards_head else third


def _slabs(inhabited: np.ndarray, third_of_slice: np.ndarray, voxels_a_slice: int) -> Iterator[slice]:
    """Cut the slices that hold a region into slabs of one third each."""
    most = max(1, _VOXELS_AT_ONCE // max(1, voxels_a_slice))
    kind = np.where(inhabited, third_of_slice, len(THIRDS))
    edges = [0, *(np.flatnonzero(np.diff(kind)) + 1).tolist(), len(kind)]
    for first, last in pairwise(edges):
        if inhabited[first]:
            for start in range(first, last, most):
                yield slice(start, min(start + most, last))
