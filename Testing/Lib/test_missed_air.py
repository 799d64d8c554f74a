"""Aerated lung that a network leaves out: taken where it goes on from the lung without a wall, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from phantoms import phantom_of

from LungSegmentationLib.network.missed_air import with_missed_air
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.quality.grid import make_quality_grid
from LungSegmentationLib.quality.missing_tissue import missed_lung_flag
from LungSegmentationLib.quality.second_opinion import second_opinion
from LungSegmentationLib.segmentation import Segmentation

FIELD = {"shape_zyx": (110, 96, 96), "spacing_zyx_mm": (3.0, 3.9, 3.9)}


def scene():
    """Two lungs of which the front was left out on the right; a bowel behind a wall, gas without one, and a drop of air."""
    hu = np.full((20, 40, 60), 40, np.int16)
    air = np.zeros(hu.shape, bool)
    air[:, 5:35, 5:25] = air[:, 5:35, 35:55] = True
    hu[air] = -850
    right, left = air.copy(), air.copy()
    right[:, :, 30:] = left[:, :, :30] = False
    missed = right & (np.arange(40) < 18)[:, None]
    return hu, air, right & ~missed, left, missed


def test_air_that_goes_on_from_a_lung_is_added_to_its_side():
    hu, air, right, left, missed = scene()
    found_right, found_left = with_missed_air(air, right, left, hu, -990.0, 0.03)
    assert np.array_equal(found_right, right | missed) and np.array_equal(found_left, left)


@pytest.mark.parametrize(
    ("density_hu", "wall", "block_ml"), [(-850, True, 0.03), (-990, False, 0.03), (-500, False, 0.03), (-850, False, 2e-4)]
)
def test_air_behind_a_wall_gas_dense_air_and_drops_are_not(density_hu, wall, block_ml):
    hu, air, right, left, missed = scene()
    hu[missed] = density_hu
    if wall:
        air = air & ~(missed & (np.arange(40) == 17)[:, None])
    found_right, found_left = with_missed_air(air, right, left, hu, -990.0, block_ml)
    assert np.array_equal(found_right, right) and np.array_equal(found_left, left)


def test_bowel_that_touches_a_lung_over_a_tenth_of_its_surface_is_not_added():
    hu, air, right, left, missed = scene()
    air = air & ~(missed & (np.arange(40) == 17)[:, None] & (np.arange(60) < 15))
    found_right, found_left = with_missed_air(air, right, left, hu, -990.0, 0.03)
    assert np.array_equal(found_right, right) and np.array_equal(found_left, left)


@pytest.fixture(scope="module")
def cut() -> Segmentation:
    """The truth of a phantom whose lungs a round view cuts all around."""
    phantom = phantom_of(**FIELD)
    y, x = (np.arange(96) - 47.5)[:, None], np.arange(96) - 47.5
    lungs = np.isin(phantom.labels, (1, 2))
    widest = np.hypot(y, x)[lungs.any(axis=0)].max()
    outside = np.broadcast_to(np.hypot(y, x) > widest - 20 / 3.9, lungs.shape)
    volume = replace(phantom.volume, voxels_hu=np.where(outside, np.int16(-2000), phantom.volume.voxels_hu))
    return Segmentation(volume, np.where(outside, np.uint8(0), phantom.labels), "truth")


def test_lungs_that_a_round_view_cuts_are_no_other_air(cut):
    verdicts = {flag.key: flag.verdict for flag in quality_flags(cut)}
    assert verdicts["field_of_view"] == "cut"
    assert verdicts["foreign_air"] == verdicts["missed_lung"] == "pass"


def without_front_of_right_lung(result: Segmentation) -> Segmentation:
    labels = result.labels.copy()
    rows = np.flatnonzero((labels == 1).any(axis=(0, 2)))
    labels[:, : rows[0] + 6][labels[:, : rows[0] + 6] == 1] = 0
    return replace(result, labels=labels)


def test_lung_left_out_at_the_edge_of_a_round_view_is_found(cut):
    (flag,) = (flag for flag in quality_flags(without_front_of_right_lung(cut)) if flag.key == "missed_lung")
    assert flag.verdict == "fail" and flag.places[0].side == "right"


def test_lung_left_out_that_the_check_itself_holds_to_be_outside_the_body_is_found(cut):
    right, wrong = make_quality_grid(cut), make_quality_grid(without_front_of_right_lung(cut))
    second, outside = second_opinion(right, None), right.sample_lungs & ~wrong.sample_lungs
    mistaken = replace(second, air=second.air & ~outside, lung=second.lung & ~outside)
    assert missed_lung_flag(wrong, mistaken, None).verdict == "fail"
    assert missed_lung_flag(right, mistaken, None).verdict == "pass"
