"""The one way in for CT images: image files and DICOM series become a :class:`CtVolume`.

The file's content, not its ending, says what it is. The file's own grid and axis order are kept.
"""

from __future__ import annotations

import math
import re
import zlib
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from .dicom import read_dicom
from .dicom_headers import is_dicom
from .errors import InputError
from .hounsfield import check_hounsfield, to_hounsfield
from .nifti import is_nifti, read_nifti
from .progress import Progress, no_progress
from .volume import CtVolume, scan_name

_START_BYTES = 65536
_BLOCK_BYTES = 1 << 20
_ZLIB_OR_GZIP = 47
_EXPECTED = "a folder or file of DICOM, NIfTI (.nii, .nii.gz), NRRD (.nrrd, .nhdr) or MetaImage (.mha, .mhd)"


def read_ct(path: str | Path, series_uid: str | None = None, progress: Progress = no_progress) -> CtVolume:
    """Read a CT from a DICOM folder, a DICOM file (with its series), NIfTI, NRRD or MetaImage.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder (searched with its subfolders) or file.
    series_uid : str, optional
        DICOM only: the SeriesInstanceUID to read where there are several.
    progress : callable
        ``(fraction, text)``; may raise ``Cancelled``.

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
    if not path.exists():
        raise InputError(f"{path} does not exist; expected {_EXPECTED}")
    progress(0.0, f"Reading {path.name}")
    volume = read_dicom(path, series_uid, progress) if path.is_dir() else _read_file(path, series_uid, progress)
    check_hounsfield(volume)
    progress(1.0, f"Read {volume.name}")
    return volume


def _read_file(path: Path, series_uid: str | None, progress: Progress) -> CtVolume:
    try:
        with path.open("rb") as file:
            start = file.read(_START_BYTES)
    except OSError as error:
        raise InputError(f"{path.name} cannot be opened ({error.strerror}); check that it may be read") from error
    if is_dicom(start):
        return read_dicom(path, series_uid, progress)
    if is_nifti(start):
        return _read_nifti(path)
    if start.startswith(b"NRRD"):
        return _read_with_itk(path, "NRRD", "NrrdImageIO", start)
    if re.match(rb"\s*(ObjectType|NDims|Comment|ObjectSubType)\s*=", start):
        return _read_with_itk(path, "MetaImage", "MetaImageIO", start)
    raise InputError(f"{path.name} is not an image that can be read, or it is damaged at its start; expected {_EXPECTED}")


def _read_nifti(path: Path) -> CtVolume:
    image = read_nifti(path)
    voxels_hu = to_hounsfield(image.stored, path.name, image.slope, image.intercept)
    return _volume(path, "NIfTI", voxels_hu, image.geometry, image.warnings)


def _read_with_itk(path: Path, image_format: str, image_io: str, start: bytes) -> CtVolume:
    header = _text_header(start, image_format)
    _check_spacing(path, header)
    _check_data_file(path, header)
    _check_compressed_data(path, header, start)
    reader = sitk.ImageFileReader()
    reader.SetImageIO(image_io)
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise InputError(f"{path.name} has a {image_format} header that is damaged or describes no image; export it again") from error
    _check_layout(path, reader)
    try:
        array = sitk.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        raise InputError(
            f"{path.name} cannot be read: its voxel data are missing, cut short or damaged; copy or export it again"
        ) from error
    voxels_hu = to_hounsfield(array.reshape((1, *array.shape)[-3:]), path.name)
    return _volume(path, image_format, voxels_hu, reader, _header_warnings(path, header))


def _volume(path: Path, image_format: str, voxels_hu: np.ndarray, geometry: sitk.ImageFileReader, warnings: tuple[str, ...]) -> CtVolume:
    dimensions = geometry.GetDimension()
    spacing_xyz, origin = (*geometry.GetSpacing(), 1.0)[:3], (*geometry.GetOrigin(), 0.0)[:3]
    direction = np.eye(3)
    kept = min(dimensions, 3)
    direction[:kept, :kept] = np.reshape(geometry.GetDirection(), (dimensions, dimensions))[:kept, :kept]
    if dimensions == 2:
        warnings = (*warnings, f"{path.name} is a single slice without a thickness: 1 mm was taken, so volumes are not to be trusted")
    return CtVolume(
        voxels_hu=voxels_hu,
        spacing_zyx_mm=tuple(float(value) for value in spacing_xyz[::-1]),  # type: ignore[arg-type]
        origin_lps_mm=tuple(float(value) for value in origin),  # type: ignore[arg-type]
        direction_lps=direction,
        name=scan_name(path),
        warnings=warnings,
        source={"path": str(path), "format": image_format},
    )


def _text_header(start: bytes, image_format: str) -> dict[str, str]:
    """Split the ``key: value`` (NRRD) or ``key = value`` (MetaImage) lines in front of the voxels."""
    separator = "=" if image_format == "MetaImage" else ":"
    header: dict[str, str] = {}
    for line in start.decode("latin-1").splitlines():
        key, found, value = line.partition(separator)
        if found and not line.startswith("#"):
            header[key.strip().lower()] = value.strip().lstrip("=").strip()
        if (image_format == "NRRD" and not line.strip()) or key.strip() == "ElementDataFile":
            break
    return header


def _check_spacing(path: Path, header: dict[str, str]) -> None:
    for key in ("elementspacing", "spacings", "space directions"):
        for axis in re.findall(r"\([^)]*\)|[^\s()]+", header.get(key, "")):
            if axis == "none":
                continue
            try:
                values = [float(value) for value in axis.strip("()").split(",")]
            except ValueError:
                values = [math.nan]
            size = math.hypot(*values) if axis.startswith("(") else values[0]
            if not (math.isfinite(size) and size > 0):
                raise InputError(f"{path.name} gives the voxel spacing as {header[key]!r} ({key}); each must be a number above 0 mm")


def _data_file(header: dict[str, str]) -> str | None:
    """Name the one file that holds the voxels, or None when they follow the header or fill several files."""
    name = header.get("elementdatafile") or header.get("data file") or header.get("datafile")
    return None if not name or name.upper() == "LOCAL" or name.upper().startswith("LIST") or "%" in name else name


def _check_data_file(path: Path, header: dict[str, str]) -> None:
    name = _data_file(header)
    if name and not (path.parent / name).is_file():
        raise InputError(f"{path.name} says that its voxels are in {name}, which is not beside it; put both files into one folder")


def _check_compressed_data(path: Path, header: dict[str, str], start: bytes) -> None:
    """Decompress to the end and compare the checksum: ITK takes damaged compressed voxels as they come."""
    if header.get("compresseddata", "").lower() != "true" and header.get("encoding", "").lower() not in ("gzip", "gz"):
        return
    name = _data_file(header)
    end = None if name else re.search(rb"ElementDataFile\s*=\s*LOCAL\s*?\n|^\r?\n", start, re.MULTILINE)
    if (name is None and end is None) or any(skip in header for skip in ("line skip", "lineskip", "byte skip", "byteskip")):
        return
    stream = zlib.decompressobj(wbits=_ZLIB_OR_GZIP)
    with (path.parent / (name or path.name)).open("rb") as file:
        file.seek(end.end() if end else 0)
        try:
            while not stream.eof and (block := file.read(_BLOCK_BYTES)):
                stream.decompress(block)
        except zlib.error:
            stream = zlib.decompressobj()  # which has not come to its end
    if not stream.eof:
        raise InputError(f"{path.name} cannot be read: its voxel data are cut short or damaged; copy or export it again")


def _check_layout(path: Path, reader: sitk.ImageFileReader) -> None:
    sizes = reader.GetSize()
    if any(size > 1 for size in sizes[3:]):
        raise InputError(
            f"{path.name} has {len(sizes)} dimensions of sizes {sizes}; expected one 3D image: export a single time point or channel"
        )
    channels = reader.GetNumberOfComponents()
    if channels != 1:
        raise InputError(f"{path.name} has {channels} values per voxel (colour, vector or complex); expected one real number per voxel")


def _header_warnings(path: Path, header: dict[str, str]) -> tuple[str, ...]:
    warnings = []
    if not any(key in header for key in ("elementspacing", "elementsize", "spacings", "space directions")):
        warnings.append(f"{path.name} gives no voxel spacing: 1 mm was taken, so volumes are not to be trusted")
    is_nrrd = "elementdatafile" not in header
    if is_nrrd and "space" not in header:
        warnings.append(f"{path.name} does not say how the patient lies in it (no space): check that right and left are not swapped")
    return tuple(warnings)
