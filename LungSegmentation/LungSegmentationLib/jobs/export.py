"""Write a measured result's files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..progress import Progress
from .parts import (
    VOXELS,
    Arrays,
    Facts,
    Parts,
    arrays_of_result,
    facts_of_measures,
    facts_of_result,
    facts_of_volume,
    measures_from,
    result_from,
    volume_from,
)
from .segment import Outcome


@dataclass(frozen=True)
class ExportJob:
    """What is to be written.

    Parameters
    ----------
    outcome : Outcome
        With tables and quality flags.
    folder : pathlib.Path
        Where the files go; exists.
    formats : tuple of str
        Keys of :data:`LungSegmentationLib.output.export.FORMATS`.
    rendering : bool
        Whether the report has a picture in three dimensions, which takes seconds.
    """

    outcome: Outcome
    folder: Path
    formats: tuple[str, ...]
    rendering: bool = True

    def parts(self) -> Parts:
        """Take the job apart."""
        result = self.outcome.result
        facts = {
            "volume": facts_of_volume(result.volume),
            "result": facts_of_result(result),
            **facts_of_measures(self.outcome.tables, self.outcome.flags),
            "folder": str(self.folder),
            "formats": list(self.formats),
            "rendering": self.rendering,
        }
        return facts, {VOXELS: result.volume.voxels_hu, **arrays_of_result(replace(result, probability=None))}

    @classmethod
    def from_parts(cls, facts: Facts, arrays: Arrays) -> ExportJob:
        """Put a job together again."""
        volume = volume_from(facts["volume"], arrays[VOXELS])
        outcome = Outcome(result_from(facts["result"], arrays, volume), *measures_from(facts))
        return cls(outcome, Path(facts["folder"]), tuple(facts["formats"]), facts["rendering"])

    def export(self, progress: Progress) -> tuple[str, ...]:
        """Do the job in this process; gives the names of the files."""
        from ..output.export import write_export

        return write_export(self.outcome, self.folder, self.formats, self.rendering, progress)

    def do(self, progress: Progress) -> Parts:
        """Do the job; raises as :func:`LungSegmentationLib.output.export.write_export`."""
        return {"names": list(self.export(progress))}, {}

    def received(self, facts: Facts, arrays: Arrays) -> tuple[str, ...]:
        """Give the names of the files."""
        return tuple(facts["names"])
