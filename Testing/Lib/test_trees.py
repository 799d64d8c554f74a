"""Middle lines of drawn trees against the truth: how many branches, where, how long, how wide, in which order."""

import itertools

import numpy as np
import pytest
import SimpleITK as sitk
from drawn_trees import GENERATIONS, ORDERS, PARENTS, SIZE_MM, TREE, DrawnTree
from scipy import ndimage, sparse
from scipy.sparse import csgraph
from scipy.spatial.transform import Rotation

from LungSegmentationLib.trees.centrelines import joined
from LungSegmentationLib.trees.measure import vessel_trees
from LungSegmentationLib.trees.vessels import vessel_forest
from LungSegmentationLib.trees.voxel_graph import VoxelGraph
from LungSegmentationLib.vessels.calibre import SideVessels, VesselVolumes
from LungSegmentationLib.volume import CtVolume

SPACINGS = [(1.0, 1.0, 1.0), (0.7, 0.7, 0.7), (1.5, 0.8, 0.8), (0.8, 1.4, 0.7)]
BESIDE_ROOT = np.array([-20.0, 48.0, 44.0])
CODES = ["".join(letters) for axes in itertools.permutations(("LR", "PA", "SI")) for letters in itertools.product(*axes)]


def forest_of(mask, spacing, radius_mm=None, mediastinum=BESIDE_ROOT):
    """Find the lines of a mask; the areas that the scan would tell are those of a radius, or too large to be told."""
    area = 1e3 if radius_mm is None else np.pi * radius_mm**2
    return vessel_forest(mask, np.full(np.count_nonzero(mask), area), mediastinum, spacing)


def branch_at(forest, tree, branch):
    """Find the branch whose ends lie nearest to those of a drawn one."""
    first, last = tree.ends(branch)
    distances = [
        np.linalg.norm(forest.points_of(i)[0] - first) + np.linalg.norm(forest.points_of(i)[-1] - last) for i in range(len(forest))
    ]
    return int(np.argmin(distances))


@pytest.mark.parametrize("spacing", SPACINGS, ids=str)
@pytest.mark.parametrize("seed", [None, 1])
def test_a_drawn_tree_is_found_as_it_was_drawn(spacing, seed):
    tree = TREE if seed is None else TREE.turned(seed)
    forest = forest_of(tree.mask(spacing), spacing, mediastinum=tree.nodes_zyx_mm[0] - 20)
    found = [branch_at(forest, tree, branch) for branch in range(len(PARENTS))]
    assert sorted(found) == list(range(len(forest)))
    assert [-1 if forest.parents[i] < 0 else found.index(forest.parents[i]) for i in found] == list(PARENTS)
    assert [forest.generations()[i] for i in found] == list(GENERATIONS)
    assert [forest.strahler_orders()[i] for i in found] == list(ORDERS)
    for branch, number in enumerate(found):
        assert forest.lengths_mm()[number] == pytest.approx(tree.length_mm(branch), rel=0.05, abs=max(spacing)), branch
        for point, node in zip(forest.points_of(number)[[0, -1]], tree.ends(branch), strict=True):
            assert np.linalg.norm(point - node) < 1.5 * max(spacing) + 0.3


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (1.5, 0.8, 1.2)], ids=str)
def test_radii_by_voxels_are_right(spacing):
    """Beyond 20 mm² of area the voxels tell the radius."""
    tree = DrawnTree(TREE.nodes_zyx_mm * 1.6, tuple((first, last, 1.6 * radius) for first, last, radius in TREE.branches))
    forest = forest_of(tree.mask(spacing, 1.6 * SIZE_MM), spacing)
    for branch, (_, _, radius) in enumerate(tree.branches):
        assert forest.branch_radii_mm()[branch_at(forest, tree, branch)] == pytest.approx(radius, rel=0.08), branch


def test_the_radius_that_the_scan_tells_is_kept():
    forest = forest_of(TREE.mask((1.0, 1.0, 1.0)), (1.0, 1.0, 1.0), radius_mm=0.75)
    np.testing.assert_allclose(forest.radii_mm, 0.75)


def test_roughness_makes_no_branches():
    mask = TREE.mask((1.0, 1.0, 1.0))
    random = np.random.default_rng(3)
    rough = mask | (ndimage.binary_dilation(mask) & (random.random(mask.shape) < 0.3))
    assert len(forest_of(rough, (1.0, 1.0, 1.0))) == len(PARENTS)


