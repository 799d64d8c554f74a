"""How far two label maps cover each other: rates from one count of the voxels by both their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_VOXELS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Overlap:
    """Voxels of one region by what result and reference call them, and the rates that follow.

    Parameters
    ----------
    true_positives, false_positives, false_negatives, true_negatives : int
        Voxels in both, in the result only, in the reference only, in neither. The last are all other voxels
        of the grid that are not left out, so specificity and false-positive rate depend on how much of the
        patient's surroundings the scan shows.

    Notes
    -----
    A rate whose denominator is 0 is None: Dice, Jaccard and sensitivity of two empty regions say nothing.

    References
    ----------
    Taha and Hanbury, BMC Med Imaging 15:29 (2015). Gholamiankhah et al., Iran J Med Sci 47 (2022) 440-449, use
    Dice, Jaccard, false-positive and false-negative rate on scans cropped to the lungs: with less background, the
    same wrongly added voxels make a larger false-positive rate there than on whole scans.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def result_voxels(self) -> int:
        """Voxels of the result's region."""
        return self.true_positives + self.false_positives

    @property
    def reference_voxels(self) -> int:
        """Voxels of the reference's region."""
        return self.true_positives + self.false_negatives

    @property
    def dice(self) -> float | None:
        """Twice the intersection over the sum of both regions: 2 TP / (2 TP + FP + FN)."""
        return _ratio(2 * self.true_positives, self.result_voxels + self.reference_voxels)

    @property
    def jaccard(self) -> float | None:
        """Intersection over union: TP / (TP + FP + FN)."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives + self.false_negatives)

    @property
    def sensitivity(self) -> float | None:
        """Share of the reference that the result found: TP / (TP + FN)."""
        return _ratio(self.true_positives, self.reference_voxels)

    @property
    def specificity(self) -> float | None:
        """Share of the reference's background that the result left alone: TN / (TN + FP)."""
        return _ratio(self.true_negatives, self.true_negatives + self.false_positives)

    @property
    def precision(self) -> float | None:
        """Share of the result that lies in the reference: TP / (TP + FP)."""
        return _ratio(self.true_positives, self.result_voxels)

    @property
    def false_positive_rate(self) -> float | None:
        """Share of the reference's background that the result took: FP / (FP + TN) = 1 - specificity."""
        return _ratio(self.false_positives, self.true_negatives + self.false_positives)

    @property
    def false_negative_rate(self) -> float | None:
        """Share of the reference that the result missed: FN / (FN + TP) = 1 - sensitivity."""
        return _ratio(self.false_negatives, self.reference_voxels)

    @property
    def relative_volume_difference_percent(self) -> float | None:
        """How much larger the result is than the reference, in % of the reference: 100 (FP - FN) / (TP + FN)."""
        return _ratio(100 * (self.false_positives - self.false_negatives), self.reference_voxels)


def count_pairs(result: np.ndarray, reference: np.ndarray, labels: int, leave_out: np.ndarray | None = None) -> np.ndarray:
    """Count the voxels by both labels.

    Parameters
    ----------
    result, reference : numpy.ndarray
        uint8 of one shape, labels 0 to ``labels - 1``.
    labels : int
        How many labels there are, at most 15.
    leave_out : numpy.ndarray, optional
        bool, the same shape: voxels that are not counted.

    Returns
    -------
    numpy.ndarray
        int64 (labels, labels): entry [i, j] counts the voxels that the result calls i and the reference j.
    """
    counts = np.zeros(labels * labels + 1, np.int64)
    for part in slabs(result.shape):
        code = pair_codes(result[part], reference[part], labels, None if leave_out is None else leave_out[part])
        counts += np.bincount(code.ravel(), minlength=counts.size)
    return counts[:-1].reshape(labels, labels)


def pair_codes(result: np.ndarray, reference: np.ndarray, labels: int, leave_out: np.ndarray | None) -> np.ndarray:
    """Write both labels into one number (uint8): ``result * labels + reference``, and ``labels ** 2`` where left out."""
    code = result * np.uint8(labels)
    code += reference
    if leave_out is not None:
        code[leave_out] = labels * labels
    return code


def slabs(shape: tuple[int, ...]) -> list[slice]:
    """Cut the first axis into parts that are small beside a whole scan."""
    thickness = max(1, _VOXELS_AT_ONCE // max(1, int(np.prod(shape[1:]))))
    return [slice(start, start + thickness) for start in range(0, shape[0], thickness)]


def overlap_of(counts: np.ndarray, members: Sequence[int]) -> Overlap:
    """Take the overlap of a region, made of some labels, from :func:`count_pairs`."""
    inside = np.isin(np.arange(len(counts)), members)
    return Overlap(
        true_positives=int(counts[np.ix_(inside, inside)].sum()),
        false_positives=int(counts[np.ix_(inside, ~inside)].sum()),
        false_negatives=int(counts[np.ix_(~inside, inside)].sum()),
        true_negatives=int(counts[np.ix_(~inside, ~inside)].sum()),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
