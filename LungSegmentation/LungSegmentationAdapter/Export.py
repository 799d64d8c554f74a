"""A result's files in a folder of the user's choice: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import slicer

from LungSegmentationLib.errors import InputError, OutputError
from LungSegmentationLib.output.atomic_folder import atomic_folder
from LungSegmentationLib.output.report import write_report
from LungSegmentationLib.output.result_folder import write_whole
from LungSegmentationLib.tables.csv_files import write_csv
from LungSegmentationLib.tables.table_files import workbook_name
from LungSegmentationLib.tables.workbook import write_workbook
from LungSegmentationLib.worker_job import Outcome

FORMATS = {
    "csv": "Tables as CSV files",
    "xlsx": "Tables as an Excel workbook",
    "html": "Report as an HTML page",
    "segmentation": "Segmentation as a .seg.nrrd file",
}
"""What can be exported: key, and what a user reads."""

_REPORT_NAME, _SEGMENTATION_NAME = "report.html", "segmentation.seg.nrrd"


def exportedNames(outcome: Outcome, formats: Collection[str]) -> tuple[str, ...]:
    """List the files that an export writes.

    Raises
    ------
    InputError
        If a format is unknown or none was chosen.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        raise InputError(f"the format to export is {unknown[0] if unknown else 'none'!r}; choose from: {', '.join(FORMATS)}")
    names: list[str] = []
    if "csv" in formats:
        names += [f"{key}.csv" for key in outcome.tables]
    if "xlsx" in formats:
        names.append(workbook_name(outcome.result.volume.name))
    if "html" in formats:
        names.append(_REPORT_NAME)
    if "segmentation" in formats:
        names.append(_SEGMENTATION_NAME)
    return tuple(names)


def existingNames(folder: Path, outcome: Outcome, formats: Collection[str]) -> tuple[str, ...]:
    """List the files that an export would replace, for a question to the user."""
    return tuple(name for name in exportedNames(outcome, formats) if (folder / name).exists())


def exportOutcome(
    outcome: Outcome,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    folder: Path,
    formats: Collection[str],
    overwrite: bool = False,
    rendering: bool = True,
) -> list[Path]:
    """Write a measured result into a folder.

    Parameters
    ----------
    outcome : Outcome
        With tables and quality flags.
    segmentationNode : vtkMRMLSegmentationNode
        What goes into the segmentation file, other segments of the user's included.
    folder : pathlib.Path
        Made where it is missing.
    formats : collection of str
        Keys of :data:`FORMATS`.
    overwrite : bool
        Whether files of the same names are replaced.
    rendering : bool
        Whether the report has a picture in three dimensions, which takes seconds.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    InputError
        If a format is unknown, or a package that it needs is missing.
    OutputError
        If files would be replaced without ``overwrite``, or the folder cannot be written; nothing has changed then.
    """
    names = exportedNames(outcome, formats)
    if "xlsx" in formats and find_spec("openpyxl") is None:
        raise InputError("the Excel workbook needs the package openpyxl, which is not installed; install it, or export CSV files")
    existing = existingNames(folder, outcome, formats)
    if existing and not overwrite:
        raise OutputError(f"the folder {folder} already holds {', '.join(existing)}; allow to replace them, or choose another folder")
    writers: dict[str, Callable[[Path], None]] = {f"{key}.csv": partial(write_csv, table) for key, table in outcome.tables.items()}
    writers[workbook_name(outcome.result.volume.name)] = lambda path: write_workbook(outcome.tables, path)
    writers[_REPORT_NAME] = lambda path: write_report(outcome.result, outcome.tables, outcome.flags, path, rendering)
    writers[_SEGMENTATION_NAME] = lambda path: _writeSegmentation(segmentationNode, path)
    with atomic_folder(folder, names, overwrite) as staging:
        for name in names:
            write_whole(writers[name], staging / name)
    return [folder / name for name in names]


def _writeSegmentation(segmentationNode: slicer.vtkMRMLSegmentationNode, path: Path) -> None:
    """Write by Slicer's own writer, which keeps every segment and needs no further package; the node's own file stays its file."""
    storageNode = slicer.vtkMRMLSegmentationStorageNode()
    storageNode.SetFileName(str(path))
    storageNode.UseCompressionOn()
    if not storageNode.WriteData(segmentationNode) or not path.is_file():
        reason = storageNode.GetUserMessages().GetAllMessagesAsString().strip() or "Slicer gave no reason"
        raise OutputError(f"{path.name} could not be written ({reason}); free some space or choose another folder")
