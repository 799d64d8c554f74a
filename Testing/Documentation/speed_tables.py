"""Tables of times and memory, as they were measured last."""

from __future__ import annotations

from accuracy import BASELINES
from table_files import markdown_table, read_csv


def speed() -> str:
    """Say how long each method takes on 512 × 512 × 300 voxels."""
    return _table(
        "speed.csv",
        {
            "method": "Method",
            "median_s": "Seconds (median)",
            "fastest_s": "fastest",
            "slowest_s": "slowest",
            "peak_memory_mb": "Peak memory (MB)",
        },
    )


def growth() -> str:
    """Say how time and memory grow with the scan."""
    return _table(
        "growth.csv",
        {
            "method": "Method",
            "million_voxels": "Million voxels",
            "median_s": "Seconds",
            "ns_per_voxel": "ns a voxel",
            "peak_memory_mb": "Peak memory (MB)",
        },
        lambda row: row["slices"] in ("40", "300", "1500"),
    )


def network_speed() -> str:
    """Compare networks by the time of one slice."""
    return _table(
        "network_speed.csv",
        {
            "network": "Network",
            "parameters": "Parameters",
            "channels_rows_columns": "Input",
            "ms_per_slice": "ms a slice",
            "times_faster_than_large_unet": "Times as fast as the large U-Net",
        },
    )


def slicer_clicks() -> str:
    """Say how long a click takes in 3D Slicer."""
    return _table(
        "slicer.csv",
        {
            "voxels_zyx": "Voxels",
            "method": "Method",
            "runs": "Runs",
            "click_to_result_s": "Click to result (s)",
            "engine_s": "of it the engine (s)",
            "longest_gap_ms": "Longest wait of the window (ms)",
            "memory_growth_mb": "Memory left behind (MB)",
        },
    )


def whole_command() -> str:
    """Say how long the whole command takes, step by step."""
    return _table(
        "whole_command.csv",
        {
            "way": "Way",
            "wall_s": "Whole (s)",
            "processor_s": "Processor time (s)",
            "reading_s": "Reading",
            "segmenting_s": "Segmenting",
            "vessels_s": "Vessels",
            "measuring_s": "Measuring, checks, trees",
            "writing_s": "Writing",
            "peak_memory_mb": "Peak memory (MB)",
            "load": "Load of the machine",
        },
    )


def review_speed() -> str:
    """Say how quickly a review of many results opens."""
    return _table(
        "review_speed.csv",
        {
            "rows": "Results",
            "find_and_write_s": "Making the page (s)",
            "open_s": "Opening it (s)",
            "first_scan_s": "First scan (s)",
            "next_scan_s": "Next scan (s)",
            "slowest_next_s": "slowest (s)",
        },
    )


def _table(name: str, titles: dict[str, str], wanted: object = None) -> str:
    rows = [row for row in read_csv(BASELINES / name) if wanted is None or wanted(row)]  # type: ignore[operator]
    return markdown_table(tuple(titles.values()), [{title: _shown(key, row[key]) for key, title in titles.items()} for row in rows])


def _shown(column: str, value: str) -> str:
    return value.replace("x", "\u00a0×\u00a0") if column in ("voxels_zyx", "channels_rows_columns") else value
