"""Result files: whole or absent, on the input's grid, readable by others."""

import gzip
import itertools
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk
import slicerio

from LungSegmentationLib.errors import OutputError
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.measures import measure
from LungSegmentationLib.output.atomic_folder import atomic_folder
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.output.result_folder import MAPPED_NAMES, RESULT_NAMES, save_result, write_files
from LungSegmentationLib.output.seg_nrrd import write_seg_nrrd
from LungSegmentationLib.output.summary import describe_input, orientation_code
from LungSegmentationLib.output.verification import check_gzip
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume

NAMES = ("a.txt", "b.txt", "last.txt")
CODES = ["".join(letters) for axes in itertools.permutations(("LR", "PA", "SI")) for letters in itertools.product(*axes)]
ALL_REGIONS = {region.label: region for region in REGIONS}
LIBRARY = Path(__file__).resolve().parents[2] / "LungSegmentation"


def _direction_of(code: str) -> np.ndarray:
    return np.array(sitk.DICOMOrientImageFilter.GetDirectionCosinesFromOrientation(code)).reshape(3, 3)


def _rotation() -> np.ndarray:
    a, b = np.deg2rad((17, -8))
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_z = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    return about_x @ about_z


GEOMETRIES = {code: _direction_of(code) for code in ("LPS", "RAS", "LPI", "PSR", "SAL")} | {
    "oblique": _rotation(),
    "oblique flipped": _rotation() @ _direction_of("PIR"),
}


def _result(direction=None, shape=(6, 20, 24), **facts) -> Segmentation:
    rng = np.random.default_rng(3)
    labels = np.zeros(shape, np.uint8)
    labels[1:-1, 4:-5, 2:9] = 1
    labels[2:-1, 3:-6, 12:20] = 2
    labels[3:, 5:9, 10:11] = 3
    volume = CtVolume(
        rng.integers(-1000, 200, shape, dtype=np.int16),
        (2.5, 0.7, 0.9),
        (-101.25, 33.5, -1200.123),
        np.eye(3) if direction is None else direction,
        **facts,
    )
    return Segmentation(volume, labels, "threshold", {"threshold_hu": -400.0, "fill": True}, {"Finding the body": 1.25}, ("one warning",))


