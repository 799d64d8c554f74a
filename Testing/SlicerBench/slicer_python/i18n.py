"""Stand-in for ``slicer.i18n``: the language is English, so each text is its own translation."""

from __future__ import annotations


def translate(context: str, text: str) -> str:
    """Give the text in the language of the application."""
    return text


def tr(text: str) -> str:
    """Give the text in the language of the application, with the calling file as context."""
    if not isinstance(text, str):
        raise TypeError(f"only text can be translated, not {text!r}")
    return text
