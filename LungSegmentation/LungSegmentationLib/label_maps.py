"""Label maps made elsewhere, brought onto a scan's own grid; nothing is interpolated.

A label map may hold its voxels in another axis order than the scan, as happens when a DICOM series
was converted to NIfTI: it fits where both cover the same places.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .dicom_headers import is_dicom
from .errors import InputError
from .io import _read_file
from .labels import AIRWAYS, BACKGROUND, LEFT_LUNG, REGIONS, RIGHT_LUNG
from .volume import CtVolume, canonical_order, to_canonical

DEFAULT_LABELS_MAP: Mapping[int, str] = {region.label: region.key for region in REGIONS}
REGION_KEYS = (*(region.key for region in REGIONS), "background")
_SEGMENTATION_ENDING = ".seg.nrrd"
_TOLERANCE_VOXELS = 0.1
_MOST_LISTED = 12


def parse_labels_map(text: str) -> dict[int, str]:
    """Parse which number means what, such as ``1=right_lung,2=left_lung,3=airways,4=background``.

    Raises
    ------
    InputError
        If a part is not ``NUMBER=REGION``, a region is unknown or a number comes twice.
    """
    meanings: dict[int, str] = {}
    for part in text.split(","):
        number, _, key = (word.strip() for word in part.partition("="))
        if not number.isdecimal() or int(number) == 0 or key not in REGION_KEYS or int(number) in meanings:
            raise InputError(
                f"the labels map has the part {part.strip()!r}; expected NUMBER=REGION with each number once, from 1, and a region of "
                f"{', '.join(REGION_KEYS)}, such as 1=right_lung,2=left_lung"
            )
        meanings[int(number)] = key
    return meanings


def read_labels(path: str | Path, volume: CtVolume, labels_map: Mapping[int, str] | None = None) -> np.ndarray:
    """Read lungs and airways from a label map.

    Parameters
    ----------
    path : str or pathlib.Path
        NIfTI, NRRD or MetaImage label map, or a ``.seg.nrrd`` segmentation of 3D Slicer. Without a labels
        map, segments are known by their SNOMED codes (see :mod:`LungSegmentationLib.labels`), and others are left out.
    volume : CtVolume
        The scan that the labels belong to.
    labels_map : mapping of int to str, optional
        Region key of each number, or ``background``; 1, 2, 3 as in :mod:`LungSegmentationLib.labels` for None.

    Returns
    -------
    numpy.ndarray
        uint8 with the scan's shape: 0 background, 1 right lung, 2 left lung, 3 airways.

    Raises
    ------
    InputError
        When the file cannot be read, lies on another grid, holds numbers of unknown meaning or no lung.
    """
    path = Path(path)
    if labels_map is None and path.name.lower().endswith(_SEGMENTATION_ENDING):
        labels = _onto_grid(_coded_segments(path), volume, path.name, may_be_part=True)
    else:
        stored = _onto_grid(_read_numbers(path), volume, path.name)
        labels = _translated(stored, labels_map or DEFAULT_LABELS_MAP, path.name)
    if not np.any((labels == RIGHT_LUNG) | (labels == LEFT_LUNG)):
        raise InputError(f"{path.name} holds no voxel of the right or left lung; give the labels that belong to {volume.name}")
    return labels


def read_vessels(path: str | Path, volume: CtVolume, labels: np.ndarray) -> np.ndarray:
    """Read the vessels inside the lungs from a mask in which every vessel voxel is not 0.

    Parameters
    ----------
    path : str or pathlib.Path
        NIfTI, NRRD or MetaImage.
    volume : CtVolume
        The scan that the mask belongs to.
    labels : numpy.ndarray
        uint8 with the scan's shape, from :func:`read_labels`.

    Returns
    -------
    numpy.ndarray
        uint8 with the scan's shape: 1 vessel in the right lung, 2 vessel in the left lung, 0 elsewhere.

    Raises
    ------
    InputError
        When the file cannot be read or lies on another grid.
    """
    path = Path(path)
    vessel = _onto_grid(_read_numbers(path), volume, path.name) != 0
    return np.where(vessel & ((labels == RIGHT_LUNG) | (labels == LEFT_LUNG)), labels, np.uint8(BACKGROUND))


def _read_numbers(path: Path) -> CtVolume:
    if not path.is_file():
        raise InputError(f"{path} is not a file; expected a label map as NIfTI, NRRD, MetaImage or .seg.nrrd")
    with path.open("rb") as file:
        if is_dicom(file.read(1024)):
            raise InputError(f"{path.name} is a DICOM file; expected a label map as NIfTI, NRRD, MetaImage or .seg.nrrd")
    return _read_file(path, None, lambda _fraction, _text: None)


def _translated(stored: np.ndarray, labels_map: Mapping[int, str], name: str) -> np.ndarray:
    numbers = {region.key: region.label for region in REGIONS} | {"background": BACKGROUND}
    used = np.flatnonzero(np.bincount(stored.ravel().view(np.uint16), minlength=1 << 16)).astype(np.uint16).view(np.int16)
    found = sorted(int(number) for number in used if number != 0)
    unknown = [number for number in found if number not in labels_map]
    if unknown:
        known = ", ".join(f"{number} {key}" for number, key in sorted(labels_map.items()))
        listed = ", ".join(map(str, found[:_MOST_LISTED])) + (", …" if len(found) > _MOST_LISTED else "")
        raise InputError(
            f"{name} holds the labels {listed}, of which {unknown[0]} has no known meaning (known: {known}); "
            "say what each means with --labels-map, such as 1=right_lung,2=left_lung,4=background"
        )
    table = np.zeros(1 << 16, np.uint8)
    for number, key in labels_map.items():
        if number < 1 << 15:
            table[number] = numbers[key]
    translated: np.ndarray = table[stored.view(np.uint16)]
    return translated


def _coded_segments(path: Path) -> CtVolume:
    """Read a segmentation of 3D Slicer; the segments' own codes say which is which."""
    import nrrd
    import slicerio

    try:
        segmentation = slicerio.read_segmentation(str(path))
        matrix = np.asarray(segmentation["ijkToLPS"], float)
        layers = np.asarray(segmentation["voxels"]).T
        layers = layers[..., np.newaxis] if layers.ndim == 3 else layers
    except (OSError, ValueError, KeyError, EOFError, nrrd.NRRDError) as error:
        raise InputError(f"{path.name} cannot be read as a segmentation of 3D Slicer; save or copy it again") from error
    labels = np.zeros(layers.shape[:3], np.int16)
    segments = segmentation.get("segments", [])
    matched = 0
    for region in REGIONS:  # airways come last: where segments overlap, they are not lung
        wanted = (region.type_code.value, region.modifier_code.value if region.modifier_code else "")
        for segment in segments:
            if _codes(segment) == wanted and "labelValue" in segment:
                labels[layers[..., segment.get("layer", 0)] == segment["labelValue"]] = region.label
                matched += region.label != AIRWAYS
    if matched == 0:
        names = ", ".join(str(segment.get("name", segment.get("id"))) for segment in segments) or "none"
        raise InputError(
            f"{path.name} has no segment coded as right or left lung (SNOMED CT 39607008 with 24028007 or 7771000; segments found: "
            f"{names}); set the segments' terminology in 3D Slicer, or say what each number means with --labels-map"
        )
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    x, y, z = (float(mm) for mm in matrix[:3, 3])
    return CtVolume(labels, tuple(float(mm) for mm in spacing[::-1]), (x, y, z), matrix[:3, :3] / spacing, path.name)  # type: ignore[arg-type]


