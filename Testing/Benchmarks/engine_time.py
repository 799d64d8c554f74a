"""Time the engine, reading and writing apart, on a phantom of 512 x 512 x 300 voxels.

    python engine_time.py --output FOLDER [--runs N] [--method KEY ...]

Prints the median, fastest and slowest of several runs in fresh processes with their peak memory, and
writes ``FOLDER/engine_time.csv``.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.registry import METHODS
from measured_run import run_measured

SHAPE_ZYX, SPACING_ZYX_MM = (300, 512, 512), (1.1, 0.75, 0.75)
COLUMNS = ("method", "runs", "median_s", "fastest_s", "slowest_s", "peak_memory_mb")

# The voxels alone are 150 MB, the interpreter with its packages some 100 MB: both are in the peak memory.
_ENGINE = """
import json, sys
import numpy as np
from LungSegmentationLib import segment
from LungSegmentationLib.volume import CtVolume
volume = CtVolume(np.load(sys.argv[1]), tuple(json.loads(sys.argv[2])))
result = segment(volume, sys.argv[3])
open(sys.argv[4], "w").write(json.dumps(sum(result.timings_s.values())))
"""


def main() -> None:
    """Time every method and write the table."""
    parser = argparse.ArgumentParser(description="Time the engine on a phantom of 512 x 512 x 300 voxels.")
    parser.add_argument("--output", type=Path, required=True, help="folder for engine_time.csv")
    parser.add_argument("--runs", type=int, default=5, help="runs of each method, default 5")
    parser.add_argument("--method", action="append", choices=[method.key for method in METHODS], help="only this method (may be repeated)")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        voxels, report = Path(temporary) / "voxels.npy", Path(temporary) / "report.json"
        np.save(voxels, make_phantom(shape_zyx=SHAPE_ZYX, spacing_zyx_mm=SPACING_ZYX_MM).volume.voxels_hu)
        for method in arguments.method or [method.key for method in METHODS]:
            seconds, peaks_mb = [], []
            for _ in range(arguments.runs):
                run = run_measured([sys.executable, "-c", _ENGINE, str(voxels), json.dumps(SPACING_ZYX_MM), method, str(report)])
                seconds.append(float(json.loads(report.read_text())))
                peaks_mb.append(run.peak_memory_mb)
            figures = (statistics.median(seconds), min(seconds), max(seconds))
            rows.append((method, arguments.runs, *(round(figure, 2) for figure in figures), round(max(peaks_mb))))
            print(*(f"{column}={value}" for column, value in zip(COLUMNS, rows[-1], strict=True)), flush=True)
    arguments.output.mkdir(parents=True, exist_ok=True)
    with (arguments.output / "engine_time.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
