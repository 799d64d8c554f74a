"""Volumes, densities and areas against independent computations."""

import itertools

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from LungSegmentationLib.measurement.areas import measure_slices
from LungSegmentationLib.measurement.volumes import hu_histograms, measure_regions
from LungSegmentationLib.volume import CtVolume

CODES = ["".join(letters) for axes in itertools.permutations(("LR", "PA", "SI")) for letters in itertools.product(*axes)]
SHAPES = npst.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6)


def _by_key(measures):
    return {measure.key: measure for measure in measures}


def _volume_of(image: sitk.Image) -> CtVolume:
    direction = np.array(image.GetDirection()).reshape(3, 3)
    return CtVolume(sitk.GetArrayFromImage(image), image.GetSpacing()[::-1], image.GetOrigin(), direction)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), shape=SHAPES, spacing=st.tuples(*[st.floats(0.1, 9.0)] * 3))
def test_volumes_and_densities_are_those_of_the_selected_voxels(data, shape, spacing):
    hu = data.draw(npst.arrays(np.int16, shape))
    labels = data.draw(npst.arrays(np.uint8, shape, elements=st.integers(0, 4)))
    measures = _by_key(measure_regions(CtVolume(hu, spacing), labels))
    assert list(measures) == ["right_lung", "left_lung", "both_lungs", "airways"]
    for key, values in {"right_lung": (1,), "left_lung": (2,), "both_lungs": (1, 2), "airways": (3,)}.items():
        selected = hu[np.isin(labels, values)].astype(np.float64)
        assert measures[key].voxels == selected.size
        assert measures[key].volume_ml == pytest.approx(selected.size * spacing[0] * spacing[1] * spacing[2] / 1000)
        if selected.size:
            assert measures[key].mean_hu == pytest.approx(selected.mean(), abs=1e-6)
            assert measures[key].sd_hu == pytest.approx(selected.std(), abs=1e-6)
        else:
            assert measures[key].mean_hu is None
            assert measures[key].sd_hu is None


def test_histograms_of_a_scan_of_several_slabs_miss_no_voxel():
    rng = np.random.default_rng(1)
    hu = rng.integers(-32768, 32768, (7, 1024, 1024), dtype=np.int16)
    labels = rng.integers(0, 4, hu.shape, dtype=np.uint8)
    for label, counts in hu_histograms(hu, labels).items():
        expected, _ = np.histogram(hu[labels == label], bins=np.arange(-32768, 32769))
        np.testing.assert_array_equal(counts, expected)


@pytest.mark.parametrize("code", CODES)
def test_slice_areas_belong_to_the_same_places_in_every_orientation(code):
    labels = np.zeros((5, 7, 9), np.uint8)
    labels[1, 2:5, 1:3] = 1  # 6 pixels
    labels[3, 1:6, 5:9] = 2  # 20 pixels
    labels[4, 0, 0] = 3
    image = sitk.GetImageFromArray(labels)
    image.SetSpacing((0.5, 2.0, 4.0))
    image.SetOrigin((10.0, -20.0, 100.0))
    turned = sitk.DICOMOrient(image, code)
    array = sitk.GetArrayFromImage(turned)
    direction = np.array(turned.GetDirection()).reshape(3, 3)
    volume = CtVolume(array.astype(np.int16), turned.GetSpacing()[::-1], turned.GetOrigin(), direction)
    areas = measure_slices(volume, array)

    assert [area.index for area in areas] == list(range(5))
    assert {round(a.position_mm, 6): (a.right_mm2, a.left_mm2, a.total_mm2) for a in areas} == {
        100.0: (0.0, 0.0, 0.0),
        104.0: (6.0, 0.0, 6.0),
        108.0: (0.0, 0.0, 0.0),
        112.0: (0.0, 20.0, 20.0),
        116.0: (0.0, 0.0, 0.0),
    }
    along = next(axis for axis in range(3) if abs(direction[2, axis]) > 0.5)
    for area in areas:
        index = [0, 0, 0]
        index[along] = area.index
        assert turned.TransformIndexToPhysicalPoint(index)[2] == pytest.approx(area.position_mm)


def test_oblique_slices_are_placed_at_their_centre():
    angle = np.deg2rad(20)
    direction = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    volume = CtVolume(np.zeros((3, 5, 4), np.int16), (2.0, 1.5, 1.0), (0.0, 0.0, 50.0), direction)
    image = sitk.GetImageFromArray(volume.voxels_hu)
    image.SetSpacing((1.0, 1.5, 2.0))
    image.SetOrigin((0.0, 0.0, 50.0))
    image.SetDirection(direction.ravel().tolist())
    labels = np.ones((3, 5, 4), np.uint8)
    for area in measure_slices(volume, labels):
        assert area.position_mm == pytest.approx(image.TransformContinuousIndexToPhysicalPoint((1.5, 2.0, float(area.index)))[2])
        assert area.right_mm2 == pytest.approx(20 * 1.5)


def test_a_real_scan_agrees_with_itk(shared_data):
    ct = sitk.Cast(sitk.ReadImage(str(shared_data / "lidc0314_ct.nii.gz")), sitk.sitkInt16)
    reference = sitk.Cast(sitk.ReadImage(str(shared_data / "lidc0314_ref.nii.gz")), sitk.sitkUInt8)
    statistics = sitk.LabelStatisticsImageFilter()
    statistics.Execute(ct, reference)
    volume, labels = _volume_of(ct), sitk.GetArrayFromImage(reference)
    measures = _by_key(measure_regions(volume, labels))
    for label, key in ((1, "right_lung"), (2, "left_lung"), (3, "airways")):
        assert measures[key].voxels == statistics.GetCount(label)
        assert measures[key].mean_hu == pytest.approx(statistics.GetMean(label), abs=1e-6)
        assert measures[key].sd_hu == pytest.approx(statistics.GetSigma(label), rel=1e-4)
    slice_thickness_mm = volume.spacing_zyx_mm[0]
    areas = measure_slices(volume, labels)
    assert sum(a.total_mm2 for a in areas) * slice_thickness_mm / 1000 == pytest.approx(measures["both_lungs"].volume_ml)
