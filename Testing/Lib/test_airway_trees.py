"""The airways' tree of a drawn chest against the truth: generations, sides, walls; what has no wall is not followed."""

import itertools

import numpy as np
import pytest
import SimpleITK as sitk
from drawn_trees import DrawnTree
from scipy import ndimage

from LungSegmentationLib.trees import limits
from LungSegmentationLib.trees.measure import airway_branches
from LungSegmentationLib.trees.summary import airway_tree_figures
from LungSegmentationLib.trees.walls import Wall, pi10_mm
from LungSegmentationLib.volume import CtVolume

SPACING = (1.0, 0.8, 0.8)
SIZE_MM = np.array([96.0, 48.0, 112.0])
WALL_MM = 1.2
# In LPS the patient's right is where x is small. 0 trachea, 1 and 2 main bronchi, 3 and 4 on the right one, 5 and 6 on the left one,
# 7 and 8 on 6.
AIRWAYS = DrawnTree(
    np.array(
        [
            *([94, 24, 58], [66, 24, 58], [54, 24, 40], [46, 24, 80], [58, 24, 16], [26, 28, 32]),
            *([52, 20, 102], [28, 26, 88], [10, 20, 82], [12, 32, 100]),
        ],
        float,
    ),
    ((0, 1, 6.0), (1, 2, 4.5), (1, 3, 4.2), (2, 4, 2.6), (2, 5, 3.0), (3, 6, 2.2), (3, 7, 2.6), (7, 8, 1.8), (7, 9, 1.8)),
)
PARENTS = (-1, 0, 0, 1, 1, 2, 2, 6, 6)
GENERATIONS = (0, 1, 1, 2, 2, 2, 2, 3, 3)
SIDES = (0, 1, 2, 1, 1, 2, 2, 2, 2)
LABELLED = DrawnTree(AIRWAYS.nodes_zyx_mm, AIRWAYS.branches[:3])
CODES = ["".join(letters) for axes in itertools.permutations(("LR", "PA", "SI")) for letters in itertools.product(*axes)]


def drawn_scan(hole=False):
    """Draw the airways with walls in lung, blurred and with noise; only trachea and main bronchi are labelled. A hole is an open wall."""
    lumen, wall = AIRWAYS.mask(SPACING, SIZE_MM), AIRWAYS.mask(SPACING, SIZE_MM, WALL_MM)
    hu = np.where(lumen, -1000.0, np.where(wall, 30.0, -850.0))
    if hole:
        z, y, x = np.indices(hu.shape) * np.reshape(SPACING, (3, 1, 1, 1))
        # Beside the right lower bronchus: a patch of lung as dark as air, that hangs on the lumen.
        hu[(np.abs(z - 38) < 6) & (np.abs(y - 40) < 7) & (np.abs(x - 38) < 7)] = -950
        hu[(np.abs(z - 38) < 2) & (np.abs(x - 36) < 2) & (y > 26) & (y < 34)] = -1000
    hu = ndimage.gaussian_filter(hu, 0.6) + np.random.default_rng(5).normal(0, 8, hu.shape)
    labels = np.where(np.arange(hu.shape[2]) * SPACING[2] < 58, 1, 2).astype(np.uint8) * np.ones_like(hu, np.uint8)
    mediastinum = np.abs(np.arange(hu.shape[2]) * SPACING[2] - 58) < 10
    labels[:, :, mediastinum] = 0
    labels[LABELLED.mask(SPACING, SIZE_MM)] = 3
    return CtVolume(np.rint(hu).astype(np.int16), SPACING, (-20.0, 5.0, -300.0)), labels


@pytest.fixture(scope="module")
def scan():
    return drawn_scan()


@pytest.fixture(scope="module")
def found(scan):
    return airway_branches(*scan)


def order_of(found, volume):
    """Find the number of each drawn branch."""
    nodes = AIRWAYS.nodes_zyx_mm[:, ::-1] + volume.origin_lps_mm
    forest = found.lines.forest
    ends = [(forest.points_of(i)[0], forest.points_of(i)[-1]) for i in range(len(forest))]
    numbers = []
    for first, last, _ in AIRWAYS.branches:
        away = [np.linalg.norm(start - nodes[first]) + np.linalg.norm(end - nodes[last]) for start, end in ends]
        numbers.append(int(np.argmin(away)))
    return numbers


def test_the_tree_goes_on_beyond_the_label(scan, found):
    numbers = order_of(found, scan[0])
    assert sorted(numbers) == list(range(len(found.lines)))
    assert [-1 if found.lines.parents[i] < 0 else numbers.index(found.lines.parents[i]) for i in numbers] == list(PARENTS)
    assert found.lines.generations[numbers].tolist() == list(GENERATIONS)
    assert found.lines.sides[numbers].tolist() == list(SIDES)
    assert [found.names[i] for i in numbers] == ["Trachea", "Right main bronchus", "Left main bronchus", *[""] * 6]
    lengths, truth = found.lines.forest.lengths_mm()[numbers], [AIRWAYS.length_mm(branch) for branch in range(9)]
    np.testing.assert_allclose(lengths[:3], truth[:3], rtol=0.05)
    np.testing.assert_allclose(lengths[3:], truth[3:], rtol=0.05, atol=3.5)  # their ends are open


