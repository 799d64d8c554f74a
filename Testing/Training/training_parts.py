"""Small scans and a small recipe for the tests of training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np

from LungSegmentationLib.phantom import make_phantom
from Training.architectures import CompactNetwork
from Training.augmentation import SliceFormat
from Training.recipes import Recipe, find_recipe
from Training.scans import TrainingScan, reduced_scan

SAMPLES = 1600


def small_scan(seed: int = 0) -> TrainingScan:
    phantom = make_phantom(seed=seed, shape_zyx=(60, 112, 112), spacing_zyx_mm=(5.0, 3.2, 3.2))
    return reduced_scan(phantom.volume, phantom.labels, np.zeros(phantom.labels.shape, np.uint8), f"phantom{seed}", "phantom")


def small_recipe() -> Recipe:
    return replace(
        find_recipe("compact"),
        build=partial(CompactNetwork, widths=(8, 16, 24, 32, 40)),
        form=SliceFormat(6.0, 64, 64, (-12.0, 0.0, 12.0)),
        learning_rate=5e-3,
        batch=8,
    )


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def changed_anywhere(
    change: Callable[[TrainingScan, np.random.Generator], TrainingScan], scan: TrainingScan, seeds: Iterable[int] = range(6)
) -> list[TrainingScan]:
    """Apply a made-up change at several random places, each to the scan as it was."""
    return [change(scan, rng(seed)) for seed in seeds]
