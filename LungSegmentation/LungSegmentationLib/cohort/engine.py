"""A scan on the one road of a command: read, segmented, measured, written."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from ..io.label_mappings import find_mapping
from ..io.scans import read_ct
from ..measures import measure
from ..output.result_folder import result_names, write_files
from ..pipeline import segment
from ..volume import scan_name
from .one_scan import Task
from .privacy import Anonymiser


def names(task: Task, folder: Path, name: str) -> tuple[str, ...]:
    """List the names of the files that :func:`write_scan` may write, or that may be in the folder from before.

    Parameters
    ----------
    task : Task
    folder : pathlib.Path
    name : str
        What the scan is called, unless identifiers are wanted.

    Returns
    -------
    tuple of str
    """
    return result_names(folder, scan_name(Path(task.scan.path)) if task.parameters.identifiers else name)


def write_scan(task: Task, folder: Path, name: str) -> None:
    """Read, segment and measure a scan, and write all of its files.

    Parameters
    ----------
    task : Task
    folder : pathlib.Path
        Empty.
    name : str
        What the scan is called, unless identifiers are wanted.

    Raises
    ------
    LungSegmentationError
        As the command ``segment`` does.
    """
    start = time.perf_counter()
    scan, parameters = task.scan, task.parameters
    volume = read_ct(scan.path, dicom_files=[Path(file) for file in scan.files] if scan.is_dicom else None)
    if not parameters.identifiers:
        volume = Anonymiser(scan.path, scan.files, name).volume(volume)
    timings_s = {"Reading": time.perf_counter() - start}
    result = segment(
        volume,
        parameters.method,
        parameters.values,
        airways=parameters.airways,
        vessels=parameters.vessels,
        vessel_rule=parameters.vessel_rule,
    )
    start = time.perf_counter()
    measures = measure(result)
    result = replace(result, timings_s={**result.timings_s, "Measuring": time.perf_counter() - start})
    mapping = None if parameters.label_mapping is None else find_mapping(parameters.label_mapping)
    write_files(
        result,
        measures,
        folder,
        timings_s,
        report=parameters.report,
        viewer=parameters.viewer,
        label_mapping=mapping,
        table_layouts=parameters.table_layouts,
    )
