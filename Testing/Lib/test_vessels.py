"""Vessels: tubes are told from plates, balls and noise; volumes and calibres hold."""

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.phantom import make_phantom, vessel_radii_mm
from LungSegmentationLib.phantom.structures import Structure
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.vessels.calibre import vessel_volumes_ml
from LungSegmentationLib.vessels.cross_sections import cross_section_areas_mm2, smoothed
from LungSegmentationLib.vessels.detection import VESSEL_RULES, find_vessels
from LungSegmentationLib.vessels.lattice_lines import LINES_ZYX, line_shares
from LungSegmentationLib.vessels.neighbourhood import largest_around, nearest_around
from LungSegmentationLib.vessels.slice_blur import gaussian_blurred
from LungSegmentationLib.vessels.small_airways import enclosed
from LungSegmentationLib.vessels.tubular_vessels import blood_contrast
from LungSegmentationLib.vessels.tubularity import eigenvalues, surface_level
from LungSegmentationLib.volume import to_canonical

LUNG_HU, BLOOD_HU = -860, 40
SUBSAMPLES = 3


def drawn(inside, spacing_zyx_mm=(0.8, 0.8, 0.8), size_mm=36.0):
    """Where ``inside(z, y, x)`` (mm from the middle) says is blood, three samples a voxel along each axis; also its volume in mL."""
    shape = [round(size_mm / spacing) for spacing in spacing_zyx_mm]
    axes = [
        ((np.arange(count * SUBSAMPLES) + 0.5) / SUBSAMPLES - count / 2) * spacing
        for count, spacing in zip(shape, spacing_zyx_mm, strict=True)
    ]
    truth = np.broadcast_to(inside(*np.meshgrid(*axes, indexing="ij", sparse=True)), [axis.size for axis in axes])
    return truth, truth.mean() * np.prod(shape) * np.prod(spacing_zyx_mm) / 1000


def scene(inside, spacing_zyx_mm=(0.8, 0.8, 0.8), size_mm=36.0, blur_mm=0.5, noise_sd_hu=10.0):
    """CT of what ``inside(z, y, x)`` (mm from the middle) says is blood, all around it lung; also the truth's volume in mL."""
    truth, truth_ml = drawn(inside, spacing_zyx_mm, size_mm)
    share = truth.astype(np.float32)
    # Blurred before it is sampled, as by a scanner; one axis after the other, so that ever fewer samples are left.
    for axis, spacing in enumerate(spacing_zyx_mm):
        share = ndimage.gaussian_filter1d(share, blur_mm * SUBSAMPLES / spacing, axis, truncate=3)
        apart = (*share.shape[:axis], share.shape[axis] // SUBSAMPLES, SUBSAMPLES, *share.shape[axis + 1 :])
        share = share.reshape(apart).mean(axis + 1)
    hu = LUNG_HU + (BLOOD_HU - LUNG_HU) * share + np.random.default_rng(0).normal(0, noise_sd_hu, share.shape)
    return np.rint(hu).astype(np.int16), truth_ml


def tube(radius_mm, direction_zyx, centre_zyx_mm=(0.13, 0.21, -0.17)):
    direction = np.asarray(direction_zyx, float) / np.linalg.norm(direction_zyx)

    def inside(z, y, x):
        z, y, x = z - centre_zyx_mm[0], y - centre_zyx_mm[1], x - centre_zyx_mm[2]
        along = z * direction[0] + y * direction[1] + x * direction[2]
        return z**2 + y**2 + x**2 - along**2 < radius_mm**2

    return inside


def find(hu, spacing_zyx_mm, **keywords):
    return find_vessels(hu, np.ones(hu.shape, np.uint8), None, spacing_zyx_mm, **keywords)


@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 0, 1), (1, 2, 3)])
@pytest.mark.parametrize("radius_mm", [1.5, 3.0, 5.0])
def test_a_tube_has_its_volume(radius_mm, direction):
    hu, truth_ml = scene(tube(radius_mm, direction), (0.7, 0.7, 0.7))
    found = find(hu, (0.7, 0.7, 0.7))
    assert np.count_nonzero(found) * 0.7**3 / 1000 == pytest.approx(truth_ml, rel=0.1)


def test_a_tube_in_slices_thicker_than_pixels():
    hu, truth_ml = scene(tube(3.0, (0, 1, 2)), (2.0, 0.8, 0.8))
    assert np.count_nonzero(find(hu, (2.0, 0.8, 0.8))) * 2 * 0.8**2 / 1000 == pytest.approx(truth_ml, rel=0.1)


