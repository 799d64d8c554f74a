"""The phantom's building blocks against independent formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from LungSegmentationLib.phantom.branching import grow_tree
from LungSegmentationLib.phantom.chest_inside import fill_crevices
from LungSegmentationLib.phantom.grid import Ellipsoid, Grid, SmoothField, Tube
from LungSegmentationLib.phantom.structures import Structure

COORDINATE = st.floats(-20, 20)
POINT = st.tuples(COORDINATE, COORDINATE, COORDINATE)


def make_grid():
    return Grid(
        np.arange(-15, 15, 2.5).astype(np.float32), np.arange(-12, 14, 1.5).astype(np.float32), np.arange(-14, 14, 1.1).astype(np.float32)
    )


def places_of(grid):
    z, y, x = np.meshgrid(grid.z, grid.y, grid.x, indexing="ij")
    return np.stack([x, y, z], axis=-1).astype(float)


@settings(max_examples=60, deadline=None)
@given(start=POINT, end=POINT, radii=st.tuples(st.floats(0.5, 8), st.floats(0.5, 8)))
def test_a_tube_holds_the_points_near_its_axis(start, end, radii):
    grid = make_grid()
    places, a, b = places_of(grid), np.array(start), np.array(end)
    along = np.clip((places - a) @ (b - a) / max((b - a) @ (b - a), 1e-9), 0, 1)
    distance = np.linalg.norm(places - (a + along[..., None] * (b - a)), axis=-1) - (radii[0] + (radii[1] - radii[0]) * along)
    box, inside = Tube(start, end, *radii).draw(grid)
    drawn = np.zeros(grid.shape, bool)
    if inside.size:
        drawn[box] = inside
    unsure = np.abs(distance) < 0.02
    np.testing.assert_array_equal(drawn[~unsure], (distance < 0)[~unsure])


@settings(max_examples=30, deadline=None)
@given(centre=POINT, radii=st.tuples(*[st.floats(1, 9)] * 3))
def test_an_ellipsoid_holds_the_points_of_its_equation(centre, radii):
    grid = make_grid()
    level = (((places_of(grid) - np.array(centre)) / np.array(radii)) ** 2).sum(axis=-1)
    box, inside = Ellipsoid(centre, radii).draw(grid)
    drawn = np.zeros(grid.shape, bool)
    if inside.size:
        drawn[box] = inside
    unsure = np.abs(level - 1) < 1e-3
    np.testing.assert_array_equal(drawn[~unsure], (level < 1)[~unsure])


def test_a_smooth_field_is_standardised_and_the_same_on_every_grid():
    field = SmoothField(np.random.default_rng(3), 12.0)
    axes = np.arange(-180, 100, 4.0), np.arange(-90, 100, 4.0), np.arange(-110, 110, 4.0)
    fine = field.on(Grid(*(axis.astype(np.float32) for axis in axes)))
    coarse = field.on(Grid(*(axis[::3].astype(np.float32) for axis in axes)))
    assert fine.std() == pytest.approx(1, abs=0.1)
    assert abs(fine.mean()) < 0.1
    np.testing.assert_allclose(fine[::3, ::3, ::3], coarse, atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(20, 400))
def test_trees_follow_murrays_law_and_reach_their_whole_territory(seed, count):
    territory = np.random.default_rng(seed).uniform(0, 60, (count, 3))
    tree = grow_tree((-10.0, 30.0, 30.0), territory, smallest_share=0.0)
    radii = 5 * np.cbrt(tree.shares)
    for parent in np.unique(tree.parents[2:]):
        children = np.flatnonzero(tree.parents == parent)
        children = children[children > 0]
        if parent > 0:
            assert np.sum(radii[children] ** 3) == pytest.approx(radii[parent] ** 3)
    reach = np.linalg.norm(territory[:, None] - tree.nodes_xyz_mm[None], axis=-1).min(axis=1)
    assert np.median(reach) < 0.8 * 60 / count ** (1 / 3)


def test_a_coarser_tree_is_part_of_the_finer_one():
    territory = np.random.default_rng(1).uniform(0, 60, (300, 3))
    fine = {tuple(node) for node in np.round(grow_tree((0.0, 0.0, 0.0), territory, 0.0).nodes_xyz_mm, 9).tolist()}
    coarse = [tuple(node) for node in np.round(grow_tree((0.0, 0.0, 0.0), territory, 0.05).nodes_xyz_mm, 9).tolist()]
    assert 10 < len(coarse) < len(fine)
    assert set(coarse) <= fine


def test_a_pocket_of_lung_at_the_hilum_is_filled_and_the_lung_stays():
    axes = np.arange(-90, 60, 5.0), np.arange(-40, 80, 5.0), np.arange(-70, 80, 5.0)
    grid = Grid(*(axis.astype(np.float32) for axis in axes))
    structures = np.full(grid.shape, Structure.MEDIASTINUM, np.uint8)
    structures[:, :, 20:] = Structure.LEFT_LUNG
    structures[15, 10, 12] = Structure.LEFT_LUNG
    structures[15:17, 10:12, 8:10] = Structure.RIGHT_LUNG
    expected = structures.copy()
    expected[:, :, :20] = Structure.MEDIASTINUM
    fill_crevices(structures, grid)
    np.testing.assert_array_equal(structures, expected)
