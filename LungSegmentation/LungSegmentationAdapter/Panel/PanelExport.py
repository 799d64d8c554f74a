"""Export of a result from the panel: a folder, the kinds of files, and a question before files are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qt
import slicer
import slicer.util
from slicer.i18n import tr as _

from LungSegmentationLib.output.export import export_names
from LungSegmentationLib.segmentation import Segmentation

from ..Run import Dependencies
from ..Run.Export import UnfinishedExport, existingNames

if TYPE_CHECKING:
    from LungSegmentationLib.measures import Measures

_FOLDER_KEY = "LungSegmentation/ExportFolder"


@dataclass(frozen=True)
class Measured:
    """What is kept of a run, so that an export need not measure again: all but its arrays."""

    measures: Measures
    timings_s: Mapping[str, float]
    method_reason: str
    uncertainty: float | None

    @staticmethod
    def of(result: Segmentation, measures: Measures) -> Measured:
        """Let go of the arrays."""
        return Measured(measures, result.timings_s, result.method_reason, result.uncertainty)

    def completed(self, result: Segmentation) -> Segmentation:
        """Give the segments as they were read from the nodes with what only the run knows."""
        return replace(result, timings_s=self.timings_s, method_reason=self.method_reason, uncertainty=self.uncertainty)


class PanelExport:
    """The export's widgets: ``exportFolderButton`` and a check box for each format."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._boxes = {
            "csv": ui.csvCheckBox,
            "xlsx": ui.xlsxCheckBox,
            "html": ui.htmlCheckBox,
            "segmentation": ui.segmentationFileCheckBox,
        }
        folder = qt.QSettings().value(_FOLDER_KEY) or str(Path.home())
        ui.exportFolderButton.directory = folder
        ui.exportFolderButton.connect("directoryChanged(QString)", lambda path: qt.QSettings().setValue(_FOLDER_KEY, path))

    def formats(self) -> list[str]:
        """List the formats that are ticked."""
        return [key for key, box in self._boxes.items() if box.checked]

    def check(self) -> None:
        """Get what the ticked formats need, asking the user.

        Raises
        ------
        InputError
            If nothing is ticked, or the user refuses to install what is needed.
        """
        formats = self.formats()
        if "xlsx" in formats:
            Dependencies.ensureWorkbooks()
        export_names((), "", formats)

    def open(self, measures: Measures, scanName: str) -> UnfinishedExport | None:
        """Begin an export of what is ticked into the chosen folder.

        Parameters
        ----------
        measures : Measures
        scanName : str
            The workbook is named after it.

        Returns
        -------
        UnfinishedExport or None
            None where the user did not want files to be replaced.

        Raises
        ------
        InputError, OutputError
            As :func:`LungSegmentationAdapter.Run.Export.exportResult`.
        """
        formats, folder = self.formats(), Path(self._ui.exportFolderButton.directory)
        existing = existingNames(folder, export_names(measures.tables, scanName, formats))
        question = _("The folder {folder} already holds {names}. Replace?").format(folder=folder, names=", ".join(existing))
        if existing and not slicer.util.confirmYesNoDisplay(question):
            return None
        return UnfinishedExport(measures.tables, scanName, folder, formats, overwrite=bool(existing))
