"""Lungs that a round field of view cuts, and the air outside of the body that it cuts off."""

import numpy as np
import pytest

from LungSegmentationLib.anatomy.body import air_inside_body, body_core_and_sides
from LungSegmentationLib.anatomy.border import draw_lungs
from LungSegmentationLib.anatomy.chest import inner_air
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
    assert np.count_nonzero(air_inside_body(hu < -400, body_core_and_sides(grid.mean_hu, grid.spacing_zyx_mm)[1]) & lung) < 0.9 * lung.sum()
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
    assert air_inside_body((hu < -400) & view, sides)[before_neck & view].mean() > 0.9  # in one slice it looks like a lung that is cut
    inside, _ = inner_air(grid, -400, body_only=True)
    assert not inside[before_neck & view].any()
    assert inside[lung & view].mean() > 0.98


def two_halves(lung):
    """Right, left, aerated and forbidden blocks of 2 voxels for :func:`draw_lungs`."""
    blocks = lung[::2, ::2, ::2] | lung[1::2, 1::2, 1::2]
    is_right = np.arange(blocks.shape[2]) < blocks.shape[2] // 2
    return blocks & is_right, blocks & ~is_right, blocks, np.zeros(blocks.shape, bool)
