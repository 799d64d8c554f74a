"""Whether ONNX Runtime can be trusted here: a trial run against numpy, once for each version of it, remembered in a file."""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..anatomy.working_grid import make_working_grid
from . import limits
from .model_card import ModelCard
from .model_store import Model
from .numpy_runner import NumpyRunner
from .onnx_runner import OnnxRunner
from .preprocessing import body_box, network_grid, normalised, reduced_slices, stacked_neighbours, whole_box

TRIALS_VARIABLE = "LUNGSEGMENTATION_TRIALS"
"""Environment variable with the path of the file that remembers trials; where it is not set, nothing is tried."""

_SHAPE_ZYX, _SPACING_ZYX_MM, _SLICES, _VOXEL_MM = (16, 96, 96), (18.0, 3.7, 3.7), 4, 2.0  # of the phantom

_log = logging.getLogger(__name__)


def why_not_onnxruntime(model: Model, of_32_bits: Model) -> str:
    """Say why ONNX Runtime is not to be used for a network; empty where it is.

    Parameters
    ----------
    model : Model
        The network that ONNX Runtime would run.
    of_32_bits : Model
        The same with weights of 32 bits, which numpy runs too.

    Returns
    -------
    str
        What went wrong in the trial run, now or before with the same version and network.
    """
    path = os.environ.get(TRIALS_VARIABLE, "").strip()
    if not path:
        return ""
    memory, key = Path(path), f"{_version()} {model.card.sha256}"
    remembered = _read(memory).get(key, {})
    if "failure" in remembered:
        return str(remembered["failure"])
    begun = int(remembered.get("begun", 0))
    if begun >= limits.UNENDED_TRIALS_COUNT:
        return "it broke the process down in its trial run"
    _remember(memory, key, {"begun": begun + 1})
    failure = _try_out(model, of_32_bits)
    _remember(memory, key, {"failure": failure})
    _log.info("ONNX Runtime %s was tried: %s", _version().partition("@")[0], failure or "it gives the same labels as numpy")
    return failure


def last_failure(memory: Path) -> str | None:
    """Give what is remembered of the version that is installed: its failure, empty where it passed, None where it was not tried."""
    found = [trial for key, trial in _read(memory).items() if key.split(" ")[0] == _version() and "failure" in trial]
    return str(found[-1]["failure"]) if found else None


def _try_out(model: Model, of_32_bits: Model) -> str:
    batch = _phantom_batch(model.card)
    try:
        expected = _labels(NumpyRunner(of_32_bits), batch)
        for tried, limit in (
            (of_32_bits, limits.DIFFERING_SHARE),
            (model, limits.DIFFERING_SHARE if model is of_32_bits else limits.DIFFERING_8_BITS_SHARE),
        ):
            differing = float(np.mean(_labels(OnnxRunner(tried), batch) != expected))
            if differing > limit:
                return f"{100 * differing:.2g} % of its labels differ from numpy's for the network {tried.card.name}"
    except Exception as error:  # a package that is broken may raise anything
        return f"it failed in its trial run ({type(error).__name__}: {' '.join(str(error).split())})"
    return ""


def _labels(runner: NumpyRunner | OnnxRunner, batch: np.ndarray) -> np.ndarray:
    return np.concatenate(list(runner.run([batch]))).argmax(axis=1)


def _phantom_batch(card: ModelCard) -> np.ndarray:
    """Give some slices through the middle of a small phantom's lungs, as the network is shown them."""
    from ..phantom import make_phantom  # imports scipy.interpolate, a quarter of a second that most runs need not wait

    volume = make_phantom(shape_zyx=_SHAPE_ZYX, spacing_zyx_mm=_SPACING_ZYX_MM).volume
    whole = make_working_grid(volume.voxels_hu, volume.spacing_zyx_mm, _VOXEL_MM, volume.measured)
    grid = network_grid(card.input, whole, body_box(whole) if card.input.body_crop else whole_box(whole.mean_hu.shape), None)
    start = (grid.shape_nchw[0] - _SLICES) // 2
    return stacked_neighbours(normalised(reduced_slices(whole.mean_hu, grid), card.input), grid, slice(start, start + _SLICES))


def _version() -> str:
    """Name what is installed: its version, and when its files were made, so that one that is installed again is tried again."""
    try:
        version = importlib.metadata.version("onnxruntime")
    except importlib.metadata.PackageNotFoundError:  # a folder without its metadata, or a package of another name
        version = "unknown"
    spec, made = find_spec("onnxruntime"), 0
    if spec is not None and spec.origin:
        with suppress(OSError):
            made = int(Path(spec.origin).stat().st_mtime)
    return f"{version}@{made}"


def _read(memory: Path) -> dict[str, dict[str, int | str]]:
    try:
        content = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and all(isinstance(trial, dict) for trial in content.values()) else {}


def _remember(memory: Path, key: str, trial: dict[str, int | str]) -> None:
    """Write the file anew; where it cannot be written, the trial is made again the next time."""
    unfinished = memory.with_name(f"{memory.name}.{os.getpid()}")
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps({**_read(memory), key: trial}), encoding="utf-8")
        os.replace(unfinished, memory)
