"""ROC, precision and calibration of a probability map, from counts that can be added up over scans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..io.limits import ROUNDING_SHARE
from . import limits
from .overlap import slabs


@dataclass(frozen=True)
class ProbabilityCurves:
    """How well a probability tells lung from background, at every threshold.

    Parameters
    ----------
    thresholds : numpy.ndarray
        float64 (n,), falling: infinity, then 1 down to 0. A voxel is called lung from the threshold on.
    true_positive_rate, false_positive_rate : numpy.ndarray
        float64 (n,), rising from 0 to 1: the ROC curve. All voxels of the grid that are not left out count.
    auc : float
        Area under the ROC curve by trapezia: the probability that a voxel of the lung has a higher value than one of the
        background, equal values counting half.
    precision : numpy.ndarray
        float64 (n,); 1 where nothing is called lung.
    average_precision : float
        Sum of the precision at each threshold times the true-positive rate gained there, not interpolated.
    calibration_predicted, calibration_observed : numpy.ndarray
        float64: mean probability and share of lung of the voxels in each tenth of 0 to 1 that holds any voxels.
    expected_calibration_error : float
        Mean of the absolute difference of the two, weighted by voxels. Most voxels are far from any lung and surely
        background, which makes it small.

    References
    ----------
    Fawcett, Pattern Recognit Lett 27 (2006) 861-874 (ROC); Naeini et al., AAAI 2015 (calibration error).
    """

    thresholds: np.ndarray
    true_positive_rate: np.ndarray
    false_positive_rate: np.ndarray
    auc: float
    precision: np.ndarray
    average_precision: float
    calibration_predicted: np.ndarray
    calibration_observed: np.ndarray
    expected_calibration_error: float


@dataclass(frozen=True)
class ProbabilityHistogram:
    """Voxels by probability, rounded to the nearest of the levels 0, 1/bins, ... 1; histograms of several scans add up.

    Parameters
    ----------
    positives, negatives : numpy.ndarray
        int64 (bins + 1,): voxels of each level inside and outside the reference.
    """

    positives: np.ndarray
    negatives: np.ndarray

    def __add__(self, other: ProbabilityHistogram) -> ProbabilityHistogram:
        if self.positives.shape != other.positives.shape:
            raise InputError(f"the histograms have {self.bins} and {other.bins} bins; only those with as many bins can be added")
        return ProbabilityHistogram(self.positives + other.positives, self.negatives + other.negatives)

    @property
    def bins(self) -> int:
        """Steps between 0 and 1."""
        return len(self.positives) - 1

    @property
    def has_both(self) -> bool:
        """Whether there are voxels inside and outside the reference, as the curves need."""
        return bool(self.positives.any() and self.negatives.any())

    def curves(self) -> ProbabilityCurves:
        """Make the curves.

        Raises
        ------
        InputError
            If all voxels are inside the reference or all outside.
        """
        if not self.has_both:
            inside = "outside" if self.negatives.any() else "inside"
            raise InputError(f"all {self.negatives.sum() + self.positives.sum()} voxels are {inside} the reference; curves need both kinds")
        levels = np.arange(self.bins + 1) / self.bins
        true_positives, false_positives = (np.append(0, np.cumsum(counts[::-1])) for counts in (self.positives, self.negatives))
        true_positive_rate = true_positives / true_positives[-1]
        false_positive_rate = false_positives / false_positives[-1]
        called = true_positives + false_positives
        precision = np.where(called > 0, true_positives / np.maximum(called, 1), 1.0)
        gained = np.diff(true_positive_rate)
        predicted, observed, voxels = self._calibration(levels)
        return ProbabilityCurves(
            thresholds=np.append(np.inf, levels[::-1]),
            true_positive_rate=true_positive_rate,
            false_positive_rate=false_positive_rate,
            auc=float(np.diff(false_positive_rate) @ (true_positive_rate[1:] - gained / 2)),
            precision=precision,
            average_precision=float(gained @ precision[1:]),
            calibration_predicted=predicted,
            calibration_observed=observed,
            expected_calibration_error=float(voxels @ np.abs(predicted - observed) / voxels.sum()),
        )

    def _calibration(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give mean probability, share of lung and voxels of each part of 0 to 1 that holds voxels; a part owns its lower end."""
        count = limits.CALIBRATION_BINS_COUNT
        parts = np.minimum(np.arange(self.bins + 1) * count // self.bins, count - 1)
        all_voxels = self.positives + self.negatives
        voxels, lung, total = (
            np.bincount(parts, weights=counts, minlength=count) for counts in (all_voxels, self.positives, all_voxels * levels)
        )
        used = voxels > 0
        return total[used] / voxels[used], lung[used] / voxels[used], voxels[used]


def probability_histogram(
    probability: np.ndarray, reference: np.ndarray, leave_out: np.ndarray | None = None, bins: int = 1000
) -> ProbabilityHistogram:
    """Count voxels by probability, inside and outside a reference, slab by slab.

    Parameters
    ----------
    probability : numpy.ndarray
        float of any precision, 0 to 1, or uint8, 0 to 255 for 0 to 1.
    reference : numpy.ndarray
        bool, the same shape.
    leave_out : numpy.ndarray, optional
        bool, the same shape: voxels that are not counted.
    bins : int
        Steps between 0 and 1. With at least 255, the values of a uint8 map stay apart.

    Returns
    -------
    ProbabilityHistogram

    Raises
    ------
    InputError
        If shapes or types do not fit, or a value is not a number from 0 to 1.
    """
    _check(probability, reference, leave_out, bins)
    counts = np.zeros((2, bins + 1), np.int64)
    level_of_byte = np.rint(np.arange(256) * (bins / 255.0)).astype(np.intp)
    for part in slabs(probability.shape):
        values, inside = probability[part], reference[part]
        if leave_out is not None:
            counted = ~leave_out[part]
            values, inside = values[counted], inside[counted]
        if values.dtype == np.uint8:
            level = level_of_byte[values]
        else:
            values = values.astype(np.float32, copy=False)
            lowest, highest = values.min(initial=0.0), values.max(initial=1.0)
            # Neither comparison holds for what is not a number.
            if not (lowest >= -ROUNDING_SHARE and highest <= 1 + ROUNDING_SHARE):
                raise InputError(f"the probability map reaches from {lowest:g} to {highest:g}; expected numbers from 0 to 1")
            level = np.rint(np.clip(values, 0, 1) * np.float32(bins)).astype(np.intp)
        level += inside * (bins + 1)
        counts += np.bincount(level.ravel(), minlength=counts.size).reshape(counts.shape)
    return ProbabilityHistogram(positives=counts[1], negatives=counts[0])


def probability_curves(
    probability: np.ndarray, reference: np.ndarray, leave_out: np.ndarray | None = None, bins: int = 1000
) -> ProbabilityCurves:
    """Make the curves of one scan: :func:`probability_histogram` and its curves."""
    return probability_histogram(probability, reference, leave_out, bins).curves()


def _check(probability: np.ndarray, reference: np.ndarray, leave_out: np.ndarray | None, bins: int) -> None:
    if probability.dtype != np.uint8 and not np.issubdtype(probability.dtype, np.floating):
        raise InputError(f"the probability map is {probability.dtype}; expected numbers from 0 to 1, or uint8 from 0 to 255")
    for name, mask in (("reference", reference), ("mask of voxels to leave out", leave_out)):
        if mask is not None and (mask.dtype != np.bool_ or mask.shape != probability.shape):
            raise InputError(f"the {name} is {mask.dtype} with shape {mask.shape}; expected bool with the map's shape {probability.shape}")
    if not 1 <= bins <= 1_000_000:
        raise InputError(f"the number of bins is {bins}; expected 1 to 1000000")
