"""Give every wrong input of the tests to the command, each in a process with 10 s and 1.5 GB, and write the table of what came of it."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from limited_process import Outcome, run_limited
from table_files import markdown_table

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "LungSegmentation"), str(ROOT / "Testing" / "Lib")]
MOST_SECONDS, MOST_MEMORY_GB = 10, 1.5
COLUMNS = ("format", "inputs", "right", "refused with one line", "anything else", "worst s", "worst MB")
_NAME = "malformed.md"
_ABOUT = """\
# Inputs that are wrong on purpose

Written by `make malformed`: each input of `Testing/Lib/malformed` was given to `lungsegmentation` (segment, measure, evaluate or
evaluate-cohort) in a process of its own with {seconds} s of processor time and {memory:g} GB of addresses. The processes share the
libraries that their parent has loaded, which takes a command some 1.5 s more. "Right" is exit status 0 where the input can be read in one
way only; "refused" is exit status 2 and one line that says what the test expects. Worst s is processor time; worst MB is resident memory.

"""


@dataclass
class _Row:
    inputs: int = 0
    right: int = 0
    refused: int = 0
    seconds: float = 0.0
    memory_mb: float = 0.0


def main() -> int:
    """Run the inputs; the exit status is 1 where any came to anything else than what is expected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "Testing" / "Baselines", help="folder for malformed.md")
    parser.add_argument("--format", help="only inputs of this format; writes no table")
    options = parser.parse_args()
    import onnxruntime  # noqa: F401  the children share what is loaded here
    import xlsxwriter  # noqa: F401
    from malformed.all_formats import FORMATS

    from LungSegmentationLib import measures, pipeline  # noqa: F401
    from malformed import dicom_ct, dicom_rtstruct, dicom_seg, valid_scan

    dicom = {"DICOM CT": dicom_ct.CASES, "DICOM SEG": dicom_seg.CASES, "DICOM RTSTRUCT": dicom_rtstruct.CASES}
    warnings.simplefilter("ignore")
    rows: dict[str, _Row] = {}
    with tempfile.TemporaryDirectory() as folder:
        scan = valid_scan(Path(folder))
        for title, cases in {**FORMATS, **dicom}.items():
            if options.format in (None, title):
                rows[title] = _Row()
                for case in cases:
                    _run(title, case, scan, rows[title])
                print(f"{title}: {rows[title]}", flush=True)
    table = [dict(zip(COLUMNS, (title, *_cells(row)), strict=True)) for title, row in (*rows.items(), ("all", _sum(list(rows.values()))))]
    text = markdown_table(COLUMNS, table)
    print(text)
    if options.format is None:
        about = _ABOUT.format(seconds=MOST_SECONDS, memory=MOST_MEMORY_GB)
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / _NAME).write_text(about + text, encoding="utf-8")
    return int(any(row["anything else"] for row in table))


def _run(title, case, scan, row: _Row) -> None:
    from malformed.readers import command_words, run_here

    from malformed import RIGHT

    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "input"
        inputs.mkdir()
        words = command_words(case.kind, case.make(inputs, scan), scan, Path(folder) / "out")
        done = run_limited(lambda: run_here(words), MOST_SECONDS, MOST_MEMORY_GB)
    row.inputs += 1
    row.seconds, row.memory_mb = max(row.seconds, done.processor_seconds), max(row.memory_mb, done.peak_memory_mb)
    if case.expected == RIGHT and done.status == 0 and not done.output:
        row.right += 1
    elif case.expected != RIGHT and _is_one_line(done) and re.search(case.expected, done.output):
        row.refused += 1
    else:
        print(f"{title}: {case.name}: exit status {done.status}, {case.expected!r} expected: {done.output[-600:]}", flush=True)


def _is_one_line(done: Outcome) -> bool:
    return done.status == 2 and done.output.startswith("lungsegmentation: error: ") and done.output.count("\n") == 1


def _cells(row: _Row) -> tuple[object, ...]:
    other = row.inputs - row.right - row.refused
    return row.inputs, row.right, row.refused, other, round(row.seconds, 1), round(row.memory_mb)


def _sum(rows: list[_Row]) -> _Row:
    counts = (sum(getattr(row, key) for row in rows) for key in ("inputs", "right", "refused"))
    return _Row(*counts, seconds=max(row.seconds for row in rows), memory_mb=max(row.memory_mb for row in rows))


if __name__ == "__main__":
    sys.exit(main())
