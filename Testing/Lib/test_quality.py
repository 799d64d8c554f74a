"""Quality flags: each fault is provoked on a phantom and must be named; sound and real scans keep quiet."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from phantoms import phantom_of

from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.quality.coverage import missing_beyond_ml
from LungSegmentationLib.quality.flag import Place, QualityFlag, coverage_verdict, flag_from, quality_verdict, standing_out
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.quality.grid import make_quality_grid
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import AxisOrder, CtVolume

# The default field of view just cuts the costophrenic tips; this one holds all of the lungs.
FIELD = {"shape_zyx": (110, 96, 96), "spacing_zyx_mm": (3.0, 3.9, 3.9)}


def truth(**changes: object) -> Segmentation:
    phantom = phantom_of(**{**FIELD, **changes})
    return Segmentation(phantom.volume, phantom.labels, "truth")


def verdicts(result: Segmentation) -> dict[str, str]:
    return {flag.key: flag.verdict for flag in quality_flags(result)}


def values(result: Segmentation) -> dict[str, float | None]:
    return {flag.key: flag.value for flag in quality_flags(result)}


@pytest.fixture(scope="module")
def healthy() -> Segmentation:
    return truth()


@pytest.fixture(scope="module")
def flags_of_healthy(healthy) -> tuple[QualityFlag, ...]:
    return quality_flags(healthy)


def test_a_sound_result_passes_every_flag(flags_of_healthy):
    flags = flags_of_healthy
    assert [flag.key for flag in flags if flag.verdict != "pass"] == []
    assert quality_verdict(flags) == "pass"
    assert all(flag.reason.endswith(".") and flag.limit and flag.title for flag in flags)


def cropped(result: Segmentation, slices: slice) -> Segmentation:
    volume = replace(result.volume, voxels_hu=result.volume.voxels_hu[slices])
    return replace(result, volume=volume, labels=result.labels[slices])


def spaced(result: Segmentation, factors_zyx: tuple[float, float, float]) -> Segmentation:
    z, y, x = (mm * factor for mm, factor in zip(result.volume.spacing_zyx_mm, factors_zyx, strict=True))
    return replace(result, volume=replace(result.volume, spacing_zyx_mm=(z, y, x)))


@pytest.mark.parametrize(
    ("fault", "flag", "verdict"),
    [
        (lambda r: cropped(r, slice(0, 75)), "field_of_view", "cut"),
        (lambda r: cropped(r, slice(40, None)), "field_of_view", "cut"),
        (lambda r: replace(r, labels=np.where(r.labels == 2, np.uint8(0), r.labels)), "right_share", "fail"),
        (lambda r: spaced(cropped(r, slice(None, None, 2)), (2.0, 1.0, 1.0)), "slice_distance", "note"),
        (lambda r: spaced(r, (0.65, 0.65, 0.65)), "volume", "note"),
        (lambda r: spaced(r, (1.5, 1.5, 1.5)), "volume", "note"),
        (lambda r: replace(r, volume=replace(r.volume, source={"contrast_agent": True})), "contrast", "note"),
    ],
)
def test_a_provoked_fault_is_named(healthy, fault, flag, verdict):
    assert verdicts(fault(healthy))[flag] == verdict


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"padding": True, "scale": 1.35}, {"field_of_view": "cut"}),
        ({"contrast_hu": 150.0, "effusion": 0.8}, {"contrast": "note", "missing_tissue": "review"}),
    ],
)
def test_a_faulty_scan_is_named(changes, expected):
    found = verdicts(truth(**changes))
    assert {key: found[key] for key in expected} == expected


def test_noise_is_noted_and_is_no_fault_nor_is_padding_outside_the_patient(healthy):
    noise = np.random.default_rng(1).normal(0, 80, healthy.volume.voxels_hu.shape).astype(np.int16)
    hu = np.clip(healthy.volume.voxels_hu + noise, -1024, None).astype(np.int16)
    rows, columns = np.ogrid[-1 : 1 : hu.shape[1] * 1j, -1 : 1 : hu.shape[2] * 1j]
    hu[:, rows**2 + columns**2 > 1] = -2000
    disturbed = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu))
    assert {flag.key: flag.verdict for flag in quality_flags(disturbed) if flag.verdict != "pass"} == {"noise": "note"}


@pytest.mark.parametrize(("noise_hu", "verdict"), [(40, "pass"), (90, "note")])
def test_noise_is_measured(healthy, noise_hu, verdict):
    noise = np.random.default_rng(1).normal(0, noise_hu, healthy.volume.voxels_hu.shape)
    hu = np.rint(np.where(healthy.labels == 3, -1000, healthy.volume.voxels_hu) + noise).astype(np.int16)
    flag = {flag.key: flag for flag in quality_flags(replace(healthy, volume=replace(healthy.volume, voxels_hu=hu)))}["noise"]
    assert flag.value == pytest.approx(noise_hu, rel=0.1) and flag.verdict == verdict


def test_consolidation_that_was_missed_is_named_on_its_side():
    phantom = phantom_of(**FIELD, consolidation=0.7, sick_side="left")
    labels = np.where((phantom.structures == 45), np.uint8(0), phantom.labels)
    flags = {flag.key: flag for flag in quality_flags(Segmentation(phantom.volume, labels, "truth"))}
    assert verdicts(Segmentation(phantom.volume, phantom.labels, "truth"))["missing_tissue"] == "pass"
    assert flags["missing_tissue"].verdict == "review"
    assert "outside the left lung" in flags["missing_tissue"].reason
    missed_ml = np.count_nonzero(phantom.structures == 45) * phantom.volume.voxel_volume_ml
    assert 0.2 * missed_ml < flags["missing_tissue"].value < missed_ml
    (place,) = flags["missing_tissue"].places
    assert place.side == "left" and place.volume_ml == flags["missing_tissue"].value


def test_shifted_densities_are_measured(healthy, flags_of_healthy):
    shifted = replace(healthy, volume=replace(healthy.volume, voxels_hu=healthy.volume.voxels_hu + np.int16(150)))
    before, after = ({flag.key: flag for flag in flags} for flags in (flags_of_healthy, quality_flags(shifted)))
    for key in ("air_in_trachea", "air_outside", "expiration"):
        assert after[key].value == pytest.approx(before[key].value + 150)
        assert after[key].verdict == "note"


def test_dense_lungs_look_like_expiration(healthy):
    hu = healthy.volume.voxels_hu.copy()
    hu[(healthy.labels == 1) | (healthy.labels == 2)] += 160
    dense = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu))
    assert {key for key, verdict in verdicts(dense).items() if verdict != "pass"} == {"expiration"}


def test_airways_that_leak_into_the_lung_or_are_missing_are_named(healthy):
    leak = healthy.labels.copy()
    block = leak[50:70, :, :60]
    block[block == 1] = 3
    found = verdicts(replace(healthy, labels=leak))
    assert (found["airway_volume"], found["airway_leak"]) == ("fail", "fail")
    without = verdicts(replace(healthy, labels=np.where(healthy.labels == 3, np.uint8(0), healthy.labels)))
    assert {key for key, verdict in without.items() if verdict != "pass"} == {"trachea"}


def test_a_childs_trachea_is_judged_by_the_childs_size(healthy):
    """Everything 0.35 times as long: the trachea is too thin for an adult's."""
    child = spaced(healthy, (0.35, 0.35, 0.35))
    flag = {flag.key: flag for flag in quality_flags(child)}["trachea"]
    assert flag.verdict == "pass" and flag.value > 35 * 0.35
    without = replace(child, labels=np.where(child.labels == 3, np.uint8(0), child.labels))
    assert verdicts(without)["trachea"] == "review"


