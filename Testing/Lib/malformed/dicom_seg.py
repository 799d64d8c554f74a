"""Hostile segmentation objects: sizes, frames, segments, places, encodings."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pydicom
from dicom_files import save
from PIL import Image
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEG2000Lossless, JPEGLSLossless, RLELossless

from . import RIGHT, Malformed
from .dicom_parts import Make, OneFile, deflate, insert_before, nested_private, set_values, write_segments

ROWS = (0x0028, 0x0010)


_object = OneFile(write_segments)
_edited, _bytes, _syntax = _object.edited, _object.bytes_changed, _object.of_syntax


def _fractional(highest: int | None) -> OneFile:
    return OneFile(partial(write_segments, fractional=highest))


def _with(fractional: int | None = None, **values: Any) -> Make:
    return _fractional(fractional).with_values(**values)


def _place(change: Callable[[list[float]], list[float]]) -> Make:
    """Change where the first frame lies, given its own place: x, y, z in mm."""

    def edit(dataset: FileDataset) -> None:
        place = dataset.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0]
        place.ImagePositionPatient = change([float(value) for value in place.ImagePositionPatient])

    return _edited(edit)


def _no_place(dataset: FileDataset) -> None:
    del dataset.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence


def _no_number(dataset: FileDataset) -> None:
    del dataset.PerFrameFunctionalGroupsSequence[1].SegmentIdentificationSequence


def _same_number(dataset: FileDataset) -> None:
    for segment in dataset.SegmentSequence:
        segment.SegmentNumber = 1


def _other_codes(dataset: FileDataset) -> None:
    for segment in dataset.SegmentSequence:
        segment.SegmentLabel = "\x1b[31mlung\nright"
        segment.SegmentedPropertyTypeCodeSequence[0].CodeValue = "1"


def _spacing(row_mm: float) -> Make:
    def edit(dataset: FileDataset) -> None:
        dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing = [row_mm, row_mm]

    return _edited(edit)


def _fewer_descriptions(dataset: FileDataset) -> None:
    dataset.PerFrameFunctionalGroupsSequence = list(dataset.PerFrameFunctionalGroupsSequence)[:3]


def _rle(change: Callable[[FileDataset], None] = lambda _dataset: None) -> Make:
    def pack(path: Path) -> Path:
        dataset = pydicom.dcmread(path)
        dataset.compress(RLELossless, generate_instance_uid=False)
        change(dataset)
        save(dataset, path)
        return path

    return _fractional(200).changed(pack)


def _jpeg_2000(syntax: UID) -> Make:
    """Pack the frames as JPEG 2000, and say that they are of a transfer syntax."""

    def pack(path: Path) -> Path:
        dataset = pydicom.dcmread(path)
        streams = []
        for frame in dataset.pixel_array:
            stream = io.BytesIO()
            Image.fromarray(frame).save(stream, "JPEG2000", no_jp2=True)
            streams.append(stream.getvalue())
        dataset.PixelData = encapsulate(streams)
        dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
        dataset.file_meta.TransferSyntaxUID = syntax
        save(dataset, path)
        return path

    return _fractional(200).changed(pack)


_TABLE: list[tuple[str, Make, str]] = [
    ("sound", _with(), RIGHT),
    ("fractional", _with(200), RIGHT),
    ("fractional_of_1", _with(1), RIGHT),
    ("fractional_of_0", _with(100, MaximumFractionalValue=0), "MaximumFractionalValue 0; expected a number from 1 to 255"),
    ("fractional_of_300", _with(300), "MaximumFractionalValue 300; expected"),
    ("fractional_without_maximum", _with(100, MaximumFractionalValue=None), "has no MaximumFractionalValue; expected"),
    ("rows_smaller", _with(Rows=lambda rows: rows - 4), "bytes of pixel data"),
    ("rows_larger", _with(Rows=lambda rows: rows + 4), "cut short: it holds"),
    ("columns_smaller", _with(Columns=lambda columns: columns - 4), "bytes of pixel data"),
    ("columns_smaller_of_bytes", _with(200, Columns=lambda columns: columns - 1), "bytes of pixel data"),
    ("rows_0", _with(Rows=0), "has 0 Rows; expected"),
    ("columns_65535", _with(Columns=65535), "has 65535 Columns; expected"),
    ("rows_and_columns_4096", _with(Rows=4096, Columns=4096), "cut short: it holds"),
    ("rows_missing", _with(Rows=None), "has 0 Rows; expected"),
    ("frames_more", _with(NumberOfFrames=40_000), "has 40000 frames"),
    ("frames_2_to_the_31", _with(NumberOfFrames=2**31 - 1), "over the limit of|has 2147483647 frames"),
    ("frames_negative", _with(NumberOfFrames=-1), "has -1 frames"),
    ("frames_described_less", _edited(_fewer_descriptions), "but describes 3"),
    ("frames_not_described", _with(PerFrameFunctionalGroupsSequence=None), "does not describe its frames"),
    ("bits_allocated_4", _with(BitsAllocated=4), "stores 4 bits per pixel"),
    ("bits_allocated_8_for_1", _with(BitsAllocated=8), "cut short: it holds"),
    ("bits_allocated_1_for_8", _with(200, BitsAllocated=1), "bytes of pixel data"),
    ("pixels_missing", _with(PixelData=None), "cut short: it holds 0"),
    ("place_missing", _edited(_no_place), "ImagePositionPatient is missing"),
    ("place_far", _place(lambda xyz: [*xyz[:2], 1e7]), "over the limit of|uneven distances|beyond"),
    ("place_uneven", _place(lambda xyz: [*xyz[:2], xyz[2] - 1.37]), "uneven distances"),
    ("place_of_two", _place(lambda xyz: xyz[:2]), "ImagePositionPatient is"),
    ("place_beside", _place(lambda xyz: [xyz[0] + 125, *xyz[1:]]), "do not lie above each other"),
    ("spacing_0", _spacing(0), "expected two numbers above 0"),
    ("spacing_of_another_grid", _spacing(3.3), "lies on another grid"),
    ("number_missing", _edited(_no_number), "which segment each frame belongs to"),
    ("number_twice", _edited(_same_number), "segments but 1 different numbers"),
    ("codes_of_others", _edited(_other_codes), "no segment coded as right or left lung"),
    ("no_segments", _with(SegmentSequence=None), "no segment coded as right or left lung"),
    ("unknown_syntax", _syntax("1.2.3.4.5"), "no standard DICOM transfer syntax"),
    ("rle", _rle(), RIGHT),
    ("rle_rows_smaller", _rle(lambda dataset: set_values(dataset, {"Rows": lambda rows: rows - 4})), "unpacks to"),
    ("rle_frames_fewer", _rle(lambda dataset: set_values(dataset, {"NumberOfFrames": 2})), "has 2 frames"),
    ("jpeg_2000", _jpeg_2000(JPEG2000Lossless), RIGHT),
    ("jpeg_2000_as_jpeg_ls", _jpeg_2000(JPEGLSLossless), "JPEG-LS.* cannot be decompressed"),
    ("deflated", _object.changed(deflate), RIGHT),
    ("deflated_cut", _object.changed(lambda path: deflate(path, lambda packed: packed[:-60])), "damaged"),
    (
        "deflated_damaged",
        _object.changed(lambda path: deflate(path, lambda packed: packed[:99] + bytes(9) + packed[108:])),
        "damaged|neither a segmentation",
    ),
    ("deflated_bomb", _object.changed(lambda path: deflate(path, more_megabytes=900)), "inflates to more"),
    ("nested_private_20", _bytes(lambda content: insert_before(content, ROWS, nested_private(20))), RIGHT),
    ("nested_private_3000", _bytes(lambda content: insert_before(content, ROWS, nested_private(3000))), "nested too deeply|damaged"),
    ("cut_in_the_pixels", _bytes(lambda content: content[:-40]), "cut short|damaged"),
    ("cut_in_the_frames", _bytes(lambda content: content[: len(content) // 2]), "cut short|damaged|does not describe|has|holds"),
    ("cut_after_the_mark", _bytes(lambda content: content[:140]), "neither a segmentation|damaged"),
]
CASES = [Malformed(name, "labels", make, expected) for name, make, expected in _TABLE]
