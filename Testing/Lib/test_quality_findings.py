"""Findings on the segmentation: faults painted into a phantom's truth are found where they are; sound results and true disease pass."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from phantoms import phantom_of

from LungSegmentationLib.evaluation.gross_errors import gross_errors
from LungSegmentationLib.output.finding_pictures import MOST_PICTURES, draw_findings
from LungSegmentationLib.phantom.structures import Structure
from LungSegmentationLib.quality.flag import QualityFlag
from LungSegmentationLib.quality.flags import quality_flags, quality_verdict
from LungSegmentationLib.quality.grid import make_quality_grid
from LungSegmentationLib.quality.second_opinion import second_opinion
from LungSegmentationLib.segmentation import Evidence, Segmentation
from LungSegmentationLib.volume import AxisOrder, CtVolume

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks"))

from verdict_faults import FAULTS, Scene

FIELD = {"shape_zyx": (82, 96, 96), "spacing_zyx_mm": (4.0, 3.9, 3.9)}
PAINT = {fault.name: fault.paint for fault in FAULTS}
FOUND_BY = {
    "hernia behind the heart in the lung": "dense_tissue",
    "heart in the lung": "dense_tissue",
    "chest wall in the lung": "dense_tissue",
    "trachea in the lung": "foreign_air",
    "stomach or bowel gas in the lung": "foreign_air",
    "missed upper lobe": "missed_lung",
    "missed base": "missed_lung",
    "piece of the other side": "sides",
    "lung filled into the other side": "sides",
    "sides exchanged": "sides",
}


@pytest.fixture(scope="module")
def healthy() -> Segmentation:
    phantom = phantom_of(**FIELD)
    return Segmentation(phantom.volume, phantom.labels, "truth")


def painted(result: Segmentation, name: str) -> Segmentation:
    hu, labels = PAINT[name](Scene(result.volume.voxels_hu, result.labels, result.volume.spacing_zyx_mm))
    return replace(result, volume=replace(result.volume, voxels_hu=hu), labels=labels)


def found(result: Segmentation) -> dict[str, QualityFlag]:
    return {flag.key: flag for flag in quality_flags(result) if flag.kind == "quality"}


def test_a_sound_result_has_no_finding(healthy):
    assert {key: flag.where for key, flag in found(healthy).items() if flag.verdict != "pass"} == {}


@pytest.mark.parametrize(("name", "key"), FOUND_BY.items())
def test_a_painted_fault_is_found_where_it_is(healthy, name, key):
    wrong = painted(healthy, name)
    flag = found(wrong)[key]
    assert flag.verdict in ("review", "fail")
    if name == "sides exchanged":
        return
    fault = wrong.labels != healthy.labels
    place = flag.places[0]
    inside = fault[tuple(slice(*span) for span in place.box_zyx)]
    assert np.count_nonzero(inside) * healthy.volume.voxel_volume_ml > 0.7 * place.volume_ml, "the box holds what was painted"
    assert fault[place.slice_index].any()


def test_missed_lung_is_measured_and_fails(healthy):
    wrong = painted(healthy, "missed upper lobe")
    flag = found(wrong)["missed_lung"]
    exact_ml = gross_errors(wrong.labels, healthy.labels, healthy.volume.spacing_zyx_mm).missed_ml
    assert flag.verdict == "fail" and flag.value == pytest.approx(exact_ml, rel=0.15)
    assert flag.places[0].side == "right"


def test_consolidation_is_to_be_looked_at_and_missed_where_it_is_left_out():
    phantom = phantom_of(**FIELD, consolidation=0.7, sick_side="left")
    right = Segmentation(phantom.volume, phantom.labels, "truth")
    assert quality_verdict(quality_flags(right)) != "fail"
    flags = found(replace(right, labels=np.where(phantom.structures == 45, np.uint8(0), phantom.labels)))
    assert quality_verdict(flags.values()) == "review"
    assert any(place.side == "left" for place in flags["surrounded_tissue"].places) or flags["missing_tissue"].verdict == "review"


def test_what_the_network_is_unsure_of_and_what_was_left_out_of_its_lungs_is_named(healthy):
    heart = phantom_of(**FIELD).structures == Structure.HEART
    for share, words in ((128, "unsure"), (240, "left out")):
        flag = found(replace(healthy, evidence=evidence_of(healthy, heart, share)))["unsure_tissue"]
        assert flag.verdict == "review" and words in flag.reason
        assert flag.places[0].volume_ml == pytest.approx(np.count_nonzero(heart) * healthy.volume.voxel_volume_ml, rel=0.35)
    sure = evidence_of(healthy, heart, 0)
    assert found(replace(healthy, evidence=sure))["unsure_tissue"].verdict == "pass"
    in_small_pieces = found(replace(healthy, evidence=sure, uncertainty=0.04))["unsure_tissue"]
    assert in_small_pieces.verdict == "review" and "4.0 %" in in_small_pieces.reason
    lungs = np.isin(healthy.labels, (1, 2))
    enough_ml = np.cumsum(np.count_nonzero(lungs, axis=(1, 2))) * healthy.volume.voxel_volume_ml
    for volume_ml, verdict in ((300, "pass"), (450, "review")):  # 4 % are 24 and 36 mL of both opinions together
        stop = int(np.searchsorted(enough_ml, volume_ml)) + 1
        volume = replace(healthy.volume, voxels_hu=healthy.volume.voxels_hu[:stop])
        part = replace(healthy, volume=volume, labels=healthy.labels[:stop], evidence=Evidence((1, 1, 1), sure.lung_probability[:stop]))
        assert found(replace(part, uncertainty=0.04))["unsure_tissue"].verdict == verdict


def test_no_doubt_is_left_of_the_aorta_and_of_fat_that_were_left_out(healthy):
    grid = make_quality_grid(healthy)
    left_out = (grid.sample_labels == 0) & (grid.even_fat | grid.aorta)
    for settled in (grid.aorta, grid.even_fat):
        assert np.count_nonzero(settled & left_out) * grid.sample_ml > 60
        for share in (128, 240):
            assert found(replace(healthy, evidence=evidence_of(healthy, settled, share)))["unsure_tissue"].verdict == "pass"


def test_another_methods_result_is_asked_of_the_network_only_for_what_it_left_out(healthy):
    heart = phantom_of(**FIELD).structures == Structure.HEART
    for share, verdict in ((0, "pass"), (128, "pass"), (240, "review")):
        opinion = replace(evidence_of(healthy, heart, share), is_second_opinion=True)
        flag = found(replace(healthy, evidence=opinion))["unsure_tissue"]
        assert flag.verdict == verdict
        assert ("left out that the network takes for lung" in flag.reason) == (verdict == "review")


def test_what_another_method_took_and_the_network_does_not_is_named(healthy):
    z, y, x = (axis * mm for axis, mm in zip(np.indices(healthy.labels.shape), FIELD["spacing_zyx_mm"], strict=True))
    middle = [float(np.median(places)) for places in np.nonzero(healthy.labels == 2)]
    ball = sum((axis - at * mm) ** 2 for axis, at, mm in zip((z, y, x), middle, FIELD["spacing_zyx_mm"], strict=True)) < 24**2
    volume_ml = np.count_nonzero(ball) * healthy.volume.voxel_volume_ml
    assert volume_ml > 50
    for share, verdict in ((0, "review"), (128, "pass")):
        opinion = evidence_of(healthy, ball & (healthy.labels == 2), share)
        flag = found(replace(healthy, evidence=replace(opinion, is_second_opinion=True)))["unsure_tissue"]
        assert flag.verdict == verdict
        assert found(replace(healthy, evidence=opinion))["unsure_tissue"].verdict == "pass", "its own result follows its answer"
        if verdict == "review":
            assert "does not take" in flag.reason and flag.places[0].side == "left"
            assert flag.places[0].volume_ml == pytest.approx(volume_ml, rel=0.25)


def test_what_the_network_says_far_above_the_lungs_does_not_count(healthy):
    more = ((0, 40), (0, 0), (0, 0))
    volume = replace(healthy.volume, voxels_hu=np.pad(healthy.volume.voxels_hu, more, mode="edge"))
    taller = replace(healthy, volume=volume, labels=np.pad(healthy.labels, more))
    apex = int(np.flatnonzero(np.isin(healthy.labels, (1, 2)).any(axis=(1, 2)))[-1])
    z = np.arange(len(taller.labels))[:, None, None]
    dense = (volume.voxels_hu > 0) & (volume.voxels_hu < 100)
    for share in (128, 240):
        for lowest_mm, verdict in ((80, "pass"), (10, "review")):
            place = dense & (z > apex + lowest_mm / 4) & (z < apex + (lowest_mm + 40) / 4)
            assert np.count_nonzero(place) * volume.voxel_volume_ml > 100
            assert found(replace(taller, evidence=evidence_of(taller, place, share)))["unsure_tissue"].verdict == verdict


def test_the_sides_of_lungs_that_the_image_cuts_through_need_not_be_alike(healthy):
    right = healthy.labels == 1
    slices = np.flatnonzero(right.any(axis=(1, 2)))
    widest = int(np.median(slices))
    lost = right & (np.arange(len(right)) < widest + 3)[:, None, None]
    hu, labels = np.where(lost, np.int16(40), healthy.volume.voxels_hu), np.where(lost, np.uint8(0), healthy.labels)
    whole = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu), labels=labels)
    assert found(whole)["right_share"].verdict == "review"
    stop = widest + 18
    part = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu[:stop]), labels=labels[:stop])
    flag = found(part)["right_share"]
    assert flag.verdict == "pass" and "could not be judged" in flag.reason
    one = replace(part, labels=np.where(part.labels == 1, np.uint8(0), part.labels))
    assert found(one)["right_share"].verdict == "fail"


def evidence_of(result: Segmentation, place: np.ndarray, share: int) -> Evidence:
    """Let a network be sure of a result's lungs and airways, and give a share of 255 to a place."""
    return Evidence((1, 1, 1), np.where(place, share, np.where(result.labels > 0, 255, 0)).astype(np.uint8))


