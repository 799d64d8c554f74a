"""Runs in another process under a real event loop: finished, failed, cancelled, killed, and through a launcher."""

import os
import resource
import signal
import stat
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.background.protocol import write_job
from LungSegmentationLib.errors import InputError, OutputError
from LungSegmentationLib.phantom import make_phantom

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("PySide6", reason="PySide6-Essentials is not installed")

# It takes some hundredths of a second; another process may have the machine meanwhile.
AT_ONCE_SECONDS = 3

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")


@pytest.fixture(scope="module")
def volume():
    return make_phantom(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7)).volume


@pytest.fixture(autouse=True)
def temporaryFolder(slicerApplication, tmp_path, monkeypatch):
    """Give the application a temporary folder, which is empty again when the test ends; no slot raised an error."""
    folder = tmp_path / "Slicer's temporary files é"
    folder.mkdir()
    monkeypatch.setattr(slicer, "app", SimpleNamespace(temporaryPath=str(folder)))
    raised = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: raised.append(error))
    yield folder
    letEventsPass(0.05)
    assert raised == []
    assert list(folder.iterdir()) == []


def letEventsPass(seconds, condition=lambda: False):
    """Run the event loop until a condition holds, for so long at most."""
    import qt

    loop, timer = qt.QEventLoop(), qt.QTimer()
    until = time.perf_counter() + seconds
    timer.connect("timeout()", lambda: loop.quit() if condition() or time.perf_counter() > until else None)
    timer.start(2)
    loop.exec()
    timer.stop()


def makeRun(*callbacks, **namedCallbacks):
    from LungSegmentationAdapter.Run.BackgroundRun import BackgroundRun  # needs qt, which the bench brings

    return BackgroundRun(*callbacks, **namedCallbacks)


class Recorder:
    """A run that writes down every callback, and may do something at one of them."""

    def __init__(self, atProgress=None):
        self.events, self.details = [], None
        self.atProgress = atProgress
        self.run = makeRun(
            self._onProgress,
            lambda outcome: self.events.append(("finished", outcome)),
            self._onFailed,
            lambda: self.events.append(("cancelled",)),
        )

    def _onProgress(self, fraction, text):
        self.events.append(("progress", fraction, text))
        if self.atProgress:
            self.atProgress(self.run, fraction)

    def _onFailed(self, message, details):
        self.events.append(("failed", message))
        self.details = details

    @property
    def kinds(self):
        return [event[0] for event in self.events]

    def finish(self, job):
        self.run.start(handing(job))
        assert self.events == []  # callbacks come from the event loop
        letEventsPass(60, lambda: not self.run.isRunning())
        assert not self.run.isRunning()
        return self.events[-1]


def handing(job):
    """Hand a job over as it is."""

    def handOver(folder):
        yield from write_job(job, folder)
        return job

    return handOver


