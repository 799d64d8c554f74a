"""The summary of a run as JSON: what went in, what was done, what came out. No patient identity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ..quality.flag import coverage_verdict, quality_verdict
from ..segmentation import Segmentation
from ..version import __version__
from ..volume import CtVolume, canonical_order

if TYPE_CHECKING:
    from ..measures import Measures

# Only these facts about the source are passed on: a folder's path, for one, may hold a patient's name.
_SOURCE_KEYS = ("format", "modality", "series_uid", "manufacturer", "kernel", "slice_thickness_mm", "contrast_agent")


def write_summary(
    result: Segmentation,
    measures: Measures,
    timings_s: Mapping[str, float],
    path: Path,
) -> None:
    """Write ``summary.json``.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    timings_s : mapping
        Seconds spent in each step of the whole run, in order.
    path : pathlib.Path
        The file.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    summary = {
        "software": "LungSegmentation",
        "version": __version__,
        "input": describe_input(result.volume),
        "method": result.method,
        "method_reason": result.method_reason,
        "parameters": dict(result.parameters),
        "region_of_interest": result.region and asdict(result.region),
        "regions": {
            measure.key: {key: value for key, value in asdict(measure).items() if key not in ("key", "name")}
            for measure in measures.volumes
        },
        "vessel_rule": result.vessel_rule,
        "uncertainty": result.uncertainty,
        "quality": {
            "verdict": quality_verdict(measures.flags),
            "coverage": coverage_verdict(measures.flags),
            "flags": [asdict(flag) for flag in measures.flags],
        },
        "timings_s": {step: round(seconds, 3) for step, seconds in timings_s.items()},
        "warnings": list(result.warnings),
    }
    path.write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def describe_input(volume: CtVolume) -> dict[str, object]:
    """Say which scan went in: file name, size, spacing, orientation, and what a DICOM header says of series, scanner and contrast."""
    slices, rows, columns = volume.voxels_hu.shape
    z_mm, y_mm, x_mm = volume.spacing_zyx_mm
    source_path = volume.source.get("path")
    return {
        "file_name": PurePath(str(source_path)).name if source_path else volume.name,
        "size_columns_rows_slices": [columns, rows, slices],
        "spacing_columns_rows_slices_mm": [x_mm, y_mm, z_mm],
        "orientation": orientation_code(volume),
        **{key: volume.source.get(key) for key in _SOURCE_KEYS},
    }


def orientation_code(volume: CtVolume) -> str:
    """Name the directions in which columns, rows and slices run, such as ``LPS`` or ``RAS``.

    Each letter is the side of the patient towards which the index grows: left, right, posterior,
    anterior, superior or inferior; in an oblique scan the nearest one.
    """
    order = canonical_order(volume.direction_lps)
    letters = [""] * 3
    for input_axis, flipped, (towards, away) in zip(order.axes, order.flipped, (("S", "I"), ("P", "A"), ("L", "R")), strict=True):
        letters[2 - input_axis] = away if flipped else towards
    return "".join(letters)
