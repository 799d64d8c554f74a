"""The ratings of a folder of results: one row a scan and rater, in a CSV file that is never half-written."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputError, output_errors, system_reason
from ..output.run_lock import run_lock
from ..tables.spreadsheet_text import spreadsheet_text
from . import limits
from .whole_file import write_whole

RATINGS_NAME = "ratings.csv"
RATINGS = ("accept", "reject", "needs edit", "")
FIELDS = ("scan", "rater", "rating", "comment", "labels", "time")
_QUOTED = re.compile(r"(^|[;\t\r\n])'(?=[=+\-@\t\r\n＝＋－＠])")  # as spreadsheet_text quotes
_PAUSE_S, _LONGEST_WAIT_S = 0.02, 3.0


@dataclass(frozen=True)
class Rating:
    """What one rater says of one result.

    Parameters
    ----------
    scan : str
        The result's folder below the reviewed one, with slashes.
    rater : str
        May be empty.
    rating : str
        ``"accept"``, ``"reject"``, ``"needs edit"``, or empty with a comment alone.
    comment : str
    labels : str
        Hash of the labels that were rated (:func:`LungSegmentationLib.output.viewer.labels_hash`): where the result has others by now,
        the rating is stale.
    time : str
        When, in UTC (ISO 8601).

    Raises
    ------
    InputError
        For another rating, or a text that is far too long.
    """

    scan: str
    rater: str = ""
    rating: str = ""
    comment: str = ""
    labels: str = ""
    time: str = ""

    def __post_init__(self) -> None:
        if self.rating not in RATINGS:
            raise InputError(f"the rating is {self.rating[:40]!r}; expected one of: {', '.join(filter(None, RATINGS))}, or nothing")
        for field in FIELDS:
            text, longest = getattr(self, field), limits.LONGEST_COMMENT_COUNT if field == "comment" else limits.LONGEST_NAME_COUNT
            if not isinstance(text, str) or len(text) > longest:
                raise InputError(f"the field {field} of a rating has more than {longest} characters or is no text")


def rating_from(values: Mapping[str, Any]) -> Rating:
    """Make a rating of the fields of a row; missing ones are empty, others are passed over.

    Raises
    ------
    InputError
        As :class:`Rating`.
    """
    return Rating(**{field: values.get(field) or "" for field in FIELDS})


def read_ratings(path: Path) -> tuple[Rating, ...]:
    """Read a CSV file of ratings, as the review writes and exports it.

    Parameters
    ----------
    path : pathlib.Path
        UTF-8, with or without a byte order mark; its columns in any order, further ones are passed over.

    Returns
    -------
    tuple of Rating
        Of one scan and rater the last row counts.

    Raises
    ------
    InputError
        When it cannot be read or is no such file.
    """
    try:
        if path.stat().st_size > limits.LARGEST_RATINGS_BYTES:
            raise InputError(f"{path} is too large for a file of ratings; give the {RATINGS_NAME} of a review")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text; save it as CSV in UTF-8") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({system_reason(error)}); give the {RATINGS_NAME} of a review") from error
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        rows = list(reader)
    except csv.Error as error:
        raise InputError(f"{path} is no CSV file ({error}); give the {RATINGS_NAME} of a review") from error
    missing = {"scan", "rating"} - set(reader.fieldnames or ())
    if missing:
        raise InputError(f"{path} has no column {min(missing)}; a file of ratings has: {', '.join(FIELDS)}")
    ratings: dict[tuple[str, str], Rating] = {}
    for number, row in enumerate(rows, start=2):
        try:
            rating = rating_from({field: _QUOTED.sub(r"\1", row.get(field) or "") for field in FIELDS})
        except InputError as error:
            raise InputError(f"row {number} of {path}: {error}") from error
        ratings[rating.scan, rating.rater] = rating
    return tuple(ratings.values())


def is_stale(rating: Rating, labels: str) -> bool:
    """Tell whether a rating is of other labels than those that the result has now (their hash)."""
    return rating.labels != labels


def save_ratings(path: Path, new: Iterable[Rating]) -> tuple[Rating, ...]:
    """Add ratings to a file, or put them in the place of earlier ones of the same scan and rater.

    Parameters
    ----------
    path : pathlib.Path
        The CSV file; made where it is missing. What others wrote into it meanwhile stays.
    new : iterable of Rating

    Returns
    -------
    tuple of Rating
        All ratings of the file, by scan and rater.

    Raises
    ------
    InputError
        When the file there is no file of ratings; it stays as it is.
    OutputError
        When it cannot be written, or another process holds the folder for seconds; it stays as it is.
    """
    with _held(path.parent):
        ratings = {(rating.scan, rating.rater): rating for rating in (*(read_ratings(path) if path.exists() else ()), *new)}
        ordered = tuple(ratings[key] for key in sorted(ratings))
        _write(path, ordered)
    return ordered


def _write(path: Path, ratings: Iterable[Rating]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(FIELDS)
    writer.writerows([spreadsheet_text(value) for value in asdict(rating).values()] for rating in ratings)
    with output_errors(f"{path} could not be written", "free some space, or give a folder that you may write to"):
        write_whole(path, buffer.getvalue().encode())


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the folder for a moment; another process that writes to it is waited for."""
    end = time.monotonic() + _LONGEST_WAIT_S
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(run_lock(folder))
                break
            except OutputError:
                if time.monotonic() > end:
                    raise
            time.sleep(_PAUSE_S)
        yield
