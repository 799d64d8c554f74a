"""Label maps and CT volumes as compressed NIfTI files on the input's own grid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OutputError
from ..volume import CtVolume
from .verification import check_gzip

if TYPE_CHECKING:
    import SimpleITK as sitk

_NIFTI_HEADER_BYTES = 352  # 348 bytes of header and 4 of extension flag (NIfTI-1 standard)


def write_nifti(array: np.ndarray, volume: CtVolume, path: Path) -> None:
    """Write an array with a volume's geometry as a verified ``.nii.gz`` file.

    Parameters
    ----------
    array : numpy.ndarray
        uint8 labels or int16 HU with the volume's shape and axis order (slice, row, column).
    volume : CtVolume
        Gives spacing, origin and direction.
    path : pathlib.Path
        The file, ending in ``.nii.gz``.

    Raises
    ------
    OutputError
        When the file could not be written whole.
    """
    import SimpleITK as sitk

    try:
        sitk.WriteImage(image_on(array, volume), str(path), useCompression=True)
    except RuntimeError as error:
        raise OutputError(f"{path.name} could not be written; is the disk full?") from error
    check_gzip(path, _NIFTI_HEADER_BYTES + array.nbytes)


def image_on(array: np.ndarray, volume: CtVolume) -> sitk.Image:
    """Make an image of SimpleITK of an array with a volume's shape and axis order, where the volume lies."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(array)
    image.SetSpacing([float(spacing) for spacing in volume.spacing_zyx_mm[::-1]])
    image.SetOrigin([float(position) for position in volume.origin_lps_mm])
    image.SetDirection([float(cosine) for cosine in np.asarray(volume.direction_lps).ravel()])
    return image
