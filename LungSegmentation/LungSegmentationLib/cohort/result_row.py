"""The figures of one scan in one row, taken from the files of its result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..measurement.limits import LOW_ATTENUATION_HU, PERCENTILES
from ..tables.rows import Cell, Column

_LUNGS = (("right_lung", "Right lung"), ("left_lung", "Left lung"), ("both_lungs", "Both lungs"))
_DENSITY = (
    ("mean_hu", "mean density", "HU", 2),
    ("sd_hu", "SD of density", "HU", 2),
    *((f"p{percent:02d}_hu", f"percentile {percent}", "HU", 1) for percent in PERCENTILES),
    *((f"laa{-hu}_percent", f"below {hu} HU", "%", 2) for hu in LOW_ATTENUATION_HU),
    ("high_percent", "from -600 to -250 HU", "%", 2),
    ("mass_g", "mass", "g", 1),
)
_AIRWAYS = (
    ("volume_ml", "Airways volume", "mL", 2),
    ("trachea_length_mm", "Trachea length", "mm", 1),
    ("mean_mm2", "Mean tracheal area", "mm²", 1),
)
_VESSELS = (("total_ml", "vessels (TBV)", "mL", 2), ("below_5_mm2_ml", "small vessels (BV5)", "mL", 2))
_SCANNER = (
    ("manufacturer", "Manufacturer", ""),
    ("kernel", "Kernel", ""),
    ("slice_thickness_mm", "Slice thickness", "mm"),
    ("contrast_agent", "Contrast medium", ""),
)
_TIMES = ("Reading", "Measuring", "Writing")

FIGURES: tuple[Column, ...] = (
    Column("format", "Format"),
    Column("size", "Columns × rows × slices"),
    Column("spacing_mm", "Voxel size", "mm"),
    Column("orientation", "Orientation"),
    *(Column(key, title, unit) for key, title, unit in _SCANNER),
    Column("method", "Method"),
    *(Column(f"{lung}_volume_ml", f"{name} volume", "mL", 2) for lung, name in _LUNGS),
    *(Column(f"{lung}_{key}", f"{name} {title}", unit, digits) for lung, name in _LUNGS for key, title, unit, digits in _DENSITY),
    *(Column(f"airways_{key}", title, unit, digits) for key, title, unit, digits in _AIRWAYS),
    *(Column(f"{lung}_{key}", f"{name} {title}", unit, digits) for lung, name in _LUNGS[:2] for key, title, unit, digits in _VESSELS),
    Column("verdict", "Quality"),
    Column("coverage", "Coverage"),
    Column("flags", "Flags that do not pass"),
    Column("uncertainty", "Uncertainty", "", 4),
    Column("warnings", "Warnings"),
    Column("segmenting_s", "Segmenting", "s", 2),
    *(Column(f"{step.lower()}_s", step, "s", 2) for step in _TIMES),
)
"""What is taken from a result's own files."""


def result_row(folder: Path) -> dict[str, Cell]:
    """Take the figures of a result.

    Parameters
    ----------
    folder : pathlib.Path
        With ``summary.json`` and ``measures.json``.

    Returns
    -------
    dict of str to (str, float or None)
        By the keys of :data:`FIGURES`; what the files do not hold is None.
    """
    summary, tables = _read(folder / "summary.json"), _read(folder / "measures.json").get("tables", {})
    row: dict[str, Cell] = {column.key: None for column in FIGURES}
    if summary:
        row |= _of_summary(summary)
    density = {entry["region"]: entry for entry in _rows(tables, "density")}
    vessels = {entry["lung"]: entry for entry in _rows(tables, "vessels")}
    for lung, name in _LUNGS:
        row[f"{lung}_volume_ml"] = density.get(name, {}).get("volume_ml")
        row |= {f"{lung}_{key}": density.get(name, {}).get(key) for key, *_ in _DENSITY}
        row |= {f"{lung}_{key}": vessels[name].get(key) for key, *_ in _VESSELS if name in vessels}
    for entry in _rows(tables, "airways"):
        row |= {f"airways_{key}": entry.get(key) for key, *_ in _AIRWAYS}
    return {column.key: row[column.key] for column in FIGURES}


def _of_summary(summary: Mapping[str, Any]) -> dict[str, Cell]:
    given, quality, times = summary["input"], summary["quality"], summary["timings_s"]
    standing_out = [flag["key"] for flag in quality["flags"] if flag["verdict"] != "pass"]
    return {
        "format": given["format"],
        "size": " × ".join(str(size) for size in given["size_columns_rows_slices"]),
        "spacing_mm": " × ".join(f"{size:.4g}" for size in given["spacing_columns_rows_slices_mm"]),
        "orientation": given["orientation"],
        **{key: _plain(given.get(key)) for key, *_ in _SCANNER},
        "method": summary["method"],
        "verdict": quality["verdict"],
        "coverage": quality["coverage"],
        "flags": "; ".join(standing_out),
        "uncertainty": summary["uncertainty"],
        "warnings": " | ".join(summary["warnings"]),
        "segmenting_s": sum(seconds for step, seconds in times.items() if step not in _TIMES),
        **{f"{step.lower()}_s": times.get(step) for step in _TIMES},
    }


def _plain(value: Any) -> Cell:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _rows(tables: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return list(tables.get(key, {}).get("rows", ()))


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