def hasEnded(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def workersIn(folder):
    """List the processes that work on jobs in a folder, by their command lines."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "LungSegmentationLib.background.worker" in command and not hasEnded(path.name):
            found.append(int(path.name))
    return found


def makeLauncher(folder, monkeypatch, script):
    """Put a ``PythonSlicer`` on the path."""
    launcher = folder / "PythonSlicer"
    launcher.write_text(script, encoding="utf-8")
    launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def makeChildLauncher(folder, monkeypatch):
    """As Slicer's launcher does, run Python as a child and wait for it: signals to the launcher do not reach it."""
    makeLauncher(folder, monkeypatch, f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n')


def test_result_is_the_engines_own_and_progress_rises_to_its_end(volume, tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit('taken from the current folder')")
    if sys.version_info >= (3, 11):
        monkeypatch.chdir(tmp_path)
    recorder = Recorder()
    job = Job(volume, "connected-components")
    kind, (result, measures) = recorder.finish(job)
    assert kind == "finished" and set(recorder.kinds[:-1]) == {"progress"}
    expected, expected_measures = job.run()
    np.testing.assert_array_equal(result.labels, expected.labels)
    assert result.volume is volume
    assert measures == expected_measures
    fractions = [event[1] for event in recorder.events[:-1]]
    assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1
    assert {"Finding the body", "Measuring"} <= {event[2] for event in recorder.events[:-1]}


def cancelAtOnce(recorder):
    pass


def cancelWhenKnown(recorder):
    letEventsPass(10, lambda: recorder.run.workerPid)


def cancelAtWork(recorder):
    letEventsPass(10, lambda: any(event[1] > 0.1 for event in recorder.events))


def cancelWhenDoneUnheard(recorder):
    """The process ends while nobody runs the event loop."""
    letEventsPass(10, lambda: recorder.run.workerPid)
    until = time.perf_counter() + 10
    while not hasEnded(recorder.run.workerPid) and time.perf_counter() < until:
        time.sleep(0.01)
    assert recorder.run.isRunning()


@needs_proc
@pytest.mark.parametrize(
    ("moment", "launched"),
    [
        *((moment, launched) for moment in (cancelAtOnce, cancelWhenKnown, cancelAtWork) for launched in (False, True)),
        (cancelWhenDoneUnheard, False),
    ],
)
def test_cancel_leaves_nothing_at_once(volume, temporaryFolder, tmp_path, monkeypatch, moment, launched):
    if launched:
        makeChildLauncher(tmp_path, monkeypatch)
    recorder = Recorder()
    method = "connected-components" if moment is cancelWhenDoneUnheard else None
    recorder.run.start(handing(Job(volume, method, vessels=moment is cancelAtWork)))
    moment(recorder)
    # What a launcher has only just started is out of reach until Python runs and sees that its input is closed.
    allowedSeconds = 10 if launched and moment is cancelAtOnce else AT_ONCE_SECONDS
    progress = len(recorder.events)
    since = time.perf_counter()
    recorder.run.cancel()
    assert time.perf_counter() < since + AT_ONCE_SECONDS
    assert recorder.kinds[progress:] == ["cancelled"] and not recorder.run.isRunning()
    assert list(temporaryFolder.iterdir()) == []
    while workersIn(temporaryFolder) and time.perf_counter() < since + allowedSeconds:
        time.sleep(0.01)
    assert workersIn(temporaryFolder) == [] and time.perf_counter() < since + allowedSeconds
    recorder.run.cancel()
    letEventsPass(0.2)
    assert recorder.kinds[progress:] == ["cancelled"]


@needs_proc
def test_cancel_from_within_a_callback(volume, temporaryFolder):
    recorder = Recorder(lambda run, fraction: run.cancel() if fraction > 0.05 else None)
    assert recorder.finish(Job(volume)) == ("cancelled",)
    letEventsPass(0.2)
    assert recorder.kinds.count("cancelled") == 1 and recorder.kinds[-1] == "cancelled"
    assert workersIn(temporaryFolder) == []


def test_a_new_run_may_start_from_a_callback_of_the_last(volume):
    second = Recorder()
    first = makeRun(onFailed=lambda message, details: second.run.start(handing(Job(volume))))
    first.start(handing(Job(volume, method="magic")))
    letEventsPass(60, lambda: second.events and second.kinds[-1] != "progress")
    assert second.kinds[-1] == "finished"


def test_run_without_callbacks_that_nobody_keeps_cleans_up(volume, temporaryFolder):
    makeRun().start(handing(Job(volume)))
    assert list(temporaryFolder.iterdir())
    letEventsPass(60, lambda: not list(temporaryFolder.iterdir()))


@needs_proc
def test_the_worker_lets_the_window_go_before(volume):
    seen = []
    recorder = Recorder(lambda run, fraction: seen.append(os.getpriority(os.PRIO_PROCESS, run.workerPid)))
    assert recorder.finish(Job(volume))[0] == "finished"
    assert min(seen) == min(os.getpriority(os.PRIO_PROCESS, 0) + 5, 19)


@needs_proc
@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGKILL, "crashed or was killed"), (signal.SIGSEGV, "Segmentation fault")], ids=["kill", "segfault"]
)
def test_a_worker_that_dies_is_a_readable_message(volume, number, said):
    recorder = Recorder(lambda run, fraction: os.kill(run.workerPid, number))
    kind, message = recorder.finish(Job(volume, vessels=True))
    assert kind == "failed" and message.startswith("the segmentation process ended unexpectedly") and said in message + recorder.details
    assert message.startswith("the segmentation process ended unexpectedly (it crashed or was killed), perhaps for want of memory")
    assert recorder.run.workerPid and hasEnded(recorder.run.workerPid)


@needs_proc
def test_a_worker_that_dies_behind_a_launcher_is_the_same(volume, tmp_path, monkeypatch):
    makeChildLauncher(tmp_path, monkeypatch)
    recorder = Recorder(lambda run, fraction: os.kill(run.workerPid, signal.SIGKILL))
    kind, message = recorder.finish(Job(volume, vessels=True))
    assert kind == "failed" and message.startswith("the segmentation process ended unexpectedly (exit code 137)")


