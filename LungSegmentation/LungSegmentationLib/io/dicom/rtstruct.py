"""Lungs and airways from a DICOM structure set (RTSTRUCT): outlines in the planes of a scan, filled on its grid.

Attributes as in DICOM PS3.3 A.19, C.8.8.5 and C.8.8.6. Contours of one region of interest in one slice are combined by
exclusive or (C.8.8.6.3), so that a contour within another one is a hole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from ...errors import InputError
from ...grids import Grid
from ...labels import REGIONS
from . import limits
from .files import damage_named
from .headers import plain
from .structure_files import open_marks, parts_by_number, regions_of_parts

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
# What is left of a name in small letters and digits: Lung_R, R-Lung, Lung Right, LUNGS RT ...
_NAME_PATTERNS = {
    "right_lung": re.compile(r"(right|rt|r)lungs?|lungs?(right|rt|r)"),
    "left_lung": re.compile(r"(left|lt|l)lungs?|lungs?(left|lt|l)"),
    "airways": re.compile(r"airways?|tracheobronchialtree|tracheaandbronch(us|i)"),
}


def region_of_name(name: str) -> str | None:
    """Understand the name of a region of interest.

    Parameters
    ----------
    name : str
        Such as ``Lung_R`` or ``Left Lung``; capitals, blanks and signs are of no account.

    Returns
    -------
    str or None
        Key of the region; None for any other name, also for parts and margins such as ``Lung_R_PRV``.
    """
    plain = re.sub(r"[\W_]+", "", name.lower())
    return next((key for key, pattern in _NAME_PATTERNS.items() if pattern.fullmatch(plain)), None)


def read_structures(
    path: Path, grid: Grid, grid_name: str, labels_map: Mapping[int, str] | None, map_option: str, notes: list[str] | None = None
) -> np.ndarray:
    """Fill the outlines of a structure set on a grid: a voxel belongs to a region where its centre lies inside.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    grid : Grid
        Of the scan that the outlines were drawn on; they lie in its slices along any one of its axes.
    grid_name : str
        What to call the scan in errors.
    labels_map : mapping of int to str, optional
        Region key by ROI number; without it names are understood as by :func:`region_of_name`. Other regions are left out.
    map_option : str
        The option of the command line that gives such a map, for errors.
    notes : list of str, optional
        What the outlines lack without making them wrong is added to it.

    Returns
    -------
    numpy.ndarray
        uint8, shape ``grid.shape_zyx``: 0 background, 1 right lung, 2 left lung, 3 airways.

    Raises
    ------
    InputError
        When the file is damaged, no region is a lung, or the outlines do not lie in the grid's slices.
    """
    dataset = open_marks(path)
    with damage_named(path):
        numbered = [(int(item.ROINumber), plain(item.get("ROIName", "") or "")) for item in dataset.get("StructureSetROISequence") or []]
        names = parts_by_number(path, "region", "ROINumber", numbered)
        meanings = regions_of_parts(
            path,
            "region",
            "of interest named as right or left lung, such as Lung_R and Lung_L",
            {number: name or "without a name" for number, name in names.items()},
            {number: region_of_name(name) for number, name in names.items()},
            labels_map,
            map_option,
        )
        outlines = _outlines(path, dataset, meanings)
    labels, told = np.zeros(grid.shape_zyx, np.uint8), []
    for region in REGIONS:  # airways come last: where outlines overlap, they are not lung
        for number, key in meanings.items():
            if key == region.key:
                title = f"the region {number} {names[number]} of {path.name}"
                skipped = _fill(labels, region.label, [grid.to_index(points) for points in outlines[number]], title, grid_name)
                if skipped:
                    told.append(
                        f"{title} has no outline in {skipped} of the slices between its first and its last: nothing is marked there"
                    )
    if notes is not None:
        notes.extend(told)
    return labels


def _outlines(path: Path, dataset: Dataset, numbers: Collection[int]) -> dict[int, list[np.ndarray]]:
    """Take the closed outlines of regions by number: float64 (points, 3), LPS in mm."""
    outlines: dict[int, list[np.ndarray]] = {number: [] for number in numbers}
    for item in dataset.get("ROIContourSequence") or []:
        found = outlines.get(int(item.ReferencedROINumber))
        for contour in () if found is None else item.get("ContourSequence") or []:
            if str(contour.get("ContourGeometricType", "")) in _CLOSED:
                points = _points(path, contour)
                if len(points) >= 3 and found is not None:
                    found.append(points)
    return outlines


def _points(path: Path, contour: Dataset) -> np.ndarray:
    values = _numbers(contour.get_item("ContourData"))
    stated = contour.get("NumberOfContourPoints")
    if values.size % 3 or (stated not in (None, "") and int(stated) * 3 != values.size):
        raise InputError(
            f"{path.name} has an outline of {values.size / 3:g} points that says {stated} (NumberOfContourPoints); export it again"
        )
    if not np.all(np.abs(values) <= limits.FARTHEST_MM):  # also what is not a number
        within = f"{limits.FARTHEST_MM / 1000:g} m"
        raise InputError(f"{path.name} has an outline with a coordinate that is no place within {within}; export it again")
    return values.reshape(-1, 3)


def _numbers(element: Any) -> np.ndarray:
    """Read a list of decimals; as they are stored, where pydicom has not decoded them: that takes it seconds for a lung."""
    if element is None or not element.value:
        return np.empty(0)
    stored = element.value.rstrip(b"\0 ").split(b"\\") if isinstance(element.value, bytes) else element.value
    return np.array([float(number) for number in stored])


def _fill(labels: np.ndarray, label: int, outlines: Sequence[np.ndarray], title: str, grid_name: str) -> int:
    """Write a label into every voxel inside the outlines, whose points are indices (slice, row, column); count the slices left out."""
    if not outlines:
        return 0
    spread = np.max([np.ptp(outline, axis=0) for outline in outlines], axis=0)
    axis = int(np.argmin(spread))
    places = np.array([outline[:, axis].mean() for outline in outlines])
    slices = np.rint(places).astype(int)
    advice = "give the scan that it was drawn on"
    if spread[axis] > limits.OFF_SLICE_VOXELS or np.abs(places - slices).max() > limits.OFF_SLICE_VOXELS:
        raise InputError(f"{title} has outlines that do not lie in the slices of {grid_name}; {advice}")
    if slices.min() < 0 or slices.max() >= labels.shape[axis]:
        raise InputError(f"{title} has outlines beyond the slices of {grid_name}; {advice}, whole")
    used = np.unique(slices)
    if used.size > 1 and np.median(np.diff(used)) > 1:
        raise InputError(f"{title} has outlines in one of {np.median(np.diff(used)):g} slices of {grid_name} only; {advice}")
    planes = np.moveaxis(labels, axis, 0)
    for index in used:
        flat = [np.delete(outline, axis, axis=1) for outline, place in zip(outlines, slices, strict=True) if place == index]
        planes[index][fill_even_odd(flat, planes.shape[1:])] = label
    return int(used[-1] - used[0] + 1 - used.size)


def fill_even_odd(outlines: Sequence[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Find the pixels whose centres lie inside an odd number of outlines.

    Parameters
    ----------
    outlines : sequence of numpy.ndarray
        float64 (points, 2): row and column of each corner, where whole numbers are pixel centres; the last joins the first.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    numpy.ndarray
        bool with this shape. A centre on an outline counts as inside at its upper and left border and as outside at the
        others, so that regions which share a border share no pixel.

    Raises
    ------
    InputError
        For outlines that cross the rows more often than those of lungs or airways can.

    Notes
    -----
    A centre is inside where the ray from it towards lower columns crosses the outlines an odd number of times.
    """
    rows, columns = shape
    start = np.concatenate(outlines)
    end = np.concatenate([np.roll(outline, -1, axis=0) for outline in outlines])
    low, high = np.minimum(start[:, 0], end[:, 0]), np.maximum(start[:, 0], end[:, 0])
    first = np.clip(np.ceil(low), 0, rows).astype(int)
    crossed = np.clip(np.ceil(high), 0, rows).astype(int) - first  # an edge crosses the rows from its upper end to before its lower one
    if crossed.sum() > limits.MOST_CROSSINGS_COUNT:
        raise InputError(f"the outlines cross the rows of one slice {crossed.sum()} times; expected outlines of lungs or airways")
    edge = np.repeat(np.arange(len(start)), crossed)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(crossed) - crossed, crossed)
    slope = (end[edge, 1] - start[edge, 1]) / (end[edge, 0] - start[edge, 0])
    column = np.clip(np.ceil(start[edge, 1] + (row - start[edge, 0]) * slope), 0, columns).astype(int)
    crossings = np.bincount(row * (columns + 1) + column, minlength=rows * (columns + 1)).reshape(rows, columns + 1)
    inside: np.ndarray = np.cumsum(crossings[:, :-1], axis=1) % 2 == 1
    return inside
