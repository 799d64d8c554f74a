"""The whole command on one scan of 512 x 512 x 300 voxels, step by step: ``python Testing/Benchmarks/whole_command.py --output DIR``.

Each way is run as a process of its own, in turn, so that a busy minute touches all. ``whole_command.csv`` holds the medians: wall time,
processor time of the process and its children (which a busy machine inflates less), peak memory, and the steps of ``summary.json``; and
the machine's load (processes that want a core; with more of them than cores, wall times say little).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom
from table_files import markdown_table, write_csv

ROOT = Path(__file__).resolve().parents[2]
SHAPE_ZYX, SPACING_ZYX_MM = (300, 512, 512), (1.1, 0.72, 0.72)
WAYS = {
    "as it is": [],
    "no vessels": ["--no-vessels"],
    "no vessels, report, viewer": ["--no-vessels", "--no-report", "--no-viewer"],
}
COLUMNS = (
    "way",
    "runs",
    "load",
    "wall_s",
    "processor_s",
    "peak_memory_mb",
    "reading_s",
    "segmenting_s",
    "vessels_s",
    "measuring_s",
    "writing_s",
)
_VESSELS, _AROUND = "Finding the vessels", ("Reading", "Measuring", "Writing")


def main() -> None:
    """Run, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--output", type=Path, required=True, help="folder of whole_command.csv")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as name:
        scan = Path(name) / "scan.nii.gz"
        phantom = make_phantom(shape_zyx=SHAPE_ZYX, spacing_zyx_mm=SPACING_ZYX_MM, seed=1)
        write_nifti(phantom.volume.voxels_hu, phantom.volume, scan)
        del phantom
        for _ in range(options.repeats):
            for way, words in WAYS.items():
                runs[way].append(run_command(scan, Path(name) / "out", words))
                print(f"{way}: {runs[way][-1]}", flush=True)
    rows = []
    for way, those in runs.items():
        medians = {key: round(statistics.median(run[key] for run in those), 2) for key in those[0]}
        rows.append({"way": way, "runs": len(those), **medians, "peak_memory_mb": round(medians["peak_memory_mb"])})
    print(f"\n{markdown_table(COLUMNS, rows)}")
    write_csv(options.output / "whole_command.csv", COLUMNS, rows)


def run_command(scan: Path, output: Path, words: list[str]) -> dict[str, float]:
    """Run the command and give its figures."""
    import resource

    command = [sys.executable, "-m", "LungSegmentationLib", "segment", str(scan), "--output", str(output), "--overwrite", "--quiet", *words]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT / "LungSegmentation")})
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the command ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    steps = json.loads((output / "summary.json").read_text(encoding="utf-8"))["timings_s"]
    return {
        "load": os.getloadavg()[0],
        "wall_s": wall_s,
        "processor_s": processor_s,
        "peak_memory_mb": usage.ru_maxrss / 1024,
        "reading_s": steps["Reading"],
        "segmenting_s": sum(seconds for step, seconds in steps.items() if step not in (*_AROUND, _VESSELS)),
        "vessels_s": steps.get(_VESSELS, 0.0),
        "measuring_s": steps["Measuring"],
        "writing_s": steps["Writing"],
    }


if __name__ == "__main__":
    main()
