"""Export of a result from the panel: a folder, the kinds of files, and a question before files are replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qt
import slicer
import slicer.util
from slicer.i18n import tr as _

from LungSegmentationLib.output.dicom_objects import SEG_NAME, SR_NAME
from LungSegmentationLib.output.export import export_names
from LungSegmentationLib.segmentation import Segmentation

from ..Run import Dependencies
from ..Run.Export import UnfinishedExport, existingNames
from ..Scene.DicomFiles import sendToDatabase

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
            "dicom": ui.dicomCheckBox,
        }
        if find_spec("highdicom") is None:
            for box in (ui.dicomCheckBox, ui.dicomDatabaseCheckBox):
                box.enabled = box.checked = False
                box.toolTip = _(
                    "Needs the package highdicom, which Slicer has from 5.12 on. In earlier versions the extension QuantitativeReporting "
                    "exports the segmentation as DICOM; the .seg.nrrd file holds the same segments with their codes."
                )
        ui.dicomDatabaseCheckBox.connect("toggled(bool)", self._onDatabaseToggled)
        folder = qt.QSettings().value(_FOLDER_KEY) or str(Path.home())
        ui.exportFolderButton.directory = folder
        ui.exportFolderButton.connect("directoryChanged(QString)", lambda path: qt.QSettings().setValue(_FOLDER_KEY, path))

    def formats(self) -> list[str]:
        """List the formats that are ticked."""
        return [key for key, box in self._boxes.items() if box.checked]

    def _onDatabaseToggled(self, wanted: bool) -> None:
        if wanted:
            self._ui.dicomCheckBox.checked = True

    def sendToDatabase(self, written: Sequence[Path]) -> bool:
        """Put the DICOM objects among the files into Slicer's database, where that is ticked; tell whether it was.

        Raises
        ------
        OutputError
            As :func:`LungSegmentationAdapter.Scene.DicomFiles.sendToDatabase`.
        """
        objects = [path for path in written if path.name in (SEG_NAME, SR_NAME)]
        if not objects or not self._ui.dicomDatabaseCheckBox.checked:
            return False
        sendToDatabase(objects)
        return True

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
