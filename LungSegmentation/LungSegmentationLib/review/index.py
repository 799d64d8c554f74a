"""The page of a folder of results: a table of all scans, outliers first, that opens each scan's viewer; it works offline."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from ..errors import OutputError, output_errors
from ..version import __version__
from ..web.page import json_text, make_page
from . import limits
from .method_pairs import method_pairs
from .outliers import robust_scores
from .results import Result
from .whole_file import write_whole

INDEX_NAME, ID_NAME = "index.html", "review_id.txt"
_SCRIPTS = ("csv.js", "rating_bar.js", "rating_store.js", "review_table.js", "review_charts.js", "review.js")
_OWN = b'<meta name="generator" content="LungSegmentation review'
_START_BYTES = 4000
_SCORED = ("volume_ml", "mean_hu", "uncertainty")


def write_index(folder: Path, results: Sequence[Result]) -> Path:
    """Write ``index.html`` into a folder of results.

    Parameters
    ----------
    folder : pathlib.Path
    results : sequence of Result
        As :func:`.results.find_results` gives them.

    Returns
    -------
    pathlib.Path
        The page. An earlier one of a review is replaced.

    Raises
    ------
    OutputError
        When it cannot be written, or a page of that name is there that is none of a review.
    """
    path = folder / INDEX_NAME
    with output_errors(f"{path} could not be written", "give a folder that you may write to"):
        if os.path.lexists(path) and _OWN not in _start_of(path):
            raise OutputError(f"{path} is there already and is no page of a review; rename it")
        write_whole(path, make_index(results, review_id(folder)).encode())
    return path


def make_index(results: Sequence[Result], cohort: str) -> str:
    """Make the page.

    Parameters
    ----------
    results : sequence of Result
    cohort : str
        Random name of the folder, by which a browser keeps its ratings.

    Returns
    -------
    str
        An HTML 5 document; it holds the folders' names.
    """
    facts = {
        "cohort": cohort,
        "scans": _rows(results),
        "limit": limits.OUTLIER_SCORE,
        "pairs": _pairs(results),
    }
    policy = "frame-src 'self' file:; connect-src 'self'"
    values = {
        "version": escape(__version__),
        "facts": json_text(facts),
        "limit": f"{limits.OUTLIER_SCORE:g}",
        "share": str(limits.MAD_SHARE),
    }
    return make_page("review.html", ["review.css"], _SCRIPTS, values, policy)


def review_id(folder: Path) -> str:
    """Give a folder's random name, which is made at the first review of it and kept in ``review_id.txt``."""
    path = folder / ID_NAME
    try:
        found = re.fullmatch(r"[0-9a-f]{32}\s*", path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        found = None
    if found:
        return found[0].strip()
    new = secrets.token_hex(16)
    write_whole(path, f"{new}\n".encode())
    return new


def _rows(results: Sequence[Result]) -> list[dict[str, Any]]:
    scores = {key: robust_scores([getattr(result, key) for result in results]) for key in _SCORED}
    rows = []
    for number, result in enumerate(results):
        own = {key: scores[key][number] for key in _SCORED}
        known = [abs(score) for score in own.values() if score is not None]
        rounded = {key: None if score is None else round(score, 2) for key, score in own.items()}
        facts = {key: value for key, value in asdict(result).items() if key not in ("input_name", "geometry")}
        rows.append({**facts, "scores": rounded, "outlier": round(max(known), 2) if known else None})
    return rows


def _pairs(results: Sequence[Result]) -> dict[str, Any] | None:
    found = method_pairs(results)
    return None if found is None else {"methods": found[0], "scans": found[1]}


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START_BYTES)
