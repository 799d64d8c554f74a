"""The network method: what the network is shown, what is made of its answer, and the whole run with a tiny real network."""

from dataclasses import replace

import numpy as np
import onnx_models
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phantoms import phantom_of
from scipy import ndimage

from LungSegmentationLib.anatomy.body import body_size_mm, small_body_scale
from LungSegmentationLib.anatomy.chest import adult_grid
from LungSegmentationLib.anatomy.limits import ADULT_BODY_MM, WORKING_VOXEL_MM
from LungSegmentationLib.anatomy.working_grid import make_working_grid
from LungSegmentationLib.errors import InputError, ModelError
from LungSegmentationLib.network.model_card import FixedPixels, NetworkOutput, SpacedPixels
from LungSegmentationLib.network.postprocessing import lungs_from_probabilities
from LungSegmentationLib.network.preprocessing import (
    NetworkGrid,
    body_box,
    enlarged,
    network_grid,
    reduced_slices,
    spaced_positions,
    stacked_neighbours,
    whole_box,
)
from LungSegmentationLib.network.probabilities import LungProbabilities
from LungSegmentationLib.network.uncertainty import lung_uncertainty
from LungSegmentationLib.phantom.structures import Structure
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.progress import no_progress
from LungSegmentationLib.volume import CtVolume


@pytest.fixture(scope="module")
def phantom():
    return phantom_of(seed=3, shape_zyx=(90, 160, 160), spacing_zyx_mm=(3.3, 2.2, 2.2))


@pytest.fixture(scope="module")
def whole(phantom):
    return make_working_grid(phantom.volume.voxels_hu, phantom.volume.spacing_zyx_mm, 2.0)


BORDER = (-400.0, 8.0)  # HU below which air is, and the radius in mm over which vessels are filled in


@pytest.fixture(scope="module")
def by_compact(phantom):
    """What the network that is delivered makes of the phantom, with its probabilities."""
    return segment(phantom.volume, "network", {"model": "compact"}, probability=True)


def probabilities_of_truth(phantom, whole) -> LungProbabilities:
    labels = whole.sample(phantom.labels)
    right, left, airways = ((labels == label).astype(np.float32) for label in (1, 2, 3))
    return LungProbabilities(right, left, airways)


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


@given(
    first=st.integers(0, 40),
    size=st.integers(1, 200),
    spacing_mm=st.floats(0.4, 5.0),
    pixel_mm=st.floats(1.0, 6.0),
    multiple_of=st.sampled_from([1, 4, 16]),
)
@settings(max_examples=200, deadline=None)
def test_pixels_cover_the_range_and_are_centred_on_it(first, size, spacing_mm, pixel_mm, multiple_of):
    positions = spaced_positions(first, first + size, spacing_mm, pixel_mm, multiple_of)
    assert positions.size % multiple_of == 0
    assert np.allclose(np.diff(positions) * spacing_mm, pixel_mm)
    assert positions.mean() == pytest.approx(first + (size - 1) / 2)
    assert positions.size * pixel_mm >= size * spacing_mm * (1 - 1e-6)
    assert (positions.size - multiple_of) * pixel_mm < size * spacing_mm * (1 + 1e-6)


def linear_image(shape_zyx: tuple[int, int, int]) -> np.ndarray:
    z, y, x = np.indices(shape_zyx)
    return (3 * z - 2 * y + 5 * x - 300).astype(np.int16)


