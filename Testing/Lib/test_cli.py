"""The command line, run as a real process on small scans."""

import csv
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from LungSegmentationLib import __version__
from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.commands import segment as segment_command
from LungSegmentationLib.commands.phantom import PHANTOM_NAMES
from LungSegmentationLib.commands.segment import find_scene_writer
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.output.result_folder import MAPPED_NAMES, RESULT_NAMES
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.registry import METHODS

LIBRARY = Path(__file__).resolve().parents[2] / "LungSegmentation"
# For what is the same after every method.
QUICK = ("--method", "connected-components", "--no-vessels", "--no-report")
OF_VESSELS = {"vessels.nii.gz", "vessels.csv", "vessel_branches.csv", "vessel_centrelines.vtp"}
ON_REQUEST = {"scene.mrb", "probability.nii.gz", "segmentation.dcm", "measurements.dcm", *MAPPED_NAMES}
MADE_NAMES = set(RESULT_NAMES) - ON_REQUEST | {"chest_measures.xlsx"}


def _environment(*folders: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(folder) for folder in (LIBRARY, *folders)), "COLUMNS": "100"}


def run(*arguments: object, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "LungSegmentationLib", *(str(argument) for argument in arguments)]
    return subprocess.run(command, env=options.pop("env", _environment()), capture_output=True, encoding="utf-8", timeout=120, **options)


def refused(process: subprocess.CompletedProcess) -> str:
    """Check that a run ended as a user's error does, and give its one line."""
    assert process.returncode == 2, process.stderr
    assert process.stdout == ""
    assert process.stderr.startswith("lungsegmentation: error: ")
    assert process.stderr.count("\n") == 1
    return process.stderr


def _rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["Region"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def scan(tmp_path_factory) -> Path:
    """Give a small phantom CT on a turned grid, with its true labels beside it."""
    folder = tmp_path_factory.mktemp("scan")
    phantom = make_phantom(shape_zyx=(60, 96, 96), orientation="RAS", seed=4)
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "chest.nii.gz")
    write_nifti(phantom.labels, phantom.volume, folder / "truth.nii.gz")
    return folder / "chest.nii.gz"


@pytest.fixture(scope="session")
def output(scan, tmp_path_factory) -> Path:
    """Give the folder of a successful run."""
    folder = tmp_path_factory.mktemp("result") / "new" / "out"
    process = run("segment", scan, "--output", folder, "--threshold-hu", "-420")
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert "Right lung" in process.stdout
    assert str(folder) in process.stdout
    return folder


def test_segment_writes_every_file_on_the_inputs_grid(scan, output):
    assert {path.name for path in output.iterdir()} == MADE_NAMES
    ct, labels = sitk.ReadImage(str(scan)), sitk.ReadImage(str(output / "labels.nii.gz"))
    assert labels.GetSize() == ct.GetSize()
    for get in ("GetSpacing", "GetOrigin", "GetDirection"):
        np.testing.assert_allclose(getattr(labels, get)(), getattr(ct, get)(), atol=1e-4)
    truth = sitk.GetArrayFromImage(sitk.ReadImage(str(scan.parent / "truth.nii.gz")))
    found = sitk.GetArrayFromImage(labels)
    for side in (1, 2):
        overlap = (
            2 * np.count_nonzero((found == side) & (truth == side)) / (np.count_nonzero(found == side) + np.count_nonzero(truth == side))
        )
        assert overlap > 0.9


def test_tables_and_summary_tell_the_same_as_the_label_map(scan, output):
    image = sitk.ReadImage(str(output / "labels.nii.gz"))
    voxel_ml = float(np.prod(image.GetSpacing())) / 1000
    counts = np.bincount(sitk.GetArrayViewFromImage(image).ravel(), minlength=4)
    rows = _rows(output / "volumes.csv")
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    names = {"Right lung": counts[1], "Left lung": counts[2], "Both lungs": counts[1] + counts[2], "Airways": counts[3]}
    assert list(rows) == [*names, "Vessels of right lung", "Vessels of left lung"]
    for name, count in names.items():
        assert int(rows[name]["Voxels"]) == count
        assert float(rows[name]["Volume (mL)"]) == pytest.approx(count * voxel_ml, abs=0.01)
        assert summary["regions"][name.lower().replace(" ", "_")]["voxels"] == count
    assert summary["input"]["file_name"] == "chest.nii.gz"
    assert summary["input"]["orientation"] == "RAS"
    assert summary["parameters"]["threshold_hu"] == -420
    assert summary["version"] == __version__
    assert next(iter(summary["timings_s"])) == "Reading"
    with (output / "slices.csv").open(newline="", encoding="utf-8") as file:
        slices = list(csv.DictReader(file))
    assert len(slices) == 60
    spacing_mm = abs(float(slices[1]["Position (mm)"]) - float(slices[0]["Position (mm)"]))
    total_ml = sum(float(row["Total lung area (mm2)"]) for row in slices) * spacing_mm / 1000
    assert total_ml == pytest.approx(float(rows["Both lungs"]["Volume (mL)"]), rel=1e-3)


