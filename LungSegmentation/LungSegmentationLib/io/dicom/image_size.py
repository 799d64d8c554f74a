"""Sizes of images that a DICOM header may give."""

from __future__ import annotations

from ...errors import InputError
from . import limits


def check_size(name: str, rows: float, columns: float, frames: float = 1) -> None:
    """Refuse an image size that no scan has.

    Parameters
    ----------
    name : str
        The file's, for the error.
    rows, columns, frames : float
        As the header has them: perhaps no whole numbers.

    Raises
    ------
    InputError
        When rows or columns are not whole numbers from 1 to 4096, or there is no frame.
    """
    for keyword, value in (("Rows", rows), ("Columns", columns)):
        if not (value == int(value) and 1 <= value <= limits.MOST_ROWS_OR_COLUMNS_PIXELS):
            raise InputError(f"{name} has {value:g} {keyword}; expected a whole number from 1 to {limits.MOST_ROWS_OR_COLUMNS_PIXELS}")
    if frames < 1:
        raise InputError(f"{name} has {frames:g} frames (NumberOfFrames); expected 1 or more")
