"""Arrays on grids that share their voxels, whatever the order of their axes, and on grids that do not."""

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.evaluation.resampling import resampled
from LungSegmentationLib.grids import Grid, covering, fits, place_onto


def _image(array, spacing_xyz, origin, direction) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing_xyz)
    image.SetOrigin(origin)
    image.SetDirection(np.ravel(direction))
    return image


def _grid(image: sitk.Image) -> Grid:
    return Grid(image.GetSize()[::-1], image.GetSpacing()[::-1], image.GetOrigin(), np.reshape(image.GetDirection(), (3, 3)))


def _random_scan(seed: int) -> sitk.Image:
    """Make a small scan in a random place and direction; its spacing differs along all axes."""
    random = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
    array = random.integers(0, 256, random.integers(3, 9, 3)).astype(np.uint8)
    return _image(array, random.uniform(0.5, 3, 3), random.uniform(-300, 300, 3), turn)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100_000), st.permutations(range(3)), st.tuples(*[st.booleans()] * 3))
def test_the_same_voxels_in_any_axis_order_come_back(seed, axes, flips):
    scan = _random_scan(seed)
    turned = sitk.Flip(sitk.PermuteAxes(scan, [int(axis) for axis in axes]), flips)
    found = place_onto(sitk.GetArrayFromImage(turned), _grid(turned), _grid(scan), "labels", "the scan")
    np.testing.assert_array_equal(found, sitk.GetArrayFromImage(scan))
    assert found.flags.c_contiguous


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100_000), st.permutations(range(3)), st.tuples(*[st.booleans()] * 3))
def test_a_part_finds_its_place_and_may_reach_beyond_with_zeros_only(seed, axes, flips):
    scan = _random_scan(seed)
    random = np.random.default_rng(seed + 1)
    low = [int(random.integers(0, size - 1)) for size in scan.GetSize()]
    high = [int(random.integers(first + 1, size + 1)) for first, size in zip(low, scan.GetSize(), strict=True)]
    part = sitk.ConstantPad(scan[low[0] : high[0], low[1] : high[1], low[2] : high[2]], [1, 2, 3], [3, 1, 2], 0)
    part = sitk.Flip(sitk.PermuteAxes(part, [int(axis) for axis in axes]), flips)
    expected = np.zeros_like(sitk.GetArrayFromImage(scan))
    box = tuple(slice(first, last) for first, last in zip(low[::-1], high[::-1], strict=True))
    expected[box] = sitk.GetArrayFromImage(scan)[box]
    stored = sitk.GetArrayFromImage(part)
    np.testing.assert_array_equal(place_onto(stored, _grid(part), _grid(scan), "part", "the scan", may_be_part=True), expected)
    with pytest.raises(InputError, match="another grid"):
        place_onto(stored, _grid(part), _grid(scan), "part", "the scan")
    with pytest.raises(InputError, match=r"marks \d+ voxels beyond the scan"):
        place_onto(np.ones_like(stored), _grid(part), _grid(scan), "part", "the scan", may_be_part=True)


@pytest.mark.parametrize("change", ["origin", "spacing", "direction"])
def test_voxels_between_voxels_do_not_fit(change):
    scan = _image(np.ones((40, 50, 60), np.uint8), (0.7, 0.8, 2.5), (-10.0, 20.0, 30.0), np.eye(3))
    other, hardly = sitk.Image(scan), sitk.Image(scan)
    if change == "origin":
        other.SetOrigin((-10.0, 20.3, 30.0))
        hardly.SetOrigin((-10.0, 20.04, 30.0))
    elif change == "spacing":
        other.SetSpacing((0.7, 0.8, 2.52))
        hardly.SetSpacing((0.7, 0.8, 2.504))
    else:
        for image, angle in ((other, 0.005), (hardly, 0.0005)):
            image.SetDirection((np.cos(angle), -np.sin(angle), 0, np.sin(angle), np.cos(angle), 0, 0, 0, 1))
    assert not fits(_grid(other), _grid(scan))
    assert fits(_grid(hardly), _grid(scan))  # what headers lose by rounding is no other grid
    with pytest.raises(InputError, match=r"60 × 50 × 40 voxels of .* from \(.*\) mm, but the scan has 60 × 50 × 40 .*; do this"):
        place_onto(np.ones((40, 50, 60)), _grid(other), _grid(scan), "labels", "the scan", advice="do this")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_a_covering_grid_keeps_the_voxels_and_holds_every_centre_of_the_other(seed, other_seed):
    grid, other = (_grid(_random_scan(number)) for number in (seed, other_seed))
    other = Grid(other.shape_zyx, other.spacing_zyx_mm, tuple(np.array(grid.origin_lps_mm) + 5), other.direction_lps)
    whole = covering(grid, other)
    assert fits(grid, whole, may_be_part=True)
    for inner in (grid, other):
        corners = np.array(np.meshgrid(*((0, size - 1) for size in inner.shape_zyx))).reshape(3, -1).T
        indices = whole.to_index(inner.to_place(corners))
        assert np.all(indices >= -0.101)
        assert np.all(indices <= np.array(whole.shape_zyx) - 0.899)


def test_resampling_takes_the_nearest_label_and_interpolates_densities():
    """A ramp is a ramp on any grid; labels never mix."""
    x = np.arange(20, dtype=np.float32)
    ramp = np.broadcast_to(10 * x, (6, 8, 20)).copy()
    grid = Grid((6, 8, 20), (2.0, 1.0, 1.0), (5.0, 0.0, 0.0), np.eye(3))
    onto = Grid((3, 4, 30), (4.0, 2.0, 0.5), (7.25, 0.0, 0.0), np.eye(3))
    places_x = 7.25 + 0.5 * np.arange(30) - 5.0
    found = resampled(ramp, grid, onto, nearest=False)
    np.testing.assert_allclose(found, np.broadcast_to(10 * places_x, (3, 4, 30)), rtol=1e-5)
    labels = np.broadcast_to(np.where(x < 8, 1, 3).astype(np.uint8), (6, 8, 20)).copy()
    np.testing.assert_array_equal(resampled(labels, grid, onto, nearest=True), np.broadcast_to(np.where(places_x < 7.5, 1, 3), (3, 4, 30)))
    away = Grid((2, 2, 2), (1.0, 1.0, 1.0), (500.0, 0.0, 0.0), np.eye(3))
    assert set(np.unique(resampled(np.full((6, 8, 20), 40, np.int16), grid, away, nearest=False, outside=-2048))) == {-2048}
