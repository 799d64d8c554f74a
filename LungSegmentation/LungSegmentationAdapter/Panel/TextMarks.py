"""A mark for texts that are translated later than where they are written."""

from __future__ import annotations


def QT_TRANSLATE_NOOP(context: str, text: str) -> tuple[str, str]:
    """Give what ``slicer.i18n.translate`` is to be called with; lupdate knows the name from Qt and finds the literals."""
    return context, text
