"""Axes of an image that are a little off the right angle."""

from __future__ import annotations

import math

import numpy as np

from ..errors import InputError
from . import limits


def perpendicular_axes(axes: np.ndarray) -> tuple[np.ndarray, float]:
    """Turn axes that are a little off the right angle to the nearest ones that are not.

    Parameters
    ----------
    axes : numpy.ndarray
        float (3, 3): unit vectors in columns.

    Returns
    -------
    axes : numpy.ndarray
        As they were where they are perpendicular but for rounding, or farther off than 0.5 degrees.
    shear_deg : float
        How far any two axes were off the right angle.

    Notes
    -----
    The nearest perpendicular axes are those of the polar decomposition (N. J. Higham, SIAM J Sci Stat Comput 7 (1986) 1160).
    """
    cosines = axes.T @ axes
    shear_deg = math.degrees(math.asin(min(1.0, float(np.abs(cosines[np.triu_indices(3, 1)]).max()))))
    if math.radians(shear_deg) <= limits.SFORM_ROUNDING_RAD or shear_deg > limits.LARGEST_SHEAR_DEG:
        return axes, shear_deg
    left, _, right = np.linalg.svd(axes)
    return left @ right, shear_deg


def shear_warnings(name: str, shear_deg: float, of_what: str) -> tuple[str, ...]:
    """Note a shear that was put right: nothing, or one sentence.

    Parameters
    ----------
    name : str
        What to call the image.
    shear_deg : float
        As :func:`perpendicular_axes` gives it.
    of_what : str
        Where the axes stand.

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        For more than can be put right.
    """
    if shear_deg > limits.LARGEST_SHEAR_DEG:
        raise InputError(
            f"{name} has axes that are not perpendicular: they are {shear_deg:.2f} degrees off the right angle ({of_what}), and at most "
            f"{limits.LARGEST_SHEAR_DEG:g} can be put right; resample it onto a grid with perpendicular axes"
        )
    if shear_deg < limits.NOTED_SHEAR_DEG:
        return ()
    return (f"{name} has axes {shear_deg:.2f} degrees off the right angle ({of_what}): the nearest perpendicular ones were taken",)
