"""The one list of methods, in the order in which they are offered, and which one ``auto`` is."""

from __future__ import annotations

from importlib.util import find_spec

from .errors import InputError, ModelError
from .method import Method
from .methods import connected_components, contour_tracking, network, threshold

METHODS: tuple[Method, ...] = (network.METHOD, connected_components.METHOD, threshold.METHOD, contour_tracking.METHOD)
AUTO_KEY = "auto"
BEST_CLASSICAL = connected_components.METHOD


def find_method(key: str | None = None) -> Method:
    """Find a method by its key; for None or ``auto`` see :func:`choose_method`."""
    return choose_method(key)[0]


def choose_method(key: str | None = None) -> tuple[Method, str]:
    """Find a method by its key, or choose one.

    Parameters
    ----------
    key : str, optional
        Key of a method; for None or ``auto`` the network where its file is installed, else the best classical method.

    Returns
    -------
    method : Method
    reason : str
        Why it was chosen; empty where the key named it.

    Raises
    ------
    InputError
        If there is no such method.
    """
    if key in (None, AUTO_KEY):
        if not _has_network():
            return BEST_CLASSICAL, f"the best classical method, because the network {network.DEFAULT_MODEL} is not there"
        if find_spec("onnxruntime") is None:
            return network.METHOD, "the network, in numpy: ONNX Runtime, with which it takes less time, is not installed"
        return network.METHOD, "the default; in ONNX Runtime where it works, else in numpy"
    for method in METHODS:
        if method.key == key:
            return method, ""
    raise InputError(f"there is no method {key!r}; choose one of: {', '.join((AUTO_KEY, *(method.key for method in METHODS)))}")


def _has_network() -> bool:
    from .network.model_store import find_model

    try:
        find_model(network.DEFAULT_MODEL)
    except ModelError:
        return False
    return True
