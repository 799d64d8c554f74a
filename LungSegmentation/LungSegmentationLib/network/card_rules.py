"""Rules for the values of a JSON mapping: every error names file, key, value and what would be right.

The package ``jsonschema`` is not among those that Slicer bundles, and its messages name a schema's rule, not what would be right.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..errors import ModelError

_LONGEST_SHOWN = 80


@dataclass(frozen=True)
class Rule:
    """What a value must be, in words, and whether it is."""

    expected: str
    holds: Callable[[Any], bool]


# One rule, or several in order; a mapping's keys with what each must be; or two such mappings, of whose first keys exactly one is there.
Wanted: TypeAlias = Rule | list[Rule] | Mapping[str, "Wanted"] | tuple[Mapping[str, "Wanted"], Mapping[str, "Wanted"]]

FLAG = Rule("true or false", lambda value: isinstance(value, bool))
MAPPING = Rule("a mapping of keys to values", lambda value: isinstance(value, dict))
MAPPINGS = Rule("a list of mappings", lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value))


def text(expected: str = "a text that is not empty", pattern: str = r"(?s).*") -> Rule:
    """Ask for a text that is not blank and, as a whole, matches a pattern."""
    return Rule(expected, lambda value: isinstance(value, str) and value.strip() != "" and re.fullmatch(pattern, value) is not None)


def number(low: float, high: float, or_null: bool = False) -> Rule:
    """Ask for a finite number of a range."""
    span = f" from {low:g} to {high:g}" if math.isfinite(low) else ""
    return Rule(f"a number{span}{', or null' * or_null}", lambda value: (or_null and value is None) or _is_number(value, low, high))


def whole(low: int, high: int) -> Rule:
    """Ask for a whole number of a range."""
    expected = f"{low}" if low == high else f"a whole number from {low} to {high}"
    return Rule(expected, lambda value: isinstance(value, int) and _is_number(value, low, high))


def numbers(low: float, high: float, fewest: int, most: int, only_whole: bool = False) -> Rule:
    """Ask for a list of so many numbers of a range."""
    kind = int if only_whole else (int, float)
    count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return Rule(
        f"a list of {count} {'whole ' * only_whole}numbers from {low:g} to {high:g}",
        lambda values: (
            isinstance(values, list)
            and fewest <= len(values) <= most
            and all(isinstance(value, kind) and _is_number(value, low, high) for value in values)
        ),
    )


def one_of(choices: Sequence[str]) -> Rule:
    """Ask for one of some texts."""
    return Rule(f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0], lambda value: value in choices)


def some_of(choices: Sequence[str]) -> Rule:
    """Ask for a list of some of some texts."""
    return Rule(
        f"a list of some of {', '.join(choices)}",
        lambda values: isinstance(values, list) and values != [] and all(value in choices for value in values),
    )


def check(value: Any, wanted: Wanted, file: str, path: str = "", others: bool = False) -> None:
    """Check a value of a file, and what is in it.

    Parameters
    ----------
    value : object
        As JSON gave it.
    wanted : Rule, list, mapping or tuple
        See ``Wanted``.
    file : str
        The file's name, for errors.
    path : str
        The keys that lead to the value, parted by points; empty for the whole file.
    others : bool
        Whether a mapping may have other keys, too.

    Raises
    ------
    ModelError
        For the first value that is missing, unknown, or not what is wanted.
    """
    where, before = (f"{file}: {path}", f"{path}.") if path else (file, "")
    if isinstance(wanted, (Rule, list)):
        for rule in [wanted] if isinstance(wanted, Rule) else wanted:
            if not rule.holds(value):
                raise ModelError(f"{where} is {_shown(value)}; expected {rule.expected}")
        return
    check(value, MAPPING, file, path)
    if isinstance(wanted, tuple):
        first, second = (next(iter(keys)) for keys in wanted)
        if (first in value) == (second in value):
            found = "both are there" if first in value else "both are missing"
            raise ModelError(f"{file}: {found} of {before}{first} and {before}{second}; expected exactly one of them")
        wanted = wanted[0 if first in value else 1]
    for key, inner in wanted.items():
        if key not in value:
            raise ModelError(f"{file}: {before}{key} is missing; the keys given are {', '.join(value) or 'none'}")
        check(value[key], inner, file, before + key)
    for key in [] if others else value:
        if key not in wanted:
            raise ModelError(f"{file}: {before}{key} is {_shown(value[key])}, an unknown key; expected only {', '.join(wanted)}")


def _is_number(value: object, low: float, high: float) -> bool:
    # JSON's 1e999 is infinite, its whole numbers have no end, and its true would count as 1.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return low <= value <= high and abs(value) <= sys.float_info.max


def _shown(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…"