@pytest.mark.parametrize("spacing", [(0.7, 0.7, 0.7), (1.0, 1.0, 1.0), (1.25, 0.7, 0.7)])
def test_thin_tubes_in_many_directions_have_their_volume(spacing):
    generator, found_ml, truth_ml = np.random.default_rng(5), 0.0, 0.0
    for radius_mm in (0.85, 1.0, 1.2):
        for _ in range(2):
            hu, truth = scene(tube(radius_mm, generator.normal(size=3), generator.uniform(-1, 1, 3)), spacing, size_mm=28)
            found_ml += np.count_nonzero(find(hu, spacing)) * np.prod(spacing) / 1000
            truth_ml += truth
    assert found_ml == pytest.approx(truth_ml, rel=0.06)


@pytest.mark.parametrize("direction", [(1, 0, 0), (0.2, 1, 0.1), (1, 2, 3)])
@pytest.mark.parametrize(("lumen_mm", "wall_mm"), [(1.6, 0.8), (3.0, 1.0)])
def test_the_wall_of_an_airway_is_no_vessel_and_its_artery_is_one(lumen_mm, wall_mm, direction):
    outer, lumen = tube(lumen_mm + wall_mm, direction), tube(lumen_mm, direction)
    beside = np.cross(direction, (0.3, 0.9, -0.2))
    beside = (lumen_mm + wall_mm + 2.0) * beside / np.linalg.norm(beside) + (0.13, 0.21, -0.17)
    artery = tube(1.8, direction, beside)
    airway, wall_ml = scene(lambda z, y, x: outer(z, y, x) & ~lumen(z, y, x), (0.7, 0.7, 0.7))
    both, _ = scene(lambda z, y, x: (outer(z, y, x) & ~lumen(z, y, x)) | artery(z, y, x), (0.7, 0.7, 0.7))
    _, artery_ml = drawn(artery, (0.7, 0.7, 0.7))
    voxel_ml = 0.7**3 / 1000
    assert np.count_nonzero(find(airway, (0.7, 0.7, 0.7))) * voxel_ml < 0.25 * wall_ml
    assert 0.9 * artery_ml < np.count_nonzero(find(both, (0.7, 0.7, 0.7))) * voxel_ml < artery_ml + 0.25 * wall_ml


@given(st.integers(0, 2**32 - 1), st.sampled_from([(1.0, 1.0, 1.0), (2.5, 0.7, 0.9)]))
@settings(max_examples=10, deadline=None)
def test_enclosed_places_equal_a_naive_search_along_each_line(seed, spacing):
    image = np.random.default_rng(seed).choice([0.0, 0.0, 0.0, 0.3], (5, 7, 6)).astype(np.float32)
    expected = []
    for place in np.ndindex(image.shape):
        is_open = 0.0
        for line, share in zip(LINES_ZYX, line_shares(spacing), strict=True):
            steps = max(1, int(8.0 / np.linalg.norm(np.multiply(line, spacing)) + 1e-6))
            for sign in (1, -1):
                ray = [tuple(np.add(place, np.multiply(sign * count, line))) for count in range(1, steps + 1)]
                inside = [point for point in ray if all(0 <= index < size for index, size in zip(point, image.shape, strict=True))]
                if not any(image[point] > image[place] + 0.05 for point in inside):
                    is_open += share
                    break
        expected.append(is_open <= 0.3)
    np.testing.assert_array_equal(enclosed(image, np.arange(image.size), spacing), expected)


def test_the_shares_of_the_lines_are_all_directions():
    for spacing in ((1.0, 1.0, 1.0), (3.0, 0.7, 0.7), (0.7, 2.0, 1.1)):
        shares = np.array(line_shares(spacing))
        assert shares.sum() == pytest.approx(1)
        turned = dict(zip(LINES_ZYX, line_shares(spacing[::-1]), strict=True))
        np.testing.assert_allclose([turned[max(line[::-1], tuple(-step for step in line[::-1]))] for line in LINES_ZYX], shares)


@pytest.mark.parametrize("half_thickness_mm", [0.4, 1.0, 3.0])
def test_plates_are_no_vessels(half_thickness_mm):
    hu, _ = scene(lambda z, y, x: np.abs(z * 0.6 + y * 0.8) < half_thickness_mm, size_mm=48)
    found = find(hu, (0.8, 0.8, 0.8))
    # At the image's border a plate has a free edge, which is a line.
    inner = (slice(15, -15),) * 3
    assert np.count_nonzero(hu[inner] > -500) > 200
    assert np.count_nonzero(found[inner]) <= 0.01 * np.count_nonzero(hu[inner] > -500)


