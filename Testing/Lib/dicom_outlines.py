"""Writes DICOM structure sets for tests: outlines of masks, traced by scikit-image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from dicom_files import new_dataset, save
from pydicom.dataset import Dataset
from skimage import measure

from LungSegmentationLib.volume import CtVolume

RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"


def write_structure_set(path: Path, regions: Sequence[tuple[int, str, Sequence[np.ndarray]]], kind: str = "CLOSED_PLANAR") -> None:
    """Write a structure set; ``regions`` are (number, name, outlines as float (points, 3) in mm)."""
    dataset = new_dataset(RTSTRUCT, "1.2.3.78")
    dataset.Modality = "RTSTRUCT"
    rois, contours = [], []
    for number, name, outlines in regions:
        roi, contour_item = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ROIGenerationAlgorithm = number, name, ""
        contour_item.ReferencedROINumber, contour_item.ContourSequence = number, []
        for outline in outlines:
            item = Dataset()
            item.ContourGeometricType, item.NumberOfContourPoints = kind, len(outline)
            item.ContourData = [f"{value:.8g}" for value in np.ravel(outline)]
            contour_item.ContourSequence.append(item)
        rois.append(roi)
        contours.append(contour_item)
    dataset.StructureSetROISequence, dataset.ROIContourSequence = rois, contours[::-1]
    save(dataset, path)


def outlines_mm(mask: np.ndarray, volume: CtVolume) -> list[np.ndarray]:
    """Trace a mask slice by slice, along the middle between inside and outside; holes have outlines of their own."""
    steps = volume.direction_lps * np.array(volume.spacing_zyx_mm[::-1])
    found = []
    for index, plane in enumerate(mask):
        for outline in measure.find_contours(np.pad(plane, 1).astype(float), 0.5):
            rows, columns = (outline[:-1] - 1).T
            found.append(np.stack([columns, rows, np.full(len(rows), index)], axis=1) @ steps.T + volume.origin_lps_mm)
    return found
