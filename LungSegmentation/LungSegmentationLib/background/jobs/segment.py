"""Segment a scan and measure the result, or measure labels that are given."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import InputError
from ...progress import Progress, no_progress, part_of
from ...region_of_interest import RegionOfInterest, limited
from ...segmentation import Segmentation
from ...volume import CtVolume
from .serialization import (
    VOXELS,
    Arrays,
    Metadata,
    Parts,
    arrays_of_measures,
    arrays_of_result,
    measures_from,
    metadata_of_measures,
    metadata_of_result,
    metadata_of_volume,
    present,
    result_from,
    volume_from,
)

if TYPE_CHECKING:
    from ...measures import Measures

_LABELS, _VESSELS = "labels", "vessel_labels"
_MEASURING_FROM = 0.85
_GIVEN_METHOD = "given labels"


@dataclass(frozen=True)
class Job:
    """What is to be done with a scan.

    Parameters
    ----------
    volume : CtVolume
    method, parameters, airways, vessels, vessel_rule, probability
        As in :func:`LungSegmentationLib.pipeline.segment`.
    labels : numpy.ndarray, optional
        uint8, the volume's shape. Given labels are measured as they are; nothing is segmented, and ``method`` only
        says where they come from.
    vessel_labels : numpy.ndarray, optional
        uint8, the volume's shape: the vessels that belong to given labels.
    region : RegionOfInterest, optional
        What the result is limited to. Given labels stay as they are: they were limited before.
    """

    volume: CtVolume
    method: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    airways: bool = True
    vessels: bool = False
    vessel_rule: str | None = None
    probability: bool = False
    labels: np.ndarray | None = None
    vessel_labels: np.ndarray | None = None
    region: RegionOfInterest | None = None

    def parts(self) -> Parts:
        """Take the job apart."""
        names = ("method", "parameters", "airways", "vessels", "vessel_rule", "probability")
        facts = {"volume": metadata_of_volume(self.volume), "region": self.region and asdict(self.region)}
        metadata = {**facts, **{name: getattr(self, name) for name in names}}
        return metadata, present({VOXELS: self.volume.voxels_hu, _LABELS: self.labels, _VESSELS: self.vessel_labels})

    @classmethod
    def from_parts(cls, metadata: Metadata, arrays: Arrays) -> Job:
        """Put a job together again."""
        volume = volume_from(metadata["volume"], arrays[VOXELS])
        others = {key: value for key, value in metadata.items() if key not in ("volume", "region")}
        region = RegionOfInterest.from_facts(metadata["region"])
        return cls(volume=volume, labels=arrays.get(_LABELS), vessel_labels=arrays.get(_VESSELS), region=region, **others)

    def run(self, progress: Progress = no_progress) -> tuple[Segmentation, Measures]:
        """Segment, or take the given labels, and measure, in this process.

        Parameters
        ----------
        progress : callable
            ``progress(fraction, text)``; may raise :class:`LungSegmentationLib.progress.Cancelled`.

        Returns
        -------
        Segmentation, Measures
            On the scan's own grid.

        Raises
        ------
        InputError
            As :func:`LungSegmentationLib.pipeline.segment`, when given labels do not fit the scan, or no lung lies in the region.
        """
        from ...measures import measure
        from ...pipeline import segment

        if self.labels is not None:
            given = self._given(self.labels)
            return given, measure(given, progress)
        result = segment(
            self.volume,
            self.method,
            self.parameters,
            part_of(progress, 0.0, _MEASURING_FROM),
            airways=self.airways,
            vessels=self.vessels,
            vessel_rule=self.vessel_rule,
            probability=self.probability,
        )
        if self.region is not None:
            result = limited(result, self.region)
        start = time.perf_counter()
        measures = measure(result, part_of(progress, _MEASURING_FROM, 1.0))
        return replace(result, timings_s={**result.timings_s, "Measuring": time.perf_counter() - start}), measures

    def _given(self, labels: np.ndarray) -> Segmentation:
        shape = self.volume.voxels_hu.shape
        for array in (labels, self.vessel_labels):
            if array is not None and (array.shape != shape or array.dtype != np.uint8):
                raise InputError(
                    f"the label map is {array.dtype} with shape {array.shape}; expected uint8 with the shape {shape} of the scan"
                )
        method, parameters = self.method or _GIVEN_METHOD, dict(self.parameters)
        return Segmentation(self.volume, labels, method, parameters, {}, self.volume.warnings, self.vessel_labels, region=self.region)

    def do(self, progress: Progress) -> Parts:
        """Do the job; raises as :meth:`run`."""
        result, measures = self.run(progress)
        # Who gave the labels has them.
        arrays = {**(arrays_of_result(result) if self.labels is None else {}), **arrays_of_measures(measures)}
        return {"result": metadata_of_result(result), "measures": metadata_of_measures(measures)}, arrays

    def received(self, metadata: Metadata, arrays: Arrays) -> tuple[Segmentation, Measures]:
        """Put together what came of the job."""
        given = {} if self.labels is None else present({"labels": self.labels, "vessels": self.vessel_labels})
        return result_from(metadata["result"], {**arrays, **given}, self.volume), measures_from(metadata["measures"], arrays)
