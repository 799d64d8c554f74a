"""A child's body is seen at an adult's size; an adult's as it is."""

import numpy as np
import pytest

from LungSegmentationLib.anatomy.body import small_body_scale
from LungSegmentationLib.anatomy.chest import examine_chest
from LungSegmentationLib.anatomy.working_grid import make_working_grid
from LungSegmentationLib.progress import no_progress
from LungSegmentationLib.volume import CtVolume

SPACING = (4.0, 2.0, 2.0)


def body_of_radius(radius_mm: float) -> CtVolume:
    """A cylinder of tissue with two lungs in air."""
    _, y, x = np.ogrid[:20, :200, :200]
    across, along = (x - 99.5) * 2, (y - 99.5) * 2
    hu = np.full((20, 200, 200), -1000, np.int16)
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
    volume = body_of_radius(140.0)
    _, y, x = np.ogrid[:20, :200, :200]
    far_mm = np.broadcast_to(np.hypot((x - 99.5) * 2, (y - 99.5) * 2), volume.voxels_hu.shape)
    narrow = CtVolume(np.where(far_mm < 95, volume.voxels_hu, np.int16(-2048)), SPACING)
    assert small_body_scale(make_working_grid(narrow.voxels_hu, SPACING, 2.0)) < 0.8  # by what is seen of it
    assert examine_chest(narrow, -400.0, 2.0, no_progress).scale == 1


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
