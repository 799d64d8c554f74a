"""Inputs that are wrong on purpose, each with what must come of it: the right reading, or a phrase of the one line that refuses it.

A file for each format lists its inputs; ``FORMATS`` in :mod:`.all_formats` names them all. The tests read them in one process,
``make malformed`` runs each through the real command, and ``make fuzz`` changes the valid files at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from LungSegmentationLib.volume import CtVolume

RIGHT = "right"
KINDS = ("ct", "labels", "vessels", "probability", "card", "pairs", "command")


@dataclass(frozen=True)
class Scan:
    """The valid scan that the inputs are made from, and its valid files.

    Parameters
    ----------
    volume : CtVolume
        A coarse phantom.
    labels : numpy.ndarray
        uint8: 1 right lung, 2 left lung, 3 airways.
    ct_path, labels_path : pathlib.Path
        Both as ``.nii.gz``.
    """

    volume: CtVolume
    labels: np.ndarray
    ct_path: Path
    labels_path: Path


@dataclass(frozen=True)
class Malformed:
    """One input.

    Parameters
    ----------
    name : str
        What is wrong with it; no other of its format has the name.
    kind : str
        What it is given as: one of ``KINDS``; ``command`` for words of a command line.
    make : callable
        ``make(folder, scan)`` writes it into an empty folder and gives its path, or the words for ``command``.
    expected : str
        ``RIGHT``: read like the valid file; or a regular expression of the line that refuses it.
    """

    name: str
    kind: str
    make: Callable[[Path, Scan], Path | list[str]]
    expected: str


def valid_scan(folder: Path) -> Scan:
    """Make the valid scan and write its files."""
    from LungSegmentationLib.output.label_files import write_nifti
    from LungSegmentationLib.phantom import make_phantom

    phantom = make_phantom(shape_zyx=(36, 52, 60), spacing_zyx_mm=(8.0, 6.5, 6.0), seed=3)
    paths = folder / "valid_ct.nii.gz", folder / "valid_labels.nii.gz"
    for array, path in zip((phantom.volume.voxels_hu, phantom.labels), paths, strict=True):
        write_nifti(array, phantom.volume, path)
    return Scan(phantom.volume, phantom.labels, *paths)


def written(name: str, content: bytes) -> Callable[[Path, Scan], Path]:
    """Give a maker of a file with given content."""

    def make(folder: Path, _scan: Scan) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make
