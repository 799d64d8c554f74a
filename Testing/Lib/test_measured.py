"""What was measured and what only fills the array: known by its shape, whatever its value, and left out everywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LungSegmentationLib.scan_field.fill_warnings import fill_warnings
from LungSegmentationLib.scan_field.find_measured import find_measured
from LungSegmentationLib.scan_field.measured_field import MeasuredField
from LungSegmentationLib.scan_field.outline_hull import convex_field
from LungSegmentationLib.volume import CtVolume, to_canonical

SHAPE = (24, 72, 80)
FILLS_HU = [-3024, -2048, -2000, -1024, -1000, -500, 0, 40]
Y, X = np.ogrid[: SHAPE[1], : SHAPE[2]]


def body_hu(noise_sd_hu: float = 15.0, lowest_hu: int = -1024, seed: int = 0) -> np.ndarray:
    """A body of 40 HU with two lungs in room air, as a scanner sees it that clips at a lowest value."""
    hu = np.full(SHAPE, -1000.0)
    hu[:, (Y - 36) ** 2 / 30**2 + (X - 40) ** 2 / 37**2 < 1] = 40
    for column in (24, 56):
        hu[2:22, (Y - 36) ** 2 / 20**2 + (X - column) ** 2 / 12**2 < 1] = -860
    return np.rint(np.clip(hu + np.random.default_rng(seed).normal(0, noise_sd_hu, SHAPE), lowest_hu, None)).astype(np.int16)


def disc(row: float, column: float, radius: float) -> np.ndarray:
    return np.hypot(Y - row, X - column) <= radius


def rectangle(rows: slice, columns: slice) -> np.ndarray:
    inside = np.zeros(SHAPE[1:], bool)
    inside[rows, columns] = True
    return inside


def found_in(hu: np.ndarray) -> np.ndarray:
    return find_measured(hu, (1.0, 1.0)).mask()


FIELDS = {
    "disc in the image": disc(35.5, 39.5, 35.5),
    "disc that cuts the lungs": disc(36, 40, 24),
    "disc beside the middle": disc(30, 50.3, 27.7),
    "disc beyond the image": disc(36, 40, 44),
    "frame": rectangle(slice(5, 64), slice(9, 71)),
    "frame that cuts the lungs": rectangle(slice(20, 50), slice(20, 60)),
    "frame of one voxel": rectangle(slice(1, 71), slice(1, 79)),
    "columns on one side": rectangle(slice(0, 72), slice(12, 80)),
    "turned box": (np.abs((Y - 36) + 0.3 * (X - 40)) < 26) & (np.abs((X - 40) - 0.3 * (Y - 36)) < 30),
}


@pytest.mark.parametrize("fill_hu", FILLS_HU)
@pytest.mark.parametrize("field", FIELDS)
def test_a_fill_of_any_value_around_any_convex_field_is_found_to_the_voxel(field, fill_hu):
    measured = np.broadcast_to(FIELDS[field], SHAPE)
    hu = np.where(measured, body_hu(), np.int16(fill_hu))
    assert np.array_equal(found_in(hu), measured)


@pytest.mark.parametrize("fill_hu", FILLS_HU)
def test_a_frame_around_a_round_field_with_a_fill_of_its_own_is_found_with_it(fill_hu):
    measured = np.broadcast_to(disc(35.5, 39.5, 30), SHAPE)
    hu = np.where(measured, body_hu(), np.int16(-1024))
    hu[:, ~rectangle(slice(5, 67), slice(8, 72))] = fill_hu
    assert np.array_equal(found_in(hu), measured)


@pytest.mark.parametrize("fill_hu", [value for value in FILLS_HU if value != -1024])
def test_a_fill_that_moves_from_slice_to_slice_is_found_in_each(fill_hu):
    """As where tilted slices were made upright: the image slides over the grid."""
    measured = np.stack([rectangle(slice(max(0, 12 - z), 72), slice(0, 80)) for z in range(SHAPE[0])])
    different = found_in(np.where(measured, body_hu(), np.int16(fill_hu))) != measured
    # In a single slice a voxel of noise at the image's corner may have the fill's value by chance.
    assert np.count_nonzero(different) <= 4 and not np.any(different & ~measured)


@pytest.mark.parametrize("fill_hu", FILLS_HU)
def test_empty_slices_are_found_wherever_they_lie(fill_hu):
    hu = body_hu()
    hu[[0, 1, 11, 23]] = fill_hu
    field = find_measured(hu, (1.0, 1.0))
    assert np.flatnonzero(field.empty_slices).tolist() == [0, 1, 11, 23] and field.slice_fills_hu == (fill_hu,)
    assert np.array_equal(field.mask().all(axis=(1, 2)), ~field.empty_slices)


@pytest.mark.parametrize(
    "hu",
    [
        body_hu(),
        body_hu(noise_sd_hu=90, lowest_hu=-3024),  # noise far below any limit
        body_hu(noise_sd_hu=90)[:1],
        body_hu()[:2],
        np.where(np.random.default_rng(1).random(SHAPE) < 0.03, np.int16(-2000), body_hu()),  # scattered voxels
        np.where(disc(36, 40, 9) | disc(0, 0, 1), np.int16(-2000), body_hu()),  # not joined to the edge, and a corner of a few voxels
        body_hu().clip(-1024, 20)[:, 18:54, 18:62],  # tissue of nearly one value up to the image's edge
    ],
    ids=["clean", "noise", "one slice", "two slices", "scattered", "inside", "clipped tissue"],
)
def test_what_was_measured_is_no_fill(hu):
    assert found_in(hu).all()


@pytest.mark.parametrize("lowest_hu", [-1000, -950])
def test_room_air_that_was_clipped_is_no_fill(lowest_hu):
    """It is as uniform as a fill, but a body's outline is widest in a few slices only."""
    wide = np.array([0.5 + 0.02 * z for z in range(SHAPE[0])])[:, None, None]
    hu = np.where((Y - 36) ** 2 / (30 * wide) ** 2 + (X - 40) ** 2 / (37 * wide) ** 2 < 1, 40.0, -1000.0)
    hu += np.random.default_rng(0).normal(0, 5, SHAPE)
    assert found_in(np.rint(ndimage.gaussian_filter(hu, (0, 1, 1)).clip(lowest_hu)).astype(np.int16)).all()


