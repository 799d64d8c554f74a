"""Give an input to its reader in this process, or to the real command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from LungSegmentationLib.commands.main import main
from LungSegmentationLib.errors import LungSegmentationError
from LungSegmentationLib.evaluation.pairs_list import read_pairs
from LungSegmentationLib.io.label_maps import read_labels, read_vessels
from LungSegmentationLib.io.probability_maps import read_probability
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.volume import CtVolume

from . import Scan

_METHOD = ("--method", "connected-components", "--no-vessels", "--no-airways", "--no-report", "--quiet")
_SEGMENTED: set[int] = set()


def read(kind: str, given: Path | list[str], scan: Scan) -> bool:
    """Read an input in this process, and use it as far as it is small.

    Returns
    -------
    bool
        Whether what was read is the valid scan's.

    Raises
    ------
    LungSegmentationError
        When it is refused.
    """
    if isinstance(given, list):
        raise ValueError("words of a command line are run, not read")
    return _READERS[kind](given, scan)


def _ct(path: Path, scan: Scan) -> bool:
    volume = read_ct(path)
    _segment_once(volume)
    return np.array_equal(volume.voxels_hu, scan.volume.voxels_hu)


def _segment_once(volume: CtVolume) -> None:
    """Segment a volume, unless one of the same voxels on the same grid was before: most of the files hold the same scan."""
    where = np.round(np.hstack([volume.spacing_zyx_mm, volume.origin_lps_mm, np.ravel(volume.direction_lps)]), 3)
    seen = hash((volume.voxels_hu.shape, volume.voxels_hu.tobytes(), where.tobytes()))
    if seen not in _SEGMENTED:
        segment(volume, "connected-components", airways=False)
        _SEGMENTED.add(seen)


def _labels(path: Path, scan: Scan) -> bool:
    return np.array_equal(read_labels(path, scan.volume), scan.labels)


def _vessels(path: Path, scan: Scan) -> bool:
    return read_vessels(path, scan.volume, scan.labels).shape == scan.labels.shape


def _probability(path: Path, scan: Scan) -> bool:
    return read_probability(path)[0].shape == scan.labels.shape


def _card(path: Path, scan: Scan) -> bool:
    return bool(np.any(segment(scan.volume, "network", {"model": str(path)}).labels))


def _pairs(path: Path, _scan: Scan) -> bool:
    from LungSegmentationLib.evaluation.pair import evaluate_pair

    problems = []
    pairs = read_pairs(path)
    for pair in pairs:
        try:
            evaluate_pair(pair.result, pair.reference, pair.ct, pair.probability, pair.doubt)
        except LungSegmentationError as error:
            problems.append(str(error))
    if problems:
        raise LungSegmentationError(f"{len(problems)} of {len(pairs)} pairs could not be evaluated: {problems[0]}")
    return True


_READERS: dict[str, Callable[[Path, Scan], bool]] = {
    "ct": _ct,
    "labels": _labels,
    "vessels": _vessels,
    "probability": _probability,
    "card": _card,
    "pairs": _pairs,
}


def command_words(kind: str, given: Path | list[str], scan: Scan, output: Path) -> list[str]:
    """Give the words of the command line that reads an input of a kind."""
    if isinstance(given, list):
        return given
    path, out = str(given), ("--output", str(output))
    ct, labels = str(scan.ct_path), str(scan.labels_path)
    words = {
        "ct": ("segment", path, *out, *_METHOD),
        "labels": ("measure", ct, path, *out, "--quiet"),
        "vessels": ("measure", ct, labels, "--vessels", path, *out, "--quiet"),
        "probability": ("evaluate", labels, labels, "--probability", path, *out, "--quiet"),
        "card": ("segment", ct, *out, *_METHOD[2:], "--method", "network", "--model", path),
        "pairs": ("evaluate-cohort", path, *out, "--quiet"),
    }
    return list(words[kind])


def run_here(words: list[str]) -> int:
    """Run a command in this process; give its exit status."""
    return main(words)