def _listing(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


# --- a folder whose files appear together or not at all


def test_files_appear_together_at_the_end_and_nothing_else_is_left(tmp_path):
    folder = tmp_path / "new" / "deep"
    with atomic_folder(folder, NAMES) as staging:
        (staging / "a.txt").write_text("1")
        (staging / "last.txt").write_text("2")
        assert not [path for path in folder.iterdir() if not path.name.startswith(".")]
    assert _listing(folder) == {"a.txt": "1", "last.txt": "2"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failed_run_leaves_no_trace_and_what_was_there_before_stays(tmp_path, error):
    with pytest.raises(error), atomic_folder(tmp_path / "new" / "deep", NAMES) as staging:
        (staging / "a.txt").write_text("1")
        raise error
    assert list(tmp_path.iterdir()) == []

    (tmp_path / "foreign.txt").write_text("mine")
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(error), atomic_folder(tmp_path, NAMES, overwrite=True) as staging:
        (staging / "a.txt").write_text("1")
        raise error
    assert _listing(tmp_path) == {"foreign.txt": "mine", "a.txt": "old"}


def test_an_earlier_result_is_replaced_only_when_asked_and_its_stale_files_go(tmp_path):
    before = {"a.txt": "old", "b.txt": "old", "foreign.txt": "mine"}
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(OutputError, match="--overwrite"), atomic_folder(tmp_path, NAMES):
        pytest.fail("the work began")
    assert _listing(tmp_path) == before
    with atomic_folder(tmp_path, NAMES, overwrite=True) as staging:
        (staging / "a.txt").write_text("new")
        (staging / "last.txt").write_text("new")
        assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "old"
    assert _listing(tmp_path) == {"a.txt": "new", "last.txt": "new", "foreign.txt": "mine"}


def test_a_result_that_another_run_finished_meanwhile_is_not_replaced(tmp_path):
    with pytest.raises(OutputError, match="already holds"), atomic_folder(tmp_path, NAMES) as staging:
        (staging / "a.txt").write_text("mine")
        (tmp_path / "a.txt").write_text("theirs")
    assert _listing(tmp_path) == {"a.txt": "theirs"}


@pytest.mark.parametrize("failing_call", range(1, 6))
def test_an_error_while_moving_puts_everything_back(tmp_path, monkeypatch, failing_call):
    before = {"a.txt": "old", "b.txt": "old", "last.txt": "old"}
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    calls = itertools.count(1)
    rename = os.replace

    def refuse_once(source, target):
        if next(calls) == failing_call:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "replace", refuse_once)
    with pytest.raises(OutputError, match="input/output error"), atomic_folder(tmp_path, NAMES, overwrite=True) as staging:
        (staging / "a.txt").write_text("new")
        (staging / "last.txt").write_text("new")
    assert _listing(tmp_path) == before


def test_folders_that_cannot_be_used_are_refused_before_the_work(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").mkdir()
    cases = {tmp_path / "file": "is a file", tmp_path / "file" / "below": "cannot be made", tmp_path / "full": "is a folder"}
    if Path("/proc/self").is_dir():
        cases[Path("/proc/self")] = "cannot be written"
    for folder, message in cases.items():
        with pytest.raises(OutputError, match=message), atomic_folder(folder, NAMES, overwrite=True):
            pytest.fail("the work began")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"


def test_an_input_is_never_replaced_not_even_through_a_link(tmp_path):
    (tmp_path / "a.txt").write_text("input")
    (tmp_path / "link").symlink_to(tmp_path / "a.txt")
    for given in (tmp_path / "a.txt", tmp_path / "link"):
        with pytest.raises(OutputError, match="input"), atomic_folder(tmp_path, NAMES, overwrite=True, inputs=[given]):
            pytest.fail("the work began")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "input"


def test_two_runs_do_not_share_a_folder(tmp_path):
    with atomic_folder(tmp_path, NAMES) as staging:
        with pytest.raises(OutputError, match="another run"), atomic_folder(tmp_path, NAMES):
            pytest.fail("the work began")
        (staging / "a.txt").write_text("first")
    assert _listing(tmp_path) == {"a.txt": "first"}


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="this system has no limit on a file's size")
def test_a_run_killed_while_writing_leaves_no_half_file_and_the_next_one_cleans_up(tmp_path):
    """The system itself kills it, in the middle of the first file that grows over a limit; it must be written in more than one go."""
    limit_bytes = 20_000
    program = (
        "import resource, signal; import numpy as np\n"
        "from LungSegmentationLib.segmentation import Segmentation; from LungSegmentationLib.volume import CtVolume\n"
        "from LungSegmentationLib.output.result_folder import save_result\n"
        "labels = np.random.default_rng(0).integers(0, 4, (60, 100, 100), dtype=np.uint8)\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit_bytes}, {limit_bytes}))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        f"save_result(Segmentation(CtVolume(labels.astype(np.int16), (1., 1., 1.)), labels, 'm'), {str(tmp_path)!r})\n"
    )
    run = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(LIBRARY)}, timeout=240)
    assert run.returncode == -signal.SIGXFSZ
    assert limit_bytes in [path.stat().st_size for path in tmp_path.glob(".*/*")]
    assert all(path.name.startswith(".") for path in tmp_path.iterdir())
    save_result(_result(), tmp_path)
    of_vessels = {"vessels.nii.gz", "vessels.csv", "vessel_branches.csv", "vessel_centrelines.vtp"}
    not_made = of_vessels | {"probability.nii.gz", "scene.mrb", "segmentation.dcm", "measurements.dcm", *MAPPED_NAMES}
    assert {path.name for path in tmp_path.iterdir()} == set(RESULT_NAMES) - not_made | {"ct_measures.xlsx"}