def test_flips_and_axis_orders_change_nothing():
    spacing = (1.5, 0.8, 0.9)
    mask = TREE.mask(spacing)
    image = sitk.GetImageFromArray(mask.astype(np.int16))
    image.SetSpacing(spacing[::-1])
    image.SetOrigin((-30.0, 12.5, 100.0))
    expected = None
    for code in CODES[::7]:
        turned = sitk.DICOMOrient(image, code)
        direction = np.reshape(turned.GetDirection(), (3, 3))
        volume = CtVolume(sitk.GetArrayFromImage(turned), turned.GetSpacing()[::-1], turned.GetOrigin(), direction)
        whole = volume.voxels_hu > 0
        sides = {"right_lung": _side(whole, 3.0), "left_lung": _side(np.zeros_like(whole), 3.0)}
        lines = vessel_trees(volume, sides)
        expected = expected or lines
        np.testing.assert_allclose(lines.points_lps_mm, expected.points_lps_mm, atol=1e-3, err_msg=code)
        for name in ("starts", "parents", "generations", "orders", "sides"):
            np.testing.assert_array_equal(getattr(lines, name), getattr(expected, name))
    assert set(expected.sides.tolist()) == {1}
    # The points are where the tree was drawn.
    nodes = TREE.nodes_zyx_mm[:, ::-1] + image.GetOrigin()
    nearest = np.linalg.norm(expected.points_lps_mm[:, None] - nodes, axis=2).min(axis=0)
    assert nearest.max() < 2.5


def test_an_oblique_scan_has_its_lines_turned_with_it():
    mask = TREE.mask((1.0, 1.0, 1.0))
    turn, shift = Rotation.from_euler("xyz", [10, -20, 15], degrees=True).as_matrix(), np.array([5.0, -7.0, 11.0])
    plain, oblique = (
        vessel_trees(CtVolume(np.zeros(mask.shape, np.int16), (1.0, 1.0, 1.0), tuple(origin), direction), {"right_lung": _side(mask, 3.0)})
        for origin, direction in ((np.zeros(3), np.eye(3)), (shift, turn))
    )
    np.testing.assert_allclose(oblique.points_lps_mm, plain.points_lps_mm @ turn.T + shift, atol=1e-3)


def _side(mask, area_mm2):
    box = tuple(slice(0, size) for size in mask.shape) if mask.any() else (slice(0),) * 3
    return SideVessels(VesselVolumes(0, 0, 0, 0), box, mask[box], np.full(np.count_nonzero(mask), area_mm2, np.float32))


def test_both_lungs_have_trees_of_their_own():
    mask = TREE.mask((1.0, 1.0, 1.0))
    volume = CtVolume(np.zeros((80, 96, 200), np.int16), (1.0, 1.0, 1.0))
    right, left = np.zeros(volume.voxels_hu.shape, bool), np.zeros(volume.voxels_hu.shape, bool)
    right[:, :, : mask.shape[2]], left[:, :, -mask.shape[2] :] = mask, mask
    lines = vessel_trees(volume, {"right_lung": _side(right, 3.0), "left_lung": _side(left, 3.0)})
    assert np.bincount(lines.sides).tolist() == [0, 9, 9]
    assert lines.forest.trees().tolist() == [0] * 9 + [1] * 9
    assert lines.parents[9] == -1 and lines.parents[10:].min() >= 9


def test_nothing_and_single_voxels_have_no_branch():
    volume = CtVolume(np.zeros((20, 20, 20), np.int16), (1.0, 1.0, 1.0))
    mask = np.zeros(volume.voxels_hu.shape, bool)
    assert vessel_trees(volume, {"right_lung": _side(mask, 3.0)}) is None
    mask[::4, ::5, ::6] = True
    assert vessel_trees(volume, {"right_lung": _side(mask, 3.0)}) is None
    mask[10, 10, 3:18] = True
    lines = vessel_trees(volume, {"right_lung": _side(mask, 3.0)})
    assert len(lines) == 1 and lines.forest.lengths_mm()[0] == pytest.approx(14, abs=2)


