"""Conversion to Hounsfield units, and the check that an image holds them."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.hounsfield import check_hounsfield, clipped_metal, to_hounsfield
from LungSegmentationLib.io.limits import PADDING_HU
from LungSegmentationLib.volume import CtVolume

DTYPES = ["i1", "u1", "<i2", ">i2", "<u2", "<i4", ">i4", "<u4", "<i8", "<f4", ">f4", "<f8"]


@given(
    data=st.data(),
    dtype=st.sampled_from(DTYPES),
    slope=st.sampled_from([1.0, 2.0, 0.5, -1.0, 0.37]),
    intercept=st.sampled_from([0.0, -1024.0, 3.5]),
)
def test_stored_values_of_any_type_become_rounded_hounsfield_units(data, dtype, slope, intercept) -> None:
    stored = data.draw(numpy_strategies.arrays(dtype, (2, 3, 4), elements=st.integers(0 if "u" in dtype else -100, 100)))
    voxels_hu = to_hounsfield(stored, "scan", slope, intercept)
    assert voxels_hu.dtype == np.int16 and voxels_hu.flags.c_contiguous and voxels_hu.flags.writeable
    assert not np.shares_memory(voxels_hu, stored)
    assert voxels_hu.tolist() == [[[round(value * slope + intercept) for value in row] for row in plane] for plane in stored.tolist()]


def test_one_value_far_below_is_padding_and_several_are_an_error() -> None:
    stored = np.linspace(-1000.4, 3000.4, 60, dtype=np.float32).reshape(3, 4, 5)
    padded = stored.copy()
    padded[:, 0] = -1e6
    voxels_hu = to_hounsfield(padded, "scan")
    assert np.all(voxels_hu[:, 0] == PADDING_HU) and np.array_equal(voxels_hu[:, 1:], np.rint(stored[:, 1:]))
    padded[0, 0, 0] = -2e6
    with pytest.raises(InputError, match=r"scan has 15 voxels below -32768, down to -2e\+06"):
        to_hounsfield(padded, "scan")


@pytest.mark.parametrize(("value", "message"), [(np.nan, "2 voxels that are not numbers"), (-np.inf, "2 voxels that are not numbers")])
def test_values_that_are_no_density_are_counted(value: float, message: str) -> None:
    stored = np.zeros((3, 4, 5), np.float32)
    stored[0, 1, 2] = stored[2, 3, 4] = value
    with pytest.raises(InputError, match=message):
        to_hounsfield(stored, "scan")


@pytest.mark.parametrize(
    ("dtype", "slope", "intercept", "metal"),
    [("f4", 1, 0, 40000), ("<u2", 1, -8192, 65535), ("i2", -2, -1024, -32768), ("f8", 0.5, 0, 1e6)],
)
def test_a_little_saturated_metal_is_clipped_and_said(dtype: str, slope: float, intercept: float, metal: float) -> None:
    hu = body_hu()
    stored = np.rint((hu - intercept) / slope).astype(dtype)
    expected = np.rint(stored.astype(float) * slope + intercept)
    stored[5, 20, 10:13] = metal
    expected[5, 20, 10:13] = 32767
    volume = ct(to_hounsfield(stored, "scan", slope, intercept))
    assert np.array_equal(volume.voxels_hu, expected)
    assert clipped_metal(volume) == ("3 voxels of saturated metal lay at or above 32767 HU: clipped to that value",)
    check_hounsfield(volume)
    assert clipped_metal(ct(hu)) == ()


def test_what_is_too_bright_as_a_whole_is_no_ct() -> None:
    picture = np.random.default_rng(0).integers(0, 65536, (4, 40, 40)).astype(np.uint16)
    with pytest.raises(InputError, match=r"scan has values up to 65\d+, and \d+ % of its voxels above 32767"):
        to_hounsfield(picture, "scan")
    voxels = body_hu().astype(np.float32)
    voxels[:, :4, :12] = 1e5  # 3 % of each slice
    with pytest.raises(InputError, match=r"scan has 480 voxels \(3\.0 %\) .* too many for metal"):
        clipped_metal(ct(to_hounsfield(voxels, "scan")))


def ct(voxels: np.ndarray) -> CtVolume:
    return CtVolume(voxels.astype(np.int16), (2.0, 1.0, 1.0), name="scan")


def body_hu(seed: int = 0) -> np.ndarray:
    """Air, a body of soft tissue, lungs of noisy air within it."""
    voxels = np.full((10, 40, 40), -1000)
    voxels[:, 8:32, 8:32] = 40
    voxels[:, 12:28, 10:16] = voxels[:, 12:28, 24:30] = -850
    return voxels + np.random.default_rng(seed).integers(-20, 21, voxels.shape)


def with_value(voxels: np.ndarray, where: np.ndarray, value: int) -> np.ndarray:
    return np.where(where, value, voxels)


CIRCLE = np.hypot(*(np.indices((40, 40)) - 19.5)) > 19


@pytest.mark.parametrize(
    "voxels",
    [
        body_hu(),
        body_hu()[:, 8:32, 8:32],  # the body fills the field of view: only the lungs hold air
        with_value(body_hu(), CIRCLE, -2000),
        with_value(body_hu(), CIRCLE, -3024),
        with_value(body_hu(), body_hu() < -960, -3024),  # all air outside the patient was blanked
        body_hu().clip(-1024, -100),  # a very thin window still has air and tissue
    ],
)
def test_what_may_be_a_ct_is_accepted(voxels: np.ndarray) -> None:
    check_hounsfield(ct(voxels))


@pytest.mark.parametrize(
    ("voxels", "message"),
    [
        (np.interp(body_hu(), [-1000, 400], [0, 255]), "from 0 to .* like a picture or a label map"),
        (body_hu() > -500, "from 0 to 1, like a picture or a label map"),
        (np.zeros((4, 4, 4)), "the same value 0 everywhere"),
        (np.full((4, 4, 4), -3024), "no value of -1024 or more"),
        ((body_hu() + 1024).clip(0), "rescale intercept"),
        (with_value(body_hu() + 1024, CIRCLE, -2000), "rescale intercept"),
        (body_hu().clip(-160, 240), r"from -160 to .* so no air"),
        (body_hu().clip(-1024, -600), r"to -600 and hardly any above -300, so no body"),
    ],
)
def test_what_cannot_be_a_ct_in_hounsfield_units_is_refused(voxels: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=rf"scan has .*{message}"):
        check_hounsfield(ct(voxels))


def test_no_part_of_a_real_scan_is_refused(shared_data: Path) -> None:
    """Whole scans are read in test_io; here thin slabs at the ends and in the middle, and the body's centre without outside air."""
    for path in sorted(shared_data.glob("tb1_*_ct.nii.gz")) + sorted(shared_data.glob("lidc0314_ct.nii.gz")):
        voxels = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
        rows, columns = (size // 5 for size in voxels.shape[1:])
        for start in (0, len(voxels) // 2, len(voxels) - 8):
            check_hounsfield(ct(voxels[start : start + 8]))
        check_hounsfield(ct(voxels[:, rows:-rows, columns:-columns]))
