"""Arrays on another grid: the nearest voxel of label maps, linear interpolation of densities and probabilities."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from ..grids import Grid


def resampled(array: np.ndarray, grid: Grid, onto: Grid, nearest: bool, outside: float = 0) -> np.ndarray:
    """Sample an array at the voxel centres of another grid.

    Parameters
    ----------
    array : numpy.ndarray
        uint8, int16 or float32, shape ``grid.shape_zyx``.
    grid, onto : Grid
        Where the array's voxels lie, and where it is to be sampled.
    nearest : bool
        Take the nearest voxel, as for labels, instead of interpolating linearly.
    outside : float
        Value of what the array does not cover.

    Returns
    -------
    numpy.ndarray
        The array's dtype, shape ``onto.shape_zyx``.
    """
    image = sitk.GetImageFromArray(array)
    _set_geometry(image, grid)
    like = sitk.ResampleImageFilter()
    like.SetSize([int(size) for size in onto.shape_zyx[::-1]])
    like.SetOutputSpacing([float(mm) for mm in onto.spacing_zyx_mm[::-1]])
    like.SetOutputOrigin([float(mm) for mm in onto.origin_lps_mm])
    like.SetOutputDirection([float(cosine) for cosine in np.ravel(onto.direction_lps)])
    like.SetInterpolator(sitk.sitkNearestNeighbor if nearest else sitk.sitkLinear)
    like.SetDefaultPixelValue(outside)
    sampled: np.ndarray = sitk.GetArrayFromImage(like.Execute(image))
    return sampled


def _set_geometry(image: sitk.Image, grid: Grid) -> None:
    image.SetSpacing([float(mm) for mm in grid.spacing_zyx_mm[::-1]])
    image.SetOrigin([float(mm) for mm in grid.origin_lps_mm])
    image.SetDirection([float(cosine) for cosine in np.ravel(grid.direction_lps)])
