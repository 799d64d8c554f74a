"""Which of the CT series in a folder is read: the one with the most axial slices, or the one asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from .dicom_grid import SAME_PLACE_MM, axes_of, places_along_normal_mm
from .dicom_headers import Folder, Frame, frames_of
from .errors import InputError

_AXIAL_COSINE = 0.8  # between the slices' normal and the patient's long axis


@dataclass(frozen=True)
class Series:
    """The largest part of a series whose frames agree in size, pixel spacing and orientation."""

    uid: str
    description: str
    header: Dataset
    frames: tuple[Frame, ...]
    left_out: int
    is_axial: bool
    places: int

    @property
    def label(self) -> str:
        """Name the series for a person, with what tells it from the others."""
        return f"{self.description!r} ({self.places} slice{'s' if self.places != 1 else ''}, SeriesInstanceUID {self.uid})"


def choose_series(found: Folder, where: str, series_uid: str | None) -> tuple[Series, list[str]]:
    """Choose the series to read.

    Without a UID: most axial slices, then most slices, then the lowest SeriesNumber, then the lowest UID.

    Returns
    -------
    Series
        The choice.
    list of str
        Warnings: what else there was, and what was left out.

    Raises
    ------
    InputError
        When there is no CT series, no such UID, or the series is damaged.
    """
    _require_ct(found, where, series_uid)
    chosen_uids = [series_uid] if series_uid else sorted(found.series)
    usable: list[Series] = []
    damaged: dict[str, InputError] = {}
    for uid in chosen_uids:
        try:
            usable.append(_largest_part(uid, found.series[uid]))
        except InputError as error:
            damaged[uid] = error
    most_files = max(usable, key=lambda series: len(series.frames), default=None)
    for uid, problem in damaged.items():
        # A damaged series is passed over only for a larger sound one: else the wrong scan would be read without a word.
        if most_files is None or len(found.series[uid]) >= len(most_files.frames):
            raise problem
    usable.sort(key=_preference)
    chosen, others = usable[0], usable[1:]
    warnings = [f"the series with UID {uid} was left out: {problem}" for uid, problem in damaged.items()]
    if others:
        names = "; ".join(series.label for series in others)
        warnings.append(f"{len(usable)} CT series found: read {chosen.label}, not {names}; another can be chosen by its UID")
    if chosen.left_out:
        warnings.append(f"{chosen.left_out} images of the series differ in size, pixel spacing or orientation and were left out")
    return chosen, warnings


def _require_ct(found: Folder, where: str, series_uid: str | None) -> None:
    other = ", ".join(f"{kind} ({count} file{'s' if count > 1 else ''})" for kind, count in sorted(found.other_objects.items()))
    if not found.series and other:
        raise InputError(f"{where} holds no CT images, only {other}; expected a CT series")
    if not found.series:
        files = f"only {found.ignored_files} other files" if found.ignored_files else "it is empty"
        raise InputError(f"{where} holds no DICOM images ({files}); expected a CT series, or the path of a NIfTI, NRRD or MetaImage file")
    if series_uid and series_uid not in found.series:
        known = "; ".join(f"{uid} ({_description(items[0][1])!r}, {len(items)} files)" for uid, items in sorted(found.series.items()))
        kind = found.other_series.get(series_uid)
        problem = f"is {kind}, not CT" if kind else "is not there"
        raise InputError(f"the series with UID {series_uid} {problem}; {where} holds these CT series: {known}")


def _description(header: Dataset) -> str:
    return str(header.get("SeriesDescription", "") or "").strip() or "no description"


def _largest_part(uid: str, items: list[tuple[Path, Dataset]]) -> Series:
    frames = [frame for path, header in items for frame in frames_of(path, header)]
    parts: list[list[Frame]] = []
    for frame in frames:
        part = next((part for part in parts if _agree(part[0], frame)), None)
        if part is None:
            parts.append([frame])
        else:
            part.append(frame)
    part = max(parts, key=_count_places)
    header = next(header for path, header in items if path == part[0].path)
    is_axial = abs(float(axes_of(part[0])[2, 2])) > _AXIAL_COSINE
    return Series(uid, _description(header), header, tuple(part), len(frames) - len(part), is_axial, _count_places(part))


def _agree(first: Frame, second: Frame) -> bool:
    return (
        (first.rows, first.columns) == (second.rows, second.columns)
        and np.allclose(first.spacing_row_column_mm, second.spacing_row_column_mm, rtol=1e-3)
        and np.allclose(first.orientation, second.orientation, atol=2e-3)
    )


def _count_places(frames: list[Frame]) -> int:
    places = np.sort(places_along_normal_mm(frames))
    return 1 + int(np.count_nonzero(np.diff(places) > SAME_PLACE_MM))


def _preference(series: Series) -> tuple[int, int, float, str]:
    number = series.header.get("SeriesNumber")
    order = float(number) if isinstance(number, (int, float)) else float("inf")
    return (-series.places if series.is_axial else 0, -series.places, order, series.uid)
