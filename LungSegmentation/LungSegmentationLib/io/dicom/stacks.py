"""Which frames form one regular stack, whatever the UIDs of their files say.

Frames that agree in study, frame of reference, size, pixel spacing, orientation, kernel and kind, and that lie evenly above
each other, are one stack: an anonymiser may have given each file a series of its own. Frames of one series that lie at
the same places differ in something, and are several stacks.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise

import numpy as np

from ...errors import InputError
from . import limits
from .headers import Frame
from .image_type import Flavour
from .slice_grid import even_spacing_mm, in_plane_shifts_px, places_along_normal_mm

# What can tell the stacks of one series from each other, the plainest first.
_ATTRIBUTES: tuple[Callable[[Frame], Hashable], ...] = (
    lambda frame: frame.flavour,
    lambda frame: frame.kernel,
    lambda frame: frame.thickness_mm,
    lambda frame: frame.origin.series_uid,
    lambda frame: (frame.origin.series_number, frame.origin.description),
    lambda frame: (frame.origin.study_uid, frame.origin.frame_of_reference_uid),
)


def _all_attributes(frame: Frame) -> Hashable:
    return tuple(attribute(frame) for attribute in _ATTRIBUTES)


def agree(first: Frame, second: Frame) -> bool:
    """Say whether two frames have the same size, pixel spacing and orientation, up to rounding."""
    mine, other = ((*frame.spacing_row_column_mm, *frame.orientation) for frame in (first, second))
    if (first.rows, first.columns) != (second.rows, second.columns):
        return False
    if mine == other:
        return True
    same_pixels = np.allclose(mine[:2], other[:2], rtol=limits.SAME_PIXEL_SHARE, atol=0)
    return same_pixels and np.allclose(mine[2:], other[2:], rtol=0, atol=limits.SAME_ORIENTATION_COSINE)


def parts_that_agree(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Sort frames into lists that agree in size, pixel spacing and orientation, the one with most places first."""
    parts: list[list[Frame]] = []
    for frame in frames:
        part = next((part for part in parts if agree(part[0], frame)), None)
        if part is not None:
            part.append(frame)
            continue
        parts.append([frame])
        if len(parts) > limits.MOST_STACKS_COUNT:
            raise InputError(
                f"the images differ from each other in size, pixel spacing or orientation, in more than {limits.MOST_STACKS_COUNT} ways; "
                "expected a series of parallel slices"
            )
    return sorted(parts, key=count_places, reverse=True)


def count_places(frames: Sequence[Frame]) -> int:
    """Count the places along the normal of the first frame."""
    places = np.sort(places_along_normal_mm(frames))
    return 1 + int(np.count_nonzero(np.diff(places) > limits.SAME_PLACE_MM))


def is_regular(frames: Sequence[Frame], strictly: bool = False) -> bool:
    """Say whether frames that agree lie above each other, each at a place of its own, near enough to evenly to be read.

    With ``strictly``, without gaps.
    """
    if len(frames) < 2:
        return True
    places = places_along_normal_mm(frames)
    order = np.argsort(places)
    places = places[order]
    if np.diff(places).min() <= limits.SAME_PLACE_MM:
        return False
    try:
        is_even = even_spacing_mm(places)[1]
    except InputError:
        return False
    return (is_even or not strictly) and _is_straight([frames[index] for index in order], places)


def _is_straight(frames: Sequence[Frame], places_mm: np.ndarray) -> bool:
    shifts = in_plane_shifts_px(frames)
    if not shifts.any() or len(frames) < 3:
        return True
    centred = places_mm - places_mm.mean()
    slopes = centred @ (shifts - shifts.mean(axis=0)) / (centred @ centred)
    return bool(np.abs(shifts - shifts.mean(axis=0) - centred[:, None] * slopes).max() <= limits.BEND_PIXELS)


def split_stack(frames: list[Frame]) -> list[list[Frame]]:
    """Split frames that agree into stacks, where they are no regular one and an attribute tells the stacks apart.

    Returns
    -------
    list of list of Frame
        The frames themselves where nothing tells them apart, or where they are one regular stack already.
    """
    own_kind = [frame for frame in frames if frame.flavour < Flavour.PROJECTION]
    if is_regular(frames) and (len(own_kind) in (0, len(frames)) or not is_regular(own_kind)):
        return [frames]
    for attribute in (*_ATTRIBUTES, _all_attributes):
        stacks: dict[Hashable, list[Frame]] = {}
        for frame in frames:
            stacks.setdefault(attribute(frame), []).append(frame)
        # Single frames beside a stack (a repeated slice, a view for planning) do not make it irregular.
        large = [stack for stack in stacks.values() if len(stack) >= limits.FEWEST_IN_A_STACK_SLICES]
        if len(stacks) > 1 and large and all(is_regular(stack) for stack in large):
            return list(stacks.values())
    return [frames]


