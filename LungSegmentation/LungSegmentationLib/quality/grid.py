"""The scan as the quality flags look at it: canonical views without a copy, and a coarse sample."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..anatomy.aorta import find_aorta
from ..anatomy.limits import BLOCK_ROUNDING_VOXELS, HEART_BEFORE_AORTA_MM, WORKING_VOXEL_MM
from ..anatomy.local_statistics import local_statistics
from ..anatomy.median import median_of_27
from ..anatomy.working_grid import make_working_grid
from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from ..scan_field.limits import LOWEST_CT_HU
from ..scan_field.measured_field import MeasuredField
from ..segmentation import Segmentation
from ..volume import AxisOrder, canonical_order
from . import limits


@dataclass(frozen=True)
class QualityGrid:
    """A result in canonical order.

    Parameters
    ----------
    voxels_hu, labels : numpy.ndarray
        int16 and uint8 (z, y, x): views of the result's own arrays.
    measured : MeasuredField
        What was measured of the views.
    spacing_zyx_mm : tuple of float
        Of the views.
    sample_hu, sample_labels : numpy.ndarray
        int16 and uint8 (z, y, x): voxels about 4 mm apart; what was not measured has -1024 HU.
    sample_measured : numpy.ndarray
        bool (z, y, x).
    smooth_hu : numpy.ndarray
        int16 (z, y, x): the median of 3 × 3 × 3 samples, so that noise decides nothing.
    sample_spacing_zyx_mm : tuple of float
        Of the sample.
    steps_zyx : tuple of int
        Voxels from one sample to the next.
    counts : numpy.ndarray
        int64 (4,), voxels of each label.
    order : AxisOrder
        From the result's own array to the views.
    """

    voxels_hu: np.ndarray
    labels: np.ndarray
    measured: MeasuredField
    spacing_zyx_mm: tuple[float, float, float]
    sample_hu: np.ndarray
    sample_labels: np.ndarray
    sample_measured: np.ndarray
    smooth_hu: np.ndarray
    sample_spacing_zyx_mm: tuple[float, float, float]
    steps_zyx: tuple[int, int, int]
    counts: np.ndarray
    order: AxisOrder

    @property
    def sample_lungs(self) -> np.ndarray:
        """Both lungs on the sample, bool (z, y, x)."""
        return (self.sample_labels == RIGHT_LUNG) | (self.sample_labels == LEFT_LUNG)

    @property
    def sample_ml(self) -> float:
        """Volume that one voxel of the sample stands for."""
        return float(np.prod(self.sample_spacing_zyx_mm)) / 1000.0

    @property
    def aorta(self) -> np.ndarray:
        """The descending aorta and its arch by their shape, whatever made the labels; bool (z, y, x), on the sample."""
        return self._aorta_and_medial[0]

    @property
    def medial_of_aorta(self) -> np.ndarray:
        """What lies to the right of the aorta's middle, beside it and before it, where no left lung is; bool (z, y, x), on the sample."""
        return self._aorta_and_medial[1]

    @cached_property
    def _aorta_and_medial(self) -> tuple[np.ndarray, np.ndarray]:
        found, medial = (np.zeros(self.sample_labels.shape, bool) for _ in range(2))
        slices = np.flatnonzero(self.sample_lungs.any(axis=(1, 2)))
        if not slices.size:
            return found, medial
        step = self.steps_zyx[0]
        # The sample is too coarse to find it on. One sample more at either end: lungs in the outermost slice mean that the scan ends there.
        first, stop = max(0, int(slices[0] - 1) * step), min(int(slices[-1] + 2) * step, len(self.labels))
        blocks = make_working_grid(self.voxels_hu[first:stop], self.spacing_zyx_mm, WORKING_VOXEL_MM)
        lungs = np.isin(blocks.sample(self.labels[first:stop]), (RIGHT_LUNG, LEFT_LUNG))
        aorta = find_aorta(blocks.mean_hu, lungs, blocks.spacing_zyx_mm)
        z, y, x = self.places_zyx()
        inside = (z >= first) & (z < stop)
        places = zip((z[inside] - first, y, x), blocks.factors_zyx, lungs.shape, strict=True)
        at = np.ix_(*(np.minimum(indices // factor, size - 1) for indices, factor, size in places))
        found[inside] = aorta.mask_with_arch(blocks.mean_hu, blocks.spacing_zyx_mm)[at]
        medial[inside] = aorta.medial_mask(lungs.shape, blocks.spacing_zyx_mm, HEART_BEFORE_AORTA_MM)[at]
        return found, medial

    @cached_property
    def even_fat(self) -> np.ndarray:
        """What has the density of fat and is even; bool (z, y, x), on the sample."""
        _, variance = local_statistics(self.sample_hu)
        is_fat = (self.smooth_hu > limits.FAT_HU[0]) & (self.smooth_hu < limits.FAT_HU[1])
        return is_fat & (variance < limits.FAT_UNEVENNESS_HU**2)

    def places_zyx(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the indices in the views at which the sample was taken, for each axis."""
        z, y, x = (np.arange(size) * step + step // 2 for size, step in zip(self.sample_labels.shape, self.steps_zyx, strict=True))
        return z, y, x

    def sampled(self, array: np.ndarray) -> np.ndarray:
        """Take the sample of another array of the result's own grid."""
        z, y, x = self.places_zyx()
        return self.order.view(array)[np.ix_(z, y, x)]

    def volume_ml(self, label: int) -> float:
        """Volume of a label, counted on the result's own grid."""
        return float(self.counts[label]) * float(np.prod(self.spacing_zyx_mm)) / 1000.0

    def airway_box(self) -> tuple[slice, slice, slice] | None:
        """Find a box in the views that holds the airways' larger branches with a margin; None where there are none."""
        airways = self.sample_labels == AIRWAYS
        if not airways.any():
            return None
        box = []
        for axis, (step, size) in enumerate(zip(self.steps_zyx, self.labels.shape, strict=True)):
            used = np.flatnonzero(airways.any(axis=tuple(other for other in range(3) if other != axis)))
            box.append(slice(max(0, int(used[0] - 2) * step), min(size, int(used[-1] + 3) * step)))
        return box[0], box[1], box[2]


def make_quality_grid(result: Segmentation) -> QualityGrid:
    """Look at a result in canonical order.

    Parameters
    ----------
    result : Segmentation
        On any grid.

    Returns
    -------
    QualityGrid
    """
    order = canonical_order(result.volume.direction_lps)
    flips = tuple(slice(None, None, -1 if flip else 1) for flip in order.flipped)
    voxels_hu = np.transpose(result.volume.voxels_hu, order.axes)[flips]
    labels = np.transpose(result.labels, order.axes)[flips]
    spacing = [result.volume.spacing_zyx_mm[axis] for axis in order.axes]
    steps = [max(1, min(int(limits.SAMPLE_MM / mm + BLOCK_ROUNDING_VOXELS), size)) for mm, size in zip(spacing, labels.shape, strict=True)]
    every = tuple(slice(step // 2, None, step) for step in steps)
    sample_spacing = [mm * step for mm, step in zip(spacing, steps, strict=True)]
    # Counted slice by slice of memory order, so that each is still in the processor's cache for the next label.
    counts = np.sum([[np.count_nonzero(plane == label) for label in range(AIRWAYS + 1)] for plane in result.labels], axis=0)
    sample_measured = result.volume.measured.mask((every[0], every[1], every[2]))
    sample_hu = np.where(sample_measured, voxels_hu[every], np.int16(LOWEST_CT_HU))
    return QualityGrid(
        voxels_hu,
        labels,
        result.volume.measured,
        (spacing[0], spacing[1], spacing[2]),
        sample_hu,
        np.ascontiguousarray(labels[every]),
        sample_measured,
        median_of_27(sample_hu),
        (sample_spacing[0], sample_spacing[1], sample_spacing[2]),
        (steps[0], steps[1], steps[2]),
        counts,
        order,
    )
