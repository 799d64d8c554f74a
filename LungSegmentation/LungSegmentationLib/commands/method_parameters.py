"""An option for every parameter of every method."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..method import ParameterDescription

_PREFIX = "parameter "


def add_method_parameters(parser: argparse.ArgumentParser) -> None:
    """Make an option of every parameter that any method describes, and hidden ones of their earlier names."""
    from ..method import EARLIER_PARAMETER_NAMES
    from ..registry import METHODS

    users: dict[str, dict[ParameterDescription, list[str]]] = {}
    for method in METHODS:
        for description in method.describe_parameters():
            users.setdefault(description.name, {}).setdefault(description, []).append(method.key)
    group = parser.add_argument_group("parameters of the methods")
    for name, descriptions in users.items():
        first = next(iter(descriptions))
        help_text = "; ".join(_parameter_help(description, keys) for description, keys in descriptions.items()).replace("%", "%%")
        option, destination = "--" + name.replace("_", "-"), _PREFIX + name
        if isinstance(first.default, str):
            group.add_argument(option, dest=destination, metavar="NAME", help=help_text)
        elif isinstance(first.default, bool):
            group.add_argument(option, dest=destination, action=argparse.BooleanOptionalAction, default=None, help=help_text)
        else:
            group.add_argument(option, dest=destination, type=float, metavar=first.unit.upper() or "NUMBER", help=help_text)
    for earlier, name in EARLIER_PARAMETER_NAMES.items():
        option, destination = "--" + earlier.replace("_", "-"), _PREFIX + name
        parser.add_argument(option, dest=destination, action=argparse.BooleanOptionalAction, default=None, help=argparse.SUPPRESS)


def _parameter_help(description: ParameterDescription, method_keys: Sequence[str]) -> str:
    if isinstance(description.default, str):
        limits = f"default {description.default}"
    elif isinstance(description.default, bool):
        limits = f"default {'yes' if description.default else 'no'}"
    else:
        unit = f" {description.unit}" if description.unit else ""
        limits = f"{description.minimum:g} to {description.maximum:g}{unit}, default {description.default:g}"
    return f"{description.title}: {description.help} [{limits}; {', '.join(method_keys)}]"


def method_parameters(options: argparse.Namespace) -> dict[str, object]:
    """Give the parameters that the user set, by their names."""
    given = {name.removeprefix(_PREFIX): value for name, value in vars(options).items() if name.startswith(_PREFIX)}
    return {name: value for name, value in given.items() if value is not None}
