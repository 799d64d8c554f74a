"""Lungs that a round or a narrow field of view cuts, and the air outside of the body that it cuts off."""

import numpy as np
import pytest

from LungSegmentationLib.anatomy.body import body_core_and_sides, small_body_scale
from LungSegmentationLib.anatomy.border import draw_lungs
from LungSegmentationLib.anatomy.chest import inner_air
from LungSegmentationLib.anatomy.view_edge import view_lies_in_body
from LungSegmentationLib.anatomy.working_grid import make_working_grid
from LungSegmentationLib.scan_field.find_measured import find_measured


def cut_chest(outside_hu):
    """A body whose lungs a round view cuts in front, behind and beside over half its height, with room air in front of it."""
    z, y, x = np.ogrid[:30, :80, :80]
    hu = np.full((30, 80, 80), 40, np.int16)
    reach = np.minimum(14 + z, 34)
    lung = ((x - 40) ** 2 + (y - 40) ** 2 < reach**2) & (abs(x - 40) > 6) & (y > 8 + 0 * z)
    hu[lung] = -850
    hu[:, :6] = -1000
    view = (x - 40) ** 2 + (y - 40) ** 2 < 36**2 + 0 * z
    view = view & ((x - 40) ** 2 + (y - 40) ** 2 < (38 - 0.35 * z) ** 2)
    hu += np.random.default_rng(0).integers(-9, 10, hu.shape, np.int16)
    return np.where(view, hu, np.int16(outside_hu)), lung & view


@pytest.mark.parametrize("outside_hu", [-2000, -1024, -1000, 0])
def test_lung_that_a_round_view_cuts_is_inside_and_room_air_is_not(outside_hu):
    hu, lung = cut_chest(outside_hu)
    measured = find_measured(hu, (2.0, 2.0))
    grid = make_working_grid(hu, (2.0, 2.0, 2.0), 2.0, measured)
    inside, _ = inner_air(grid, -400, body_only=True)
    assert np.count_nonzero(inside & lung) > 0.999 * np.count_nonzero(lung)
    assert not np.any(inside & (np.arange(80) < 6)[:, None])
    labels = np.zeros(hu.shape, np.uint8)
    _, sides = body_core_and_sides(grid.mean_hu, grid.spacing_zyx_mm)
    assert np.count_nonzero(lung & (sides >= 3)) < 0.9 * lung.sum()  # so that the tissue around it does not tell all
    draw_lungs(labels, hu, make_working_grid(hu, (1.0, 1.0, 1.0), 2.0, measured), *two_halves(lung), -400)
    assert np.count_nonzero(labels) > 0.9 * np.count_nonzero(lung) and not np.any(labels[~measured.mask()])


def test_air_before_the_neck_that_a_round_view_cuts_off_is_outside():
    z, y, x = np.ogrid[:44, :80, :80]
    radius = np.hypot(x - 40, y - 40)
    hu = np.full((44, 80, 80), 40, np.int16)
    lung = (radius < 46 - 1.6 * z) & (abs(x - 40) > 5) & (y > 10) & (y < 70) & (z < 22)
    hu[lung] = -850
    before_neck = (z >= 25) & (abs(x - 40) < 16) & (y < 44)  # between the shoulders, under a blanket
    hu[before_neck] = -880
    view = np.broadcast_to(radius < 34, hu.shape)
    hu += np.random.default_rng(0).integers(-9, 10, hu.shape, np.int16)
    hu = np.where(view, hu, np.int16(-2000))
    grid = make_working_grid(hu, (2.0, 2.0, 2.0), 2.0, find_measured(hu, (2.0, 2.0)))
    _, sides = body_core_and_sides(grid.mean_hu, grid.spacing_zyx_mm)
    assert (sides >= 3)[before_neck & view].mean() > 0.9  # it looks like a lung that is cut
    inside, _ = inner_air(grid, -400, body_only=True)
    assert not inside[before_neck & view].any()
    assert inside[lung & view].mean() > 0.98


def view_of_the_heart():
    """A view that lies in a chest of 30 cm: lungs reach its sides and its back, and room air a corner in front."""
    z, y, x = np.ogrid[:30, -50:50, -50:50]
    hu = np.full((30, 100, 100), 40, np.int16)
    lung = (abs(x) > 6) & (y > -36) & (x**2 + (y + 5) ** 2 > 26**2 + 0 * z)
    hu[lung] = -850
    room = (x - 50) ** 2 + (y + 50) ** 2 < 9**2 + 0 * z
    hu[room] = -1000
    return hu + np.random.default_rng(0).integers(-9, 10, hu.shape, np.int16), lung


def test_lungs_that_reach_all_sides_of_a_view_of_the_heart_are_inside():
    hu, lung = view_of_the_heart()
    grid = make_working_grid(hu, (2.0, 2.0, 2.0), 2.0, find_measured(hu, (2.0, 2.0)))
    _, sides = body_core_and_sides(grid.mean_hu, grid.spacing_zyx_mm)
    assert view_lies_in_body(grid.padding, grid.mean_hu, 2.0)
    assert (sides[lung] >= 3).mean() < 0.5  # so that the tissue around them does not tell
    inside, _ = inner_air(grid, -400, body_only=True)
    assert np.array_equal(inside, lung)
    assert small_body_scale(grid) == 1


def test_a_view_with_room_air_around_the_body_lies_not_in_it():
    hu, _ = view_of_the_heart()
    wide = np.pad(hu, ((0, 0), (12, 12), (12, 12)), constant_values=-1000)
    assert not view_lies_in_body(np.zeros(wide.shape, bool), wide, 2.0)


def two_halves(lung):
    """Right, left, aerated and forbidden blocks of 2 voxels for :func:`draw_lungs`."""
    blocks = lung[::2, ::2, ::2] | lung[1::2, 1::2, 1::2]
    is_right = np.arange(blocks.shape[2]) < blocks.shape[2] // 2
    return blocks & is_right, blocks & ~is_right, blocks, np.zeros(blocks.shape, bool)