def _codes(segment: Mapping[str, Any]) -> tuple[str, str]:
    terminology = segment.get("terminology", {})
    return terminology.get("type", ["", "", ""])[1], terminology.get("typeModifier", ["", "", ""])[1]


def _onto_grid(stored: CtVolume, volume: CtVolume, name: str, may_be_part: bool = False) -> np.ndarray:
    """Give the stored numbers (int16) in the scan's own axis order; a part of its grid is filled up with 0."""
    order = canonical_order(volume.direction_lps)
    labels, _ = to_canonical(stored)
    scan, _ = to_canonical(volume)
    sizes = np.array(labels.voxels_hu.shape), np.array(scan.voxels_hu.shape)
    spacing = np.array(scan.spacing_zyx_mm)
    # Axes are compared by how far they part over the whole image, in voxels.
    drift = np.abs(labels.direction_lps * labels.spacing_zyx_mm[::-1] - scan.direction_lps * spacing[::-1]) * sizes[0][::-1]
    offset_xyz = scan.direction_lps.T @ (np.array(labels.origin_lps_mm) - scan.origin_lps_mm) / spacing[::-1]
    offset = np.rint(offset_xyz).astype(int)[::-1]
    same_axes = bool(np.all(drift <= _TOLERANCE_VOXELS * spacing.min()))
    on_voxels = bool(np.all(np.abs(offset_xyz[::-1] - offset) <= _TOLERANCE_VOXELS))
    fits = np.array_equal(*sizes) and not offset.any()
    is_part = may_be_part and bool(np.all((offset >= 0) & (offset + sizes[0] <= sizes[1])))
    if not (same_axes and on_voxels and (fits or is_part)):
        raise InputError(
            f"{name} lies on another grid than the scan {volume.name}: {_described(labels)}, but the scan has {_described(scan)} "
            "(in the order left, back, head); resample the labels onto the scan's grid with nearest-neighbour interpolation"
        )
    whole = labels.voxels_hu
    if not fits:
        whole = np.zeros(scan.voxels_hu.shape, np.int16)
        whole[tuple(slice(start, start + size) for start, size in zip(offset, sizes[0], strict=True))] = labels.voxels_hu
    return order.undo(whole)


def _described(volume: CtVolume) -> str:
    size = " × ".join(str(count) for count in volume.voxels_hu.shape[::-1])
    spacing = " × ".join(f"{mm:.4g}" for mm in volume.spacing_zyx_mm[::-1])
    origin = ", ".join(f"{mm:.1f}" for mm in volume.origin_lps_mm)
    return f"{size} voxels of {spacing} mm from ({origin}) mm"
