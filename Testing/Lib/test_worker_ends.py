"""The end of a worker process, at any moment: its input closed, terminated, its parent killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from worker_process import PACKAGES, WORKER, Worker

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.background.protocol import START, remove_job, write_job
from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.phantom import make_phantom


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7), orientation="AIR")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


# It takes some hundredths of a second; another process may have the machine meanwhile.
AT_ONCE_S = 3
MOMENTS = [None, "known", 0.0, 0.3]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("how", ["input closed", "terminated"])
def test_worker_ends_at_once_at_any_moment(phantom, folder, moment, how):
    # Python itself has to start before it can see that its input is closed.
    allowed_s = 10 if moment is None and how == "input closed" else AT_ONCE_S
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
        status = worker.process.wait(30)
        assert time.perf_counter() - since < allowed_s
    assert status == (-signal.SIGTERM if how == "terminated" else 1)
    left = {path.name for path in folder.iterdir()}
    assert left == {"not ours"} if how == "input closed" else "outcome.json" not in left
    remove_job(folder)
    assert {path.name for path in folder.iterdir()} == {"not ours"}


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
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
    until = time.perf_counter() + AT_ONCE_S
    while not has_ended(pid) and time.perf_counter() < until:
        time.sleep(0.01)
    assert has_ended(pid) and not folder.exists()
