"""How the CT numbers under two label maps differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..volume import CtVolume, canonical_order
from .overlap import pair_codes, slabs

NOT_MEASURED_HU = -(1 << 15)  # of int16: no scanner measures it


@dataclass(frozen=True)
class HuSums:
    """Sums over the voxels that the result calls i and the reference j, in entry [i, j] of each array.

    Parameters
    ----------
    voxels : numpy.ndarray
        int64: voxels that the scanner measured.
    total_hu, absolute_hu : numpy.ndarray
        float64: the sum of their HU and of the absolute values of their HU.
    """

    voxels: np.ndarray
    total_hu: np.ndarray
    absolute_hu: np.ndarray


@dataclass(frozen=True)
class IntensityDifference:
    """Differences of the CT numbers of one region; None where there is nothing to divide by.

    Parameters
    ----------
    mean_error_hu, mean_absolute_error_hu : float or None
        Mean, and mean of the absolute value, of the result's masked image minus the reference's masked image over the
        union V of both regions. A masked image holds the CT's HU inside the region and 0 outside: where both agree the
        difference is 0, a wrongly added voxel counts with its HU, a missed one with minus its HU. Aerated lung weighs
        about 800 HU, soft tissue close to nothing: read it together with the overlap.
    relative_mean_hu_difference_percent : float or None
        100 (mean HU of the result - mean HU of the reference) / mean HU of the reference. The mean HU of a lung is
        negative, so a result that is denser than the reference has a negative difference.

    Notes
    -----
    Voxels that the scanner did not measure count nowhere here.

    References
    ----------
    Gholamiankhah et al., Iran J Med Sci 47 (2022) 440-449, equations 3 and 4, which name the images I_r and I_p and the
    number of voxels V of the lung. Its text calls the errors HU; the size of its figures (-0.015 and 0.037) is that of
    masks of 0 and 1, for which the mean absolute error is 1 - Jaccard index.
    """

    mean_error_hu: float | None
    mean_absolute_error_hu: float | None
    relative_mean_hu_difference_percent: float | None


def measured_hu(volume: CtVolume) -> np.ndarray:
    """Give a scan's voxels (int16, its own order; copied where need be) with -32768 where nothing was measured."""
    if volume.measured.is_whole:
        return volume.voxels_hu
    measured = canonical_order(volume.direction_lps).undo(volume.measured.mask())
    return np.where(measured, volume.voxels_hu, np.int16(NOT_MEASURED_HU))


def sum_hu(voxels_hu: np.ndarray, result: np.ndarray, reference: np.ndarray, labels: int, leave_out: np.ndarray | None = None) -> HuSums:
    """Sum the HU of the voxels by both labels, except where both are 0.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16; what was not measured has -32768, see :func:`measured_hu`.
    result, reference, labels, leave_out
        As in :func:`.overlap.count_pairs`, of the same shape.

    Returns
    -------
    HuSums
        Entry [0, 0] is 0.
    """
    classes = labels * labels + 1
    voxels, total, absolute = np.zeros(classes, np.int64), np.zeros(classes), np.zeros(classes)
    for part in slabs(result.shape):
        code = pair_codes(result[part], reference[part], labels, None if leave_out is None else leave_out[part])
        hu = voxels_hu[part]
        counted = (code > 0) & (hu != NOT_MEASURED_HU)
        code, hu = code[counted], hu[counted].astype(np.float64)
        voxels += np.bincount(code, minlength=classes)
        total += np.bincount(code, weights=hu, minlength=classes)
        absolute += np.bincount(code, weights=np.abs(hu), minlength=classes)
    shape = (labels, labels)
    return HuSums(voxels[:-1].reshape(shape), total[:-1].reshape(shape), absolute[:-1].reshape(shape))


def intensity_difference(sums: HuSums, members: Sequence[int]) -> IntensityDifference:
    """Take the differences of a region, made of some labels, from :func:`sum_hu`."""
    inside = np.isin(np.arange(len(sums.voxels)), members)
    in_result, in_reference = inside[:, None], inside[None, :]
    added, missed, union = in_result & ~in_reference, in_reference & ~in_result, in_result | in_reference
    voxels = int(sums.voxels[union].sum())
    mean_result = _mean(sums, np.broadcast_to(in_result, union.shape))
    mean_reference = _mean(sums, np.broadcast_to(in_reference, union.shape))
    relative = None
    if mean_result is not None and mean_reference:
        relative = 100.0 * (mean_result - mean_reference) / mean_reference
    return IntensityDifference(
        float(sums.total_hu[added].sum() - sums.total_hu[missed].sum()) / voxels if voxels else None,
        float(sums.absolute_hu[added | missed].sum()) / voxels if voxels else None,
        relative,
    )


def _mean(sums: HuSums, pairs: np.ndarray) -> float | None:
    voxels = int(sums.voxels[pairs].sum())
    return float(sums.total_hu[pairs].sum()) / voxels if voxels else None