def test_a_layer_beside_a_shifted_heart_is_no_missing_mass_a_ball_is(healthy):
    """Both have some 120 mL; only the ball is thicker than a shift of the mediastinum."""
    left = healthy.labels == 2
    z, y, x = np.nonzero(left)
    middle = tuple(int(np.median(axis)) for axis in (z, y, x))
    far_mm = np.sqrt(
        sum(
            ((axis - at) * mm) ** 2
            for axis, at, mm in zip(
                np.ogrid[: left.shape[0], : left.shape[1], : left.shape[2]], middle, healthy.volume.spacing_zyx_mm, strict=True
            )
        )
    )
    ball = left & (far_mm < 32)
    layer = left & (np.abs(np.arange(left.shape[2]) - middle[2]) <= 1)
    layer[: middle[0] - 12] = layer[middle[0] + 12 :] = False
    for missing, verdict in ((ball, "review"), (layer, "pass")):
        assert np.count_nonzero(missing) * healthy.volume.voxel_volume_ml > 80
        hu = np.where(missing, np.int16(40), healthy.volume.voxels_hu)
        wrong = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu), labels=np.where(missing, np.uint8(0), healthy.labels))
        assert found(wrong)["missing_tissue"].verdict == verdict


def test_the_trachea_is_not_missed_where_the_image_ends_below_it(healthy):
    carina = int(np.flatnonzero((healthy.labels == 3).any(axis=(1, 2)))[0])
    for stop, labels_of_airways, verdict in ((carina, 3, "pass"), (len(healthy.labels), 2, "review")):
        part = replace(healthy.volume, voxels_hu=healthy.volume.voxels_hu[:stop])
        labels = np.where(healthy.labels == 3, np.uint8(labels_of_airways), healthy.labels)[:stop]
        flag = found(Segmentation(part, labels, "truth"))["trachea"]
        assert flag.verdict == verdict and ("ends at the top within the lungs" in flag.reason) == (verdict == "pass")


