"""Compare labels with a reference."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...evaluation.limits import SURFACE_TOLERANCE_MM
from ...progress import Progress
from ...volume import CtVolume
from .serialization import VOXELS, Arrays, Metadata, Parts, metadata_of_volume, volume_from

if TYPE_CHECKING:
    from ...evaluation.comparison import RegionComparison

_DIFFERENCES = "differences"
_MISSED, _ADDED = 1, 2


@dataclass(frozen=True)
class CompareJob:
    """What is to be compared.

    Parameters
    ----------
    volume : CtVolume
    labels, reference : numpy.ndarray
        uint8, the volume's shape: 1 right lung, 2 left lung, 3 airways.
    tolerance_mm : float
        Of the surface Dice.
    """

    volume: CtVolume
    labels: np.ndarray
    reference: np.ndarray
    tolerance_mm: float = SURFACE_TOLERANCE_MM

    def parts(self) -> Parts:
        """Take the job apart."""
        metadata = {"volume": metadata_of_volume(self.volume), "tolerance_mm": self.tolerance_mm}
        return metadata, {VOXELS: self.volume.voxels_hu, "labels": self.labels, "reference": self.reference}

    @classmethod
    def from_parts(cls, metadata: Metadata, arrays: Arrays) -> CompareJob:
        """Put a job together again."""
        volume = volume_from(metadata["volume"], arrays[VOXELS])
        return cls(volume, arrays["labels"], arrays["reference"], metadata["tolerance_mm"])

    def compare(self, progress: Progress) -> Compared:
        """Do the job in this process."""
        from ...evaluation.comparison import compare_labels, difference_masks
        from ...evaluation.exchanged_sides import exchanged_sides

        progress(0.0, "Comparing")
        regions = compare_labels(
            self.labels, self.reference, self.volume.spacing_zyx_mm, self.volume.voxels_hu, tolerance_mm=self.tolerance_mm
        )
        warnings = exchanged_sides(regions, self.labels, self.reference, self.volume, "the segmentation", "the reference", has_ct=True)
        progress(0.9, "Finding the differences")
        missed, added = difference_masks(self.labels, self.reference)
        differences = missed * np.uint8(_MISSED)
        differences |= added * np.uint8(_ADDED)
        progress(1.0, "Done")
        return Compared(regions, differences, warnings)

    def do(self, progress: Progress) -> Parts:
        """Do the job; raises as :func:`LungSegmentationLib.evaluation.comparison.compare_labels`."""
        compared = self.compare(progress)
        metadata = {"regions": [asdict(region) for region in compared.regions], "warnings": list(compared.warnings)}
        return metadata, {_DIFFERENCES: compared.differences}

    def received(self, metadata: Metadata, arrays: Arrays) -> Compared:
        """Put together what came of the job."""
        from ...evaluation.comparison import RegionComparison

        regions = tuple(RegionComparison(**region) for region in metadata["regions"])
        return Compared(regions, arrays[_DIFFERENCES], tuple(metadata["warnings"]))


@dataclass(frozen=True)
class Compared:
    """How labels differ from a reference.

    Parameters
    ----------
    regions : tuple of RegionComparison
    differences : numpy.ndarray
        uint8, bit 1 where lung was missed, bit 2 where it was wrongly added; both on the wrong side.
    warnings : tuple of str
        What the user should know: sides that look exchanged.
    """

    regions: tuple[RegionComparison, ...]
    differences: np.ndarray
    warnings: tuple[str, ...] = ()

    @property
    def missed(self) -> np.ndarray:
        """Lung of the reference that the labels lack: uint8, 0 or 1."""
        return self.differences & np.uint8(_MISSED)

    @property
    def added(self) -> np.ndarray:
        """Lung of the labels that the reference lacks: uint8, 0 or 1."""
        return self.differences >> np.uint8(1)
