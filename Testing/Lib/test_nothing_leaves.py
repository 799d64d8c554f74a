"""Nothing leaves the computer: no process of ours opens a socket or asks a name server, or writes where it was not told to."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from no_sockets import KILLED, forbid_sockets, why_not

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.background.protocol import START, write_job
from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.registry import METHODS

ROOT = Path(__file__).resolve().parents[2]
HAS_NETWORK = find_spec("onnxruntime") is not None

needs_filter = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(40, 64, 64), spacing_zyx_mm=(7.5, 5.5, 5.5), seed=1)


@pytest.fixture(scope="module")
def scan(phantom, tmp_path_factory):
    """Give a folder with a scan, its labels, and a list with both."""
    folder = tmp_path_factory.mktemp("scan")
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "ct.nii.gz")
    write_nifti(phantom.labels, phantom.volume, folder / "truth.nii.gz")
    (folder / "pairs.csv").write_text("name,result,reference,ct\na,truth.nii.gz,truth.nii.gz,ct.nii.gz\n")
    return folder


@pytest.fixture
def place(tmp_path):
    """Give a home, a current folder and a temporary folder, all empty, and the environment that names them and no more."""
    for name in ("home", "here", "temporary"):
        (tmp_path / name).mkdir()
    return tmp_path


def _environment(place: Path) -> dict[str, str]:
    # Not this process's own: on machines that build software ONNX Runtime sends nothing, and a switch that is set already
    # would hide that nobody sets it.
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    own = {"HOME": place / "home", "TMPDIR": place / "temporary", "PYTHONPATH": ROOT / "LungSegmentation", "PYTHONDONTWRITEBYTECODE": 1}
    return {**kept, **{name: str(value) for name, value in own.items()}}


def _run(place: Path, *words: object, **options) -> subprocess.CompletedProcess:
    command = [str(word) for word in words]
    options = {"env": _environment(place), "cwd": place / "here", "capture_output": True, "timeout": 240, **options}
    return subprocess.run(command, **options)


def _assert_empty(place: Path) -> None:
    for name in ("home", "here", "temporary"):
        assert list((place / name).rglob("*")) == [], name


@needs_filter
def test_the_filter_ends_whoever_opens_a_socket_or_asks_a_name_server(place):
    asks = "import ctypes; ctypes.CDLL(None).getaddrinfo(b'events.example', b'443', None, ctypes.byref(ctypes.c_void_p()))"
    for program in (
        "import socket; socket.socket()",
        asks,
        f"import subprocess as s, sys; sys.exit(s.call([sys.executable, '-c', {asks!r}]))",
    ):
        ended = _run(place, sys.executable, "-c", program, preexec_fn=lambda: forbid_sockets(but_local=True)).returncode
        assert ended in (KILLED, 256 + KILLED), program


@needs_filter
@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["methods"],
        ["phantom", "--output", "OUT"],
        ["segment", "ct.nii.gz", "--output", "OUT", "--no-vessels", "--scene"],
        ["measure", "ct.nii.gz", "truth.nii.gz", "--output", "OUT"],
        ["evaluate", "truth.nii.gz", "truth.nii.gz", "--ct", "ct.nii.gz", "--output", "OUT"],
        ["evaluate-cohort", "pairs.csv", "--output", "OUT"],
        ["segment", "no such file.nii.gz", "--output", "OUT"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_command_opens_no_socket_and_writes_into_its_output_alone(scan, place, words):
    if "--scene" in words and not _scene_writer_is_installed():
        words = [word for word in words if word != "--scene"]
    before = {path: path.stat().st_mtime_ns for path in scan.iterdir()}
    words = [scan / word if (scan / word).is_file() else place / "out" if word == "OUT" else word for word in words]
    segments = words[0] == "segment" and "no such file.nii.gz" not in words
    trace = _trace(place) if segments else []
    done = _run(place, *trace, sys.executable, "-m", "LungSegmentationLib", *words, preexec_fn=forbid_sockets)
    assert done.returncode == (2 if "no such file.nii.gz" in words else 0), (done.returncode, done.stderr)
    _assert_empty(place)
    assert {path: path.stat().st_mtime_ns for path in scan.iterdir()} == before
    if segments and HAS_NETWORK:
        assert json.loads((place / "out" / "summary.json").read_text(encoding="utf-8"))["method"] == METHODS[0].key  # ONNX Runtime ran
    if trace:
        _check_trace(place)


def _trace(place: Path) -> list[object]:
    """Give the words that let strace note which files are changed, compiled code included; none where it is not installed."""
    calls = "trace=openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,socket"
    words = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", calls, "-o", place / "trace"]
    if shutil.which("strace") is None or _run(place, *words, sys.executable, "-c", "").returncode:
        return []
    return words


def _check_trace(place: Path) -> None:
    lines = [line for line in (place / "trace").read_text(errors="replace").splitlines() if "= -1 " not in line]
    assert not [line for line in lines if "socket(" in line]
    changing = [line for line in lines if re.search(r"O_WRONLY|O_RDWR|O_CREAT|mkdir|rename|unlink|creat\(", line)]
    written = {path for line in changing for path in re.findall(r'"([^"]*)"', line)}
    own = str(place / "out")
    assert any(path.startswith(own) for path in written)  # it did look
    # Files in a folder that is open are noted by their names alone.
    elsewhere = {
        path for path in written if path.startswith("/") and not path.startswith((own, str(place / "temporary"), "/dev/", "/proc/"))
    }
    assert elsewhere == set()


def _scene_writer_is_installed() -> bool:
    from LungSegmentationLib.commands.segment import find_scene_writer
    from LungSegmentationLib.errors import InputError

    try:
        find_scene_writer()
    except InputError:
        return False
    return True


def test_the_command_for_many_scans_speaks_with_its_own_workers_on_this_computer_alone(scan, place):
    """Every address that Python is asked to reach or to listen at, in all processes; and by the system's calls, where strace is there."""
    pytest.importorskip("distributed", reason="the command cohort needs dask and distributed")
    watcher = """
        import os, sys

        def watch(event, arguments):
            asked = {"socket.connect": 1, "socket.bind": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
            address = asked.get(event)
            if address is not None:
                with open(os.environ["ADDRESSES"], "a") as file:
                    file.write(f"{event} {arguments[address]}\\n")

        sys.addaudithook(watch)
    """
    (place / "watcher").mkdir()
    (place / "watcher" / "sitecustomize.py").write_text(textwrap.dedent(watcher))
    environment = _environment(place)
    environment |= {"ADDRESSES": str(place / "addresses"), "PYTHONPATH": f"{place / 'watcher'}{os.pathsep}{environment['PYTHONPATH']}"}
    calls = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,bind,sendto", "-o", place / "trace"]
    has_strace = shutil.which("strace") and not _run(place, *calls, sys.executable, "-c", "").returncode
    words = ["-m", "LungSegmentationLib", "cohort", scan / "ct.nii.gz", "--output", place / "out", "--workers", "1"]
    words += ["--method", "connected-components", "--no-vessels", "--no-report"]
    done = _run(place, *(calls if has_strace else ()), sys.executable, *words, env=environment)
    assert done.returncode == 0, (done.stdout, done.stderr)
    addresses = (place / "addresses").read_text().splitlines()
    assert any(line.startswith("socket.bind ('127.0.0.1'") for line in addresses)  # it did look
    assert [line for line in addresses if "127.0.0.1" not in line] == []
    if has_strace:
        lines = (place / "trace").read_text(errors="replace").splitlines()
        assert any('inet_addr("127.0.0.1")' in line for line in lines)
        assert [line for line in lines if "AF_INET" in line and 'inet_addr("127.0.0.1")' not in line] == []
    _assert_empty(place)


