"""Inputs that are wrong: each read right or refused in one line, in this process; some in a real process with little memory."""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from malformed.all_formats import FORMATS
from malformed.readers import command_words, read, run_here

from LungSegmentationLib.errors import LungSegmentationError
from LungSegmentationLib.tables.table_files import workbook_name
from malformed import RIGHT, Malformed, Scan, valid_scan

LIBRARY = Path(__file__).resolve().parents[2] / "LungSegmentation"
CASES = {f"{title}: {case.name}": case for title, cases in FORMATS.items() for case in cases}
FEWEST = 170
# One of each way to ask for more than there is; the interpreter and its libraries alone take up 1 GB of addresses.
HARSH = (
    "NIfTI: declares what packed zeros hold",
    "NIfTI: packed zeros behind",
    "NRRD: declares less than packed zeros hold",
    "MetaImage: NDims 2147483647",
    "no files: a pipe as ct",
    "network cards: a loop without end",
    "network cards: a network that takes 3 GB",
)
MOST_ADDRESSES = 1_500_000_000
MOST_PROCESSOR_SECONDS, MOST_SECONDS = 10, 300


@pytest.fixture(scope="module")
def scan(tmp_path_factory) -> Scan:
    return valid_scan(tmp_path_factory.mktemp("valid"))


def test_there_are_enough_and_none_is_hidden_by_another():
    assert len(CASES) == sum(len(cases) for cases in FORMATS.values()) >= FEWEST


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_input_is_read_right_or_refused_in_one_line(name: str, scan: Scan, tmp_path: Path, capsys) -> None:
    case = CASES[name]
    given = case.make(tmp_path, scan)
    if isinstance(given, list):
        status = run_here(given)
        line = capsys.readouterr().err
        assert (status, line.count("\n")) == (2, 1)
    else:
        line = outcome(case, given, scan)
    if case.expected == RIGHT:
        assert line == RIGHT
    else:
        assert re.search(case.expected, line), line
        assert not re.search("ITK|0x[0-9a-f]{4}|Traceback|Errno", line)
        assert len(line) < 1000 + 2 * len(str(tmp_path))


def outcome(case: Malformed, given: Path, scan: Scan) -> str:
    """Give RIGHT, or the line that refuses the input."""
    try:
        return RIGHT if read(case.kind, given, scan) else "read, but not like the valid file"
    except LungSegmentationError as error:
        return " ".join(str(error).split())


def little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_PROCESSOR_SECONDS, MOST_PROCESSOR_SECONDS))


@pytest.mark.parametrize("name", HARSH)
def test_the_real_command_refuses_in_little_memory_and_time(name: str, scan: Scan, tmp_path: Path) -> None:
    case = CASES[name]
    (tmp_path / "input").mkdir()
    words = command_words(case.kind, case.make(tmp_path / "input", scan), scan, tmp_path / "out")
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY), "ORT_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-m", "LungSegmentationLib", *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, preexec_fn=little_memory, timeout=MOST_SECONDS)
    assert done.returncode == 2, done.stderr
    assert re.fullmatch(rf"lungsegmentation: error: [^\n]*({case.expected})[^\n]*\n", done.stderr), done.stderr
    assert not (tmp_path / "out").exists()


def test_the_workbook_of_a_scan_with_a_long_name_has_a_name_that_file_systems_hold():
    for name in ("肺" * 80, "n" * 300, "𠮷" * 62):
        assert 20 < len(os.fsencode(workbook_name(name))) <= 255


def test_a_limit_that_the_user_raises_is_kept(scan: Scan, tmp_path: Path, monkeypatch) -> None:
    case = CASES["NIfTI: declares more than packed zeros hold"]
    path = case.make(tmp_path, scan)
    monkeypatch.setenv("LUNGSEGMENTATION_MEMORY_LIMIT_GB", "0.1")
    assert "over the limit of 0.1 GB" in outcome(case, path, scan)
    monkeypatch.setenv("LUNGSEGMENTATION_MEMORY_LIMIT_GB", "1")
    assert "cut short" in outcome(case, path, scan)
    monkeypatch.setenv("LUNGSEGMENTATION_MEMORY_LIMIT_GB", "much")
    assert "give a number of GB" in outcome(case, path, scan)