def test_a_linear_image_is_resampled_exactly_and_is_air_outside():
    hu = linear_image((5, 30, 40))
    grid = NetworkGrid(np.array([1.0, 2.5]), spaced_positions(4, 26, 1.0, 1.7), spaced_positions(-6, 30, 1.0, 1.3), (-1.5, 0.0, 0.5))
    reduced = reduced_slices(hu, grid)
    inside = (grid.columns > 2) & (grid.columns < 37)
    truth = 3 * np.arange(5)[:, None, None] - 2 * grid.rows[:, None] + 5 * grid.columns - 300
    assert np.abs(reduced - truth)[..., inside].max() < 0.5
    assert np.all(reduced[..., grid.columns < -0.5] == -1024)
    stack = stacked_neighbours(reduced, grid)
    assert stack.shape == grid.shape_nchw
    for number, position in enumerate(grid.slices):
        for channel, step in enumerate(grid.neighbour_steps):
            place = np.clip(position + step, 0, 4)
            shown = truth[0] + 3 * place
            assert np.abs(stack[number, channel] - shown)[:, inside].max() < 0.5


def test_the_answer_is_brought_back_to_where_it_belongs():
    shape = (7, 30, 40)
    grid = NetworkGrid(np.array([0.5, 3.0, 6.0]), spaced_positions(0, 30, 1.0, 2.0), spaced_positions(0, 40, 1.0, 3.0), (0.0,))
    z, y, x = grid.slices[:, None, None], grid.rows[:, None], grid.columns
    planes = (0.02 * z + 0.01 * y + 0.005 * x).astype(np.float32)
    box = (slice(1, 7), slice(2, 28), slice(3, 36))
    back = enlarged(planes, grid, shape, box)
    z, y, x = np.indices(shape)[(slice(None), *box)]
    assert np.abs(back - (0.02 * z + 0.01 * y + 0.005 * x)).max() < 1e-5


def test_the_network_sees_the_whole_body(phantom, whole):
    box = body_box(whole)
    assert box[0] == slice(0, whole.mean_hu.shape[0])
    lungs = whole.sample(phantom.labels) > 0
    assert np.count_nonzero(lungs[box]) == np.count_nonzero(lungs)
    air = np.full((4, 20, 20), -1000, np.int16)
    assert body_box(make_working_grid(air, (2.0, 2.0, 2.0), 2.0)) == whole_box(air.shape)


def test_a_card_may_ask_for_slices_of_a_size_and_for_neighbours_by_number(whole):
    shown = replace(
        onnx_models.make_card().input,
        in_plane=FixedPixels(64, 48),
        neighbour_offsets=(-1.0, 0.0),
        offsets_in_mm=False,
        slice_spacing_mm=None,
    )
    box = whole_box(whole.mean_hu.shape)
    grid = network_grid(shown, whole, box)
    assert grid.shape_nchw == (whole.mean_hu.shape[0], 2, 64, 48)
    assert grid.neighbour_steps == (-1.0 / whole.factors_zyx[0], 0.0)
    spaced = network_grid(replace(shown, in_plane=SpacedPixels(4.0, 16), slice_spacing_mm=9.0), whole, box)
    assert np.diff(spaced.slices).mean() * whole.spacing_zyx_mm[0] == pytest.approx(9.0)


def test_true_shares_give_the_true_lungs(phantom, whole):
    mask = lungs_from_probabilities(phantom.volume, whole, probabilities_of_truth(phantom, whole), *BORDER, no_progress)
    for label in (1, 2):
        assert dice(mask.labels == label, phantom.labels == label) > 0.985
    assert dice(mask.labels == 3, phantom.labels == 3) > 0.9


def test_airways_that_the_network_does_not_mark_are_found_by_their_shape(phantom, whole):
    probabilities = probabilities_of_truth(phantom, whole)
    blind = replace(probabilities, airways=np.zeros_like(probabilities.airways))
    mask = lungs_from_probabilities(phantom.volume, whole, blind, *BORDER, no_progress)
    assert dice(mask.labels == 3, phantom.labels == 3) > 0.9
    assert not any("trachea" in warning for warning in mask.warnings)


