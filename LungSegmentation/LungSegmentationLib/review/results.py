"""The results in a folder: what its sub-folders say of themselves, each as one row."""

from __future__ import annotations

import base64
import io
import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, system_reason
from ..output.viewer import VIEWER_NAME, labels_hash
from . import limits

SUMMARY_NAME, LABELS_NAME, REPORT_NAME, OVERVIEW_NAME = "summary.json", "labels.nii.gz", "report.html", "overview.png"
_SIGNS_OF_A_RESULT = (SUMMARY_NAME, "measures.json", REPORT_NAME)
_DEEPEST = 3
_START_BYTES = 60_000  # of a viewer, with its thumbnail
_THUMBNAIL = re.compile(rb'<meta name="thumbnail" content="(data:image/jpeg;base64,[A-Za-z0-9+/=]+)">')
_THUMBNAIL_PIXELS = (150, 110)
_SIDE_PANEL_SHARE = 0.8


@dataclass(frozen=True)
class Result:
    """One result.

    Parameters
    ----------
    scan : str
        The folder's path below the reviewed one, with slashes.
    input_name : str
        What the scan was called; with size and spacing it tells whether two results are of one scan.
    verdict, coverage, method : str
        Empty where not known.
    findings : tuple of str
        Titles of the checks of quality and coverage that do not pass; what is only noted about the scan is in its report.
    right_ml, left_ml, volume_ml, mean_hu, uncertainty : float or None
        The volume and the mean density are those of both lungs.
    labels : str
        Hash of the label map; empty where there is none.
    error : str
        Why the result cannot be read; empty where it can.
    has_viewer, has_report : bool
    thumbnail : str
        Address that holds a small JPEG; empty where there is no picture.
    geometry : str
        Size and spacing of the scan.
    """

    scan: str
    input_name: str = ""
    verdict: str = ""
    coverage: str = ""
    method: str = ""
    findings: tuple[str, ...] = ()
    right_ml: float | None = None
    left_ml: float | None = None
    volume_ml: float | None = None
    mean_hu: float | None = None
    uncertainty: float | None = None
    labels: str = ""
    error: str = ""
    has_viewer: bool = False
    has_report: bool = False
    thumbnail: str = ""
    geometry: str = ""


def find_results(folder: Path) -> list[Result]:
    """Read the results below a folder.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    list of Result
        By name. A folder without a readable summary is one with an error.

    Raises
    ------
    InputError
        When the folder is none, is itself a result, or holds no result.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; give the folder whose sub-folders hold the results")
    if (folder / SUMMARY_NAME).is_file():
        raise InputError(f"{folder} is itself one result ({SUMMARY_NAME}); give the folder above it, or open its {VIEWER_NAME}")
    results = [read_result(path, path.relative_to(folder).as_posix()) for path in _result_folders(folder)]
    if not results:
        raise InputError(f"{folder} holds no results; give a folder whose sub-folders were written by lungsegmentation segment")
    return sorted(results, key=lambda result: result.scan)


def read_result(path: Path, scan: str) -> Result:
    """Read what one folder says; what is wrong with it becomes its error."""
    shown = {
        "has_viewer": (path / VIEWER_NAME).is_file(),
        "has_report": (path / REPORT_NAME).is_file(),
        "thumbnail": _thumbnail(path),
        "labels": labels_hash(path / LABELS_NAME) if (path / LABELS_NAME).is_file() else "",
    }
    try:
        return Result(scan, **_facts(_summary(path / SUMMARY_NAME)), **shown)  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "it is damaged"
        return Result(scan, error=f"{SUMMARY_NAME} cannot be read: {reason}", **shown)  # type: ignore[arg-type]


def _result_folders(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        path = Path(place)
        depth = len(path.relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if depth < _DEEPEST else []
        if depth and any(name in files for name in _SIGNS_OF_A_RESULT):
            yield path


def _summary(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        content = file.read(limits.LARGEST_SUMMARY_BYTES + 1)
    if len(content) > limits.LARGEST_SUMMARY_BYTES:
        raise ValueError(f"{path.name} is too large")
    return dict(json.loads(content))


def _facts(summary: dict[str, Any]) -> dict[str, Any]:
    given, quality, regions = summary["input"], summary["quality"], summary["regions"]
    both = regions["both_lungs"]
    return {
        "input_name": _text(given["file_name"]),
        "geometry": _text(
            f"{given.get('size_columns_rows_slices')} {given.get('spacing_columns_rows_slices_mm')} {given.get('series_uid')}"
        ),
        "verdict": _text(quality["verdict"]),
        "coverage": _text(quality["coverage"]),
        "findings": tuple(_text(flag["title"]) for flag in quality["flags"] if flag["verdict"] != "pass" and flag["kind"] != "note"),
        "method": _text(summary["method"]),
        "right_ml": _number(regions["right_lung"]["volume_ml"]),
        "left_ml": _number(regions["left_lung"]["volume_ml"]),
        "volume_ml": _number(both["volume_ml"]),
        "mean_hu": _number(both["mean_hu"]),
        "uncertainty": _number(summary["uncertainty"]),
    }


def _text(value: object) -> str:
    return str(value)[: limits.LONGEST_NAME_COUNT]


def _number(value: object) -> float | None:
    if value is None:
        return None
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        raise ValueError(f"{value} is no finite number")
    return number


def _thumbnail(path: Path) -> str:
    """Take the small picture from the viewer, or shrink the overview."""
    try:
        with (path / VIEWER_NAME).open("rb") as file:
            found = _THUMBNAIL.search(file.read(_START_BYTES))
        if found:
            return found[1].decode("ascii")
    except OSError:
        pass  # there is none
    try:
        return _shrunk(path / OVERVIEW_NAME)
    except (OSError, ValueError):
        return ""


def _shrunk(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").crop((0, 0, round(picture.width * _SIDE_PANEL_SHARE), picture.height))
    small.thumbnail(_THUMBNAIL_PIXELS)
    buffer = io.BytesIO()
    small.save(buffer, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
