"""DICOM pixels: stored values of a file's frames, turned into Hounsfield units."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.dataset import Dataset
from scipy import ndimage

from .dicom_headers import Frame, damage_named, decode_all
from .errors import InputError
from .hounsfield import LOWEST_MEASURED_HU, PADDING_HU, to_hounsfield

_PIXEL_TAGS = ["PixelData", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"]
_PIXEL_TAGS += ["BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"]


def read_frames_hu(path: Path, frames: Sequence[Frame]) -> np.ndarray:
    """Read frames of one file in Hounsfield units.

    Uncompressed pixels are taken from the file as they are; compressed ones (JPEG, JPEG-LS, JPEG 2000,
    RLE) are decoded by GDCM within SimpleITK, which applies the rescale slope and intercept itself.

    Returns
    -------
    numpy.ndarray
        int16, shape (frames, rows, columns). Padding that the header declares lies below -1024 HU, or
        at -1024 where air lies as well.

    Raises
    ------
    InputError
        Naming the file, when its pixels are missing, cut short, damaged or not grey values.
    """
    dataset = _read_dataset(path)
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    if dataset.get("SamplesPerPixel", 1) != 1 or photometric != "MONOCHROME2":
        raise InputError(
            f"{path.name} holds {photometric or 'unknown'} pixels (PhotometricInterpretation); expected MONOCHROME2, as every CT has"
        )
    if "PixelData" not in dataset:
        raise InputError(f"{path.name} holds no pixels; it is cut short, or only its header was exported")
    if _is_compressed(path, dataset):
        planes = _decompressed_hu(path, frames)
    else:
        with damage_named(path):
            stored = _stored_values(path, dataset)
        if max(frame.number_in_file for frame in frames) >= len(stored):
            raise InputError(f"{path.name} describes more frames than the {len(stored)} it holds; export it again")
        parts = [to_hounsfield(stored[frame.number_in_file][None], path.name, frame.slope, frame.intercept) for frame in frames]
        planes = np.concatenate(parts)
    for plane, frame in zip(planes, frames, strict=True):
        _move_padding(plane, frame)
    return planes


def _read_dataset(path: Path) -> Dataset:
    with damage_named(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True, specific_tags=_PIXEL_TAGS)  # type: ignore[arg-type]
        decode_all(dataset)
    return dataset


def _is_compressed(path: Path, dataset: Dataset) -> bool:
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None:  # old files without it are not compressed
        return False
    try:
        return syntax.is_compressed and not syntax.is_deflated
    except ValueError as error:
        raise InputError(
            f"{path.name} is encoded as {syntax}, which is no standard DICOM transfer syntax; export it uncompressed"
        ) from error


def _stored_values(path: Path, dataset: Dataset) -> np.ndarray:
    rows, columns, frames = int(dataset.Rows), int(dataset.Columns), int(dataset.get("NumberOfFrames", 1) or 1)
    allocated, used = int(dataset.get("BitsAllocated", 16)), int(dataset.get("BitsStored", 16))
    if allocated not in (8, 16, 32) or not 1 <= used <= allocated:
        raise InputError(f"{path.name} stores {used} of {allocated} bits per pixel; expected up to 16 of 16")
    dtype = np.dtype(f"{'i' if dataset.get('PixelRepresentation') == 1 else 'u'}{allocated // 8}")
    content, needed = dataset.PixelData, rows * columns * frames * dtype.itemsize
    if len(content) < needed:
        raise InputError(f"{path.name} is cut short: it holds {len(content)} of {needed} bytes of pixel data; copy or export it again")
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    little_endian = syntax is None or syntax.is_little_endian
    stored = np.frombuffer(content, dtype.newbyteorder("<" if little_endian else ">"), rows * columns * frames)
    if used < allocated:  # bits beyond those in use may hold an overlay; the shifts keep the sign
        high_bit = int(dataset.get("HighBit", used - 1))
        stored = (stored.astype(dtype) << (allocated - 1 - high_bit)) >> (allocated - used)
    return stored.reshape(frames, rows, columns)


def _decompressed_hu(path: Path, frames: Sequence[Frame]) -> np.ndarray:
    if len({(frame.slope, frame.intercept) for frame in frames}) > 1:
        raise InputError(f"{path.name} is a compressed multi-frame CT whose frames are rescaled differently; export it without compression")
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    try:
        image = sitk.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        raise InputError(f"{path.name} cannot be decompressed: its pixels are damaged or cut short; copy or export it again") from error
    image = image.reshape((-1, *image.shape[-2:]))
    if image.shape[1:] != (frames[0].rows, frames[0].columns) or max(frame.number_in_file for frame in frames) >= len(image):
        raise InputError(
            f"{path.name} decompresses to {len(image)} frames of {image.shape[1:]} pixels; "
            f"its header promises {(frames[0].rows, frames[0].columns)}: export it again"
        )
    return to_hounsfield(image[[frame.number_in_file for frame in frames]], path.name)


def _move_padding(plane_hu: np.ndarray, frame: Frame) -> None:
    """Bring declared padding above -1024 HU down to -2048, where no tissue can be mistaken for it.

    Only what joins the image's edge: padding lies outside the reconstructed circle, while the same
    value inside the body is a measurement. At -1024 and below it stays as it is stored.
    """
    if frame.padding is None:
        return
    low, high = sorted(round(bound * frame.slope + frame.intercept) for bound in frame.padding)
    if high <= LOWEST_MEASURED_HU:
        return
    labels, _ = ndimage.label((plane_hu >= low) & (plane_hu <= high))
    edge_labels = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    plane_hu[np.isin(labels, edge_labels[edge_labels > 0]) & (plane_hu > LOWEST_MEASURED_HU)] = PADDING_HU