def continues(stack: Sequence[Frame], others: Sequence[Frame]) -> list[Frame]:
    """Find the frames that lie where a stack has a gap, or where it would go on: without them it is not whole.

    Parameters
    ----------
    stack, others : sequence of Frame
        The frames of the stack agree; the others differ from them in size, pixel spacing or orientation.

    Returns
    -------
    list of Frame
        Those of the others that continue the stack.
    """
    if len(stack) < limits.FEWEST_IN_A_STACK_SLICES:
        return []
    normal = _normal(stack[0])
    parallel = [frame for frame in others if abs(float(_normal(frame) @ normal)) > limits.SAME_PLANE_COSINE]
    places = np.sort([float(np.dot(frame.position_lps_mm, normal)) for frame in stack])
    spacing = float(np.median(np.diff(places)))
    found: list[Frame] = []
    ends = [places[0], places[-1]]
    for frame in sorted(parallel, key=lambda frame: _distance(frame, normal, ends)):
        place = float(np.dot(frame.position_lps_mm, normal))
        steps = (place - places[0]) / max(spacing, limits.SAME_PLACE_MM)
        is_free = np.abs(places - place).min() > 0.5 * spacing
        is_near = ends[0] - limits.BEYOND_SLICES * spacing <= place <= ends[1] + limits.BEYOND_SLICES * spacing
        if is_free and is_near and abs(steps - round(steps)) <= limits.EVEN_SHARE:
            found.append(frame)
            ends = [min(ends[0], place), max(ends[1], place)]
    return found


def _distance(frame: Frame, normal: np.ndarray, ends: Sequence[float]) -> float:
    place = float(np.dot(frame.position_lps_mm, normal))
    return max(ends[0] - place, place - ends[1], 0.0)


def _normal(frame: Frame) -> np.ndarray:
    return np.cross(frame.orientation[:3], frame.orientation[3:])


def join_series(series: Sequence[Sequence[Frame]]) -> list[list[int]]:
    """Find the series that are pieces of one stack.

    Parameters
    ----------
    series : sequence of sequence of Frame
        Frames by SeriesInstanceUID; those of one series agree.

    Returns
    -------
    list of list of int
        Indices of series that are joined: two or more each; none twice.

    Notes
    -----
    Pieces are joined where it is plain: single slices, or blocks one after another. Series that interleave and are
    stacks by themselves may be two phases of breathing; they are joined only where nothing tells them apart.
    """
    kin: dict[Hashable, list[int]] = {}
    says_nothing = _uids_that_say_nothing(series)
    for index, frames in enumerate(series):
        kin.setdefault(_key(frames[0], says_nothing), []).append(index)
    joined = []
    for family in (family for indices in kin.values() for family in _that_agree(series, indices) if len(family) > 1):
        if _is_one_stack([series[index] for index in family]):
            joined.append(family)
            continue
        named: dict[Hashable, list[int]] = {}
        for index in family:
            origin = series[index][0].origin
            named.setdefault((origin.series_number, origin.description, origin.acquisition_number), []).append(index)
        joined += [group for group in named.values() if len(group) > 1 and _is_one_stack([series[index] for index in group])]
    return joined


def _that_agree(series: Sequence[Sequence[Frame]], indices: Sequence[int]) -> list[list[int]]:
    by_frame = {id(series[index][0]): index for index in indices}
    parts = parts_that_agree([series[index][0] for index in indices])
    return [[by_frame[id(frame)] for frame in part] for part in parts]


def _uids_that_say_nothing(series: Sequence[Sequence[Frame]]) -> tuple[bool, bool]:
    """Study and frame of reference that every file has to itself were made up, as series UIDs are."""
    origins = [frames[0].origin for frames in series]
    is_alone = len(series) >= limits.FEWEST_IN_A_STACK_SLICES and all(len(frames) == 1 for frames in series)
    studies, places = {origin.study_uid for origin in origins}, {origin.frame_of_reference_uid for origin in origins}
    return is_alone and len(studies) == len(series), is_alone and len(places) == len(series)


def _key(frame: Frame, says_nothing: tuple[bool, bool]) -> Hashable:
    study = "" if says_nothing[0] else frame.origin.study_uid
    frame_of_reference = "" if says_nothing[1] else frame.origin.frame_of_reference_uid
    return study, frame_of_reference, frame.kernel, frame.flavour, frame.thickness_mm


def _is_one_stack(pieces: Sequence[Sequence[Frame]]) -> bool:
    frames = [frame for piece in pieces for frame in piece]
    are_single = all(len(piece) == 1 for piece in pieces)
    if len(frames) < limits.FEWEST_IN_A_STACK_SLICES or not is_regular(frames, strictly=not are_single):
        return False
    if are_single:
        return True
    normal = _normal(frames[0])
    spans = sorted((min(places), max(places)) for places in ([float(np.dot(f.position_lps_mm, normal)) for f in piece] for piece in pieces))
    follow = all(before[1] < after[0] for before, after in pairwise(spans))
    names = {(f.origin.series_number, f.origin.description, f.origin.acquisition_number) for f in frames}
    return follow or len(names) == 1
