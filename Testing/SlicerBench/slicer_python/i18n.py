"""Stand-in for ``slicer.i18n``: texts in the language whose translator the Qt application has; English where it has none."""

from __future__ import annotations

import sys
from pathlib import Path

import slicer


def translate(context: str, text: str) -> str:
    """Give the text in the language of the application."""
    return slicer.app.translate(context, text) if hasattr(slicer.app, "translate") else text


def tr(text: str) -> str:
    """Give the text in the language of the application, with the calling file as context."""
    if not isinstance(text, str):
        raise TypeError(f"only text can be translated, not {text!r}")
    path = Path(sys._getframe(1).f_code.co_filename)
    is_in_package = (path.parent / "__init__.py").is_file()
    return translate(f"{path.parent.name}.{path.stem}" if is_in_package else path.stem, text)
