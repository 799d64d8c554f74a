"""The one way in for CT images: image files and DICOM series become a :class:`CtVolume`.

The file's content, not its ending, says what it is. The file's own grid and axis order are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..progress import Progress, no_progress
from ..volume import CtVolume, check_extent, scan_name
from .dicom.headers import is_dicom
from .dicom.reading import read_dicom
from .file_checks import is_folder, read_start
from .hounsfield import check_hounsfield, clipped_metal, to_hounsfield
from .images import StoredImage, read_image

_START_BYTES = 256
_EXPECTED = "a folder or file of DICOM, NIfTI (.nii, .nii.gz, .hdr with .img), NRRD (.nrrd, .nhdr) or MetaImage (.mha, .mhd)"


def read_ct(
    path: str | Path, series_uid: str | None = None, progress: Progress = no_progress, dicom_files: Sequence[Path] | None = None
) -> CtVolume:
    """Read a CT from a DICOM folder, a DICOM file (with its series), NIfTI, NRRD or MetaImage.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder (searched with its subfolders) or file.
    series_uid : str, optional
        DICOM only: the SeriesInstanceUID to read where there are several.
    progress : callable
        ``(fraction, text)``; may raise ``Cancelled``.
    dicom_files : sequence of pathlib.Path, optional
        The DICOM files of one series, known already, in place of all that lies in ``path``.

    Returns
    -------
    CtVolume
        int16 HU on the input's own grid. ``warnings`` says what had to be put right, ``source``
        where it came from; no patient's name, number or birth date is in it.

    Raises
    ------
    InputError
        When there is no CT in Hounsfield units to be had, with what is wrong and what to do.
    """
    path = Path(path)
    is_dicom_folder = dicom_files is not None or is_folder(path, _EXPECTED)
    progress(0.0, f"Reading {path.name}")
    volume = read_dicom(path, series_uid, progress, dicom_files) if is_dicom_folder else _read_file(path, series_uid, progress)
    check_extent(volume)
    check_hounsfield(volume)
    volume = replace(volume, warnings=(*volume.warnings, *clipped_metal(volume)))
    progress(1.0, f"Read {volume.name}")
    return volume


def _read_file(path: Path, series_uid: str | None, progress: Progress) -> CtVolume:
    if is_dicom(read_start(path, _START_BYTES, _EXPECTED)):
        return read_dicom(path, series_uid, progress)
    image = read_image(path, _EXPECTED)
    voxels_hu = to_hounsfield(image.stored, path.name, image.slope, image.intercept)
    return volume_of(path, image, voxels_hu)


def volume_of(path: Path, image: StoredImage, voxels: np.ndarray) -> CtVolume:
    """Make a volume of an image's voxels, int16 with its shape, where the file places them."""
    geometry, warnings = image.geometry, image.warnings
    dimensions = geometry.GetDimension()
    spacing_xyz, origin = (*geometry.GetSpacing(), 1.0)[:3], (*geometry.GetOrigin(), 0.0)[:3]
    direction = np.eye(3)
    kept = min(dimensions, 3)
    direction[:kept, :kept] = np.reshape(geometry.GetDirection(), (dimensions, dimensions))[:kept, :kept]
    if dimensions == 2:
        warnings = (*warnings, f"{path.name} is a single slice without a thickness: 1 mm was taken, so volumes are not to be trusted")
    return CtVolume(
        voxels_hu=voxels,
        spacing_zyx_mm=tuple(float(value) for value in spacing_xyz[::-1]),  # type: ignore[arg-type]
        origin_lps_mm=tuple(float(value) for value in origin),  # type: ignore[arg-type]
        direction_lps=direction,
        name=scan_name(path),
        warnings=warnings,
        source={"path": str(path), "format": image.format},
    )