def test_walls_and_lumens_are_right_whatever_their_blur(scan, found):
    numbers = order_of(found, scan[0])
    walls = [found.walls[i] for i in numbers]
    assert all(wall is not None for wall in walls[3:])
    for (_, _, radius), wall in list(zip(AIRWAYS.branches, walls, strict=True))[3:]:
        assert np.sqrt(wall.lumen_mm2 / np.pi) == pytest.approx(radius, abs=0.25)
        assert wall.thickness_mm == pytest.approx(WALL_MM, abs=0.2)
        assert WALL_MM < wall.half_height_mm < WALL_MM + 1.0, "blur widens a wall's profile"


def test_pi10_follows_from_the_walls(found):
    figures = airway_tree_figures(found)
    assert (figures.branches, figures.generations) == (9, 3)
    assert figures.walls >= 6
    assert figures.pi10_mm is None and figures.pi10_reason.endswith("an inner perimeter below 10 mm")


def test_what_has_no_wall_is_not_followed(found, monkeypatch):
    volume, labels = drawn_scan(hole=True)
    leaking = airway_branches(volume, labels)
    assert len(leaking.lines) <= len(found.lines) + 2
    far = leaking.lines.points_lps_mm[:, 1] - volume.origin_lps_mm[1] > 38
    assert not far.any(), "no line runs through the dark patch"
    monkeypatch.setattr(limits, "WALLED_SHARE", 0.0)
    unguarded = airway_branches(volume, labels).lines.points_lps_mm[:, 1] - volume.origin_lps_mm[1]
    assert (unguarded > 38).any(), "and one would, were it not for its missing wall"


def test_flips_and_axis_orders_change_nothing(scan, found):
    volume, labels = scan
    images = [sitk.GetImageFromArray(array) for array in (volume.voxels_hu, labels)]
    for image in images:
        image.SetSpacing(volume.spacing_zyx_mm[::-1])
        image.SetOrigin(volume.origin_lps_mm)
    for code in CODES[5::17]:
        turned, its_labels = (sitk.DICOMOrient(image, code) for image in images)
        direction = np.reshape(turned.GetDirection(), (3, 3))
        its_volume = CtVolume(sitk.GetArrayFromImage(turned), turned.GetSpacing()[::-1], turned.GetOrigin(), direction)
        again = airway_branches(its_volume, sitk.GetArrayFromImage(its_labels))
        np.testing.assert_allclose(again.lines.points_lps_mm, found.lines.points_lps_mm, atol=1e-3, err_msg=code)
        assert again.names == found.names
        assert [wall is None for wall in again.walls] == [wall is None for wall in found.walls]


def test_without_airways_there_is_no_tree(scan):
    volume, labels = scan
    assert airway_branches(volume, np.where(labels == 3, 0, labels).astype(np.uint8)) is None
    single = np.zeros_like(labels)
    single[40, 20, 60] = 3
    assert airway_branches(volume, single) is None
    assert airway_tree_figures(None).pi10_reason == "no airways"


def test_a_ring_has_the_area_of_a_ring():
    wall = Wall(np.pi * 2.0**2, 1.0, 1.5)
    assert wall.perimeter_mm == pytest.approx(2 * np.pi * 2)
    assert wall.wall_mm2 == pytest.approx(np.pi * (3**2 - 2**2))
    assert wall.wall_percent == pytest.approx(100 * (9 - 4) / 9)


def test_pi10_is_where_the_line_passes_10_mm():
    def wall(perimeter):
        radius, area = perimeter / (2 * np.pi), (0.3 * perimeter + 0.5) ** 2
        return Wall(np.pi * radius**2, float(np.sqrt(radius**2 + area / np.pi) - radius), 2.0)

    walls = [wall(perimeter) for perimeter in (6.0, 8.0, 11.0, 13.0, 16.0, 19.0)]
    assert pi10_mm([*walls, None]) == (pytest.approx(3.5), "")
    value, reason = pi10_mm([*walls[:5], None])
    assert value is None and reason == f"5 branches with a measured wall; at least {limits.FEWEST_WALLS_COUNT} are needed"
    value, reason = pi10_mm([wall(perimeter) for perimeter in (12, 13, 14, 15, 16, 17)])
    assert value is None and reason == "no measured wall of a branch with an inner perimeter below 10 mm"
    value, reason = pi10_mm([wall(perimeter) for perimeter in (5, 6, 7, 8, 9, 9.5)])
    assert value is None and reason.endswith("above 10 mm")