def test_a_lower_half_without_trachea_gets_none(phantom):
    below_carina = int(np.flatnonzero((phantom.labels == 3).any(axis=(1, 2)))[0]) - 1
    half = replace(phantom.volume, voxels_hu=phantom.volume.voxels_hu[:below_carina])
    grid = make_working_grid(half.voxels_hu, half.spacing_zyx_mm, 2.0)
    labels = grid.sample(phantom.labels[:below_carina])
    right, left, airways = ((labels == label).astype(np.float32) for label in (1, 2, 3))
    mask = lungs_from_probabilities(half, grid, LungProbabilities(right, left, airways), *BORDER, no_progress)
    assert not (mask.labels == 3).any()


def test_below_the_carina_both_main_bronchi_are_airways(phantom):
    in_slices = [ndimage.label(plane == 3)[1] for plane in phantom.labels]
    stop = max(index for index, count in enumerate(in_slices) if count >= 2)
    part = replace(phantom.volume, voxels_hu=phantom.volume.voxels_hu[:stop])
    grid = make_working_grid(part.voxels_hu, part.spacing_zyx_mm, 2.0)
    labels = phantom.labels[:stop]
    sides = ndimage.label(labels == 3)[0]
    shares = grid.sample(labels)
    truth = LungProbabilities(*((shares == label).astype(np.float32) for label in (1, 2, 3)))
    found = lungs_from_probabilities(part, grid, truth, *BORDER, no_progress).labels == 3
    for bronchus in (sides == number for number in np.argsort(np.bincount(sides.ravel())[1:])[-2:] + 1):
        assert np.count_nonzero(found & bronchus) > 0.8 * np.count_nonzero(bronchus)


def test_unlike_sides_are_said_of_whole_lungs_and_not_of_parts(phantom):
    slices = np.flatnonzero((phantom.labels == 1).any(axis=(1, 2)))
    middle = int(np.median(slices))
    lost = (phantom.labels == 1) & (np.arange(len(phantom.labels)) < middle)[:, None, None]
    hu, labels = np.where(lost, np.int16(40), phantom.volume.voxels_hu), np.where(lost, np.uint8(0), phantom.labels)
    for stop, is_said in ((len(hu), True), (middle + 10, False)):
        volume = replace(phantom.volume, voxels_hu=hu[:stop])
        grid = make_working_grid(volume.voxels_hu, volume.spacing_zyx_mm, 2.0)
        shares = grid.sample(labels[:stop])
        truth = LungProbabilities(*((shares == label).astype(np.float32) for label in (1, 2, 3)))
        warnings = lungs_from_probabilities(volume, grid, truth, *BORDER, no_progress).warnings
        assert any("much smaller" in warning for warning in warnings) == is_said


def test_bowel_far_below_the_lungs_is_no_airway_and_no_doubt(phantom):
    below_carina = int(np.flatnonzero((phantom.labels == 3).any(axis=(1, 2)))[0]) - 1
    more = 50
    hu = np.pad(phantom.volume.voxels_hu[:below_carina], ((more, 0), (0, 0), (0, 0)), mode="edge")
    labels = np.pad(phantom.labels[:below_carina], ((more, 0), (0, 0), (0, 0)))
    z, y, x = np.indices(hu.shape)
    bowel = (np.abs(z - 12) < 8) & (np.hypot(y - 70, x - 80) * 2.2 < 9)
    hu[bowel] = -1000
    volume = replace(phantom.volume, voxels_hu=hu)
    grid = make_working_grid(hu, volume.spacing_zyx_mm, 2.0)
    shares = grid.sample(labels)
    right, left, airways = ((shares == label).astype(np.float32) for label in (1, 2, 3))
    airways[grid.sample(bowel)] = 1
    far, near = (grid.sample((np.hypot(y - 90, x - 60) * 2.2 < 25) & (np.abs(z - middle) < 4)) for middle in (25, 46))
    uncertain = []
    for place in (np.zeros_like(far), far & (grid.mean_hu > 20), near & (grid.mean_hu > 20)):
        unsure = LungProbabilities(np.where(place, np.float32(0.3), right), left, airways)
        mask = lungs_from_probabilities(volume, grid, unsure, *BORDER, no_progress)
        assert not (mask.labels == 3).any()
        uncertain.append(mask.uncertainty)
    assert uncertain[0] == uncertain[1] < uncertain[2]


