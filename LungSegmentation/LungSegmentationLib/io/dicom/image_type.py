"""What an image is by its ImageType: a scanner's own slice, one that was derived, a projection, or a scout.

Terms of DICOM PS3.3 C.7.6.1.1.2 (values 1 and 2), C.8.2.1.1.1 (CT), C.8.16.1 (enhanced images: value 4 and the
technique of calculation) and of makers, who write the kind of a projection into a further value ("CT_SOM5 MIP").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum


class Flavour(IntEnum):
    """What an image is worth for measuring, best first."""

    ORIGINAL = 0
    UNKNOWN = 1
    DERIVED = 2
    PROJECTION = 3
    SCOUT = 4


_SCOUTS = {"LOCALIZER", "LOCALISER", "SCOUT", "TOPOGRAM", "SURVIEW", "SCANOGRAM"}
_PROJECTION = re.compile(
    r"(?<![A-Z])(?:MIPS?|THIN ?MIP|MIP ?(?:THIN|THICK)|MIN ?IPS?|MNIPS?|MINP|MAX ?IPS?|AIPS?|AVE?G? ?IPS?|MEAN ?IPS?|RAY ?SUMS?|VRT?|SSD"
    r"|PROJECTION IMAGE|VOLUME RENDER(?:ING|ED)?|SURFACE RENDER(?:ING|ED)?|(?:MAXIMUM|MINIMUM|AVERAGE|MEAN) INTENSITY)(?![A-Z])"
)
# As words of their own in ImageType these say how slices were made one; in a description they may say anything.
_COMBINED = {"MAXIMUM", "MINIMUM", "MEAN", "AVERAGE", "AVG", "STD DEVIATION", "MAX", "MIN"}


def flavour_of(image_type: Sequence[object], texts: Sequence[str] = (), technique: str = "") -> Flavour:
    """Tell what an image is.

    Parameters
    ----------
    image_type : sequence
        The values of ImageType (or of an enhanced image's FrameType); empty where it is missing.
    texts : sequence of str
        Descriptions (of the series, of the derivation). They tell a projection only where ImageType does not say that
        the image is original; then they only make it unknown.
    technique : str
        VolumeBasedCalculationTechnique of an enhanced image.

    Returns
    -------
    Flavour
    """
    values = [_words(value) for value in image_type]
    if any(value in _SCOUTS or _SCOUTS & set(value.split()) for value in values[2:]):
        return Flavour.SCOUT
    combined = any(value in _COMBINED or _PROJECTION.search(value) for value in values[2:])
    if combined or _words(technique) in ("MAX IP", "MIN IP", "VOLUME RENDER", "SURFACE RENDER"):
        return Flavour.PROJECTION
    is_described = any(_PROJECTION.search(_words(text)) for text in texts)
    if "DERIVED" in values[:1] or "SECONDARY" in values[1:2]:
        return Flavour.PROJECTION if is_described else Flavour.DERIVED
    if "ORIGINAL" in values[:1]:
        return Flavour.UNKNOWN if is_described else Flavour.ORIGINAL
    return Flavour.PROJECTION if is_described else Flavour.UNKNOWN


def _words(value: object) -> str:
    return re.sub(r"[\W_]+", " ", str(value or "").upper()).strip()