@pytest.mark.parametrize("radius_mm", [4.0, 5.5, 9.0])
def test_a_nodule_on_a_vessel_is_left_out_and_the_vessel_stays(radius_mm):
    def ball(z, y, x):
        return (z**2 + y**2 + (x - radius_mm) ** 2) < radius_mm**2

    vessel = tube(1.2, (1, 0, 0))
    hu, _ = scene(lambda z, y, x: ball(z, y, x) | vessel(z, y, x))
    found = find(hu, (0.8, 0.8, 0.8)) > 0
    grid = (np.indices(hu.shape) + 0.5) * 0.8 - 18
    in_ball = (grid[0] ** 2 + grid[1] ** 2 + (grid[2] - radius_mm) ** 2) < radius_mm**2
    off_ball = (np.abs(grid[0]) > radius_mm + 2) & (np.hypot(grid[1], grid[2]) < 1.0)
    assert found[in_ball].mean() < 0.05
    assert found[off_ball].mean() > 0.8


def test_noise_alone_holds_no_vessels():
    hu = np.random.default_rng(1).normal(LUNG_HU, 40, (40, 60, 60)).astype(np.int16)
    assert not find(hu, (1.0, 0.8, 0.8)).any()


def test_twice_as_large_in_twice_as_large_voxels_is_the_same():
    hu, _ = scene(tube(2.4, (1, 2, 3)), (1.0, 1.0, 1.0), blur_mm=0.7)
    small, large = (find(hu, (spacing,) * 3) > 0 for spacing in (0.8, 1.0))
    assert np.count_nonzero(small & large) * 2 / (small.sum() + large.sum()) > 0.95


@pytest.mark.parametrize(("axes", "flips"), [((2, 0, 1), ()), ((1, 0, 2), (0, 2)), ((0, 1, 2), (0, 1, 2))])
def test_axis_orders_and_flips_give_the_same(axes, flips):
    hu, _ = scene(tube(1.8, (1, 2, 3)), (1.2, 0.8, 0.8))
    turned = np.ascontiguousarray(np.flip(np.transpose(hu, axes), flips))
    spacing = (1.2, 0.8, 0.8)
    expected = np.flip(np.transpose(find(hu, spacing), axes), flips) > 0
    found = find(turned, tuple(spacing[axis] for axis in axes)) > 0
    # Blocks of the coarse grid start at the array's first voxel, which flips move.
    assert np.count_nonzero(found & expected) * 2 / (found.sum() + expected.sum()) > 0.97


@given(st.integers(0, 2**32 - 1), st.sampled_from([(1.0, 1.0, 1.0), (2.5, 0.7, 0.9)]))
@settings(max_examples=15, deadline=None)
def test_the_threshold_rule_equals_a_naive_computation(seed, spacing):
    generator = np.random.default_rng(seed)
    hu = generator.integers(-1000, 100, (6, 9, 8)).astype(np.int16)
    labels = generator.choice([0, 1, 2, 3], (6, 9, 8), p=[0.03, 0.5, 0.4, 0.07]).astype(np.uint8)
    expected = np.zeros(hu.shape, np.uint8)
    for side in (1, 2):
        outside = np.argwhere((labels != side) & (labels != 3)) * spacing
        for place in np.argwhere(labels == side):
            is_far = np.linalg.norm(outside - place * spacing, axis=1).min() > 1.5
            if is_far and hu[tuple(place)] > -500:
                expected[tuple(place)] = side
    np.testing.assert_array_equal(find_vessels(hu, labels, None, spacing, "threshold"), expected)


@pytest.mark.parametrize("rule", [rule.key for rule in VESSEL_RULES])
def test_empty_lungs_one_lung_and_sides(rule):
    hu, _ = scene(tube(2.0, (0, 0, 1)))
    labels = np.zeros(hu.shape, np.uint8)
    assert not find_vessels(hu, labels, None, (0.8,) * 3, rule).any()
    labels[..., 25:] = 2
    one = find_vessels(hu, labels, None, (0.8,) * 3, rule)
    assert set(np.unique(one)) == {0, 2}
    labels[..., :20] = 1
    both = find_vessels(hu, labels, None, (0.8,) * 3, rule)
    assert set(np.unique(both)) == {0, 1, 2}
    np.testing.assert_array_equal(both == 2, one == 2)
    assert np.all((both == 0) | (both == labels))


