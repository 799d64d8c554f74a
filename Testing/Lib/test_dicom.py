"""Reading DICOM series: against ITK's own series reader on real scans, and geometry against exact truth."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from dicom_files import (
    ORIGIN_LPS_MM,
    SHAPE,
    SPACING_ZYX_MM,
    positions_along_normal,
    random_hu,
    write_series,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.spatial.transform import Rotation

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.dicom.headers import frames_of
from LungSegmentationLib.io.dicom.pixels import read_frames_hu
from LungSegmentationLib.io.limits import PADDING_HU
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.volume import CtVolume

RAMP_HU_PER_MM = np.array([15.0, -25.0, 30.0])


def positions_of_voxels(volume: CtVolume) -> np.ndarray:
    """LPS position (mm) of every voxel, float (slices, rows, columns, 3), straight from the definition."""
    index_zyx = np.moveaxis(np.indices(volume.voxels_hu.shape), 0, -1)
    steps_xyz = (index_zyx * np.array(volume.spacing_zyx_mm))[..., ::-1]
    return np.array(volume.origin_lps_mm) + steps_xyz @ np.asarray(volume.direction_lps).T


def ramp_hu(positions: np.ndarray) -> np.ndarray:
    """A density that grows evenly in space: linear interpolation must give it back at any place."""
    return (positions - np.array(ORIGIN_LPS_MM)) @ RAMP_HU_PER_MM - 450.0


def write_ramp(folder: Path, positions: np.ndarray, direction: np.ndarray | None = None, shape: tuple[int, int] = SHAPE[1:]) -> np.ndarray:
    direction = np.eye(3) if direction is None else direction
    rows, columns = np.indices(shape)
    in_plane = rows[..., None] * SPACING_ZYX_MM[1] * direction[:, 1] + columns[..., None] * SPACING_ZYX_MM[2] * direction[:, 0]
    voxels = np.rint(ramp_hu(positions[:, None, None, :] + in_plane)).astype(np.int16)
    write_series(folder, voxels, positions, direction)
    return voxels


def assert_ramp(volume: CtVolume) -> np.ndarray:
    """Check every measured voxel against the ramp at its place; give the mask of measured voxels.

    Beside padding a voxel may take its nearer neighbour's value, half a pixel away.
    """
    measured = volume.voxels_hu != PADDING_HU
    error = np.abs(volume.voxels_hu - ramp_hu(positions_of_voxels(volume)))
    inside = ndimage.binary_erosion(measured, np.ones((1, 3, 3), bool))
    assert inside.sum() > 0.5 * measured.sum() and error[inside].max() <= 1.5  # rounding, twice
    assert error[measured].max() <= 0.5 * SPACING_ZYX_MM[1] * np.linalg.norm(RAMP_HU_PER_MM) + 1.5
    return measured


# --- real scans ---


def itk_series(folder: Path) -> sitk.Image:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


@pytest.mark.parametrize("series", ["lungdx_A0001/series_2", "lungdx_A0001/series_3", "nlst101287_jpegls"])
def test_a_real_series_is_read_as_itk_reads_it(shared_data: Path, series: str) -> None:
    volume = read_ct(shared_data / "dicom" / series)
    expected = itk_series(shared_data / "dicom" / series)
    assert np.array_equal(volume.voxels_hu, sitk.GetArrayViewFromImage(expected))
    np.testing.assert_allclose(volume.spacing_zyx_mm, expected.GetSpacing()[::-1], rtol=1e-6)
    np.testing.assert_allclose(volume.origin_lps_mm, expected.GetOrigin(), atol=1e-6)
    np.testing.assert_allclose(volume.direction_lps, np.reshape(expected.GetDirection(), (3, 3)), atol=1e-6)
    assert volume.warnings == ()


def test_pixels_agree_with_pydicom_and_gdcm_file_by_file(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "lungdx_A0001" / "series_2"
    for path in sorted(folder.iterdir())[:5]:
        dataset = pydicom.dcmread(path)
        (plane,) = read_frames_hu(path, frames_of(path, dataset))
        assert np.array_equal(plane, dataset.pixel_array.astype(int) - 1024)
        assert np.array_equal(plane, sitk.GetArrayFromImage(sitk.ReadImage(str(path)))[0])


def test_of_two_real_series_one_is_read_and_the_other_named(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "lungdx_A0001"
    first, second = (read_ct(folder / name) for name in ("series_2", "series_3"))
    both = read_ct(folder)
    assert both.source["series_uid"] == first.source["series_uid"]
    assert np.array_equal(both.voxels_hu, first.voxels_hu)
    assert len(both.warnings) == 1 and "read series 2 (64 slices of 5 mm), not series 3 (64 slices of 5 mm)" in both.warnings[0]
    assert np.array_equal(read_ct(folder, series_uid="3").voxels_hu, second.voxels_hu)
    chosen = read_ct(folder, series_uid=str(second.source["series_uid"]))
    assert np.array_equal(chosen.voxels_hu, second.voxels_hu) and chosen.warnings == ()
    with pytest.raises(InputError, match=r"1\.2\.3 is not there.*213534032021332276911485641315.*257508444832901632590301540805"):
        read_ct(folder, series_uid="1.2.3")


def test_a_real_segmentation_beside_the_ct_is_left_out_and_missing_slices_are_filled(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "qin_LUNG010007_ct_plus_seg"
    volume = read_ct(folder)
    assert volume.source["other_objects"] == "SEG 1"
    assert volume.spacing_zyx_mm[0] == 3.0 and volume.voxels_hu.shape == (6, 512, 512)
    assert "257.00 to 266.00 mm" in volume.warnings[0]
    slices = {}
    for path in folder.iterdir():
        image = sitk.ReadImage(str(path))
        if image.GetDepth() == 1:
            slices[image.GetOrigin()[2]] = sitk.GetArrayFromImage(image)[0]
    for z, plane in slices.items():
        assert np.array_equal(volume.voxels_hu[round((z - 251.0) / 3.0)], plane)
    assert np.array_equal(volume.voxels_hu[3], np.rint(slices[257.0] * (2 / 3) + slices[266.0] / 3))


def test_a_real_truncated_slice_is_named(shared_data: Path) -> None:
    with pytest.raises(InputError, match=r"1-084\.dcm is cut short: it holds 51078 of 524288 bytes"):
        read_ct(shared_data / "dicom" / "lidc0001_truncated")


# --- order, orientation, geometry ---


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**16), count=st.integers(2, 7), angles=st.tuples(*[st.floats(-180, 180)] * 3), spacing=st.floats(0.5, 10))
def test_any_orientation_and_file_order_gives_the_same_volume_back(tmp_path_factory, seed, count, angles, spacing) -> None:
    rng = np.random.default_rng(seed)
    direction = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    voxels = random_hu((count, 9, 11), seed)
    positions = positions_along_normal(count, spacing, direction=direction)
    shuffled = rng.permutation(count)
    folder = tmp_path_factory.mktemp("series")
    write_series(folder, voxels[shuffled], positions[shuffled], direction, instance_numbers=-shuffled + count)
    volume = read_ct(folder)
    assert np.array_equal(volume.voxels_hu, voxels)
    np.testing.assert_allclose(volume.spacing_zyx_mm, (spacing, *SPACING_ZYX_MM[1:]), atol=1e-4)
    np.testing.assert_allclose(volume.origin_lps_mm, ORIGIN_LPS_MM, atol=1e-4)
    np.testing.assert_allclose(volume.direction_lps, direction, atol=1e-6)
    assert volume.warnings == ()


@pytest.mark.parametrize("degrees", [-25.0, 3.0, 20.0])
def test_a_tilted_gantry_is_straightened(tmp_path: Path, degrees: float) -> None:
    direction = Rotation.from_euler("x", degrees, degrees=True).as_matrix()
    positions = np.array(ORIGIN_LPS_MM) + np.arange(10)[:, None] * np.array([0.0, 0.0, 3.0])  # the table moves along z only
    written = write_ramp(tmp_path, positions, direction)
    volume = read_ct(tmp_path)
    measured = assert_ramp(volume)
    assert volume.spacing_zyx_mm[0] == pytest.approx(3.0 * np.cos(np.radians(degrees)), abs=1e-5)
    assert volume.spacing_zyx_mm[1:] == SPACING_ZYX_MM[1:]
    assert measured.sum() >= written.size  # every slice fits into the grid
    assert f"{abs(degrees):.1f}°" in volume.warnings[0] and "grid" in volume.warnings[0]


def test_missing_and_uneven_slices_are_interpolated_and_named(tmp_path: Path) -> None:
    places = np.array([0, 2.5, 5, 7.5, 12.5, 15.02, 17.5, 20, 21.5, 22.5, 25])  # 10 is missing, 15.02 is rounding, 21.5 is odd
    written = write_ramp(tmp_path, np.array(ORIGIN_LPS_MM) + places[:, None] * np.array([0, 0, 1.0]))
    volume = read_ct(tmp_path)
    assert volume.voxels_hu.shape[0] == 11 and volume.spacing_zyx_mm[0] == 2.5
    assert_ramp(volume)
    assert np.array_equal(volume.voxels_hu[[0, 1, 2, 3, 5, 6, 7, 8, 9, 10]], written[[0, 1, 2, 3, 4, 5, 6, 7, 9, 10]])
    assert "307.50 to 312.50 mm" in volume.warnings[0] and "2.5 mm" in volume.warnings[0]


def test_padding_is_not_mixed_into_interpolated_slices(tmp_path: Path) -> None:
    voxels = np.full((4, 8, 8), 40, np.int16)
    voxels[:, :, :4] = -900
    voxels[:, 0] = -2000
    voxels[2, 1] = -2000
    positions = positions_along_normal(5)[[0, 1, 3, 4]]
    write_series(tmp_path, voxels, positions)
    filled = read_ct(tmp_path).voxels_hu[2]
    assert set(np.unique(filled)) == {-2000, -900, 40}


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ([0, 2, 4, 12, 14, 16], "gap of 8.00 mm between 304.00 and 312.00 mm"),
        ([0, 8, 16, 32, 40], "gap of 16.00 mm"),
        ([0, 1, 3.1, 4.2, 7.2, 8.0, 9.9], "lie unevenly"),
    ],
)
def test_too_many_missing_slices_are_refused(tmp_path: Path, places: list[float], message: str) -> None:
    write_series(tmp_path, random_hu((len(places), 8, 8)), np.array(ORIGIN_LPS_MM) + np.array(places)[:, None] * np.array([0, 0, 1.0]))
    with pytest.raises(InputError, match=message):
        read_ct(tmp_path)


def test_rounded_positions_count_as_even(tmp_path: Path) -> None:
    voxels = random_hu((8, 8, 8))
    positions = np.round(positions_along_normal(8, 0.625), 1)
    write_series(tmp_path, voxels, positions)
    volume = read_ct(tmp_path)
    assert np.array_equal(volume.voxels_hu, voxels) and volume.warnings == ()


def test_a_single_slice_takes_its_thickness_for_the_spacing(tmp_path: Path) -> None:
    voxels = random_hu((1, 8, 8))
    write_series(tmp_path / "with", voxels)
    volume = read_ct(tmp_path / "with")
    assert volume.spacing_zyx_mm[0] == 2.5 and np.array_equal(volume.voxels_hu, voxels) and "single slice" in volume.warnings[0]
    write_series(tmp_path / "without", voxels, edit=lambda dataset, _: dataset.__delattr__("SliceThickness"))
    with pytest.raises(InputError, match="one slice without a SliceThickness"):
        read_ct(tmp_path / "without")
