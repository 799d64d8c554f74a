"""Scans whose header does not fit the anatomy: turned, said, and left alone where all is well."""

from dataclasses import replace

import numpy as np
import pytest
from phantoms import result_on_small_phantom, small_phantom
from scipy import ndimage

from LungSegmentationLib import segment
from LungSegmentationLib.anatomy.heart_side import heart_on_left
from LungSegmentationLib.anatomy.patient_axes import CoarseChest
from LungSegmentationLib.anatomy.stance import AS_THE_HEADER_SAYS, examine_stance, turned
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.volume import AxisOrder, to_canonical

HALF_TURN = AxisOrder((0, 1, 2), (False, True, True))
TURNS = {
    "front and back": HALF_TURN,
    "quarter turn": AxisOrder((0, 2, 1), (False, True, False)),
    "quarter turn the other way": AxisOrder((0, 2, 1), (False, False, True)),
    "front and back, head and feet": AxisOrder((0, 1, 2), (True, True, False)),
    "axes shifted": AxisOrder((1, 2, 0), (False, False, False)),
    "axes shifted the other way, head and feet": AxisOrder((2, 0, 1), (True, True, False)),
    "lying along the rows": AxisOrder((1, 0, 2), (True, False, False)),
}


@pytest.fixture(scope="module")
def phantom():
    return small_phantom()


@pytest.fixture(scope="module")
def real(shared_data):
    """A small real scan in canonical orientation."""
    return to_canonical(read_ct(shared_data / "tb1_002_ct.nii.gz"))[0]


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


def swung(volume, degrees: float):
    """Turn the patient about the long axis, as half-side positioning does."""
    hu = ndimage.rotate(volume.voxels_hu, degrees, axes=(1, 2), reshape=False, order=1, mode="constant", cval=-1000)
    return replace(volume, voxels_hu=hu)


@pytest.mark.parametrize("order", TURNS.values(), ids=TURNS)
@pytest.mark.parametrize("scan", ["phantom", "real"])
def test_patient_s_axes_are_found_whatever_the_header_calls_them(request, scan, order):
    volume = getattr(request.getfixturevalue(scan), "volume", None) or request.getfixturevalue(scan)
    stance = examine_stance(turned(volume, order))
    assert order.then(stance.order) == AS_THE_HEADER_SAYS
    assert "the header does not fit the anatomy" in stance.finding


@pytest.mark.parametrize("order", [AxisOrder((0, 2, 1), (False, False, False)), AxisOrder((0, 1, 2), (False, True, False))], ids=str)
def test_sides_of_a_mirrored_array_are_told_by_the_heart(phantom, order):
    stance = examine_stance(turned(phantom.volume, order))
    assert order.then(stance.order) == AS_THE_HEADER_SAYS
    assert "right and left were taken from the heart" in stance.consequence


def test_a_mirrored_image_alone_is_believed(phantom):
    assert not examine_stance(turned(phantom.volume, AxisOrder((0, 1, 2), (False, False, True)))).warning


def test_a_turned_header_is_named_by_what_is_exchanged(phantom):
    front_and_back = examine_stance(turned(phantom.volume, HALF_TURN))
    assert "front and back are exchanged" in front_and_back.finding and "head and feet" not in front_and_back.finding
    both = examine_stance(turned(phantom.volume, TURNS["front and back, head and feet"])).finding
    assert "front and back are exchanged" in both and "head and feet look exchanged" in both
    # The phantom's head came to lie at the end that is called the left, its back at the one called the front.
    shifted = examine_stance(turned(phantom.volume, AxisOrder((1, 2, 0), (True, False, False)))).finding
    assert "the patient's head lies where the header says left, and the back where it says feet" in shifted


def test_where_the_patient_is_turned_too_far_to_tell_the_sides_the_header_is_kept_and_doubted(phantom):
    for order, ends in ((AxisOrder((1, 0, 2), (True, False, False)), "front to back"), (TURNS["axes shifted"], "right to left")):
        stance = examine_stance(turned(swung(phantom.volume, 45), order))
        assert not stance.is_turned
        assert f"the header may not fit the anatomy: the spine runs from what it calls {ends}" in stance.finding
        assert "taken as its header says" in stance.consequence


