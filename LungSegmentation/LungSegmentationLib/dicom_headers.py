"""DICOM headers: which files of a folder are CT images, and what each frame says of itself.

Attributes as in DICOM PS3.3: CT Image (A.3), Enhanced CT Image (A.38) with its functional groups (C.7.6.16).
"""

from __future__ import annotations

import math
import os
import struct
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError

from .errors import InputError
from .progress import Progress

_CLASSIC_CT = "1.2.840.10008.5.1.4.1.1.2"
_ENHANCED_CT = ("1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2")  # the second: converted legacy series
_DICOMDIR = "1.2.840.10008.1.3.10"

_TAGS = [
    "SpecificCharacterSet", "ImageType", "SOPClassUID", "Modality", "Manufacturer", "SeriesDescription", "ContrastBolusAgent",
    "SliceThickness", "SpacingBetweenSlices", "ConvolutionKernel", "PatientPosition", "StudyInstanceUID", "SeriesInstanceUID",
    "SeriesNumber", "ImagePositionPatient", "ImageOrientationPatient", "NumberOfFrames", "Rows", "Columns", "PixelSpacing",
    "PixelRepresentation", "PixelPaddingValue", "PixelPaddingRangeLimit", "RescaleIntercept", "RescaleSlope", "RescaleType",
    "LossyImageCompression", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
]  # fmt: skip


_DAMAGE = (
    InvalidDicomError, BytesLengthException, OSError, EOFError, ValueError, NotImplementedError, struct.error,
    AttributeError, KeyError, TypeError,
)  # fmt: skip


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


@dataclass
class Folder:
    """The headers of a folder: CT images by SeriesInstanceUID, and counts of the rest."""

    series: dict[str, list[tuple[Path, Dataset]]] = field(default_factory=dict)
    other_objects: Counter[str] = field(default_factory=Counter)
    other_series: dict[str, str] = field(default_factory=dict)
    ignored_files: int = 0
    not_dicom: list[str] = field(default_factory=list)


def is_dicom(start: bytes) -> bool:
    """Say whether a file's first bytes (256) are DICOM: with the preamble, or (old files) starting with group 0002 or 0008."""
    return _has_preamble(start) or (len(start) >= 132 and start[:2] in (b"\x02\x00", b"\x08\x00") and start[3] == 0 and start[2] <= 0x20)


def _has_preamble(start: bytes) -> bool:
    return start[128:132] == b"DICM"


