"""Which of the CT series in a folder is read: original slices of the whole chest, or the one asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from ...errors import InputError
from . import limits
from .agreement import fill_missing, names_of, require_one_kind, require_whole, warnings_of_stack
from .headers import Folder, Frame, frames_of, plain
from .image_type import Flavour
from .slice_grid import axes_of, places_along_normal_mm
from .stacks import count_places, join_series, parts_that_agree, split_stack

_MOST_NAMED = 6

Items = list[tuple[Path, Dataset]]


@dataclass(frozen=True)
class Series:
    """Frames that form one stack: a series, the largest part of one, or pieces of several."""

    uids: tuple[str, ...]
    header: Dataset
    frames: tuple[Frame, ...]
    left_out: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def is_axial(self) -> bool:
        """Whether the slices lie across the patient's long axis."""
        return abs(float(axes_of(self.frames[0])[2, 2])) > limits.AXIAL_COSINE

    @property
    def places(self) -> int:
        """Number of slices at different places."""
        return count_places(self.frames)

    @property
    def extent_mm(self) -> float:
        """Distance between the first and the last slice."""
        return float(np.ptp(places_along_normal_mm(self.frames)))

    @property
    def flavour(self) -> Flavour:
        """The worst of the slices' kinds."""
        return max(frame.flavour for frame in self.frames)

    @property
    def label(self) -> str:
        """Name the series by number and size; its description and UID may say who the patient is."""
        numbers = {frame.origin.series_number for frame in self.frames}
        number = numbers.pop() if len(numbers) == 1 else None
        places = np.unique(np.round(places_along_normal_mm(self.frames), 2))
        spacing = float(np.median(np.diff(places))) if len(places) > 1 else self.frames[0].thickness_mm
        every = f" of {spacing:.4g} mm" if spacing else ""
        count = f"{len(places)} slice{'s' if len(places) != 1 else ''}{every}"
        kind = {Flavour.DERIVED: ", derived", Flavour.PROJECTION: ", a projection"}.get(self.flavour, "")
        return f"series {'without a number' if number is None else number} ({count}{kind})"


def choose_series(found: Folder, where: str, series_uid: str | None = None, file: Path | None = None) -> tuple[Series, list[str]]:
    """Choose the series to read.

    Without a UID: of the series that are neither projections nor scouts, axial ones before others and, where they cover
    at least half of the longest, original ones before derived ones; then most slices, the lowest SeriesNumber, the lowest UID.

    Parameters
    ----------
    found : Folder
    where : str
        What to call the folder in errors.
    series_uid : str, optional
        SeriesInstanceUID, or the series' number.
    file : pathlib.Path, optional
        A slice of the series to read.

    Returns
    -------
    Series
        The choice.
    list of str
        Warnings: what else there was, and what was put right or left out. They name no description and no UID.

    Raises
    ------
    InputError
        When there is no CT series, no such UID, only projections, or the series is damaged.
    """
    _require_ct(found, where)
    usable, damaged = stacks_of(found)
    if file is not None:
        usable, damaged = _with_file(found, file, series_uid, usable, damaged)
    elif series_uid is not None:
        usable, damaged = _asked_for(found, where, series_uid, usable, damaged)
    fit = usable if file is not None or series_uid is not None else [series for series in usable if series.flavour < Flavour.PROJECTION]
    most_files = max((len(series.frames) for series in fit), default=0)
    for uid, problem in damaged.items():
        # A damaged series is passed over only for a larger sound one: else the wrong scan would be read without a word.
        if len(found.series[uid]) >= most_files:
            raise problem
    if not fit:
        raise InputError(
            f"{where} holds no CT slices to measure, only {'; '.join(series.label for series in usable)}: projections mix the slices of "
            f"a slab, so no density or vessel in them is true; give the original slices, or ask for the series by its number or UID "
            f"({names_of([uid for series in usable for uid in series.uids])})"
        )
    fit.sort(key=_preference(fit))
    chosen, others = fit[0], [*fit[1:], *(series for series in usable if series not in fit)]
    _require_no_scattered_slices(where, chosen, others)
    warnings = [f"{_damaged_label(found, uid)} was left out: {problem}" for uid, problem in list(damaged.items())[:_MOST_NAMED]]
    if len(damaged) > _MOST_NAMED:
        warnings.append(f"{len(damaged) - _MOST_NAMED} more damaged series were left out")
    if others:
        names = "; ".join(series.label for series in others[:_MOST_NAMED]) + ("; …" if len(others) > _MOST_NAMED else "")
        choice = "another can be chosen by its number or UID; to list the UIDs, ask for one that is not there"
        warnings.append(f"{len(others) + 1} CT series found: read {chosen.label}, not {names}; {choice}")
    if chosen.left_out:
        warnings.append(f"{chosen.left_out} images of the series differ in size, pixel spacing or orientation and were left out")
    return chosen, [*warnings, *chosen.warnings, *warnings_of_stack(chosen.frames)]


def _require_ct(found: Folder, where: str) -> None:
    other = ", ".join(f"{kind} ({count} file{'s' if count > 1 else ''})" for kind, count in sorted(found.other_objects.items()))
    if not found.series and other:
        raise InputError(f"{where} holds no CT images, only {other}; expected a CT series")
    if not found.series:
        files = f"only {found.ignored_files} other files" if found.ignored_files else "it is empty"
        raise InputError(f"{where} holds no DICOM images ({files}); expected a CT series, or the path of a NIfTI, NRRD or MetaImage file")