@needs_filter
def test_the_process_in_the_background_opens_no_socket_and_leaves_nothing(phantom, place):
    job = place / "job"
    job.mkdir()
    run_all(write_job(Job(phantom.volume, method=METHODS[0].key if HAS_NETWORK else None), job))
    command = [sys.executable, "-m", "LungSegmentationLib.background.worker", str(job)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=_environment(place), cwd=place / "here", preexec_fn=forbid_sockets, **pipes) as worker:
        worker.stdin.write(START)
        worker.stdin.flush()
        lines = worker.stdout.read().splitlines()
        assert worker.wait(60) == 0
    assert lines[-1] == b'{"done": true}'
    _assert_empty(place)


@pytest.mark.skipif(not HAS_NETWORK, reason="ONNX Runtime is not installed")
def test_onnx_runtime_leaves_no_device_number_and_no_queue_of_events(place):
    """Its releases from 1.29 on keep both in the user's cache folder from their import on, unless they are told before."""
    program = (
        "import sys\n"
        "from LungSegmentationLib.network.model_store import find_model\n"
        "from LungSegmentationLib.network.onnx_session import open_session\n"
        "open_session(find_model('compact'), ('CPUExecutionProvider',), 1)\n"
    )
    done = _run(place, sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr
    _assert_empty(place)


@pytest.mark.parametrize("folder", ["LungSegmentation", "Training", "Testing"])
def test_onnx_runtime_is_imported_only_behind_the_switch(folder):
    """In the engine in one function; elsewhere in packages whose first line switches it off, or in tests, which begin so too."""
    importing = set()
    for path in (ROOT / folder).rglob("*.py"):
        names = [
            alias.name if isinstance(node, ast.Import) else node.module or ""
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        ]
        if any(name.split(".")[0] == "onnxruntime" for name in names):
            importing.add(path.relative_to(ROOT / folder).as_posix())
    expected = {
        "LungSegmentation": {"LungSegmentationLib/network/onnx_session.py"},
        "Training": {"export_onnx.py", "quantise.py"},
        "Testing": {"Benchmarks/malformed.py", "Lib/test_network_limits.py"},
    }
    assert importing == expected[folder]
    if folder == "Training":
        body = ast.parse((ROOT / "Training" / "__init__.py").read_text(encoding="utf-8")).body
        first = next(node for node in body if isinstance(node, (ast.Import, ast.ImportFrom)))
        assert isinstance(first, ast.Import) and first.names[0].name == "LungSegmentationLib"


def test_importing_the_package_sets_the_switch(place):
    for package in ("LungSegmentationLib", "LungSegmentationLib.background.protocol", "Training"):
        program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {package}, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
        assert _run(place, sys.executable, "-c", program).stdout.strip() == b"1"
