"""The benchmark's growth part: time per voxel of one chest in ever thinner slices."""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from LungSegmentationLib.volume import CtVolume
from run_method import run_method, save_scan
from table_files import markdown_table, write_csv

SLICE_COUNTS = (40, 80, 150, 300, 600, 1000, 1500)
MOST_GROWTH = 1.25
COLUMNS = ("method", "slices", "million_voxels", "runs", "median_s", "ns_per_voxel", "ns_over_lowest", "peak_memory_mb", "bytes_per_voxel")


def with_slices(volume: CtVolume, count: int) -> CtVolume:
    """Take the nearest of the volume's slices at ``count`` even distances over the same height."""
    slices = volume.voxels_hu.shape[0]
    nearest = np.minimum(((np.arange(count) + 0.5) * slices / count).astype(int), slices - 1)
    z, y, x = volume.spacing_zyx_mm
    return dataclasses.replace(volume, voxels_hu=volume.voxels_hu[nearest], spacing_zyx_mm=(z * slices / count, y, x))


def bench_growth(volume: CtVolume, keys: Sequence[str], repeats: int, output: Path, slice_counts: Sequence[int] = SLICE_COUNTS) -> None:
    """Time the methods on scans from few slices to many; print, and write ``growth.csv``.

    Parameters
    ----------
    volume : CtVolume
        The chest.
    keys : sequence of str
        Methods.
    repeats : int
        Runs of each method on each size.
    output : pathlib.Path
        Folder of the table.
    slice_counts : sequence of int
        Slices of each size, growing.
    """
    rows: list[dict[str, object]] = []
    for count in slice_counts:
        with tempfile.TemporaryDirectory() as temporary:
            scan = with_slices(volume, count)
            save_scan(scan, Path(temporary))
            voxels = scan.voxels_hu.size
            del scan
            for key in keys:
                runs = [run_method(key, Path(temporary)) for _ in range(repeats)]
                failed = [run.error for run in runs if run.error]
                if failed:
                    raise SystemExit(f"{key} failed on {count} slices: {failed[0]}")
                median_s, peak_mb = statistics.median(run.engine_s for run in runs), max(run.peak_memory_mb for run in runs)
                ns_per_voxel = round(median_s / voxels * 1e9, 1)
                lowest = min([float(str(row["ns_per_voxel"])) for row in rows if row["method"] == key] + [ns_per_voxel])
                figures = (round(median_s, 2), ns_per_voxel, round(ns_per_voxel / lowest, 2))
                memory = (round(peak_mb), round(peak_mb * 2**20 / voxels, 1))
                rows.append(dict(zip(COLUMNS, (key, count, round(voxels / 1e6, 1), repeats, *figures, *memory), strict=True)))
                print(*(f"{name}={value}" for name, value in rows[-1].items()), flush=True)
    print(f"\n{markdown_table(COLUMNS, rows)}")
    for key in keys:
        growth = max(float(str(row["ns_over_lowest"])) for row in rows if row["method"] == key)
        verdict = "within" if growth <= MOST_GROWTH else "NOT within"
        print(f"{key}: time per voxel rises to {growth:.2f} times the lowest of any smaller scan: {verdict} {MOST_GROWTH}")
    write_csv(output / "growth.csv", COLUMNS, rows)
