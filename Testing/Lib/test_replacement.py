"""A result that replaces another one: killed at any step, cut off while that is undone, or raced by others."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from LungSegmentationLib.errors import OutputError
from LungSegmentationLib.output import replacement
from LungSegmentationLib.output.atomic_folder import atomic_folder
from LungSegmentationLib.output.run_lock import LOCK_NAME, run_lock
from LungSegmentationLib.tables.table_files import table_names

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("a.txt", "b.txt", "last.txt")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def _listing(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def _write(folder: Path, text: str, names=NAMES, **options) -> None:
    with atomic_folder(folder, names, overwrite=True, **options) as staging:
        for name in names() if callable(names) else names:
            (staging / name).write_text(text)


def _killed_before(folder: Path, call: str, number: int) -> None:
    """Replace the folder's result in another process, which kills itself before its n-th call of a kind."""
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from LungSegmentationLib.output.atomic_folder import atomic_folder\n"
        "left = [int(sys.argv[3])]\n"
        "def count(event, arguments):\n"
        "    if event == sys.argv[2]:\n"
        "        left[0] -= 1\n"
        "        if left[0] == 0:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "names = ('a.txt', 'b.txt', 'last.txt')\n"
        "with atomic_folder(Path(sys.argv[1]), names, overwrite=True) as staging:\n"
        "    for name in names:\n"
        "        (staging / name).write_text('new')\n"
        "    sys.addaudithook(count)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "LungSegmentation")}
    run = subprocess.run([sys.executable, "-c", program, str(folder), call, str(number)], env=environment, timeout=60)
    assert run.returncode == -signal.SIGKILL


def test_no_kill_and_no_other_run_loses_or_mixes_a_result():
    """The command of ``make kills``, with fewer rounds: every change of the file system, random moments, four at once."""
    command = [sys.executable, ROOT / "Testing" / "Benchmarks" / "lost_results.py"]
    options = ["--kills", 25, "--rounds", 30, "--line-step", 0, "--followers", 1]
    run = subprocess.run([str(word) for word in (*command, *options)], capture_output=True, encoding="utf-8", timeout=300)
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    assert run.stdout.endswith("nothing was lost\n")
    kills = [int(count) for count in re.findall(r"kills (\d+)", run.stdout)]
    assert len(kills) == 3 and min(kills) >= 25  # it did kill
    assert re.search(r"then old [1-9].*then old [1-9].*then old [1-9]", run.stdout, re.DOTALL)
    assert re.search(r"then new [1-9]", run.stdout)


def test_the_old_result_comes_back_for_a_run_that_is_refused(tmp_path):
    _write(tmp_path, "old")
    _killed_before(tmp_path, "os.rename", 6)  # the journal, three old files, one new one
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new" and not (tmp_path / "last.txt").exists()
    with pytest.raises(OutputError, match="already holds"), atomic_folder(tmp_path, NAMES):
        pytest.fail("the work began")
    assert _listing(tmp_path) == dict.fromkeys(NAMES, "old")


def test_a_first_result_that_was_cut_off_goes(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    _killed_before(tmp_path, "os.rename", 3)  # the journal, one new file
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "new"
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path, NAMES):
        raise ZeroDivisionError
    assert _listing(tmp_path) == {"mine.txt": "mine"}


def test_a_workbook_that_comes_back_is_replaced_too(tmp_path):
    """Its name depends on the scan, so it is only known once the earlier result is whole again."""
    scans = ("first", "second")
    for scan in scans[:1]:
        _write(tmp_path, scan, names=lambda: table_names(tmp_path, scan))  # noqa: B023  called at once
    staging = tmp_path / ".lungsegmentation-unfinished-x"
    (staging / "replaced").mkdir(parents=True)
    os.replace(tmp_path / "first_measures.xlsx", staging / "replaced" / "first_measures.xlsx")
    (staging / "replacing.json").write_text(json.dumps({"new": [], "old": ["first_measures.xlsx"]}))
    with atomic_folder(tmp_path, lambda: table_names(tmp_path, scans[1]), overwrite=True) as made:
        (made / "second_measures.xlsx").write_text("second")
    assert _listing(tmp_path) == {"second_measures.xlsx": "second"}


