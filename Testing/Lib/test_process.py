"""The command as a process among others: streams that are closed, full or broken, Ctrl-C at any moment, names and memory."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from LungSegmentationLib.commands import exit_status as cli_status
from LungSegmentationLib.commands import terminal as cli_common
from LungSegmentationLib.errors import InputError, OutputError
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom

LIBRARY = Path(__file__).resolve().parents[2] / "LungSegmentation"
MODULE = f'"{sys.executable}" -m LungSegmentationLib'

posix = pytest.mark.skipif(os.name == "nt", reason="shells and signals are POSIX's")


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(LIBRARY), "PYTHONUNBUFFERED": "", **more}


def _shell(line: str, **options) -> subprocess.CompletedProcess:
    environment = options.pop("env", _environment())
    return subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, encoding="utf-8", timeout=240, **options)


def _is_one_line(errors: str) -> bool:
    return errors.startswith("lungsegmentation: error: ") and errors.count("\n") == 1


@pytest.fixture(scope="module")
def scan(tmp_path_factory) -> Path:
    """Give a folder with a scan and its labels, under names that would steer a terminal."""
    folder = tmp_path_factory.mktemp("scan")
    phantom = make_phantom(shape_zyx=(30, 48, 48), spacing_zyx_mm=(10.0, 7.3, 7.3), seed=2)
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "ct.nii.gz")
    write_nifti(phantom.labels, phantom.volume, folder / "labels.nii.gz")
    return folder


# --- streams


@posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("streams", "status", "errors"),
    [
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        (">&- 2>&- <&-", 0, ""),
        (">/dev/full", 2, "the standard output could not be written (no space left on device)"),
        (">/dev/full 2>/dev/full", 2, ""),
        ("2>/dev/full", 0, ""),
    ],
)
def test_a_stream_that_takes_nothing_is_no_traceback(streams, status, errors, unbuffered):
    done = _shell(f"{MODULE} --help {streams}", env=_environment(PYTHONUNBUFFERED=unbuffered))
    assert (done.returncode, errors in done.stderr) == (status, True)
    assert done.stderr == "" if not errors else _is_one_line(done.stderr)


@posix
@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", ">&- 2>&-"])
def test_an_error_that_nobody_can_read_is_still_the_exit_status(streams):
    done = _shell(f"{MODULE} segment no-such-file.nii --output {os.devnull}/x {streams}")
    assert (done.returncode, done.stderr) == (2, "")


@posix
def test_a_reader_that_goes_away_is_no_error():
    done = _shell(f"({MODULE} methods; echo status $? >&2) | head -c 5")
    assert (done.stdout, done.stderr) == ("netwo", "status 0\n")
    done = _shell(f"({MODULE} --help; echo status $? >&2) | true")
    assert done.stderr == "status 0\n"


@posix
def test_a_result_is_whole_also_where_its_summary_finds_no_reader(scan, tmp_path):
    """With all streams closed, no file of the result may get the number of one of them, and a library's words with it."""
    words = f'"{scan}/ct.nii.gz" "{scan}/labels.nii.gz"'
    full = _shell(f'{MODULE} measure {words} --output "{tmp_path}/full" >/dev/full')
    assert full.returncode == 2 and "standard output" in full.stderr and _is_one_line(full.stderr)
    closed = _shell(f'{MODULE} measure {words} --output "{tmp_path}/closed" >&- 2>&- <&-')
    assert closed.returncode == 0
    for name in ("volumes.csv", "density.csv", "measures.json"):
        assert (tmp_path / "full" / name).read_bytes() == (tmp_path / "closed" / name).read_bytes()


@pytest.mark.parametrize(("given", "threads"), [(None, "1"), ("3", "3")])
def test_linear_algebra_has_one_thread_unless_the_user_wants_more(given, threads):
    program = (
        "import os; from LungSegmentationLib.commands import main as cli, process\n"
        "cli.main = lambda **_: print(os.environ['OPENBLAS_NUM_THREADS'])\n"
        "process.main()\n"
    )
    environment = _environment(**({} if given is None else {"OPENBLAS_NUM_THREADS": given}))
    if given is None:
        environment.pop("OPENBLAS_NUM_THREADS", None)  # of these tests
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == threads + "\n"


# --- Ctrl-C


