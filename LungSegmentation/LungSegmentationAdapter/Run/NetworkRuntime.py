"""What the network runs on in Slicer: numpy, or ONNX Runtime where it is installed and has proved itself."""

from __future__ import annotations

import os
from pathlib import Path

import qt

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
