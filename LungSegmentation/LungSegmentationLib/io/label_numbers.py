"""Label maps and masks as whole numbers; what is no whole number is refused, not rounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import InputError
from ..volume import CtVolume
from . import limits
from .images import StoredImage, read_image
from .scans import volume_of

_LIMITS = np.iinfo(np.int16)


def read_label_numbers(path: Path, expected: str) -> CtVolume:
    """Read the numbers of a label map or mask.

    Parameters
    ----------
    path : pathlib.Path
        NIfTI, NRRD or MetaImage.
    expected : str
        What would be right, for errors.

    Returns
    -------
    CtVolume
        Its ``voxels_hu`` are the numbers, int16.

    Raises
    ------
    InputError
        When the file cannot be read, or holds other numbers than whole ones from -32768 to 32767.
    """
    image = read_image(path, expected)
    return volume_of(path, image, _whole_numbers(image, path.name))


def _whole_numbers(image: StoredImage, name: str) -> np.ndarray:
    numbers = np.empty(image.stored.shape, np.int16)
    is_plain = (image.slope, image.intercept) == (1.0, 0.0)
    for target, plane in zip(numbers, image.stored, strict=True):
        if plane.dtype.kind == "f" or not is_plain:
            plane = plane.astype(np.float64) * image.slope + image.intercept
            whole = np.rint(plane)
            with np.errstate(invalid="ignore"):
                is_whole = np.abs(plane - whole) <= limits.ROUNDING_SHARE  # False for what is no number
            if not is_whole.all():
                value = float(plane[~is_whole][0])
                raise InputError(
                    f"{name} holds the value {value:.6g}, which is no label; expected whole numbers: where these are probabilities, "
                    "choose a threshold and export labels"
                )
            plane = whole
        low, high = plane.min(), plane.max()
        if low < _LIMITS.min or high > _LIMITS.max:
            value = float(high if high > _LIMITS.max else low)
            raise InputError(f"{name} holds the label {value:.15g}; expected whole numbers from {_LIMITS.min} to {_LIMITS.max}")
        target[...] = plane
    return numbers