def test_unknown_rules_and_other_shapes_are_refused():
    hu = np.zeros((4, 4, 4), np.int16)
    with pytest.raises(InputError, match=r"'frangi'.*tubularity, threshold"):
        find(hu, (1.0, 1.0, 1.0), rule="frangi")
    with pytest.raises(InputError, match="label map has shape"):
        find_vessels(hu, np.zeros((4, 4, 5), np.uint8), None, (1.0, 1.0, 1.0))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_eigenvalues_are_those_of_linear_algebra(seed):
    matrices = np.random.default_rng(seed).normal(size=(50, 3, 3))
    matrices += matrices.transpose(0, 2, 1)
    elements = np.stack([matrices[:, i, j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))])
    np.testing.assert_allclose(np.stack(eigenvalues(elements), axis=1), np.linalg.eigvalsh(matrices), atol=1e-6)


def test_the_level_at_a_blurred_discs_rim():
    step, blur = 0.02, 1.0
    y, x = np.meshgrid(np.arange(-8, 8, step), np.arange(-8, 8, step), indexing="ij")
    for radius in (0.6, 1.5, 3.0):
        weight = np.exp(-(x**2 + y**2) / 2 / blur**2) / (2 * np.pi * blur**2) * step**2
        middle, rim = ((weight * (np.hypot(x - offset, y) < radius)).sum() for offset in (0.0, radius))
        assert surface_level(np.array([middle]))[0] == pytest.approx(rim, abs=0.004)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 1.7, 2.4]))
@settings(max_examples=15, deadline=None)
def test_the_largest_value_in_a_ball_up_to_the_border(seed, radius_mm):
    generator, spacing = np.random.default_rng(seed), np.array([1.2, 0.7, 0.9])
    values = generator.normal(size=(5, 7, 6)).astype(np.float32)
    places = generator.choice(values.size, 20, replace=False)
    everywhere = np.argwhere(np.ones(values.shape, bool))
    near_spacing = np.minimum(spacing, radius_mm)
    expected = [
        values.reshape(-1)[np.linalg.norm((everywhere - np.unravel_index(place, values.shape)) * near_spacing, axis=1) <= radius_mm].max()
        for place in places
    ]
    np.testing.assert_array_equal(largest_around(values, places, radius_mm, tuple(spacing)), expected)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 1.7, 2.4]))
@settings(max_examples=15, deadline=None)
def test_the_nearest_value_in_a_ball_up_to_the_border(seed, radius_mm):
    generator, spacing = np.random.default_rng(seed), np.array([1.2, 0.71, 0.93])
    values = generator.integers(1, 9, (5, 7, 6)) * (generator.random((5, 7, 6)) < 0.1)
    places = np.arange(values.size)
    marked = np.argwhere(values)
    found = nearest_around(values, places, radius_mm, tuple(spacing))
    for place, value in zip(places, found, strict=True):
        steps = marked - np.unravel_index(place, values.shape)
        # Along an axis with voxels longer than the radius, the next voxel counts as within reach.
        is_within = np.linalg.norm(steps * np.minimum(spacing, radius_mm), axis=1) <= radius_mm
        distances = np.linalg.norm(steps * spacing, axis=1)[is_within].round(6)
        nearest = marked[is_within][distances == distances.min(initial=np.inf)]
        assert value in (values[tuple(nearest.T)] if len(nearest) else [0])


def four_tubes(direction):
    """Parallel tubes: two below 5 mm², one between, one above 10 mm²."""
    offset = np.cross(direction, (0.3, 0.9, -0.2))
    offset = offset / np.linalg.norm(offset)
    return [tube(radius, direction, place * offset) for radius, place in zip((0.9, 1.1, 1.5, 3.0), np.linspace(-13, 13, 4), strict=True)]


