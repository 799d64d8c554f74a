"""Segment a scan and measure the result, or measure labels that are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..progress import Progress
from ..result import Result
from ..volume import CtVolume
from .parts import (
    VOXELS,
    Arrays,
    Facts,
    Parts,
    arrays_of_result,
    facts_of_measures,
    facts_of_result,
    facts_of_table,
    facts_of_volume,
    measures_from,
    present,
    result_from,
    table_from,
    volume_from,
)

if TYPE_CHECKING:
    from ..measurement.quality import QualityFlag
    from ..tables.rows import Table

_LABELS, _VESSELS = "labels", "vessel_labels"


@dataclass(frozen=True)
class Job:
    """What is to be done with a scan.

    Parameters
    ----------
    volume : CtVolume
    method, parameters, airways, vessels, vessel_rule, probability
        As in :func:`LungSegmentationLib.pipeline.segment`.
    measure : bool
        Whether tables and quality flags are wanted.
    labels : numpy.ndarray, optional
        uint8, the volume's shape. Given labels are measured as they are; nothing is segmented, and ``method`` only
        says where they come from.
    vessel_labels : numpy.ndarray, optional
        uint8, the volume's shape: the vessels that belong to given labels.
    """

    volume: CtVolume
    method: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    airways: bool = True
    vessels: bool = False
    vessel_rule: str | None = None
    probability: bool = False
    measure: bool = True
    labels: np.ndarray | None = None
    vessel_labels: np.ndarray | None = None

    def parts(self) -> Parts:
        """Take the job apart."""
        names = ("method", "parameters", "airways", "vessels", "vessel_rule", "probability", "measure")
        facts = {"volume": facts_of_volume(self.volume), **{name: getattr(self, name) for name in names}}
        return facts, present({VOXELS: self.volume.voxels_hu, _LABELS: self.labels, _VESSELS: self.vessel_labels})

    @classmethod
    def from_parts(cls, facts: Facts, arrays: Arrays) -> Job:
        """Put a job together again."""
        volume = volume_from(facts["volume"], arrays[VOXELS])
        others = {key: value for key, value in facts.items() if key != "volume"}
        return cls(volume=volume, labels=arrays.get(_LABELS), vessel_labels=arrays.get(_VESSELS), **others)

    def do(self, progress: Progress) -> Parts:
        """Do the job; raises as :func:`LungSegmentationLib.worker_task.process_job`."""
        from ..worker_task import process_job

        facts, arrays = process_job(self, progress).parts()
        # Who gave the labels has them.
        return facts, arrays if self.labels is None else {}

    def received(self, facts: Facts, arrays: Arrays) -> Outcome:
        """Put together what came of the job."""
        given = {} if self.labels is None else present({"labels": self.labels, "vessels": self.vessel_labels})
        tables, flags = measures_from(facts)
        histogram = facts["histogram"] and table_from(facts["histogram"])
        return Outcome(result_from(facts["result"], {**arrays, **given}, self.volume), tables, flags, histogram)


@dataclass(frozen=True)
class Outcome:
    """What comes of it: the result, and where they were wanted its tables by key, its quality flags, and the lungs' histogram.

    The histogram is as :func:`LungSegmentationLib.tables.histogram_rows.histogram_table` makes it, to be drawn.
    """

    result: Result
    tables: Mapping[str, Table] = field(default_factory=dict)
    flags: tuple[QualityFlag, ...] = ()
    histogram: Table | None = None

    def parts(self) -> Parts:
        """Take the outcome apart, all but the scan."""
        facts = {
            "result": facts_of_result(self.result),
            **facts_of_measures(self.tables, self.flags),
            "histogram": self.histogram and facts_of_table(self.histogram),
        }
        return facts, arrays_of_result(self.result)