def test_a_full_disk_is_an_error_and_nothing_half_written_stays(tmp_path):
    """For each size that a file may have a child of one process, which has imported what they need."""
    pytest.importorskip("resource")
    limits_bytes = [0, 300, 2_000, 20_000, 200_000, 50_000_000]
    program = (
        "import os, resource; import numpy as np; from pathlib import Path\n"
        "from LungSegmentationLib.segmentation import Segmentation; from LungSegmentationLib.volume import CtVolume\n"
        "from LungSegmentationLib.output.result_folder import save_result; from LungSegmentationLib.errors import OutputError\n"
        "labels = np.random.default_rng(0).integers(0, 4, (30, 60, 60), dtype=np.uint8)\n"
        f"for limit in {limits_bytes}:\n"
        "    if os.fork():\n"
        "        print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)\n"
        "        continue\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "    status = 0\n"
        "    try:\n"
        "        result = Segmentation(CtVolume(labels.astype(np.int16), (1., 1., 1.)), labels, 'm')\n"
        f"        save_result(result, Path({str(tmp_path)!r}) / str(limit) / 'out')\n"
        "    except OutputError as error:\n"
        "        print(error, flush=True)\n"
        "        status = 2\n"
        "    os._exit(status)\n"
    )
    for limit in limits_bytes:
        (tmp_path / str(limit)).mkdir()
    run = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(LIBRARY)}, stdout=subprocess.PIPE, encoding="utf-8"
    )
    *refused, last = re.findall(r"(.*?)^(-?\d+)$\n", run.stdout, re.DOTALL | re.MULTILINE)
    assert len(refused) == 5 and last == ("", "0")
    for limit, (said, status) in zip(limits_bytes, refused, strict=False):
        assert status == "2" and re.search("could not be written|is the disk full", said), (limit, said)
        assert said.count("\n") == 1
        assert list((tmp_path / str(limit)).iterdir()) == []
    assert (tmp_path / "50000000" / "out" / "summary.json").is_file()


def test_a_gzip_file_cut_anywhere_or_of_another_length_is_found_out(tmp_path):
    content = np.random.default_rng(0).integers(0, 4, 3000, dtype=np.uint8).tobytes()
    path, stream = tmp_path / "x.gz", gzip.compress(content)
    path.write_bytes(b"head" + stream)
    check_gzip(path, len(content), start=4)
    with pytest.raises(OutputError, match="3000 of 3001"):
        check_gzip(path, 3001, start=4)
    for length in range(0, len(stream), 5):
        path.write_bytes(stream[:length])
        with pytest.raises(OutputError):
            check_gzip(path, len(content))
    path.write_bytes(stream[:500] + bytes([stream[500] ^ 1]) + stream[501:])
    with pytest.raises(OutputError):
        check_gzip(path, len(content))


# --- the files themselves


@pytest.mark.parametrize("name", GEOMETRIES)
def test_a_label_map_lies_on_exactly_the_inputs_grid(tmp_path, name):
    result = _result(GEOMETRIES[name])
    write_nifti(result.labels, result.volume, tmp_path / "labels.nii.gz")
    image = sitk.ReadImage(str(tmp_path / "labels.nii.gz"))
    assert image.GetPixelID() == sitk.sitkUInt8
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), result.labels)
    np.testing.assert_allclose(image.GetSpacing(), result.volume.spacing_zyx_mm[::-1], atol=1e-4)
    np.testing.assert_allclose(image.GetOrigin(), result.volume.origin_lps_mm, atol=1e-4)
    np.testing.assert_allclose(np.reshape(image.GetDirection(), (3, 3)), result.volume.direction_lps, atol=1e-4)