def test_dense_tissue_belongs_to_the_lung_where_the_network_says_so(phantom, whole):
    right = phantom.labels == 1
    z, y, _ = np.nonzero(right)
    lobe = right.copy()
    lobe[: int(np.median(z))] = False
    lobe[:, : int(np.median(y))] = False
    voxels = np.where(lobe, np.int16(40), phantom.volume.voxels_hu)
    sick = replace(phantom.volume, voxels_hu=voxels)
    grid = make_working_grid(voxels, sick.spacing_zyx_mm, 2.0)
    with_lobe = lungs_from_probabilities(sick, grid, probabilities_of_truth(phantom, whole), *BORDER, no_progress)
    assert np.count_nonzero((with_lobe.labels == 1) & lobe) > 0.95 * np.count_nonzero(lobe)
    probabilities = probabilities_of_truth(phantom, whole)
    probabilities.right[whole.sample(lobe)] = 0
    without = lungs_from_probabilities(sick, grid, probabilities, *BORDER, no_progress)
    assert np.count_nonzero((without.labels == 1) & lobe) < 0.2 * np.count_nonzero(lobe)


def test_no_lung_is_said(phantom, whole):
    nothing = np.zeros(whole.mean_hu.shape, np.float32)
    with pytest.raises(InputError, match="no lung was found"):
        lungs_from_probabilities(phantom.volume, whole, LungProbabilities(nothing, nothing, nothing), *BORDER, no_progress)


def test_uncertainty_grows_with_unsure_dense_tissue(phantom, whole):
    sure = probabilities_of_truth(phantom, whole)
    assert lung_uncertainty(sure, whole) == pytest.approx(0.0, abs=1e-6)
    unsure = replace(sure, right=np.where((sure.right > 0) & (whole.mean_hu > -400), np.float32(0.6), sure.right))
    assert lung_uncertainty(unsure, whole) > lung_uncertainty(sure, whole)


def test_uncertainty_counts_neither_fat_nor_what_is_settled(phantom, whole):
    sure = probabilities_of_truth(phantom, whole)
    structures = whole.sample(phantom.structures)
    heart = (structures == Structure.HEART) & (whole.mean_hu > 0)
    for place, settled, counts in (
        ((structures == Structure.FAT) & (whole.mean_hu < -60), None, False),
        (heart, None, True),
        (heart, heart, False),
    ):
        unsure = replace(sure, left=np.where(place & (sure.left == 0), np.float32(0.4), sure.left))
        expected = 0.4 * np.count_nonzero(place) / (2 * (sure.right + sure.left).sum() + 0.4 * np.count_nonzero(place)) if counts else 0.0
        assert lung_uncertainty(unsure, whole, settled) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.fixture(scope="module")
def air_network(tmp_path_factory):
    """A real ONNX network of one layer that marks air: right and left together, as some published networks do."""
    folder = tmp_path_factory.mktemp("air")
    card = onnx_models.make_card(
        "air",
        input=replace(onnx_models.make_card().input, neighbour_offsets=(0.0,), in_plane=SpacedPixels(2.5, 4)),
        output=NetworkOutput("logits_sigmoid", ("both_lungs",)),
    )
    # The input is (HU + 700) / 400: positive logits below -400 HU.
    network = onnx_models.make_network(weights=np.array([[-20.0]], np.float32), bias=np.array([14.0], np.float32))
    onnx_models.save_model(folder, network, card)
    return folder / "air.json"


