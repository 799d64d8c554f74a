"""Run one method of ours, or one peer, on one scan in a process of its own.

    python run_method.py KEY SCAN_FOLDER [--labels] [--model CARD]

The folder holds the scan as :func:`save_scan` wrote it. ``report.json`` and, where asked for, ``labels.npy``
are written beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.volume import CtVolume
from measured_run import run_measured
from peers import PEERS, find_peer, is_installed

OUR_KEYS = tuple(method.key for method in METHODS)
PEER_KEYS = tuple(peer.key for peer in PEERS)
DEFAULT_KEYS = (*OUR_KEYS, *(peer.key for peer in PEERS if peer.by_default))


@dataclass(frozen=True)
class MethodRun:
    """What one run took: the method alone, and its whole process with starting, loading the array and saving.

    ``labels`` is empty where they were not asked for; ``error`` is empty when all went well.
    """

    engine_s: float
    process_s: float
    peak_memory_mb: float
    labels: np.ndarray
    error: str


def missing_packages(key: str) -> tuple[str, ...]:
    """Name the packages that a method or a peer needs and that are not installed."""
    if key in PEER_KEYS:
        return find_peer(key).missing()
    return tuple(name for method in METHODS if method.key == key for name in method.requires if not is_installed(name))


def save_scan(volume: CtVolume, folder: Path) -> None:
    """Write a scan so that a process needs no reader, whose memory would count, to load it."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "voxels.npy", volume.voxels_hu)
    geometry = [list(volume.spacing_zyx_mm), list(volume.origin_lps_mm), np.asarray(volume.direction_lps).tolist(), volume.name]
    (folder / "geometry.json").write_text(json.dumps(geometry))


def run_method(key: str, folder: Path, labels: bool = False, model: Path | None = None) -> MethodRun:
    """Run a method or a peer on a saved scan in a fresh process.

    Parameters
    ----------
    key : str
        One of ``OUR_KEYS`` or ``PEER_KEYS``.
    folder : pathlib.Path
        Where :func:`save_scan` wrote the scan.
    labels : bool
        Whether to give the labels, on the scan's own grid.
    model : pathlib.Path, optional
        Card of the network that the method ``network`` runs; by default the delivered one.

    Returns
    -------
    MethodRun
    """
    command = [sys.executable, __file__, key, str(folder)]
    run = run_measured([*command, *(["--labels"] if labels else []), *(["--model", str(model)] if model else [])])
    engine_s, error = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return MethodRun(engine_s, run.seconds, run.peak_memory_mb, np.load(folder / "labels.npy") if labels else np.empty(0, np.uint8), error)


def _load_method(key: str, model: str | None) -> Callable[[CtVolume], np.ndarray]:
    """Import all that a method or a peer needs before it is timed."""
    if key in OUR_KEYS:
        # The method alone: of a classical one, without the network's opinion for the checks.
        parameters: dict[str, object] = {"model": model} if model else {} if key == "network" else {"ask_network": False}
        return lambda volume: segment(volume, key, parameters).labels
    peer = find_peer(key).load()
    return lambda volume: peer(volume.voxels_hu, volume.spacing_zyx_mm)


def main() -> None:
    """Load the scan, run, and write what it took; a method that fails leaves no labels and its reason."""
    parser = argparse.ArgumentParser(description="Run one method or peer on one saved scan.")
    parser.add_argument("key", choices=(*OUR_KEYS, *PEER_KEYS))
    parser.add_argument("folder", type=Path, help="folder with the saved scan")
    parser.add_argument("--labels", action="store_true", help="save the labels too")
    parser.add_argument("--model", help="card of the network that the method network runs")
    arguments = parser.parse_args()
    spacing, origin, direction, name = json.loads((arguments.folder / "geometry.json").read_text(encoding="utf-8"))
    volume = CtVolume(np.load(arguments.folder / "voxels.npy"), tuple(spacing), tuple(origin), np.array(direction), name)
    method, error = _load_method(arguments.key, arguments.model), ""
    start = time.perf_counter()
    try:
        labels = method(volume)
    except Exception as failure:  # whatever goes wrong in a peer's steps is a result of the benchmark
        labels, error = np.zeros(volume.voxels_hu.shape, np.uint8), f"{type(failure).__name__}: {failure}"
    seconds = time.perf_counter() - start
    if arguments.labels:
        np.save(arguments.folder / "labels.npy", labels)
    (arguments.folder / "report.json").write_text(json.dumps([seconds, error]))


if __name__ == "__main__":
    main()
