"""Strict reading of the keys of a JSON mapping: every error names file, key, value and what would be right."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ModelError

_LONGEST_SHOWN = 80


class CardFields:
    """One mapping of a card; each key is asked for once, and :meth:`finish` refuses those that were not.

    Parameters
    ----------
    content : object
        As JSON gave it.
    file : str
        The card's file name, for errors.
    path : str
        Keys that lead to the mapping, with a point after each.

    Raises
    ------
    ModelError
        By all methods, if the value is missing or not what is asked for.
    """

    def __init__(self, content: object, file: str, path: str = "") -> None:
        if not isinstance(content, dict):
            what = f"{file}: {path[:-1]}" if path else file
            raise ModelError(f"{what} is {_shown(content)}; expected a mapping of keys to values")
        self.content: Mapping[str, Any] = content
        self._file = file
        self._path = path
        self._asked: list[str] = []

    def error(self, key: str, expected: str) -> ModelError:
        """Make the error that says that a key's value is not what is expected."""
        return ModelError(f"{self._file}: {self._path}{key} is {_shown(self.content.get(key))}; expected {expected}")

    def finish(self) -> None:
        """Refuse keys that were not asked for."""
        for key in self.content:
            if key not in self._asked:
                value = _shown(self.content[key])
                raise ModelError(f"{self._file}: {self._path}{key} is {value}, an unknown key; expected only {', '.join(self._asked)}")

    def which(self, first: str, second: str) -> str:
        """Tell which of two keys there is, where exactly one must be."""
        found = [key for key in (first, second) if key in self.content]
        if len(found) != 1:
            both = "both are there" if found else "both are missing"
            raise ModelError(f"{self._file}: {both} of {self._path}{first} and {self._path}{second}; expected exactly one of them")
        return found[0]

    def text(self, key: str, pattern: re.Pattern[str] | None = None, expected: str = "a text that is not empty") -> str:
        """Give a text that is not blank and, as a whole, matches a pattern."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip() or (pattern is not None and not pattern.fullmatch(value)):
            raise self.error(key, expected)
        return value

    def boolean(self, key: str) -> bool:
        """Give true or false."""
        value = self._value(key)
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def number(self, key: str, minimum: float, maximum: float) -> float:
        """Give a finite number of a range."""
        value = self._value(key)
        if not _is_number(value, minimum, maximum):
            raise self.error(key, f"a number{_range(minimum, maximum)}")
        return float(value)

    def number_or_null(self, key: str, minimum: float, maximum: float) -> float | None:
        """Give a finite number of a range, or None for null."""
        value = self._value(key)
        if value is None:
            return None
        if not _is_number(value, minimum, maximum):
            raise self.error(key, f"a number{_range(minimum, maximum)}, or null")
        return float(value)

    def whole(self, key: str, minimum: int, maximum: int) -> int:
        """Give a whole number of a range."""
        value = self._value(key)
        if not isinstance(value, int) or not _is_number(value, minimum, maximum):
            raise self.error(key, f"{minimum}" if minimum == maximum else f"a whole number{_range(minimum, maximum)}")
        return value

    def numbers(self, key: str, minimum: float, maximum: float, fewest: int, most: int, whole: bool = False) -> tuple[float, ...]:
        """Give a list of numbers of a range."""
        values = self._value(key)
        wanted = int if whole else (int, float)
        if (
            not isinstance(values, list)
            or not fewest <= len(values) <= most
            or not all(isinstance(value, wanted) and _is_number(value, minimum, maximum) for value in values)
        ):
            count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            raise self.error(key, f"a list of {count} {'whole ' if whole else ''}numbers{_range(minimum, maximum)}")
        return tuple(float(value) for value in values)

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """Give one of some texts."""
        value = self._value(key)
        if value not in choices:
            raise self.error(key, f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0])
        return str(value)

    def choices(self, key: str, choices: Sequence[str]) -> tuple[str, ...]:
        """Give a list of some of some texts."""
        values = self._value(key)
        if not isinstance(values, list) or not values or not all(value in choices for value in values):
            raise self.error(key, f"a list of some of {', '.join(choices)}")
        return tuple(values)

    def mapping(self, key: str) -> Mapping[str, Any]:
        """Give a mapping with any keys."""
        return CardFields(self._value(key), self._file, f"{self._path}{key}.").content

    def part(self, key: str) -> CardFields:
        """Give a mapping to be read key by key."""
        return CardFields(self._value(key), self._file, f"{self._path}{key}.")

    def parts(self, key: str) -> list[CardFields]:
        """Give a list of mappings to be read key by key."""
        values = self._value(key)
        if not isinstance(values, list):
            raise self.error(key, "a list of mappings")
        return [CardFields(value, self._file, f"{self._path}{key}[{index}].") for index, value in enumerate(values)]

    def _value(self, key: str) -> Any:
        if key not in self.content:
            raise ModelError(f"{self._file}: {self._path}{key} is missing; the keys given are {', '.join(self.content) or 'none'}")
        self._asked.append(key)
        return self.content[key]


def _is_number(value: object, minimum: float, maximum: float) -> bool:
    # JSON's 1e999 is infinite, its whole numbers have no end, and its true would count as 1.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return minimum <= value <= maximum and abs(value) <= sys.float_info.max


def _range(minimum: float, maximum: float) -> str:
    return f" from {minimum:g} to {maximum:g}" if math.isfinite(minimum) else ""


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
