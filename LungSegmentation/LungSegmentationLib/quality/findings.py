"""Each finding once: flags that say the same of the same place, and warnings of the run that repeat a flag, merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from . import limits
from .flag import KINDS, Box, Kind, Place, QualityFlag, standing_out

# Flags that look for dense tissue on the wrong side of the lungs' border, each by other signs.
_ABOUT_DENSE_TISSUE = ("dense_tissue", "surrounded_tissue", "missing_tissue", "unsure_tissue")
# Words of a run's warnings that say what a flag says.
_WARNINGS_OF: dict[str, tuple[str, ...]] = {
    "field_of_view": ("the image does not hold the whole lungs",),
    "trachea": ("no trachea was found",),
    "right_share": (
        "no right lung was found",
        "no left lung was found",
        "is much smaller than the right one",
        "is much smaller than the left one",
    ),
    "structureless_air": ("of air without lung structure",),
}


@dataclass(frozen=True)
class Finding:
    """What should be known of a result, once.

    Parameters
    ----------
    text : str
        One or more sentences, with the places in words.
    places : tuple of Place
        Where it lies, the largest first; empty where it has no place.
    """

    text: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Findings:
    """All findings of a result, and the warnings that no finding holds.

    Parameters
    ----------
    of_kind : mapping of str to tuple of Finding
        By the kind of the flags they come from, the worst first.
    warnings : tuple of str
    """

    of_kind: dict[Kind, tuple[Finding, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def merged_findings(flags: Iterable[QualityFlag], warnings: Iterable[str]) -> Findings:
    """Merge what the checks of a result and the warnings of its run say.

    Parameters
    ----------
    flags : iterable of QualityFlag
    warnings : iterable of str

    Returns
    -------
    Findings
    """
    flags, remaining = tuple(flags), list(dict.fromkeys(warnings))
    shown: list[Place] = []
    of_kind: dict[Kind, tuple[Finding, ...]] = {}
    for kind in KINDS:
        found = []
        for flag in standing_out(flags, kind):
            places = flag.places
            if flag.key in _ABOUT_DENSE_TISSUE and places:
                places = tuple(place for place in places if not any(_is_same(place.box_zyx, other.box_zyx) for other in shown))
                shown += places
                if not places:
                    continue
            found.append(Finding(f"{_in_words(flag, places)}{_taken_from(remaining, flag)}", places))
        of_kind[kind] = tuple(found)
    return Findings(of_kind, tuple(remaining))


def _in_words(flag: QualityFlag, places: tuple[Place, ...]) -> str:
    where = "; ".join(place.text for place in places)
    return f"{flag.reason} {where[:1].upper()}{where[1:]}." if where else flag.reason


def _taken_from(warnings: list[str], flag: QualityFlag) -> str:
    """Take the warnings that a flag repeats out of the list; give what they say more, as further sentences."""
    more = ""
    first_sentence = flag.reason.partition(". ")[0].removesuffix(".").casefold()
    for warning in tuple(warnings):
        if warning.casefold().startswith(first_sentence):
            rest = warning[len(first_sentence) :].lstrip(". ")
            more += f" {rest.removesuffix('.')}." if rest else ""
            warnings.remove(warning)
        elif any(words in warning for words in _WARNINGS_OF.get(flag.key, ())):
            warnings.remove(warning)
    return more


def _is_same(first: Box, second: Box) -> bool:
    shared, smaller = 1, min(_size(first), _size(second))
    for (start, stop), (other_start, other_stop) in zip(first, second, strict=True):
        shared *= max(0, min(stop, other_stop) - max(start, other_start))
    return shared >= limits.SAME_PLACE_SHARE * smaller > 0


def _size(box: Box) -> int:
    size = 1
    for start, stop in box:
        size *= stop - start
    return size
