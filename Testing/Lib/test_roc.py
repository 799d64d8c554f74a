"""Curves from histograms against scikit-learn on all values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn import metrics
from sklearn.calibration import calibration_curve

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.evaluation.roc import probability_curves, probability_histogram


def scan(seed, shape=(6, 500, 420), lung=0.2):
    """A reference, and a probability that is mostly right (float64, any value from 0 to 1)."""
    generator = np.random.default_rng(seed)
    reference = generator.random(shape) < lung
    probability = 1 / (1 + np.exp(-generator.normal(np.where(reference, 1.5, -2.0), 1.7)))
    return probability, reference


def assert_curves_agree(curves, reference, probability, tolerance=1e-9):
    assert curves.auc == pytest.approx(metrics.roc_auc_score(reference, probability), abs=tolerance)
    assert curves.average_precision == pytest.approx(metrics.average_precision_score(reference, probability), abs=tolerance)


@settings(deadline=None, max_examples=80)
@given(data=st.data(), bins=st.sampled_from([1, 7, 10, 255, 1000]), dtype=st.sampled_from([np.float32, np.float64]))
def test_curves_of_values_on_the_levels_are_exact(data, bins, dtype):
    shape = data.draw(npst.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=6))
    levels = data.draw(npst.arrays(np.int64, shape, elements=st.integers(0, bins)))
    probability = (levels / bins).astype(dtype)
    reference = data.draw(npst.arrays(bool, shape))
    reference.flat[:2] = True, False
    curves = probability_curves(probability, reference, bins=bins)
    assert_curves_agree(curves, reference.ravel(), levels.ravel())
    false_positive_rate, true_positive_rate, thresholds = metrics.roc_curve(reference.ravel(), levels.ravel(), drop_intermediate=False)
    used = np.isin(np.rint(curves.thresholds * bins), thresholds)
    np.testing.assert_allclose(curves.false_positive_rate[used], false_positive_rate, atol=1e-12)
    np.testing.assert_allclose(curves.true_positive_rate[used], true_positive_rate, atol=1e-12)
    precision, recall, _ = metrics.precision_recall_curve(reference.ravel(), levels.ravel())
    np.testing.assert_allclose(curves.precision[used], precision[::-1], atol=1e-12)
    np.testing.assert_allclose(curves.true_positive_rate[used], recall[::-1], atol=1e-12)


@pytest.mark.parametrize("kind", ["uint8", "float16", "float32"])
def test_curves_of_a_whole_scan(kind):
    probability, reference = scan(1)
    stored = np.rint(probability * 255).astype(np.uint8) if kind == "uint8" else probability.astype(kind)
    curves = probability_curves(stored, reference)
    if kind == "uint8":  # bytes keep their order on a thousand levels
        assert_curves_agree(curves, reference.ravel(), stored.ravel())
    else:
        levels = np.rint(stored.astype(np.float32) * np.float32(1000))
        assert_curves_agree(curves, reference.ravel(), levels.ravel())
        # Rounding makes neighbours equal: hardly anything to the area, more to the precision of the highest values.
        assert curves.auc == pytest.approx(metrics.roc_auc_score(reference.ravel(), stored.ravel()), abs=1e-6)
        assert curves.average_precision == pytest.approx(metrics.average_precision_score(reference.ravel(), stored.ravel()), abs=1e-3)
    assert curves.thresholds[0] == np.inf and curves.thresholds[-1] == 0.0 and len(curves.thresholds) == 1002


def test_calibration_agrees_with_scikit_learn():
    probability, reference = scan(2, shape=(3, 200, 200))
    levels = (np.floor(probability * 996) + 0.25) / 997  # none lies on the border of a tenth
    curves = probability_curves(levels, reference, bins=4 * 997)
    observed, predicted = calibration_curve(reference.ravel(), levels.ravel(), n_bins=10)
    np.testing.assert_allclose(curves.calibration_observed, observed, atol=1e-12)
    np.testing.assert_allclose(curves.calibration_predicted, predicted, atol=1e-9)
    share = np.histogram(levels, bins=10, range=(0, 1))[0] / levels.size
    assert curves.expected_calibration_error == pytest.approx(share @ np.abs(observed - predicted), abs=1e-9)


def test_a_perfectly_calibrated_map_has_no_error_and_only_tenths_in_use():
    probability = np.repeat([0.0, 0.25, 1.0], 8).reshape(2, 3, 4)
    reference = np.repeat([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0] + [1] * 8, 1).reshape(2, 3, 4).astype(bool)
    curves = probability_curves(probability, reference)
    assert curves.calibration_predicted == pytest.approx([0.0, 0.25, 1.0])
    assert curves.calibration_observed == pytest.approx([0.0, 0.25, 1.0])
    assert curves.expected_calibration_error == pytest.approx(0.0, abs=1e-12)


def test_histograms_of_scans_add_up_without_what_is_left_out():
    scans = [scan(seed, shape=(4, 60, 70), lung=0.1 * seed) for seed in (1, 2, 3)]
    leave_out = np.random.default_rng(9).random(scans[0][0].shape) < 0.3
    scans = [(np.rint(probability * 1000) / 1000, reference) for probability, reference in scans]
    total = probability_histogram(*scans[0], leave_out) + probability_histogram(*scans[1], leave_out)
    total = total + probability_histogram(*scans[2], leave_out)
    probability, reference = (np.concatenate([one[index][~leave_out] for one in scans]) for index in (0, 1))
    assert total.positives.sum() == reference.sum()
    assert total.negatives.sum() == (~reference).sum()
    assert_curves_agree(total.curves(), reference, probability)
    with pytest.raises(InputError, match="1000 and 100 bins"):
        _ = total + probability_histogram(*scans[0], bins=100)


def test_what_cannot_be_counted_is_said():
    probability, reference = np.full((2, 3, 4), 0.5, np.float32), np.zeros((2, 3, 4), bool)
    histogram = probability_histogram(probability, reference)
    assert not histogram.has_both
    with pytest.raises(InputError, match="all 24 voxels are outside the reference"):
        histogram.curves()
    with pytest.raises(InputError, match="expected bool"):
        probability_histogram(probability, reference.astype(np.uint8))
    with pytest.raises(InputError, match="shape"):
        probability_histogram(probability, reference, leave_out=np.zeros((2, 3, 5), bool))
    with pytest.raises(InputError, match="int16"):
        probability_histogram(probability.astype(np.int16), reference)
    with pytest.raises(InputError, match="from 0 to 255"):
        probability_histogram(probability * 510, reference)
    with pytest.raises(InputError, match="nan"):
        probability_histogram(np.where(np.arange(24).reshape(2, 3, 4) == 5, np.nan, probability), reference)
    with pytest.raises(InputError, match="bins"):
        probability_histogram(probability, reference, bins=0)