@pytest.mark.parametrize("name", GEOMETRIES)
def test_segments_are_named_coded_and_in_place_for_other_readers(tmp_path, name):
    result, path = _result(GEOMETRIES[name]), tmp_path / "s.seg.nrrd"
    write_seg_nrrd([(result.labels, ALL_REGIONS)], result.volume, path)
    spacing_xyz = np.array(result.volume.spacing_zyx_mm[::-1])

    voxels, header = nrrd.read(str(path))
    np.testing.assert_array_equal(voxels, result.labels.T)
    assert header["space"] == "left-posterior-superior"
    np.testing.assert_allclose(header["space directions"], (GEOMETRIES[name] * spacing_xyz).T, atol=1e-9)
    np.testing.assert_allclose(header["space origin"], result.volume.origin_lps_mm, atol=1e-9)

    itk = sitk.ReadImage(str(path))
    np.testing.assert_allclose(np.reshape(itk.GetDirection(), (3, 3)), GEOMETRIES[name], atol=1e-6)
    np.testing.assert_allclose(itk.GetSpacing(), spacing_xyz, atol=1e-6)

    segmentation = slicerio.read_segmentation(str(path))
    np.testing.assert_allclose(segmentation["ijkToLPS"][:3, :3], GEOMETRIES[name] * spacing_xyz, atol=1e-9)
    segments = {segment["labelValue"]: segment for segment in segmentation["segments"]}
    assert [segments[label]["name"] for label in (1, 2, 3)] == ["Right lung", "Left lung", "Airways"]
    assert segments[1]["terminology"]["type"] == ["SCT", "39607008", "Lung"]
    assert segments[1]["terminology"]["typeModifier"] == ["SCT", "24028007", "Right"]
    assert segments[2]["terminology"]["typeModifier"] == ["SCT", "7771000", "Left"]
    assert segments[3]["terminology"]["type"] == ["SCT", "110726009", "Trachea and bronchus"]
    for region in REGIONS:
        np.testing.assert_allclose(segments[region.label]["color"], np.array(region.colour_rgb) / 255, atol=1e-5)
        assert segments[region.label]["extent"] == [2, 19, 3, 14, 1, 5]


def test_overlapping_layers_are_kept_apart(tmp_path):
    result, path = _result(GEOMETRIES["RAS"]), tmp_path / "s.seg.nrrd"
    inner = np.zeros_like(result.labels)
    inner[2:4, 6:8, 4:6] = 1
    write_seg_nrrd([(result.labels, {1: REGIONS[0], 2: REGIONS[1]}), (inner, {1: REGIONS[2]})], result.volume, path)
    segmentation = slicerio.read_segmentation(str(path))
    assert segmentation["voxels"].shape == (2, *result.labels.T.shape)
    assert [(s["layer"], s["labelValue"], s["name"]) for s in segmentation["segments"]] == [
        (0, 1, "Right lung"),
        (0, 2, "Left lung"),
        (1, 1, "Airways"),
    ]
    np.testing.assert_array_equal(segmentation["voxels"][0], result.labels.T)
    np.testing.assert_array_equal(segmentation["voxels"][1], inner.T)
    assert segmentation["segments"][2]["extent"] == [4, 5, 6, 7, 2, 3]
    np.testing.assert_allclose(segmentation["ijkToLPS"][:3, 3], result.volume.origin_lps_mm)


@pytest.mark.parametrize("name", ["LPS", "oblique flipped"])
@pytest.mark.parametrize("layers", [1, 2])
def test_slicer_itself_opens_the_segmentation_in_place(tmp_path, name, layers):
    slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
    vtk = pytest.importorskip("vtk")
    vtk_util = pytest.importorskip("vtk.util.numpy_support")
    result, path = _result(GEOMETRIES[name]), tmp_path / "s.seg.nrrd"
    whole = (
        [(result.labels, ALL_REGIONS)]
        if layers == 1
        else [(result.labels, {1: REGIONS[0], 2: REGIONS[1]}), (result.labels, {3: REGIONS[2]})]
    )
    write_seg_nrrd(whole, result.volume, path)
    scene = slicer.vtkMRMLScene()
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    storage = scene.AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
    storage.SetFileName(str(path))
    assert storage.ReadData(node) == 1
    segmentation = node.GetSegmentation()
    assert segmentation.GetNumberOfSegments() == 3
    for number, region in enumerate(REGIONS):
        segment = segmentation.GetNthSegment(number)
        assert segment.GetName() == region.name
        image = segment.GetRepresentation("Binary labelmap")
        extent = image.GetExtent()
        shape = [extent[2 * axis + 1] - extent[2 * axis] + 1 for axis in (2, 1, 0)]
        array = vtk_util.vtk_to_numpy(image.GetPointData().GetScalars()).reshape(shape)
        indices = np.argwhere(array == segment.GetLabelValue())[:, ::-1] + np.array(extent[::2])
        np.testing.assert_array_equal(np.sort(indices, axis=0), np.sort(np.argwhere(result.labels == region.label)[:, ::-1], axis=0))
        to_world = vtk.vtkMatrix4x4()
        image.GetImageToWorldMatrix(to_world)
        ras = to_world.MultiplyPoint((3, 2, 1, 1))[:3]
        lps = np.array(result.volume.origin_lps_mm) + GEOMETRIES[name] @ (np.array(result.volume.spacing_zyx_mm[::-1]) * (3, 2, 1))
        np.testing.assert_allclose(np.array(ras) * (-1, -1, 1), lps, atol=1e-4)


