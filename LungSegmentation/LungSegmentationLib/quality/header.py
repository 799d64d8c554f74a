"""Quality flag of how the patient lies: whether header and anatomy agree."""

from __future__ import annotations

from .flag import QualityFlag
from .label_sides import LabelSides


def header_flag(sides: LabelSides) -> QualityFlag:
    """Say whether head, back and sides lie where the header says."""
    finding = sides.stance.finding
    reason = (
        f"{finding[0].upper()}{finding[1:]}. Look at the image and correct its header." if finding else "Nothing speaks against the header."
    )
    limit = "head, back and sides as the header says"
    return QualityFlag("header", "Header and anatomy", "quality", None, "", limit, "review" if finding else "pass", reason)
