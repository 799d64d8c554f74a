"""The engine in a process of its own: real processes, started, starved, killed and orphaned."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from LungSegmentationLib.errors import InputError, ModelError, OutputError
from LungSegmentationLib.evaluation.comparison import compare_labels, difference_masks
from LungSegmentationLib.jobs import CompareJob, ExportJob, Job, Outcome
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.result import Result
from LungSegmentationLib.steps import run_all
from LungSegmentationLib.tables.all_tables import all_tables
from LungSegmentationLib.volume import CtVolume
from LungSegmentationLib.worker import _sparse_progress
from LungSegmentationLib.worker_job import (
    LOG_NAME,
    START,
    parse_line,
    read_job,
    read_outcome,
    remove_job,
    write_job,
    write_outcome,
)
from LungSegmentationLib.worker_task import process_job

PACKAGES = Path(__file__).resolve().parents[2] / "LungSegmentation"
WORKER = ("-m", "LungSegmentationLib.worker")


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7), orientation="AIR")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


class Worker:
    """A worker process, its output line by line, and its end whatever the test does."""

    def __init__(self, folder: Path, *python_arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(PACKAGES)}
        with (folder / LOG_NAME).open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(python_arguments or WORKER), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
            )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        with suppress(BrokenPipeError):
            self.process.stdin.close()

    def start(self):
        self.process.stdin.write(START)
        self.process.stdin.flush()

    def messages(self):
        return [json.loads(line) for line in self.process.stdout]

    def wait_until(self, moment):
        """Read until the process is known, or has come as far as a fraction."""
        while line := self.process.stdout.readline():
            message = json.loads(line)
            if moment == "known" or message.get("fraction", -1.0) >= moment:
                return
        raise AssertionError("the worker ended before")


def run(job: Job, folder: Path):
    with Worker(folder) as worker:
        run_all(write_job(job, folder))
        worker.start()
        return worker.messages(), worker.process.wait(10)


def assert_same_outcome(actual: Outcome, expected: Outcome):
    np.testing.assert_array_equal(actual.result.labels, expected.result.labels)
    assert actual.result.labels.dtype == np.uint8
    if expected.result.vessels is None:
        assert actual.result.vessels is None
    else:
        np.testing.assert_array_equal(actual.result.vessels, expected.result.vessels)
    for name in ("method", "parameters", "warnings", "vessel_rule", "method_reason", "doubt"):
        assert getattr(actual.result, name) == getattr(expected.result, name), name
    assert list(actual.result.timings_s) == list(expected.result.timings_s)
    assert actual.tables == expected.tables
    assert actual.flags == expected.flags
    assert actual.histogram == expected.histogram


@pytest.mark.parametrize("job", [*({"method": method.key} for method in METHODS), {"vessels": True, "airways": False}], ids=str)
def test_worker_gives_what_the_engine_gives_in_this_process(phantom, folder, job):
    steps = []
    job = Job(replace(phantom.volume, warnings=("two slices were filled in",)), **job)
    try:
        expected = process_job(job, lambda _, text: steps.append(text))
    except ModelError as error:
        pytest.skip(f"the network is not at hand: {error}")
    messages, status = run(job, folder)
    outcome = run_all(read_outcome(job, folder))
    assert_same_outcome(outcome, expected)
    assert outcome.result.volume is job.volume and outcome.result.warnings[0] == "two slices were filled in"
    assert (outcome.result.vessels is not None) == job.vessels
    assert set(outcome.tables) >= {"volumes", "slices", "density", "airways", "quality"} and outcome.flags

    assert status == 0 and "pid" in messages[0] and messages[-1] == {"done": True}
    fractions = [message["fraction"] for message in messages[1:-1]]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert list(dict.fromkeys(m["text"] for m in messages[1:-1])) == list(dict.fromkeys(steps))
    remove_job(folder)
    assert not folder.exists()


def test_a_comparison_is_the_engines_own_and_its_differences_are_exact(phantom, folder):
    labels, reference = phantom.labels.copy(), phantom.labels.copy()
    labels[20:24], reference[30:33] = 0, 0
    job = CompareJob(phantom.volume, labels, reference, 3.0)
    messages, status = run(job, folder)
    compared = run_all(read_outcome(job, folder))
    assert status == 0 and messages[-2]["fraction"] == 1
    spacing, voxels = phantom.volume.spacing_zyx_mm, phantom.volume.voxels_hu
    assert compared.regions == compare_labels(labels, reference, spacing, voxels, tolerance_mm=3.0)
    for found, expected in zip((compared.missed, compared.added), difference_masks(labels, reference), strict=True):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == np.uint8 and expected.any()


def test_an_export_writes_what_it_is_given_where_it_is_told(phantom, folder, tmp_path):
    measured = process_job(Job(phantom.volume, "edited by hand", labels=phantom.labels))
    (tmp_path / "files").mkdir()
    job = ExportJob(measured, tmp_path / "files", ("csv", "html", "segmentation"), rendering=False)
    messages, status = run(job, folder)
    names = run_all(read_outcome(job, folder))
    assert status == 0 and {m.get("text") for m in messages} >= {"Writing tables", "Writing the report"}
    assert sorted(names) == sorted(path.name for path in (tmp_path / "files").iterdir())
    assert set(names) == {f"{key}.csv" for key in measured.tables} | {"report.html"}, "the segmentation is Slicer's to write"
    table = measured.tables["volumes"]
    lines = (tmp_path / "files" / "volumes.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + len(table.rows) and lines[1].startswith(str(table.rows[0]["region"]))
    assert "edited by hand" in (tmp_path / "files" / "report.html").read_text(encoding="utf-8")


def test_only_the_segmentation_where_no_measures_are_wanted(phantom, folder):
    messages, _ = run(Job(phantom.volume, measure=False), folder)
    outcome = run_all(read_outcome(Job(phantom.volume), folder))
    assert outcome.tables == {} and outcome.flags == () and outcome.result.labels.any()
    assert messages[-2] == {"fraction": 1.0, "text": "Done"}


def test_given_labels_are_measured_and_not_segmented_again(phantom, folder):
    edited = phantom.labels.copy()
    edited[:, :, :40] = 0
    vessels = (edited == 2).astype(np.uint8) * 2
    job = Job(phantom.volume, "edited by hand", labels=edited, vessel_labels=vessels)
    run(job, folder)
    assert not list(folder.glob("outcome.*.npy")), "who gave the labels has them"
    outcome = run_all(read_outcome(job, folder))
    assert outcome.result.labels is edited and outcome.result.vessels is vessels
    assert outcome.tables == all_tables(Result(phantom.volume, edited, "edited by hand", vessels=vessels))
    assert outcome.result.method == "edited by hand" and "vessels" in outcome.tables


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "magic"},
        {"parameters": {"no_such_parameter": 1}},
        {"vessel_rule": "guess"},
        {"labels": np.zeros((2, 2, 2), np.uint8)},
        {"labels": np.zeros((60, 96, 96), np.int32)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_the_user_can_mend_is_one_sentence_and_status_2(phantom, folder, wrong):
    job = Job(phantom.volume, **wrong)
    with pytest.raises(InputError) as raised:
        process_job(job)
    messages, status = run(job, folder)
    assert messages[-1] == {"error": "input", "message": str(raised.value)} and status == 2
    assert (folder / LOG_NAME).read_text() == "" and not (folder / "outcome.json").exists()


def test_anything_else_is_status_1_with_the_traceback_in_the_log(phantom, folder):
    with Worker(folder) as worker:
        run_all(write_job(Job(phantom.volume), folder))
        with (folder / "job.voxels.npy").open("r+b") as voxels:
            voxels.truncate(1000)
        worker.start()
        messages, status = worker.messages(), worker.process.wait(10)
    assert status == 1 and messages[-1]["error"] == "ValueError" and messages[-1]["message"]
    log = (folder / LOG_NAME).read_text()
    assert log.startswith("Traceback") and "read_job" in log


def test_what_libraries_print_goes_to_the_log(phantom, folder):
    program = (
        "import os, sys\n"
        "from LungSegmentationLib import worker, worker_task\n"
        "def noisy(job, progress, work=worker_task.process_job):\n"
        "    os.write(1, b'noise of a library\\n'); print('and of Python', flush=True)\n"
        "    assert sys.stdin.read() == ''\n"
        "    return work(job, progress)\n"
        "worker_task.process_job = noisy\n"
        "sys.exit(worker.main())"
    )
    with Worker(folder, "-c", program) as worker:
        run_all(write_job(Job(phantom.volume, measure=False), folder))
        worker.start()
        messages = worker.messages()
    assert messages[-1] == {"done": True}
    assert (folder / LOG_NAME).read_text() == "noise of a library\nand of Python\n"


MOMENTS = [None, "known", 0.0, 0.3]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("how", ["input closed", "terminated"])
def test_worker_ends_within_a_second_at_any_moment(phantom, folder, moment, how):
    # Python itself has to start before it can see that its input is closed.
    allowed_s = 5 if moment is None and how == "input closed" else 1
    (folder / "not ours").touch()
    with Worker(folder) as worker:
        run_all(write_job(Job(phantom.volume, vessels=moment == 0.3), folder))
        if isinstance(moment, float):
            worker.start()
        if moment is not None:
            worker.wait_until(moment)
        since = time.perf_counter()
        if how == "terminated":
            worker.process.terminate()
        else:
            worker.process.stdin.close()
        status = worker.process.wait(10)
        assert time.perf_counter() - since < allowed_s
    assert status == (-signal.SIGTERM if how == "terminated" else 1)
    left = {path.name for path in folder.iterdir()}
    assert left == {"not ours"} if how == "input closed" else "outcome.json" not in left
    remove_job(folder)
    assert {path.name for path in folder.iterdir()} == {"not ours"}


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_worker_and_its_files_do_not_outlive_a_parent_that_is_killed(phantom, folder):
    run_all(write_job(Job(phantom.volume, vessels=True), folder))
    program = (
        "import subprocess, sys, time\n"
        f"worker = subprocess.Popen([sys.executable, *{WORKER!r}, {str(folder)!r}], stdin=-1, stdout=-1)\n"
        f"worker.stdin.write({START!r}); worker.stdin.flush()\n"
        "while b'fraction' not in worker.stdout.readline(): pass\n"
        "print(worker.pid, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": str(PACKAGES)}
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
    pid = int(parent.stdout.readline())
    assert not has_ended(pid)
    parent.kill()
    parent.communicate()
    until = time.perf_counter() + 2
    while not has_ended(pid) and time.perf_counter() < until:
        time.sleep(0.01)
    assert has_ended(pid) and not folder.exists()


floats = st.floats(allow_nan=False, allow_infinity=False, width=64)


@settings(max_examples=40, deadline=None)
@given(
    origin=st.tuples(floats, floats, floats),
    spacing=st.tuples(*[st.floats(0.05, 50)] * 3),
    name=st.text(min_size=1),
    warnings=st.lists(st.text()),
    parameters=st.dictionaries(st.text(), st.booleans() | st.integers() | floats),
    wanted=st.tuples(*[st.booleans()] * 4),
    order=st.permutations(range(3)),
    with_labels=st.booleans(),
)
def test_a_job_is_read_as_it_was_written(tmp_path_factory, origin, spacing, name, warnings, parameters, wanted, order, with_labels):
    folder = tmp_path_factory.mktemp("job")
    voxels = np.arange(-1024, -1024 + 24, dtype=np.int16).reshape(2, 3, 4).transpose(order)
    volume = CtVolume(voxels, spacing, origin, np.eye(3)[list(order)], name, tuple(warnings), {"path": Path("a b"), "contrast_agent": True})
    labels = (voxels % 3).astype(np.uint8) if with_labels else None
    job = Job(volume, "threshold", parameters, *wanted[:2], None, wanted[2], wanted[3], labels)
    run_all(write_job(job, folder))
    back = read_job(folder)
    for array, expected in ((back.volume.voxels_hu, voxels), (back.volume.direction_lps, volume.direction_lps)):
        np.testing.assert_array_equal(array, expected)
    assert (back.labels is None) == (labels is None) and back.vessel_labels is None
    if labels is not None:
        np.testing.assert_array_equal(back.labels, labels)
    back.volume.voxels_hu[...] = 0  # a method may, and the file stays
    np.testing.assert_array_equal(read_job(folder).volume.voxels_hu, voxels)
    for field in ("spacing_zyx_mm", "origin_lps_mm", "name", "warnings"):
        assert getattr(back.volume, field) == getattr(volume, field)
    assert back.volume.source == {"path": "a b", "contrast_agent": True}
    for field in ("method", "parameters", "airways", "vessels", "vessel_rule", "probability", "measure"):
        assert getattr(back, field) == getattr(job, field)
    remove_job(folder)
    assert not folder.exists()


def test_a_full_disk_is_an_output_error_and_nothing_looks_finished(phantom, folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    outcome = process_job(Job(phantom.volume, measure=False))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OutputError, match=r"job\.voxels\.npy .* free some space"):
            run_all(write_job(Job(phantom.volume), folder))
        with pytest.raises(OutputError, match=r"outcome\.labels\.npy .* free some space"):
            run_all(write_outcome(outcome.parts(), folder))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(folder.glob("*.npy")) and not list(folder.glob("*.json"))
    remove_job(folder)
    assert not folder.exists()


@given(st.lists(st.tuples(st.floats(-1, 2), st.sampled_from(["a", "b"])), max_size=600))
def test_progress_never_falls_never_floods_and_loses_no_step(reports):
    sent = []
    progress = _sparse_progress(sent.append)
    for fraction, text in reports:
        progress(fraction, text)
    fractions = [message["fraction"] for message in sent]
    assert fractions == sorted(fractions)
    texts = [text for _, text in reports]
    changes = sum(text != before for before, text in zip([None, *texts], texts, strict=False))
    assert changes <= len(sent) <= changes + 401
    steps = [m["text"] for m in sent]
    assert [t for t, before in zip(steps, [None, *steps], strict=False) if t != before] == [
        t for t, before in zip(texts, [None, *texts], strict=False) if t != before
    ]
    if reports:
        assert fractions[-1] == pytest.approx(max(-1, min(1, max(f for f, _ in reports))), abs=0.006)


@pytest.mark.parametrize("line", [b"", b"Loading libraries ...", b"[1, 2]", b'"text"', b'{"fraction": 0.', b"\xff\xfe"])
def test_a_line_that_is_not_of_the_protocol_is_an_empty_message(line):
    assert parse_line(line) == {}


def test_every_part_of_a_result_survives(phantom, folder):
    shape = phantom.labels.shape
    arrays = {"labels": phantom.labels, "vessels": phantom.labels % 3, "probability": np.arange(256, dtype=np.uint8)[phantom.labels * 80]}
    plain = {
        "method": "network",
        "parameters": {"model": "compact", "threshold_hu": -400.0, "look_twice": True},
        "timings_s": {"Thinking": 1.5},
        "warnings": ("one; with ümlauts",),
        "vessel_rule": "tubularity",
        "method_reason": "because",
        "doubt": 0.125,
    }
    result = Result(volume=phantom.volume, **arrays, **plain)
    assert {field.name for field in fields(Result)} == {"volume", *arrays, *plain}
    run_all(write_outcome(Outcome(result).parts(), folder))
    back = run_all(read_outcome(Job(phantom.volume), folder)).result
    for name, array in arrays.items():
        np.testing.assert_array_equal(getattr(back, name), array)
        assert getattr(back, name).shape == shape and getattr(back, name).flags.writeable
    assert {name: getattr(back, name) for name in plain} == plain
    remove_job(folder)
    assert not folder.exists()


def test_a_table_survives_to_its_last_detail(phantom, folder):
    outcome = process_job(Job(phantom.volume))
    run_all(write_outcome(outcome.parts(), folder))
    back = run_all(read_outcome(Job(phantom.volume), folder))
    for key, table in outcome.tables.items():
        assert asdict(back.tables[key]) == asdict(table)
        assert [[type(cell) for cell in row.values()] for row in back.tables[key].rows] == [
            [type(cell) for cell in row.values()] for row in table.rows
        ]
