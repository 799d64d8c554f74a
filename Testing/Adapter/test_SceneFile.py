"""The scene file, written in one process and opened with Slicer's own reader in another."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from LungSegmentationAdapter.Scene.SceneFile import writeScene
from LungSegmentationLib.errors import InputError, OutputError
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.measurement.areas import measure_slices
from LungSegmentationLib.measurement.volumes import measure_regions
from LungSegmentationLib.measures import measure
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume, to_canonical

HERE = Path(__file__).resolve().parent
WRITE = """
import pickle, sys
from LungSegmentationAdapter.Scene.SceneFile import writeScene
from LungSegmentationLib.measures import measure
result = pickle.load(open(sys.argv[1], "rb"))
writeScene(result, measure(result), sys.argv[2])
"""


def run(*arguments, **options):
    """Run Python as a user would, with the project on its path."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "LungSegmentation")}
    return subprocess.run(
        [sys.executable, *map(str, arguments)], env=environment, capture_output=True, encoding="utf-8", timeout=120, **options
    )


def measured(result):
    return result, measure(result)


def makeResult(labels, direction=None, name="Thorax: 1.2 / ü"):
    voxels = np.random.default_rng(1).integers(-1024, 3000, labels.shape).astype(np.int16)
    volume = CtVolume(voxels, (2.5, 0.8, 0.7), (12.5, -31.0, 200.25), np.eye(3) if direction is None else direction, name)
    return Segmentation(volume, labels, "test")


def canonical(volume, labels):
    volume, order = to_canonical(volume)
    return volume, order.apply(labels)


def test_another_process_reads_what_was_written(labels, tmp_path):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    angle = np.deg2rad(25)
    direction = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]) @ np.diag([1, 1, -1])
    result = makeResult(labels, direction)
    (tmp_path / "result.pickle").write_bytes(pickle.dumps(result))
    out = tmp_path / "out"
    out.mkdir()
    (out / "scene.mrb").write_text("an older file")
    written = run("-c", WRITE, tmp_path / "result.pickle", "scene.mrb", cwd=out)
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    assert [path.name for path in out.iterdir()] == ["scene.mrb"]

    read = run(HERE / "read_scene.py", out / "scene.mrb", tmp_path / "read.npz")
    assert read.returncode == 0, read.stderr
    arrays = np.load(tmp_path / "read.npz")
    facts = json.loads(str(arrays["facts"]))
    assert facts["volume"] == facts["reference"] == result.volume.name
    assert facts["window"] == [1500.0, -600.0, 0]
    found = [(key, name, [round(255 * channel) for channel in colour]) for key, name, colour, _ in facts["segments"]]
    assert found == [(region.key, region.name, list(region.colour_rgb)) for region in REGIONS]
    assert [("39607008" in code, "110726009" in code) for *_, code in facts["segments"]] == [(True, False), (True, False), (False, True)]

    ijkToLps = np.diag([-1, -1, 1, 1]) @ np.array(facts["ijkToRas"])
    spacing = np.linalg.norm(ijkToLps[:3, :3], axis=0)
    # Slicer's readers reverse the slices of left-handed volumes, so compare in canonical order.
    opened = CtVolume(arrays["voxels"], tuple(spacing[::-1]), tuple(ijkToLps[:3, 3]), ijkToLps[:3, :3] / spacing)
    openedLabels = sum(region.label * arrays[region.key].astype(np.uint8) for region in REGIONS)
    (actual, actualLabels), (expected, expectedLabels) = canonical(opened, openedLabels), canonical(result.volume, labels)
    np.testing.assert_array_equal(actual.voxels_hu, expected.voxels_hu)
    np.testing.assert_array_equal(actualLabels, expectedLabels)
    np.testing.assert_allclose(actual.origin_lps_mm, expected.origin_lps_mm, atol=1e-3)
    np.testing.assert_allclose(actual.direction_lps, expected.direction_lps, atol=1e-6)
    np.testing.assert_allclose(actual.spacing_zyx_mm, expected.spacing_zyx_mm, rtol=1e-6)

    tables = {name.removeprefix(result.volume.name).strip(): columns for name, columns in facts["tables"].items()}
    measures = measure_regions(result.volume, labels)
    assert tables["volumes"]["region"] == ["string", "", [measure.name for measure in measures]]
    assert tables["volumes"]["voxels"] == ["int", "", [measure.voxels for measure in measures]]
    kind, unit, volumes = tables["volumes"]["volume_ml"]
    assert (kind, unit, volumes) == ("double", "mL", pytest.approx([m.volume_ml for m in measures], rel=1e-5))
    kind, unit, areas = tables["slices"]["total_mm2"]
    slices = measure_slices(result.volume, labels)
    assert (kind, unit, areas) == ("double", "mm²", pytest.approx([s.total_mm2 for s in slices], rel=1e-5))


