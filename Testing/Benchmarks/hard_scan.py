"""A scan that is made harder, with the reference that holds for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.volume import CtVolume


@dataclass(frozen=True)
class HardScan:
    """A scan in canonical orientation with its reference labels and where these are certain (uint8 and bool, (z, y, x))."""

    volume: CtVolume
    reference: np.ndarray
    certain: np.ndarray

    def with_voxels(self, voxels_hu: np.ndarray) -> HardScan:
        """Change the densities, kept in the range of CT files."""
        return replace(self, volume=replace(self.volume, voxels_hu=np.clip(np.rint(voxels_hu), -3024, 3071).astype(np.int16)))

    def part(self, box: tuple[slice, ...]) -> HardScan:
        """Keep a box, which may run backward."""
        cut = (np.ascontiguousarray(array[box]) for array in (self.volume.voxels_hu, self.reference, self.certain))
        voxels_hu, reference, certain = cut
        return HardScan(replace(self.volume, voxels_hu=voxels_hu), reference, certain)


Change = Callable[[HardScan, np.random.Generator], HardScan]


def lungs_of(scan: HardScan) -> np.ndarray:
    """Mark the reference's lungs."""
    return (scan.reference == RIGHT_LUNG) | (scan.reference == LEFT_LUNG)


def middle_slice(scan: HardScan) -> int:
    """Give the slice at half of the lungs' height."""
    slices = np.flatnonzero(lungs_of(scan).any(axis=(1, 2)))
    return int(slices[0] + slices[-1] + 1) // 2


def slice_below_carina(scan: HardScan) -> int:
    """Give the highest slice in which the reference's airways are two tubes, as they are in the 6 mm below it."""
    z_mm, y_mm, x_mm = scan.volume.spacing_zyx_mm
    pieces = [np.bincount(ndimage.label(plane)[0].ravel())[1:] * y_mm * x_mm for plane in scan.reference == AIRWAYS]
    are_two = np.array([np.count_nonzero(areas_mm2 >= 40) >= 2 for areas_mm2 in pieces])  # smaller ones are lobar bronchi
    height = max(1, round(6 / z_mm))
    return max(index for index in range(height, len(are_two)) if are_two[index - height : index + 1].all())
