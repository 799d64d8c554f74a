"""Hostile DICOM inputs: each is read right or refused in one line; nothing else comes out, in little time and memory."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from malformed.dicom_mutants import mutant
from malformed.dicom_parts import small_scan, write_body, write_outlines, write_segments

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.file_checks import MEMORY_LIMIT_VARIABLE
from LungSegmentationLib.io.label_maps import read_labels
from LungSegmentationLib.io.scans import read_ct
from malformed import RIGHT, Malformed, Scan, dicom_ct, dicom_rtstruct, dicom_seg

# Much less than a bomb's size; other tests' memory in the same process does not count.
MOST_SECONDS, MOST_MORE_GB = 10.0, 0.5
PROCESS_STATUS = Path("/proc/self/status")
CASES = [
    *(("CT", case) for case in dicom_ct.CASES),
    *(("SEG", case) for case in dicom_seg.CASES),
    *(("RTSTRUCT", case) for case in dicom_rtstruct.CASES),
]
MUTANTS = int(os.environ.get("LUNGSEGMENTATION_DICOM_MUTANTS", "35"))  # of each of the three kinds


@pytest.fixture(scope="module")
def scan() -> Scan:
    return small_scan()


def is_read_right(kind: str, path: Path, scan: Scan) -> bool:
    if kind == "ct":
        return np.array_equal(read_ct(path).voxels_hu, scan.volume.voxels_hu)
    return np.array_equal(read_labels(path, scan.volume), scan.labels)


def peak_gb() -> float:
    """The process's highest memory so far; since ``forget_peak``, where that can be done."""
    for line in PROCESS_STATUS.read_text(encoding="ascii").splitlines() if PROCESS_STATUS.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def forget_peak() -> None:
    """Take the memory of now for the highest (Linux, proc(5): clear_refs)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


@contextmanager
def within_bounds() -> Iterator[None]:
    """Processor time, which others on the machine do not change, and memory beyond what the process held before."""
    forget_peak()
    start, before = time.process_time(), peak_gb()
    yield
    assert time.process_time() - start < MOST_SECONDS
    assert peak_gb() - before < MOST_MORE_GB


def test_memory_is_measured() -> None:
    with pytest.raises(AssertionError), within_bounds():
        np.ones(int(1.1 * MOST_MORE_GB * 1e9), np.uint8)


def test_there_are_enough_inputs() -> None:
    assert len(CASES) >= 90 and len({(kind, case.name) for kind, case in CASES}) == len(CASES)


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}-{case.name}" for kind, case in CASES])
def test_a_hostile_input_is_read_right_or_refused_in_one_line(kind: str, case: Malformed, scan: Scan, tmp_path: Path) -> None:
    path = case.make(tmp_path, scan)
    with within_bounds(), warnings.catch_warnings():
        warnings.simplefilter("error")  # they would reach the terminal
        if case.expected == RIGHT:
            assert is_read_right(case.kind, path, scan)
            return
        with pytest.raises(InputError) as refused:
            is_read_right(case.kind, path, scan)
    text = str(refused.value)
    assert re.search(case.expected, text), text
    assert text.isprintable() and len(text) < 600


@pytest.mark.parametrize("write", [write_body, write_segments, write_outlines])
def test_files_changed_at_random_end_in_nothing_but_an_input_error(write, scan: Scan, tmp_path: Path) -> None:
    path = write(tmp_path, scan)
    kind = "ct" if path.is_dir() else "labels"
    for file in sorted(path.iterdir())[2:] if path.is_dir() else ():
        file.unlink()  # two slices tell as much
    target = min(path.iterdir()) if path.is_dir() else path
    content = target.read_bytes()
    for seed in range(MUTANTS):
        target.write_bytes(mutant(content, np.random.default_rng(seed)))
        with within_bounds(), warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                is_read_right(kind, path, scan)
            except InputError as error:
                assert "\n" not in str(error), seed
            except Exception as error:
                raise AssertionError(f"mutant {seed} of {target.name}") from error


def test_nesting_is_the_reason_whatever_pydicom_was_reading_when_it_went_too_deep(scan: Scan, tmp_path: Path) -> None:
    """The interpreter's limit comes up in another of its functions for each depth that it is called from."""
    path = next(case for case in dicom_rtstruct.CASES if case.name == "nested_private_3000").make(tmp_path, scan)

    def read_from(depth: int) -> None:
        read_labels(path, scan.volume) if depth == 0 else read_from(depth - 1)

    for depth in range(12):
        with pytest.raises(InputError, match="nested too deeply"):
            read_from(depth)


def test_a_folder_that_may_not_be_read_is_refused(scan: Scan, tmp_path: Path) -> None:
    """Root may read anything: the test looks with another user's eyes."""
    path = write_body(tmp_path, scan)
    (path / "more").mkdir()
    for file in sorted(path.glob("*.dcm"))[3:]:
        file.rename(path / "more" / file.name)
    for folder in (tmp_path, *tmp_path.parents[:3]):  # pytest keeps them to its user, and one of each process
        folder.chmod(0o755)
    (path / "more").chmod(0)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(65534)
        with pytest.raises(InputError, match=r"the folder more cannot be read \(Permission denied\)"):
            read_ct(path)
        with pytest.raises(InputError, match="the folder more cannot be read"):
            read_labels(path, scan.volume)
    finally:
        if is_root:
            os.seteuid(0)
        (path / "more").chmod(0o755)


def test_a_scan_over_the_memory_limit_is_refused_with_the_limit(scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_body(tmp_path, scan)
    monkeypatch.setenv(MEMORY_LIMIT_VARIABLE, "0.000001")
    with pytest.raises(
        InputError, match=rf"series is too large: its voxels need .* GB of memory, over the limit of 1e-06 GB; .*{MEMORY_LIMIT_VARIABLE}"
    ):
        read_ct(path)
    monkeypatch.setenv(MEMORY_LIMIT_VARIABLE, "much")
    with pytest.raises(InputError, match=r"the memory limit .* is 'much'; give a number"):
        read_ct(path)


@pytest.mark.parametrize(("kind", "name"), [("CT", "rows_half"), ("SEG", "fractional_of_0")])
def test_the_command_refuses_in_one_line(kind: str, name: str, scan: Scan, tmp_path: Path) -> None:
    case = next(case for of, case in CASES if of == kind and case.name == name)
    given = case.make(tmp_path, scan)
    words = ["segment", str(given)] if case.kind == "ct" else ["measure", str(write_body(tmp_path, scan)), str(given)]
    command = [sys.executable, "-m", "LungSegmentationLib", *words, "--output", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 2 and not (tmp_path / "out").exists()
    last = done.stderr.strip().splitlines()[-1]
    assert re.search(case.expected, last) and "Traceback" not in done.stderr
