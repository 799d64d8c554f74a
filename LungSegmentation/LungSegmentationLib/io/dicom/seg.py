"""Lungs and airways from a DICOM segmentation object (SEG): frames of segments that say by codes what they are.

Attributes as in DICOM PS3.3 A.51 and C.8.20: binary, fractional and label map segmentations. A file holds the
frames that something is marked in, in any order.

highdicom (0.28), which Slicer 5.10 does not bundle, was measured on 46 files of the tests. It refuses all 7 that can be read, as they
lack what the standard requires but a label map does not need (category codes, dimension indices), and takes over 1.5 GB for 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from ...errors import InputError
from ...grids import Grid
from ...labels import REGIONS
from ...volume import SMALLEST_SPACING_MM
from ..file_checks import check_memory, check_voxel_memory
from . import limits
from .compressed_pixels import decode_segments, is_encapsulated
from .files import damage_named, decode_all
from .headers import Frame, frames_of, plain
from .pixels import check_length
from .slice_grid import axes_of, in_plane_shifts_px, places_along_normal_mm
from .structure_files import open_marks, parts_by_number, regions_of_parts

# Older objects write SNOMED with the codes of before 2017 (DICOM PS3.16, Annex O, "SRT").
_OLD_CODES = {"T-28000": "39607008", "G-A100": "24028007", "G-A101": "7771000", "T-DD006": "110726009"}
_REGION_OF_CODES = {(region.type_code.value, region.modifier_code.value if region.modifier_code else ""): region.key for region in REGIONS}


@dataclass(frozen=True)
class _Segment:
    """A segment's name, and the SNOMED CT codes of its type and of the modifier of its type."""

    name: str
    meaning: str
    codes: tuple[str, str]


def read_segmentation(path: Path, labels_map: Mapping[int, str] | None, map_option: str) -> tuple[np.ndarray, Grid]:
    """Read a segmentation object.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    labels_map : mapping of int to str, optional
        Region key by segment number; segments that it does not name are left out. Without it segments are known by
        their codes (see :mod:`LungSegmentationLib.labels`), and the others are left out.
    map_option : str
        The option of the command line that gives such a map, for errors.

    Returns
    -------
    numpy.ndarray
        uint8 (slices, rows, columns): 0 background, 1 right lung, 2 left lung, 3 airways, from the first to the last slice
        that the file describes.
    Grid

    Raises
    ------
    InputError
        When the file is damaged, its frames are no even stack, or no segment is a lung.
    """
    dataset = open_marks(path)
    with damage_named(path):
        decode_all(dataset)
        numbered = [(int(item.SegmentNumber), _segment(item)) for item in dataset.get("SegmentSequence") or []]
        segments = parts_by_number(path, "segment", "SegmentNumber", numbered)
        per_frame = list(dataset.get("PerFrameFunctionalGroupsSequence") or [])
    meanings = regions_of_parts(
        path,
        "segment",
        "coded as right or left lung (SNOMED CT 39607008 with 24028007 or 7771000)",
        {number: f"{segment.name or 'without a name'} ({segment.meaning or 'no code'})" for number, segment in segments.items()},
        {number: _REGION_OF_CODES.get(segment.codes) for number, segment in segments.items()},
        labels_map,
        map_option,
    )
    if not per_frame:
        raise InputError(f"{path.name} does not describe its frames (per-frame functional groups); export it again")
    is_label_map = str(dataset.get("SegmentationType", "")) == "LABELMAP"
    frames = frames_of(path, dataset)
    half = _half_of_highest(path, dataset)
    numbers = [None] * len(frames) if is_label_map else _segment_numbers(path, dataset, per_frame)
    grid, slice_of_frame = _stack(path, dataset, frames)
    check_memory(path.name, math.prod(grid.shape_zyx), "its voxels need")
    read_frame = _frame_reader(path, dataset, len(frames))
    labels = np.zeros(grid.shape_zyx, np.uint8)
    for region in REGIONS:  # airways come last: where segments overlap, they are not lung
        wanted = [number for number, key in meanings.items() if key == region.key]
        for index, number in enumerate(numbers):
            if wanted and (number is None or number in wanted):
                frame = read_frame(index)
                marked = np.isin(frame, wanted) if number is None else (frame != 0 if half is None else frame >= half)
                labels[slice_of_frame[index]][marked] = region.label
    return labels, grid


def _segment(item: Dataset) -> _Segment:
    property_type = (item.get("SegmentedPropertyTypeCodeSequence") or [Dataset()])[0]
    modifier = (property_type.get("SegmentedPropertyTypeModifierCodeSequence") or [Dataset()])[0]
    codes = [str(code.get("CodeValue", "") or "") for code in (property_type, modifier)]
    label, meaning = (plain(value or "") for value in (item.get("SegmentLabel"), property_type.get("CodeMeaning")))
    return _Segment(label, meaning, (_OLD_CODES.get(codes[0], codes[0]), _OLD_CODES.get(codes[1], codes[1])))