def test_an_apex_behind_a_scar_is_lung_and_no_bowel(healthy):
    """By itself it is smaller than a lung; bowel would lie low, or be dark."""
    right = healthy.labels == 1
    areas_ml = np.count_nonzero(right, axis=(1, 2)) * healthy.volume.voxel_volume_ml
    above_ml = np.cumsum(areas_ml[::-1])[::-1]
    first = int(np.flatnonzero(above_ml > 40)[-1])
    scar = right.copy()
    scar[: first - 3] = scar[first:] = False
    hu = np.where(scar, np.int16(30), healthy.volume.voxels_hu)
    scarred = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu))
    grid = make_quality_grid(scarred)
    apex = right.copy()
    apex[:first] = False
    assert not (second_opinion(grid, -1000.0).lung & apex).any() and above_ml[first] < 50
    assert found(scarred)["foreign_air"].verdict == "pass"


def test_a_thin_chest_wall_does_not_open_the_lungs_to_the_room(healthy):
    """The wall is 4 mm thick over a part of the right side; a median of the sample would take it away."""
    hu, labels = healthy.volume.voxels_hu.copy(), healthy.labels
    right = labels == 1
    slices = np.flatnonzero(right.any(axis=(1, 2)))
    for number in slices[len(slices) // 3 : -len(slices) // 3]:
        rows = np.flatnonzero(right[number].any(axis=1))
        for row in rows[len(rows) // 3 : -len(rows) // 3]:
            outermost = int(np.flatnonzero(right[number, row])[0])
            hu[number, row, : outermost - 1] = -1000
            hu[number, row, outermost - 1] = 40
    thin = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu))
    grid = make_quality_grid(thin)
    second = second_opinion(grid, -1000.0)
    aerated = (grid.sample_labels == 1) & (grid.smooth_hu < -600)
    assert np.mean(second.lung[aerated]) > 0.9
    outside = np.zeros(hu.shape, bool)
    outside[:, :, :5] = True
    assert not (second.lung & outside).any()


