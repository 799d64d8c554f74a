"""Write a measured result's files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...progress import Progress
from ...segmentation import Segmentation
from .serialization import (
    VOXELS,
    Arrays,
    Metadata,
    Parts,
    arrays_of_result,
    measures_from,
    metadata_of_measures,
    metadata_of_result,
    metadata_of_volume,
    result_from,
    volume_from,
)

if TYPE_CHECKING:
    from ...measures import Measures


@dataclass(frozen=True)
class ExportJob:
    """What is to be written.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    folder : pathlib.Path
        Where the files go; exists.
    formats : tuple of str
        Keys of :data:`LungSegmentationLib.output.export.FORMATS`.
    rendering : bool
        Whether the report has a picture in three dimensions.
    """

    result: Segmentation
    measures: Measures
    folder: Path
    formats: tuple[str, ...]
    rendering: bool = True

    def parts(self) -> Parts:
        """Take the job apart."""
        result = self.result
        metadata = {
            "volume": metadata_of_volume(result.volume),
            "result": metadata_of_result(result),
            "measures": metadata_of_measures(self.measures),
            "folder": str(self.folder),
            "formats": list(self.formats),
            "rendering": self.rendering,
        }
        return metadata, {VOXELS: result.volume.voxels_hu, **arrays_of_result(replace(result, probability=None))}

    @classmethod
    def from_parts(cls, metadata: Metadata, arrays: Arrays) -> ExportJob:
        """Put a job together again."""
        volume = volume_from(metadata["volume"], arrays[VOXELS])
        result, measures = result_from(metadata["result"], arrays, volume), measures_from(metadata["measures"], arrays)
        return cls(result, measures, Path(metadata["folder"]), tuple(metadata["formats"]), metadata["rendering"])

    def export(self, progress: Progress) -> tuple[str, ...]:
        """Do the job in this process; gives the names of the files."""
        from ...output.export import write_export

        return write_export(self.result, self.measures, self.folder, self.formats, self.rendering, progress)

    def do(self, progress: Progress) -> Parts:
        """Do the job; raises as :func:`LungSegmentationLib.output.export.write_export`."""
        return {"names": list(self.export(progress))}, {}

    def received(self, metadata: Metadata, arrays: Arrays) -> tuple[str, ...]:  # noqa: ARG002  every job takes them
        """Give the names of the files."""
        return tuple(metadata["names"])
