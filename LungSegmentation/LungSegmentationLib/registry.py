"""The one list of methods, in the order in which they are offered."""

from __future__ import annotations

from .errors import InputError
from .method import Method
from .methods import connected_components, contour_tracking, threshold

METHODS: tuple[Method, ...] = (connected_components.METHOD, threshold.METHOD, contour_tracking.METHOD)
DEFAULT_METHOD_KEY = connected_components.METHOD.key


def find_method(key: str | None = None) -> Method:
    """Find a method by its key; the default one for None."""
    wanted = DEFAULT_METHOD_KEY if key is None else key
    for method in METHODS:
        if method.key == wanted:
            return method
    raise InputError(f"there is no method {wanted!r}; choose one of: {', '.join(method.key for method in METHODS)}")
