"""Writes real DICOM files for tests: CT series slice by slice, enhanced multi-frame CT, other objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"

_IS_OLD_PYDICOM = int(pydicom.__version__.partition(".")[0]) < 3
SHAPE = (6, 20, 24)
SPACING_ZYX_MM = (2.5, 0.7, 0.8)
ORIGIN_LPS_MM = (-120.5, -98.25, 300.0)


def random_hu(shape: tuple[int, ...] = SHAPE, seed: int = 0) -> np.ndarray:
    """Noise over the whole 12-bit range: no two slices are alike."""
    return np.random.default_rng(seed).integers(-1024, 3072, shape).astype(np.int16)


def new_dataset(sop_class: str, series_uid: str, syntax: UID = ExplicitVRLittleEndian) -> FileDataset:
    """Make an empty object with what every DICOM file has; the patient has a name that no result may show."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = sop_class, generate_uid(), syntax
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Secret^Person", "SECRET-7", "19010203"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3.4", series_uid
    dataset.Modality = "CT" if sop_class in (CT, ENHANCED_CT) else "SEG"
    return dataset


def positions_along_normal(
    count: int,
    spacing_mm: float = SPACING_ZYX_MM[0],
    origin: Sequence[float] = ORIGIN_LPS_MM,
    direction: np.ndarray | None = None,
) -> np.ndarray:
    """Give even slice positions, float (count, 3)."""
    normal = np.eye(3)[2] if direction is None else direction[:, 2]
    return np.asarray(origin) + np.arange(count)[:, None] * spacing_mm * normal


def write_series(
    folder: Path,
    voxels_hu: np.ndarray,
    positions: np.ndarray | None = None,
    direction: np.ndarray | None = None,
    series_uid: str = "1.2.3.5",
    intercept: int = -1024,
    instance_numbers: Sequence[int] | None = None,
    prefix: str = "slice",
    edit: Callable[[FileDataset, int], None] | None = None,
    syntax: UID = ExplicitVRLittleEndian,
) -> list[Path]:
    """Write one CT file per slice (signed 16 bit); ``edit(dataset, index)`` may change each before it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    positions = positions_along_normal(len(voxels_hu)) if positions is None else positions
    direction = np.eye(3) if direction is None else direction
    paths = []
    for index, plane in enumerate(voxels_hu):
        dataset = new_dataset(CT, series_uid, syntax)
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.InstanceNumber = index + 1 if instance_numbers is None else int(instance_numbers[index])
        dataset.SliceThickness = SPACING_ZYX_MM[0]
        dataset.ImagePositionPatient = [f"{value:.8g}" for value in positions[index]]
        dataset.ImageOrientationPatient = [f"{value:.10f}" for value in (*direction[:, 0], *direction[:, 1])]
        dataset.PixelSpacing = list(SPACING_ZYX_MM[1:])
        dataset.RescaleSlope, dataset.RescaleIntercept = 1, intercept
        set_pixels(dataset, (plane.astype(np.int32) - intercept).astype(np.int16))
        if edit is not None:
            edit(dataset, index)
        paths.append(folder / f"{prefix}{index:03d}.dcm")
        save(dataset, paths[-1])
    return paths


def set_pixels(dataset: Dataset, stored: np.ndarray, bits_stored: int = 16) -> None:
    """Put int16 or uint16 pixels into a dataset, with all that describes them."""
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, bits_stored, bits_stored - 1
    dataset.PixelRepresentation = int(stored.dtype == np.int16)
    little_endian = dataset.file_meta.TransferSyntaxUID.is_little_endian
    dataset.PixelData = np.ascontiguousarray(stored, stored.dtype.newbyteorder("<" if little_endian else ">")).tobytes()
    dataset["PixelData"].VR = "OW"


def write_enhanced(path: Path, voxels_hu: np.ndarray, order: Sequence[int], intercepts: Sequence[int], compress: UID | None = None) -> None:
    """Write slices as one enhanced CT with frames in the given order and one rescale intercept per slice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset = new_dataset(ENHANCED_CT, "1.2.3.6")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    dataset.NumberOfFrames = len(voxels_hu)
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = list(SPACING_ZYX_MM[1:]), SPACING_ZYX_MM[0]
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [orientation]
    dataset.SharedFunctionalGroupsSequence = [shared]
    positions = positions_along_normal(len(voxels_hu))
    groups = []
    for index in order:
        own, place, rescale = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = list(positions[index])
        rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, intercepts[index], "HU"
        own.PlanePositionSequence, own.PixelValueTransformationSequence = [place], [rescale]
        groups.append(own)
    dataset.PerFrameFunctionalGroupsSequence = groups
    set_pixels(dataset, np.stack([voxels_hu[index].astype(np.int16) - np.int16(intercepts[index]) for index in order]))
    if compress is not None:
        dataset.compress(compress, generate_instance_uid=False)
    save(dataset, path)


def write_segmentation(path: Path) -> None:
    """Write a small segmentation object, which is not a CT."""
    dataset = new_dataset(SEGMENTATION, "1.2.3.7")
    save(dataset, path)


def save(dataset: FileDataset, path: Path) -> None:
    """Write a dataset as a DICOM file with preamble and meta header."""
    if not _IS_OLD_PYDICOM:
        pydicom.dcmwrite(path, dataset, enforce_file_format=True)
        return
    _encode_as(dataset, UID(dataset.file_meta.TransferSyntaxUID))
    pydicom.dcmwrite(path, dataset, write_like_original=False)


def save_as_it_is(dataset: FileDataset, path: Path, syntax: UID) -> None:
    """Write a dataset encoded by a transfer syntax, whatever its meta header says, and without one where it has none."""
    if not _IS_OLD_PYDICOM:
        pydicom.dcmwrite(path, dataset, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
        return
    _encode_as(dataset, syntax)
    pydicom.dcmwrite(path, dataset)


def _encode_as(dataset: FileDataset, syntax: UID) -> None:
    # Before version 3, which Slicer 5.10 has not, pydicom did not take the encoding from the transfer syntax.
    dataset.is_implicit_VR, dataset.is_little_endian = syntax.is_implicit_VR, syntax.is_little_endian