def boxes(shape: tuple[int, int, int], spacing_zyx_mm: tuple[float, float, float], x: int) -> Segmentation:
    """Make two boxes that touch in one sagittal plane, away from the image's border."""
    labels = np.zeros(shape, np.uint8)
    labels[2:-2, 2:-2, 2:x] = 1
    labels[2:-2, 2:-2, x:-2] = 2
    hu = np.where(labels > 0, np.int16(-850), np.int16(40))
    return Segmentation(CtVolume(hu, spacing_zyx_mm), labels, "boxes")


def test_contact_of_the_sides_off_the_midline_is_the_area_of_the_plane_between_them():
    result = boxes((44, 54, 64), (2.0, 3.0, 4.0), 16)
    assert values(result)["sides"] == pytest.approx((40 * 2.0) * (50 * 3.0))
    assert verdicts(result)["sides"] == "review"
    assert values(boxes((44, 54, 64), (2.0, 3.0, 4.0), 32))["sides"] == 0, "junction lines lie there"


def test_cut_area_is_the_lung_in_the_image_s_faces_whatever_the_axis_order():
    result = boxes((44, 54, 64), (2.0, 3.0, 4.0), 32)
    cut = replace(result, volume=replace(result.volume, voxels_hu=result.volume.voxels_hu[2:]), labels=result.labels[2:])
    assert values(cut)["field_of_view"] == pytest.approx((50 * 3.0) * (60 * 4.0))
    reason = next(flag.reason for flag in quality_flags(cut) if flag.key == "field_of_view")
    assert "the bottom" in reason
    upside_down = replace(cut, volume=replace(cut.volume, direction_lps=np.diag([1.0, -1.0, -1.0])))
    reason = next(flag.reason for flag in quality_flags(upside_down) if flag.key == "field_of_view")
    assert "the top" in reason


