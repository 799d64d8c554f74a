"""The one way in: a CT volume becomes a labelled result on its own grid."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from .anatomy.head_and_feet import HeadAndFeetExchanged, turned_back, turned_over
from .errors import InputError
from .hounsfield import check_hounsfield
from .labels import AIRWAYS, BACKGROUND
from .method import LungMask, Method
from .progress import Progress, no_progress, part_of
from .registry import choose_method
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
    vessels: bool = False,
    vessel_rule: str | None = None,
    probability: bool = False,
) -> Result:
    """Segment right lung, left lung and airways, and the vessels inside the lungs on request.

    Parameters
    ----------
    volume : CtVolume
        In any orientation.
    method : str, optional
        Key of a method of :data:`LungSegmentationLib.registry.METHODS`; for None or ``auto`` the network where it can
        run, else the best classical method.
    parameters : mapping, optional
        Parameters of the method by name; the others keep their defaults.
    progress : callable
        ``progress(fraction, text)``; may raise :class:`LungSegmentationLib.progress.Cancelled`.
    airways : bool
        Whether the airways become a region of their own; they are never lung.
    vessels : bool
        Whether to look for the vessels inside the lungs too, which takes longer than all the rest.
    vessel_rule : str, optional
        Key of a rule of :data:`LungSegmentationLib.anatomy.vessels.VESSEL_RULES`; the default rule for None.
    probability : bool
        Whether to make the map of how probable lung is; only the network can.

    Returns
    -------
    Result
        On the input's own grid.

    Raises
    ------
    InputError
        If the image is not a CT in Hounsfield units, shows no lung, or a parameter is out of range.
    """
    chosen, reason = choose_method(method)
    values = chosen.make_parameters(parameters)
    rule_key = _vessel_rule_key(vessel_rule)
    if probability and not chosen.gives_probability:
        raise InputError(f"the method {chosen.key} has no probabilities; choose the method network")
    check_hounsfield(volume)
    stopwatch = _Stopwatch(progress)
    stopwatch(0.0, "Orienting the image")
    canonical, order = to_canonical(volume)
    _check_slices(canonical, chosen)
    lungs_until = 0.4 if vessels else 0.97
    mask = _segment_either_way_up(chosen, canonical, values, part_of(stopwatch, 0.02, lungs_until))
    found_vessels = _find_vessels(canonical, mask.labels, rule_key, part_of(stopwatch, lungs_until, 0.97)) if vessels else None
    probabilities = mask.probability() if probability and mask.probability else None
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
        vessels=None if found_vessels is None else order.undo(found_vessels),
        vessel_rule=rule_key if vessels else None,
        method_reason=reason,
        probability=None if probabilities is None else order.undo(probabilities),
        doubt=mask.doubt,
    )


def _segment_either_way_up(method: Method, canonical: CtVolume, values: object, progress: Progress) -> LungMask:
    """Run a method, and again on the scan turned over where it finds that the scan lies head down."""
    try:
        return method.segment(canonical, values, progress)
    except HeadAndFeetExchanged:
        return turned_back(method.segment(turned_over(canonical), values, progress))


def _check_slices(canonical: CtVolume, method: Method) -> None:
    slices = canonical.voxels_hu.shape[0]
    if slices < method.fewest_slices:
        raise InputError(
            f"{canonical.name} has {slices} axial slice{'s' if slices > 1 else ''}; the method {method.key} needs a volume of at least "
            f"{method.fewest_slices}"
        )


def _vessel_rule_key(key: str | None) -> str:
    from .anatomy.vessels import VESSEL_RULES

    known = [rule.key for rule in VESSEL_RULES]
    if key is not None and key not in known:
        raise InputError(f"there is no vessel rule {key!r}; choose one of: {', '.join(known)}")
    return key or known[0]


def _find_vessels(canonical: CtVolume, labels: np.ndarray, rule_key: str, progress: Progress) -> np.ndarray:
    from .anatomy.vessels import find_vessels

    progress(0.0, "Finding the vessels")
    return find_vessels(canonical.voxels_hu, labels, labels == AIRWAYS, canonical.spacing_zyx_mm, rule_key, progress)
