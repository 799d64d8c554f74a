"""The command ``lungsegmentation methods``: which methods there are."""

from __future__ import annotations

import argparse
import sys
import textwrap
from typing import Any

from .terminal import TEXT_WIDTH, write_text


def add_methods(commands: Any) -> None:
    """Add the command to the parser's commands."""
    methods = commands.add_parser("methods", help="list the methods", description="Lists the methods.", allow_abbrev=False)
    methods.set_defaults(run=_run_methods)


def _run_methods(_options: argparse.Namespace) -> None:
    from ..registry import METHODS, choose_method

    chosen, reason = choose_method()
    for method in METHODS:
        default = f" (auto: {reason})" if method is chosen else ""
        write_text(sys.stdout, f"{method.key}{default}: {method.title}\n")
        for text in (method.summary, method.reference and f"Reference: {method.reference}"):
            for line in textwrap.wrap(text, TEXT_WIDTH, initial_indent="  ", subsequent_indent="  "):
                write_text(sys.stdout, f"{line}\n")
