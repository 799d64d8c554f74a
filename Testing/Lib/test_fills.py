"""Scans with fills, from end to end: the lungs are those of the unchanged scan where it was measured, and what is cut is named."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from phantoms import result_on_small_phantom, small_phantom

from LungSegmentationLib import read_ct, segment
from LungSegmentationLib.evaluation.intensity import NOT_MEASURED_HU, measured_hu
from LungSegmentationLib.measurement.density import measure_density
from LungSegmentationLib.measurement.histograms import count_voxels
from LungSegmentationLib.measurement.volumes import measure_in_detail
from LungSegmentationLib.quality.coverage import field_of_view
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.quality.grid import make_quality_grid
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume, to_canonical

METHOD_KEYS = [method.key for method in METHODS]
FILLS_HU = [0, -1000, -1024, -2000, -2048, -3024]
ROUND, NEWS = "edge of the round field of view", "the edge of the image is filled with 0 HU: it was not measured, and was left out"


@pytest.fixture(scope="module")
def phantom():
    return small_phantom()


@pytest.fixture(scope="module")
def unchanged() -> Callable[[str], Segmentation]:
    return result_on_small_phantom


def lungs_of(labels: np.ndarray) -> np.ndarray:
    return (labels == 1) | (labels == 2)


def disc_about(labels: np.ndarray, volume: CtVolume, beyond_lungs_mm: float) -> np.ndarray:
    """Mark a disc about the lungs' middle whose radius is their farthest voxel's distance and some mm."""
    shown = lungs_of(labels).any(axis=0)
    rows, columns = np.nonzero(shown)
    y, x = np.ogrid[: shown.shape[0], : shown.shape[1]]
    far_mm = np.hypot(y - rows.mean(), x - columns.mean()) * volume.spacing_zyx_mm[1]
    return np.broadcast_to(far_mm <= far_mm[shown].max() + beyond_lungs_mm, labels.shape)


def filled(volume: CtVolume, measured: np.ndarray, fill_hu: int, lowest_hu: int = -32768) -> CtVolume:
    hu = np.where(measured, volume.voxels_hu.clip(lowest_hu), fill_hu)
    return replace(volume, voxels_hu=hu.astype(np.int16))


def in_frame(volume: CtVolume, fill_hu: int) -> tuple[CtVolume, tuple[slice, ...]]:
    pads = ((4, 4), (12, 12), (12, 12))
    inner = tuple(slice(low, -high) for low, high in pads)
    return replace(volume, voxels_hu=np.pad(volume.voxels_hu, pads, constant_values=fill_hu)), inner


def assert_alike(labels: np.ndarray, expected: np.ndarray, least: float = 0.995) -> None:
    for label in (1, 2):
        ours, theirs = labels == label, expected == label
        assert 2 * np.count_nonzero(ours & theirs) / (np.count_nonzero(ours) + np.count_nonzero(theirs)) >= least


def cut_by(result: Segmentation) -> list[str]:
    """Give the words of the flag and of the warnings that say where the lungs are cut."""
    flag = field_of_view(make_quality_grid(result))
    return [text for text in (*result.warnings, flag.reason) if "cut at" in text]


@pytest.mark.parametrize("fill_hu", FILLS_HU)
@pytest.mark.parametrize(("beyond_mm", "is_cut"), [(-20.0, True), (12.0, False)])
def test_a_round_field_of_any_fill(phantom, unchanged, beyond_mm, is_cut, fill_hu):
    before = unchanged("connected-components")
    measured = disc_about(before.labels, phantom.volume, beyond_mm)
    result = segment(
        filled(phantom.volume, measured, fill_hu, lowest_hu=fill_hu if -1100 < fill_hu < 0 else -32768), "connected-components"
    )
    assert not lungs_of(result.labels)[~measured].any()
    assert_alike(result.labels, np.where(measured, before.labels, np.uint8(0)))
    assert [ROUND in text for text in cut_by(result) if ROUND in text] == ([True, True] if is_cut else [])
    assert (NEWS in result.warnings) == (fill_hu == 0)


@pytest.mark.parametrize("method", [key for key in METHOD_KEYS if key != "network"])  # the network's are among the field cases
def test_every_method_sees_a_round_field_of_air_and_a_frame_of_water(phantom, unchanged, method):
    before = unchanged(method)
    measured = disc_about(phantom.labels, phantom.volume, -20.0)
    result = segment(filled(phantom.volume, measured, -1000, lowest_hu=-1000), method)
    assert_alike(result.labels, np.where(measured, before.labels, np.uint8(0)), 0.99)
    assert len([text for text in cut_by(result) if ROUND in text]) == 2
    framed, inner = in_frame(phantom.volume, 0)
    result = segment(framed, method)
    assert_alike(result.labels[inner], before.labels)
    assert np.count_nonzero(lungs_of(result.labels)) == np.count_nonzero(lungs_of(result.labels[inner]))
    assert NEWS in result.warnings and any(text.startswith("8 of 98 axial slices (4 at the lower end and 4 at") for text in result.warnings)


@pytest.mark.parametrize(
    ("side", "field"),
    [
        ("front", (slice(None), slice(48, None), slice(None))),
        ("left", (slice(None), slice(None), slice(None, 90))),
        ("top", (slice(None, 60), slice(None), slice(None))),
    ],
)
def test_a_frame_that_cuts_the_lungs_is_named_by_its_side(phantom, side, field):
    measured = np.zeros(phantom.labels.shape, bool)
    measured[field] = True
    assert lungs_of(phantom.labels)[~measured].any()
    result = Segmentation(filled(phantom.volume, measured, -1000), np.where(measured, phantom.labels, np.uint8(0)), "truth")
    flag = next(flag for flag in quality_flags(result) if flag.key == "field_of_view")
    assert flag.verdict == "cut" and side in flag.reason and "round" not in flag.reason
    assert any(f"cut at the {side}" in text or f", {side}" in text for text in segment(result.volume, "connected-components").warnings)


def test_an_empty_slice_in_the_middle_loses_itself_only(phantom, unchanged):
    before = unchanged("connected-components")
    hu = phantom.volume.voxels_hu.copy()
    hu[[44, 60, 61]] = -1024
    result = segment(replace(phantom.volume, voxels_hu=hu), "connected-components")
    assert not result.labels[[44, 60, 61]].any()
    there = ~np.isin(np.arange(len(hu)), [44, 60, 61])
    assert_alike(result.labels[there], before.labels[there])
    assert any(text.startswith("3 of 90 axial slices (3 between others) hold nothing but -1024 HU") for text in result.warnings)
    assert any("without a measurement in the middle" in text for text in cut_by(result))


def test_voxels_of_a_fill_are_in_no_statistic_whatever_its_value(phantom):
    """As where labels that were drawn elsewhere reach beyond the field of view."""
    measured = disc_about(phantom.labels, phantom.volume, -20.0)
    inside = phantom.volume.voxels_hu[lungs_of(phantom.labels) & measured]
    for fill_hu in FILLS_HU:
        volume = filled(phantom.volume, measured, fill_hu)
        voxel_counts = count_voxels(volume, phantom.labels)
        for measure in (measure_density(voxel_counts, 1.0)[2], measure_in_detail(volume, phantom.labels, voxel_counts=voxel_counts)[2]):
            assert measure.voxels == np.count_nonzero(lungs_of(phantom.labels))
            assert measure.unmeasured_voxels == measure.voxels - inside.size > 0
            assert measure.mean_hu == pytest.approx(inside.mean(), abs=1e-6)
        assert np.array_equal(measured_hu(volume) == NOT_MEASURED_HU, ~measured)
        flags = {flag.key: flag for flag in quality_flags(Segmentation(volume, np.where(measured, phantom.labels, np.uint8(0)), "truth"))}
        assert flags["missing_tissue"].verdict == "pass" and flags["air_outside"].verdict == "pass"


# Both are small; one has a lung half of which is dense. Each is filled with two of the kinds of values: as dense as tissue,
# air, the lowest that many scanners store, and far below.
REAL = {"tb1_002": [0, -1024], "tb1_001": [-1000, -2048]}


@pytest.fixture(scope="module", params=REAL)
def real(request, shared_data) -> tuple[CtVolume, np.ndarray, list[int]]:
    volume = to_canonical(read_ct(shared_data / f"{request.param}_ct.nii.gz"))[0]
    return volume, segment(volume, "connected-components").labels, REAL[request.param]


def test_fills_painted_on_real_scans(real):
    volume, before, fills_hu = real
    for fill_hu in fills_hu:
        for beyond_mm in (12.0, -20.0):
            measured = disc_about(before, volume, beyond_mm)
            result = segment(
                filled(volume, measured, fill_hu, lowest_hu=fill_hu if -1100 < fill_hu < 0 else -32768), "connected-components"
            )
            assert not lungs_of(result.labels)[~measured].any()
            if beyond_mm > 0:
                assert_alike(result.labels, before)
                assert not any(ROUND in text for text in cut_by(result))
            else:  # dense disease is cut as well, and can be recovered less
                assert_alike(result.labels, np.where(measured, before, np.uint8(0)), 0.98)
                assert len([text for text in cut_by(result) if ROUND in text]) == 2
        framed, inner = in_frame(volume, fill_hu)
        assert_alike(segment(framed, "connected-components").labels[inner], before)


def test_room_air_of_a_real_scan_that_was_clipped_changes_nothing_but_the_air(real):
    volume, before, _ = real
    result = segment(replace(volume, voxels_hu=volume.voxels_hu.clip(-1000)), "connected-components")
    assert_alike(result.labels, before)
    assert not any("filled" in text or ROUND in text for text in (*result.warnings, *cut_by(result)))


def test_no_real_scan_has_a_fill_that_is_news(shared_data):
    for path in sorted(shared_data.glob("tb1_*_ct.nii.gz")) + sorted(shared_data.glob("lidc00*_ct.nii.gz")):
        volume = read_ct(path)
        field = volume.measured
        assert not field.empty_slices.any() and all(value <= -1000 for value in field.edge_fills_hu)
        outside = to_canonical(volume)[0].voxels_hu[~field.mask()]
        assert np.isin(outside, field.edge_fills_hu).all()