@pytest.mark.parametrize(
    ("crop", "expected"),
    [
        ((slice(2, None), slice(None), slice(None)), {("right", 0), ("left", 0)}),
        ((slice(None, 42), slice(None), slice(None)), {("right", 41), ("left", 41)}),
        ((slice(None), slice(None), slice(2, None)), {("right", 21)}),
        ((slice(None), slice(2, None), slice(None)), {("right", 21), ("left", 21)}),
    ],
    ids=["bottom", "top", "right edge", "front"],
)
@pytest.mark.parametrize("turn", [((0, 1, 2), (False, False, False)), ((2, 0, 1), (True, False, True)), ((1, 2, 0), (False, True, True))])
def test_a_cut_has_a_place_in_each_lung_in_the_scans_own_array(crop, expected, turn):
    result = boxes((44, 54, 64), (2.0, 3.0, 4.0), 32)
    order = AxisOrder(*turn)
    noise = np.random.default_rng(0).normal(0, 20, result.labels.shape).astype(np.int16)  # what is constant counts as not measured
    labels, hu = order.undo(result.labels[crop]), order.undo((result.volume.voxels_hu + noise)[crop])
    spacing, direction = np.empty(3), np.zeros((3, 3))
    for axis, (own, flip) in enumerate(zip(*turn, strict=True)):
        spacing[own] = result.volume.spacing_zyx_mm[axis]
        direction[2 - axis, 2 - own] = -1 if flip else 1
    turned = Segmentation(CtVolume(hu, tuple(spacing), (0.0, 0.0, 0.0), direction), labels, "boxes")
    flag = next(flag for flag in quality_flags(turned) if flag.key == "field_of_view")
    size = labels.shape[turn[0][0]]
    places = {(p.side, size - 1 - p.slice_index if turn[1][0] else p.slice_index) for p in flag.places}
    assert places == expected and flag.verdict == "cut"
    for place in flag.places:
        inside = labels[tuple(slice(*ends) for ends in place.box_zyx)]
        assert inside.size and (inside == {"right": 1, "left": 2}[place.side]).all() and 1 in inside.shape
        assert place.volume_ml is None and place.text == f"slice {place.slice_index}, {place.side}"


def test_what_is_missing_beyond_a_cut_is_estimated_where_the_lungs_taper():
    rows, columns = np.ogrid[-32:32, -32:32]
    cone = np.stack([(rows**2 + columns**2 <= 0.1 * z * 60) for z in range(1, 61)])  # area in proportion to the height
    labels = cone.astype(np.uint8)
    whole = Segmentation(CtVolume(np.where(cone, np.int16(-850), np.int16(40)), (2.0, 2.0, 2.0)), labels, "cone")
    cut = cropped(whole, slice(25, None))
    lost_ml = np.count_nonzero(labels[:25]) * 8.0 / 1000
    assert missing_beyond_ml(make_quality_grid(cut), 0) == pytest.approx(lost_ml, rel=0.15)
    assert missing_beyond_ml(make_quality_grid(cut), -1) is None, "the cone is widest there"
    assert "mL are missing" in next(flag.reason for flag in quality_flags(cut) if flag.key == "field_of_view")