@pytest.mark.parametrize("lowest_hu", [-1000, -950])
def test_a_round_field_filled_with_the_value_of_clipped_air_is_found_where_it_cuts_the_body(lowest_hu):
    measured = disc(36, 40, 24)
    hu = ndimage.gaussian_filter(body_hu(noise_sd_hu=5), (0, 1, 1)).clip(lowest_hu)
    field = found_in(np.where(measured, hu, np.int16(lowest_hu)))
    assert not field[:, ~measured].any()
    body = (Y - 36) ** 2 / 30**2 + (X - 40) ** 2 / 37**2 < 1
    assert field[:, measured & body].all()


def test_one_voxel_of_an_edge_that_resampling_mixed_with_the_fill_is_left_out():
    inside = disc(71.5, 79.5, 71)
    hu = np.where(inside, body_hu(), np.int16(-3024)).astype(np.float64)
    hu = (hu[:, ::2, ::2] + hu[:, 1::2, ::2] + hu[:, ::2, 1::2] + hu[:, 1::2, 1::2]) / 4
    field = found_in(np.rint(hu).astype(np.int16))
    unmixed = inside[::2, ::2] & inside[1::2, ::2] & inside[::2, 1::2] & inside[1::2, 1::2]
    assert np.mean(hu[field] < -1100) < 0.005  # where the edge runs along the rows a second voxel may be mixed
    assert field[:, ndimage.binary_erosion(unmixed, np.ones((5, 5)), border_value=1)].all()


@given(st.integers(0, 10_000), st.floats(0.001, 0.2))
@settings(max_examples=60, deadline=None)
def test_the_convex_field_holds_the_mask_and_is_the_smallest_one(seed, share):
    from scipy.spatial import Delaunay, QhullError

    mask = np.random.default_rng(seed).random((13, 17)) < share
    mask[6, 8] = True
    field = convex_field(mask)
    assert not np.any(mask & ~field) and np.array_equal(convex_field(field), field)
    points = np.argwhere(mask)
    try:
        expected = Delaunay(points).find_simplex(np.argwhere(np.ones_like(mask)), tol=1e-9).reshape(mask.shape) >= 0
    except (QhullError, ValueError):
        return  # all on one line
    assert np.array_equal(field, expected)


@given(st.integers(0, 1000), st.tuples(st.booleans(), st.booleans(), st.booleans()))
@settings(max_examples=30, deadline=None)
def test_crops_and_flips_are_those_of_the_mask(seed, flips):
    random = np.random.default_rng(seed)
    first, stop = np.sort(random.integers(0, 12, (2, 5, 7)), axis=0).astype(np.int16)
    field = MeasuredField(first, stop, 11)
    backward = tuple(slice(None, None, -1 if flip else 1) for flip in flips)
    assert np.array_equal(field.flipped(flips).mask(), field.mask()[backward])
    box = tuple(slice(*np.sort(random.choice(size + 1, 2, replace=False))) for size in (5, 7, 11))
    assert np.array_equal(field.crop(box).mask(), field.mask()[box]) and np.array_equal(field.mask(box), field.mask()[box])


@pytest.mark.parametrize("code", ["LPS", "RAS", "SLP", "PIR"])
def test_it_is_the_same_in_every_order_of_the_array_and_looked_for_once(code, monkeypatch):
    hu = np.where(disc(30, 50, 27), body_hu(), np.int16(-1000))
    hu[:3] = 0
    axes = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "S": (2, 1), "I": (2, -1)}
    direction, steps, order = np.zeros((3, 3)), [slice(None)] * 3, [0] * 3
    for index_axis, letter in enumerate(code):  # of columns, rows and slices
        world, sign = axes[letter]
        direction[world, index_axis] = sign
        order[2 - index_axis], steps[2 - index_axis] = 2 - world, slice(None, None, sign)
    volume = CtVolume(np.ascontiguousarray(np.transpose(hu, order)[tuple(steps)]), (1.0, 1.0, 1.0), direction_lps=direction)
    assert np.array_equal(to_canonical(volume)[0].voxels_hu, hu)
    expected = np.broadcast_to(disc(30, 50, 27), SHAPE) & (np.arange(SHAPE[0]) >= 3)[:, None, None]
    assert np.array_equal(volume.measured.mask(), expected)
    assert to_canonical(volume)[0].measured is volume.measured


def test_only_fills_that_are_news_are_told():
    hu = body_hu()
    hu[:, ~disc(35.5, 39.5, 35.5)] = -1024
    assert fill_warnings(find_measured(hu, (1.0, 1.0))) == []
    hu[:, ~rectangle(slice(4, 68), slice(4, 76))] = 0
    hu[[0, 1, 2, 12, 23]] = 0
    assert fill_warnings(find_measured(hu, (1.0, 1.0))) == [
        "the edge of the image is filled with 0 HU: it was not measured, and was left out",
        (
            "5 of 24 axial slices (3 at the lower end and 1 between others and 1 at the upper end) hold nothing but 0 HU: "
            "they were not measured, and were left out"
        ),
    ]
