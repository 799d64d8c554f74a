"""The median of a voxel and its neighbours equals SciPy's, whatever the array's shape and values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LungSegmentationLib.anatomy import median
from LungSegmentationLib.anatomy.median import median_of_27


@given(st.tuples(*[st.integers(1, 9)] * 3), st.integers(0, 2**32 - 1), st.sampled_from([np.int16, np.float32]), st.integers(1, 500))
@settings(max_examples=60, deadline=None)
def test_it_is_the_median_up_to_the_border(shape, seed, kind, spread):
    values = np.random.default_rng(seed).integers(-spread, spread, shape).astype(kind)
    found = median_of_27(values)
    assert found.dtype == kind
    np.testing.assert_array_equal(found, ndimage.median_filter(values, 3))


@pytest.mark.parametrize("at_once", [1, 700, 10_000])
def test_it_does_not_depend_on_how_many_slices_are_looked_at_together(monkeypatch, at_once):
    values = np.random.default_rng(0).normal(-600, 300, (13, 20, 17)).astype(np.int16).transpose(2, 0, 1)[::-1]
    monkeypatch.setattr(median, "_VOXELS_AT_ONCE", at_once)
    np.testing.assert_array_equal(median_of_27(values), ndimage.median_filter(values, 3))
