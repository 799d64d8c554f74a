"""A scan's own process: what it answers, and that it alone ends where it is killed, hangs or wants too much memory."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import cohort_engines
from cohort_engines import ENGINE, write_tiny_scan

from LungSegmentationLib.cohort import scan_process
from LungSegmentationLib.cohort.discovery import discover
from LungSegmentationLib.cohort.identity import run_parameters
from LungSegmentationLib.cohort.one_scan import SCANS_NAME, Task
from LungSegmentationLib.cohort.result_record import RECORD_NAME, is_whole, read_record
from LungSegmentationLib.cohort.worker import ScanServer
from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.output.run_lock import run_lock
from LungSegmentationLib.phantom import make_phantom

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
QUICK = run_parameters("connected-components", {}, vessels=False, report=False)


@pytest.fixture(scope="module")
def server():
    """Give a server of the stand-in, whose process began long ago."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(cohort_engines.HERE).parents[1] / "LungSegmentation"), cohort_engines.HERE])
    server = ScanServer(ENGINE, 1)
    yield server
    server.close()
    os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


def request(path, output, timeout_s=60.0, memory_gb=None):
    (scan,) = discover([path], output, {}).scans
    return {"task": Task(scan, str(output), QUICK).facts(), "timeout_s": timeout_s, "memory_gb": memory_gb}


def children_of(process):
    lines = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True).stdout.split()
    return [int(line) for line in lines]