def _segment_numbers(path: Path, dataset: Dataset, per_frame: Sequence[Dataset]) -> list[int]:
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or [])
    numbers = []
    for own in per_frame:
        items = [item for group in (own, *shared) for item in group.get("SegmentIdentificationSequence") or []]
        number = items[0].get("ReferencedSegmentNumber") if items else None
        if number is None:
            raise InputError(f"{path.name} does not say which segment each frame belongs to (ReferencedSegmentNumber); export it again")
        numbers.append(int(number))
    return numbers


def _stack(path: Path, dataset: Dataset, frames: Sequence[Frame]) -> tuple[Grid, np.ndarray]:
    """Find the even stack of slices that the frames lie in, and the slice of each frame."""
    first = frames[0]
    places = places_along_normal_mm(frames)
    same_plane = all(np.allclose(frame.orientation, first.orientation, atol=limits.SAME_FRAME_COSINE) for frame in frames)
    same_pixels = all(frame.spacing_row_column_mm == first.spacing_row_column_mm for frame in frames)
    if not same_plane or not same_pixels or in_plane_shifts_px(frames).any():
        raise InputError(f"{path.name} holds frames that do not lie above each other on one grid; export one segmentation of one scan")
    step_mm = _step_mm(path, dataset, first, np.unique(np.round(places, 4)))
    slice_of_frame = np.rint((places - places.min()) / step_mm).astype(int)
    lowest = frames[int(np.argmin(places))]
    x, y, z = lowest.position_lps_mm
    shape = (int(slice_of_frame.max()) + 1, first.rows, first.columns)
    return Grid(shape, (step_mm, *first.spacing_row_column_mm), (x, y, z), axes_of(first)), slice_of_frame


def _step_mm(path: Path, dataset: Dataset, first: Frame, places_mm: np.ndarray) -> float:
    """Choose the slice spacing that puts every frame on a slice: the stated one, the smallest gap, or the thickness."""
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [Dataset()])[0]
    measures = (shared.get("PixelMeasuresSequence") or [Dataset()])[0]
    gaps = np.diff(places_mm)
    stated = measures.get("SpacingBetweenSlices")
    for step in (stated, float(gaps.min()) if gaps.size else None, first.thickness_mm):
        if step is None or float(step) < SMALLEST_SPACING_MM:
            continue
        slices = (places_mm - places_mm[0]) / float(step)
        if np.abs(slices - np.rint(slices)).max() <= limits.EVEN_SHARE:
            # The stated number is rounded: over the stack's length the places themselves are more exact.
            return float(places_mm[-1] - places_mm[0]) / float(np.rint(slices[-1])) if slices[-1] else float(step)
    raise InputError(
        f"{path.name} holds slices at uneven distances ({gaps.min():g} to {gaps.max():g} mm); export it on the scan's own slices"
    )


def _frame_reader(path: Path, dataset: Dataset, count: int) -> Callable[[int], np.ndarray]:
    """Give a function that reads one frame, uint8 or uint16 (rows, columns): all at once they may be many times a scan."""
    rows, columns, bits = int(dataset.Rows), int(dataset.Columns), int(dataset.get("BitsAllocated", 1) or 1)
    if bits not in (1, 8, 16):
        raise InputError(f"{path.name} stores {bits} bits per pixel (BitsAllocated); expected 1, 8 or 16")
    content = dataset.get("PixelData") or b""
    size = rows * columns
    if is_encapsulated(path, dataset):
        check_voxel_memory(path.name, size * count * max(bits // 8, 1), len(content))
        pixels = decode_segments(path, dataset)
        if pixels.shape != (count, rows, columns):
            raise InputError(f"{path.name} holds {len(pixels)} of the {count} frames that it describes; export it again")
        return lambda index: pixels[index]
    check_length(path, content, -(-size * count * bits // 8), min(rows, columns))
    stored = np.frombuffer(content, np.uint8 if bits < 16 else "<u2", len(content) // max(bits // 8, 1))

    def read(index: int) -> np.ndarray:
        if bits > 1:
            return stored[index * size : (index + 1) * size].reshape(rows, columns)
        start = index * size  # frames follow each other without a gap, also within a byte
        unpacked = np.unpackbits(stored[start // 8 : -(-(start + size) // 8)], bitorder="little")
        return unpacked[start % 8 : start % 8 + size].reshape(rows, columns)

    return read


def _half_of_highest(path: Path, dataset: Dataset) -> float | None:
    """Give the value from which on a fractional segment is marked, half of the highest; None for binary ones, marked with 1."""
    if str(dataset.get("SegmentationType", "BINARY")) != "FRACTIONAL":
        return None
    highest = dataset.get("MaximumFractionalValue")
    # One byte for each pixel (DICOM PS3.3 C.8.20.2).
    if not isinstance(highest, (int, float)) or not 1 <= highest <= 255:
        found = "has no MaximumFractionalValue" if highest in (None, "") else f"has MaximumFractionalValue {plain(highest)}"
        raise InputError(f"{path.name} is a fractional segmentation and {found}; expected a number from 1 to 255: export it again")
    return 0.5 * float(highest)
