"""Overlap rates against scikit-learn, SimpleITK and exact counts."""

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn import metrics

from LungSegmentationLib.evaluation.overlap import Overlap, count_pairs, overlap_of

SHAPES = npst.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=7)
MEMBERS = st.sampled_from([(1,), (2,), (1, 2), (3,)])


@settings(deadline=None, max_examples=50)
@given(data=st.data(), shape=SHAPES, members=MEMBERS)
def test_rates_agree_with_scikit_learn(data, shape, members):
    result, reference = (data.draw(npst.arrays(np.uint8, shape, elements=st.integers(0, 3))) for _ in range(2))
    leave_out = data.draw(st.none() | npst.arrays(bool, shape))
    overlap = overlap_of(count_pairs(result, reference, 4, leave_out), members)
    counted = np.ones(shape, bool) if leave_out is None else ~leave_out
    called, true = (np.isin(labels[counted], members) for labels in (result, reference))
    assert (overlap.result_voxels, overlap.reference_voxels) == (called.sum(), true.sum())
    if true.size:
        matrix = metrics.confusion_matrix(true, called, labels=[False, True])
        assert matrix.tolist() == [
            [overlap.true_negatives, overlap.false_positives],
            [overlap.false_negatives, overlap.true_positives],
        ]
    if called.any() and true.any():
        assert overlap.dice == pytest.approx(metrics.f1_score(true, called), abs=1e-12)
        assert overlap.jaccard == pytest.approx(metrics.jaccard_score(true, called), abs=1e-12)
        assert overlap.precision == pytest.approx(metrics.precision_score(true, called), abs=1e-12)
        assert overlap.sensitivity == pytest.approx(metrics.recall_score(true, called), abs=1e-12)
        assert overlap.false_negative_rate == pytest.approx(1 - metrics.recall_score(true, called), abs=1e-12)
    if not true.all():
        assert overlap.specificity == pytest.approx(metrics.recall_score(true, called, pos_label=False), abs=1e-12)
        assert overlap.false_positive_rate == pytest.approx(1 - overlap.specificity, abs=1e-12)


def test_rates_agree_with_simpleitk_on_an_array_of_many_slabs():
    generator = np.random.default_rng(3)
    reference = (generator.random((9, 600, 500)) < 0.4).astype(np.uint8)  # nine slices, two or three at a time
    result = np.where(generator.random(reference.shape) < 0.1, 1 - reference, reference).astype(np.uint8)
    overlap = overlap_of(count_pairs(result, reference, 2), (1,))
    measures = sitk.LabelOverlapMeasuresImageFilter()
    measures.Execute(sitk.GetImageFromArray(result), sitk.GetImageFromArray(reference))
    assert overlap.dice == pytest.approx(measures.GetDiceCoefficient(), abs=1e-9)
    assert overlap.jaccard == pytest.approx(measures.GetJaccardCoefficient(), abs=1e-9)
    assert overlap.false_negative_rate == pytest.approx(measures.GetFalseNegativeError(), abs=1e-9)
    assert overlap.precision == pytest.approx(1 - measures.GetFalseDiscoveryRate(), abs=1e-9)
    mean = (overlap.result_voxels + overlap.reference_voxels) / 2
    assert (overlap.result_voxels - overlap.reference_voxels) / mean == pytest.approx(measures.GetVolumeSimilarity(), abs=1e-9)
    assert overlap.relative_volume_difference_percent == pytest.approx(100 * (float(result.sum()) / reference.sum() - 1), abs=1e-9)


@pytest.mark.parametrize(
    ("overlap", "dice", "jaccard", "sensitivity", "specificity", "precision", "miss", "volume_difference_percent"),
    [
        (Overlap(0, 0, 0, 10), None, None, None, 1.0, None, None, None),  # both empty
        (Overlap(0, 0, 4, 6), 0.0, 0.0, 0.0, 1.0, None, 1.0, -100.0),  # nothing found
        (Overlap(0, 4, 0, 6), 0.0, 0.0, None, 0.6, 0.0, None, None),  # nothing to be found
        (Overlap(10, 0, 0, 0), 1.0, 1.0, 1.0, None, 1.0, 0.0, 0.0),  # no background
        (Overlap(0, 0, 0, 0), None, None, None, None, None, None, None),  # everything left out
        (Overlap(6, 2, 4, 8), 2 / 3, 0.5, 0.6, 0.8, 0.75, 0.4, -20.0),
    ],
)
def test_rates_of_small_and_empty_regions(overlap, dice, jaccard, sensitivity, specificity, precision, miss, volume_difference_percent):
    approx = pytest.approx
    assert (overlap.dice, overlap.jaccard) == (approx(dice), approx(jaccard))
    assert (overlap.sensitivity, overlap.specificity) == (approx(sensitivity), approx(specificity))
    assert (overlap.precision, overlap.false_negative_rate) == (approx(precision), approx(miss))
    assert overlap.relative_volume_difference_percent == approx(volume_difference_percent)