@pytest.mark.parametrize("degrees", [-25, 0, 25])
def test_nothing_is_said_of_scans_that_lie_right_or_on_half_a_side(phantom, real, degrees):
    for volume in (phantom.volume, real):
        whole = swung(volume, degrees) if degrees else volume
        slices = len(whole.voxels_hu)
        for part in (slice(None), slice(0, slices // 3), slice(slices // 3, 2 * slices // 3), slice(2 * slices // 3, None)):
            assert not examine_stance(replace(whole, voxels_hu=whole.voxels_hu[part])).warning


@pytest.mark.parametrize("changes", [{"lungs": "left", "emphysema": 0.5}, {"effusion": 1.0, "contrast_hu": 250.0}, {"arms": True}], ids=str)
def test_nothing_is_said_of_lost_lungs_fluid_contrast_medium_and_arms(changes):
    assert not examine_stance(small_phantom(**changes).volume).warning


@pytest.mark.parametrize("name", ["cmbcrc0106", "lidc0003", "lungdx_A0002_B40f", "qin_LSC0064", "tb1_001"])
def test_real_scans_and_their_thirds_lie_right(shared_data, name):
    volume = to_canonical(read_ct(shared_data / f"{name}_ct.nii.gz"))[0]
    slices = len(volume.voxels_hu)
    for part in (slice(None), slice(0, slices // 3), slice(slices // 3, 2 * slices // 3), slice(2 * slices // 3, None)):
        assert not examine_stance(replace(volume, voxels_hu=volume.voxels_hu[part])).warning


def test_front_and_back_exchanged_give_the_same_sides_on_the_input_s_grid(phantom):
    upright, result = result_on_small_phantom("connected-components"), segment(turned(phantom.volume, HALF_TURN), "connected-components")
    assert np.array_equal(HALF_TURN.undo(result.labels), upright.labels)
    assert sum("front and back are exchanged" in warning for warning in result.warnings) == 1
    assert not any("header" in warning for warning in upright.warnings)


def test_a_real_scan_on_its_side_and_head_down_is_segmented_as_the_unchanged_one(real):
    order = AxisOrder((0, 2, 1), (True, False, False))  # a quarter turn, and over
    upright, result = segment(real, "connected-components"), segment(turned(real, order), "connected-components")
    labels = order.undo(result.labels)
    for side in (1, 2):
        assert dice(labels == side, upright.labels == side) > 0.995
    assert any("the patient's head lies where the header says feet" in warning for warning in result.warnings)


def test_of_a_header_that_is_wrong_a_plain_heart_tells_the_sides():
    left, right = drawn_lungs(heart_at=45.0), drawn_lungs(heart_at=-45.0)
    assert heart_on_left(left, (4.0, 4.0, 4.0), 160.0, 120.0, 120.0) is True
    assert heart_on_left(right, (4.0, 4.0, 4.0), 160.0, 120.0, 120.0) is False
    one_lung = left & (np.arange(60) < 30)
    assert heart_on_left(one_lung, (4.0, 4.0, 4.0), 160.0, 120.0, 120.0) is None
    assert heart_on_left(drawn_lungs(heart_at=0.0), (4.0, 4.0, 4.0), 160.0, 120.0, 120.0) is None


def drawn_lungs(heart_at: float) -> np.ndarray:
    """Two boxes of air, a heart in front between them, and an aorta beside the spine on the heart's side."""
    z, y, x = np.meshgrid(*(np.arange(60) * 4.0 + 2.0,) * 3, indexing="ij")
    lungs = (abs(abs(x - 120) - 55) < 40) & (abs(y - 110) < 70) & (abs(z - 120) < 100)
    heart = (x - 120 - heart_at) ** 2 + (y - 80) ** 2 + (z - 70) ** 2 < 45**2
    aorta = (abs(x - 120 - np.sign(heart_at) * 28) < 14) & (abs(y - 150) < 14)
    return lungs & ~heart & ~aorta


def test_symmetry_is_greatest_about_the_middle_it_was_drawn_about():
    half = np.random.default_rng(0).integers(-100, 300, (30, 30, 18)).astype(np.int16)
    mirrored = np.concatenate([np.full((30, 30, 4), 100, np.int16), half, half[:, :, ::-1]], axis=2)
    chest = CoarseChest(mirrored, (5.0, 5.0, 5.0))
    assert chest.middle_mm(2) == pytest.approx((4 + 18) * 5.0, abs=5.0)
    assert chest.symmetry(2)[0] > 1.5 > chest.symmetry(1)[0]


def test_orders_are_done_one_after_the_other():
    array = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    first, second = AxisOrder((2, 0, 1), (True, False, True)), AxisOrder((1, 0, 2), (False, True, True))
    together = first.then(second)
    assert np.array_equal(together.apply(array), second.apply(first.apply(array)))
    assert np.array_equal(together.undo(together.apply(array)), array)