def test_want_of_memory_is_said_as_such(volume, tmp_path, monkeypatch):
    program = (
        "import sys, numpy; from LungSegmentationLib.background import worker; from LungSegmentationLib.background.jobs import Job; "
        "Job.run = lambda *_: numpy.ones(1 << 60, numpy.uint8); sys.exit(worker.main())"
    )
    makeLauncher(tmp_path, monkeypatch, f'#!/bin/sh\nexec "{sys.executable}" -c "{program}" "$3"\n')
    recorder = Recorder()
    assert recorder.finish(Job(volume)) == ("failed", "there is not enough memory for this scan; close other data, or crop the volume")
    assert "Unable to allocate 1.00 EiB" in recorder.details and "Unable to allocate 1.00 EiB" in recorder.run.log


@pytest.mark.parametrize("script", ["#!/no/such/python\n", "\0"], ids=["no interpreter", "no program"])
def test_a_python_that_cannot_start_is_a_message_with_its_name(volume, tmp_path, monkeypatch, script):
    makeLauncher(tmp_path, monkeypatch, script)
    kind, message = Recorder().finish(Job(volume))
    assert kind == "failed" and message.startswith(f"the segmentation process {tmp_path / 'PythonSlicer'} could not be started (")


def test_a_python_that_cannot_import_the_engine_shows_why(volume, tmp_path, monkeypatch):
    makeLauncher(tmp_path, monkeypatch, f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    recorder = Recorder()
    kind, message = recorder.finish(Job(volume))
    assert kind == "failed" and "(exit code 1)" in message and "\n" not in message and "LungSegmentationLib" in recorder.details


def test_what_the_user_can_mend_arrives_as_it_is(volume):
    recorder = Recorder()
    kind, message = recorder.finish(Job(volume, method="magic"))
    assert kind == "failed" and message.startswith("there is no method 'magic'; choose one of: ") and "\n" not in message
    assert recorder.details == "", "nothing broke down"


@needs_proc
def test_a_full_disk_is_a_message_and_nothing_goes_on(volume, temporaryFolder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    recorder = Recorder()
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        kind, message = recorder.finish(Job(volume))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kind == "failed" and message.endswith("free some space") and recorder.kinds == ["failed"]
    assert workersIn(temporaryFolder) == []


@needs_proc
def test_a_job_that_cannot_be_made_is_a_message_and_one_that_breaks_is_an_error(temporaryFolder):
    def refused(folder):
        (folder / "job.half.npy").touch()
        yield
        raise InputError("the volume is no CT")

    def broken(folder):
        yield
        raise KeyError("ours")

    refusal, accident = Recorder(), Recorder()
    refusal.run.start(refused)
    letEventsPass(5, lambda: refusal.events)
    assert refusal.events == [("failed", "the volume is no CT")] and list(temporaryFolder.iterdir()) == []
    raised, sys.excepthook = [], lambda *error: raised.append(error[0])
    accident.run.start(broken)
    letEventsPass(5, lambda: accident.events)
    assert accident.kinds == ["failed"] and "ours" in accident.details and raised == [KeyError] and workersIn(temporaryFolder) == []


@needs_proc
def test_cancel_while_the_job_is_handed_over_closes_its_steps(volume, temporaryFolder):
    turns, closed = [], []

    def endless(folder):
        try:
            while True:
                (folder / "job.voxels.npy.part").touch()
                turns.append(time.sleep(0.002))
                yield
        finally:
            closed.append(True)

    recorder = Recorder()
    recorder.run.start(endless)
    letEventsPass(5, lambda: len(turns) > 20)
    recorder.run.cancel()
    assert recorder.kinds == ["cancelled"] and closed == [True] and list(temporaryFolder.iterdir()) == []
    count = len(turns)
    letEventsPass(0.1)
    assert len(turns) == count and workersIn(temporaryFolder) == []


def test_no_temporary_folder_is_an_output_error(volume, monkeypatch, tmp_path):
    monkeypatch.setattr(slicer.app, "temporaryPath", str(tmp_path / "missing"))
    with pytest.raises(OutputError, match="missing cannot be written"):
        makeRun().start(handing(Job(volume)))


def test_a_run_is_started_once(volume):
    run = makeRun()
    run.cancel()  # nothing to do, nothing said
    run.start(handing(Job(volume)))
    with pytest.raises(RuntimeError, match="started once"):
        run.start(handing(Job(volume)))
    run.cancel()
