"""The blur of a scan, measured at the border between lung and chest wall."""

import numpy as np
import pytest
from scipy import ndimage, special

from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.vessels.scan_blur import blur_variances_zyx_mm2

LUNG_HU, WALL_HU = -860, 40


@pytest.mark.parametrize("variance_mm2", [0.12, 0.35, 0.9])
@pytest.mark.parametrize(
    ("spacing", "normal"), [((1.0, 0.7, 0.7), (0, 0, 1)), ((2.5, 0.9, 0.9), (0.2, -1, 0.3)), ((0.8, 0.8, 0.8), (0.1, 0.3, -1))]
)
def test_plane_edges_have_the_blur_they_were_given(spacing, normal, variance_mm2):
    normal = np.array(normal) / np.linalg.norm(normal)
    covariance = np.array([0.2 * spacing[0] ** 2, variance_mm2, variance_mm2])
    shape = [round(32 / mm) for mm in spacing]
    steps = np.moveaxis(np.indices(shape), 0, -1) - np.array(shape) / 2
    distance = steps @ (normal * spacing)
    wall = special.ndtr(distance / np.sqrt((normal**2 * covariance).sum()))
    hu = np.rint(LUNG_HU + (WALL_HU - LUNG_HU) * wall).astype(np.int16)
    assert blur_variances_zyx_mm2(hu, distance < 0.4, spacing) == pytest.approx(tuple(covariance), rel=0.03)


@pytest.mark.parametrize("noise_sd_hu", [0, 40])
@pytest.mark.parametrize(("mm", "blur_mm"), [(0.7, 0.3), (0.7, 0.8), (1.0, 0.5)])
def test_a_round_lung_in_noise(mm, blur_mm, noise_sd_hu):
    subsamples, count = 4, round(60 / mm)
    axis = ((np.arange(count * subsamples) + 0.5) / subsamples - count / 2) * mm
    lung = np.hypot(axis[:, None] / 24, axis / 20) < 1
    share = ndimage.gaussian_filter(lung.astype(np.float32), blur_mm / mm * subsamples)
    share = share.reshape(count, subsamples, count, subsamples).mean((1, 3))
    shape = (12, count, count)
    hu = WALL_HU + (LUNG_HU - WALL_HU) * share + np.random.default_rng(0).normal(0, noise_sd_hu, shape)
    variances = blur_variances_zyx_mm2(np.rint(hu).astype(np.int16), np.broadcast_to(share > 0.5, shape), (mm, mm, mm))
    assert variances[1] == variances[2] == pytest.approx(blur_mm**2 + mm**2 / 12, rel=0.15)


def test_where_the_slices_lie_does_not_matter():
    phantom = make_phantom(shape_zyx=(60, 200, 200), coverage=(0.4, 0.6))
    lung, spacing = (phantom.labels == 1) | (phantom.labels == 2), phantom.volume.spacing_zyx_mm
    expected = blur_variances_zyx_mm2(phantom.volume.voxels_hu, lung, spacing)
    assert expected[1] == expected[2] != 0.5**2 + spacing[1] ** 2 / 12
    hu, turned = (np.ascontiguousarray(np.transpose(array, (2, 0, 1))) for array in (phantom.volume.voxels_hu, lung))
    found = blur_variances_zyx_mm2(hu, turned, (spacing[2], spacing[0], spacing[1]))
    assert found == pytest.approx((expected[2], expected[0], expected[1]), rel=1e-6)


@pytest.mark.parametrize("shape", [(2, 3, 3), (20, 40, 40)])
def test_without_a_chest_wall_the_kernel_is_taken_for_a_usual_one(shape):
    hu = np.full(shape, LUNG_HU, np.int16)
    lung = np.zeros(shape, bool)
    lung[:, :, :20] = True
    assert blur_variances_zyx_mm2(hu, lung, (2.0, 0.6, 0.6)) == pytest.approx((0.8, 0.28, 0.28))
