"""Quality flags: each fault is provoked on a phantom and must be named; sound and real scans keep quiet."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from LungSegmentationLib.io import read_ct
from LungSegmentationLib.measurement.quality import QualityFlag, quality_flags, quality_verdict
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.result import Result
from LungSegmentationLib.volume import AxisOrder, CtVolume

# The default field of view just cuts the costophrenic tips; this one holds all of the lungs.
FIELD = {"shape_zyx": (110, 128, 128), "spacing_zyx_mm": (3.0, 2.9, 2.9)}


@lru_cache(maxsize=2)
def truth(**changes: object) -> Result:
    phantom = make_phantom(**{**FIELD, **changes})
    return Result(phantom.volume, phantom.labels, "truth")


def verdicts(result: Result) -> dict[str, str]:
    return {flag.key: flag.verdict for flag in quality_flags(result)}


def values(result: Result) -> dict[str, float | None]:
    return {flag.key: flag.value for flag in quality_flags(result)}


@pytest.fixture(scope="module")
def healthy() -> Result:
    return truth()


def test_a_sound_result_passes_every_flag(healthy):
    flags = quality_flags(healthy)
    assert [flag.key for flag in flags if flag.verdict != "pass"] == []
    assert quality_verdict(flags) == "pass"
    assert all(flag.reason.endswith(".") and flag.limit and flag.title for flag in flags)


def cropped(result: Result, slices: slice) -> Result:
    volume = replace(result.volume, voxels_hu=result.volume.voxels_hu[slices])
    return replace(result, volume=volume, labels=result.labels[slices])


def spaced(result: Result, factors_zyx: tuple[float, float, float]) -> Result:
    z, y, x = (mm * factor for mm, factor in zip(result.volume.spacing_zyx_mm, factors_zyx, strict=True))
    return replace(result, volume=replace(result.volume, spacing_zyx_mm=(z, y, x)))


@pytest.mark.parametrize(
    ("fault", "flag", "verdict"),
    [
        (lambda r: cropped(r, slice(0, 75)), "field_of_view", "fail"),
        (lambda r: cropped(r, slice(40, None)), "field_of_view", "fail"),
        (lambda r: replace(r, labels=np.where(r.labels == 2, np.uint8(0), r.labels)), "right_share", "fail"),
        (lambda r: spaced(cropped(r, slice(None, None, 2)), (2.0, 1.0, 1.0)), "slice_distance", "check"),
        (lambda r: spaced(r, (0.65, 0.65, 0.65)), "volume", "check"),
        (lambda r: spaced(r, (1.5, 1.5, 1.5)), "volume", "fail"),
        (lambda r: replace(r, volume=replace(r.volume, source={"contrast_agent": True})), "contrast", "check"),
    ],
)
def test_a_provoked_fault_is_named(healthy, fault, flag, verdict):
    assert verdicts(fault(healthy))[flag] == verdict


@pytest.mark.parametrize(
    ("changes", "flag", "verdict"),
    [
        ({"padding": True, "scale": 1.35}, "field_of_view", "fail"),
        ({"contrast_hu": 150.0, "effusion": 0.8}, "contrast", "check"),
        ({"contrast_hu": 150.0, "effusion": 0.8}, "missing_tissue", "check"),
    ],
)
def test_a_faulty_scan_is_named(changes, flag, verdict):
    assert verdicts(truth(**changes))[flag] == verdict


def test_noise_and_padding_outside_the_patient_pass(healthy):
    noise = np.random.default_rng(1).normal(0, 80, healthy.volume.voxels_hu.shape).astype(np.int16)
    hu = np.clip(healthy.volume.voxels_hu + noise, -1024, None).astype(np.int16)
    rows, columns = np.ogrid[-1 : 1 : hu.shape[1] * 1j, -1 : 1 : hu.shape[2] * 1j]
    hu[:, rows**2 + columns**2 > 1] = -2000
    disturbed = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu))
    assert [flag for flag in quality_flags(disturbed) if flag.verdict != "pass"] == []


def test_consolidation_that_was_missed_is_named_on_its_side():
    phantom = make_phantom(**FIELD, consolidation=0.7, sick_side="left")
    labels = np.where((phantom.structures == 45), np.uint8(0), phantom.labels)
    flags = {flag.key: flag for flag in quality_flags(Result(phantom.volume, labels, "truth"))}
    assert verdicts(Result(phantom.volume, phantom.labels, "truth"))["missing_tissue"] == "pass"
    assert flags["missing_tissue"].verdict == "check"
    assert "outside the left lung" in flags["missing_tissue"].reason
    missed_ml = np.count_nonzero(phantom.structures == 45) * phantom.volume.voxel_volume_ml
    assert 0.2 * missed_ml < flags["missing_tissue"].value < missed_ml


def test_shifted_densities_are_measured(healthy):
    shifted = replace(healthy, volume=replace(healthy.volume, voxels_hu=healthy.volume.voxels_hu + np.int16(150)))
    before, after = values(healthy), values(shifted)
    for key in ("air_in_trachea", "air_outside", "expiration"):
        assert after[key] == pytest.approx(before[key] + 150)
    found = verdicts(shifted)
    assert (found["air_in_trachea"], found["air_outside"], found["expiration"]) == ("fail", "fail", "check")


def test_dense_lungs_look_like_expiration(healthy):
    hu = healthy.volume.voxels_hu.copy()
    hu[(healthy.labels == 1) | (healthy.labels == 2)] += 160
    dense = replace(healthy, volume=replace(healthy.volume, voxels_hu=hu))
    assert {key for key, verdict in verdicts(dense).items() if verdict != "pass"} == {"expiration"}


def test_airways_that_leak_into_the_lung_or_are_missing_are_named(healthy):
    leak = healthy.labels.copy()
    block = leak[50:70, :, :80]
    block[block == 1] = 3
    found = verdicts(replace(healthy, labels=leak))
    assert (found["airway_volume"], found["airway_leak"]) == ("fail", "fail")
    without = verdicts(replace(healthy, labels=np.where(healthy.labels == 3, np.uint8(0), healthy.labels)))
    assert {key for key, verdict in without.items() if verdict != "pass"} == {"trachea"}


def boxes(shape: tuple[int, int, int], spacing_zyx_mm: tuple[float, float, float]) -> Result:
    """Make two boxes that touch in one sagittal plane, away from the image's border."""
    labels = np.zeros(shape, np.uint8)
    x = shape[2] // 2
    labels[2:-2, 2:-2, 2:x] = 1
    labels[2:-2, 2:-2, x:-2] = 2
    hu = np.where(labels > 0, np.int16(-850), np.int16(40))
    return Result(CtVolume(hu, spacing_zyx_mm), labels, "boxes")


