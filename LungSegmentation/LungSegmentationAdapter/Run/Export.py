"""A result's files in a folder of the user's choice: all of them, or none."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import slicer

from LungSegmentationLib.background.jobs import ExportJob
from LungSegmentationLib.errors import OutputError
from LungSegmentationLib.output.atomic_folder import atomic_folder
from LungSegmentationLib.output.export import SEGMENTATION_NAME, export_names
from LungSegmentationLib.progress import Cancelled, no_progress
from LungSegmentationLib.segmentation import Segmentation

if TYPE_CHECKING:
    from LungSegmentationLib.measures import Measures


def existingNames(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """List the files that are there already, for a question to the user."""
    return tuple(name for name in names if (folder / name).exists())


def exportResult(
    result: Segmentation,
    measures: Measures,
    segmentationNode: slicer.vtkMRMLSegmentationNode,
    folder: Path,
    formats: Collection[str],
    overwrite: bool = False,
    rendering: bool = True,
) -> list[Path]:
    """Write a measured result into a folder, here and now.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    segmentationNode : vtkMRMLSegmentationNode
        What goes into the segmentation file, other segments of the user's included.
    folder : pathlib.Path
        Made where it is missing.
    formats : collection of str
        Keys of :data:`LungSegmentationLib.output.export.FORMATS`.
    overwrite : bool
        Whether files of the same names are replaced.
    rendering : bool
        Whether the report has a picture in three dimensions.

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
    files = UnfinishedExport(measures.tables, result.volume.name, folder, formats, overwrite)
    try:
        files.writeSegmentation(segmentationNode)
        files.job(result, measures, rendering).export(no_progress)
    except BaseException:
        files.discard()
        raise
    return files.finish()


class UnfinishedExport:
    """Files on their way into a folder, which sees all of them at :meth:`finish`, or none.

    Parameters
    ----------
    tables : collection of str
        Keys of the result's tables.
    scanName : str
    folder, formats, overwrite
        As in :func:`exportResult`.

    Raises
    ------
    InputError, OutputError
        As :func:`exportResult`.
    """

    def __init__(self, tables: Collection[str], scanName: str, folder: Path, formats: Collection[str], overwrite: bool = False) -> None:
        self._names, self._folder, self._formats = export_names(tables, scanName, formats), folder, tuple(formats)
        existing = existingNames(folder, self._names)
        if existing and not overwrite:
            raise OutputError(f"the folder {folder} already holds {', '.join(existing)}; allow to replace them, or choose another folder")
        self._open: AbstractContextManager[Path] = atomic_folder(folder, self._names, overwrite)
        self._staging = self._open.__enter__()

    def writeSegmentation(self, segmentationNode: slicer.vtkMRMLSegmentationNode) -> None:
        """Write the segmentation file, where it is wanted; an indivisible call of Slicer's."""
        if SEGMENTATION_NAME in self._names:
            _writeSegmentation(segmentationNode, self._staging / SEGMENTATION_NAME)

    def job(self, result: Segmentation, measures: Measures, rendering: bool = True) -> ExportJob:
        """Describe what else is to be written."""
        return ExportJob(result, measures, self._staging, self._formats, rendering)

    def finish(self) -> list[Path]:
        """Move the files into the folder.

        Raises
        ------
        OutputError
            If the folder does not take them; nothing has changed then.
        """
        self._open.__exit__(None, None, None)
        return [self._folder / name for name in self._names]

    def discard(self) -> None:
        """Forget the files; a folder that was made for them goes too."""
        with suppress(Cancelled):
            self._open.__exit__(Cancelled, Cancelled(), None)


def _writeSegmentation(segmentationNode: slicer.vtkMRMLSegmentationNode, path: Path) -> None:
    """Write by Slicer's own writer, which keeps every segment and needs no further package; the node's own file stays its file."""
    storageNode = slicer.vtkMRMLSegmentationStorageNode()
    storageNode.SetFileName(str(path))
    storageNode.UseCompressionOn()
    if not storageNode.WriteData(segmentationNode) or not path.is_file():
        reason = storageNode.GetUserMessages().GetAllMessagesAsString().strip() or "Slicer gave no reason"
        raise OutputError(f"{path.name} could not be written ({reason}); free some space or choose another folder")
