"""Gross errors: exact volumes of wrong pieces whose shape is known; rims, doubt and right results are none."""

import numpy as np
import pytest

from LungSegmentationLib.evaluation.gross_errors import gross_errors, largest_opened_piece
from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG

SPACING = (2.0, 1.0, 1.5)
VOXEL_ML = 2.0 * 1.0 * 1.5 / 1000
SHAPE = (50, 100, 80)


def block(labels: np.ndarray, z: slice, y: slice, x: slice, value: int) -> np.ndarray:
    changed = labels.copy()
    changed[z, y, x] = value
    return changed


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint8)
    labels[5:45, 10:90, 5:35] = RIGHT_LUNG
    labels[5:45, 10:90, 45:75] = LEFT_LUNG
    labels[30:45, 45:55, 37:43] = AIRWAYS
    return labels


def ball(radius_mm: float) -> np.ndarray:
    z, y, x = np.ogrid[0 : SHAPE[0], 0 : SHAPE[1], 0 : SHAPE[2]]
    return ((z - 25) * 2.0) ** 2 + ((y - 50) * 1.0) ** 2 + ((x - 40) * 1.5) ** 2 <= radius_mm**2


def test_a_right_result_and_a_rim_have_no_gross_error(reference):
    rim = block(reference, slice(5, 45), slice(5, 95), slice(40, 44), LEFT_LUNG)  # 6 mm: as thin as the opening is wide
    assert gross_errors(reference, reference, SPACING).largest_ml == 0
    assert gross_errors(rim, reference, SPACING).added_ml == 0


def test_a_ball_keeps_its_volume_and_the_film_beside_it_goes(reference):
    lump = ball(18.0)
    film = np.zeros(SHAPE, bool)
    film[:, 48:51] = True
    opened = largest_opened_piece(lump | film, SPACING)
    assert np.count_nonzero(lump & ~opened) < 0.02 * np.count_nonzero(lump)
    assert np.count_nonzero(opened & ~lump) < 0.05 * np.count_nonzero(lump)


def test_the_largest_wrong_block_counts_with_its_exact_volume(reference):
    # Boxes lose their edges to a ball, which here are less than a tenth; without an opening they are exact.
    wrong = block(reference, slice(46, 50), slice(0, 100), slice(0, 80), RIGHT_LUNG)
    wrong = block(wrong, slice(0, 4), slice(0, 50), slice(0, 80), LEFT_LUNG)
    wrong = block(wrong, slice(10, 20), slice(20, 40), slice(10, 30), 0)
    wrong = block(wrong, slice(25, 35), slice(20, 50), slice(10, 30), LEFT_LUNG)
    exact = gross_errors(wrong, reference, SPACING, opening_radius_mm=0.0)
    assert exact.added_ml == pytest.approx(4 * 100 * 80 * VOXEL_ML)
    assert exact.missed_ml == pytest.approx(10 * 20 * 20 * VOXEL_ML)
    assert exact.swapped_ml == pytest.approx(10 * 30 * 20 * VOXEL_ML)
    opened = gross_errors(wrong, reference, SPACING)
    for name in ("added_ml", "missed_ml", "swapped_ml"):
        assert 0.9 * getattr(exact, name) < getattr(opened, name) <= getattr(exact, name), name
    assert opened.largest_ml == opened.added_ml


def test_two_pieces_that_a_neck_joins_are_two(reference):
    wrong = block(reference, slice(8, 18), slice(20, 80), slice(8, 30), 0)
    wrong = block(wrong, slice(24, 40), slice(20, 80), slice(8, 30), 0)
    joined = block(wrong, slice(18, 24), slice(50, 54), slice(20, 22), 0)
    assert gross_errors(joined, reference, SPACING).missed_ml == pytest.approx(gross_errors(wrong, reference, SPACING).missed_ml, rel=0.01)


def test_airways_in_the_lung_are_added_and_lung_in_the_airways_is_missed(reference):
    added = gross_errors(np.where(reference == AIRWAYS, np.uint8(RIGHT_LUNG), reference), reference, SPACING, opening_radius_mm=0.0)
    assert added.added_ml == pytest.approx(15 * 10 * 6 * VOXEL_ML) and added.missed_ml == 0
    leak = block(reference, slice(10, 20), slice(20, 40), slice(10, 30), AIRWAYS)
    assert gross_errors(leak, reference, SPACING, opening_radius_mm=0.0).missed_ml == pytest.approx(10 * 20 * 20 * VOXEL_ML)


def test_doubt_is_never_wrong(reference):
    wrong = block(reference, slice(10, 20), slice(20, 60), slice(10, 30), 0)
    doubt = np.zeros(SHAPE, bool)
    doubt[10:20, 20:40, 10:30] = True
    assert gross_errors(wrong, reference, SPACING, doubt, 0.0).missed_ml == pytest.approx(10 * 20 * 20 * VOXEL_ML)
    assert gross_errors(wrong, reference, SPACING, wrong != reference).missed_ml == 0


def test_different_shapes_are_an_error(reference):
    with pytest.raises(ValueError, match=r"\(50, 100, 80\), \(49, 100, 80\)"):
        gross_errors(reference, reference[1:], SPACING)