@pytest.mark.parametrize("spacing", [(0.7, 0.7, 0.7), (1.0, 1.0, 1.0), (1.0, 0.7, 0.7)])
@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 1, 0), (1, 2, 3)])
def test_small_vessels_share_of_the_volume(spacing, direction):
    tubes = four_tubes(direction)
    hu, _ = scene(lambda z, y, x: np.logical_or.reduce([inside(z, y, x) for inside in tubes]), spacing, size_mm=48)
    truth_ml = []
    axes = [(np.arange(count) + 0.5 - count / 2) * mm for count, mm in zip(hu.shape, spacing, strict=True)]
    vessels = np.zeros(hu.shape, np.uint8)
    for inside in tubes:
        mask = np.broadcast_to(inside(*np.meshgrid(*axes, indexing="ij", sparse=True)), hu.shape)
        vessels[mask] = 1
        truth_ml.append(drawn(inside, spacing, size_mm=48)[1])
    sides = vessel_volumes_ml(hu, np.ones(hu.shape, np.uint8), vessels, spacing)
    side, total = sides["right_lung"], sum(truth_ml)
    assert side.below_5_mm2_ml == pytest.approx(truth_ml[0] + truth_ml[1], rel=0.08)
    assert side.total_ml == pytest.approx(total, rel=0.05)
    assert side.small_fraction == pytest.approx((truth_ml[0] + truth_ml[1]) / total, abs=0.05)
    assert side.above_10_mm2_ml / total == pytest.approx(truth_ml[3] / total, abs=0.05)
    assert sides["left_lung"].small_fraction is None


@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 0, 1), (1, 2, 3), (2, -1, 2)])
@pytest.mark.parametrize(
    ("spacing", "blur_mm"),
    [((0.7, 0.7, 0.7), 0.3), ((0.7, 0.7, 0.7), 0.8), ((1.0, 1.0, 1.0), 0.5), ((1.25, 0.7, 0.7), 0.8), ((1.5, 0.8, 0.8), 0.8)],
)
def test_the_cross_section_of_a_tube_at_any_blur(spacing, blur_mm, direction):
    for radius_mm in (0.9, 1.26, 1.78):
        inside = tube(radius_mm, direction)
        hu, _ = scene(inside, spacing, size_mm=20, blur_mm=blur_mm, noise_sd_hu=5)
        axes = [(np.arange(count) + 0.5 - count / 2) * mm for count, mm in zip(hu.shape, spacing, strict=True)]
        found = np.broadcast_to(inside(*np.meshgrid(*axes, indexing="ij", sparse=True)), hu.shape)
        contrast = np.clip(blood_contrast(hu, np.ones(hu.shape, bool), spacing), 0, 1)
        areas_mm2 = cross_section_areas_mm2(contrast, found, spacing, blur_mm**2 + np.square(spacing) / 12)
        assert np.median(areas_mm2) == pytest.approx(np.pi * radius_mm**2, rel=0.12)


@pytest.mark.parametrize(("shape", "sigmas"), [((9, 14, 11), (0.7, 1.3, 0.9)), ((3, 20, 5), (2.1, 0.0, 1.6)), ((1, 1, 7), (1.0, 1.0, 1.0))])
def test_a_blur_slice_by_slice_is_that_axis_by_axis(shape, sigmas):
    image = np.random.default_rng(1).random(shape, dtype=np.float32)
    expected = image
    for axis, sigma in enumerate(sigmas):
        if sigma:
            expected = ndimage.gaussian_filter1d(expected, sigma, axis=axis, mode="nearest", truncate=3.0)
    np.testing.assert_array_equal(gaussian_blurred(image, sigmas, 3.0), expected)


@pytest.mark.parametrize("variances_mm2", [(0.05, 0.3, 0.6), (0.9, 0.02, 1.4)])
def test_smoothing_adds_exactly_its_variance(variances_mm2):
    spacing, image = (0.8, 1.0, 1.25), np.zeros((41, 41, 41))
    image[20, 20, 20] = 1
    result = smoothed(image, np.array(variances_mm2), spacing)
    assert result.sum() == pytest.approx(1)
    for offsets, mm, variance in zip(np.indices(image.shape) - 20, spacing, variances_mm2, strict=True):
        assert (result * (offsets * mm) ** 2).sum() == pytest.approx(variance, rel=0.03)


def test_calibres_do_not_depend_on_the_order_of_the_axes():
    tubes, spacing = four_tubes((1, 2, 3)), (1.2, 0.8, 0.8)
    hu, _ = scene(lambda z, y, x: np.logical_or.reduce([inside(z, y, x) for inside in tubes]), spacing)
    labels = np.ones(hu.shape, np.uint8)
    vessels = (hu > -500).astype(np.uint8)
    expected = vessel_volumes_ml(hu, labels, vessels, spacing)["right_lung"]
    for axes, flips in (((2, 0, 1), ()), ((0, 1, 2), (0, 2)), ((1, 2, 0), (1,))):
        arrays = [np.ascontiguousarray(np.flip(np.transpose(array, axes), flips)) for array in (hu, labels, vessels)]
        side = vessel_volumes_ml(*arrays, tuple(spacing[axis] for axis in axes))["right_lung"]
        # The background is sampled from the array's first voxel on, which flips move.
        assert side.total_ml == pytest.approx(expected.total_ml, rel=0.005)
        assert side.small_fraction == pytest.approx(expected.small_fraction, abs=0.01)


