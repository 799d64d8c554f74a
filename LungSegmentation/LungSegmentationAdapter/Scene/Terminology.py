"""Regions' codes as Slicer writes them into a segment's terminology tag, and segments found again by them."""

from __future__ import annotations

import slicer

from LungSegmentationLib.labels import ANATOMICAL_STRUCTURE, Code, Region

_REGION_CONTEXT = "Anatomic codes - DICOM master list"


def terminologyEntry(region: Region) -> str:
    """Serialise a region's codes as Slicer writes them into a segment's tag.

    The form is that of ``vtkSlicerTerminologiesModuleLogic::SerializeTerminologyEntry``: context name,
    category, type, type modifier, region context name, region and region modifier, joined by ``~``,
    each code as scheme ``^`` value ``^`` meaning.
    """

    def serialise(code: Code | None) -> str:
        return f"{code.scheme}^{code.value}^{code.meaning}" if code else "^^"

    kind = (ANATOMICAL_STRUCTURE, region.type_code, region.modifier_code)
    place = (region.anatomic_code, region.anatomic_modifier_code)
    return "~".join((region.terminology, *map(serialise, kind), _REGION_CONTEXT, *map(serialise, place)))


def segmentIdsOfRegion(segmentation: slicer.vtkSegmentation, region: Region) -> list[str]:
    """List the IDs of all segments that carry a region's codes, in the segmentation's order.

    Scheme and value of category, type and modifier are compared; meanings and context names may differ.
    """
    wanted = _codesOfEntry(terminologyEntry(region))
    return [
        segmentId
        for segmentId in segmentation.GetSegmentIDs()
        if _codesOfEntry(segmentation.GetSegment(segmentId).GetTerminology()) == wanted
    ]


def _codesOfEntry(entry: str) -> tuple[tuple[str, ...], ...]:
    """Give (scheme, value) of category, type, type modifier, region and region modifier."""
    parts = (entry or "").split("~")
    if len(parts) != 7:
        return ()
    return tuple(tuple(part.split("^")[:2]) for part in (*parts[1:4], *parts[5:]))
