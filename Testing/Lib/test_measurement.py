"""Volumes, areas and airways against independent computations."""

import itertools

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from LungSegmentationLib.measurement.airways import measure_airways
from LungSegmentationLib.measurement.areas import measure_slices
from LungSegmentationLib.measurement.histograms import count_voxels
from LungSegmentationLib.measurement.volumes import measure_in_detail, measure_regions
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.phantom.structures import Structure
from LungSegmentationLib.volume import CtVolume

CODES = ["".join(letters) for axes in itertools.permutations(("LR", "PA", "SI")) for letters in itertools.product(*axes)]
SHAPES = npst.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6)
MEMBERS = {"right_lung": (1,), "left_lung": (2,), "both_lungs": (1, 2), "airways": (3,)}


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(60, 112, 112), seed=2)


@pytest.fixture(scope="module")
def phantom_vessels(phantom):
    return np.isin(phantom.structures, (Structure.VESSEL_RIGHT, Structure.VESSEL_LEFT))


def _by_key(measures):
    return {measure.key: measure for measure in measures}


def _volume_of(image: sitk.Image) -> CtVolume:
    direction = np.array(image.GetDirection()).reshape(3, 3)
    return CtVolume(sitk.GetArrayFromImage(image), image.GetSpacing()[::-1], image.GetOrigin(), direction)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), shape=SHAPES, spacing=st.tuples(*[st.floats(0.1, 9.0)] * 3))
def test_volumes_and_densities_are_those_of_the_selected_voxels(data, shape, spacing):
    hu = data.draw(npst.arrays(np.int16, shape, elements=st.integers(-1300, 400) | st.sampled_from([-32767, 32767, -1100, -1101])))
    labels = data.draw(npst.arrays(np.uint8, shape, elements=st.integers(0, 4)))
    vessels = data.draw(npst.arrays(np.uint8, shape, elements=st.integers(0, 2)))
    volume = CtVolume(hu, spacing)
    measures = _by_key(measure_in_detail(volume, labels, vessels))
    assert list(measures) == [*MEMBERS, "right_lung_vessels", "left_lung_vessels"]
    regions = {key: np.isin(labels, values) for key, values in MEMBERS.items()}
    regions |= {f"{key}_vessels": regions[key] & (vessels > 0) for key in ("right_lung", "left_lung")}
    lung_voxels = regions["both_lungs"].sum()
    for key, region in regions.items():
        measure, density = measures[key], hu[region & volume.measured.mask()].astype(np.float64)
        assert measure.voxels == region.sum()
        assert measure.unmeasured_voxels == region.sum() - density.size
        assert measure.volume_ml == pytest.approx(region.sum() * spacing[0] * spacing[1] * spacing[2] / 1000)
        assert measure.mean_hu == (pytest.approx(density.mean(), abs=1e-6) if density.size else None)
        assert measure.sd_hu == (pytest.approx(density.std(), abs=1e-6) if density.size else None)
        assert measure.share_percent == (pytest.approx(100 * region.sum() / lung_voxels) if lung_voxels else None)
        if "lung" in key and "vessels" not in key and region.any():
            assert measure.vessel_percent == pytest.approx(100 * (vessels[region] > 0).mean())
        else:
            assert measure.vessel_percent is None
    for measure in measure_regions(volume, labels):
        assert {**vars(measures[measure.key]), **vars(measure)} == vars(measures[measure.key])


def test_histograms_of_a_scan_of_several_slabs_miss_no_voxel_and_thirds_add_up():
    rng = np.random.default_rng(1)
    hu = rng.integers(-32768, 32768, (7, 1024, 1024), dtype=np.int16)
    labels = rng.integers(0, 4, hu.shape, dtype=np.uint8)
    voxel_counts = count_voxels(CtVolume(hu, (1.0, 1.0, 1.0)), labels)
    for label in (1, 2, 3):
        expected, _ = np.histogram(hu[labels == label], bins=np.arange(-32768, 32769))
        np.testing.assert_array_equal(voxel_counts.histogram(label), expected)
        np.testing.assert_array_equal(sum(voxel_counts.histogram(label, third=third) for third in range(3)), expected)
    assert voxel_counts.third_of_slice.tolist() == [2, 2, 1, 1, 1, 0, 0]  # the head is at the end


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


def test_true_labels_of_a_phantom_give_its_true_volumes_and_areas(phantom, phantom_vessels):
    truth = phantom.volumes_ml()
    measures = _by_key(measure_in_detail(phantom.volume, phantom.labels, phantom_vessels))
    for key in ("right_lung", "left_lung", "airways"):
        assert measures[key].volume_ml == pytest.approx(truth[f"label:{key}"], rel=1e-12)
    assert measures["right_lung_vessels"].volume_ml == pytest.approx(truth["vessel_right"], rel=1e-12)
    assert measures["left_lung_vessels"].volume_ml == pytest.approx(truth["vessel_left"], rel=1e-12)
    pixel_mm2 = phantom.volume.spacing_zyx_mm[1] * phantom.volume.spacing_zyx_mm[2]
    with_vessels_outside = phantom_vessels | (phantom.labels == 0) | (phantom.labels == 3)
    for area in measure_slices(phantom.volume, phantom.labels, with_vessels_outside):
        plane = phantom.labels[area.index]
        assert area.right_mm2 == pytest.approx((plane == 1).sum() * pixel_mm2)
        assert area.left_mm2 == pytest.approx((plane == 2).sum() * pixel_mm2)
        assert area.vessel_mm2 == pytest.approx(phantom_vessels[area.index].sum() * pixel_mm2)


