"""The one way in: a CT volume becomes a labelled result on its own grid."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from .errors import InputError
from .hounsfield import check_hounsfield
from .labels import AIRWAYS, BACKGROUND
from .progress import Progress, no_progress
from .registry import find_method
from .result import Result
from .volume import CtVolume, to_canonical


class _Stopwatch:
    """Progress that also measures how long each named step takes."""

    def __init__(self, progress: Progress) -> None:
        self.timings_s: dict[str, float] = {}
        self._progress = progress
        self._step: str | None = None
        self._since = time.perf_counter()

    def __call__(self, fraction: float, text: str) -> None:
        now = time.perf_counter()
        if text != self._step:
            if self._step is not None:
                self.timings_s[self._step] = self.timings_s.get(self._step, 0.0) + now - self._since
            self._step, self._since = text, now
        self._progress(fraction, text)


def segment(
    volume: CtVolume,
    method: str | None = None,
    parameters: Mapping[str, object] | None = None,
    progress: Progress = no_progress,
    airways: bool = True,
) -> Result:
    """Segment right lung, left lung and airways.

    Parameters
    ----------
    volume : CtVolume
        In any orientation.
    method : str, optional
        Key of a method of :data:`LungSegmentationLib.registry.METHODS`; the default method for None.
    parameters : mapping, optional
        Parameters of the method by name; the others keep their defaults.
    progress : callable
        ``progress(fraction, text)``; may raise :class:`LungSegmentationLib.progress.Cancelled`.
    airways : bool
        Whether the airways become a region of their own; they are never lung.

    Returns
    -------
    Result
        On the input's own grid.

    Raises
    ------
    InputError
        If the image is not a CT in Hounsfield units, shows no lung, or a parameter is out of range.
    """
    chosen = find_method(method)
    values = chosen.make_parameters(parameters)
    check_hounsfield(volume)
    stopwatch = _Stopwatch(progress)
    stopwatch(0.0, "Orienting the image")
    canonical, order = to_canonical(volume)
    slices = canonical.voxels_hu.shape[0]
    if slices < chosen.fewest_slices:
        raise InputError(
            f"{volume.name} has {slices} axial slice{'s' if slices > 1 else ''}; the method {chosen.key} needs a volume of at least "
            f"{chosen.fewest_slices}"
        )
    mask = chosen.segment(canonical, values, lambda fraction, text: stopwatch(0.02 + 0.96 * fraction, text))
    stopwatch(0.98, "Orienting the result")
    labels = order.undo(mask.labels)
    if not airways:
        labels = np.where(labels == AIRWAYS, np.uint8(BACKGROUND), labels)
    stopwatch(1.0, "Done")
    return Result(
        volume=volume,
        labels=labels,
        method=chosen.key,
        parameters=asdict(values),
        timings_s=stopwatch.timings_s,
        warnings=(*volume.warnings, *mask.warnings),
    )
