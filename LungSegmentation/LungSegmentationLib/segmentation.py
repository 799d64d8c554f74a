"""What a method gives back in canonical order, and what the pipeline makes of it on the input's own grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .region_of_interest import RegionOfInterest
from .volume import AxisOrder, CtVolume


@dataclass(frozen=True)
class Evidence:
    """Maps on a method's working grid, whose blocks are whole voxels of the canonical volume.

    Parameters
    ----------
    factors_zyx : tuple of int
        Voxels of the canonical volume along each side of a block.
    lung_probability : numpy.ndarray, optional
        uint8 (z, y, x): lung probability, 0 to 255 for 0 to 1.
    is_second_opinion : bool
        Whether it is the word of a network that had no part in the result.
    """

    factors_zyx: tuple[int, int, int]
    lung_probability: np.ndarray | None = None
    is_second_opinion: bool = False

    def turned_back(self, order: AxisOrder) -> Evidence:
        """Bring the maps of a volume that ``order`` made back to the axes of the volume that it was made of."""
        z, y, x = (self.factors_zyx[order.axes.index(axis)] for axis in range(3))
        return replace(
            self, factors_zyx=(z, y, x), lung_probability=None if self.lung_probability is None else order.undo(self.lung_probability)
        )

    def at(self, blocks: np.ndarray, places_zyx: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
        """Give a map's values at voxels of the canonical volume: those of every combination of three lists of indices."""
        indices = (
            np.minimum(places // factor, size - 1) for places, factor, size in zip(places_zyx, self.factors_zyx, blocks.shape, strict=True)
        )
        return blocks[np.ix_(*indices)]


@dataclass(frozen=True)
class LungMask:
    """What a method gives back.

    Parameters
    ----------
    labels : numpy.ndarray
        uint8 in the canonical volume's shape: 0 background, 1 right lung, 2 left lung, 3 airways.
    warnings : tuple of str
        What the user should know.
    probability : callable, optional
        Makes the map of lung probability: uint8 in the canonical volume's shape, 0 to 255 for 0 to 1.
    uncertainty : float, optional
        How unsure the method is of its result, 0 to 1.
    evidence : Evidence, optional
        What it knows besides, for the verdict.
    """

    labels: np.ndarray
    warnings: tuple[str, ...] = ()
    probability: Callable[[], np.ndarray] | None = None
    uncertainty: float | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Segmentation:
    """A finished segmentation on the input's own grid.

    Parameters
    ----------
    volume : CtVolume
        The input, unchanged.
    labels : numpy.ndarray
        uint8, the input's shape and axis order: 0 background, 1 right lung, 2 left lung, 3 airways
        (see :mod:`LungSegmentationLib.labels`).
    method : str
        Key of the method that made it.
    parameters : mapping
        Every parameter of the method with the value used.
    timings_s : mapping
        Seconds spent in each step, by the step's name, in order.
    warnings : tuple of str
        What the user should know: of reading and of segmenting.
    vessels : numpy.ndarray, optional
        uint8, the input's shape and axis order: 1 vessels in the right lung, 2 in the left one; None when they were
        not looked for.
    vessel_rule : str, optional
        Key of the rule that found the vessels.
    method_reason : str
        Why this method was chosen, where the choice was left to the engine.
    probability : numpy.ndarray, optional
        uint8, the input's shape and axis order: lung probability, 0 to 255 for 0 to 1; None when it was not asked for.
    uncertainty : float, optional
        How unsure the method is of its result, 0 to 1; None when it cannot tell.
    evidence : Evidence, optional
        What the method knows besides, in canonical order, for the verdict on its result; it stays in the process that made it.
    region : RegionOfInterest, optional
        What the result is limited to; None for the whole scan.
    whole_labels : numpy.ndarray, optional
        Labels of the whole scan, of a result that is limited to a region; they stay in the process that made them.
    """

    volume: CtVolume
    labels: np.ndarray
    method: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    timings_s: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    vessels: np.ndarray | None = None
    vessel_rule: str | None = None
    method_reason: str = ""
    probability: np.ndarray | None = None
    uncertainty: float | None = None
    evidence: Evidence | None = None
    region: RegionOfInterest | None = None
    whole_labels: np.ndarray | None = None
