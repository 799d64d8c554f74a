"""A child's body is seen at an adult's size; an adult's as it is."""

import numpy as np
import pytest

from LungSegmentationLib.anatomy.body import small_body_scale
from LungSegmentationLib.anatomy.chest import examine_chest
from LungSegmentationLib.anatomy.working_grid import make_working_grid
from LungSegmentationLib.progress import no_progress
from LungSegmentationLib.volume import CtVolume

SPACING = (4.0, 2.0, 2.0)


def body_of_radius(radius_mm: float, slices: int = 20) -> CtVolume:
    """A cylinder of tissue with two lungs in air; the lungs end 8 mm below and above the first and last slice."""
    _, y, x = np.ogrid[:slices, :200, :200]
    across, along = (x - 99.5) * 2, (y - 99.5) * 2
    hu = np.full((slices, 200, 200), -1000, np.int16)
    hu[:, (np.hypot(along, across) < radius_mm)[0]] = 40
    hu[2:-2, (np.hypot(along, np.abs(across) - 0.45 * radius_mm) < 0.35 * radius_mm)[0]] = -850
    return CtVolume(hu, SPACING)


@pytest.mark.parametrize("radius_mm", [60.0, 80.0, 100.0])
def test_a_small_body_is_measured_in_sizes_of_an_adult(radius_mm):
    volume = body_of_radius(radius_mm)
    # An adult's cross-section is as large as a square of 250 mm; a block of 3.5 mm is lost at the skin.
    expected = np.sqrt(np.pi) * (radius_mm - 2) / 250
    assert small_body_scale(make_working_grid(volume.voxels_hu, SPACING, 2.0)) == pytest.approx(expected, rel=0.05)


def test_an_adult_is_seen_as_he_is():
    assert small_body_scale(make_working_grid(body_of_radius(140.0).voxels_hu, SPACING, 2.0)) == 1


def test_a_child_is_examined_on_the_grid_of_an_adult_and_measured_as_it_is():
    child = body_of_radius(70.0)
    chest = examine_chest(child, -400.0, 2.0, no_progress)
    assert chest.scale == pytest.approx(np.sqrt(np.pi) * 68 / 250, rel=0.05)
    assert chest.grid.spacing_zyx_mm == pytest.approx(tuple(mm / chest.scale for mm in SPACING))
    air_ml = np.count_nonzero(child.voxels_hu == -850) * child.voxel_volume_ml
    assert np.count_nonzero(chest.air) * chest.true_block_ml == pytest.approx(air_ml, rel=0.01)


def test_an_adult_whose_lungs_a_round_field_cuts_is_no_child():
    narrow = in_round_field(body_of_radius(140.0, slices=50), 95.0)
    assert small_body_scale(make_working_grid(narrow.voxels_hu, SPACING, 2.0)) < 0.8  # by what is seen of it
    assert examine_chest(narrow, -400.0, 2.0, no_progress).scale == 1


def test_a_child_whose_body_the_view_cuts_is_told_by_the_height_of_its_lungs():
    """Its size is at least what is seen of it."""
    seen = in_round_field(body_of_radius(100.0), 78.0)
    by_edge = CtVolume(np.ascontiguousarray(body_of_radius(100.0).voxels_hu[:, :, 62:-62]), SPACING)
    whole = np.sqrt(np.pi) * 98 / 250
    for child in (seen, by_edge):
        assert 0.6 * whole < examine_chest(child, -400.0, 2.0, no_progress).scale < whole


def test_a_slab_of_an_adult_is_no_child():
    """Its lungs go on below and above."""
    slab = in_round_field(body_of_radius(140.0), 95.0)
    assert examine_chest(CtVolume(slab.voxels_hu[2:-2], SPACING), -400.0, 2.0, no_progress).scale == 1


def in_round_field(volume: CtVolume, radius_mm: float) -> CtVolume:
    """What a round field shows of a body."""
    _, y, x = np.ogrid[:1, :200, :200]
    return CtVolume(np.where(np.hypot((x - 99.5) * 2, (y - 99.5) * 2) < radius_mm, volume.voxels_hu, np.int16(-2048)), SPACING)


def test_a_gap_in_a_childs_wall_at_the_edge_of_a_round_field_is_no_cut_lung():
    """A skin fold, or a wall thinner than a block."""
    volume = body_of_radius(70.0)
    _, y, x = np.ogrid[:20, :200, :200]
    far_mm = np.broadcast_to(np.hypot((x - 99.5) * 2, (y - 99.5) * 2), volume.voxels_hu.shape)
    gap = (far_mm > 50) & (far_mm < 70) & (np.abs((y - 99.5) * 2) < 5)
    hu = np.where(gap, np.int16(-850), volume.voxels_hu)
    seen = CtVolume(np.where(far_mm < 70, hu, np.int16(-2048)), SPACING)
    assert small_body_scale(make_working_grid(seen.voxels_hu, SPACING, 2.0, seen.measured)) == pytest.approx(
        np.sqrt(np.pi) * 68 / 250, rel=0.06
    )
