"""The table of quality checks, from the checks of a phantom."""

from __future__ import annotations

from functools import cache

from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.quality.flag import QualityFlag
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.segmentation import Segmentation
from table_files import markdown_table


@cache
def flags_of_a_phantom() -> tuple[QualityFlag, ...]:
    """Check the exact labels of a phantom."""
    phantom = make_phantom(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))
    return quality_flags(Segmentation(phantom.volume, phantom.labels, "truth"))


def quality_checks() -> str:
    """List the checks with what passes."""
    columns = ("Check", "Kind", "Value in", "Passes")
    rows = [dict(zip(columns, (flag.title, flag.kind, flag.unit, flag.limit), strict=True)) for flag in flags_of_a_phantom()]
    return markdown_table(columns, rows)