def is_gone(process, seconds=5.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        state = Path(f"/proc/{process}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_scan_becomes_a_folder_that_says_of_itself_whether_it_is_whole(server, tmp_path):
    path = write_tiny_scan(tmp_path / "Miller^Ann.nii", 1)
    answer = server.run(request(path, tmp_path / "out"))
    folder = tmp_path / "out" / SCANS_NAME / answer["id"]
    record = read_record(folder)
    assert answer["status"] == "done" and is_whole(folder, record)
    assert {file.name for file in folder.iterdir()} == {"labels.nii.gz", "summary.json", RECORD_NAME}
    assert server.run(request(path, tmp_path / "out")) == {"status": "known", "id": answer["id"]}
    content = bytearray((folder / "labels.nii.gz").read_bytes())
    content[-1] ^= 1
    (folder / "labels.nii.gz").write_bytes(content)
    assert not is_whole(folder, record)
    assert server.run(request(path, tmp_path / "out")) == answer  # made again


def test_the_same_content_by_another_name_is_the_same_scan(server, tmp_path):
    write_tiny_scan(tmp_path / "a.nii", 2)
    first = server.run(request(tmp_path / "a.nii", tmp_path / "out"))
    (tmp_path / "a.nii").rename(tmp_path / "b.nii")
    assert server.run(request(tmp_path / "b.nii", tmp_path / "out")) == {"status": "known", "id": first["id"]}


def test_a_bad_scan_is_one_line_without_names_of_files(server, tmp_path):
    answer = server.run(request(write_tiny_scan(tmp_path / "Miller^Ann wrong.nii", 3), tmp_path / "out"))
    assert answer == {"status": "failed", "error": "[file] is wrong on purpose", "is_final": True}
    answer = server.run(request(write_tiny_scan(tmp_path / "broken.nii", 4), tmp_path / "out"))
    assert answer["error"].startswith("a fault of this program: KeyError") and answer["is_final"]
    assert not (tmp_path / "out").exists()  # nothing is left of them


def test_a_killed_scan_takes_nothing_with_it(server, tmp_path):
    serving = server._process.pid
    assert server.run(request(write_tiny_scan(tmp_path / "die.nii", 5), tmp_path / "out")) == {"status": "killed", "signal": 9}
    assert server.run(request(write_tiny_scan(tmp_path / "good.nii", 6), tmp_path / "out"))["status"] == "done"
    assert server._process.pid == serving and children_of(serving) == []


def test_a_scan_that_hangs_is_ended_and_the_next_one_runs(server, tmp_path):
    start = time.monotonic()
    assert server.run(request(write_tiny_scan(tmp_path / "hang.nii", 7), tmp_path / "out", 0.3)) == {"status": "timeout"}
    assert time.monotonic() - start < 5 and children_of(server._process.pid) == []
    assert server.run(request(write_tiny_scan(tmp_path / "good.nii", 8), tmp_path / "out"))["status"] == "done"


def test_a_scan_that_wants_more_memory_than_there_is_says_so(server, tmp_path):
    path = write_tiny_scan(tmp_path / "memory 1.nii", 9)
    answer = server.run(request(path, tmp_path / "out", memory_gb=0.6))
    assert answer["error"].startswith("there is not enough memory") and not answer["is_final"]
    assert server.run(request(path, tmp_path / "out"))["status"] == "done"


def test_a_folder_that_another_run_has_is_left_to_it(server, tmp_path):
    path = write_tiny_scan(tmp_path / "a.nii", 10)
    first = server.run(request(path, tmp_path / "elsewhere"))
    folder = tmp_path / "out" / SCANS_NAME / first["id"]
    folder.mkdir(parents=True)
    with run_lock(folder):
        assert server.run(request(path, tmp_path / "out")) == {"status": "busy"}
    assert server.run(request(path, tmp_path / "out")) == first


@pytest.mark.parametrize("victim", ["server", "worker"])
def test_nothing_outlives_its_master(server, tmp_path, victim):
    own = ScanServer(ENGINE, 1)
    own._process = own._start()
    serving = own._process
    serving.stdin.write(json.dumps(request(write_tiny_scan(tmp_path / "hang.nii", 11), tmp_path / "out")).encode() + b"\n")
    serving.stdin.flush()
    until = time.monotonic() + 30
    while not (scans := children_of(serving.pid)) and time.monotonic() < until:
        time.sleep(0.02)
    if victim == "server":
        os.kill(serving.pid, signal.SIGKILL)
    else:
        serving.stdin.close()  # as the end of its worker does
    assert is_gone(scans[0]) and serving.wait(5) in (0, -signal.SIGKILL)
    own._process = None
    serving.stdout.close()


def test_where_processes_cannot_be_forked_each_scan_gets_a_new_one(server, tmp_path):
    own = ScanServer(ENGINE, 1, forks=False)
    assert own.run(request(write_tiny_scan(tmp_path / "good.nii", 12), tmp_path / "out"))["status"] == "done"
    assert own.run(request(write_tiny_scan(tmp_path / "die.nii", 13), tmp_path / "out")) == {"status": "killed", "signal": 9}
    assert own.run(request(write_tiny_scan(tmp_path / "hang.nii", 14), tmp_path / "out", 3.0)) == {"status": "timeout"}
    assert own._process is None


def test_the_real_engine_gives_and_says_what_the_single_command_does(tmp_path, capsys):
    own = ScanServer(scan_process.ENGINE, 1)
    wrong = write_tiny_scan(tmp_path / "tiny.nii", 15)
    answer = own.run(request(wrong, tmp_path / "out"))
    options = ["--method", "connected-components", "--no-vessels", "--no-report"]
    assert cli.main(["segment", str(wrong), "--output", str(tmp_path / "single"), *options]) == 2
    single = capsys.readouterr().err.removeprefix("lungsegmentation: error: ").strip()
    assert answer["error"] == single.replace("tiny", "[file]")
    volume = make_phantom(shape_zyx=(40, 64, 64), spacing_zyx_mm=(7.5, 5.5, 5.5)).volume
    write_nifti(volume.voxels_hu, volume, tmp_path / "Miller^Ann.nii.gz")
    answer = own.run(request(tmp_path / "Miller^Ann.nii.gz", tmp_path / "out"))
    own.close()
    assert cli.main(["segment", str(tmp_path / "Miller^Ann.nii.gz"), "--output", str(tmp_path / "single"), *options]) == 0
    folder = tmp_path / "out" / SCANS_NAME / answer["id"]
    ours, theirs = (json.loads((path / "measures.json").read_text()) for path in (folder, tmp_path / "single"))
    assert ours["tables"] == theirs["tables"] and ours["input"] == answer["id"]
    names = {path.name.replace(answer["id"], "Miller_Ann") for path in folder.iterdir()}
    assert names == {path.name for path in (tmp_path / "single").iterdir()} | {RECORD_NAME}
    assert not [path for path in folder.iterdir() if b"Miller" in path.read_bytes()]
