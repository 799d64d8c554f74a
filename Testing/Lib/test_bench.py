"""The benchmark measures what it says: against independent computations, exact truth, and from end to end."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage
from scipy.spatial.distance import cdist

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks"))

from comparison import bounding_box, give_sides, largest_piece_ml, lung_overlaps, surface_distances
from growth import with_slices
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.network.model_store import find_model
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.volume import CtVolume
from montage import LEGEND_PIXELS, REFERENCE_COLOUR_RGB, TILE_WIDTH_PIXELS, montage
from run_method import run_method, save_scan
from scans import read_cases
from table_files import read_csv, write_csv

BENCH = Path(__file__).resolve().parents[1] / "Benchmarks" / "bench.py"
SHAPES = npst.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=9)
SPACINGS = st.tuples(*[st.floats(0.3, 8.0)] * 3)
LABELS = st.integers(0, 3)


def surface_points_mm(mask, spacing_zyx_mm):
    """List the centres of voxels with a face towards the background, found by looking at each neighbour."""
    padded, inner = np.pad(mask, 1), np.ones(mask.shape, bool)
    for axis in range(3):
        for step in (-1, 1):
            inner &= np.roll(padded, step, axis)[1:-1, 1:-1, 1:-1]
    return np.argwhere(mask & ~inner) * np.array(spacing_zyx_mm)


@settings(deadline=None, max_examples=80)
@given(data=st.data(), shape=SHAPES, spacing=SPACINGS)
def test_surface_distances_are_those_of_all_pairs_of_surface_points(data, shape, spacing):
    ours, theirs = (data.draw(npst.arrays(bool, shape)) for _ in range(2))
    if not ours.any() or not theirs.any():
        assert surface_distances(ours, theirs, spacing) is None
        return
    distances = cdist(surface_points_mm(ours, spacing), surface_points_mm(theirs, spacing))
    forth, back = distances.min(axis=1), distances.min(axis=0)
    result = surface_distances(ours, theirs, spacing)
    assert result.hd95_mm == pytest.approx(max(np.percentile(forth, 95), np.percentile(back, 95)), rel=1e-4, abs=1e-4)
    assert result.assd_mm == pytest.approx((forth.sum() + back.sum()) / (forth.size + back.size), rel=1e-4, abs=1e-4)


def test_surface_distances_of_blobs_are_those_of_scipy_s_distance_transform():
    spacing, rng = (2.5, 0.7, 0.9), np.random.default_rng(3)
    smooth = [ndimage.gaussian_filter(rng.standard_normal((40, 60, 50)), (2, 5, 5)) for _ in range(2)]
    ours, theirs = smooth[0] > 0, 0.8 * smooth[0] + 0.2 * smooth[1] > 0.01
    surfaces = [mask & ~ndimage.binary_erosion(mask) for mask in (ours, theirs)]
    directed = [ndimage.distance_transform_edt(~surfaces[1 - i], sampling=spacing)[surfaces[i]] for i in range(2)]
    result = surface_distances(ours, theirs, spacing)
    assert result.hd95_mm == pytest.approx(max(np.percentile(d, 95) for d in directed), rel=1e-4)
    assert result.assd_mm == pytest.approx(np.concatenate(directed).mean(), rel=1e-4)


@settings(deadline=None, max_examples=50)
@given(data=st.data(), shape=SHAPES)
def test_overlaps_are_those_of_sets_of_voxels(data, shape):
    labels, reference = (data.draw(npst.arrays(np.uint8, shape, elements=LABELS)) for _ in range(2))
    row = lung_overlaps(labels, reference)
    for lung, numbers in {"right": {1}, "left": {2}, "both": {1, 2}}.items():
        ours, theirs = ({tuple(place) for place in np.argwhere(np.isin(array, list(numbers)))} for array in (labels, reference))
        assume(ours or theirs)
        assert row[f"dice_{lung}"] == pytest.approx(2 * len(ours & theirs) / (len(ours) + len(theirs)), abs=5.1e-5)
        assert row[f"jaccard_{lung}"] == pytest.approx(len(ours & theirs) / len(ours | theirs), abs=5.1e-5)


def test_the_largest_piece_hangs_together_over_faces():
    mask = np.zeros((4, 6, 6), bool)
    mask[0, 0, :5] = True
    mask[1, 1, 5] = True  # touches over a corner only
    mask[3, 2:4, 2:4] = True
    assert largest_piece_ml(mask, 0.5) == 2.5
    assert largest_piece_ml(np.zeros((2, 2, 2), bool), 0.5) == 0.0


@settings(deadline=None, max_examples=50)
@given(data=st.data(), shape=SHAPES, spacing=SPACINGS)
def test_voxels_without_side_count_for_the_nearer_lung_of_the_reference(data, shape, spacing):
    lungs = data.draw(npst.arrays(bool, shape))
    reference = data.draw(npst.arrays(np.uint8, shape, elements=LABELS))
    labels = give_sides(lungs, reference, spacing)
    np.testing.assert_array_equal(labels > 0, lungs)
    places = [np.argwhere(reference == number) * np.array(spacing) for number in (1, 2)]
    for place in np.argwhere(lungs):
        to_right, to_left = (cdist([place * np.array(spacing)], lung).min() if len(lung) else np.inf for lung in places)
        if not np.isclose(to_right, to_left, rtol=1e-4):
            assert labels[tuple(place)] == (1 if to_right < to_left else 2)


@pytest.mark.parametrize("count", [3, 6, 12, 60])
def test_other_slice_counts_keep_the_chest_s_height_and_place(count):
    heights = np.arange(12, dtype=np.int16)
    volume = CtVolume(np.broadcast_to(heights[:, None, None], (12, 4, 5)).copy(), (2.0, 1.0, 1.0))
    changed = with_slices(volume, count)
    assert changed.spacing_zyx_mm == pytest.approx((24 / count, 1.0, 1.0))
    middles_mm = (np.arange(count) + 0.5) * 24 / count
    assert np.abs((changed.voxels_hu[:, 0, 0] + 0.5) * 2.0 - middles_mm).max() <= 1.0


def test_a_method_runs_in_its_own_process_and_a_failure_is_a_result(tmp_path):
    phantom = make_phantom(shape_zyx=(40, 80, 80), spacing_zyx_mm=(7.5, 4.5, 4.5))
    save_scan(phantom.volume, tmp_path)
    run = run_method("connected-components", tmp_path, labels=True)
    assert run.error == ""
    assert lung_overlaps(run.labels, phantom.labels)["dice_both"] > 0.9
    assert 0 < run.engine_s < run.process_s
    assert run.peak_memory_mb > 50
    save_scan(CtVolume(np.zeros((5, 8, 8), np.int16), (5.0, 1.0, 1.0)), tmp_path)
    failed = run_method("connected-components", tmp_path, labels=True)
    assert failed.error.startswith("InputError: ")
    assert failed.labels.shape == (5, 8, 8)
    assert not failed.labels.any()


def run_bench(*arguments: str) -> str:
    return subprocess.run([sys.executable, BENCH, *arguments], capture_output=True, encoding="utf-8", check=True).stdout


def test_the_scan_part_scores_methods_and_peers_side_by_side(tmp_path):
    pytest.importorskip("skimage", reason="source C needs scikit-image, which make bench installs")
    phantom = make_phantom(shape_zyx=(40, 80, 80), spacing_zyx_mm=(7.5, 4.5, 4.5))
    doubt = np.zeros(phantom.labels.shape, np.uint8)
    doubt[: doubt.shape[0] // 2] = 1
    wrong = phantom.labels.copy()
    wrong[doubt > 0] = 0  # a reference that is wrong only where it is said to be doubtful
    for name, array in {"ct": phantom.volume.voxels_hu, "reference": wrong, "doubt": doubt}.items():
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(phantom.volume.spacing_zyx_mm[::-1])
        sitk.WriteImage(image, str(tmp_path / f"{name}.nii.gz"))
    columns = ("name", "ct", "reference", "doubt", "group")
    case = dict(zip(columns, ("phantom", "ct.nii.gz", "reference.nii.gz", "doubt.nii.gz", "made"), strict=True))
    write_csv(tmp_path / "cases.csv", columns, [case])
    chosen = ("--method", "connected-components", "--method", "source-c")
    network = find_model("compact")
    card = json.loads(network.path.with_suffix(".json").read_text(encoding="utf-8"))
    card["training"]["left_out"] = ["phantom"]
    (tmp_path / "fold0").mkdir()
    (tmp_path / "fold0" / "compact.json").write_text(json.dumps(card), encoding="utf-8")
    shutil.copy(network.path, tmp_path / "fold0")
    folders = ("--output", str(tmp_path / "tables"), "--left-out", str(tmp_path))
    run_bench("--scans", "--cases", str(tmp_path / "cases.csv"), *folders, *chosen)
    ours, peer, left_out = read_csv(tmp_path / "tables" / "bench.csv")
    assert [row["method"] for row in (ours, peer, left_out)] == ["connected-components", "source-c", "network-left-out"]
    for row in (ours, peer, left_out):
        assert 0.9 < float(row["dice_both"]) < 1
        assert 0 < float(row["assd_right_mm"]) < 3
        assert float(row["hd95_right_mm"]) < 30
        assert row["error"] == ""
    table = (tmp_path / "tables" / "bench.md").read_text(encoding="utf-8")
    assert table.count("| made ") == 3
    assert ours["dice_both"] in table
    report = (tmp_path / "tables" / "bench_report.html").read_text(encoding="utf-8")
    for key in ("connected-components", "source-c", "network-left-out"):
        assert key in report


def test_without_real_scans_the_scan_part_says_so(tmp_path):
    assert f"no real scans: {tmp_path / 'cases.csv'} is not there" in run_bench("--scans", "--cases", str(tmp_path / "cases.csv"))


def test_a_scan_that_is_not_listed_is_named_with_those_that_are(tmp_path):
    (tmp_path / "cases.csv").write_text("name,ct,reference,doubt,group\none,a,b,,sick\n")
    with pytest.raises(SystemExit, match="no scan 'two'; it has: one"):
        read_cases(tmp_path / "cases.csv", ["two"])


def test_a_montage_shows_every_tenth_slice_with_both_outlines():
    voxels = np.full((45, 40, 60), -1000, np.int16)
    ours, theirs = np.zeros(voxels.shape, np.uint8), np.zeros(voxels.shape, np.uint8)
    ours[3:34, 10:20, 10:20] = 1
    theirs[3:34, 10:20, 40:50] = 1
    picture = np.asarray(montage(voxels, ours, theirs, (1.0, 1.0, 1.0), 10, "two squares")).astype(float)
    assert bounding_box(ours > 0)[0] == slice(3, 34)
    assert picture.shape[1] == 4 * TILE_WIDTH_PIXELS  # slices 33, 23, 13 and 3
    grey = 255 * 350 / 1500  # -1000 HU in the lung window
    for tile in range(4):
        part = picture[LEGEND_PIXELS:, tile * TILE_WIDTH_PIXELS : (tile + 1) * TILE_WIDTH_PIXELS] - grey
        for colour_rgb, half in ((REGIONS[0].colour_rgb, slice(0, 210)), (REFERENCE_COLOUR_RGB, slice(210, None))):
            coloured = part[:, half][np.ptp(part[:, half], axis=2) > 30]
            assert len(coloured) > 200  # of an outline of some 270 pixels
            wanted = np.array(colour_rgb) - grey
            assert (coloured @ wanted / np.linalg.norm(wanted) > 0.98 * np.linalg.norm(coloured, axis=1)).all()