def test_another_network_runs_by_its_card_alone(phantom, air_network):
    hu = phantom.volume.voxels_hu
    # To this network all air is lung: elsewhere there must be none.
    inside_body = replace(phantom.volume, voxels_hu=np.where(phantom.labels == 0, np.maximum(hu, np.int16(-200)), hu))
    result = segment(inside_body, "network", {"model": str(air_network)}, probability=True)
    assert result.method == "network" and result.uncertainty is not None
    for label in (1, 2):
        assert dice(result.labels == label, phantom.labels == label) > 0.9
    assert result.probability.dtype == np.uint8 and result.probability.shape == phantom.labels.shape
    assert np.median(result.probability[phantom.labels == 1]) > 200
    once = segment(inside_body, "network", {"model": str(air_network), "mirror_averaging": False})
    assert dice(once.labels > 0, result.labels > 0) > 0.99


def test_a_mirrored_scan_looked_at_twice_is_the_mirrored_result(phantom, by_compact):
    # Dextrocardia: the patient's right lung lies where the left one was.
    mirrored = replace(phantom.volume, voxels_hu=np.ascontiguousarray(phantom.volume.voxels_hu[:, :, ::-1]))
    ours, theirs = by_compact.labels, segment(mirrored, "network", {"model": "compact"}).labels
    for ours_label, theirs_label in ((1, 2), (2, 1)):
        assert dice(ours == ours_label, theirs[:, :, ::-1] == theirs_label) > 0.999


def test_the_network_of_8_bits_answers_as_that_of_32(phantom, by_compact):
    whole, small = segment(phantom.volume, "network", {"model": "compact-float32"}, probability=True), by_compact
    for label in (1, 2):
        assert dice(whole.labels == label, small.labels == label) > 0.998
    assert np.abs(whole.probability.astype(np.int16) - small.probability).mean() < 1.0


def test_a_missing_network_is_named_and_the_other_methods_work(phantom):
    with pytest.raises(ModelError, match="other"):
        segment(phantom.volume, "network", {"model": "other"})
    with pytest.raises(InputError, match="no probabilities"):
        segment(phantom.volume, "connected-components", probability=True)
    assert segment(phantom.volume, "connected-components").labels.any()


def test_single_slice_is_refused_by_name():
    volume = CtVolume(np.zeros((1, 32, 32), np.int16), (3.0, 2.0, 2.0))
    with pytest.raises(InputError):
        segment(volume, "network")


@pytest.mark.parametrize("size", [0.6, 0.4])
def test_small_bodies_are_shown_as_large_as_adults(phantom, size):
    child = replace(phantom.volume, spacing_zyx_mm=tuple(size * mm for mm in phantom.volume.spacing_zyx_mm))
    labels, as_adult = segment(child, "network").labels, segment(phantom.volume, "network").labels
    for side in (1, 2):
        assert dice(labels == side, phantom.labels == side) > dice(as_adult == side, phantom.labels == side) - 0.003


def test_a_childs_grid_is_an_adults(phantom, whole):
    half = replace(phantom.volume, spacing_zyx_mm=tuple(mm / 2 for mm in phantom.volume.spacing_zyx_mm))
    grid, scale = adult_grid(half, WORKING_VOXEL_MM)
    assert scale == pytest.approx(body_size_mm(whole) / 2 / ADULT_BODY_MM, rel=0.03)
    assert body_size_mm(grid) == pytest.approx(ADULT_BODY_MM, rel=0.03)
    assert grid.full_spacing_zyx_mm == pytest.approx(tuple(mm / scale for mm in half.spacing_zyx_mm))


def test_a_body_cut_by_the_view_has_no_size(whole):
    spacing = tuple(0.4 * mm for mm in whole.spacing_zyx_mm)
    child = replace(whole, spacing_zyx_mm=spacing)
    assert small_body_scale(child) < 0.6
    _, rows, columns = whole.mean_hu.shape
    part = np.ascontiguousarray(whole.mean_hu[:, rows // 4 : -rows // 4, columns // 4 : -columns // 4])
    of_adult = make_working_grid(part, whole.spacing_zyx_mm, min(whole.spacing_zyx_mm))
    assert body_size_mm(of_adult) is None
    assert small_body_scale(of_adult) == 1.0
