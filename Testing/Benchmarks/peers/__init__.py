"""The sources' published steps, carried out anew as they were published, faults included: what the engine is measured against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec

import numpy as np

SpacingZyx = tuple[float, float, float]


def is_installed(name: str) -> bool:
    """Say whether there is a module, or a package of the index, of that name: scikit-image is imported as skimage."""
    if find_spec(name) is not None:
        return True
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


@dataclass(frozen=True)
class Peer:
    """One source's steps.

    Parameters
    ----------
    key, title : str
        For the command line, and for the reader of a table.
    module : str
        Module of this package with ``segment(voxels_hu, spacing_zyx_mm) -> uint8 mask``; both lungs are 1.
    requires : tuple of str
        Modules beyond the engine's own that it imports.
    by_default : bool
        Whether it is run where no choice is made.
    """

    key: str
    title: str
    module: str
    requires: tuple[str, ...]
    by_default: bool = True

    def missing(self) -> tuple[str, ...]:
        """Name the modules that are not installed."""
        return tuple(name for name in self.requires if not is_installed(name))

    def load(self) -> Callable[[np.ndarray, SpacingZyx], np.ndarray]:
        """Import the module with all that it needs and give its function."""
        return import_module(f"{__name__}.{self.module}").segment


PEERS = (
    Peer("source-a", "Contour tracking, as published", "contour_tracking", ("cv2",)),
    Peer("source-b", "Threshold, contours and hulls, as published", "threshold_contours", ("skimage",)),
    Peer("source-c", "Connected components with filling, as published", "connected_components", ("skimage",)),
    Peer("source-c-1mm", "The same after resampling to 1 mm, as published", "connected_components_1mm", ("skimage",), by_default=False),
)


def find_peer(key: str) -> Peer:
    """Find a peer by its key; a KeyError names a key that is not there."""
    return {peer.key: peer for peer in PEERS}[key]
