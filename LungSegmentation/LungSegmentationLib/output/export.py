"""Files of a measured result, as a user of Slicer chooses them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..progress import Progress, no_progress
from ..segmentation import Segmentation
from ..tables.csv_files import write_csv
from ..tables.table_files import workbook_name
from ..tables.workbook import write_workbook
from .dicom_objects import SEG_NAME, SR_NAME, DicomObjects
from .result_folder import write_whole

if TYPE_CHECKING:
    from ..measures import Measures

FORMATS = {
    "csv": "Tables as CSV files",
    "xlsx": "Tables as an Excel workbook",
    "html": "Report as an HTML page",
    "segmentation": "Segmentation as a .seg.nrrd file",
    "dicom": "Segmentation and measures as DICOM objects",
}
"""What can be exported: key, and what a user reads."""

SEGMENTATION_NAME = "segmentation.seg.nrrd"
_REPORT_NAME = "report.html"
_STEPS = {_REPORT_NAME: "Writing the report", SEG_NAME: "Writing DICOM objects", SR_NAME: "Writing DICOM objects"}


def export_names(tables: Collection[str], scan_name: str, formats: Collection[str]) -> tuple[str, ...]:
    """List the files that an export writes.

    Parameters
    ----------
    tables : collection of str
        Keys of the result's tables.
    scan_name : str
        The workbook is named after it.
    formats : collection of str
        Keys of :data:`FORMATS`.

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        If a format is unknown or none was chosen, or a package that it needs is missing. :func:`write_export` also refuses DICOM objects of
        a scan that did not come from DICOM.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise InputError(f"the format to export is {unknown[0] if unknown else 'none'!r}; choose from: {', '.join(FORMATS)}")
    if "xlsx" in formats and find_spec("xlsxwriter") is None:
        raise InputError("the Excel workbook needs the package XlsxWriter, which is not installed; install it, or export CSV files")
    names: list[str] = []
    if "csv" in formats:
        names += [f"{key}.csv" for key in tables]
    if "xlsx" in formats:
        names.append(workbook_name(scan_name))
    if "html" in formats:
        names.append(_REPORT_NAME)
    if "segmentation" in formats:
        names.append(SEGMENTATION_NAME)
    if "dicom" in formats:
        from .dicom_source import check_dicom_writing  # with pydicom, whose import takes its time

        check_dicom_writing(None)
        names += [SEG_NAME, SR_NAME]
    return tuple(names)


def write_export(
    result: Segmentation,
    measures: Measures,
    folder: Path,
    formats: Collection[str],
    rendering: bool = True,
    progress: Progress = no_progress,
) -> tuple[str, ...]:
    """Write the files into a folder of their own, all but the segmentation, which is Slicer's to write.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    folder : pathlib.Path
        Exists; see :func:`LungSegmentationLib.output.atomic_folder.atomic_folder`.
    formats : collection of str
        Keys of :data:`FORMATS`.
    rendering : bool
        Whether the report has a picture in three dimensions.
    progress : callable

    Returns
    -------
    tuple of str
        The files' names.

    Raises
    ------
    InputError
        As :func:`export_names`.
    OutputError
        When a file cannot be written.
    """
    scan_name = result.volume.name
    names = tuple(name for name in export_names(measures.tables, scan_name, formats) if name != SEGMENTATION_NAME)
    writers: dict[str, Callable[[Path], None]] = {f"{key}.csv": partial(write_csv, table) for key, table in measures.tables.items()}
    writers[workbook_name(scan_name)] = partial(write_workbook, measures.tables)
    writers[_REPORT_NAME] = partial(_write_report, result, measures, rendering)
    writers |= dict.fromkeys((SEG_NAME, SR_NAME), DicomObjects(result, measures).write)
    for number, name in enumerate(names):
        progress(number / len(names), _STEPS.get(name, "Writing tables"))
        write_whole(writers[name], folder / name)
    progress(1.0, "Done")
    return names


def _write_report(result: Segmentation, measures: Measures, rendering: bool, path: Path) -> None:
    from .report import write_report  # with charts and pictures, which tables need not wait for

    write_report(result, measures, path, rendering)