def test_an_open_scene_is_not_touched(mrmlScene, labels, tmp_path):
    before = mrmlScene.GetNumberOfNodes()
    writeScene(*measured(makeResult(labels)), tmp_path / "scene.mrb")
    assert mrmlScene.GetNumberOfNodes() == before
    assert (tmp_path / "scene.mrb").read_bytes()[:2] == b"PK"


def test_real_scan_becomes_a_scene(mrmlScene, shared_data, tmp_path):
    import SimpleITK as sitk
    import slicer.util

    image, reference = (sitk.ReadImage(str(shared_data / f"tb1_002_{kind}.nii.gz")) for kind in ("ct", "ref"))
    labels = sitk.GetArrayFromImage(reference).astype(np.uint8)
    direction = np.reshape(image.GetDirection(), (3, 3))
    volume = CtVolume(sitk.GetArrayFromImage(image).astype(np.int16), image.GetSpacing()[::-1], image.GetOrigin(), direction, "tb1_002")
    writeScene(*measured(Segmentation(volume, labels, "reference")), tmp_path / "tb1_002.mrb")
    slicer.util.loadScene(str(tmp_path / "tb1_002.mrb"))
    table = slicer.util.getNode("tb1_002 volumes").GetTable()
    rows = {table.GetValueByName(row, "region").ToString(): row for row in range(table.GetNumberOfRows())}
    assert slicer.util.getNode("tb1_002 lungs centrelines of airways").GetPolyData().GetNumberOfLines() > 3
    for region in REGIONS:
        counted = int((labels == region.label).sum())
        assert table.GetValueByName(rows[region.name], "voxels").ToInt() == counted
        segmentation = slicer.util.getNode("tb1_002 lungs")
        if counted:
            mask = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, region.key, slicer.util.getNode("tb1_002"))
            assert int((mask > 0).sum()) == counted


def test_what_cannot_be_written_says_so_and_leaves_nothing(mrmlScene, labels, tmp_path):
    with pytest.raises(InputError, match=r"'scene\.nrrd'.*\.mrb"):
        writeScene(*measured(makeResult(labels)), tmp_path / "scene.nrrd")
    with pytest.raises(OutputError, match=r"missing.*could not be written"):
        writeScene(*measured(makeResult(labels)), tmp_path / "missing" / "scene.mrb")
    (tmp_path / "folder.mrb").mkdir()
    with pytest.raises(OutputError, match=r"folder\.mrb could not be written"):
        writeScene(*measured(makeResult(labels)), tmp_path / "folder.mrb")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.mrb"]


def test_slicers_own_failure_is_one_error_and_no_noise(labels, tmp_path):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    (tmp_path / "result.pickle").write_bytes(pickle.dumps(makeResult(labels)))
    tooLong = "b" * 251 + ".mrb"  # as long as a name may be, but Slicer's .mrml within has one letter more
    out = tmp_path / "out"
    out.mkdir()
    finished = run("-c", WRITE, tmp_path / "result.pickle", tooLong, cwd=out)
    error = finished.stderr.splitlines()[-1]
    assert error.startswith("LungSegmentationLib.errors.OutputError:")
    assert "Could not open file" in error
    assert "ERR|" not in finished.stderr
    assert list(out.iterdir()) == []


def test_without_slicer_core_it_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['slicer'] = None\n"
        "from LungSegmentationAdapter.Scene.SceneFile import writeScene\n"
        "from LungSegmentationLib.errors import InputError\n"
        "try:\n    writeScene(None, None, 'scene.mrb')\n"
        "except InputError as error:\n    print(error)\n"
    )
    finished = run("-c", code, cwd=tmp_path)
    assert "pip install 'lungsegmentation[mrml]'" in finished.stdout, finished.stderr
    assert list(tmp_path.iterdir()) == []