@pytest.mark.parametrize(
    "journal", ["", "[]", '{"new": []}', '{"new": ["../mine.txt"], "old": []}', '{"new": [""], "old": []}', '{"new": 3, "old": []}']
)
def test_a_damaged_journal_is_said_and_nothing_is_touched(tmp_path, journal):
    folder = tmp_path / "out"
    staging = folder / ".lungsegmentation-unfinished-x"
    (staging / "replaced").mkdir(parents=True)
    (tmp_path / "mine.txt").write_text("mine")
    (staging / "replaced" / "a.txt").write_text("old")
    (staging / "replacing.json").write_text(journal)
    with pytest.raises(OutputError, match="move them back by hand"), atomic_folder(folder, NAMES, overwrite=True):
        pytest.fail("the work began")
    assert (staging / "replaced" / "a.txt").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_second_interruption_while_files_are_put_back_loses_nothing(tmp_path, monkeypatch):
    _write(tmp_path, "old")
    rename, calls = os.replace, []

    def interrupt(source, target):
        rename(source, target)
        calls.append(target)
        if len(calls) in (3, 5):  # the journal and two old files have moved; then one of them is back
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        _write(tmp_path, "new")
    monkeypatch.undo()
    assert len(calls) == 5
    with pytest.raises(OutputError, match="already holds"), atomic_folder(tmp_path, NAMES):
        pytest.fail("the work began")
    assert _listing(tmp_path) == dict.fromkeys(NAMES, "old")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_files_that_cannot_be_put_back_are_kept(tmp_path):
    _write(tmp_path, "old")
    _killed_before(tmp_path, "os.rename", 4)
    (staging,) = tmp_path.glob(".*-unfinished-*")
    (staging / "replaced").chmod(0o500)
    try:
        with pytest.raises(OutputError, match="move them back by hand"), atomic_folder(tmp_path, NAMES):
            pytest.fail("the work began")
    finally:
        (staging / "replaced").chmod(0o700)
    with pytest.raises(OutputError, match="already holds"), atomic_folder(tmp_path, NAMES):
        pytest.fail("the work began")
    assert _listing(tmp_path) == dict.fromkeys(NAMES, "old")


def test_every_file_is_on_the_disk_before_the_first_one_moves(tmp_path, monkeypatch):
    steps = []
    flush, rename = replacement._flush, os.replace
    monkeypatch.setattr(replacement, "_flush", lambda path: (steps.append(("flush", path.name)), flush(path)))
    monkeypatch.setattr(os, "replace", lambda source, target: (steps.append(("move", Path(target).name)), rename(source, target)))
    _write(tmp_path / "out", "new")
    journal = steps.index(("move", "replacing.json"))
    assert {name for kind, name in steps[:journal] if kind == "flush"} == {*NAMES, "replacing.part"}
    assert steps.index(("flush", "out")) > max(steps.index(("move", name)) for name in NAMES)


def test_a_lock_that_cannot_be_made_is_an_error_with_the_reason(tmp_path):
    (tmp_path / LOCK_NAME).mkdir()
    with pytest.raises(OutputError, match=r"cannot be written \(is a directory\); give a folder"), run_lock(tmp_path):
        pytest.fail("there is no lock")


def test_a_lock_whose_file_was_removed_is_no_lock(tmp_path):
    """Its holder removes the file; who opened it just before must not take itself for the only run."""
    with run_lock(tmp_path):
        (tmp_path / LOCK_NAME).unlink()
        with run_lock(tmp_path), pytest.raises(OutputError, match="another run"), run_lock(tmp_path):
            pytest.fail("two runs hold the folder")
    assert list(tmp_path.iterdir()) == []
