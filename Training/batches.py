"""An endless, seeded stream of training batches, made in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from .augmentation import SliceFormat, random_sample
from .changes import changed_scan
from .scans import TrainingScan

_POOL = 24
_SAMPLES_OF_A_CHANGE = 40
_UNCHANGED_SHARE = 0.25


class TrainingBatches(IterableDataset):
    """Batches of slices of scans, with and without made-up disease.

    Parameters
    ----------
    scans : sequence of TrainingScan
        Each is drawn equally often.
    form : SliceFormat
    batch : int
        Slices in a batch.
    seed : int
    """

    def __init__(self, scans: Sequence[TrainingScan], form: SliceFormat, batch: int, seed: int) -> None:
        super().__init__()
        self.scans, self.form, self.batch, self.seed = list(scans), form, batch, seed

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        torch.set_num_threads(1)
        rng = np.random.default_rng(self.seed)
        pool = [self._draw(rng) for _ in range(_POOL)]
        drawn = 0
        while True:
            samples = [random_sample(pool[rng.integers(_POOL)], self.form, rng) for _ in range(self.batch)]
            drawn += self.batch
            if drawn >= _SAMPLES_OF_A_CHANGE:
                pool[rng.integers(_POOL)] = self._draw(rng)
                drawn = 0
            yield torch.stack([image for image, _ in samples]), torch.stack([target for _, target in samples])

    def _draw(self, rng: np.random.Generator) -> TrainingScan:
        scan = self.scans[rng.integers(len(self.scans))]
        return scan if rng.random() < _UNCHANGED_SHARE else changed_scan(scan, rng)


def batch_stream(scans: Sequence[TrainingScan], form: SliceFormat, batch: int, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Start the process that makes the batches."""
    return iter(DataLoader(TrainingBatches(scans, form, batch, seed), batch_size=None, num_workers=1, prefetch_factor=8))