@pytest.mark.parametrize("axes_and_flips", [((2, 0, 1), (True, False, True)), ((1, 2, 0), (False, True, True))])
def test_flags_do_not_depend_on_the_order_of_the_axes(healthy, flags_of_healthy, axes_and_flips):
    axes, flipped = axes_and_flips
    order = AxisOrder(axes, flipped)
    signs = np.where(flipped, -1.0, 1.0)
    direction = np.zeros((3, 3))
    for canonical_axis, (input_axis, sign) in enumerate(zip(axes, signs, strict=True)):
        direction[2 - canonical_axis, 2 - input_axis] = sign
    spacing = tuple(float(mm) for mm in np.asarray(FIELD["spacing_zyx_mm"])[np.argsort(axes)])
    volume = CtVolume(order.undo(healthy.volume.voxels_hu), spacing, direction_lps=direction)
    turned = quality_flags(Segmentation(volume, order.undo(healthy.labels), "truth"))
    for a, b in zip(flags_of_healthy, turned, strict=True):
        assert (a.key, a.verdict, a.reason) == (b.key, b.verdict, b.reason)
        assert a.value == pytest.approx(b.value)


def test_nothing_found_is_judged_without_an_error():
    hu = np.full((20, 40, 40), 40, np.int16)
    flags = quality_flags(Segmentation(CtVolume(hu, (3.0, 3.0, 3.0)), np.zeros(hu.shape, np.uint8), "nothing"))
    found = {flag.key: flag for flag in flags}
    assert (found["volume"].verdict, found["right_share"].verdict) == ("note", "fail")
    assert found["expiration"].value is None and found["expiration"].verdict == "pass"


def flag(kind: str, verdict: str) -> QualityFlag:
    return QualityFlag("a", "A", kind, 1.0, "", "", verdict, ".")


def test_the_worst_flag_of_the_segmentation_decides_and_notes_and_coverage_do_not_count():
    flags = [flag("quality", "pass"), flag("quality", "fail"), flag("quality", "review"), flag("note", "note"), flag("coverage", "cut")]
    assert [quality_verdict(chosen) for chosen in ([], flags[:1], flags[::2], flags, flags[3:])] == [
        "pass",
        "pass",
        "review",
        "fail",
        "pass",
    ]
    assert (coverage_verdict(flags), coverage_verdict(flags[:4])) == ("cut", "pass")
    assert [found.verdict for found in standing_out(flags, "quality")] == ["fail", "review"]


@pytest.mark.parametrize(("kind", "verdict"), [("note", "review"), ("coverage", "fail"), ("quality", "check"), ("quality", "note")])
def test_a_flag_cannot_come_to_another_kind_s_verdict(kind, verdict):
    with pytest.raises(ValueError, match=verdict):
        flag(kind, verdict)


def test_a_place_is_said_in_words_and_survives_json():
    places = (Place("tube", 41, "left", 232.4, ((30, 50), (1, 2), (3, 4))), Place("gap", 3, "", 20.0, ((0, 1), (0, 1), (0, 1))))
    found = replace(flag("quality", "fail"), places=places)
    assert found.where == "slice 41, left, 232 mL; slice 3, 20 mL"
    assert found.in_words == f"{found.reason} Slice 41, left, 232 mL; slice 3, 20 mL." and found.reason.endswith(".")
    assert flag_from(json.loads(json.dumps(asdict(found)))) == found


def test_a_healthy_real_scan_passes(shared_data):
    """That missing disease is named on real scans is tested where these are segmented."""
    flags = quality_flags(segment(read_ct(shared_data / "lidc0002_ct.nii.gz"), "connected-components"))
    assert {flag.key: flag.verdict for flag in flags}["missing_tissue"] == "pass"
    assert quality_verdict(flags) == "pass"


def test_a_lung_that_is_called_vessel_to_a_large_part_is_noted(healthy):
    right, left = (healthy.labels == label for label in (1, 2))
    rows = np.arange(healthy.labels.shape[1])[:, None] % 20
    for percent, verdict in ((5, "pass"), (20, "note")):
        stripes = np.broadcast_to(rows < percent / 5, right.shape)
        vessels = np.where(right & stripes, 1, np.where(left & (rows < 1), 2, 0)).astype(np.uint8)
        (flag,) = (flag for flag in quality_flags(replace(healthy, vessels=vessels)) if flag.key == "vessel_share")
        assert flag.value == pytest.approx(percent, rel=0.3) and flag.verdict == verdict and flag.kind == "note"
    assert "right lung" in flag.reason
    (flag,) = (flag for flag in quality_flags(healthy) if flag.key == "vessel_share")
    assert flag.value is None and "not looked for" in flag.reason