def test_a_ring_is_cut_once():
    z, y, x = np.indices((11, 61, 61)) - np.array([5, 30, 30])[:, None, None, None]
    ring = (np.hypot(y, x) - 22) ** 2 + z**2 <= 2.5**2
    forest = forest_of(ring, (1.0, 1.0, 1.0), mediastinum=np.array([5.0, 30.0, -40.0]))
    assert forest.lengths_mm().sum() == pytest.approx(2 * np.pi * 22, rel=0.05)
    assert len(forest.parents[forest.parents != 0]) == 1 and len(forest) == 3, "a root where the front begins, and a branch either way"
    assert np.abs(np.hypot(*(forest.points_zyx_mm[:, 1:] - 30).T) - 22).max() < 2.0


def test_the_root_is_the_thick_end_near_the_mediastinum_not_the_nearest_voxel():
    tree = DrawnTree(np.array([[10, 10, 30], [40, 40, 30], [10, 46, 30], [60, 40, 40]], float), ((0, 1, 3.5), (1, 2, 1.2), (1, 3, 1.2)))
    forest = forest_of(tree.mask((1.0, 1.0, 1.0)), (1.0, 1.0, 1.0), mediastinum=np.array([-5.0, 30.0, 30.0]))
    assert np.linalg.norm(forest.points_of(0)[0] - tree.nodes_zyx_mm[0]) < 4
    assert forest.parents.tolist() == [-1, 0, 0]


def test_two_thick_ends_are_two_roots():
    arch = DrawnTree(
        np.array([[6, 14, 30], [36, 14, 30], [36, 62, 30], [6, 62, 30], [56, 10, 34], [56, 66, 34]], float),
        ((0, 1, 3.0), (1, 4, 1.8), (3, 2, 3.0), (2, 5, 1.8), (1, 2, 1.2)),
    )
    forest = forest_of(arch.mask((1.0, 1.0, 1.0)), (1.0, 1.0, 1.0), mediastinum=np.array([-10.0, 38.0, 30.0]))
    roots = forest.starts[:-1][forest.parents < 0]
    assert len(roots) == 2
    for node in (0, 3):
        assert np.linalg.norm(forest.points_zyx_mm[roots] - arch.nodes_zyx_mm[node], axis=1).min() < 4
    assert forest.generations().max() == 1, "what joins them is cut, and hangs on both"


def test_the_longest_tree_comes_first():
    mask = TREE.mask((1.0, 1.0, 1.0))
    mask[4:6, 4:6, 4:20] = True  # is met before it in the array
    forest = forest_of(mask, (1.0, 1.0, 1.0))
    assert forest.trees().tolist() == [0] * 9 + [1]
    assert all(parent < branch for branch, parent in enumerate(forest.parents))


def test_ways_are_the_shortest_and_pieces_those_of_a_labelling():
    random = np.random.default_rng(0)
    mask, spacing = random.random((12, 14, 16)) < 0.3, (2.1, 0.8, 1.3)
    graph = VoxelGraph(mask, spacing)
    places = np.argwhere(mask)
    np.testing.assert_array_equal(graph.indices_zyx, places)
    steps = np.abs(places[:, None] - places[None]).max(axis=2) == 1
    lengths = np.linalg.norm((places[:, None] - places[None]) * spacing, axis=2)
    seeds = np.array([3, 200])
    expected = csgraph.dijkstra(sparse.csr_array(np.where(steps, lengths, 0)), indices=seeds, min_only=True)
    np.testing.assert_allclose(graph.distances_mm(seeds), expected)
    labels, count = ndimage.label(mask, np.ones((3, 3, 3)))
    pieces, found = graph.pieces()
    assert found == count
    assert len(np.unique(np.stack([pieces, labels[mask]]), axis=1).T) == count


def test_joined_forests_keep_their_branches():
    forest = forest_of(TREE.mask((1.0, 1.0, 1.0)), (1.0, 1.0, 1.0))
    both = joined([forest, forest.moved(np.array([1.0, 2.0, 3.0]))])
    np.testing.assert_allclose(both.lengths_mm(), np.tile(forest.lengths_mm(), 2))
    np.testing.assert_array_equal(both.generations(), np.tile(forest.generations(), 2))
    np.testing.assert_allclose(both.points_of(12), forest.points_of(3) + np.array([1, 2, 3]))
