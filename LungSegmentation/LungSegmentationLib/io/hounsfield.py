"""From stored numbers to Hounsfield units, and the check that an image really holds them.

The Hounsfield scale puts air at -1000 and water at 0 (G. N. Hounsfield, Br J Radiol 46, 1973;
DICOM PS3.3 C.11.1.1.2). Scanners fill what they did not measure with values below -1024.
"""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from ..scan_field.limits import AIR_BELOW_HU, LOWEST_CT_HU
from ..volume import CtVolume
from . import limits

_INT16 = np.iinfo(np.int16)
_MOST_SAMPLES = 4_000_000


def to_hounsfield(stored: np.ndarray, name: str, slope: float = 1.0, intercept: float = 0.0) -> np.ndarray:
    """Turn stored numbers into int16 Hounsfield units: ``stored * slope + intercept``, rounded.

    Parameters
    ----------
    stored : numpy.ndarray
        Any real dtype, shape (slices, rows, columns).
    name : str
        What to call the image in errors.
    slope, intercept : float
        Rescale slope and intercept (DICOM PS3.3 C.11.1).

    Returns
    -------
    numpy.ndarray
        int16, contiguous, its own memory. One single value below the int16 range is padding and
        becomes -2048. A few values above it are saturated metal and become 32767, see :func:`clipped_metal`.

    Raises
    ------
    InputError
        For values that are not finite, that no matter has, or that are too many or too different for padding and metal.
    """
    if not (np.isfinite(slope) and np.isfinite(intercept) and slope != 0):
        raise InputError(
            f"{name} has rescale slope {slope:g} and intercept {intercept:g}; expected finite numbers and a slope that is not 0"
        )
    if stored.dtype.kind == "f":
        not_finite = sum(int(plane.size - np.count_nonzero(np.isfinite(plane))) for plane in stored)
        if not_finite:
            raise InputError(f"{name} has {not_finite} voxels that are not numbers (NaN or infinite); every voxel needs a Hounsfield value")
    _check_range(stored, name, slope, intercept)
    if stored.dtype == np.int16 and (slope, intercept) == (1.0, 0.0):
        return np.array(stored, np.int16, order="C")
    # 32-bit whole numbers are exact and fast; everything else goes through float64, one slice at a time.
    whole_numbers = (
        stored.dtype.kind in "iu" and stored.dtype.itemsize <= 2 and slope == 1 and float(intercept).is_integer() and abs(intercept) < 2**30
    )
    voxels_hu = np.empty(stored.shape, np.int16)
    for plane_hu, plane in zip(voxels_hu, stored, strict=True):
        scaled = plane.astype(np.int32) + np.int32(intercept) if whole_numbers else np.rint(plane.astype(np.float64) * slope + intercept)
        scaled[scaled < _INT16.min] = limits.PADDING_HU
        scaled[scaled > _INT16.max] = _INT16.max
        plane_hu[...] = scaled
    return voxels_hu


def _check_range(stored: np.ndarray, name: str, slope: float, intercept: float) -> None:
    ends = sorted(float(end) * slope + intercept for end in (stored.min(), stored.max()))
    if ends[1] > _INT16.max + 0.5:
        limit = (_INT16.max - intercept) / slope
        saturated = np.count_nonzero(stored > limit if slope > 0 else stored < limit)
        if ends[1] > limits.DENSEST_HU or saturated > limits.SATURATED_SLICE_SHARE * stored.size:
            raise InputError(
                f"{name} has values up to {ends[1]:g}, and {100 * saturated / stored.size:.2g} % of its voxels above {_INT16.max}; "
                f"Hounsfield units of a CT lie between {_INT16.min} and {_INT16.max}, apart from a little metal"
            )
    if ends[0] < _INT16.min - 0.5:
        limit = (_INT16.min - intercept) / slope
        outside = stored[stored < limit] if slope > 0 else stored[stored > limit]
        if outside.min() != outside.max():
            raise InputError(
                f"{name} has {outside.size} voxels below {_INT16.min}, down to {ends[0]:g}, with more than one value (so not padding); "
                f"Hounsfield units of a CT lie between {_INT16.min} and {_INT16.max}"
            )


def clipped_metal(volume: CtVolume) -> tuple[str, ...]:
    """Say how many voxels were clipped to the upper end of int16 by :func:`to_hounsfield`: nothing, or one sentence.

    Raises
    ------
    InputError
        If these are too many for metal, so that the image is no CT.
    """
    saturated = int(np.count_nonzero(volume.voxels_hu == _INT16.max)) if volume.voxels_hu.max() == _INT16.max else 0
    if saturated > limits.SATURATED_SCAN_SHARE * volume.voxels_hu.size:
        raise InputError(
            f"{volume.name} has {saturated} voxels ({100 * saturated / volume.voxels_hu.size:.1f} %) of {_INT16.max} or more, "
            "too many for metal; expected a CT in Hounsfield units"
        )
    voxels = "1 voxel" if saturated == 1 else f"{saturated} voxels"
    return (f"{voxels} of saturated metal lay at or above {_INT16.max} HU: clipped to that value",) if saturated else ()


def check_hounsfield(volume: CtVolume) -> None:
    """Refuse an image that cannot be a CT in Hounsfield units.

    A chest CT holds air (in the lungs at least) and soft tissue at their places on the scale.
    Padding below -1024 HU is left out. A rescale intercept that was not applied is not put
    right here: its exact value is a guess that every measured density would inherit.

    Raises
    ------
    InputError
        For a picture or a label map (0 to 255), stored values without their rescale intercept,
        an image without air or without tissue.
    """
    step = max(1, round((volume.voxels_hu.size / _MOST_SAMPLES) ** (1 / 3)))
    sample = volume.voxels_hu[::step, ::step, ::step]
    measured = sample[sample >= LOWEST_CT_HU]
    expected = "expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100"
    if measured.size == 0:
        raise InputError(f"{volume.name} has no value of {LOWEST_CT_HU} or more; {expected}")
    low, high = int(measured.min()), int(measured.max())
    if low == high:
        raise InputError(f"{volume.name} has the same value {low} everywhere; {expected}")
    if low >= 0 and high <= 255:
        raise InputError(f"{volume.name} has values from {low} to {high}, like a picture or a label map; {expected}")
    if np.mean(measured < AIR_BELOW_HU) < limits.SMALLEST_TISSUE_SHARE:
        air_with_offset = _share_within(measured, limits.OFFSET_AIR_HU)
        tissue_with_offset = _share_within(measured, limits.OFFSET_TISSUE_HU)
        if air_with_offset > limits.OFFSET_AIR_SHARE and tissue_with_offset > limits.OFFSET_TISSUE_SHARE:
            raise InputError(
                f"{volume.name} has values from {low} to {high} with air near 0 and soft tissue near 1000: stored values to which "
                "the rescale intercept (mostly -1024) was not applied; apply it (HU = slope * stored value + intercept) and try again"
            )
        raise InputError(f"{volume.name} has values from {low} to {high} and hardly any below {AIR_BELOW_HU}, so no air; {expected}")
    if np.mean(measured > limits.TISSUE_ABOVE_HU) < limits.SMALLEST_TISSUE_SHARE:
        above = f"hardly any above {limits.TISSUE_ABOVE_HU}"
        raise InputError(f"{volume.name} has values from {low} to {high} and {above}, so no body; {expected}")


def _share_within(values: np.ndarray, ends: tuple[int, int]) -> float:
    return float(np.mean((values >= ends[0]) & (values < ends[1])))
