"""One thing that was checked: of which kind it is, what came out, and where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["note", "coverage", "quality"]
Verdict = Literal["pass", "note", "cut", "review", "fail"]
Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]

KINDS: tuple[Kind, ...] = ("quality", "coverage", "note")
VERDICTS_OF: dict[Kind, tuple[Verdict, ...]] = {
    "quality": ("pass", "review", "fail"),
    "coverage": ("pass", "cut"),
    "note": ("pass", "note"),
}
"""What each kind of flag may come to, the worst last."""


@dataclass(frozen=True)
class Place:
    """Where a finding lies.

    Parameters
    ----------
    what : str
        What lies there, in words: ``"dense tissue beside the spine"``.
    slice_index : int
        The axial slice through its middle, counted from 0 as in ``slices.csv``.
    side : str
        ``"right"``, ``"left"`` (the patient's), or empty where it has none.
    volume_ml : float or None
        How large it is; None for a plane, such as a cut.
    box_zyx : tuple
        First voxel, and the one behind the last, along each axis of the scan's own array (z, y, x).
    """

    what: str
    slice_index: int
    side: str
    volume_ml: float | None
    box_zyx: Box

    @property
    def text(self) -> str:
        """The place in words, without what lies there: ``"slice 41, left, 232 mL"``."""
        size = "" if self.volume_ml is None else f"{self.volume_ml:.0f} mL"
        return ", ".join(filter(None, (f"slice {self.slice_index}", self.side, size)))


@dataclass(frozen=True)
class QualityFlag:
    """One thing that was checked.

    Parameters
    ----------
    key, title : str
        For programs and for readers.
    kind : str
        ``"quality"``: whether the segmentation is right. ``"coverage"``: whether the image holds the lungs. ``"note"``: what the scan is
        like; it says nothing against the segmentation.
    value : float or None
        What was measured; None where it could not be.
    unit, limit : str
        Unit of the value, and what passes, in words.
    verdict : str
        ``"pass"``: no problems detected. For quality also ``"review"``: look at the places before the figures are used, and ``"fail"``: the
        figures must not be used as they are; for coverage ``"cut"``; for a note ``"note"``.
    reason : str
        One sentence.
    places : tuple of Place
        Where the findings lie, the largest first; empty where they have no place.

    Raises
    ------
    ValueError
        If a flag of this kind cannot come to this verdict.
    """

    key: str
    title: str
    kind: Kind
    value: float | None
    unit: str
    limit: str
    verdict: Verdict
    reason: str
    places: tuple[Place, ...] = ()

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS_OF[self.kind]:
            raise ValueError(f"a flag of the kind {self.kind} is {self.verdict!r}; expected one of: {', '.join(VERDICTS_OF[self.kind])}")

    @property
    def where(self) -> str:
        """The places in words, such as ``"slice 41, left, 232 mL"``."""
        return "; ".join(place.text for place in self.places)

    @property
    def in_words(self) -> str:
        """The reason, and as a sentence of its own where its places are."""
        return f"{self.reason} {self.where[:1].upper()}{self.where[1:]}." if self.places else self.reason


def quality_verdict(flags: Iterable[QualityFlag]) -> Verdict:
    """Give the worst verdict on the segmentation's quality, ``"pass"`` for none; notes and coverage do not count."""
    return max((flag.verdict for flag in flags if flag.kind == "quality"), key=VERDICTS_OF["quality"].index, default="pass")


def coverage_verdict(flags: Iterable[QualityFlag]) -> Verdict:
    """Say ``"cut"`` where the image does not hold the whole lungs, else ``"pass"``."""
    return max((flag.verdict for flag in flags if flag.kind == "coverage"), key=VERDICTS_OF["coverage"].index, default="pass")


def standing_out(flags: Iterable[QualityFlag], kind: Kind) -> list[QualityFlag]:
    """List the flags of a kind that do not pass, the worst first."""
    found = [flag for flag in flags if flag.kind == kind and flag.verdict != "pass"]
    return sorted(found, key=lambda flag: VERDICTS_OF[kind].index(flag.verdict), reverse=True)


def flag_from(facts: Mapping[str, Any]) -> QualityFlag:
    """Put a flag together again from what :func:`dataclasses.asdict` made of it, also after JSON."""
    places = (Place(**{**place, "box_zyx": tuple(tuple(ends) for ends in place["box_zyx"])}) for place in facts["places"])
    return QualityFlag(**{**facts, "places": tuple(places)})