def test_a_bulla_at_the_base_is_to_be_looked_at_and_gas_behind_a_wall_fails():
    phantom = phantom_of(shape_zyx=(90, 160, 160), spacing_zyx_mm=(3.3, 2.2, 2.2), seed=3)
    lung = phantom.labels == 1
    z, y, x = np.nonzero(lung)
    base = int(np.percentile(z, 12))
    row, column = (int(np.median(axis[z == base])) for axis in (y, x))
    axes = np.ogrid[: lung.shape[0], : lung.shape[1], : lung.shape[2]]
    far_mm = np.sqrt(sum(((axis - at) * mm) ** 2 for axis, at, mm in zip(axes, (base, row, column), (3.3, 2.2, 2.2), strict=True)))
    for wall_mm, verdict in ((0.0, "review"), (7.0, "fail")):
        hu = np.where(lung & (far_mm < 38 + wall_mm), np.int16(40), phantom.volume.voxels_hu)
        hu = np.where(lung & (far_mm < 38), np.int16(-1000), hu)
        flag = found(Segmentation(replace(phantom.volume, voxels_hu=hu), phantom.labels, "truth"))["foreign_air"]
        assert (flag.verdict, flag.places[0].what) == (verdict, "gas below the lungs")


def test_the_aorta_in_the_lung_fails_by_its_name():
    phantom = phantom_of(shape_zyx=(90, 160, 160), spacing_zyx_mm=(3.3, 2.2, 2.2), seed=3)
    aorta = phantom.structures == Structure.GREAT_VESSEL
    aorta[:15] = aorta[55:] = False
    _, rows, columns = np.nonzero(phantom.labels == 2)
    aorta[:, : int(rows.mean())] = False
    aorta[:, :, : int(columns.min())] = False
    result = Segmentation(phantom.volume, np.where(aorta, np.uint8(2), phantom.labels), "truth")
    flag = found(result)["dense_tissue"]
    assert flag.verdict == "fail" and "aorta" in flag.reason and flag.places[0].what == "the aorta"
    assert flag.value == pytest.approx(np.count_nonzero(aorta) * phantom.volume.voxel_volume_ml, rel=0.35)


