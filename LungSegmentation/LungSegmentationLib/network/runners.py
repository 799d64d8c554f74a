"""What a network runs on: ONNX Runtime where it is installed and works, else numpy, which is slower and always there."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from ..errors import InputError
from .model_store import Model, check_file, find_model
from .numpy_runner import NumpyRunner
from .onnx_runner import OnnxRunner
from .onnx_session import CPU_PROVIDER, chosen_providers
from .runtime_trial import why_not_onnxruntime

OF_32_BITS = "-float32"
"""Ends the name of the network that one of 8 bits was made of."""

_log = logging.getLogger(__name__)


def open_runner(model: Model) -> OnnxRunner | NumpyRunner:
    """Start a network.

    Parameters
    ----------
    model : Model

    Returns
    -------
    OnnxRunner or NumpyRunner
        For a network of 8 bits, numpy runs the one of 32 bits that lies beside it. Why ONNX Runtime was not used is in the log.
        Where the user set providers, ONNX Runtime alone.

    Raises
    ------
    InputError
        If ONNX Runtime is not installed or cannot be loaded, and the network is one that numpy does not run; or if the user set a
        provider that it does not offer.
    ModelError
        If the network cannot be used.
    """
    check_file(model)
    if chosen_providers() != (CPU_PROVIDER,):  # the user's own choice: neither tried nor replaced
        return OnnxRunner(model)
    try:
        of_32_bits = _of_32_bits(model)
        in_numpy = NumpyRunner(of_32_bits)
    except Exception as unknown:  # a network of other people's may hold anything: ONNX Runtime knows it, or says why not
        try:
            return OnnxRunner(model)
        except InputError as missing:
            raise InputError(f"{missing}; {unknown}") from unknown
    if find_spec("onnxruntime") is None:
        _log.info("the network %s runs in numpy: ONNX Runtime is not installed", model.card.name)
        return in_numpy
    failure = why_not_onnxruntime(model, of_32_bits)
    if not failure:
        try:
            runner = OnnxRunner(model)
        except Exception as error:  # a package that is broken may raise anything
            failure = f"it failed ({type(error).__name__}: {' '.join(str(error).split())})"
        else:
            _log.info("the network %s runs by ONNX Runtime, %s", model.card.name, runner.provider)
            return runner
    _log.warning("the network %s runs in numpy, which takes more time; ONNX Runtime is installed, but %s", model.card.name, failure)
    return in_numpy


def runs_in_numpy(model: Model) -> bool:
    """Tell whether a network runs without ONNX Runtime.

    Raises
    ------
    ModelError
        If its file is not the one of its card.
    """
    check_file(model)
    try:
        NumpyRunner(_of_32_bits(model))
    except Exception:  # as in open_runner
        return False
    return True


def _of_32_bits(model: Model) -> Model:
    if "quantised" not in model.card.training:
        return model
    return find_model(model.path.with_name(f"{model.card.name}{OF_32_BITS}.json"))
