"""What is told from vessels, and what is joined to them: nodules, scars, septa, gaps, and noise of any strength."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from LungSegmentationLib.vessels.detection import find_vessels
from LungSegmentationLib.vessels.linking import linked
from LungSegmentationLib.vessels.nodules import nodules as nodules_of
from LungSegmentationLib.vessels.noise import noise_at
from LungSegmentationLib.vessels.rays import directions_over_sphere, ray_exits_mm
from LungSegmentationLib.vessels.scars import near_chest_wall
from LungSegmentationLib.vessels.sheets import sheets_among
from LungSegmentationLib.vessels.tubularity import scaled_second_derivatives

sys.path.insert(0, str(Path(__file__).parents[1] / "Benchmarks"))

from vessel_block import correlated_noise
from vessel_lookalikes import KINDS, make_lookalike_block

VOXEL_MM = (0.7, 0.7, 0.7)


@pytest.fixture(scope="module")
def nodules():
    block = make_lookalike_block(11, 44.0, VOXEL_MM, 0.5, 20.0, KINDS[:2])
    return block, find_vessels(block.vessels.voxels_hu, block.labels, None, VOXEL_MM)


def test_nodules_of_any_kind_are_no_vessels_and_the_vessels_around_them_are(nodules):
    block, vessels = nodules
    of_nodules = np.isin(block.kinds, (1, 2))
    assert np.count_nonzero(of_nodules) * 0.343 > 1000
    assert np.mean(vessels[of_nodules] > 0) < 0.05
    assert block.vessels.found(vessels, (1.0, 9.0)) > 0.85
    assert block.vessels.found(vessels, (0.7, 1.0)) > 0.85


def nodule_scene(radius_mm, vessel_mm, middle_zyx_mm=(18.0, 17.6, 17.3), shape=(52, 50, 50)):
    """A ball in which a vessel ends, blurred and with noise: the scan, the ball, and the vessel from 3 mm off it on."""
    z, y, x = (index * 0.7 - middle for index, middle in zip(np.indices(shape), middle_zyx_mm, strict=True))
    ball = z**2 + y**2 + x**2 < radius_mm**2
    vessel = (y**2 + z**2 < vessel_mm**2) & (x > 0)
    noise = correlated_noise(np.random.default_rng(1), list(shape), 15.0)
    hu = ndimage.gaussian_filter(-860 + 900.0 * (ball | vessel), 0.8) + noise
    return np.rint(hu).astype(np.int16), ball, vessel & (x > radius_mm + 3)


@pytest.mark.parametrize(("radius_mm", "vessel_mm"), [(2.0, 0.7), (2.5, 0.9), (3.5, 1.4), (6.0, 2.5)])
def test_a_small_nodule_in_which_a_vessel_ends_is_none_and_the_vessel_is_one(radius_mm, vessel_mm):
    hu, ball, vessel = nodule_scene(radius_mm, vessel_mm)
    vessels = find_vessels(hu, np.ones(hu.shape, np.uint8), None, VOXEL_MM) > 0
    assert vessels[ball].mean() < 0.05
    # The scan's own border is left out.
    assert vessels[vessel & (np.indices(hu.shape)[2] < 46)].mean() > 0.5


@pytest.mark.parametrize("middle_mm", [0.0, 1.4])
def test_a_nodule_that_the_scan_cuts_is_no_vessel(middle_mm):
    hu, ball, _ = nodule_scene(4.0, 0.0, (middle_mm, 17.6, 17.3))
    assert (find_vessels(hu, np.ones(hu.shape, np.uint8), None, VOXEL_MM)[ball] > 0).mean() < 0.05


@pytest.mark.parametrize("core_mm", [0.0, 4.0])
def test_ground_glass_between_wide_vessels_is_no_vessel_and_they_are(core_mm):
    z, y, x = (index * 0.7 - 19.0 for index in np.indices((55, 55, 55)))
    distance_mm = np.sqrt(z**2 + y**2 + x**2)
    glass = distance_mm < 8.0
    wide = ((y - 10.0) ** 2 + z**2 < 3.0**2) | ((x + 10.5) ** 2 + (z - 2) ** 2 < 3.0**2) | ((z - 10.0) ** 2 + x**2 < 3.0**2)
    hu = np.where(wide | (distance_mm < core_mm), 40.0, np.where(glass, -550.0, -860.0))
    hu = ndimage.gaussian_filter(hu, 0.8) + correlated_noise(np.random.default_rng(2), list(hu.shape), 15.0)
    vessels = find_vessels(np.rint(hu).astype(np.int16), np.ones(hu.shape, np.uint8), None, VOXEL_MM) > 0
    assert vessels[glass & ~wide].mean() < 0.05
    assert vessels[wide & ~glass][::3].mean() > 0.7


def test_the_end_and_the_fork_of_a_vessel_are_no_nodules():
    image = tube_image((40, 50, 50), (17.5, 17.5), 1.3, 0.8)
    image[26:] = 0
    z, y, x = np.indices(image.shape) * 0.7
    branch = 0.8 * np.exp(-((x - 17.5) ** 2 + (z - 10.5 - 0.6 * (y - 17.5)) ** 2 / 1.36) / 2 / 1.2**2) * (y > 17.5)
    image = ndimage.gaussian_filter(np.maximum(image, branch), 0.5).astype(np.float32)
    coarse = image.reshape(20, 2, 25, 2, 25, 2).mean((1, 3, 5), dtype=np.float32)
    assert not nodules_of(image, coarse, np.ones(image.shape, bool), VOXEL_MM, (1.4, 1.4, 1.4)).any()


def test_scars_septa_and_fissures_are_mostly_no_vessels():
    spacing = (1.0, 1.0, 1.0)
    block = make_lookalike_block(12, 42.0, spacing, 0.5, 20.0, KINDS[2:])
    vessels = find_vessels(block.vessels.voxels_hu, block.labels, None, spacing)
    assert block.called_vessel(vessels, "septum") < 0.2
    assert block.called_vessel(vessels, "fissure") < 0.2
    assert block.vessels.found(vessels, (1.0, 9.0)) > 0.85


def test_a_rod_at_the_chest_wall_is_a_scar_and_the_same_rod_off_it_is_a_vessel():
    z, y, x = (np.indices((60, 50, 50)) + 0.5) * 0.7
    radius = np.hypot(y - 17.3, x - 17.6)
    labels = (z < 36).astype(np.uint8)
    found = []
    for lowest, highest in ((20.0, 40.0), (8.0, 28.0)):
        share = ((radius < 1.5) & (z > lowest) & (z < highest)).astype(float)
        hu = ndimage.gaussian_filter(-860 + 900 * np.maximum(share, z > 36), 0.8) + np.random.default_rng(0).normal(0, 10, z.shape)
        vessels = find_vessels(np.rint(hu).astype(np.int16), labels, None, VOXEL_MM)
        found.append(np.mean(vessels[(share > 0) & (z < 34)] > 0))
    assert found[0] < 0.1
    assert found[1] > 0.6


def test_the_chest_wall_is_outside_of_the_hull_and_above_the_lungs():
    z, y, x = np.indices((40, 60, 80))
    lungs = (np.abs(y - 30) < 22) & (((x > 5) & (x < 30)) | ((x > 50) & (x < 75))) & (z > 5) & (z < 30)
    near = near_chest_wall(lungs, (2.0, 2.0, 2.0))
    assert near[20, 30, 7] and near[20, 30, 73] and near[20, 10, 20]
    assert near[29, 30, 20] and not near[6, 30, 20]
    # Beside the mediastinum, and deep inside.
    assert not near[15, 30, 29] and not near[15, 30, 18]


def tube_image(shape, axis_yx, radius_mm=0.9, height=0.6):
    _, y, x = np.indices(shape) * 0.7
    return (height * np.exp(-((y - axis_yx[0]) ** 2 + (x - axis_yx[1]) ** 2) / (2 * radius_mm**2))).astype(np.float32)


@pytest.mark.parametrize(("gap_voxels", "dark", "is_joined"), [(3, False, True), (3, True, False), (9, False, False)])
def test_a_short_gap_is_closed_where_the_tube_goes_on(gap_voxels, dark, is_joined):
    image = tube_image((40, 30, 30), (10.5, 10.5))
    start = 20 - gap_voxels // 2
    gap = slice(start, start + gap_voxels)
    vessels = image > 0.4
    vessels[gap] = False
    if dark:
        image[gap] = 0
    joined = linked(vessels, image, vessels, np.full(image.shape, 0.1, np.float32), VOXEL_MM)
    assert np.all(joined[vessels])
    assert (ndimage.label(joined, np.ones((3, 3, 3)))[1] == 1) == is_joined
    if not is_joined and dark:
        assert not joined[gap].any()


def test_parallel_tubes_stay_apart_and_a_faint_end_is_followed_as_far_as_it_is_tube():
    image = np.maximum(tube_image((40, 30, 40), (10.5, 7.0)), tube_image((40, 30, 40), (10.5, 18.2)))
    tubes = image > 0.4
    vessels = tubes.copy()
    vessels[25:, :, :20] = False
    tubes[33:, :, :20] = False
    image[:, :, :20] *= np.where(np.arange(40) < 33, 1, 0)[:, None, None]
    joined = linked(vessels, image, tubes, np.full(image.shape, 0.1, np.float32), VOXEL_MM)
    assert ndimage.label(joined, np.ones((3, 3, 3)))[1] == 2
    assert joined[25:32, :, :20].any(axis=(1, 2)).all()
    assert not joined[34:, :, :20].any()


@pytest.mark.parametrize("lag_1", [0.3, 0.77])
def test_the_noise_is_measured_where_it_is_and_vessels_hardly_move_it(lag_1):
    noise = (correlated_noise(np.random.default_rng(4), [80, 80, 100], 12.0, lag_1) / 900).astype(np.float32)
    noise[:, :, 50:] *= 2
    image, spacing = noise + np.float32(0.07), (1.0, 1.0, 1.0)
    lung, places = np.ones(image.shape, bool), np.ravel_multi_index(([40, 40], [40, 40], [15, 85]), image.shape)
    second = scaled_second_derivatives(image, np.arange(image.size), 0.7, spacing)[:3].reshape(3, *image.shape)
    truth = np.array([second[..., :40].std(dtype=float), second[..., 60:].std(dtype=float)])
    measured = noise_at(image, lung, places, 0.7, spacing)
    np.testing.assert_allclose(measured, truth, rtol=0.25)
    image[::10, :, ::10] = 1
    np.testing.assert_allclose(noise_at(image, lung, places, 0.7, spacing), measured, rtol=0.15)


def test_a_quiet_scan_shows_more_and_a_noisy_one_nothing_that_is_not_there():
    image = tube_image((60, 60, 60), (21.0, 21.0), 0.8, 0.12)
    truth = image > 0.03
    found = {}
    for sd_hu in (8.0, 90.0):
        hu = np.rint(-860 + 900 * image + correlated_noise(np.random.default_rng(2), list(image.shape), sd_hu)).astype(np.int16)
        found[sd_hu] = find_vessels(hu, np.ones(hu.shape, np.uint8), None, VOXEL_MM) > 0
    assert (found[8.0] & truth).any(axis=(1, 2)).mean() > 0.9
    for mask in found.values():
        assert np.count_nonzero(mask & ~ndimage.binary_dilation(truth, iterations=2)) == 0


def test_where_three_sheets_meet_is_no_tube_but_a_tube_is():
    _, y, x = np.indices((30, 50, 50)) * 0.7 - 17.5
    angle, far = np.arctan2(y, x), np.hypot(y, x)
    turned = [angle - 0.3 - third for third in (0, 2.094, -2.094)]
    distances = [np.where(np.cos(turn) > 0, np.abs(far * np.sin(turn)), np.inf) for turn in turned]
    sheets = (0.55 * np.exp(-(np.min(distances, axis=0) ** 2) / 2 / 0.8**2)).astype(np.float32)
    tube = (0.55 * np.exp(-(y**2 + x**2) / 2 / 0.9**2)).astype(np.float32)
    line = far < 0.8
    inner = np.zeros(line.shape, bool)
    inner[8:-8] = True
    in_sheets, in_tube = (np.isin(np.flatnonzero(line & inner), sheets_among(image, line, VOXEL_MM)) for image in (sheets, tube))
    assert in_sheets.mean() > 0.6
    assert not in_tube.any()


def test_rays_leave_a_ball_at_its_radius_and_end_with_the_lung():
    spacing = (1.0, 0.8, 0.8)
    z, y, x = (index * mm for index, mm in zip(np.indices((40, 50, 50)), spacing, strict=True))
    image = np.clip(6.5 - np.sqrt((z - 20) ** 2 + (y - 20) ** 2 + (x - 20) ** 2), 0, 1).astype(np.float32)
    lung = y < 22
    directions = directions_over_sphere(60)
    assert np.linalg.norm(directions.mean(axis=0)) < 0.02
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1)
    middle, level = np.array([[20.0, 20.0, 20.0]]), np.array([0.5], np.float32)
    exits_mm, is_inside = ray_exits_mm(image, middle, level, lung, directions, 12.0, spacing, np.inf)
    np.testing.assert_allclose(exits_mm[is_inside], 6.0, atol=0.8)
    assert exits_mm[is_inside].mean() == pytest.approx(6.0, abs=0.15)
    deepest_mm = directions[:, 1] * 6.0
    assert is_inside[0, deepest_mm < 1.0].all() and not is_inside[0, deepest_mm > 3.0].any()


def test_a_ray_ends_where_it_gets_much_brighter_than_it_was():
    image = np.full((1, 1, 40), 0.3, np.float32)
    image[..., :4], image[..., 20:] = 0.5, 0.9
    ahead, spacing = np.array([[0.0, 0.0, 1.0]]), (1.0, 1.0, 1.0)
    start, level = np.array([[0.0, 0.0, 0.0]]), np.array([0.2], np.float32)
    exits_mm = [float(ray_exits_mm(image, start, level, image > 0, ahead, 30.0, spacing, rise)[0][0, 0]) for rise in (np.inf, 0.5, 0.7)]
    assert exits_mm == [30.0, pytest.approx(19.5, abs=0.8), 30.0]
