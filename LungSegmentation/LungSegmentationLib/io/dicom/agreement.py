"""What should be equal over a series is compared over all of its slices: put right with a warning, or refused with which slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from pydicom.dataset import Dataset

from ...errors import InputError
from .headers import Frame, plain
from .image_type import Flavour
from .stacks import continues

_MOST_NAMES = 3
# What every slice of a stack has the same; the place of each is its own and cannot be taken from another.
_SHARED_KEYWORDS = ("PixelSpacing", "ImageOrientationPatient")


def names_of(names: Sequence[str]) -> str:
    """List names, three at most."""
    return ", ".join(names[:_MOST_NAMES]) + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "")


def fill_missing(items: Sequence[tuple[Path, Dataset]]) -> list[str]:
    """Give slices without a pixel spacing or an orientation that of the others, where these all agree; say so.

    Parameters
    ----------
    items : sequence of (pathlib.Path, pydicom.dataset.Dataset)
        The files of one series; datasets are changed in place.

    Returns
    -------
    list of str
        What was filled in, for the user.
    """
    warnings = []
    for keyword in _SHARED_KEYWORDS:
        lacking = [(path, header) for path, header in items if not header.get(keyword) and "PerFrameFunctionalGroupsSequence" not in header]
        values = {tuple(map(str, header[keyword].value)) for _, header in items if header.get(keyword) and _is_several(header, keyword)}
        if not lacking or len(values) != 1 or len(lacking) == len(items):
            continue
        for _, header in lacking:
            setattr(header, keyword, list(next(iter(values))))
        names = names_of([path.name for path, _ in lacking])
        warnings.append(f"{keyword} is missing in {len(lacking)} of {len(items)} slices ({names}): that of the others was taken")
    return warnings


def _is_several(header: Dataset, keyword: str) -> bool:
    return not isinstance(header[keyword].value, (str, bytes, int, float))


def require_whole(stack: Sequence[Frame], others: Sequence[Frame]) -> None:
    """Refuse a series of which slices that belong to its stack differ in size, pixel spacing or orientation.

    Parameters
    ----------
    stack, others : sequence of Frame
        As in :func:`.stacks.continues`.

    Raises
    ------
    InputError
        Naming how many slices, which, and what differs.
    """
    odd = continues(stack, others)
    if not odd:
        return
    first, other = stack[0], odd[0]
    differences = (
        ("size", f"{other.rows} × {other.columns} pixels", f"{first.rows} × {first.columns} pixels"),
        ("pixel spacing", _numbers(other.spacing_row_column_mm), _numbers(first.spacing_row_column_mm)),
        ("orientation", _numbers(other.orientation), _numbers(first.orientation)),
    )
    what = "; ".join(f"{name} {theirs} instead of {ours}" for name, theirs, ours in differences if theirs != ours)
    raise InputError(
        f"{len(odd)} of {len(odd) + len(stack)} slices of one stack differ from the others ({what}: "
        f"{names_of([frame.path.name for frame in odd])}); it is not known which are right: export the series again"
    )


def _numbers(values: Sequence[float]) -> str:
    return "(" + ", ".join(f"{value:.6g}" for value in values) + ")"


def require_one_kind(frames: Sequence[Frame]) -> None:
    """Refuse a stack of which some slices are projections and others are not.

    Raises
    ------
    InputError
        Naming how many slices, and which.
    """
    projections = [frame for frame in frames if frame.flavour is Flavour.PROJECTION]
    if projections and len(projections) < len(frames):
        raise InputError(
            f"{_some(projections, frames)} are projections (ImageType) in a stack that is not whole without them; "
            "export the original slices"
        )


def warnings_of_stack(frames: Sequence[Frame]) -> list[str]:
    """Say in what the slices of a stack differ that does not change where they lie."""
    warnings = []
    if any(frame.flavour is Flavour.PROJECTION for frame in frames):
        warnings.append("the images are projections (ImageType): they mix the slices of a slab, so no density or vessel in them is true")
    derived = [frame for frame in frames if frame.flavour is Flavour.DERIVED]
    if derived:
        which = "the images" if len(derived) == len(frames) else _some(derived, frames)
        warnings.append(f"{which} are marked as derived from others (ImageType): densities may not be those of the scanner")
    compared: tuple[tuple[str, Callable[[Frame], Hashable]], ...] = (
        ("kernel", lambda frame: frame.kernel),
        ("frame of reference", lambda frame: frame.origin.frame_of_reference_uid),
        ("study", lambda frame: frame.origin.study_uid),
    )
    for name, value in compared:
        counts = Counter(value(frame) for frame in frames)
        if len(counts) > 1:
            usual = counts.most_common(1)[0][0]
            odd = [frame for frame in frames if value(frame) != usual]
            other = {plain(value(frame), 20) or "none" for frame in odd}
            told = f" ({names_of(sorted(other))} instead of {plain(usual, 20) or 'none'})" if name == "kernel" else ""
            warnings.append(f"{_some(odd, frames)} have another {name}{told} although all form one regular stack: read as one series")
    return [*warnings, *_warnings_of_instances(frames)]


def _some(some: Sequence[Frame], frames: Sequence[Frame]) -> str:
    return f"{len(some)} of {len(frames)} slices ({names_of([frame.path.name for frame in some])})"


def _warnings_of_instances(frames: Sequence[Frame]) -> list[str]:
    """Slices are known by their places; UIDs that are empty or the same deserve a word, as other programs go by them."""
    files = {frame.path: frame for frame in frames}
    if len(files) < 2:
        return []
    nameless = sum(not frame.origin.instance_uid for frame in files.values())
    places: dict[str, set[tuple[float, ...]]] = {}
    for frame in files.values():
        if frame.origin.instance_uid:
            places.setdefault(frame.origin.instance_uid, set()).add(frame.position_lps_mm)
    same = sum(len(found) for found in places.values() if len(found) > 1)
    faults = [f"{count} of {len(files)} slices have {what}" for count, what in ((nameless, "none"), (same, "the same one")) if count]
    if not faults:
        return []
    return [f"SOPInstanceUIDs should tell slices apart, but {' and '.join(faults)}: slices were told apart by their places"]
