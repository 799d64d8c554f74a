"""Labels made elsewhere, brought onto a scan's own grid (see :mod:`.grids`); nothing is interpolated.

Label maps, segmentations of 3D Slicer, and DICOM segmentations and structure sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..grids import Grid, grid_of, place_onto
from ..labels import BACKGROUND, LEFT_LUNG, REGIONS, RIGHT_LUNG
from ..volume import CtVolume
from .dicom.rtstruct import read_structures
from .dicom.seg import read_segmentation
from .dicom.structure_objects import Kind, find_object
from .file_checks import is_folder
from .label_mappings import ToolNumbers, find_mapping
from .label_numbers import read_label_numbers
from .slicer_segments import read_coded_segments

DEFAULT_LABELS_MAP: Mapping[int, str] = {region.label: region.key for region in REGIONS}
REGION_KEYS = (*(region.key for region in REGIONS), "background")
_SEGMENTATION_ENDING = ".seg.nrrd"
_MOST_LISTED = 12
_MOST_DIGITS, _LONGEST_SHOWN = 9, 60
_EXPECTED = "a label map as NIfTI, NRRD, MetaImage or .seg.nrrd, or a DICOM segmentation or structure set"
LABELS_MAP_OPTION = "--labels-map"


@dataclass(frozen=True)
class LabelImage:
    """Lungs and airways on the grid of their own file.

    Parameters
    ----------
    labels : numpy.ndarray
        uint8, shape ``grid.shape_zyx``: 0 background, 1 right lung, 2 left lung, 3 airways.
    grid : Grid
    name : str
        What the user calls the file.
    is_part : bool
        The file holds only the part of the scan that segments fill: what lies beyond it is background.
    notes : tuple of str
        What had to be put right or taken on trust in the file.
    """

    labels: np.ndarray
    grid: Grid
    name: str
    is_part: bool = False
    notes: tuple[str, ...] = ()


def parse_labels_map(text: str) -> dict[int, str]:
    """Parse which number means what, such as ``1=right_lung,2=left_lung,3=airways,4=background``, or a tool's name such as ``lungmask``.

    Raises
    ------
    InputError
        If a part is not ``NUMBER=REGION``, a region is unknown or a number comes twice, or there is no numbering of that name.
    """
    if text.strip()[:1].isalpha() and "=" not in text:
        return find_mapping(text).meanings
    meanings: dict[int, str] = {}
    for part in text.split(","):
        number, _, key = (word.strip() for word in part.partition("="))
        is_number = number.isdecimal() and len(number) <= _MOST_DIGITS and int(number) > 0
        if not is_number or key not in REGION_KEYS or int(number) in meanings:
            shown = part.strip() if len(part) <= _LONGEST_SHOWN else part[:_LONGEST_SHOWN] + "…"
            raise InputError(
                f"the labels map has the part {shown!r}; expected NUMBER=REGION with each number once, from 1, and a region of "
                f"{', '.join(REGION_KEYS)}, such as 1=right_lung,2=left_lung"
            )
        meanings[int(number)] = key
    return meanings


def read_labels(
    path: str | Path, volume: CtVolume, labels_map: Mapping[int, str] | None = None, notes: list[str] | None = None
) -> np.ndarray:
    """Read lungs and airways of a scan.

    Parameters
    ----------
    path : str or pathlib.Path
        NIfTI, NRRD or MetaImage label map, ``.seg.nrrd`` segmentation of 3D Slicer, DICOM segmentation or structure set, or a
        folder with one such DICOM object. Without a labels map, segments are known by their SNOMED codes (see
        :mod:`LungSegmentationLib.labels`) and the outlines of a structure set by their names, and others are left out.
    volume : CtVolume
        The scan that the labels belong to.
    labels_map : mapping of int to str, optional
        Region key of each number, or ``background``; 1, 2, 3 as in :mod:`LungSegmentationLib.labels` for None.
    notes : list of str, optional
        What had to be put right or taken on trust in the file is added to it.

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
    image = read_label_image(path, labels_map)
    scan = f"the scan {volume.name}"
    if image is None:
        labels = outlines_on(path, grid_of(volume), scan, labels_map, notes=notes)
    else:
        labels = placed_labels(image, grid_of(volume), scan)
        _add(notes, image.notes)
    if not np.any((labels == RIGHT_LUNG) | (labels == LEFT_LUNG)):
        raise InputError(f"{path.name} holds no voxel of the right or left lung; give the labels that belong to {volume.name}")
    return labels


