"""One scan of a cohort as it was found: which files hold it, and how large it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Scan:
    """A CT series or an image file.

    Parameters
    ----------
    source : str
        Path of the image file; of a DICOM series its folder and, behind a vertical bar, its UIDs. No two scans have the same.
    path : str
        Image file or folder.
    files : tuple of str
        Every file that holds it, as absolute paths.
    is_dicom : bool
    voxels : int
        By its headers; 0 where they do not tell.
    signature : str
        Of names, sizes and times of its files: while it stays the same, nothing is read.
    patient : str
        PatientID, or what a list calls the patient; empty where nobody says.
    date : str
        Of the acquisition, or of the study, as YYYYMMDD; empty where nobody says.
    """

    source: str
    path: str
    files: tuple[str, ...]
    is_dicom: bool
    voxels: int
    signature: str
    patient: str = ""
    date: str = ""

    def facts(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {**asdict(self), "files": list(self.files)}


@dataclass(frozen=True)
class LeftOut:
    """What was found and is not run, and why.

    Parameters
    ----------
    source : str
    reason : str
        One sentence.
    is_error : bool
        Whether it could not be read; else it was left out by rule, as projections are.
    """

    source: str
    reason: str
    is_error: bool = True
