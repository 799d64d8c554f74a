"""What the network runs on in Slicer: numpy, or ONNX Runtime where it is installed and has proved itself."""

from __future__ import annotations

import os
from pathlib import Path

import qt

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.network.model_store import find_model
from LungSegmentationLib.network.runners import runs_in_numpy
from LungSegmentationLib.network.runtime_trial import TRIALS_VARIABLE, last_failure

from .Dependencies import ONNXRUNTIME

_FILE_NAME = "LungSegmentation-trials.json"


def trialsFile() -> Path:
    """Give the file that remembers how trials of ONNX Runtime ended: beside Slicer's settings."""
    return Path(qt.QSettings().fileName()).parent / _FILE_NAME


def rememberTrials() -> None:
    """Let this process try ONNX Runtime before it is used, once for each version."""
    os.environ.setdefault(TRIALS_VARIABLE, str(trialsFile()))


def whyNotOnnxRuntime() -> str | None:
    """Say why the network runs in numpy; empty where ONNX Runtime has proved itself, None where it has not been tried yet."""
    if not ONNXRUNTIME.isInstalled():
        return "ONNX Runtime is not installed"
    return last_failure(trialsFile())


def checkNetwork(name: str) -> None:
    """Refuse a network that cannot run here, before a run begins.

    Parameters
    ----------
    name : str
        Of a network, or the path of its card.

    Raises
    ------
    InputError
        If it needs ONNX Runtime, which is not installed.
    ModelError
        If there is no such network, or its file is not the one of its card.
    """
    model = find_model(name)
    if not ONNXRUNTIME.isInstalled() and not runs_in_numpy(model):
        raise InputError(
            f"the network {model.card.name} needs ONNX Runtime, which is not installed; install it in the section Advanced, "
            "or choose another network there"
        )