def stacks_of(found: Folder) -> tuple[list[Series], dict[str, InputError]]:
    """Bring the files of a folder into stacks.

    Parameters
    ----------
    found : Folder

    Returns
    -------
    list of Series
        Of every kind; those that are pieces of one stack are joined.
    dict of str to InputError
        Series that are damaged, by their UID, with what is wrong.
    """
    whole: list[Series] = []
    damaged: dict[str, InputError] = {}
    for uid in sorted(found.series):
        try:
            whole += _stacks_of_series(uid, found.series[uid])
        except InputError as error:
            damaged[uid] = error
    joined = join_series([series.frames for series in whole])
    taken = {index for group in joined for index in group}
    return [*(_joined([whole[index] for index in group]) for group in joined), *(s for i, s in enumerate(whole) if i not in taken)], damaged


def _stacks_of_series(uid: str, items: Items) -> list[Series]:
    warnings = tuple(fill_missing(items))
    frames: list[Frame] = []
    problems: list[InputError] = []
    for path, header in items:
        try:
            frames += frames_of(path, header)
        except InputError as error:
            problems.append(error)
    if problems:
        more = f" ({len(problems)} of the series' {len(items)} files have such a fault)" if len(problems) > 1 else ""
        raise InputError(f"{problems[0]}{more}")
    main, *others = parts_that_agree(frames)
    apart = [frame for part in others for frame in part]
    require_whole(main, apart)
    headers, stacks = dict(items), sorted(split_stack(main), key=len, reverse=True)
    for stack in stacks:
        require_one_kind(stack)
    return [
        Series((uid,), headers[stack[0].path], tuple(stack), 0 if number else len(apart), warnings) for number, stack in enumerate(stacks)
    ]


def _joined(pieces: list[Series]) -> Series:
    uids = tuple(sorted({uid for piece in pieces for uid in piece.uids}))
    frames = tuple(frame for piece in pieces for frame in piece.frames)
    left_out = sum(piece.left_out for piece in pieces)
    told = f"{len(frames)} slices of one stack have {len(uids)} SeriesInstanceUIDs: they were read as one series"
    warnings = (told, *dict.fromkeys(warning for piece in pieces for warning in piece.warnings))
    return replace(pieces[0], uids=uids, frames=frames, left_out=left_out, warnings=warnings)


def _with_file(
    found: Folder, file: Path, asked: str | None, usable: list[Series], damaged: dict[str, InputError]
) -> tuple[list[Series], dict[str, InputError]]:
    uid = next(uid for uid, items in found.series.items() if any(path == file for path, _ in items))
    chosen = [series for series in usable if any(frame.path == file for frame in series.frames)] or [s for s in usable if uid in s.uids]
    if asked is not None and not any(asked in (*series.uids, str(series.frames[0].origin.series_number)) for series in chosen):
        raise InputError(f"{file.name} belongs to the series with UID {uid}, not {plain(asked, 80)}; give the folder to choose another")
    return chosen, {key: problem for key, problem in damaged.items() if key == uid}


def _asked_for(
    found: Folder, where: str, asked: str, usable: list[Series], damaged: dict[str, InputError]
) -> tuple[list[Series], dict[str, InputError]]:
    by_number = [series for series in usable if asked.isdecimal() and any(str(f.origin.series_number) == asked for f in series.frames)]
    chosen = [series for series in usable if asked in series.uids] or by_number
    if len(by_number) > 1 and chosen is by_number:
        listed = "; ".join(f"{', '.join(series.uids)} ({series.label})" for series in by_number)
        raise InputError(f"{where} holds {len(by_number)} series with the number {asked}; choose one by its UID: {listed}")
    if asked in damaged:
        return chosen, {asked: damaged[asked]}
    if not chosen:
        known = "; ".join(f"{names_of(series.uids)} ({series.label})" for series in usable)
        known = "; ".join([known, *(f"{uid} ({_damaged_label(found, uid)}, damaged)" for uid in damaged)]).strip("; ")
        kind = found.other_series.get(asked)
        problem = f"is {kind}, not CT" if kind else "is not there"
        raise InputError(f"the series with UID {plain(asked, 80)} {problem}; {where} holds these CT series: {known}")
    return chosen, {}


def _damaged_label(found: Folder, uid: str) -> str:
    number = found.series[uid][0][1].get("SeriesNumber")
    count = len(found.series[uid])
    named = f"series {int(number)}" if isinstance(number, (int, float)) else "a series without a number"
    return f"{named} ({count} file{'s' if count != 1 else ''})"


def _require_no_scattered_slices(where: str, chosen: Series, others: list[Series]) -> None:
    """Refuse one slice of many that each are a series of their own and could not be put together."""
    single = [series for series in (chosen, *others) if series.places == 1]
    if chosen.places == 1 and len(single) > 1:
        raise InputError(
            f"{where} holds {len(single)} CT series of one slice each, which form no regular stack of one study, frame of reference, "
            "orientation and kernel; export the scan again as one series"
        )


def _preference(series: list[Series]):  # type: ignore[no-untyped-def]
    """Give the order in which series are preferred."""
    longest = max((one.extent_mm for one in series if one.is_axial), default=0.0)

    def key(one: Series) -> tuple[bool, bool, int, int, float, tuple[str, ...]]:
        numbers = [frame.origin.series_number for frame in one.frames if frame.origin.series_number is not None]
        is_part = one.is_axial and one.extent_mm < limits.WHOLE_SHARE * longest
        return (not one.is_axial, is_part, one.flavour, -one.places, min(numbers, default=float("inf")), one.uids)

    return key
