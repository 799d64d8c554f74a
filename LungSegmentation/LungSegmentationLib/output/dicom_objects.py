"""The DICOM objects of a result as files: segmentation, and the report that refers to it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputError
from ..segmentation import Segmentation

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ..measures import Measures
    from .dicom_source import DicomSource

SEG_NAME, SR_NAME = "segmentation.dcm", "measurements.dcm"


class DicomObjects:
    """Makes each object once.

    Parameters
    ----------
    result : Segmentation
        Of a scan that was read from DICOM.
    measures : Measures
    """

    def __init__(self, result: Segmentation, measures: Measures) -> None:
        self._result, self._measures = result, measures

    @cached_property
    def _source(self) -> DicomSource:
        from .dicom_source import dicom_source  # with pydicom, whose import takes its time

        return dicom_source(self._result.volume)

    @cached_property
    def segmentation(self) -> Dataset:
        """The segmentation object."""
        from .dicom_seg import make_segmentation

        return make_segmentation(self._result, self._source)

    @cached_property
    def report(self) -> Dataset:
        """The structured report."""
        from .dicom_sr import make_report

        return make_report(self._result, self._measures, self._source, self.segmentation)

    def write(self, path: Path) -> None:
        """Write the object that a file is named after, and read it again.

        Parameters
        ----------
        path : pathlib.Path
            Ends in :data:`SEG_NAME` or :data:`SR_NAME`.

        Raises
        ------
        InputError
            As :func:`.dicom_source.dicom_source` and :func:`.dicom_seg.make_segmentation`.
        OutputError
            When the file was not written whole.
        """
        import pydicom

        dataset = self.segmentation if path.name == SEG_NAME else self.report
        dataset.save_as(path)
        written = pydicom.dcmread(path)
        if written.SOPInstanceUID != dataset.SOPInstanceUID or len(written.get("PixelData", b"")) != len(dataset.get("PixelData", b"")):
            raise OutputError(f"{path.name} was not written to its end; is the disk full?")
