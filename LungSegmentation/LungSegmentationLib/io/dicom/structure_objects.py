"""DICOM objects that mark structures in a scan: segmentations (SEG) and structure sets (RTSTRUCT), known by their SOP class."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from pydicom.tag import Tag

from ...errors import InputError
from ..file_checks import is_regular
from .files import damage_named, files_of, is_dicom, open_dataset, read_start

_SOP_CLASS = Tag("SOPClassUID")


class Kind(Enum):
    """What a DICOM object is; the value lists its SOP classes (DICOM PS3.4 B.5)."""

    SEGMENTATION = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")  # the second: label map segmentations
    STRUCTURE_SET = ("1.2.840.10008.5.1.4.1.1.481.3",)


def find_object(path: Path) -> tuple[Path, Kind] | None:
    """Find the one segmentation or structure set that a path means.

    Parameters
    ----------
    path : pathlib.Path
        A file, or a folder that holds one such object, among the slices of the scan perhaps.

    Returns
    -------
    tuple of pathlib.Path and Kind, or None
        None for a file that is not DICOM.

    Raises
    ------
    InputError
        For another DICOM object, or a folder with no such object or several.
    """
    if not path.is_dir():
        if path.exists() and not is_regular(path):
            raise InputError(f"{path.name} is no regular file but a pipe or a device; expected a file")
        if not _starts_as_dicom(path):
            return None
        kind = _kind_of(path)
        if kind is None:
            raise InputError(f"{path.name} is a DICOM file but neither a segmentation (SEG) nor a structure set (RTSTRUCT)")
        return path, kind
    dicom = filter(_starts_as_dicom, files_of(path, recursive=True)[0])
    found = [(file, kind) for file in dicom if (kind := _kind_of(file)) is not None]
    if len(found) != 1:
        names_found = ", ".join(str(file.relative_to(path)) for file, _ in found[:4]) + (", …" if len(found) > 4 else "")
        raise InputError(
            f"the folder {path.name} holds {len(found) or 'no'} DICOM segmentations (SEG) or structure sets (RTSTRUCT)"
            f"{f' ({names_found}); give one of the files' if found else '; expected one, or the labels.nii.gz of an earlier result'}"
        )
    return found[0]


def _starts_as_dicom(path: Path) -> bool:
    return is_dicom(read_start(path))


def _kind_of(path: Path) -> Kind | None:
    with damage_named(path):
        dataset = open_dataset(path, [_SOP_CLASS], with_pixels=False)
        sop_class = "" if dataset is None else str(dataset.get("SOPClassUID", "") or "")
    return next((kind for kind in Kind if sop_class in kind.value), None)
