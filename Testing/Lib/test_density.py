"""Lung density against numpy and scipy on the voxels themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import stats

from LungSegmentationLib.measurement.density import density_of_histogram, measure_density
from LungSegmentationLib.measurement.histograms import count_voxels
from LungSegmentationLib.measurement.limits import PERCENTILES
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.volume import CtVolume

EDGES = [-32767, -1101, -1100, -1000, -951, -950, -949, -911, -910, -857, -856, -601, -600, -250, -249, 0, 40, 32767]


def _check(measure, hu: np.ndarray, voxel_ml: float) -> None:
    """Compare with the voxels' own values, of which those of -32768 stand for what was not measured."""
    assert measure.voxels == hu.size
    assert measure.volume_ml == pytest.approx(hu.size * voxel_ml)
    measured = hu[hu > -32768].astype(np.float64)
    assert measure.unmeasured_voxels == hu.size - measured.size
    if measured.size == 0:
        assert (measure.mean_hu, measure.mass_g, measure.high_percent) == (None, None, None)
        assert not measure.percentiles_hu
        return
    assert measure.mean_hu == pytest.approx(measured.mean(), abs=1e-6)
    assert measure.sd_hu == pytest.approx(measured.std(), abs=1e-6)
    for percent in PERCENTILES:
        assert measure.percentiles_hu[percent] == pytest.approx(np.percentile(measured, percent), abs=1e-6)
    for limit in (-950, -910, -856):
        assert measure.low_percent[limit] == pytest.approx(100 * (measured < limit).mean())
    assert measure.high_percent == pytest.approx(100 * ((measured >= -600) & (measured <= -250)).mean())
    assert measure.mass_g == pytest.approx(np.sum(np.clip(1 + measured / 1000, 0, None)) * voxel_ml)
    if measured.std() > 0:
        assert measure.skewness == pytest.approx(stats.skew(measured), rel=1e-6, abs=1e-6)
        assert measure.kurtosis == pytest.approx(stats.kurtosis(measured), rel=1e-6, abs=1e-6)
    else:
        assert (measure.skewness, measure.kurtosis) == (None, None)


@settings(deadline=None, max_examples=150)
@given(hu=npst.arrays(np.int16, st.integers(0, 40), elements=st.sampled_from([-32768, *EDGES]) | st.integers(-1024, 300)))
def test_every_figure_is_that_of_the_voxels(hu):
    histogram = np.bincount(hu.astype(np.int64) + 32768, minlength=65536)
    _check(density_of_histogram("key", "Name", histogram, 0.25), hu, 0.25)


@pytest.mark.parametrize("fill_hu", [-3024, -1000, 0])
def test_sides_and_thirds_of_a_phantom_with_a_fill_in_the_lung(fill_hu):
    phantom = make_phantom(shape_zyx=(60, 96, 96), seed=3, emphysema=0.3)
    hu = phantom.volume.voxels_hu.copy()
    hu[20:30, :, 60:] = fill_hu
    volume = CtVolume(hu, phantom.volume.spacing_zyx_mm, phantom.volume.origin_lps_mm)
    measures = measure_density(count_voxels(volume, phantom.labels), volume.voxel_volume_ml)
    marked = hu.copy()
    marked[20:30, :, 60:] = -32768
    lung = (phantom.labels == 1) | (phantom.labels == 2)
    # The slice belongs to the third in which the middle of its lung lies, counted from the head.
    per_slice = lung.sum(axis=(1, 2)).astype(float)
    above = per_slice[::-1].cumsum()[::-1] - per_slice / 2
    third = np.minimum((3 * above / per_slice.sum()).astype(int), 2)
    regions = {"right_lung": phantom.labels == 1, "left_lung": phantom.labels == 2, "both_lungs": lung}
    regions |= {
        name: lung & (third == number)[:, None, None] for number, name in enumerate(("apical_third", "middle_third", "basal_third"))
    }
    assert [measure.key for measure in measures] == list(regions)
    largest_slice = per_slice.max() / per_slice.sum()
    for measure in measures:
        _check(measure, marked[regions[measure.key]], volume.voxel_volume_ml)
        if measure.key.endswith("third"):
            assert measure.voxels / per_slice.sum() == pytest.approx(1 / 3, abs=largest_slice)
    assert measures[2].unmeasured_voxels > 1000
