"""Export of a result from the panel: a folder, the kinds of files, and a question before files are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import qt
import slicer
import slicer.util
from slicer.i18n import tr as _

from LungSegmentationLib.measurement.quality import QualityFlag
from LungSegmentationLib.tables.rows import Table
from LungSegmentationLib.worker_job import Outcome

from . import Dependencies, Export, Measurement

_FOLDER_KEY = "LungSegmentation/ExportFolder"


@dataclass(frozen=True)
class Measures:
    """What is kept of an outcome, so that an export need not measure again: all but its arrays."""

    tables: Mapping[str, Table]
    flags: tuple[QualityFlag, ...]
    timings_s: Mapping[str, float]
    method_reason: str
    doubt: float | None

    @staticmethod
    def of(outcome: Outcome) -> Measures:
        """Let go of the arrays."""
        result = outcome.result
        return Measures(outcome.tables, outcome.flags, result.timings_s, result.method_reason, result.doubt)

    def ofNodes(self, segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> Outcome:
        """Give the whole outcome again, its arrays read from the nodes."""
        result = Measurement.resultFromNodes(segmentationNode, volumeNode)
        result = replace(result, timings_s=self.timings_s, method_reason=self.method_reason, doubt=self.doubt)
        return Outcome(result, self.tables, self.flags)


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

    def export(
        self,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        measures: Measures | None,
    ) -> str:
        """Write the files.

        Parameters
        ----------
        measures : Measures or None
            None measures the segments as they are now.

        Returns
        -------
        str
            What to tell the user; empty where the user did not want files to be replaced.

        Raises
        ------
        InputError, OutputError
            As :func:`.Export.exportOutcome`.
        """
        formats, folder = self.formats(), Path(self._ui.exportFolderButton.directory)
        if "xlsx" in formats:
            Dependencies.ensureWorkbooks()
        with slicer.util.WaitCursor():
            if measures:
                outcome = measures.ofNodes(segmentationNode, volumeNode)
            else:
                outcome = Measurement.measured(Measurement.resultFromNodes(segmentationNode, volumeNode))
        existing = Export.existingNames(folder, outcome, formats)
        question = _("The folder {folder} already holds {names}. Replace?").format(folder=folder, names=", ".join(existing))
        if existing and not slicer.util.confirmYesNoDisplay(question):
            return ""
        with slicer.util.WaitCursor():
            written = Export.exportOutcome(outcome, segmentationNode, folder, formats, overwrite=bool(existing))
        return _("{count} files were written to {folder}").format(count=len(written), folder=folder)