@posix
@pytest.mark.parametrize("number", [1, 15, 100, 300, 600])
def test_ctrl_c_while_packages_are_imported_ends_quietly(scan, tmp_path, number):
    """It comes at the n-th import after the first line of ours, in the middle of packages that make other errors of it."""
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from LungSegmentationLib.commands.process import main\n"
        "seen = 0\n"
        "def press(event, arguments):\n"
        "    global seen\n"
        "    if event == 'import':\n"
        "        seen += 1\n"
        f"        if seen == {number} and signal.getsignal(signal.SIGINT) is not signal.default_int_handler:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "        elif signal.getsignal(signal.SIGINT) is signal.default_int_handler:\n"
        "            seen -= 1\n"
        "sys.addaudithook(press)\n"
        "sys.exit(main())\n"
    )
    words = ["segment", scan / "ct.nii.gz", "--output", tmp_path / "out", "--no-report", "--no-vessels"]
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)], env=_environment(), capture_output=True, encoding="utf-8", timeout=240
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr == "" or (_is_one_line(done.stderr) and cli_status.STOPPED in done.stderr)
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.parametrize("command", [["-m", "LungSegmentationLib"], ["lungsegmentation"], ["other.py"]], ids=lambda words: words[-1])
def test_ctrl_c_is_heeded_from_the_packages_first_line_on_and_left_alone_in_other_programs(tmp_path, command):
    """The package's second import presses it; a program of another name keeps what Python does."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def press(event, arguments):\n"
        "    if event == 'import' and arguments[0] == 'LungSegmentationLib.network.telemetry':\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.addaudithook(press)\n"
    )
    for name in ("lungsegmentation", "other.py"):
        (tmp_path / name).write_text("from LungSegmentationLib.commands.process import main\nmain()\n")
    environment = _environment(PYTHONPATH=os.pathsep.join([str(tmp_path), str(LIBRARY)]))
    done = subprocess.run([sys.executable, *command, "--help"], env=environment, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert done.stdout == ""
    if command == ["other.py"]:
        assert done.returncode == -signal.SIGINT and "KeyboardInterrupt" in done.stderr
    else:
        assert (done.returncode, done.stderr) == (130, "")


@posix
def test_ctrl_c_has_one_exit_status_also_in_code_that_is_made_of_a_text():
    """Python ends itself by the signal where it came up in ``exec`` of a text, whatever was made of it later."""
    program = (
        "import os, signal, sys\n"
        "from LungSegmentationLib.commands import main as cli, process\n"
        "from LungSegmentationLib.commands.exit_status import exit_status\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def work():\n"
        "    exec('import os, signal; os.kill(os.getpid(), signal.SIGINT)')\n"
        "cli.main = lambda was_interrupted: exit_status(work, was_interrupted)\n"
        "sys.exit(process.main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=_environment(), capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (130, f"lungsegmentation: error: {cli_status.STOPPED}\n")


def test_ctrl_c_counts_whatever_a_library_made_of_it(capsys):
    def work():
        raise ImportError("numpy could not be loaded")

    assert cli_status.exit_status(work, was_interrupted=lambda: True) == 130
    assert capsys.readouterr().err == f"lungsegmentation: error: {cli_status.STOPPED}\n"


@posix
def test_a_signal_that_the_caller_ignores_stays_ignored(tmp_path):
    """So do shells with commands in the background, and nohup."""
    program = (
        "import signal, sys\n"
        "from LungSegmentationLib.commands import main as cli, process\n"
        "cli.main = lambda **_: print(*(signal.getsignal(n) is signal.SIG_IGN for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)))\n"
        "process.main()\n"
    )

    def ignore():
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    done = subprocess.run([sys.executable, "-c", program], env=_environment(), capture_output=True, encoding="utf-8", preexec_fn=ignore)
    assert done.stdout == "True False True\n", done.stderr


# --- names


@posix
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["segment", "CT", "--output", ""], "the path is empty"),
        (["segment", "", "--output", "OUT"], "the path is empty"),
        (["measure", "CT", "", "--output", "OUT"], "the path is empty"),
        (["evaluate", "CT", "CT", "--ct", "", "--output", "OUT"], "the path is empty"),
        (["evaluate-cohort", "", "--output", "OUT"], "the path is empty"),
        (["phantom", "--output", ""], "the path is empty"),
        (["segment", "CT", "--output", "x" * 256], "a name of 256 bytes"),
        (["segment", "CT", "--output", "胸" * 90], "a name of 270 bytes"),
        (["segment", "x" * 300 + ".nii", "--output", "OUT"], "a name of 304 bytes"),
        (["phantom", "--output", "/".join(["x" * 200] * 25)], "5024 in all"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_paths_that_no_file_can_have_are_refused(scan, tmp_path, monkeypatch, capsys, words, said):
    from LungSegmentationLib.commands import main as cli

    monkeypatch.chdir(tmp_path)
    assert cli.main([{"CT": str(scan / "ct.nii.gz"), "OUT": "out"}.get(word, word) for word in words]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and _is_one_line(shown.err) and said in shown.err
    assert len(shown.err) < 400
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_scan_whose_name_fills_the_file_system_is_measured(scan, tmp_path):
    long = tmp_path / ("胸" * 82 + ".nii.gz")  # 253 bytes
    long.symlink_to(scan / "ct.nii.gz")
    done = _shell(f'{MODULE} measure "{long}" "{scan}/labels.nii.gz" --output "{tmp_path}/out"')
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("胸*_measures.xlsx"))) == 1


@posix
def test_control_characters_of_names_do_not_reach_the_terminal(scan, tmp_path):
    steering = "\x1b]0;owned\x07\x1b[2J\x9b1m\u202enn\r\nlungsegmentation: fine"
    named = tmp_path / f"{steering}.nii.gz"
    named.symlink_to(scan / "ct.nii.gz")
    outs = [tmp_path / f"out{steering}", tmp_path / "out"]
    runs = [
        ["measure", named, scan / "labels.nii.gz", "--output", outs[0]],
        ["measure", named, scan / "labels.nii.gz", "--output", outs[0]],  # refused: it holds a result
        ["measure", scan / "ct.nii.gz", named, "--output", outs[1], steering],  # refused: a word too many
        ["measure", tmp_path / f"no{steering}.nii.gz", named, "--output", outs[1]],
    ]
    for number, words in enumerate(runs):
        command = [sys.executable, "-m", "LungSegmentationLib", *map(str, words)]
        done = subprocess.run(command, env=_environment(), capture_output=True, timeout=240)
        assert done.returncode == (2 if number else 0), done.stderr
        told = (done.stdout + done.stderr).decode()
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", told), told
        assert not re.search("^lungsegmentation: fine", told, re.MULTILINE)
        assert (b"\\x1b]0;owned\\x07" in done.stdout) if number == 0 else _is_one_line(done.stderr.decode())


@pytest.mark.parametrize("text", ["plain", "Müller 胸部 é", "emoji 👩‍⚕️", "می‌خواهم"])
def test_other_letters_are_shown_as_they_are(text):
    assert cli_common.shown(text) == text


# --- memory, and what nobody thought of


def test_want_of_memory_says_what_was_needed(capsys):
    assert cli_status.exit_status(lambda: np.empty(1 << 50, np.float32) and None) == 2
    line = capsys.readouterr().err
    assert _is_one_line(line) and "Unable to allocate 4.00 PiB" in line and re.search(r"\d\.\d GB were in use", line)


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("Exception thrown in SimpleITK ImageFileReader_Execute: Failed to allocate memory for image.")]
)
def test_want_of_memory_of_compiled_code_is_said_as_such(capsys, error):
    def work():
        raise error

    assert cli_status.exit_status(work) == 2
    line = capsys.readouterr().err
    assert _is_one_line(line) and "there is not enough memory (" in line


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="a limit of memory binds on Linux")
def test_a_run_that_gets_too_little_memory_ends_in_one_line(tmp_path):
    volume = make_phantom(shape_zyx=(30, 48, 48), spacing_zyx_mm=(10.0, 7.3, 7.3)).volume
    tall = np.repeat(np.repeat(volume.voxels_hu, 20, axis=0), 6, axis=1)
    write_nifti(tall, volume, tmp_path / "ct.nii.gz")
    write_nifti((tall < -500).astype(np.uint8), volume, tmp_path / "labels.nii.gz")
    words = ["measure", tmp_path / "ct.nii.gz", tmp_path / "labels.nii.gz", "--output", tmp_path / "out"]
    program = (
        "import resource, sys\n"
        "import numpy, scipy.ndimage, SimpleITK, pydicom, xlsxwriter\n"
        "from LungSegmentationLib.commands import process\n"
        "from LungSegmentationLib.io import label_maps, scans\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (20 << 20),) * 2)\n"
        "sys.exit(process.main())\n"
    )
    command = [sys.executable, "-c", program, *map(str, words)]
    done = subprocess.run(command, env=_environment(OPENBLAS_NUM_THREADS="1"), capture_output=True, encoding="utf-8", timeout=240)
    assert done.returncode == 2 and done.stdout == "", done.stderr
    assert _is_one_line(done.stderr) and "memory" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (InputError("the scan\nis none"), 2, "error: the scan is none\n"),
        (OutputError("the disk is full"), 2, "error: the disk is full\n"),
        (PermissionError(13, "Permission denied", "/x/y"), 2, "error: /x/y: permission denied"),
        (KeyError("x"), 1, "a fault of this program: KeyError: 'x'"),
        (RecursionError("maximum recursion depth exceeded"), 1, "a fault of this program: RecursionError"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_other_error_is_one_line(capsys, error, status, said):
    def work():
        raise error

    assert cli_status.exit_status(work) == status
    line = capsys.readouterr().err
    assert _is_one_line(line) and said in line
