"""The sources' published steps do what their descriptions say, with the faults that they were published with."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks"))

from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.phantom import make_phantom
from peers import PEERS, find_peer
from peers.large_unet import SIZE_PIXELS, write_large_unet
from scans import read_cases
from table_files import read_csv

TISSUE_HU, LUNG_HU, AIR_HU = 40, -850, -1000
SPACING_ZYX_MM = (2.0, 1.0, 1.5)


def run_peer(key: str, voxels_hu: np.ndarray) -> np.ndarray:
    """Run a peer on a contiguous array, or skip where a package that it needs is absent."""
    peer = find_peer(key)
    if peer.missing():
        pytest.skip(f"{key} needs {', '.join(peer.missing())}")
    mask = peer.load()(np.ascontiguousarray(voxels_hu), SPACING_ZYX_MM)
    assert mask.dtype == np.uint8
    assert mask.shape == voxels_hu.shape
    assert mask.max(initial=0) <= 1
    return mask > 0


def dice(ours: np.ndarray, theirs: np.ndarray) -> float:
    return 2 * np.count_nonzero(ours & theirs) / (np.count_nonzero(ours) + np.count_nonzero(theirs))


def boxes(shape: tuple[int, ...], *parts: tuple[slice, ...]) -> np.ndarray:
    """Make a bool mask that is true in the given boxes."""
    mask = np.zeros(shape, bool)
    for part in parts:
        mask[part] = True
    return mask


ALL = slice(None)


class TestContourTracking:
    """Source A."""

    SHAPE = (30, 120, 120)
    RIGHT, LEFT = (ALL, slice(40, 80), slice(20, 50)), (ALL, slice(40, 80), slice(70, 100))

    def chest(self, lungs: np.ndarray) -> np.ndarray:
        voxels = np.full(self.SHAPE, AIR_HU, np.int16)
        voxels[:, 10:110, 10:110] = TISSUE_HU
        voxels[lungs] = LUNG_HU
        return voxels

    def test_it_finds_the_lungs_of_a_phantom_one_way_up_only(self):
        phantom = make_phantom(shape_zyx=(40, 192, 192))
        lungs = np.isin(phantom.labels, (1, 2))
        assert dice(run_peer("source-a", phantom.volume.voxels_hu[::-1]), lungs[::-1]) > 0.95
        # The lowest slice shows a thin rim of lung behind a wall of fewer than 25 pixels: the flood comes in there.
        assert dice(run_peer("source-a", phantom.volume.voxels_hu), lungs) < 0.85

    @pytest.mark.parametrize(("lowest", "kept"), [(12, True), (20, False)])
    def test_a_trachea_stays_if_it_is_in_the_centre_slice(self, lowest, kept):
        trachea = boxes(self.SHAPE, (slice(lowest, None), slice(50, 64), slice(54, 66)))
        found = run_peer("source-a", self.chest(boxes(self.SHAPE, self.RIGHT, self.LEFT) | trachea))
        assert found[22, 57, 60] == kept
        assert found[22, 60, 35]
        assert found[22, 60, 85]

    def test_a_lung_missed_in_one_slice_is_missed_in_all_that_follow(self):
        lungs = boxes(self.SHAPE, self.RIGHT, self.LEFT)
        lungs[20, :, :60] = False
        lungs[19, :, :60] = lungs[21, :, :60] = False
        found = run_peer("source-a", self.chest(lungs))
        assert found[:18, 45:75, 25:45].all()
        assert not found[21:, :, :60].any()
        assert found[:, 45:75, 75:95].all()

    def test_wide_slices_lose_their_right_part_and_tall_ones_fail(self):
        voxels = self.chest(boxes(self.SHAPE, self.RIGHT, self.LEFT))
        wide = run_peer("source-a", voxels[:, 20:100])
        assert wide[:, 25:55, 25:45].all()
        assert not wide[:, :, 95:].any()
        with pytest.raises(IndexError):
            run_peer("source-a", voxels[:, :, 20:100])


class TestThresholdContours:
    """Source B; its polygons may differ from the boxes along their rims."""

    SHAPE = (1, 200, 200)
    BODY = (ALL, slice(5, 195), slice(8, 192))
    SMALL, MIDDLE, LARGE = (
        (ALL, slice(20, 75), slice(20, 70)),
        (ALL, slice(20, 90), slice(100, 160)),
        (ALL, slice(100, 185), slice(30, 110)),
    )

    def found(self, body: bool, *lungs: tuple[slice, ...]) -> np.ndarray:
        voxels = np.full(self.SHAPE, AIR_HU if body else TISSUE_HU, np.int16)
        voxels[self.BODY] = TISSUE_HU
        voxels[boxes(self.SHAPE, *lungs)] = LUNG_HU
        return run_peer("source-b", voxels)

    @pytest.mark.parametrize(
        ("body", "lungs", "expected"),
        [
            pytest.param(True, (SMALL, MIDDLE), (SMALL, MIDDLE), id="the body is the largest of three and dropped"),
            pytest.param(False, (SMALL, MIDDLE), (SMALL, MIDDLE), id="two are taken as they are"),
            pytest.param(False, (SMALL, MIDDLE, LARGE), (SMALL, MIDDLE), id="of three lungs in a cut body the largest is dropped"),
            pytest.param(True, (MIDDLE,), (BODY,), id="of one lung and the body both are taken"),
            pytest.param(False, (MIDDLE,), (), id="one lung alone gives nothing"),
            pytest.param(True, (SMALL, (ALL, slice(100, 140), slice(30, 70))), (BODY,), id="a lung below 2000 pixels does not count"),
        ],
    )
    def test_it_keeps(self, body, lungs, expected):
        found, truth = self.found(body, *lungs), boxes(self.SHAPE, *expected)
        rim = sum(2 * (part[1].stop - part[1].start + part[2].stop - part[2].start) for part in expected)
        assert np.count_nonzero(found ^ truth) <= rim


class TestConnectedComponents:
    """Source C."""

    SHAPE = (6, 60, 80)
    SMALL, LARGE = (ALL, slice(20, 40), slice(15, 30)), (ALL, slice(18, 42), slice(45, 65))
    AIRWAY = (slice(2, 4), slice(28, 30), slice(30, 45))
    VESSEL = (ALL, slice(25, 27), slice(50, 54))

    def chest(self, *airways: tuple[slice, ...]) -> np.ndarray:
        voxels = np.full(self.SHAPE, AIR_HU, np.int16)
        voxels[:, 10:50, 10:70] = TISSUE_HU
        voxels[boxes(self.SHAPE, self.SMALL, self.LARGE, *airways)] = LUNG_HU
        voxels[self.VESSEL] = TISSUE_HU
        return voxels

    def test_lungs_joined_by_the_airways_are_both_kept_with_vessels_and_airways(self):
        found = run_peer("source-c", self.chest(self.AIRWAY))
        np.testing.assert_array_equal(found, boxes(self.SHAPE, self.SMALL, self.LARGE, self.AIRWAY))

    def test_of_lungs_that_are_not_joined_one_is_lost(self):
        np.testing.assert_array_equal(run_peer("source-c", self.chest()), boxes(self.SHAPE, self.LARGE))

    def test_nothing_of_the_lungs_is_found_when_the_corner_voxel_is_not_air(self):
        voxels = self.chest(self.AIRWAY)
        voxels[0, 0, 0] = TISSUE_HU
        assert not (run_peer("source-c", voxels) & boxes(self.SHAPE, self.SMALL, self.LARGE)).any()

    def test_air_cut_off_by_a_tray_is_taken_instead_of_the_lungs(self):
        voxels = self.chest()
        voxels[:, 52] = TISSUE_HU
        np.testing.assert_array_equal(run_peer("source-c", voxels), boxes(self.SHAPE, (ALL, slice(53, None), ALL)))

    def test_resampling_to_1_mm_gives_the_same_lungs_on_the_scan_s_own_grid(self):
        truth = boxes(self.SHAPE, self.SMALL, self.LARGE, self.AIRWAY)
        assert dice(run_peer("source-c-1mm", self.chest(self.AIRWAY)), truth) > 0.93


@pytest.mark.parametrize("key", [peer.key for peer in PEERS if peer.by_default])
def test_a_scan_without_air_gives_an_empty_mask(key):
    assert not run_peer(key, np.full((5, 64, 64), TISSUE_HU, np.int16)).any()


@pytest.mark.parametrize(("key", "column"), [("source-a", "source_A_dice"), ("source-c", "source_C_fill_dice")])
def test_on_a_real_scan_it_scores_what_the_published_code_scores(shared_data, key, column):
    (case,) = read_cases(shared_data / "cases.csv", ["tb1_001"])
    reference, certain = case.read_reference()
    published = next(row for row in read_csv(shared_data / "public_codes.csv") if row["name"] == case.name)
    found = run_peer(key, read_ct(case.ct).voxels_hu)
    assert dice(found[certain], np.isin(reference, (1, 2))[certain]) == pytest.approx(float(published[column]), abs=0.002)


def test_the_large_unet_has_the_31_million_parameters_of_the_published_one_and_runs(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    path = tmp_path / "large_unet.onnx"
    # Weights and biases of Ronneberger's U-Net for one channel in and three classes out.
    assert write_large_unet(path) == 31_030_723
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answer = session.run(None, {"slice": np.zeros((1, 1, SIZE_PIXELS, SIZE_PIXELS), np.float32)})[0]
    assert answer.shape == (1, 3, SIZE_PIXELS, SIZE_PIXELS)
