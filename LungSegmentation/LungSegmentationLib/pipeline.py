"""The one way in: a CT volume becomes a labelled result on its own grid."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np

from .anatomy.slice_gaps import bridged
from .anatomy.stance import Stance, examine_stance, turned
from .errors import InputError
from .io.hounsfield import check_hounsfield
from .labels import AIRWAYS, BACKGROUND
from .method import Method, ScanIsHeadDown
from .methods.lungs import LungParameters
from .methods.network_opinion import network_opinion
from .progress import Progress, no_progress, part_of
from .registry import choose_method
from .scan_field.fill_warnings import fill_warnings
from .segmentation import LungMask, Segmentation
from .volume import AxisOrder, CtVolume, check_extent, to_canonical, with_measured


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
) -> Segmentation:
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
        Key of a rule of :data:`LungSegmentationLib.vessels.detection.VESSEL_RULES`; the default rule for None.
    probability : bool
        Whether to make the map of lung probability; only the network can.

    Returns
    -------
    Segmentation
        On the input's own grid.

    Raises
    ------
    InputError
        If the image is not a CT in Hounsfield units, shows no lung, or a parameter is out of range.
    """
    chosen, reason = choose_method(method)
    values = chosen.make_parameters(parameters)
    rule_key = vessel_rule_key(vessel_rule)
    if probability and not chosen.gives_probability:
        raise InputError(f"the method {chosen.key} has no probabilities; choose the method network")
    check_extent(volume)
    check_hounsfield(volume)
    stopwatch = _Stopwatch(progress)
    stopwatch(0.0, "Orienting the image")
    canonical, header_order = to_canonical(volume)
    canonical = with_measured(canonical, volume.measured)  # looked for once, and kept with the volume
    lungs_until = 0.4 if vessels else 0.97
    mask, upright, order = _segment_as_the_patient_lies(chosen, canonical, header_order, values, part_of(stopwatch, 0.02, lungs_until))
    found_vessels = _find_vessels(upright, mask.labels, rule_key, part_of(stopwatch, lungs_until, 0.97)) if vessels else None
    probabilities = mask.probability() if probability and mask.probability else None
    stopwatch(0.98, "Orienting the result")
    labels = order.undo(mask.labels)
    if not airways:
        labels = np.where(labels == AIRWAYS, np.uint8(BACKGROUND), labels)
    stopwatch(1.0, "Done")
    return Segmentation(
        volume=volume,
        labels=labels,
        method=chosen.key,
        parameters=asdict(values),
        timings_s=stopwatch.timings_s,
        warnings=(*volume.warnings, *fill_warnings(canonical.measured), *mask.warnings),
        vessels=None if found_vessels is None else order.undo(found_vessels),
        vessel_rule=rule_key if vessels else None,
        method_reason=reason,
        probability=None if probabilities is None else order.undo(probabilities),
        uncertainty=mask.uncertainty,
        evidence=mask.evidence,
    )


def _segment_as_the_patient_lies(
    method: Method, canonical: CtVolume, header_order: AxisOrder, values: object, progress: Progress
) -> tuple[LungMask, CtVolume, AxisOrder]:
    """Run a method on the volume in the patient's own axes, and again where it finds that the patient lies head down.

    Returns
    -------
    LungMask, CtVolume
        In the patient's own axes, with a warning where the header says otherwise.
    AxisOrder
        ``order.undo`` brings their arrays back to the input's grid.
    """
    stance = examine_stance(canonical)
    upright, gaps = _as_the_patient_lies(canonical, stance)
    _check_slices(upright, method)
    try:
        mask = method.segment(upright, values, progress)
    except ScanIsHeadDown:
        stance = examine_stance(canonical, head_down=not stance.order.flipped[0])
        upright, gaps = _as_the_patient_lies(canonical, stance)
        mask = method.segment(upright, values, progress)
    if isinstance(values, LungParameters) and values.ask_network:
        mask = replace(mask, evidence=network_opinion(upright, part_of(progress, 0.98, 1.0)))
    mask.labels[gaps] = BACKGROUND
    warnings = (stance.warning, *mask.warnings) if stance.warning else mask.warnings
    evidence = mask.evidence and mask.evidence.turned_back(stance.order)
    return replace(mask, warnings=warnings, evidence=evidence), upright, header_order.then(stance.order)


def _as_the_patient_lies(canonical: CtVolume, stance: Stance) -> tuple[CtVolume, np.ndarray]:
    """Turn a volume to the patient's own axes; give it without gaps, and the numbers of the slices that were gaps."""
    return bridged(turned(canonical, stance.order) if stance.is_turned else canonical)


def _check_slices(canonical: CtVolume, method: Method) -> None:
    slices = canonical.voxels_hu.shape[0]
    if slices < method.fewest_slices:
        raise InputError(
            f"{canonical.name} has {slices} axial slice{'s' if slices > 1 else ''}; the method {method.key} needs a volume of at least "
            f"{method.fewest_slices}"
        )


def vessel_rule_key(key: str | None) -> str:
    """Give the key of a rule for vessels, of the default one for None.

    Raises
    ------
    InputError
        When there is no such rule.
    """
    from .vessels.detection import VESSEL_RULES

    known = [rule.key for rule in VESSEL_RULES]
    if key is not None and key not in known:
        raise InputError(f"there is no vessel rule {key!r}; choose one of: {', '.join(known)}")
    return key or known[0]


def _find_vessels(canonical: CtVolume, labels: np.ndarray, rule_key: str, progress: Progress) -> np.ndarray:
    from .vessels.detection import find_vessels

    progress(0.0, "Finding the vessels")
    return find_vessels(canonical.voxels_hu, labels, labels == AIRWAYS, canonical.spacing_zyx_mm, rule_key, progress)
