"""Hostile structure sets: regions, outlines, coordinates, encodings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset

from . import RIGHT, Malformed, Scan
from .dicom_parts import Make, OneFile, deflate, insert_before, nested_private, set_values, write_outlines

ROIS = (0x3006, 0x0020)


_object = OneFile(write_outlines)
_with, _edited, _changed, _bytes = _object.with_values, _object.edited, _object.changed, _object.bytes_changed


def _outline(**values: Any) -> Make:
    """Change the second outline of the first region."""
    return _edited(lambda dataset: set_values(dataset.ROIContourSequence[0].ContourSequence[1], values))


def _coordinate(text: str) -> Make:
    """Write the first coordinate that has room for it as text of the same length, which pydicom would not."""

    def change(content: bytes) -> bytes:
        at = end = content.index(b"\\", content.index(b"CLOSED_PLANAR"))
        while end - at < len(text):
            at = content.index(b"\\", at) + 1
            end = content.index(b"\\", at)
        return content[:at] + text.encode().ljust(end - at) + content[end:]

    return _bytes(change)


def _named(*names: str) -> Make:
    return lambda folder, scan: write_outlines(folder, scan, names=dict(zip((1, 2, 3), names, strict=True)))


def _same_number(dataset: FileDataset) -> None:
    for region in dataset.StructureSetROISequence:
        region.ROINumber = 1


def _empty_outline_besides(dataset: FileDataset) -> None:
    empty = Dataset()
    empty.ContourGeometricType, empty.NumberOfContourPoints = "CLOSED_PLANAR", 0
    dataset.ROIContourSequence[0].ContourSequence.insert(0, empty)


def _no_reference(dataset: FileDataset) -> None:
    del dataset.ROIContourSequence[0].ReferencedROINumber


def _all_moved(slices: float) -> Make:
    def make(folder: Path, scan: Scan) -> Path:
        def edit(dataset: FileDataset) -> None:
            for region in dataset.ROIContourSequence:
                for contour in region.ContourSequence:
                    points = np.reshape(np.array(contour.ContourData, float), (-1, 3))
                    points[:, 2] += slices * scan.volume.spacing_zyx_mm[0]
                    contour.ContourData = [f"{value:.8g}" for value in points.ravel()]

        return write_outlines(folder, scan, edit)

    return make


def _zigzag(dataset: FileDataset) -> None:
    contour = dataset.ROIContourSequence[0].ContourSequence[0]
    z = contour.ContourData[2]
    points = np.tile([[-120, -5000, z], [-119, 5000, z]], (100_000, 1))
    del contour.ContourData, contour.NumberOfContourPoints
    text = "\\".join(f"{value:g}" for value in points.ravel())
    contour.add(pydicom.DataElement(0x30060050, "UT", text))


_TABLE: list[tuple[str, Make, str]] = [
    ("sound", _with(), RIGHT),
    ("names_with_escapes", _named("\x1b[31mlung", "lu\nng", "airways"), "no region of interest named as right or left lung"),
    ("names_empty", _named("", "", ""), "no region of interest named as right or left lung"),
    ("number_twice", _edited(_same_number), "different numbers"),
    ("number_missing", _edited(_no_reference), "damaged"),
    ("no_regions", _with(StructureSetROISequence=None), "no region of interest named"),
    ("no_outlines", _with(ROIContourSequence=None), "no voxel of the right or left lung"),
    ("outline_of_nothing_besides", _edited(_empty_outline_besides), RIGHT),
    ("points_more", _outline(NumberOfContourPoints=9000), "that says 9000"),
    ("points_negative", _outline(NumberOfContourPoints=-1), "that says -1"),
    ("values_not_by_three", _outline(ContourData=lambda values: list(values)[:-1], NumberOfContourPoints=None), "has an outline of"),
    ("coordinate_nan", _coordinate("nan"), "no place within"),
    ("coordinate_infinite", _coordinate("inf"), "no place within"),
    ("coordinate_huge", _coordinate("9e9"), "no place within"),
    ("coordinate_text", _coordinate("left"), "damaged"),
    ("between_slices", _all_moved(0.44), "do not lie in the slices"),
    ("beyond_the_scan", _all_moved(1600), "beyond the slices"),
    ("zigzag", _edited(_zigzag), "cross the rows|outlines"),
    ("unknown_syntax", _object.of_syntax("1.2.3.4.5"), RIGHT),
    ("deflated", _changed(deflate), RIGHT),
    ("deflated_cut", _changed(lambda path: deflate(path, lambda packed: packed[:-60])), "damaged"),
    ("deflated_bomb", _changed(lambda path: deflate(path, more_megabytes=900)), "inflates to more"),
    ("nested_private_20", _bytes(lambda content: insert_before(content, ROIS, nested_private(20))), RIGHT),
    ("nested_private_3000", _bytes(lambda content: insert_before(content, ROIS, nested_private(3000))), "nested too deeply"),
    (
        "cut_in_the_outlines",
        _bytes(lambda content: content[: len(content) * 2 // 3]),
        "damaged|that says|no voxel|has an outline|no region",
    ),
    ("cut_in_the_header", _bytes(lambda content: content[:400]), "damaged|neither a segmentation|no region"),
]
CASES = [Malformed(name, "labels", make, expected) for name, make, expected in _TABLE]