def read_folder(folder: Path, recursive: bool, progress: Progress) -> Folder:
    """Read the headers of all DICOM files in a folder, without their pixels."""
    found = Folder()
    paths = _files(folder, recursive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd values in attributes that are not needed
        for index, path in enumerate(paths):
            progress(index / len(paths), f"Reading headers: {index + 1} of {len(paths)} files")
            _add_file(found, path)
    return found


def _files(folder: Path, recursive: bool) -> list[Path]:
    if not recursive:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    paths = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        paths += [Path(parent) / name for name in sorted(names) if not name.startswith(".")]
    return [path for path in paths if path.is_file()]


def _add_file(found: Folder, path: Path) -> None:
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
    series_uid = str(dataset.get("SeriesInstanceUID", ""))
    if not sop_class or not series_uid:
        raise InputError(
            f"{path.name} is a DICOM file whose header is cut short or damaged (no SOP class or series UID); copy or export it again"
        )
    if sop_class != _CLASSIC_CT and sop_class not in _ENHANCED_CT:
        modality = str(dataset.get("Modality", ""))
        kind = pydicom.uid.UID(sop_class).name if modality in ("", "CT") else modality
        found.other_objects[kind] += 1
        found.other_series[series_uid] = kind
    elif "LOCALIZER" in [str(value).upper() for value in _as_list(dataset.get("ImageType"))]:
        found.other_objects["CT localizer"] += 1
        found.other_series[series_uid] = "CT localizer"
    else:
        found.series.setdefault(series_uid, []).append((path, dataset))


def _read_header(path: Path) -> Dataset | None:
    with damage_named(path), path.open("rb") as file:
        start = file.read(256)
        if not is_dicom(start):
            return None
        file.seek(0)
        dataset = pydicom.dcmread(file, stop_before_pixels=True, force=True, specific_tags=_TAGS)  # type: ignore[arg-type]
        decode_all(dataset)
    if "SOPClassUID" in dataset:
        return dataset
    if dataset.file_meta.get("MediaStorageSOPClassUID") == _DICOMDIR:
        dataset.SOPClassUID = _DICOMDIR
        return dataset
    return dataset if _has_preamble(start) else None


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn whatever pydicom raises on a damaged file into an :class:`InputError` that names it."""
    try:
        yield
    except InputError:
        raise
    except PermissionError as error:
        raise InputError(f"{path.name} cannot be opened ({error.strerror}); check that it may be read") from error
    except _DAMAGE as error:
        raise InputError(f"{path.name} is a DICOM file that is cut short or damaged; copy or export it again") from error


def decode_all(dataset: Dataset) -> None:
    """Decode every element now: pydicom would do it, and stumble over damage, only when it is asked for."""
    for _ in dataset.iterall():
        pass


def frames_of(path: Path, dataset: Dataset) -> list[Frame]:
    """List the frames of a CT file: one, or those of an enhanced multi-frame image.

    Raises
    ------
    InputError
        Naming the file and the attribute, when the geometry or the rescaling cannot be known.
    """
    if str(dataset.SOPClassUID) == _CLASSIC_CT:
        return [_frame(path, 0, dataset, lambda keyword, _group: dataset.get(keyword))]
    shared = _as_list(dataset.get("SharedFunctionalGroupsSequence"))
    per_frame = _as_list(dataset.get("PerFrameFunctionalGroupsSequence"))
    if not per_frame:
        raise InputError(
            f"{path.name} is a multi-frame CT without a description of its frames (per-frame functional groups); export it again"
        )
    return [_frame(path, number, dataset, _functional_group_reader(own, shared)) for number, own in enumerate(per_frame)]


def _functional_group_reader(own: Dataset, shared: list[Dataset]) -> Callable[[str, str], object]:
    def read(keyword: str, group: str) -> object:
        for item in (own, *shared):
            for content in _as_list(item.get(group)):
                if keyword in content:
                    return content.get(keyword)
        return None

    return read


def _frame(path: Path, number: int, dataset: Dataset, read: Callable[[str, str], object]) -> Frame:
    rescale = "PixelValueTransformationSequence"
    rescale_type = str(read("RescaleType", rescale) or "").strip().upper()
    if rescale_type not in ("", "HU", "US", "UNSPECIFIED"):
        raise InputError(f"{path.name} holds values of type {rescale_type} (RescaleType); expected Hounsfield units (HU)")
    slope, intercept = read("RescaleSlope", rescale), read("RescaleIntercept", rescale)
    spacing = _numbers(path, "PixelSpacing", read("PixelSpacing", "PixelMeasuresSequence"), 2)
    if min(spacing) <= 0:
        raise InputError(f"{path.name} gives PixelSpacing {spacing}; expected two numbers above 0 mm")
    thickness = read("SliceThickness", "PixelMeasuresSequence")
    return Frame(
        path=path,
        number_in_file=number,
        rows=int(_numbers(path, "Rows", dataset.get("Rows"), 1)[0]),
        columns=int(_numbers(path, "Columns", dataset.get("Columns"), 1)[0]),
        spacing_row_column_mm=(spacing[0], spacing[1]),
        orientation=_numbers(path, "ImageOrientationPatient", read("ImageOrientationPatient", "PlaneOrientationSequence"), 6),
        position_lps_mm=_numbers(path, "ImagePositionPatient", read("ImagePositionPatient", "PlanePositionSequence"), 3),
        slope=1.0 if slope in (None, "") else _numbers(path, "RescaleSlope", slope, 1)[0],
        intercept=0.0 if intercept in (None, "") else _numbers(path, "RescaleIntercept", intercept, 1)[0],
        padding=_padding(dataset),
        thickness_mm=None if thickness in (None, "") else _numbers(path, "SliceThickness", thickness, 1)[0],
        rescale_missing=slope in (None, "") or intercept in (None, ""),
    )


def _numbers(path: Path, keyword: str, value: object, count: int) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in _as_list(value))
    except (TypeError, ValueError):
        numbers = ()
    if len(numbers) != count or not all(math.isfinite(number) for number in numbers):
        found = "is missing" if value in (None, "") else f"is {value}"
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


def _as_list(value: object) -> list:
    """Make a list of an attribute that may be absent, one value or several."""
    if value is None or value == "":
        return []
    return [value] if isinstance(value, (str, bytes, int, float)) or not hasattr(value, "__iter__") else list(value)


def facts_of(dataset: Dataset, frame: Frame) -> Mapping[str, object]:
    """Pick what the summary tells about a series; nothing that says who the patient is."""
    agent = str(dataset.get("ContrastBolusAgent", "") or "").strip()
    kernel = "/".join(str(value) for value in _as_list(dataset.get("ConvolutionKernel")))
    facts: dict[str, object] = {
        "modality": "CT",
        "series_uid": str(dataset.SeriesInstanceUID),
        "study_uid": str(dataset.get("StudyInstanceUID", "")),
        "patient_position": str(dataset.get("PatientPosition", "") or ""),
        "manufacturer": str(dataset.get("Manufacturer", "") or ""),
        "kernel": kernel,
        "slice_thickness_mm": frame.thickness_mm,
        "contrast_agent": agent.lower() not in ("", "none", "no", "n", "without"),
    }
    return {key: value for key, value in facts.items() if value not in (None, "")}
