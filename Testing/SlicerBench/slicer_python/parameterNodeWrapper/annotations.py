"""What may stand in ``Annotated[...]``: a default, conditions on the value, and hints for the widget."""

from __future__ import annotations

import abc
import dataclasses
import typing
from collections.abc import Callable, Sequence
from typing import Annotated, Any

__all__ = [
    "Choice",
    "Decimals",
    "Default",
    "Exclude",
    "IsInstance",
    "Maximum",
    "Minimum",
    "NotNone",
    "SingleStep",
    "Validator",
    "WithinRange",
    "findFirstAnnotation",
    "splitAnnotations",
    "unannotatedType",
]


class Default:
    """The value at the start; ``generator`` makes a new one each time."""

    def __init__(self, value: Any = None, *, generator: Callable[[], Any] | None = None) -> None:
        self._value, self._generator = value, generator

    @property
    def value(self) -> Any:
        return self._generator() if self._generator else self._value

    def __repr__(self) -> str:
        return f"Default(value={self._value}, generator={self._generator})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Default) and (self._value, self._generator) == (other._value, other._generator)

    __hash__ = None


@dataclasses.dataclass
class Decimals:
    """Decimals that a number's widget shows."""

    value: int


@dataclasses.dataclass
class SingleStep:
    """Step of a number's widget."""

    value: float


class Validator(abc.ABC):
    """A condition on a value."""

    @abc.abstractmethod
    def validate(self, value: Any) -> None:
        """Raise ValueError, or TypeError, where the value does not meet the condition."""


def isValidator(annotation: Any) -> bool:
    """Tell whether an annotation is a condition; a class of static functions may be one itself."""
    return isinstance(annotation, Validator) or (isinstance(annotation, type) and issubclass(annotation, Validator))


class NotNone(Validator):
    def validate(self, value: Any) -> None:
        if value is None:
            raise ValueError("Value must not be None")


class IsNone(Validator):
    def validate(self, value: Any) -> None:
        if value is not None:
            raise ValueError("Value must be None")


class IsInstance(Validator):
    def __init__(self, classtype: type | tuple[type, ...]) -> None:
        self.classtype = classtype

    def validate(self, value: Any) -> None:
        if value is not None and not isinstance(value, self.classtype):
            raise TypeError(f"Value must be of type '{self.classtype}', is type '{type(value)}' value '{value}'")


class WithinRange(Validator):
    """Both ends belong to the range."""

    def __init__(self, minimum: float, maximum: float) -> None:
        self.minimum, self.maximum = minimum, maximum

    def validate(self, value: Any) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"Value must be within range [{self.minimum}, {self.maximum}], is {value}")


class Minimum(Validator):
    def __init__(self, minimum: float) -> None:
        self.minimum = minimum

    def validate(self, value: Any) -> None:
        if value < self.minimum:
            raise ValueError(f"Value must not be less than {self.minimum}, is {value}")


class Maximum(Validator):
    def __init__(self, maximum: float) -> None:
        self.maximum = maximum

    def validate(self, value: Any) -> None:
        if value > self.maximum:
            raise ValueError(f"Value must not be greater than {self.maximum}, is {value}")


class Choice(Validator):
    def __init__(self, choices: Sequence[Any]) -> None:
        self.choices = choices

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"Value is {value}, but must be in one of the following: {self.choices}")


class Exclude(Validator):
    def __init__(self, excludedValues: Sequence[Any]) -> None:
        self.excludedValues = excludedValues

    def validate(self, value: Any) -> None:
        if value in self.excludedValues:
            raise ValueError(f"Value is {value}, which is one of the excluded values {self.excludedValues}")


def splitAnnotations(possiblyAnnotatedType: Any) -> tuple[Any, tuple[Any, ...]]:
    """Give the bare type, and what stands beside it in ``Annotated``."""
    bare, *annotations = typing.get_args(Annotated[possiblyAnnotatedType, None])
    return bare, tuple(annotations[:-1])


def unannotatedType(possiblyAnnotatedType: Any) -> Any:
    return splitAnnotations(possiblyAnnotatedType)[0]


def findFirstAnnotation(annotations: Sequence[Any], kind: type) -> Any:
    return next((annotation for annotation in annotations if isinstance(annotation, kind)), None)