def read_label_image(path: Path, labels_map: Mapping[int, str] | None = None, map_option: str = LABELS_MAP_OPTION) -> LabelImage | None:
    """Read lungs and airways on the file's own grid.

    Parameters
    ----------
    path, labels_map
        As in :func:`read_labels`.
    map_option : str
        The option of the command line that gives the labels map, for errors.

    Returns
    -------
    LabelImage or None
        None for a structure set, which has no grid: see :func:`outlines_on`.

    Raises
    ------
    InputError
        When the file cannot be read or holds numbers of unknown meaning.
    """
    is_folder(path, _EXPECTED)  # which refuses what is neither a folder nor a file
    found = find_object(path)
    is_segmentation = path.name.lower().endswith(_SEGMENTATION_ENDING)
    if isinstance(labels_map, ToolNumbers) and (found is not None or is_segmentation):
        raise InputError(
            f"{path.name} says itself what its segments are; a tool's name with {map_option} is for label maps "
            "(NIfTI, NRRD, MetaImage): leave it out"
        )
    if found is not None:
        if found[1] is Kind.STRUCTURE_SET:
            return None
        labels, grid = read_segmentation(found[0], labels_map, map_option)
        return LabelImage(labels, grid, path.name, is_part=True)
    if labels_map is None and is_segmentation:
        coded = read_coded_segments(path, map_option)
        return LabelImage(coded.voxels_hu.astype(np.uint8), grid_of(coded), path.name, True, coded.warnings)
    stored = read_label_numbers(path, _EXPECTED)
    labels = _translated(stored.voxels_hu, labels_map or DEFAULT_LABELS_MAP, path.name, map_option)
    return LabelImage(labels, grid_of(stored), path.name, is_segmentation, stored.warnings)


def outlines_on(
    path: Path,
    grid: Grid,
    grid_name: str,
    labels_map: Mapping[int, str] | None = None,
    map_option: str = LABELS_MAP_OPTION,
    notes: list[str] | None = None,
) -> np.ndarray:
    """Fill the outlines of a structure set (a file, or a folder with one) on a grid; see :func:`.dicom.rtstruct.read_structures`."""
    found = find_object(path)
    if found is None:
        raise InputError(f"{path.name} is not a DICOM structure set (RTSTRUCT); expected {_EXPECTED}")
    return read_structures(found[0], grid, grid_name, labels_map, map_option, notes)


def placed_labels(image: LabelImage, grid: Grid, grid_name: str, advice: str | None = None) -> np.ndarray:
    """Give an image's labels in the axis order of a scan's grid; see :func:`.grids.place_onto`."""
    return place_onto(image.labels, image.grid, grid, image.name, grid_name, image.is_part, advice)


def read_vessels(path: str | Path, volume: CtVolume, labels: np.ndarray, notes: list[str] | None = None) -> np.ndarray:
    """Read the vessels inside the lungs from a mask in which every vessel voxel is not 0.

    Parameters
    ----------
    path : str or pathlib.Path
        NIfTI, NRRD or MetaImage.
    volume : CtVolume
        The scan that the mask belongs to.
    labels : numpy.ndarray
        uint8 with the scan's shape, from :func:`read_labels`.
    notes : list of str, optional
        What had to be put right or taken on trust in the file is added to it.

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
    mask, grid = read_mask(path, notes)
    vessel = place_onto(mask, grid, grid_of(volume), path.name, f"the scan {volume.name}")
    return np.where(vessel & ((labels == RIGHT_LUNG) | (labels == LEFT_LUNG)), labels, np.uint8(BACKGROUND))


def read_mask(path: Path, notes: list[str] | None = None) -> tuple[np.ndarray, Grid]:
    """Read a mask as NIfTI, NRRD or MetaImage: bool, True where the file is not 0, and its grid; notes as in :func:`read_labels`."""
    stored = read_label_numbers(path, _EXPECTED)
    _add(notes, stored.warnings)
    return stored.voxels_hu != 0, grid_of(stored)


def _add(notes: list[str] | None, more: tuple[str, ...]) -> None:
    if notes is not None:
        notes.extend(more)


def _translated(stored: np.ndarray, labels_map: Mapping[int, str], name: str, map_option: str) -> np.ndarray:
    numbers = {region.key: region.label for region in REGIONS} | {"background": BACKGROUND}
    is_used = np.zeros(1 << 16, bool)
    for plane in stored.view(np.uint16):
        is_used[plane] = True
    found = sorted(int(number) for number in np.flatnonzero(is_used).astype(np.uint16).view(np.int16) if number != 0)
    unknown = [number for number in found if number not in labels_map]
    if unknown:
        known = ", ".join(f"{number} {key}" for number, key in sorted(labels_map.items()))
        listed = ", ".join(map(str, found[:_MOST_LISTED])) + (", …" if len(found) > _MOST_LISTED else "")
        raise InputError(
            f"{name} holds the labels {listed}, of which {unknown[0]} has no known meaning (known: {known}); "
            f"say what each means with {map_option}, such as 1=right_lung,2=left_lung,4=background"
        )
    table = np.zeros(1 << 16, np.uint8)
    for number, key in labels_map.items():
        if number < 1 << 15:
            table[number] = numbers[key]
    translated: np.ndarray = table[stored.view(np.uint16)]
    return translated