def test_a_lung_that_was_not_found_is_an_empty_segment(tmp_path):
    result = _result()
    nothing = np.zeros_like(result.labels)
    write_seg_nrrd([(nothing, ALL_REGIONS)], result.volume, tmp_path / "s.seg.nrrd")
    segmentation = slicerio.read_segmentation(str(tmp_path / "s.seg.nrrd"))
    assert [segment["extent"] for segment in segmentation["segments"]] == [[0, -1] * 3] * 3
    save_result(Segmentation(result.volume, nothing, "threshold"), tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["regions"]["both_lungs"] == {"voxels": 0, "volume_ml": 0.0, "mean_hu": None, "sd_hu": None}


@pytest.mark.parametrize("code", CODES)
def test_the_orientation_code_is_itks(code):
    volume = CtVolume(np.zeros((2, 2, 2), np.int16), (1.0, 1.0, 1.0), direction_lps=_direction_of(code))
    assert orientation_code(volume) == code


def test_the_summary_tells_the_run_but_not_the_patient(tmp_path):
    source = {
        "path": "/archive/Doe^Jane/ct.nii.gz",
        "modality": "CT",
        "series_uid": "1.2.3",
        "format": "DICOM",
        "manufacturer": "Maker",
        "kernel": "B30f",
        "contrast_agent": False,
        "patient_name": "Doe^Jane",
        "patient_id": "4711",
    }
    result = _result(GEOMETRIES["RAS"], name="ct", source=source)
    write_files(result, measure(result), tmp_path, {"Reading": 0.5})
    text = (tmp_path / "summary.json").read_text(encoding="utf-8")
    assert "Doe" not in text
    assert "4711" not in text
    summary = json.loads(text)
    assert summary["input"] == {
        "file_name": "ct.nii.gz",
        "size_columns_rows_slices": [24, 20, 6],
        "spacing_columns_rows_slices_mm": [0.9, 0.7, 2.5],
        "orientation": "RAS",
        "format": "DICOM",
        "modality": "CT",
        "series_uid": "1.2.3",
        "manufacturer": "Maker",
        "kernel": "B30f",
        "slice_thickness_mm": None,
        "contrast_agent": False,
    }
    assert summary["parameters"] == {"threshold_hu": -400.0, "fill": True}
    assert summary["warnings"] == ["one warning"]
    assert list(summary["timings_s"]) == ["Reading", "Finding the body", "Writing"]
    assert summary["regions"]["right_lung"]["volume_ml"] == pytest.approx((result.labels == 1).sum() * 2.5 * 0.7 * 0.9 / 1000)
    assert describe_input(_result(name="array").volume)["file_name"] == "array"


def test_a_scene_that_was_cut_is_an_error(tmp_path):
    with pytest.raises(OutputError, match=r"scene\.mrb"):
        result = _result()
        write_files(result, measure(result), tmp_path, scene_writer=lambda result, measures, path: path.write_bytes(b"PK\x03\x04 cut"))
