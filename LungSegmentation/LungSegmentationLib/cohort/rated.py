"""Ratings of a review, beside the figures of the scans that they are of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..output.viewer import labels_hash
from ..review.ratings import RATINGS_NAME, Rating, is_stale, read_ratings
from ..review.results import LABELS_NAME
from ..tables.rows import Cell, Column
from .one_scan import SCANS_NAME

RATING_COLUMNS: tuple[Column, ...] = (Column("rating", "Rating"), Column("rating_comments", "Comments of raters"))
"""Ratings are separated by semicolons, each with its rater in brackets; "stale" where the labels have changed since."""


def load_ratings(output: Path, ratings_at: Path | None = None) -> tuple[Rating, ...]:
    """Read the ratings of a run's results.

    Parameters
    ----------
    output : pathlib.Path
        Folder of the whole run.
    ratings_at : pathlib.Path, optional
        The CSV file of a review of ``output``; ``ratings.csv`` in it for None, where there is one.

    Returns
    -------
    tuple of Rating

    Raises
    ------
    InputError
        When the file is no file of ratings.
    """
    path = ratings_at or output / RATINGS_NAME
    return read_ratings(path) if ratings_at is not None or path.exists() else ()


def with_ratings(rows: Iterable[dict[str, Cell]], output: Path, ratings: Iterable[Rating]) -> list[dict[str, Cell]]:
    """Put what raters said into the rows of the scans.

    Parameters
    ----------
    rows : iterable of dict
        With the key ``scan``, the name of the scan's folder in ``scans``.
    output : pathlib.Path
        Folder of the whole run.
    ratings : iterable of Rating

    Returns
    -------
    list of dict
        The rows with the keys of :data:`RATING_COLUMNS`; None where nobody rated.
    """
    by_scan: dict[str, list[Rating]] = {}
    for rating in ratings:
        by_scan.setdefault(rating.scan.removeprefix(f"{SCANS_NAME}/"), []).append(rating)
    return [{**row, **_cells(by_scan.get(str(row["scan"]), []), output / SCANS_NAME / str(row["scan"]))} for row in rows]


def _cells(ratings: list[Rating], folder: Path) -> dict[str, Cell]:
    if not ratings:
        return {"rating": None, "rating_comments": None}
    labels_at = folder / LABELS_NAME
    labels = labels_hash(labels_at) if labels_at.is_file() else ""

    def said(text: str, rating: Rating) -> str:
        notes = [*([rating.rater] if rating.rater else []), *(["stale"] if is_stale(rating, labels) else [])]
        return f"{text} ({', '.join(notes)})" if notes else text

    return {
        "rating": "; ".join(said(rating.rating, rating) for rating in ratings if rating.rating) or None,
        "rating_comments": "; ".join(said(rating.comment, rating) for rating in ratings if rating.comment) or None,
    }
