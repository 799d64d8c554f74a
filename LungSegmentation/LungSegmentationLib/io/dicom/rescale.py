"""Rescale slope and intercept compared over a series (DICOM PS3.3 C.11.1): none of its slices may be off the Hounsfield scale.

Slices without them are told by their neighbours: next to each other two slices of a body are much alike, while an intercept
that is missing shifts every voxel by 1000 HU or so. Only where that is plain are the neighbours' values taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ...errors import InputError
from . import limits
from .agreement import names_of
from .headers import Frame
from .slice_grid import places_along_normal_mm

ReadPlane = Callable[[Frame], np.ndarray]


def settle_rescale(frames: Sequence[Frame], read_plane: ReadPlane) -> tuple[list[Frame], list[str]]:
    """Find slope and intercept of every slice of a stack.

    Parameters
    ----------
    frames : sequence of Frame
        In the order of their places.
    read_plane : callable
        Gives a frame's int16 HU (rows, columns) by the frame's own slope and intercept.

    Returns
    -------
    list of Frame
        With the slopes and intercepts to use.
    list of str
        Warnings: what was missing, and what was taken.

    Raises
    ------
    InputError
        Naming how many slices and which, when it cannot be told, or when the values that slices give contradict their pixels.
    """
    missing = [index for index, frame in enumerate(frames) if frame.rescale_missing]
    if len(missing) == len(frames):
        return list(frames), ["the rescale slope or intercept is missing: the stored values were taken for Hounsfield units"]
    if len({(frame.slope, frame.intercept) for frame in frames}) > 1:
        _require_no_contradiction([frame for frame in frames if not frame.rescale_missing], read_plane)
    if not missing:
        return list(frames), []
    settled, taken = _filled(list(frames), read_plane)
    names = names_of([frames[index].path.name for index in missing])
    as_stored = len(missing) - taken
    done = [f"{taken} took the values of their neighbours"] if taken else []
    done += [f"{as_stored} hold Hounsfield units as they are"] if as_stored else []
    where = f"{len(missing)} of {len(frames)} slices ({names})"
    return settled, [f"RescaleSlope or RescaleIntercept is missing in {where}: by their pixels, {' and '.join(done)}"]


def _filled(frames: list[Frame], read_plane: ReadPlane) -> tuple[list[Frame], int]:
    """Settle the slices without a rescaling from both sides of each gap inwards, each by its nearest neighbour with one."""
    places = places_along_normal_mm(frames)
    is_known = np.array([not frame.rescale_missing for frame in frames])
    to_known = np.abs(places[:, None] - places[is_known]).min(axis=1)
    unknown = [int(index) for index in np.argsort(to_known, kind="stable") if not is_known[index]]
    planes: dict[int, np.ndarray] = {}
    untold: list[Frame] = []
    taken = 0
    for index in unknown:
        near = int(np.argmin(np.where(is_known, np.abs(places - places[index]), np.inf)))
        source = frames[near]
        if near not in planes:
            planes[near] = _thinned(read_plane(source))
        rescaled = replace(frames[index], slope=source.slope, intercept=source.intercept, rescale_missing=False)
        as_stored = replace(frames[index], slope=1.0, intercept=0.0, rescale_missing=False)
        distances = [_distance(candidate, planes[near], read_plane) for candidate in (rescaled, as_stored)]
        if not np.isfinite(distances).any():
            read_plane(as_stored)  # which says what is wrong with it
        if (source.slope, source.intercept) == (1.0, 0.0) or distances[0] < limits.PLAINLY_NEARER_RATIO * distances[1]:
            frames[index], is_known[index], taken = rescaled, True, taken + 1
        elif distances[1] < limits.PLAINLY_NEARER_RATIO * distances[0]:
            frames[index] = as_stored
        else:
            untold.append(frames[index])
    if untold:
        names = names_of([frame.path.name for frame in untold])
        raise InputError(
            f"RescaleSlope or RescaleIntercept is missing in {len(unknown)} of {len(frames)} slices, and the pixels of {len(untold)} of "
            f"them ({names}) do not tell whether they hold Hounsfield units; export the series again"
        )
    return frames, taken


def _require_no_contradiction(frames: Sequence[Frame], read_plane: ReadPlane) -> None:
    steps = [i for i, (a, b) in enumerate(pairwise(frames)) if (a.slope, a.intercept) != (b.slope, b.intercept)]
    usual = Counter((frame.slope, frame.intercept) for frame in frames).most_common(1)[0][0]
    for index in steps[:: max(1, -(-len(steps) // limits.MOST_COMPARED_SLICES))]:
        odd, other = sorted((frames[index], frames[index + 1]), key=lambda frame: (frame.slope, frame.intercept) == usual)
        reference = _thinned(read_plane(other))
        own = _distance(odd, reference, read_plane)
        alike = _distance(replace(odd, slope=other.slope, intercept=other.intercept), reference, read_plane)
        if alike < limits.CONTRADICTED_RATIO * own:
            same = [frame for frame in frames if (frame.slope, frame.intercept) == (odd.slope, odd.intercept)]
            names = names_of([frame.path.name for frame in same])
            raise InputError(
                f"{len(same)} of {len(frames)} slices ({names}) have rescale slope {odd.slope:g} and intercept {odd.intercept:g}, others "
                f"{other.slope:g} and {other.intercept:g}, but their pixels are stored alike; it is not known which are right: "
                "export the series again"
            )


def _distance(frame: Frame, reference: np.ndarray, read_plane: ReadPlane) -> float:
    """Mean distance of two slices in HU; infinite where the values cannot be Hounsfield units."""
    try:
        plane = _thinned(read_plane(frame))
    except InputError:
        return float("inf")
    return float(np.abs(plane - reference).mean())


def _thinned(plane_hu: np.ndarray) -> np.ndarray:
    return plane_hu[:: limits.COMPARED_STEP_PIXELS, :: limits.COMPARED_STEP_PIXELS].astype(np.float32)