def shares_by_calibre(changes, phantom, vessels):
    """BV5 / TBV and BV10 / TBV of a phantom, as measured from a mask of vessels, and as they are."""
    sides = vessel_volumes_ml(phantom.volume.voxels_hu, phantom.labels, vessels, phantom.volume.spacing_zyx_mm).values()
    total_ml = sum(side.total_ml for side in sides)
    found = sum(side.below_5_mm2_ml for side in sides) / total_ml, sum(side.above_10_mm2_ml for side in sides) / total_ml
    shapes = {name: value for name, value in changes.items() if name not in ("blur_mm", "noise_sd_hu")}  # which have no part in it
    areas_mm2 = np.pi * radii_mm(**shapes)[true_vessels(phantom)] ** 2
    return found, ((areas_mm2 < 5).mean(), (areas_mm2 > 10).mean())


@lru_cache(maxsize=1)
def radii_mm(**changes):
    return vessel_radii_mm(**changes)


def true_vessels(phantom):
    return np.isin(phantom.structures, (Structure.VESSEL_RIGHT, Structure.VESSEL_LEFT))


@pytest.mark.parametrize(("blur_mm", "noise_sd_hu"), [(0.3, 40.0), (0.5, 20.0), (0.8, 40.0)])
def test_the_phantoms_calibres_at_any_blur_and_noise(blur_mm, noise_sd_hu):
    changes = {"seed": 3, "shape_zyx": (300, 360, 360), "coverage": (0.46, 0.56), "blur_mm": blur_mm, "noise_sd_hu": noise_sd_hu}
    phantom = make_phantom(**changes)
    found, truth = shares_by_calibre(changes, phantom, true_vessels(phantom))
    assert found == pytest.approx(truth, abs=0.06)


@pytest.mark.parametrize("changes", [{"seed": 1}, {"seed": 4, "shape_zyx": (200, 320, 320), "coverage": (0.3, 0.7)}])
def test_the_phantoms_vessels(changes):
    phantom = make_phantom(**changes)
    spacing = phantom.volume.spacing_zyx_mm
    found = find_vessels(phantom.volume.voxels_hu, phantom.labels, None, spacing)
    truth = true_vessels(phantom)
    sides = vessel_volumes_ml(phantom.volume.voxels_hu, phantom.labels, found, spacing).values()
    truth_ml = np.count_nonzero(truth) * phantom.volume.voxel_volume_ml
    assert sum(side.total_ml for side in sides) == pytest.approx(truth_ml, rel=0.05)
    assert found[truth].astype(bool).mean() > 0.8
    walls = np.isin(phantom.structures, (Structure.SMALL_AIRWAY_WALL_RIGHT, Structure.SMALL_AIRWAY_WALL_LEFT))
    assert found[walls].astype(bool).mean() < 0.35
    assert found[np.isin(phantom.structures, (Structure.NODULE_RIGHT, Structure.NODULE_LEFT))].astype(bool).mean() < 0.3
    measured, expected = shares_by_calibre(changes, phantom, found)
    assert measured == pytest.approx(expected, abs=0.05)


def test_a_real_scan_has_vessels_off_the_pleura(shared_data):
    volume = read_ct(shared_data / "lidc0028_ct.nii.gz")
    canonical, order = to_canonical(volume)
    labels = order.apply(segment(volume, "connected-components").labels)
    spacing = canonical.spacing_zyx_mm
    depth_mm = ndimage.distance_transform_edt(labels != 0, sampling=spacing)
    tubes, bright = (find_vessels(canonical.voxels_hu, labels, None, spacing, rule) > 0 for rule in ("tubularity", "threshold"))
    shell = depth_mm <= 3
    assert np.count_nonzero(tubes & shell) < 0.8 * np.count_nonzero(bright & shell)
    volumes = vessel_volumes_ml(canonical.voxels_hu, labels, tubes, spacing)
    assert all(20 < side.total_ml < 150 and 0.05 < side.small_fraction < 0.6 for side in volumes.values())
