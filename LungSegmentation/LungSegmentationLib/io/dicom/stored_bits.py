"""Which bits of stored pixels are values (DICOM PS3.3 C.7.6.3, PS3.5 8.1.1), and whether values need more of them than the header says."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset

from ...errors import InputError

_OVERLAY_BITS = "OverlayBitPosition"


def values_in_use(stored: np.ndarray, dataset: Dataset, name: str, padding: tuple[int, int] | None = None) -> np.ndarray:
    """Take the values out of stored pixels.

    Parameters
    ----------
    stored : numpy.ndarray
        int or uint of 8, 16 or 32 bits.
    dataset : pydicom.dataset.Dataset
        With BitsStored and HighBit.
    name : str
        What to call the file in errors.
    padding : tuple of int, optional
        The lowest and the highest value that mean "not measured"; these may need more bits.

    Returns
    -------
    numpy.ndarray
        The same dtype and shape.

    Raises
    ------
    InputError
        When the bits beyond those in use hold values too: cut off, dense tissue would become air without a word.
    """
    allocated = stored.dtype.itemsize * 8
    used, high_bit = dataset.get("BitsStored"), dataset.get("HighBit")
    used = allocated if used in (None, "") else int(used)
    high_bit = used - 1 if high_bit in (None, "") else int(high_bit)
    if not (1 <= used <= allocated and used - 1 <= high_bit < allocated):
        raise InputError(f"{name} stores {used} of {allocated} bits per pixel up to bit {high_bit}; expected up to 16 of 16")
    if used == allocated:
        return stored
    # The shifts keep the sign.
    values: np.ndarray = (stored.astype(stored.dtype.newbyteorder("=")) << (allocated - 1 - high_bit)) >> (allocated - used)
    if high_bit != used - 1 or np.array_equal(values, stored) or _has_overlay_in_pixels(dataset):
        return values
    bits = stored.astype(values.dtype).view(f"u{stored.dtype.itemsize}") >> used
    if bits.min() == bits.max():  # the same in all pixels: no value
        return values
    beyond = values != stored
    if stored.dtype.kind == "i":
        beyond &= bits != 0  # negative values without their sign extension
    if padding is not None:
        is_padding = (stored >= padding[0]) & (stored <= padding[1])
        values = np.where(is_padding, stored, values)
        beyond &= ~is_padding
    if beyond.any():
        extreme = int(stored[beyond].max() if stored[beyond].max() > 0 else stored[beyond].min())
        raise InputError(
            f"{name} has {int(beyond.sum())} pixels with values beyond the {used} bits that it says are in use (BitsStored), "
            f"up to {extreme}; export it again"
        )
    return values


def _has_overlay_in_pixels(dataset: Dataset) -> bool:
    """Old files keep drawings in the bits that the values leave free, and say so in group 6000."""
    return any(0x6000 <= element.tag.group <= 0x601E and element.tag.element == 0x0102 for element in dataset)