def test_contact_of_the_sides_is_the_area_of_the_plane_between_them():
    result = boxes((44, 54, 64), (2.0, 3.0, 4.0))
    assert values(result)["sides_joined"] == pytest.approx((40 * 2.0) * (50 * 3.0))
    assert verdicts(result)["sides_joined"] == "fail"


def test_cut_area_is_the_lung_in_the_image_s_faces_whatever_the_axis_order():
    result = boxes((44, 54, 64), (2.0, 3.0, 4.0))
    cut = replace(result, volume=replace(result.volume, voxels_hu=result.volume.voxels_hu[2:]), labels=result.labels[2:])
    assert values(cut)["field_of_view"] == pytest.approx((50 * 3.0) * (60 * 4.0))
    reason = next(flag.reason for flag in quality_flags(cut) if flag.key == "field_of_view")
    assert "the bottom" in reason
    upside_down = replace(cut, volume=replace(cut.volume, direction_lps=np.diag([1.0, -1.0, -1.0])))
    reason = next(flag.reason for flag in quality_flags(upside_down) if flag.key == "field_of_view")
    assert "the top" in reason


@pytest.mark.parametrize("axes_and_flips", [((2, 0, 1), (True, False, True)), ((1, 2, 0), (False, True, True))])
def test_flags_do_not_depend_on_the_order_of_the_axes(healthy, axes_and_flips):
    axes, flipped = axes_and_flips
    order = AxisOrder(axes, flipped)
    signs = np.where(flipped, -1.0, 1.0)
    direction = np.zeros((3, 3))
    for canonical_axis, (input_axis, sign) in enumerate(zip(axes, signs, strict=True)):
        direction[2 - canonical_axis, 2 - input_axis] = sign
    spacing = tuple(float(mm) for mm in np.asarray(FIELD["spacing_zyx_mm"])[np.argsort(axes)])
    volume = CtVolume(order.undo(healthy.volume.voxels_hu), spacing, direction_lps=direction)
    expected, turned = quality_flags(healthy), quality_flags(Result(volume, order.undo(healthy.labels), "truth"))
    for a, b in zip(expected, turned, strict=True):
        assert (a.key, a.verdict, a.reason) == (b.key, b.verdict, b.reason)
        assert a.value == pytest.approx(b.value)


def test_nothing_found_is_judged_without_an_error():
    hu = np.full((20, 40, 40), 40, np.int16)
    flags = quality_flags(Result(CtVolume(hu, (3.0, 3.0, 3.0)), np.zeros(hu.shape, np.uint8), "nothing"))
    found = {flag.key: flag for flag in flags}
    assert found["volume"].verdict == found["right_share"].verdict == "fail"
    assert found["expiration"].value is None and found["expiration"].verdict == "pass"


def test_the_worst_flag_decides():
    flags = [QualityFlag("a", "A", 1.0, "", "", verdict, ".") for verdict in ("pass", "fail", "check")]
    assert [quality_verdict(flags[:1]), quality_verdict(flags[::2]), quality_verdict(flags), quality_verdict([])] == [
        "pass",
        "check",
        "fail",
        "pass",
    ]


@pytest.mark.parametrize(("name", "missing"), [("lidc0314", True), ("tb1_001", True), ("lidc0002", False)])
def test_missing_disease_is_named_on_real_scans_and_healthy_ones_pass(shared_data, name, missing):
    flags = quality_flags(segment(read_ct(shared_data / f"{name}_ct.nii.gz"), "connected-components"))
    verdict = {flag.key: flag.verdict for flag in flags}
    assert verdict["missing_tissue"] == ("check" if missing else "pass")
    assert (quality_verdict(flags) == "pass") != missing
