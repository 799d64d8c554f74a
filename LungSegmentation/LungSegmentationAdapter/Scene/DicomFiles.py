"""The DICOM files behind a volume, in Slicer's DICOM database, and new objects for it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import slicer

from LungSegmentationLib.errors import OutputError

_UIDS_ATTRIBUTE = "DICOM.instanceUIDs"  # Slicer's own


def filesOfVolume(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> list[str]:
    """List the files that a volume was loaded from; empty where it did not come from DICOM, or a file is not known any more."""
    uids = (volumeNode.GetAttribute(_UIDS_ATTRIBUTE) or "").split()
    database = getattr(slicer, "dicomDatabase", None)
    if not uids or database is None or not database.isOpen:
        return []
    files = [database.fileForInstance(uid) for uid in uids]
    return [] if not all(files) else list(dict.fromkeys(files))


def sendToDatabase(paths: Iterable[Path]) -> None:
    """Copy files into Slicer's DICOM database.

    Parameters
    ----------
    paths : iterable of pathlib.Path

    Raises
    ------
    OutputError
        If there is no database, or it does not take them.
    """
    from DICOMLib import DICOMUtils

    with tempfile.TemporaryDirectory(prefix="LungSegmentation-") as folder:
        for path in paths:
            shutil.copy(path, folder)
        if not DICOMUtils.importDicom(folder, copyFiles=True):
            raise OutputError(
                "Slicer's DICOM database did not take the objects; the files were written all the same: add them in the module DICOM"
            )