def test_the_trachea_ends_where_the_airways_fall_in_two():
    labels = np.zeros((12, 40, 40), np.uint8)
    labels[10, 10:20, 10:14] = 3  # 40 pixels: the uppermost slice of the trachea
    labels[5:10, 10:20, 10:20] = 3
    labels[7, 0, 0] = 3  # noise
    labels[4, 10:20, 5:13] = labels[4, 10:20, 17:25] = 3  # the main bronchi
    labels[2:4, 10:20, 5:13] = 3  # only one goes on: not the trachea
    for towards_head in (True, False):
        array = labels if towards_head else labels[::-1]
        direction = np.diag([1.0, 1.0, 1.0 if towards_head else -1.0])
        volume = CtVolume(array.astype(np.int16), (2.5, 1.0, 1.0), (0.0, 0.0, 0.0), direction)
        slices = measure_slices(volume, array)
        expected = [None] * 5 + [100.0] * 5 + [40.0, None]
        assert [area.trachea_mm2 for area in slices] == (expected if towards_head else expected[::-1])
        airways = measure_airways(volume, count_voxels(volume, array), slices)
        assert (airways.trachea_slices, airways.trachea_length_mm) == (6, 15.0)
        assert (airways.smallest_mm2, airways.largest_mm2, airways.mean_mm2) == (40.0, 100.0, 90.0)
        assert airways.trachea_volume_ml == pytest.approx(540 * 2.5 / 1000)
        assert airways.volume_ml == pytest.approx((array == 3).sum() * 2.5 / 1000)


def test_the_ends_of_a_long_trachea_do_not_decide_its_smallest_and_largest_area():
    labels = np.zeros((24, 40, 40), np.uint8)
    for index, width in enumerate([40] * 5 + [10] * 13 + [4] * 5):  # 5 slices, 10 mm, at the carina and at the top
        labels[index, 10:20, :width] = 3
    volume = CtVolume(labels.astype(np.int16), (2.0, 1.0, 1.0))
    slices = measure_slices(volume, labels)
    airways = measure_airways(volume, count_voxels(volume, labels), slices)
    assert (airways.smallest_mm2, airways.largest_mm2, airways.mean_mm2) == (100.0, 100.0, 100.0)
    assert (airways.trachea_slices, airways.trachea_length_mm) == (23, 46.0)
    assert airways.trachea_volume_ml == pytest.approx((labels == 3).sum() * 2.0 / 1000)
    assert slices[0].trachea_mm2 == 400.0


def test_a_scan_without_airways_has_no_trachea():
    volume = CtVolume(np.zeros((3, 4, 5), np.int16), (1.0, 1.0, 1.0))
    labels = np.ones((3, 4, 5), np.uint8)
    slices = measure_slices(volume, labels)
    assert {area.trachea_mm2 for area in slices} == {None}
    airways = measure_airways(volume, count_voxels(volume, labels), slices)
    assert (airways.volume_ml, airways.trachea_slices, airways.mean_mm2) == (0.0, 0, None)


def test_vessel_ratio_of_one_real_slice_is_that_of_counted_pixels(shared_data):
    """Lung area, vessel area and ratio as a threshold of -500 HU inside the lung of one slice gives them."""
    ct = sitk.ReadImage(str(shared_data / "lidc1011_ct.nii.gz"))
    reference = sitk.GetArrayFromImage(sitk.ReadImage(str(shared_data / "lidc1011_ref.nii.gz"))).astype(np.uint8)
    volume = _volume_of(sitk.Cast(ct, sitk.sitkInt16))
    vessels = (volume.voxels_hu > -500) & ((reference == 1) | (reference == 2))
    areas = measure_slices(volume, reference, vessels)
    middle = max(areas, key=lambda area: area.total_mm2)
    hu_plane, plane = sitk.GetArrayFromImage(ct)[middle.index], reference[middle.index]
    width_mm, height_mm, _ = ct.GetSpacing()
    in_lung = hu_plane[(plane == 1) | (plane == 2)]
    vessel_pixels = sum(1 for hu in in_lung.tolist() if hu > -500)
    assert middle.total_mm2 == pytest.approx(in_lung.size * width_mm * height_mm)
    assert middle.vessel_mm2 == pytest.approx(vessel_pixels * width_mm * height_mm)
    assert middle.vessel_percent == pytest.approx(100 * vessel_pixels / in_lung.size)
    assert 1 < middle.vessel_percent < 30


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
