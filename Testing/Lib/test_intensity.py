"""Differences of the CT numbers against masked images made in full."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from LungSegmentationLib.evaluation.intensity import intensity_difference, sum_hu

SHAPES = npst.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6)


def difference(hu, result, reference, members=(1,), leave_out=None):
    return intensity_difference(sum_hu(np.asarray(hu, np.int16), result, reference, 4, leave_out), members)


@settings(deadline=None, max_examples=80)
@given(data=st.data(), shape=SHAPES, members=st.sampled_from([(1,), (1, 2), (3,)]))
def test_errors_are_those_of_the_masked_images(data, shape, members):
    hu = data.draw(npst.arrays(np.int16, shape, elements=st.sampled_from([-32768, -1101, -32767, 32767]) | st.integers(-1100, 400)))
    result, reference = (data.draw(npst.arrays(np.uint8, shape, elements=st.integers(0, 3))) for _ in range(2))
    leave_out = data.draw(npst.arrays(bool, shape))
    found = difference(hu, result, reference, members, leave_out)
    measured = (hu > -32768) & ~leave_out
    in_result, in_reference = (np.isin(labels, members) & measured for labels in (result, reference))
    union = in_result | in_reference
    error = (np.where(in_result, hu, 0.0) - np.where(in_reference, hu, 0.0))[union]
    assert found.mean_error_hu == (pytest.approx(error.mean(), rel=1e-9, abs=1e-9) if union.any() else None)
    assert found.mean_absolute_error_hu == (pytest.approx(np.abs(error).mean(), rel=1e-9, abs=1e-9) if union.any() else None)
    if not in_result.any() or not in_reference.any() or hu[in_reference].sum(dtype=np.int64) == 0:
        assert found.relative_mean_hu_difference_percent is None
    else:
        mean = hu[in_reference].mean(dtype=np.float64)
        expected = 100 * (hu[in_result].mean(dtype=np.float64) - mean) / mean
        assert found.relative_mean_hu_difference_percent == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_one_voxel_of_wall_added_and_one_of_lung_missed():
    hu = np.array([[[-800, -800, -800, -800, 40]]])
    reference = np.array([[[1, 1, 1, 1, 0]]], np.uint8)
    result = np.array([[[0, 1, 1, 1, 1]]], np.uint8)
    found = difference(hu, result, reference)
    assert found.mean_error_hu == pytest.approx((800 + 40) / 5)
    assert found.mean_absolute_error_hu == pytest.approx((800 + 40) / 5)
    # Denser than the reference, whose mean is negative: the sign of the published figures.
    assert found.relative_mean_hu_difference_percent == pytest.approx(100 * (-590 + 800) / -800)


def test_in_an_image_of_ones_the_mean_absolute_error_is_one_minus_jaccard():
    generator = np.random.default_rng(1)
    result, reference = (generator.integers(0, 2, (5, 700, 800)).astype(np.uint8) for _ in range(2))  # several slabs
    found = difference(np.ones(result.shape, np.int16), result, reference)
    jaccard = (result & reference).sum() / (result | reference).sum()
    assert found.mean_absolute_error_hu == pytest.approx(1 - jaccard, abs=1e-12)
    volumes = float(result.sum()) - float(reference.sum())
    assert found.mean_error_hu == pytest.approx(volumes / (result | reference).sum(), abs=1e-12)
