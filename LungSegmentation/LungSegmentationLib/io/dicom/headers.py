"""DICOM headers: which files of a folder are CT images, and what each frame says of itself.

Attributes as in DICOM PS3.3: CT Image (A.3), Enhanced CT Image (A.38) with its functional groups (C.7.6.16).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from ...errors import InputError
from ...progress import Progress
from .files import damage_named, decode_all, files_of, is_dicom, open_dataset
from .image_size import check_size
from .image_type import Flavour, flavour_of

__all__ = ["Folder", "Frame", "Origin", "add_file", "facts_of", "frames_of", "is_dicom", "plain", "read_files", "read_folder"]

_CLASSIC_CT = "1.2.840.10008.5.1.4.1.1.2"
_ENHANCED_CT = ("1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2")  # the second: converted legacy series
_DICOMDIR = "1.2.840.10008.1.3.10"

_KEYWORDS = [
    "SpecificCharacterSet", "ImageType", "SOPClassUID", "SOPInstanceUID", "Modality", "Manufacturer", "SeriesDescription",
    "DerivationDescription", "ContrastBolusAgent", "SliceThickness", "SpacingBetweenSlices", "ConvolutionKernel", "PatientPosition",
    "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "AcquisitionNumber", "FrameOfReferenceUID", "ImagePositionPatient",
    "ImageOrientationPatient", "NumberOfFrames", "Rows", "Columns", "PixelSpacing", "BitsAllocated", "PixelRepresentation",
    "PixelPaddingValue", "PixelPaddingRangeLimit", "RescaleIntercept", "RescaleSlope", "RescaleType", "LossyImageCompression",
    "VolumeBasedCalculationTechnique", "PatientID", "StudyDate", "AcquisitionDate",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
]  # fmt: skip
_TAGS = [Tag(keyword) for keyword in _KEYWORDS]


@dataclass(frozen=True)
class Origin:
    """What a file says of the study and the series that it belongs to; "" and None where it says nothing."""

    study_uid: str = ""
    series_uid: str = ""
    frame_of_reference_uid: str = ""
    instance_uid: str = ""
    series_number: int | None = None
    acquisition_number: int | None = None
    description: str = ""


@dataclass(frozen=True)
class Frame:
    """One slice as its header describes it.

    ``orientation`` holds the row and the column cosines (six numbers), ``padding`` the lowest and the
    highest stored value that mean "not measured".
    """

    path: Path
    number_in_file: int
    rows: int
    columns: int
    spacing_row_column_mm: tuple[float, float]
    orientation: tuple[float, ...]
    position_lps_mm: tuple[float, ...]
    slope: float
    intercept: float
    padding: tuple[int, int] | None
    thickness_mm: float | None
    rescale_missing: bool
    kernel: str = ""
    flavour: Flavour = Flavour.UNKNOWN
    origin: Origin = Origin()


@dataclass
class Folder:
    """The headers of a folder: CT images by SeriesInstanceUID, and counts of the rest."""

    series: dict[str, list[tuple[Path, Dataset]]] = field(default_factory=dict)
    other_objects: Counter[str] = field(default_factory=Counter)
    other_series: dict[str, str] = field(default_factory=dict)
    ignored_files: int = 0
    not_dicom: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


def read_folder(folder: Path, recursive: bool, progress: Progress) -> Folder:
    """Read the headers of all DICOM files in a folder, without their pixels."""
    paths, links = files_of(folder, recursive)
    found = Folder(links=links)
    read_files(found, paths, progress)
    return found


def read_files(found: Folder, paths: Sequence[Path], progress: Progress) -> None:
    """Read the headers of files, without their pixels, and put them to what was found already."""
    for index, path in enumerate(paths):
        progress(index / len(paths), f"Reading headers: {index + 1} of {len(paths)} files")
        add_file(found, path)


def add_file(found: Folder, path: Path) -> None:
    """Read the header of one file, and put it to what was found already.

    Parameters
    ----------
    found : Folder
        Gets what the file is.
    path : pathlib.Path

    Raises
    ------
    InputError
        When it is DICOM and damaged.
    """
    dataset = _read_header(path)
    if dataset is None:
        found.ignored_files += 1
        if path.suffix.lower() == ".dcm":
            found.not_dicom.append(path.name)
        return
    sop_class = str(dataset.get("SOPClassUID", ""))
    if sop_class == _DICOMDIR:
        found.ignored_files += 1
        return
    series_uid = str(dataset.get("SeriesInstanceUID", "") or "")
    if not sop_class or (not series_uid and "Rows" not in dataset):
        raise InputError(
            f"{path.name} is a DICOM file whose header is cut short or damaged (no SOP class or series UID); copy or export it again"
        )
    if sop_class != _CLASSIC_CT and sop_class not in _ENHANCED_CT:
        modality = str(dataset.get("Modality", "") or "")
        is_plain = re.fullmatch("[A-Z]{2,12}", modality) and modality != "CT"
        kind = modality if is_plain else plain(pydicom.uid.UID_dictionary.get(sop_class, [sop_class])[0])  # type: ignore[attr-defined]
        found.other_objects[kind] += 1
        found.other_series[series_uid] = kind
    elif flavour_of(_as_list(dataset.get("ImageType"))) is Flavour.SCOUT:
        found.other_objects["CT localizer"] += 1
        found.other_series[series_uid] = "CT localizer"
    else:
        found.series.setdefault(series_uid, []).append((path, dataset))


def _read_header(path: Path) -> Dataset | None:
    with damage_named(path):
        dataset = open_dataset(path, _TAGS, with_pixels=False)
        if dataset is None:
            return None
        decode_all(dataset)
        if not dataset.get("SOPClassUID"):
            dataset.SOPClassUID = _sop_class(dataset)
    # Without the mark of DICOM and without a class the bytes only looked like it.
    return dataset if dataset.SOPClassUID or getattr(dataset, "preamble", None) is not None else None


def _sop_class(dataset: Dataset) -> str:
    """Take the class from the file meta information where the dataset has none; a CT image tells itself by its attributes."""
    stated = str(dataset.file_meta.get("MediaStorageSOPClassUID", "") or "")
    is_ct = dataset.get("Modality") == "CT" and "Rows" in dataset and "ImagePositionPatient" in dataset
    return stated or (_CLASSIC_CT if is_ct else "")


def frames_of(path: Path, dataset: Dataset) -> list[Frame]:
    """List the frames of a CT file: one, or those of an enhanced multi-frame image.

    Parameters
    ----------
    path : pathlib.Path
    dataset : pydicom.dataset.Dataset

    Returns
    -------
    list of Frame

    Raises
    ------
    InputError
        Naming the file and the attribute, when the geometry or the rescaling cannot be known.
    """
    stated = dataset.get("NumberOfFrames")
    count = 1 if stated in (None, "") else int(_numbers(path, "NumberOfFrames", stated, 1)[0])
    origin = _origin(dataset)
    if str(dataset.SOPClassUID) == _CLASSIC_CT:
        if count != 1:
            raise InputError(f"{path.name} is a single CT image by its class but has {count} frames (NumberOfFrames); export it again")
        return [_frame(path, 0, dataset, lambda keyword, _group: dataset.get(keyword), origin)]
    shared = _as_list(dataset.get("SharedFunctionalGroupsSequence"))
    per_frame = _as_list(dataset.get("PerFrameFunctionalGroupsSequence"))
    if not per_frame:
        raise InputError(
            f"{path.name} is a multi-frame CT without a description of its frames (per-frame functional groups); export it again"
        )
    if stated not in (None, "") and count != len(per_frame):
        raise InputError(f"{path.name} has {count} frames (NumberOfFrames) but describes {len(per_frame)}; export it again")
    return [_frame(path, number, dataset, _functional_group_reader(own, shared), origin) for number, own in enumerate(per_frame)]


def _origin(dataset: Dataset) -> Origin:
    number, acquisition = dataset.get("SeriesNumber"), dataset.get("AcquisitionNumber")
    keywords = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID")
    study, series, frame_of_reference, instance = (str(dataset.get(keyword, "") or "").strip() for keyword in keywords)
    return Origin(
        study,
        series,
        frame_of_reference,
        instance,
        int(number) if isinstance(number, (int, float)) else None,
        int(acquisition) if isinstance(acquisition, (int, float)) else None,
        str(dataset.get("SeriesDescription", "") or "").strip(),
    )


def _functional_group_reader(own: Dataset, shared: list[Dataset]) -> Callable[[str, str], object]:
    def read(keyword: str, group: str) -> object:
        for item in (own, *shared):
            for content in _as_list(item.get(group)):
                if keyword in content:
                    return content.get(keyword)
        return None

    return read


def _frame(path: Path, number: int, dataset: Dataset, read: Callable[[str, str], object], origin: Origin) -> Frame:
    rescale = "PixelValueTransformationSequence"
    rescale_type = str(read("RescaleType", rescale) or "").strip().upper()
    if rescale_type not in ("", "HU", "US", "UNSPECIFIED"):
        raise InputError(f"{path.name} holds values of type {plain(rescale_type, 16)} (RescaleType); expected Hounsfield units (HU)")
    slope, intercept = read("RescaleSlope", rescale), read("RescaleIntercept", rescale)
    spacing = _numbers(path, "PixelSpacing", read("PixelSpacing", "PixelMeasuresSequence"), 2)
    if min(spacing) <= 0:
        raise InputError(f"{path.name} gives PixelSpacing {spacing}; expected two numbers above 0 mm")
    rows, columns = (_numbers(path, keyword, dataset.get(keyword), 1)[0] for keyword in ("Rows", "Columns"))
    check_size(path.name, rows, columns)
    thickness = read("SliceThickness", "PixelMeasuresSequence")
    kernel = read("ConvolutionKernel", "CTReconstructionSequence")
    return Frame(
        path=path,
        number_in_file=number,
        rows=int(rows),
        columns=int(columns),
        spacing_row_column_mm=(spacing[0], spacing[1]),
        orientation=_numbers(path, "ImageOrientationPatient", read("ImageOrientationPatient", "PlaneOrientationSequence"), 6),
        position_lps_mm=_numbers(path, "ImagePositionPatient", read("ImagePositionPatient", "PlanePositionSequence"), 3),
        slope=1.0 if slope in (None, "") else _numbers(path, "RescaleSlope", slope, 1)[0],
        intercept=0.0 if intercept in (None, "") else _numbers(path, "RescaleIntercept", intercept, 1)[0],
        padding=_padding(dataset),
        thickness_mm=None if thickness in (None, "") else _numbers(path, "SliceThickness", thickness, 1)[0],
        rescale_missing=slope in (None, "") or intercept in (None, ""),
        kernel="/".join(str(value) for value in _as_list(kernel or dataset.get("ConvolutionKernel"))),
        flavour=flavour_of(
            _as_list(read("FrameType", "CTImageFrameTypeSequence") or dataset.get("ImageType")),
            (origin.description, str(dataset.get("DerivationDescription", "") or "")),
            str(dataset.get("VolumeBasedCalculationTechnique", "") or ""),
        ),
        origin=origin,
    )


def _numbers(path: Path, keyword: str, value: object, count: int) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in _as_list(value))
    except (TypeError, ValueError):
        numbers = ()
    if len(numbers) != count or not all(math.isfinite(number) for number in numbers):
        found = "is missing" if value in (None, "") else f"is {plain(value)}"
        raise InputError(
            f"{path.name}: {keyword} {found}; expected {count} number{'s' if count > 1 else ''}; the header is incomplete or damaged"
        )
    return numbers


def _padding(dataset: Dataset) -> tuple[int, int] | None:
    """Give the range of stored values that mean padding, whatever sign the header wrote them with."""
    bounds = [dataset.get("PixelPaddingValue"), dataset.get("PixelPaddingRangeLimit")]
    signed = dataset.get("PixelRepresentation") == 1
    numbers = []
    for bound in bounds:
        if isinstance(bound, bytes) and len(bound) >= 2:  # "US or SS" that was not resolved
            bound = int.from_bytes(bound[:2], "little")
        if isinstance(bound, int):
            numbers.append((bound & 0xFFFF) - (0x10000 if signed and bound & 0x8000 else 0))
    return (min(numbers), max(numbers)) if numbers else None


def _as_list(value: object) -> list[Any]:
    """Make a list of an attribute that may be absent, one value or several."""
    if value is None or value == "":
        return []
    return [value] if isinstance(value, (str, bytes, int, float)) or not hasattr(value, "__iter__") else list(value)


def plain(value: object, most: int = 60) -> str:
    """Write a value of a header into an error: one line, without control characters, not long."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def facts_of(dataset: Dataset, frame: Frame) -> Mapping[str, object]:
    """Pick what the summary tells about a series; nothing that says who the patient is."""
    agent = str(dataset.get("ContrastBolusAgent", "") or "").strip()
    facts: dict[str, object] = {
        "modality": "CT",
        "series_uid": str(dataset.get("SeriesInstanceUID", "") or ""),
        "study_uid": str(dataset.get("StudyInstanceUID", "")),
        "patient_position": str(dataset.get("PatientPosition", "") or ""),
        "manufacturer": str(dataset.get("Manufacturer", "") or ""),
        "kernel": frame.kernel,
        "slice_thickness_mm": frame.thickness_mm,
        "contrast_agent": agent.lower() not in ("", "none", "no", "n", "without"),
    }
    return {key: value for key, value in facts.items() if value not in (None, "")}
