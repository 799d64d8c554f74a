"""What a segmentation method is, and how its parameters are described (once, for every surface)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import InputError
from .progress import Progress
from .segmentation import LungMask
from .volume import CtVolume


@dataclass(frozen=True)
class ParameterDescription:
    """Name, unit, range, default and one line of help of one parameter; a text has no unit and no range."""

    name: str
    title: str
    unit: str
    minimum: float
    maximum: float
    default: float | int | bool | str
    help: str

    def checked(self, value: object) -> float | int | bool | str:
        """Give the value back in the default's type, or raise :class:`InputError`."""
        if isinstance(self.default, str):
            if not isinstance(value, str) or not value.strip():
                raise InputError(f"the parameter {self.name} is {value!r}; expected a text such as {self.default!r}")
            return value
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise InputError(f"the parameter {self.name} is {value!r}; expected true or false")
            return value
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float, np.integer, np.floating))
            or not self.minimum <= value <= self.maximum
        ):
            unit = f" {self.unit}" if self.unit else ""
            raise InputError(f"the parameter {self.name} is {value!r}; expected a number from {self.minimum:g} to {self.maximum:g}{unit}")
        if isinstance(self.default, int):
            if value != int(value):
                raise InputError(f"the parameter {self.name} is {value!r}; expected a whole number")
            return int(value)
        return float(value)


def text_parameter(default: str, title: str, help: str) -> Any:
    """Describe a field of a parameter dataclass that is a text, such as a name."""
    return parameter(default, title, "", 0, 0, help)


def parameter(default: float | int | bool | str, title: str, unit: str, minimum: float, maximum: float, help: str) -> Any:
    """Describe a field of a parameter dataclass."""
    return dataclasses.field(default=default, metadata={"title": title, "unit": unit, "minimum": minimum, "maximum": maximum, "help": help})


# Of scripts and saved scenes.
EARLIER_PARAMETER_NAMES = {"look_twice": "mirror_averaging"}


class ScanIsHeadDown(Exception):
    """Raised by a method where the trachea shows that the scan lies head down; the pipeline turns it and runs the method again."""


@dataclass(frozen=True)
class Method:
    """One way to find the lungs.

    Parameters
    ----------
    key, title, summary : str
        For the command line, for the picker, and one sentence for who chooses.
    parameters : type
        Frozen dataclass whose fields were made by :func:`parameter`.
    segment : callable
        ``segment(volume, parameters, progress) -> LungMask``; the volume is in canonical orientation.
    requires : tuple of str
        Packages beyond the engine's own that it imports when it runs.
    reference : str
        Where the method comes from.
    fewest_slices : int
        Axial slices that the method needs.
    gives_probability : bool
        Whether its :class:`LungMask` can make the map of lung probability.
    """

    key: str
    title: str
    summary: str
    parameters: type
    segment: Callable[[CtVolume, Any, Progress], LungMask]
    requires: tuple[str, ...] = ()
    reference: str = ""
    fewest_slices: int = 2
    gives_probability: bool = False

    def describe_parameters(self) -> tuple[ParameterDescription, ...]:
        """List the method's parameters in the order of its dataclass."""
        return tuple(
            ParameterDescription(name=field.name, default=field.default, **field.metadata)  # type: ignore[arg-type]
            for field in dataclasses.fields(self.parameters)
        )

    def make_parameters(self, values: Mapping[str, object] | None = None) -> Any:
        """Build the parameter object from given values, checked; the others keep their defaults. Earlier names are understood."""
        known = {description.name: description for description in self.describe_parameters()}
        values = {EARLIER_PARAMETER_NAMES.get(name, name): value for name, value in (values or {}).items()}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise InputError(f"the method {self.key} has no parameter {unknown[0]!r}; it has: {', '.join(known) or 'none'}")
        return self.parameters(**{name: known[name].checked(value) for name, value in values.items()})
