"""A result as a DICOM segmentation object (SEG, DICOM PS3.3 A.51) that refers to the images it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..labels import ANATOMICAL_STRUCTURE, REGIONS, VESSEL_REGIONS, Code, Region
from ..segmentation import Segmentation
from ..version import __version__
from .dicom_source import DicomSource

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MANUFACTURER, _MODEL, _SERIAL_NUMBER = "LungSegmentation", "LungSegmentation", "none"
_SERIES_NUMBER = 900  # beyond what scanners count to


def coded(code: Code) -> Any:
    """Write a code as highdicom does."""
    import highdicom

    return highdicom.sr.CodedConcept(code.value, code.scheme, code.meaning)


def own_series(number: int) -> dict[str, Any]:
    """Say what every object states of its series, itself and its maker: a new series of one object."""
    import highdicom

    return {
        "series_instance_uid": highdicom.UID(),
        "series_number": number,
        "sop_instance_uid": highdicom.UID(),
        "instance_number": 1,
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": _MODEL,
        "device_serial_number": _SERIAL_NUMBER,
        "software_versions": __version__,
    }


def segments_of(result: Segmentation) -> list[Region]:
    """List the regions that have voxels: the segments, numbered from 1 in this order."""
    layers = [(result.labels, REGIONS), (result.vessels, VESSEL_REGIONS)]
    return [region for labels, regions in layers if labels is not None for region in regions if _is_there(labels, region.label)]


def make_segmentation(result: Segmentation, source: DicomSource) -> Dataset:
    """Make the object.

    Parameters
    ----------
    result : Segmentation
    source : DicomSource
        The images that it was made from. Where the result lies on their frames, each frame refers to its image; a scan that was
        straightened or interpolated has a grid of its own, and refers to the series.

    Returns
    -------
    pydicom.dataset.Dataset

    Raises
    ------
    InputError
        If no region has a voxel.
    """
    import highdicom

    regions = segments_of(result)
    if not regions:
        raise InputError(f"nothing was found in {result.volume.name}; a DICOM segmentation cannot be empty")
    labels, vessels, placing = _on_frames(result, source)
    return highdicom.seg.Segmentation(
        source_images=list(source.headers),
        pixel_array=_pixels(labels, vessels, regions),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_description(number, region, result.method) for number, region in enumerate(regions, 1)],
        **own_series(_SERIES_NUMBER),
        content_label="LUNGS",
        content_description="Lungs, airways and vessels",
        content_creator_name=f"{MANUFACTURER}^",
        series_description="Lung segmentation",
        **placing,
    )


def _is_there(labels: np.ndarray, label: int) -> bool:
    return any((plane == label).any() for plane in labels)


def _on_frames(result: Segmentation, source: DicomSource) -> tuple[np.ndarray, np.ndarray | None, dict[str, Any]]:
    """Give labels and vessels on the source's frames, or else on the result's own slices and where these lie."""
    volume = result.volume
    labels = source.on_frames(result.labels, volume)
    if labels is not None:
        return labels, None if result.vessels is None else source.on_frames(result.vessels, volume), {}
    import highdicom

    z_mm, row_mm, column_mm = volume.spacing_zyx_mm
    direction = np.asarray(volume.direction_lps, float)
    positions = np.asarray(volume.origin_lps_mm) + np.arange(len(result.labels))[:, None] * z_mm * direction[:, 2]
    system = highdicom.CoordinateSystemNames.PATIENT
    placing = {
        "plane_positions": [highdicom.PlanePositionSequence(system, tuple(map(float, position))) for position in positions],
        "plane_orientation": highdicom.PlaneOrientationSequence(system, tuple(map(float, (*direction[:, 0], *direction[:, 1])))),
        "pixel_measures": highdicom.PixelMeasuresSequence((row_mm, column_mm), z_mm, z_mm),
    }
    return result.labels, result.vessels, placing


def _pixels(labels: np.ndarray, vessels: np.ndarray | None, regions: list[Region]) -> np.ndarray:
    """Give the segments' numbers, uint8 (frames, rows, columns).

    Where there are vessels, which overlap the lungs: each segment's voxels along a last axis, bool.
    """
    if not any(region in VESSEL_REGIONS for region in regions):
        number_of = np.zeros(256, np.uint8)
        for number, region in enumerate(regions, 1):
            number_of[region.label] = number
        return number_of[labels]
    pixels = np.empty((*labels.shape, len(regions)), bool)
    for number, region in enumerate(regions):
        layer = vessels if region in VESSEL_REGIONS else labels
        assert layer is not None
        pixels[..., number] = layer == region.label
    return pixels


def _description(number: int, region: Region, method: str) -> Any:
    import highdicom

    family = (
        Code("123110", "Artificial Intelligence", "DCM")
        if method.startswith("network")
        else Code("123104", "Morphological Operations", "DCM")
    )
    algorithm = highdicom.AlgorithmIdentificationSequence(f"LungSegmentation {method}"[:64], coded(family), __version__)
    segment = highdicom.seg.SegmentDescription(
        number,
        region.name,
        coded(ANATOMICAL_STRUCTURE),
        coded(region.type_code),
        highdicom.seg.SegmentAlgorithmTypeValues.SEMIAUTOMATIC
        if "edited" in method
        else highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm,
        tracking_uid=highdicom.UID(),
        tracking_id=region.name,
        anatomic_regions=[coded(region.anatomic_code)] if region.anatomic_code else None,
        display_color=highdicom.color.CIELabColor.from_rgb(*region.colour_rgb),
    )
    if region.modifier_code:
        segment.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = [coded(region.modifier_code)]
    if region.anatomic_modifier_code:
        segment.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [coded(region.anatomic_modifier_code)]
    return segment
