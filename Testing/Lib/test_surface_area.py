"""Surface areas of shapes whose area is known, in voxels of many shapes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.special import elliprg

from LungSegmentationLib.measurement.direction_sample import direction_sample
from LungSegmentationLib.measurement.surface_area import surface_area_cm2
from LungSegmentationLib.phantom import make_phantom

SPACINGS = [(1.0, 1.0, 1.0), (0.6, 0.8, 0.8), (1.25, 0.7, 0.7), (2.5, 0.7, 0.7), (5.0, 0.84, 0.84)]
SHAPES = npst.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6)


def turned_axes(generator, spacing, half_mm):
    """Give the coordinates in mm along three perpendicular directions, of a grid that lies anyhow in them."""
    counts = [int(half_mm / mm) + 2 for mm in spacing]
    parts = generator.random(3)
    axes = [(np.arange(-count, count + 1) + part) * mm for count, part, mm in zip(counts, parts, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    return [row[0] * z + row[1] * y + row[2] * x for row in np.linalg.qr(generator.normal(size=(3, 3)))[0]]


@settings(deadline=None, max_examples=25)
@given(
    sides=st.floats(8.0, 12.0),
    spacing=st.tuples(st.floats(0.6, 3.0), st.floats(0.7, 1.2), st.floats(0.7, 1.2)),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_surface_of_a_sphere_is_right_within_one_per_cent(sides, spacing, seed):
    radius_mm = sides * max(spacing)
    u, v, w = turned_axes(np.random.default_rng(seed), spacing, radius_mm)
    assert surface_area_cm2(u**2 + v**2 + w**2 <= radius_mm**2, spacing) == pytest.approx(4 * np.pi * radius_mm**2 / 100, rel=0.01)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_ellipsoids_and_half_balls_however_they_lie_are_right_within_one_per_cent(spacing):
    generator = np.random.default_rng(1)
    a, b, c = 8 * max(spacing) * np.array([2.0, 1.5, 1.0])
    ellipsoid_mm2 = 4 * np.pi * elliprg((a * b) ** 2, (a * c) ** 2, (b * c) ** 2)
    for _ in range(3):
        u, v, w = turned_axes(generator, spacing, a)
        assert surface_area_cm2((u / a) ** 2 + (v / b) ** 2 + (w / c) ** 2 <= 1, spacing) == pytest.approx(ellipsoid_mm2 / 100, rel=0.01)
        half_ball = (u**2 + v**2 + w**2 <= a**2) & (w >= 0)
        assert surface_area_cm2(half_ball, spacing) == pytest.approx(3 * np.pi * a**2 / 100, rel=0.01)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_boxes_along_the_grid_and_turned_are_right_within_two_per_cent(spacing):
    longest = max(spacing)
    sizes = np.round(np.array([10, 12, 16]) * longest / spacing).astype(int)
    a, b, c = sizes * spacing
    assert surface_area_cm2(np.ones(sizes, bool), spacing) == pytest.approx(2 * (a * b + b * c + c * a) / 100, rel=0.02)
    generator = np.random.default_rng(2)
    for _ in range(6):
        sides_mm = generator.uniform(16, 32, 3) * longest
        coordinates = turned_axes(generator, spacing, np.linalg.norm(sides_mm) / 2)
        box = np.logical_and.reduce([np.abs(along) <= side / 2 for along, side in zip(coordinates, sides_mm, strict=True)])
        a, b, c = sides_mm
        assert surface_area_cm2(box, spacing) == pytest.approx(2 * (a * b + b * c + c * a) / 100, rel=0.02)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_faces_a_little_off_the_grid_are_right_within_two_per_cent(spacing):
    """There a surface has few steps, each many voxels long."""
    half_mm = 10 * max(spacing)
    axes = [(np.arange(-int(1.3 * half_mm / mm), int(1.3 * half_mm / mm) + 1) + 0.3) * mm for mm in spacing]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    for slope in (0.03, 0.1, 0.2):
        cosine, sine = np.cos(np.arctan(slope)), np.sin(np.arctan(slope))
        box = (np.abs(z * cosine + x * sine) <= half_mm) & (np.abs(x * cosine - z * sine) <= half_mm) & (np.abs(y) <= half_mm)
        ends = np.ptp(np.flatnonzero(box.any(axis=(0, 2)))) + 1
        true_mm2 = 2 * (2 * half_mm) ** 2 + 4 * (2 * half_mm) * ends * spacing[1]
        assert surface_area_cm2(box, spacing) == pytest.approx(true_mm2 / 100, rel=0.02)


@pytest.mark.parametrize(("sides", "within"), [(5.0, 0.03), (3.0, 0.07)])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_rods_of_some_voxels_in_thickness(spacing, sides, within):
    generator = np.random.default_rng(3)
    radius_mm, length_mm = sides * max(spacing) / 2, 20 * max(spacing)
    for _ in range(4):
        u, v, w = turned_axes(generator, spacing, length_mm / 2 + radius_mm)
        rod = (u**2 + v**2 <= radius_mm**2) & (np.abs(w) <= length_mm / 2)
        true_mm2 = 2 * np.pi * radius_mm * (length_mm + radius_mm)
        assert surface_area_cm2(rod, spacing) == pytest.approx(true_mm2 / 100, rel=within)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_what_is_one_voxel_thick_has_a_sensible_area(spacing):
    z_mm, y_mm, x_mm = spacing
    slab_mm2 = 2 * (60 * y_mm * 60 * x_mm + 60 * z_mm * (y_mm + x_mm))
    assert 0.8 < 100 * surface_area_cm2(np.ones((1, 60, 60), bool), spacing) / slab_mm2 < 1
    voxel_mm2 = 2 * (z_mm * y_mm + y_mm * x_mm + x_mm * z_mm)
    assert 0.45 < 100 * surface_area_cm2(np.ones((1, 1, 1), bool), spacing) / voxel_mm2 < 0.6


def test_the_lungs_of_the_phantom_are_right_within_two_per_cent():
    """Their true area is that of meshes in voxels of 0.5 mm, blurred by 1 and by 2 voxels and extrapolated to no blur."""
    phantom = make_phantom(shape_zyx=(100, 128, 128), seed=1)
    for label, true_cm2 in ((1, 1555.0), (2, 1570.0)):
        assert surface_area_cm2(phantom.labels == label, phantom.volume.spacing_zyx_mm) == pytest.approx(true_cm2, rel=0.02)


def test_the_surface_counts_cut_faces_and_every_column_of_a_word():
    assert surface_area_cm2(np.zeros((3, 3, 3), bool), (1.0, 1.0, 1.0)) == 0.0
    block = np.ones((4, 5, 6), bool)
    area_cm2 = surface_area_cm2(block, (1.0, 1.0, 1.0))
    for column in range(135):
        apart = np.zeros((4, 5, 141), bool)
        apart[:, :, column : column + 6] = True
        assert surface_area_cm2(apart, (1.0, 1.0, 1.0)) == area_cm2
    long = np.random.default_rng(4).random((5, 9, 150)) < 0.5
    assert surface_area_cm2(long.transpose(2, 0, 1), (0.7, 2.5, 0.8)) == pytest.approx(surface_area_cm2(long, (2.5, 0.8, 0.7)), rel=1e-9)


@settings(deadline=None, max_examples=25)
@given(mask=npst.arrays(bool, SHAPES), spacing=st.tuples(*[st.sampled_from([0.5, 0.7, 1.0, 3.0, 5.0])] * 3))
def test_the_surface_does_not_depend_on_the_order_of_the_axes(mask, spacing):
    area_cm2 = surface_area_cm2(mask, spacing)
    for axis in range(3):
        assert surface_area_cm2(np.flip(mask, axis), spacing) == pytest.approx(area_cm2, rel=1e-9)
    for order in ((2, 0, 1), (0, 2, 1)):
        turned = tuple(spacing[axis] for axis in order)
        assert surface_area_cm2(mask.transpose(order), turned) == pytest.approx(area_cm2, rel=1e-9)


def test_bits_are_counted_alike_without_numpy_2(monkeypatch):
    mask = np.random.default_rng(5).random((9, 20, 90)) < 0.6
    area_cm2 = surface_area_cm2(mask, (2.0, 0.8, 0.8))
    monkeypatch.delattr(np, "bitwise_count", raising=False)
    assert surface_area_cm2(mask, (2.0, 0.8, 0.8)) == area_cm2


@pytest.mark.parametrize("spacing", [*(tuple(sorted(spacing, reverse=True)) for spacing in SPACINGS), (10.0, 0.7, 0.7), (5.0, 5.0, 0.5)])
def test_the_steps_sample_all_directions_alike(spacing):
    steps, weights = direction_sample(spacing, 3.0 * spacing[0])
    units = steps * spacing / np.linalg.norm(steps * spacing, axis=1)[:, None]
    normals = np.random.default_rng(6).normal(size=(4000, 3))
    sums = np.abs(normals / np.linalg.norm(normals, axis=1)[:, None] @ units.T) @ weights
    assert weights.min() > 0 and weights.sum() == pytest.approx(2.0)
    assert np.abs(sums - 1).max() < (0.02 if spacing[0] < 10 else 0.035)
    assert len({tuple(step) for step in np.concatenate([steps, -steps]).tolist()}) == 2 * len(steps)
    assert np.all(np.gcd.reduce(np.abs(steps), axis=1) == 1)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (5.0, 0.84, 0.84), (50.0, 0.1, 0.1)])
def test_the_neighbours_sample_directions_where_no_longer_step_is_allowed(spacing):
    steps, _ = direction_sample(spacing, 0.1)
    assert np.abs(steps).max() == 1
