"""CT images that are in memory already: of SimpleITK, of nibabel, or an array with its affine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import SimpleITK as sitk

from ..errors import InputError
from ..volume import CtVolume
from .hounsfield import clipped_metal, to_hounsfield
from .perpendicular import perpendicular_axes, shear_warnings

EXPECTED = "a path, a CtVolume, an image of SimpleITK or nibabel, or an array (i, j, k) with its affine (4, 4) to RAS in mm"


def volume_in_memory(image: object, affine: np.ndarray | None = None, name: str = "image") -> CtVolume:
    """Make a volume of an image in memory; it is copied.

    Parameters
    ----------
    image : SimpleITK.Image, nibabel image or numpy.ndarray
        A CT in Hounsfield units, 3D. An array has its axes in the order (i, j, k) of the affine, as nibabel gives it; not
        SimpleITK's (slice, row, column).
    affine : numpy.ndarray, optional
        float (4, 4), of an array only: from indices (i, j, k) to mm in RAS (x to the right of the patient, y to the front, z to the head).
    name : str
        What to call it in messages and files.

    Returns
    -------
    CtVolume
        Its axes are (k, j, i).

    Raises
    ------
    InputError
        For anything else, or where it is no CT in Hounsfield units.
    """
    if isinstance(image, sitk.Image):
        volume = _of_sitk(image, name)
    elif hasattr(image, "dataobj") and hasattr(image, "affine"):
        volume = _of_array(np.asanyarray(image.dataobj), np.asarray(image.affine), name)
    elif isinstance(image, np.ndarray):
        if affine is None:
            raise InputError("an array alone does not say where its voxels lie; give affine=, a (4, 4) matrix from indices to RAS in mm")
        volume = _of_array(image, np.asarray(affine), name)
    else:
        raise InputError(f"the image is of the type {type(image).__name__}; expected {EXPECTED}")
    return replace(volume, warnings=(*volume.warnings, *clipped_metal(volume)))


def _of_sitk(image: sitk.Image, name: str) -> CtVolume:
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise InputError(
            f"{name} has {image.GetDimension()} dimensions and {image.GetNumberOfComponentsPerPixel()} values a voxel; "
            "expected three dimensions and one value"
        )
    x_mm, y_mm, z_mm = image.GetSpacing()
    x, y, z = image.GetOrigin()
    return CtVolume(
        to_hounsfield(sitk.GetArrayViewFromImage(image), name),
        (z_mm, y_mm, x_mm),
        (x, y, z),
        np.reshape(image.GetDirection(), (3, 3)),
        name,
        source={"format": "SimpleITK"},
    )


def _of_array(array: np.ndarray, affine: np.ndarray, name: str) -> CtVolume:
    array = array.reshape(array.shape[:3]) if array.ndim > 3 and set(array.shape[3:]) == {1} else array
    if array.ndim != 3 or array.dtype.kind not in "iuf" or array.size == 0:
        raise InputError(f"{name} is {array.dtype} with shape {array.shape}; expected one real number a voxel and three dimensions")
    if affine.shape != (4, 4) or affine.dtype.kind not in "iuf" or not np.all(np.isfinite(affine)):
        raise InputError(f"the affine of {name} has shape {affine.shape}; expected a (4, 4) matrix of finite numbers")
    columns = affine[:3, :3].astype(float)
    spacing_ijk_mm = np.linalg.norm(columns, axis=0)
    if not np.all(spacing_ijk_mm > 0):
        raise InputError(f"the affine of {name} gives voxel sizes of {tuple(spacing_ijk_mm)} mm; each must be above 0")
    axes, shear_deg = perpendicular_axes(columns / spacing_ijk_mm)
    middle = (np.array(array.shape) - 1) / 2
    origin_ras_mm = affine[:3, 3] + columns @ middle - (axes * spacing_ijk_mm) @ middle
    warnings = shear_warnings(name, shear_deg, "affine")
    lps_of_ras = np.diag([-1.0, -1.0, 1.0])
    x_mm, y_mm, z_mm = (float(mm) for mm in spacing_ijk_mm)
    x, y, z = (float(mm) for mm in lps_of_ras @ origin_ras_mm)
    voxels_hu = to_hounsfield(array.transpose(), name)
    return CtVolume(voxels_hu, (z_mm, y_mm, x_mm), (x, y, z), lps_of_ras @ axes, name, warnings, {"format": "array"})
