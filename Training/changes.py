"""Which made-up changes a training scan goes through, and how often."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import anatomy, disease, neighbours
from .scans import TrainingScan

_CHANGES: tuple[tuple[float, Callable[[TrainingScan, np.random.Generator], TrainingScan]], ...] = (
    (0.50, anatomy.bend_chest),
    (0.35, anatomy.shift_lung_density),
    (0.35, anatomy.scale_soft_tissue),
    (0.50, anatomy.press_contrast),
    (0.30, neighbours.widen_aorta),
    (0.35, neighbours.add_neighbour),
    (0.10, anatomy.paint_tissues),
    (0.15, disease.add_emphysema),
    (0.25, disease.add_patches),
    (0.28, disease.add_consolidation),
    (0.06, disease.add_consolidation),
    (0.35, disease.add_mass),
    (0.30, disease.add_effusion),
    (0.10, disease.add_pleural_rind),
    (0.30, anatomy.add_gas),
)


def changed_scan(scan: TrainingScan, rng: np.random.Generator) -> TrainingScan:
    """Apply a random choice of changes to a scan; each keeps the labels true.

    Parameters
    ----------
    scan : TrainingScan
    rng : numpy.random.Generator

    Returns
    -------
    TrainingScan
    """
    for chance, change in _CHANGES:
        if rng.random() < chance:
            scan = change(scan, rng)
    return scan
