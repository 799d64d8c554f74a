"""What the worker does for most jobs: segment, measure, check."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from .errors import InputError
from .jobs import Job, Outcome
from .measurement.quality import quality_flags
from .pipeline import segment
from .progress import Progress, no_progress, part_of
from .result import Result
from .tables.all_tables import measured_tables
from .tables.histogram_rows import histogram_table
from .tables.rows import quality_table

_MEASURING_FROM = 0.85
_GIVEN_METHOD = "given labels"


def process_job(job: Job, progress: Progress = no_progress) -> Outcome:
    """Segment or measure in this process.

    Parameters
    ----------
    job : Job
    progress : callable
        ``progress(fraction, text)``; may raise :class:`LungSegmentationLib.progress.Cancelled`.

    Returns
    -------
    Outcome
        On the scan's own grid.

    Raises
    ------
    InputError
        As :func:`LungSegmentationLib.pipeline.segment`, or when given labels do not fit the scan.
    """
    measuring_from = _MEASURING_FROM if job.measure else 1.0
    if job.labels is None:
        result = segment(
            job.volume,
            job.method,
            job.parameters,
            part_of(progress, 0.0, measuring_from),
            airways=job.airways,
            vessels=job.vessels,
            vessel_rule=job.vessel_rule,
            probability=job.probability,
        )
    else:
        result = _given_result(job, job.labels)
        measuring_from = 0.0
    if not job.measure:
        return Outcome(result)
    start = time.perf_counter()
    measured = measure(result, part_of(progress, measuring_from, 1.0))
    timings_s = {**result.timings_s, "Measuring": time.perf_counter() - start}
    return replace(measured, result=replace(result, timings_s=timings_s))


def measure(result: Result, progress: Progress = no_progress) -> Outcome:
    """Make a result's tables, its quality flags and its histogram.

    Parameters
    ----------
    result : Result
    progress : callable

    Returns
    -------
    Outcome
    """
    progress(0.0, "Measuring")
    with ThreadPoolExecutor(1) as pool:
        # Both look at all voxels and neither needs the other; most of it is outside Python's lock.
        measuring = pool.submit(measured_tables, result)
        flags = quality_flags(result)
        progress(0.7, "Measuring")
        tables, census = measuring.result()
    progress(1.0, "Done")
    return Outcome(result, {**tables, "quality": quality_table(flags)}, flags, histogram_table(census))


def _given_result(job: Job, labels: np.ndarray) -> Result:
    shape = job.volume.voxels_hu.shape
    for array in (labels, job.vessel_labels):
        if array is not None and (array.shape != shape or array.dtype != np.uint8):
            raise InputError(f"the label map is {array.dtype} with shape {array.shape}; expected uint8 with the shape {shape} of the scan")
    return Result(job.volume, labels, job.method or _GIVEN_METHOD, dict(job.parameters), {}, job.volume.warnings, job.vessel_labels)
