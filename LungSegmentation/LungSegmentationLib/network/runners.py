"""What a network runs on: ONNX Runtime where it is installed, else numpy, which is slower and always there."""

from __future__ import annotations

from importlib.util import find_spec

from ..errors import InputError, ModelError
from .model_store import Model, find_model
from .numpy_runner import NumpyRunner
from .onnx_runner import OnnxRunner

_OF_32_BITS = "-float32"  # ends the name of the network that one of 8 bits was made of
_BROKEN = "ONNX Runtime is installed but cannot be loaded: the network ran in numpy, which takes more time"


def open_runner(model: Model) -> OnnxRunner | NumpyRunner:
    """Start a network.

    Parameters
    ----------
    model : Model

    Returns
    -------
    OnnxRunner or NumpyRunner
        For a network of 8 bits, numpy runs the one of 32 bits that lies beside it.

    Raises
    ------
    InputError
        If ONNX Runtime is not installed or cannot be loaded, and the network is one that numpy does not run.
    ModelError
        If the network cannot be used.
    """
    try:
        return OnnxRunner(model)
    except InputError as missing:
        try:
            is_broken = find_spec("onnxruntime") is not None
            return NumpyRunner(_of_32_bits(model), warnings=(_BROKEN,) if is_broken else ())
        except ModelError as unknown:
            raise InputError(f"{missing}; {unknown}") from unknown


def _of_32_bits(model: Model) -> Model:
    if "quantised" not in model.card.training:
        return model
    return find_model(model.path.with_name(f"{model.card.name}{_OF_32_BITS}.json"))
