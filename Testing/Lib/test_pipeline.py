"""The whole engine against exact truth and against real scans."""

import csv
from functools import lru_cache
from itertools import permutations, product

import numpy as np
import pytest
import SimpleITK as sitk

from LungSegmentationLib import read_ct, segment
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.measurement.areas import measure_slices
from LungSegmentationLib.phantom import Phantom, Structure, make_phantom
from LungSegmentationLib.progress import Cancelled
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.volume import CtVolume

METHOD_KEYS = [method.key for method in METHODS]
SMALL = {"shape_zyx": (90, 128, 128), "spacing_zyx_mm": (3.4, 2.8, 2.8)}
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
ORIENTATIONS = [
    "".join(pair[sign] for pair, sign in zip(axes, signs, strict=True))
    for axes in permutations(("LR", "PA", "SI"))
    for signs in product((0, 1), repeat=3)
]


def dice(ours: np.ndarray, truth: np.ndarray) -> float:
    return 2 * np.count_nonzero(ours & truth) / (np.count_nonzero(ours) + np.count_nonzero(truth))


def relative_volume(labels: np.ndarray, truth: np.ndarray, label: int) -> float:
    return np.count_nonzero(labels == label) / np.count_nonzero(truth == label)


def slice_area_errors(volume: CtVolume, labels: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Relative errors of the lungs' areas, in slices with at least 20 cm² of lung."""
    found, true = (np.array([area.total_mm2 for area in measure_slices(volume, part)]) for part in (labels, truth))
    large = true >= 2000
    return np.abs(found[large] / true[large] - 1)


@lru_cache(maxsize=4)
def oriented_phantom(orientation: str) -> Phantom:
    return make_phantom(orientation=orientation, seed=3)


@pytest.mark.parametrize("method", METHOD_KEYS)
@pytest.mark.parametrize("orientation", ["LPS", "RAS", "SPL", "AIR"])
def test_phantom_volumes_are_within_one_percent(method, orientation):
    phantom = oriented_phantom(orientation)
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


@pytest.fixture(scope="module")
def small_phantom():
    return make_phantom(**SMALL)


@pytest.mark.parametrize("method", METHOD_KEYS)
def test_all_48_axis_orders_give_the_same_result_voxel_for_voxel(small_phantom, method):
    expected = segment(small_phantom.volume, method).labels
    image = itk_image(small_phantom.volume.voxels_hu, small_phantom.volume)
    assert len(set(ORIENTATIONS)) == 48
    # The network takes longer: every fifth order, which has all axes and flips in it.
    for orientation in ORIENTATIONS[::5] if method == "network" else ORIENTATIONS:
        # ITK's own reorientation, not ours, turns the scan and brings the result back.
        turned = sitk.DICOMOrient(image, orientation)
        volume = CtVolume(
            sitk.GetArrayFromImage(turned),
            turned.GetSpacing()[::-1],
            turned.GetOrigin(),
            np.array(turned.GetDirection()).reshape(3, 3),
        )
        result = sitk.DICOMOrient(itk_image(segment(volume, method).labels, volume), "LPS")
        assert np.array_equal(sitk.GetArrayFromImage(result), expected), orientation


def itk_image(array: np.ndarray, volume: CtVolume) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(volume.spacing_zyx_mm[::-1])
    image.SetOrigin(volume.origin_lps_mm)
    image.SetDirection(np.asarray(volume.direction_lps).ravel())
    return image


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
    phantom = make_phantom(**SMALL, **changes)
    labels = segment(phantom.volume, method).labels
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert dice(labels == side, phantom.labels == side) > 0.97
    # Where a voxel's density is a mixture it may be either; of what is not the chest's there is none at all.
    wrong = np.isin(labels, (RIGHT_LUNG, LEFT_LUNG)) & np.isin(phantom.structures, NEVER_LUNG)
    assert np.count_nonzero(wrong) <= (5 if method == "network" else 0)


@pytest.mark.parametrize("method", ["network", "connected-components"])
@pytest.mark.parametrize(("lungs", "side", "missing"), [("right", RIGHT_LUNG, "left"), ("left", LEFT_LUNG, "right")])
def test_single_lung_is_found_on_its_side_and_said(lungs, side, missing, method):
    phantom = make_phantom(**SMALL, lungs=lungs)
    result = segment(phantom.volume, method)
    assert dice(result.labels == side, phantom.labels == side) > 0.97
    assert not np.any(result.labels == (RIGHT_LUNG + LEFT_LUNG - side))
    assert any(f"no {missing} lung was found" in warning for warning in result.warnings)


def test_part_of_a_chest_without_trachea_is_segmented_and_said(small_phantom):
    whole = small_phantom.volume
    part = CtVolume(np.ascontiguousarray(whole.voxels_hu[15:40]), whole.spacing_zyx_mm)
    result = segment(part, "connected-components")
    truth = small_phantom.labels[15:40]
    assert dice(np.isin(result.labels, (1, 2)), np.isin(truth, (1, 2))) > 0.95
    assert any("no trachea was found" in warning for warning in result.warnings)


def test_airways_can_be_left_out_without_becoming_lung(small_phantom):
    with_airways = segment(small_phantom.volume).labels
    without = segment(small_phantom.volume, airways=False).labels
    assert np.array_equal(without, np.where(with_airways == AIRWAYS, 0, with_airways))
    assert np.any(with_airways == AIRWAYS)


def test_input_is_untouched_and_the_run_is_recorded(small_phantom):
    before = small_phantom.volume.voxels_hu.copy()
    seen = []
    result = segment(small_phantom.volume, parameters={"threshold_hu": -450}, progress=lambda fraction, text: seen.append((fraction, text)))
    assert np.array_equal(small_phantom.volume.voxels_hu, before) and result.volume is small_phantom.volume
    assert result.parameters["threshold_hu"] == -450 and result.method == METHOD_KEYS[0]
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert list(result.timings_s) == list(dict.fromkeys(text for _, text in seen))[:-1]


def test_cancelling_ends_the_run_at_any_step(small_phantom):
    steps = []
    segment(small_phantom.volume, progress=lambda fraction, text: steps.append(text))
    for number in range(len(steps)):
        calls = []

        def cancel(fraction, text, stop=number, calls=calls):
            calls.append(text)
            if len(calls) > stop:
                raise Cancelled

        with pytest.raises(Cancelled):
            segment(small_phantom.volume, progress=cancel)
        assert len(calls) == number + 1


def test_lower_threshold_gives_smaller_lungs(small_phantom):
    volumes = [np.count_nonzero(segment(small_phantom.volume, parameters={"threshold_hu": hu}).labels) for hu in (-600, -400, -300)]
    assert volumes[0] < volumes[1] < volumes[2]


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


def test_single_slice_is_refused_by_methods_that_need_a_volume(small_phantom):
    one = CtVolume(np.ascontiguousarray(small_phantom.volume.voxels_hu[45:46]), small_phantom.volume.spacing_zyx_mm)
    with pytest.raises(InputError, match="1 axial slice"):
        segment(one, "connected-components")


def cases() -> list[str]:
    return ["lidc1011", "lidc0001", "lidc0002", "lidc0003", "lidc0028", "qin_LSC0014", "tb1_002", "qin_LUNG010007", "cptac_C3N00247"]


@pytest.mark.parametrize("name", cases())
def test_real_scan_agrees_with_its_reference(shared_data, name):
    with (shared_data / "cases.csv").open(newline="") as file:
        case = next(row for row in csv.DictReader(file) if row["name"] == name)
    reference = sitk.GetArrayFromImage(sitk.ReadImage(str(shared_data / case["reference"])))
    labels = segment(read_ct(shared_data / case["ct"])).labels
    for side in (RIGHT_LUNG, LEFT_LUNG):
        assert dice(labels == side, reference == side) >= 0.97
    assert dice(labels == AIRWAYS, reference == AIRWAYS) > 0.85


@pytest.mark.parametrize("method", [key for key in METHOD_KEYS if key != "network"])
def test_airway_switch_leaves_the_trachea_in_the_lungs(small_phantom, method):
    labels = segment(small_phantom.volume, method, {"find_airways": False}).labels
    assert not np.any(labels == AIRWAYS)
    bronchi = small_phantom.labels == AIRWAYS
    assert np.count_nonzero(labels[bronchi]) > 0.3 * np.count_nonzero(bronchi)


def test_gas_switch_lets_the_stomach_in(small_phantom):
    gas = small_phantom.structures == Structure.STOMACH_GAS
    assert not np.any(segment(small_phantom.volume, "connected-components").labels[gas])
    assert np.any(segment(small_phantom.volume, "connected-components", {"leave_out_gas": False}).labels[gas])


def test_lung_cut_by_the_image_is_reported(small_phantom):
    whole = small_phantom.volume
    assert not any("top" in warning for warning in segment(whole).warnings)
    part = CtVolume(np.ascontiguousarray(whole.voxels_hu[:45]), whole.spacing_zyx_mm)
    assert any("cut at the bottom, top" in warning for warning in segment(part, "connected-components").warnings)
    assert any("cut at the" in warning and "top" in warning for warning in segment(part, "network").warnings)


@pytest.mark.parametrize("rule", ["tubularity", "threshold"])
def test_vessels_lie_in_their_lung_whatever_the_orientation(small_phantom, rule):
    result = segment(small_phantom.volume, vessels=True, vessel_rule=rule)
    assert result.vessel_rule == rule
    assert np.array_equal(result.labels, segment(small_phantom.volume).labels)
    assert set(np.unique(result.vessels)) == {0, RIGHT_LUNG, LEFT_LUNG}
    assert np.all(result.labels[result.vessels > 0] == result.vessels[result.vessels > 0])
    turned = make_phantom(**SMALL, orientation="AIR")
    image = itk_image(segment(turned.volume, vessels=True, vessel_rule=rule).vessels, turned.volume)
    assert np.array_equal(sitk.GetArrayFromImage(sitk.DICOMOrient(image, "LPS")), result.vessels)


def test_unknown_vessel_rule_names_the_known_ones(small_phantom):
    with pytest.raises(InputError, match=r"'frangi'.*tubularity, threshold"):
        segment(small_phantom.volume, vessels=True, vessel_rule="frangi")
