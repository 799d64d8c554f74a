"""Scans that lie head down although their header says head up."""

from dataclasses import replace

import numpy as np
import pytest
from phantoms import result_on_small_phantom, small_phantom

from LungSegmentationLib import segment
from LungSegmentationLib.anatomy.head_and_feet import head_is_last
from LungSegmentationLib.anatomy.trachea import find_trachea
from LungSegmentationLib.labels import AIRWAYS

METHODS = ("connected-components", "threshold", "contour-tracking", "network")


@pytest.fixture(scope="module")
def phantom():
    return small_phantom()


def with_voxels(volume, voxels_hu):
    return replace(volume, voxels_hu=np.ascontiguousarray(voxels_hu))


def is_warned(result) -> bool:
    return any("head and feet look exchanged" in warning for warning in result.warnings)


@pytest.mark.parametrize("method", METHODS)
def test_scan_that_lies_head_down_is_segmented_as_if_it_lay_right_and_said(phantom, method):
    upright = segment(phantom.volume, method, vessels=True) if method == METHODS[0] else result_on_small_phantom(method)
    turned = segment(with_voxels(phantom.volume, phantom.volume.voxels_hu[::-1]), method, vessels=method == METHODS[0])
    assert np.array_equal(turned.labels[::-1], upright.labels) and np.any(upright.labels == AIRWAYS)
    assert is_warned(turned) and not is_warned(upright)
    if upright.vessels is not None:
        assert np.array_equal(turned.vessels[::-1], upright.vessels)


def test_sides_follow_a_plain_heart_where_the_patient_was_turned_about(phantom):
    # Head for feet and right for left is a turn about the table's normal: the heart shows that the sides came along.
    turned = segment(with_voxels(phantom.volume, phantom.volume.voxels_hu[::-1, :, ::-1]), "connected-components")
    middle = phantom.labels.shape[2] // 2
    right, left = (np.argwhere(turned.labels == side)[:, 2].mean() for side in (1, 2))
    assert left < middle < right and is_warned(turned)
    assert any("right and left were taken from the heart" in warning for warning in turned.warnings)


@pytest.mark.parametrize("changes", [{"emphysema": 0.5, "lungs": "left"}, {"noise_sd_hu": 90.0, "padding": True}], ids=str)
def test_scans_that_lie_right_are_not_turned(changes):
    whole = small_phantom(**changes).volume
    for slices in (slice(None), slice(15, 45), slice(45, 90)):
        part = with_voxels(whole, whole.voxels_hu[slices])
        assert not is_warned(segment(part, "connected-components"))


def drawn_chest(tube_from: int, tube_to: int, joined: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two cones of lung with their tips at the last slice, and a tube of air between them."""
    z, y, x = np.ogrid[:60, :70, :90]
    radius = np.minimum((60 - z) * 0.5, 16)
    lungs = ((y - 35) ** 2 + (x - 22) ** 2 < radius**2) | ((y - 35) ** 2 + (x - 68) ** 2 < radius**2)
    tube = ((y - 35) ** 2 + (x - 45) ** 2 < 5**2) & (z >= tube_from) & (z < tube_to)
    if joined:
        tube = tube | ((abs(y - 35) < 2) & (abs(z - tube_from) < 2) & (abs(x - 45) < 25))
    hu = np.where(tube, -980, np.where(lungs, -850, 40)).astype(np.int16)
    return hu, hu < -400, np.ones(hu.shape, bool)


@pytest.mark.parametrize(
    ("turned", "tube", "joined", "exchanged"),
    [
        (False, (25, 60), True, False),
        (True, (25, 60), True, True),
        (True, (25, 60), False, False),
        (False, (0, 20), True, False),
        (True, (50, 60), True, False),
    ],
    ids=["right", "head down", "gas that joins no lung", "tube in the wide end", "short tube"],
)
def test_only_a_long_tube_that_runs_into_growing_lungs_from_below_exchanges_the_ends(turned, tube, joined, exchanged):
    hu, air, core = (part[::-1] if turned else part for part in drawn_chest(*tube, joined))
    spacing = (2.0, 2.0, 2.0)
    trachea = find_trachea(hu, air, core, spacing)
    assert (head_is_last(hu, air, core, trachea, spacing) is False) == exchanged
