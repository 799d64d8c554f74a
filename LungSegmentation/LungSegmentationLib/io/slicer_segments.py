"""Segmentations of 3D Slicer (.seg.nrrd): a label map, or several in layers, whose header says what each number means.

Format: https://slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html#segmentations-file-format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..labels import AIRWAYS, REGIONS
from ..volume import CtVolume
from . import limits
from .file_checks import read_start
from .images import StoredImage
from .nrrd_header import read_nrrd_header, without_first_axis
from .scans import volume_of
from .text_headers import placed_by_itk, shown
from .voxel_data import check_voxels, read_voxels

_EXPECTED = "a segmentation of 3D Slicer (.seg.nrrd)"
_MOST_NAMES, _LONGEST_NAME = 12, 60


@dataclass(frozen=True)
class _Segment:
    name: str
    codes: tuple[str, str]
    layer: str
    label: str | None


def read_coded_segments(path: Path, map_option: str) -> CtVolume:
    """Read lungs and airways of a segmentation; the segments' own codes say which is which.

    Parameters
    ----------
    path : pathlib.Path
    map_option : str
        The option of the command line that gives a labels map, for errors.

    Returns
    -------
    CtVolume
        Its ``voxels_hu`` are labels, int16: 1 right lung, 2 left lung, 3 airways.

    Raises
    ------
    InputError
        When the file is damaged, a segment lies in a layer that is not there, or none is coded as a lung.
    """
    start = read_start(path, limits.LARGEST_HEADER_BYTES, _EXPECTED)
    if not start.startswith(b"NRRD"):
        raise InputError(f"{path.name} cannot be read as a segmentation of 3D Slicer, or it is damaged at its start; save or copy it again")
    header = read_nrrd_header(path, start)
    segments = _segments(header.fields)
    is_layered = header.fields.get("kinds", "").split()[:1] == ["list"]
    one_layer = without_first_axis(header) if is_layered else header
    if len(one_layer.sizes) != 3 or "space directions" not in header.fields:
        raise InputError(
            f"{path.name} has the sizes {header.sizes} and the kinds {shown(header.fields.get('kinds', ''))}; expected a segmentation of "
            "3D Slicer: three axes in space, or a list of layers and three axes in space"
        )
    check_voxels(path.name, header.place, header.dtype, header.sizes)
    geometry = placed_by_itk(path.name, one_layer, "NRRD", "NrrdImageIO")
    stored, notes = read_voxels(path.name, header.place, header.dtype, header.sizes[::-1])
    layers = stored.reshape(*one_layer.sizes[::-1], -1)
    labels = _labels(path.name, layers, segments, map_option)
    image = StoredImage(labels, 1.0, 0.0, geometry, (*header.notes, *notes), "NRRD")
    return volume_of(path, image, labels)


def _labels(name: str, layers: np.ndarray, segments: list[_Segment], map_option: str) -> np.ndarray:
    labels = np.zeros(layers.shape[:3], np.int16)
    matched = 0
    for region in REGIONS:  # airways come last: where segments overlap, they are not lung
        wanted = (region.type_code.value, region.modifier_code.value if region.modifier_code else "")
        for segment in segments:
            if segment.codes == wanted and segment.label is not None:
                labels[layers[..., _layer(name, segment, layers.shape[3])] == _label(name, segment)] = region.label
                matched += region.label != AIRWAYS
    if matched == 0:
        names = ", ".join(segment.name for segment in segments[:_MOST_NAMES]) + (", …" if len(segments) > _MOST_NAMES else "")
        raise InputError(
            f"{name} has no segment coded as right or left lung (SNOMED CT 39607008 with 24028007 or 7771000; segments found: "
            f"{names or 'none'}); set the segments' terminology in 3D Slicer, or say what each number means with {map_option}"
        )
    return labels


def _layer(name: str, segment: _Segment, layers: int) -> int:
    if not re.fullmatch(r"\d{1,6}", segment.layer, re.ASCII) or int(segment.layer) >= layers:
        there = f"0 to {layers - 1}" if layers > 1 else "0 only"
        raise InputError(
            f"{name} puts the segment {segment.name} into the layer {shown(segment.layer)}; it has the layers {there}: save it again"
        )
    return int(segment.layer)


def _label(name: str, segment: _Segment) -> int:
    if not re.fullmatch(r"\d{1,9}", segment.label or "", re.ASCII) or int(segment.label or 0) == 0:
        raise InputError(
            f"{name} gives the segment {segment.name} the label {shown(segment.label or '')}; expected a whole number from 1: save it again"
        )
    return int(segment.label or 0)


def _segments(fields: Mapping[str, str]) -> list[_Segment]:
    """Collect what the keys ``SegmentN_ID``, ``_Name``, ``_Layer``, ``_LabelValue`` and ``_Tags`` say of each segment."""
    found: dict[int, dict[str, str]] = {}
    for key, value in fields.items():
        match = re.fullmatch(r"=Segment(\d{1,6})_(\w+)", key, re.ASCII)
        if match:
            found.setdefault(int(match[1]), {})[match[2]] = value
    segments = []
    for number in sorted(found):
        about = found[number]
        name = (about.get("Name") or about.get("ID") or f"Segment {number}")[:_LONGEST_NAME]
        segments.append(_Segment(name, _codes(about.get("Tags", "")), about.get("Layer", "0"), about.get("LabelValue")))
    return segments


def _codes(tags: str) -> tuple[str, str]:
    """Give the values of the type's code and of its modifier's, from ``TerminologyEntry:context~category~type~modifier~…``."""
    for tag in tags.split("|"):
        key, _, entry = tag.strip().partition(":")
        if key == "TerminologyEntry":
            parts = [part.split("^") for part in entry.split("~")] + [[]] * 4
            type_code, modifier = ((*part, "", "")[1] for part in parts[2:4])
            return type_code, modifier
    return "", ""
