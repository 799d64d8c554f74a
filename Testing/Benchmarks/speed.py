"""The benchmark's speed part: methods and peers in turn on one scan."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from LungSegmentationLib.registry import BEST_CLASSICAL
from run_method import MethodRun, run_method
from table_files import markdown_table, write_csv

COLUMNS = ("method", "runs", "median_s", "fastest_s", "slowest_s", "times_default_method", "peak_memory_mb", "error")


def bench_speed(scan_folder: Path, keys: Sequence[str], repeats: int, output: Path) -> None:
    """Run the methods and peers in turn, so that a busy minute touches all; print, and write ``speed.csv``.

    Parameters
    ----------
    scan_folder : pathlib.Path
        A scan saved by :func:`run_method.save_scan`.
    keys : sequence of str
        Methods and peers.
    repeats : int
        Runs of each.
    output : pathlib.Path
        Folder of the table.
    """
    runs: dict[str, list[MethodRun]] = {key: [] for key in keys}
    for _ in range(repeats):
        for key in keys:
            runs[key].append(run_method(key, scan_folder))
            print(f"{key}: {runs[key][-1].engine_s:.2f} s, {runs[key][-1].peak_memory_mb:.0f} MB", flush=True)
    rows = []
    for key, those in runs.items():
        seconds = [run.engine_s for run in those]
        # The ratio is taken round by round, because the load of a shared machine drifts.
        ratios = [run.engine_s / ours.engine_s for run, ours in zip(those, runs.get(BEST_CLASSICAL.key, []), strict=False)]
        figures = (statistics.median(seconds), min(seconds), max(seconds), statistics.median(ratios) if ratios else None)
        rounded = (None if figure is None else round(figure, 2) for figure in figures)
        rows.append(
            dict(zip(COLUMNS, (key, repeats, *rounded, round(max(run.peak_memory_mb for run in those)), those[-1].error), strict=True))
        )
    print(f"\n{markdown_table(COLUMNS, rows)}")
    write_csv(output / "speed.csv", COLUMNS, rows)