def test_the_left_lung_does_not_reach_to_the_right_of_the_aorta():
    """A lump that is too small to stand out by itself does so there; beside the aorta, and of the right lung, it does not."""
    phantom = phantom_of(shape_zyx=(90, 160, 160), spacing_zyx_mm=(3.3, 2.2, 2.2), seed=3)
    sound = Segmentation(phantom.volume, phantom.labels, "truth")
    grid = make_quality_grid(sound)
    z, y, x = np.nonzero(grid.aorta)
    number = int(np.median(z))
    row, column = int(y[z == number].min()) - 8, int(x[z == number].max())
    lump = np.zeros(phantom.labels.shape, bool)
    step_z, step_y, step_x = grid.steps_zyx
    for right_mm, label, verdict in ((24, 2, "review"), (24, 1, "pass"), (-12, 2, "pass")):
        lump[:] = False
        at = round(column - right_mm / grid.sample_spacing_zyx_mm[2])
        lump[
            (number - 2) * step_z : (number + 3) * step_z, (row - 2) * step_y : (row + 3) * step_y, (at - 2) * step_x : (at + 3) * step_x
        ] = True
        lump &= (phantom.labels == 0) & (phantom.volume.voxels_hu > -50)
        assert 3 < np.count_nonzero(lump) * phantom.volume.voxel_volume_ml < 20
        flag = found(replace(sound, labels=np.where(lump, np.uint8(label), phantom.labels)))["dense_tissue"]
        assert flag.verdict == verdict


@pytest.mark.parametrize(("uneven_hu", "says_fat"), [(60, True), (250, False)], ids=["noise", "gas in it"])
def test_only_even_tissue_of_fats_density_is_called_fat(healthy, uneven_hu, says_fat):
    """Consolidation with gas in it can have the mean density of fat."""
    rng = np.random.default_rng(6)
    z, y, x = (int(np.median(axis)) for axis in np.nonzero(healthy.labels == 1))
    piece = np.zeros(healthy.labels.shape, bool)
    piece[z - 8 : z + 8, y - 8 : y + 8, x - 8 : x + 8] = True
    hu = np.where(piece & (healthy.labels == 1), -90 + uneven_hu * rng.standard_normal(piece.shape), healthy.volume.voxels_hu)
    volume = replace(healthy.volume, voxels_hu=np.clip(np.rint(hu), -1024, 600).astype(np.int16))
    flag = found(replace(healthy, volume=volume))["dense_tissue"]
    assert ("Fat may have been taken" in flag.reason) == says_fat


def test_a_place_holds_in_the_scan_s_own_axes_and_its_picture_is_the_same(healthy):
    wrong = painted(healthy, "missed upper lobe")
    order = AxisOrder((2, 0, 1), (True, False, True))
    direction = np.zeros((3, 3))
    for canonical_axis, (input_axis, flip) in enumerate(zip(order.axes, order.flipped, strict=True)):
        direction[2 - canonical_axis, 2 - input_axis] = -1.0 if flip else 1.0
    spacing = tuple(float(mm) for mm in np.asarray(FIELD["spacing_zyx_mm"])[np.argsort(order.axes)])
    turned = Segmentation(CtVolume(order.undo(wrong.volume.voxels_hu), spacing, direction_lps=direction), order.undo(wrong.labels), "truth")
    here, there = (found(result)["missed_lung"].places[0] for result in (wrong, turned))
    marked = np.zeros(turned.labels.shape, bool)
    marked[tuple(slice(*span) for span in there.box_zyx)] = True
    assert [(int(axis.min()), int(axis.max()) + 1) for axis in np.nonzero(order.apply(marked))] == [tuple(span) for span in here.box_zyx]
    assert there.slice_index == wrong.labels.shape[0] - 1 - here.slice_index
    pictures = [[np.asarray(picture) for _, _, picture in draw_findings(result, quality_flags(result))] for result in (wrong, turned)]
    assert 0 < len(pictures[0]) == len(pictures[1]) <= MOST_PICTURES
    assert all(np.array_equal(a, b) for a, b in zip(*pictures, strict=True))
    assert (255, 190, 60) in {tuple(colour) for colour in pictures[0][0].reshape(-1, 3).tolist()}, "the place is framed"
