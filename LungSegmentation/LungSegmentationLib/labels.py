"""Label numbers, names, colours and codes of the segmented structures, in one place.

Codes are SNOMED CT (coding scheme designator ``SCT``), as listed in DICOM PS3.16 and in Slicer's
terminology files. Slicer recommends one colour for both lungs; here each side has its own, so that
swapped sides are seen at a glance, and the airways one that is told from the left lung's.
"""

from __future__ import annotations

from dataclasses import dataclass

BACKGROUND = 0
RIGHT_LUNG = 1
LEFT_LUNG = 2
AIRWAYS = 3


@dataclass(frozen=True)
class Code:
    """A coded concept: value and meaning in SNOMED CT."""

    value: str
    meaning: str
    scheme: str = "SCT"


ANATOMICAL_STRUCTURE = Code("123037004", "Anatomical Structure")


@dataclass(frozen=True)
class Region:
    """One structure of a label map; the anatomic code says where the structure lies if its type does not."""

    label: int
    key: str
    name: str
    colour_rgb: tuple[int, int, int]
    terminology: str
    type_code: Code
    modifier_code: Code | None = None
    anatomic_code: Code | None = None
    anatomic_modifier_code: Code | None = None


_GENERAL_ANATOMY = "Segmentation category and type - 3D Slicer General Anatomy list"
_DICOM_MASTER = "Segmentation category and type - DICOM master list"

REGIONS = (
    Region(RIGHT_LUNG, "right_lung", "Right lung", (230, 140, 110), _GENERAL_ANATOMY, Code("39607008", "Lung"), Code("24028007", "Right")),
    Region(LEFT_LUNG, "left_lung", "Left lung", (110, 170, 230), _GENERAL_ANATOMY, Code("39607008", "Lung"), Code("7771000", "Left")),
    Region(AIRWAYS, "airways", "Airways", (245, 220, 90), _DICOM_MASTER, Code("110726009", "Trachea and bronchus")),
)

# Vessels lie inside the lungs and overlap them: a label map of their own.
VESSEL_REGIONS = tuple(
    Region(
        lung.label,
        f"{lung.key}_vessels",
        f"Vessels of {lung.name.lower()}",
        (216, 60, 60) if lung.label == RIGHT_LUNG else (70, 80, 220),
        _DICOM_MASTER,
        Code("59820001", "Blood Vessel"),
        anatomic_code=lung.type_code,
        anatomic_modifier_code=lung.modifier_code,
    )
    for lung in REGIONS
    if lung.label in (RIGHT_LUNG, LEFT_LUNG)
)
