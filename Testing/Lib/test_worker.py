"""The engine in a process of its own: real processes that segment, measure, compare, export, and say what went wrong."""

from dataclasses import replace

import numpy as np
import pytest
from worker_process import Worker, run

from LungSegmentationLib.background.jobs import CompareJob, ExportJob, Job
from LungSegmentationLib.background.protocol import LOG_NAME, read_outcome, remove_job, write_job
from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.errors import InputError, ModelError
from LungSegmentationLib.evaluation.comparison import compare_labels, difference_masks
from LungSegmentationLib.measures import measure
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.segmentation import Segmentation


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(40, 64, 64), spacing_zyx_mm=(7.5, 5.5, 5.5), seed=1, orientation="AIR")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


def assert_same_result(actual: Segmentation, expected: Segmentation):
    np.testing.assert_array_equal(actual.labels, expected.labels)
    assert actual.labels.dtype == np.uint8
    if expected.vessels is None:
        assert actual.vessels is None
    else:
        np.testing.assert_array_equal(actual.vessels, expected.vessels)
    for name in ("method", "parameters", "warnings", "vessel_rule", "method_reason", "uncertainty"):
        assert getattr(actual, name) == getattr(expected, name), name
    assert list(actual.timings_s) == list(expected.timings_s)


@pytest.mark.parametrize("job", [*({"method": method.key} for method in METHODS), {"vessels": True, "airways": False}], ids=str)
def test_worker_gives_what_the_engine_gives_in_this_process(phantom, folder, job):
    steps = []
    job = Job(replace(phantom.volume, warnings=("two slices were filled in",)), **job)
    try:
        expected, expected_measures = job.run(lambda _, text: steps.append(text))
    except ModelError as error:
        pytest.skip(f"the network is not at hand: {error}")
    messages, status = run(job, folder)
    result, measures = run_all(read_outcome(job, folder))
    assert_same_result(result, expected)
    assert measures == expected_measures
    assert result.volume is job.volume and result.warnings[0] == "two slices were filled in"
    assert (result.vessels is not None) == job.vessels
    assert set(measures.tables) >= {"volumes", "slices", "density", "airways", "quality"} and measures.flags

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
    measured = Segmentation(phantom.volume, phantom.labels, "edited by hand")
    measures = measure(measured)
    (tmp_path / "files").mkdir()
    job = ExportJob(measured, measures, tmp_path / "files", ("csv", "html", "segmentation"), rendering=False)
    messages, status = run(job, folder)
    names = run_all(read_outcome(job, folder))
    assert status == 0 and {m.get("text") for m in messages} >= {"Writing tables", "Writing the report"}
    assert sorted(names) == sorted(path.name for path in (tmp_path / "files").iterdir())
    assert set(names) == {f"{key}.csv" for key in measures.tables} | {"report.html"}, "the segmentation is Slicer's to write"
    table = measures.tables["volumes"]
    lines = (tmp_path / "files" / "volumes.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + len(table.rows) and lines[1].startswith(str(table.rows[0]["region"]))
    assert "edited by hand" in (tmp_path / "files" / "report.html").read_text(encoding="utf-8")


def test_given_labels_are_measured_and_not_segmented_again(phantom, folder):
    edited = phantom.labels.copy()
    edited[:, :, :27] = 0
    vessels = (edited == 2).astype(np.uint8) * 2
    job = Job(phantom.volume, "edited by hand", labels=edited, vessel_labels=vessels)
    run(job, folder)
    for name in ("labels", "vessels"):
        assert not (folder / f"outcome.{name}.npy").exists(), "who gave the labels has them"
    result, measures = run_all(read_outcome(job, folder))
    assert result.labels is edited and result.vessels is vessels
    assert measures == measure(Segmentation(phantom.volume, edited, "edited by hand", vessels=vessels))
    assert result.method == "edited by hand" and "vessels" in measures.tables


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "magic"},
        {"parameters": {"no_such_parameter": 1}},
        {"vessel_rule": "guess"},
        {"labels": np.zeros((2, 2, 2), np.uint8)},
        {"labels": np.zeros((40, 64, 64), np.int32)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_the_user_can_mend_is_one_sentence_and_status_2(phantom, folder, wrong):
    job = Job(phantom.volume, **wrong)
    with pytest.raises(InputError) as raised:
        job.run()
    messages, status = run(job, folder)
    assert messages[-1] == {"error": "input", "message": str(raised.value)} and status == 2
    assert (folder / LOG_NAME).read_text(encoding="utf-8") == "" and not (folder / "outcome.json").exists()


def test_anything_else_is_status_1_with_the_traceback_in_the_log(phantom, folder):
    with Worker(folder) as worker:
        run_all(write_job(Job(phantom.volume), folder))
        with (folder / "job.voxels.npy").open("r+b") as voxels:
            voxels.truncate(1000)
        worker.start()
        messages, status = worker.messages(), worker.process.wait(10)
    assert status == 1 and messages[-1]["error"] == "ValueError" and messages[-1]["message"]
    log = (folder / LOG_NAME).read_text(encoding="utf-8")
    assert log.startswith("Traceback") and "read_job" in log


def test_what_libraries_print_goes_to_the_log(phantom, folder):
    program = (
        "import os, sys\n"
        "from LungSegmentationLib.background import worker\n"
        "from LungSegmentationLib.background.jobs import Job\n"
        "def noisy(job, progress, work=Job.run):\n"
        "    os.write(1, b'noise of a library\\n'); print('and of Python', flush=True)\n"
        "    assert sys.stdin.read() == ''\n"
        "    return work(job, progress)\n"
        "Job.run = noisy\n"
        "sys.exit(worker.main())"
    )
    with Worker(folder, "-c", program) as worker:
        run_all(write_job(Job(phantom.volume), folder))
        worker.start()
        messages = worker.messages()
    assert messages[-1] == {"done": True}
    log = (folder / LOG_NAME).read_text(encoding="utf-8")
    assert log.startswith("noise of a library\nand of Python\n") and "the network compact runs by ONNX Runtime" in log
