"""The whole engine against exact truth."""

from dataclasses import replace

import numpy as np
import pytest
from phantoms import phantom_of, result_on_small_phantom, small_phantom

from LungSegmentationLib import segment
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.measurement.areas import measure_slices
from LungSegmentationLib.phantom import Structure
from LungSegmentationLib.progress import Cancelled
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.volume import CtVolume

METHOD_KEYS = [method.key for method in METHODS]
NEVER_LUNG = (
    Structure.AIR_OUTSIDE,
    Structure.PADDING,
    Structure.TABLE,
    Structure.TABLE_FOAM,
    Structure.CLOTHES,
    Structure.ARM,
    Structure.OESOPHAGUS_AIR,
    Structure.STOMACH_GAS,
)


def dice(ours: np.ndarray, truth: np.ndarray) -> float:
    return 2 * np.count_nonzero(ours & truth) / (np.count_nonzero(ours) + np.count_nonzero(truth))


def relative_volume(labels: np.ndarray, truth: np.ndarray, label: int) -> float:
    return np.count_nonzero(labels == label) / np.count_nonzero(truth == label)


def slice_area_errors(volume: CtVolume, labels: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Relative errors of the lungs' areas, in slices with at least 20 cm² of lung."""
    found, true = (np.array([area.total_mm2 for area in measure_slices(volume, part)]) for part in (labels, truth))
    large = true >= 2000
    return np.abs(found[large] / true[large] - 1)


@pytest.mark.parametrize("method", METHOD_KEYS)
def test_phantom_volumes_are_within_one_percent(method):
    """In one order of the axes that is not the methods' own; that no order changes a voxel is another test's."""
    phantom = phantom_of(orientation="AIR", seed=3)
    result = segment(phantom.volume, method)
    assert result.labels.dtype == np.uint8 and result.labels.shape == phantom.volume.voxels_hu.shape
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert relative_volume(result.labels, phantom.labels, side) == pytest.approx(1, abs=0.01)
        assert dice(result.labels == side, phantom.labels == side) > 0.99
    assert dice(result.labels == AIRWAYS, phantom.labels == AIRWAYS) > 0.9
    swapped = ((result.labels == RIGHT_LUNG) & (phantom.labels == LEFT_LUNG)) | (
        (result.labels == LEFT_LUNG) & (phantom.labels == RIGHT_LUNG)
    )
    # The network's pixels are 3 mm wide: where the lungs touch it may misplace the junction line by a voxel.
    assert np.count_nonzero(swapped) <= (2e-4 * np.count_nonzero(phantom.labels) if method == "network" else 0)
    errors = slice_area_errors(phantom.volume, result.labels, phantom.labels)
    assert np.mean(errors < 0.01) > 0.96 and errors.max() < 0.03


@pytest.mark.parametrize("method", METHOD_KEYS)
@pytest.mark.parametrize(
    "changes",
    [
        {"padding": True},
        {"arms": True},
        {"emphysema": 0.5},
        {"noise_sd_hu": 90.0},
        {"stomach_gas": False, "table": False, "clothes": False},
    ],
    ids=lambda changes: " ".join(changes),
)
def test_what_surrounds_the_lungs_does_not_matter(method, changes):
    phantom = small_phantom(**changes)
    labels = segment(phantom.volume, method).labels
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert dice(labels == side, phantom.labels == side) > 0.97
    # Of what is not the chest's there is none at all. Only the gas in the oesophagus is so near to the lung on this
    # coarse grid that their wall is thinner than the network's pixels, and the two touch by their corners.
    wrong = np.isin(labels, (RIGHT_LUNG, LEFT_LUNG)) & np.isin(phantom.structures, NEVER_LUNG)
    in_oesophagus = wrong & (phantom.structures == Structure.OESOPHAGUS_AIR)
    assert np.count_nonzero(wrong & ~in_oesophagus) == 0
    assert np.count_nonzero(in_oesophagus) * phantom.volume.voxel_volume_ml <= (0.25 if method == "network" else 0)


@pytest.mark.parametrize("method", ["network", "connected-components"])
@pytest.mark.parametrize(("lungs", "side", "missing"), [("right", RIGHT_LUNG, "left"), ("left", LEFT_LUNG, "right")])
def test_single_lung_is_found_on_its_side_and_said(lungs, side, missing, method):
    phantom = small_phantom(lungs=lungs)
    result = segment(phantom.volume, method)
    assert dice(result.labels == side, phantom.labels == side) > 0.97
    assert not np.any(result.labels == (RIGHT_LUNG + LEFT_LUNG - side))
    assert any(f"no {missing} lung was found" in warning for warning in result.warnings)


def test_part_of_a_chest_without_trachea_is_segmented_and_said():
    whole = small_phantom().volume
    part = CtVolume(np.ascontiguousarray(whole.voxels_hu[15:40]), whole.spacing_zyx_mm)
    result = segment(part, "connected-components")
    truth = small_phantom().labels[15:40]
    assert dice(np.isin(result.labels, (1, 2)), np.isin(truth, (1, 2))) > 0.95
    assert any("no trachea was found" in warning for warning in result.warnings)


@pytest.mark.parametrize("method", ["network", "connected-components"])
def test_airways_can_be_left_out_without_becoming_lung(method):
    with_airways = result_on_small_phantom(method).labels
    without = segment(small_phantom().volume, method, airways=False).labels
    assert np.array_equal(without, np.where(with_airways == AIRWAYS, 0, with_airways))
    assert np.any(with_airways == AIRWAYS)


def test_a_lower_threshold_gives_smaller_lungs_and_the_run_is_recorded():
    """By the method that is chosen where none is named."""
    volume = replace(small_phantom().volume, voxels_hu=small_phantom().volume.voxels_hu.copy())
    seen = []
    result = segment(volume, parameters={"threshold_hu": -600}, progress=lambda fraction, text: seen.append((fraction, text)))
    assert np.array_equal(small_phantom().volume.voxels_hu, volume.voxels_hu) and result.volume is volume
    assert result.parameters["threshold_hu"] == -600 and result.method == METHOD_KEYS[0]
    by_itself, higher = result_on_small_phantom(METHOD_KEYS[0]), segment(volume, parameters={"threshold_hu": -300})
    assert by_itself.parameters["threshold_hu"] == -400
    assert np.count_nonzero(result.labels) < np.count_nonzero(by_itself.labels) < np.count_nonzero(higher.labels)
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert list(result.timings_s) == list(dict.fromkeys(text for _, text in seen))[:-1]


def test_cancelling_ends_the_run_at_any_step():
    """At the first and the last word of each step: between them a step says the same thing again."""
    volume = phantom_of(shape_zyx=(40, 64, 64), spacing_zyx_mm=(7.5, 5.5, 5.5), seed=1).volume
    steps = []
    segment(volume, progress=lambda fraction, text: steps.append(text))
    moments = sorted({steps.index(text) for text in steps} | {len(steps) - 1 - steps[::-1].index(text) for text in steps})
    assert len(moments) >= 10
    for number in moments:
        calls = []

        def cancel(fraction, text, stop=number, calls=calls):
            calls.append(text)
            if len(calls) > stop:
                raise Cancelled

        with pytest.raises(Cancelled):
            segment(volume, progress=cancel)
        assert calls == steps[: number + 1]


@pytest.mark.parametrize(
    ("voxels_hu", "message"),
    [
        (np.full((20, 40, 40), -1000, np.int16), "air"),
        (np.full((20, 40, 40), 40, np.int16), "soft tissue|air"),
        (np.random.default_rng(0).integers(0, 256, (20, 40, 40), np.int16), "0"),
        (np.where(np.arange(40) < 20, -1000, 40).astype(np.int16) * np.ones((20, 40, 1), np.int16), "lung|air"),
    ],
    ids=["all air", "all soft tissue", "0 to 255", "no lung"],
)
def test_images_without_lungs_are_refused(voxels_hu, message):
    with pytest.raises(InputError, match=message):
        segment(CtVolume(voxels_hu, (2.0, 2.0, 2.0)))


def test_single_slice_is_refused_by_methods_that_need_a_volume():
    one = CtVolume(np.ascontiguousarray(small_phantom().volume.voxels_hu[45:46]), small_phantom().volume.spacing_zyx_mm)
    with pytest.raises(InputError, match="1 axial slice"):
        segment(one, "connected-components")


@pytest.mark.parametrize("method", [key for key in METHOD_KEYS if key != "network"])
def test_airway_switch_leaves_the_trachea_in_the_lungs(method):
    labels = segment(small_phantom().volume, method, {"find_airways": False}).labels
    assert not np.any(labels == AIRWAYS)
    bronchi = small_phantom().labels == AIRWAYS
    assert np.count_nonzero(labels[bronchi]) > 0.3 * np.count_nonzero(bronchi)


def test_gas_switch_lets_the_stomach_in():
    gas = small_phantom().structures == Structure.STOMACH_GAS
    assert not np.any(result_on_small_phantom("connected-components").labels[gas])
    assert np.any(segment(small_phantom().volume, "connected-components", {"leave_out_gas": False}).labels[gas])


def test_lung_cut_by_the_image_is_reported():
    whole = small_phantom().volume
    assert not any("top" in warning for warning in result_on_small_phantom(METHOD_KEYS[0]).warnings)
    part = CtVolume(np.ascontiguousarray(whole.voxels_hu[:45]), whole.spacing_zyx_mm)
    assert any("cut at the bottom, top" in warning for warning in segment(part, "connected-components").warnings)
    assert any("cut at the" in warning and "top" in warning for warning in segment(part, "network").warnings)


def test_unknown_vessel_rule_names_the_known_ones():
    with pytest.raises(InputError, match=r"'frangi'.*tubularity, threshold"):
        segment(small_phantom().volume, vessels=True, vessel_rule="frangi")