def test_an_existing_result_needs_overwrite_and_quiet_says_nothing(scan, output, tmp_path):
    (tmp_path / "scene.mrb").write_text("stale")
    (tmp_path / "notes.txt").write_text("mine")
    assert "--overwrite" in refused(run("segment", scan, "--output", tmp_path))
    assert (tmp_path / "scene.mrb").read_text(encoding="utf-8") == "stale"
    process = run("segment", scan, "--output", tmp_path, "--overwrite", "--quiet", "--no-airways", "--no-viewer", *QUICK)
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    left_out = {*OF_VESSELS, "airway_centrelines.vtp", "report.html", "viewer.html"}
    assert {path.name for path in tmp_path.iterdir()} == MADE_NAMES - left_out | {"notes.txt"}
    assert _rows(tmp_path / "volumes.csv")["Airways"]["Voxels"] == "0"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["segment", "INPUT"], "--output"),
        (["segment", "INPUT", "--output", "OUT", "--colour", "red"], "--colour"),
        (["segment", "INPUT", "--output", "OUT", "--method", "magic"], "magic"),
        (["segment", "INPUT", "--output", "OUT", "--threshold-hu", "high"], "threshold-hu"),
        (["segment", "INPUT", "--output", "OUT", "--threshold-hu", "4000"], "threshold_hu"),
        (["segment", "missing.nii", "--output", "OUT"], "missing.nii"),
        (["segment", "INPUT", "--output", "INPUT"], "is a file"),
        (["phantom", "--output", "OUT", "--seed", "-1"], "seed"),
    ],
)
def test_bad_arguments_end_in_one_line_and_leave_nothing(scan, tmp_path, capsys, arguments, message):
    places = {"INPUT": str(scan), "OUT": str(tmp_path / "out")}
    assert cli.main([places.get(argument, argument) for argument in arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("lungsegmentation: error: ")
    assert shown.err.count("\n") == 1
    assert message in shown.err
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_no_ct_and_unreadable_names_are_refused(tmp_path):
    (tmp_path / "text.nii.gz").write_text("no image")
    refused(run("segment", tmp_path / "text.nii.gz", "--output", tmp_path / "out"))
    refused(run("segment", os.fsdecode(b"/tmp/\xff.nii"), "--output", tmp_path / "out"))
    assert [path.name for path in tmp_path.iterdir()] == ["text.nii.gz"]


def test_the_input_is_not_replaced_by_the_result(scan, tmp_path):
    inside = tmp_path / "labels.nii.gz"
    inside.write_bytes(scan.read_bytes())
    assert "input" in refused(run("segment", inside, "--output", tmp_path, "--overwrite"))
    assert inside.read_bytes() == scan.read_bytes()


@pytest.mark.parametrize(
    ("moment", "options"), [(".*-unfinished-*", ()), (".*/labels.nii.gz", ("--no-vessels",))], ids=["at its start", "while writing"]
)
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_nothing(scan, tmp_path, number, status, moment, options):
    folder = tmp_path / "out"
    command = [sys.executable, "-m", "LungSegmentationLib", "segment", str(scan), "--output", str(folder), *options]
    # A shell starts background jobs with Ctrl-C ignored; the run must not inherit that from the test's own start.
    process = subprocess.Popen(
        command,
        env=_environment(),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 240
    while not list(folder.glob(moment)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(number)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == status
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_progress_is_shown_on_a_terminal(scan, tmp_path):
    pty = pytest.importorskip("pty")
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "LungSegmentationLib", "segment", str(scan), "--output", str(tmp_path / "out"), *QUICK]
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.DEVNULL, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        try:
            while block := os.read(controller, 4096):
                shown += block
        except OSError:  # the terminal closed with the process
            pass
    os.close(controller)
    assert process.returncode == 0
    assert b"Reading" in shown
    assert b"100 %" in shown


def test_help_and_version_are_there_at_once():
    for argument in ("--help", "--version"):
        process = run(argument)
        assert process.returncode == 0
    assert process.stdout == f"lungsegmentation {__version__}\n"
    heavy = "import sys; from LungSegmentationLib.commands.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    check = heavy + "assert not {'numpy', 'scipy', 'SimpleITK', 'PIL'} & set(sys.modules), 'heavy import'"
    subprocess.run([sys.executable, "-c", check], env=_environment(), check=True, stdout=subprocess.DEVNULL)


def test_the_help_describes_every_parameter_of_every_method(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["segment", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for method in METHODS:
        for description in method.describe_parameters():
            assert f"--{description.name.replace('_', '-')}" in text
            assert description.title in text
            if isinstance(description.default, str):
                assert f"default {description.default}" in text
            elif not isinstance(description.default, bool):
                assert f"{description.minimum:g} to {description.maximum:g}" in text
                assert f"default {description.default:g}" in text


def test_an_earlier_option_still_works_and_is_not_shown(capsys):
    with pytest.raises(SystemExit):
        cli.main(["segment", "--help"])
    shown = capsys.readouterr().out
    assert "--mirror-averaging" in shown and "look-twice" not in shown
    options = cli._parser(["segment"]).parse_args(["segment", "CT", "--output", "OUT", "--no-look-twice"])
    assert vars(options)["parameter mirror_averaging"] is False


def test_methods_lists_the_registry(capsys):
    assert cli.main(["methods"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for method in METHODS:
        for part in (method.key, method.title, method.summary, method.reference):
            assert part in text


def test_the_phantom_is_written_with_its_truth(tmp_path):
    process = run("phantom", "--output", tmp_path, "--seed", 5)
    assert process.returncode == 0, process.stderr
    assert {path.name for path in tmp_path.iterdir()} == set(PHANTOM_NAMES)
    ct, truth = (sitk.ReadImage(str(tmp_path / name)) for name in PHANTOM_NAMES[:2])
    assert (ct.GetSpacing(), ct.GetOrigin(), ct.GetDirection()) == (truth.GetSpacing(), truth.GetOrigin(), truth.GetDirection())
    hu, labels = sitk.GetArrayFromImage(ct), sitk.GetArrayFromImage(truth)
    rows = _rows(tmp_path / "truth_volumes.csv")
    for label, name in ((1, "Right lung"), (2, "Left lung"), (3, "Airways")):
        volume_ml = np.count_nonzero(labels == label) * float(np.prod(ct.GetSpacing())) / 1000
        assert float(rows[name]["Volume (mL)"]) == pytest.approx(volume_ml, abs=0.006)
        assert np.median(hu[labels == label]) < -700
    assert "--overwrite" in refused(run("phantom", "--output", tmp_path))


def test_a_scene_needs_an_installed_writer(scan, tmp_path, monkeypatch):
    monkeypatch.setattr(segment_command, "SCENE_WRITER_GROUP", "lungsegmentation.no_such_group")
    with pytest.raises(InputError, match=r"lungsegmentation\[mrml\]"):
        find_scene_writer()
    monkeypatch.undo()
    monkeypatch.setattr(segment_command, "_SCENE_LIBRARY", "no_such_library")
    with pytest.raises(InputError, match=r"lungsegmentation\[mrml\]"):
        find_scene_writer()


def test_a_scene_is_written_by_the_installed_writer(scan, tmp_path):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    facts = tmp_path / "packages" / "scene_writer-1.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: scene-writer\nVersion: 1\n")
    (facts / "entry_points.txt").write_text("[lungsegmentation.scene_writers]\nmrb = LungSegmentationAdapter.Scene.SceneFile:writeScene\n")
    process = run("segment", scan, "--output", tmp_path / "out", "--scene", *QUICK[:2], "--no-report", env=_environment(facts.parent))
    assert process.returncode == 0, process.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == MADE_NAMES - {"report.html"} | {"scene.mrb"}


def test_full_disk_is_one_line_and_leaves_nothing(scan, tmp_path):
    limit_bytes = 2000
    process = run(
        "segment",
        scan,
        "--output",
        tmp_path / "out",
        *QUICK,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes)),
    )
    # ITK prints lines of its own when a write fails: they must not be among it.
    assert "could not be written (file too large)" in refused(process)
    assert list(tmp_path.iterdir()) == []
